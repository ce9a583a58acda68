// What an eviction costs, by the number of entries.
//
// Thread-safety: one thread at a time.
#pragma once

#include <cstddef>

#include "bench/eviction/policies.hpp"

namespace bench::eviction {

// All in nanoseconds of processor time, as other programs may run: the median of `samples` samples
// of 10,000.

// One insert and one eviction in an engine with `entries`: a call of a cached function that misses
// and does next to nothing itself.
double engine_eviction_cost(std::size_t entries, std::size_t samples);

// The policy's part of it.
double eviction_cost(const Contender& contender, std::size_t entries, std::size_t samples);

}  // namespace bench::eviction

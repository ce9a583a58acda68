// The policies that are compared: the engine's own, and some that only the simulation has.
//
// Thread-safety: pure functions; a policy is used by one thread at a time.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "engine/simulation/simulate.hpp"

namespace bench::eviction {

using namespace simulation;

// LRU is the first: what the others are compared with.
std::span<const Contender> contenders();
// Requires: a name of `contenders`.
const Contender& contender(std::string_view name);

// One each, in a file of its own. A hook's key must be the object's number.
std::unique_ptr<Policy> make_fifo(const Setting& setting);
std::unique_ptr<Policy> make_lfu(const Setting& setting);
std::unique_ptr<Policy> make_sieve(const Setting& setting);
std::unique_ptr<Policy> make_wtinylfu(const Setting& setting);

}  // namespace bench::eviction

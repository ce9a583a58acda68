// Replays a trace against a policy and a limit.
//
// Thread-safety: pure functions.
//
//   Outcome outcome = simulate(trace, next_uses(trace), contender("gdsf"), limit);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/eviction/policies.hpp"
#include "bench/eviction/trace.hpp"

namespace bench::eviction {

struct Outcome {
  std::uint64_t requests = 0;
  std::uint64_t hits = 0;
  std::uint64_t bytes = 0;      // requested
  std::uint64_t hit_bytes = 0;  // of which from the cache
  Cost recomputed{0};           // of all misses, the first of an object included

  double hit_ratio() const noexcept {
    return static_cast<double>(hits) / static_cast<double>(requests);
  }
  double byte_hit_ratio() const noexcept {
    return static_cast<double>(hit_bytes) / static_cast<double>(bytes);
  }
};

// What is larger than the limit is not kept. Requires: `next` is next_uses(trace).
Outcome simulate(const Trace& trace, const std::vector<std::size_t>& next,
                 const Contender& contender, std::uint64_t limit);

// One trace, one limit, one policy.
struct Cell {
  std::string trace;
  double percent = 0;  // of the unique bytes: the limit
  std::string_view policy;
  Outcome outcome;
  double against_lru = 1;  // time of recomputation, LRU's is 1
};

// All policies at each limit. Calls `progress` with the number of cells that are done after each.
std::vector<Cell> compare(const Trace& trace, std::span<const double> percents,
                          const std::function<void(std::size_t)>& progress);

// Over all cells of a policy.
struct Summary {
  double mean = 1;  // geometric, of against_lru
  const Cell* best = nullptr;
  const Cell* worst = nullptr;
};
// Requires: there is a cell of this policy.
Summary summarize(std::span<const Cell> cells, std::string_view policy);

}  // namespace bench::eviction

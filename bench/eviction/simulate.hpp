// Compares all policies on a trace.
//
// Thread-safety: pure functions.
//
//   std::vector<Cell> cells = compare(trace, percents, [](std::size_t) {});
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/eviction/policies.hpp"

namespace bench::eviction {

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

#include "bench/eviction/simulate.hpp"

#include <algorithm>
#include <cmath>

namespace bench::eviction {

std::vector<Cell> compare(const Trace& trace, std::span<const double> percents,
                          const std::function<void(std::size_t)>& progress) {
  const std::vector<std::size_t> next = next_uses(trace);
  const auto unique = static_cast<double>(trace.unique_bytes());
  std::vector<Cell> cells;
  for (const double percent : percents) {
    const auto limit = static_cast<std::uint64_t>(unique * percent / 100);
    double lru = 0;
    for (const Contender& one : contenders()) {
      const Outcome outcome = simulate(trace, next, one, limit);
      const auto recomputed = static_cast<double>(outcome.recomputed.count());
      if (lru == 0) lru = std::max(recomputed, 1.0);  // it is the first
      cells.push_back({.trace = trace.name,
                       .percent = percent,
                       .policy = one.name,
                       .outcome = outcome,
                       .against_lru = recomputed / lru});
      progress(cells.size());
    }
  }
  return cells;
}

Summary summarize(std::span<const Cell> cells, std::string_view policy) {
  Summary summary;
  double logs = 0;
  std::size_t count = 0;
  for (const Cell& cell : cells) {
    if (cell.policy != policy) continue;
    logs += std::log(std::max(cell.against_lru, 1e-9));
    ++count;
    if (summary.best == nullptr || cell.against_lru < summary.best->against_lru) {
      summary.best = &cell;
    }
    if (summary.worst == nullptr || cell.against_lru > summary.worst->against_lru) {
      summary.worst = &cell;
    }
  }
  summary.mean = std::exp(logs / static_cast<double>(count));
  return summary;
}

}  // namespace bench::eviction

#include "bench/eviction/simulate.hpp"

#include <algorithm>
#include <cmath>

namespace bench::eviction {

Outcome simulate(const Trace& trace, const std::vector<std::size_t>& next,
                 const Contender& contender, std::uint64_t limit) {
  struct Item {
    PolicyHook hook;
    bool cached = false;
  };
  std::vector<Item> items(trace.objects);
  for (std::size_t i = 0; i < items.size(); ++i) items[i].hook.key = i;

  std::size_t now = 0;
  const double mean = static_cast<double>(trace.unique_bytes()) / static_cast<double>(items.size());
  const auto policy = contender.make(
      {.limit = limit,
       .entries = static_cast<std::size_t>(static_cast<double>(limit) / std::max(mean, 1.0)),
       .now = &now,
       .next_uses = &next});

  Outcome outcome;
  std::uint64_t used = 0;
  for (now = 0; now < trace.requests.size(); ++now) {
    const Request& request = trace.requests[now];
    Item& item = items[request.object];
    ++outcome.requests;
    outcome.bytes += request.bytes;
    if (item.cached) {
      ++outcome.hits;
      outcome.hit_bytes += request.bytes;
      policy->use(item.hook, 1);
      continue;
    }
    outcome.recomputed += request.cost;
    if (request.bytes > limit || (contender.sees_future && next[now] == kNever)) continue;
    while (used + request.bytes > limit) {
      PolicyHook& victim = *policy->victim();
      policy->remove(victim);
      used -= victim.bytes;
      items[victim.key].cached = false;
    }
    item.hook.bytes = request.bytes;
    item.hook.cost = request.cost;
    item.cached = true;
    used += request.bytes;
    policy->reserve();
    policy->insert(item.hook);
  }
  return outcome;
}

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

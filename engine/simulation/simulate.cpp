#include "engine/simulation/simulate.hpp"

#include <algorithm>
#include <array>

namespace simulation {

namespace {

constexpr std::array kPolicies = {
    Contender{"lru", "what was used least recently goes",
              make_engines_own<memoscape::Eviction::lru>},
    Contender{"gdsf", "the default", make_engines_own<memoscape::Eviction::gdsf>},
    Contender{"s3fifo", "what was not used again soon goes",
              make_engines_own<memoscape::Eviction::s3fifo>},
    Contender{"offline", "knows the future", make_offline, true},
};

}  // namespace

std::span<const Contender> policies() { return kPolicies; }

Outcome simulate(const Trace& trace, const std::vector<std::size_t>& next,
                 const Contender& contender, std::uint64_t limit, const Progress& progress) {
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
  constexpr std::size_t kStep = 1 << 16;
  for (now = 0; now < trace.requests.size(); ++now) {
    if (progress && now % kStep == 0) progress(now);
    const Request& request = trace.requests[now];
    Item& item = items[request.object];
    outcome.requests += request.times;
    outcome.bytes += request.bytes * request.times;
    const auto hit = [&](std::uint32_t times) {
      if (times == 0) return;
      outcome.hits += times;
      outcome.hit_bytes += request.bytes * times;
      policy->use(item.hook, times);
    };
    if (item.cached) {
      hit(request.times);
      continue;
    }
    if (request.bytes > limit ||
        (contender.sees_future && next[now] == kNever && request.times == 1)) {
      outcome.recomputed += request.cost * request.times;
      continue;
    }
    outcome.recomputed += request.cost;
    while (used + request.bytes > limit) {
      PolicyHook& victim = *policy->victim();
      policy->remove(victim);
      used -= victim.bytes;
      items[victim.key].cached = false;
    }
    item.hook.set_bytes(request.bytes);
    item.hook.cost = request.cost;
    item.cached = true;
    used += item.hook.bytes;
    policy->reserve();
    policy->insert(item.hook);
    hit(request.times - 1);
  }
  return outcome;
}

}  // namespace simulation

// Limits that changed: what is above them goes at once, in the order of the policy.
#include <algorithm>
#include <limits>

#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

void EngineCore::enforce_limits(Locked& locked) noexcept {
  settle_shortcuts(locked);
  crowded.store(false, std::memory_order_relaxed);  // the next one stored tells
  for (const auto& [name, function] : functions) {
    while (function->limits.max_entries != 0 && function->entries > function->limits.max_entries) {
      evict(locked, *function->policy->victim()->owner, Cause::max_entries);
    }
    while (exceeds(function->charged(), function->limits.max_bytes)) {
      if (PolicyHook* victim = function->policy->victim()) {
        evict(locked, *victim->owner, Cause::max_bytes);
      } else {
        clear_function(locked, *function);  // ghosts alone are above the limit
        break;
      }
    }
  }
  while (limits.max_entries != 0 && entries > limits.max_entries) {
    evict(locked, *policy->victim()->owner, Cause::max_entries);
  }
  while (exceeds(charged(), limits.max_bytes)) {
    if (PolicyHook* victim = policy->victim()) {
      evict(locked, *victim->owner, Cause::max_bytes);
    } else {
      for (const auto& [name, function] : functions) clear_function(locked, *function);
      break;
    }
  }
}

// What it makes is made beside what is there, and put in its place when nothing can fail any more.
void EngineCore::order_function(Function& function, const Limits& limit) {
  const bool is_limited =
      limit.max_entries != 0 || (limit.max_bytes != 0 && limit.max_bytes != kDefaultMaxBytes);
  if (is_limited == (function.policy != nullptr)) return;

  tsl::robin_map<Permutation*, std::unique_ptr<PolicyHook>> hooks;
  function.spaces.for_each([&](const Space& space) {
    for_each_leaf(space, [&](Permutation& leaf) {
      hooks[&leaf] = is_limited ? std::make_unique<PolicyHook>() : nullptr;
    });
  });
  std::unique_ptr<Policy> made = is_limited ? make_policy(eviction) : nullptr;
  const auto take_in = [&](const PolicyHook& known) {
    const auto place = hooks.find(known.owner);
    if (place == hooks.end() || place->second->owner != nullptr) return;
    PolicyHook& hook = *place->second;
    hook.owner = known.owner;
    hook.key = known.key;
    hook.bytes = known.bytes;
    hook.cost = known.cost;
    made->reserve();
    made->insert(hook);
    constexpr std::uint64_t kMany = std::numeric_limits<std::uint32_t>::max();
    const std::uint64_t hits = std::min(known.owner->hits, kMany);
    if (hits > 0) made->use(hook, static_cast<std::uint32_t>(hits));
  };
  // In the order of the engine's policy, with the uses that they had.
  if (is_limited && !hooks.empty()) {
    policy->visit(take_in);
    for (const auto& [permutation, hook] : hooks) {
      if (permutation->is_entry()) take_in(permutation->policy);
    }
  }

  std::swap(function.policy, made);
  for (auto place = hooks.begin(); place != hooks.end(); ++place) {
    std::swap(place->first->function_policy, place.value());
    recharge(*place->first);
  }
}

}  // namespace memoscape::inline v0::detail

// Limits that changed: what is above them goes at once, in the order of the policy.
#include <algorithm>

#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

void EngineCore::enforce_limits(Locked& locked) noexcept {
  settle_shortcuts(locked);
  crowded.store(false, std::memory_order_relaxed);  // the next one stored tells
  for (const auto& [name, function] : functions) {
    while (function->limits.max_entries != 0 && function->entries > function->limits.max_entries) {
      evict(locked, entry_of(*function->policy, *function->policy->victim()), Cause::max_entries);
    }
    while (exceeds(function->charged(), function->limits.max_bytes)) {
      if (PolicyHook* victim = function->policy->victim()) {
        evict(locked, entry_of(*function->policy, *victim), Cause::max_bytes);
      } else {
        clear_function(locked, *function);  // ghosts alone are above the limit
        break;
      }
    }
  }
  while (limits.max_entries != 0 && entries > limits.max_entries) {
    evict(locked, entry_of(*policy, *policy->victim()), Cause::max_entries);
  }
  while (exceeds(charged(), limits.max_bytes)) {
    if (PolicyHook* victim = policy->victim()) {
      evict(locked, entry_of(*policy, *victim), Cause::max_bytes);
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

  // What each takes. Ties are there for those that have none.
  struct Fresh {
    std::unique_ptr<Ties> ties;
    std::unique_ptr<FunctionHook> hook;
  };
  tsl::robin_map<Permutation*, Fresh> all;
  function.spaces.for_each([&](const Space& space) {
    for_each_leaf(space, [&](Permutation& leaf) {
      Fresh& fresh = all[&leaf];
      if (!is_limited) return;
      fresh.hook = std::make_unique<FunctionHook>();
      if (leaf.ties == nullptr) fresh.ties = std::make_unique<Ties>();
    });
  });
  std::unique_ptr<Policy> made = is_limited ? make_policy(eviction) : nullptr;
  const auto take_in = [&](PolicyHook& known) {
    auto& permutation = static_cast<Permutation&>(known);
    const auto place = all.find(&permutation);
    if (place == all.end() || place->second.hook->permutation != nullptr) return;
    FunctionHook& hook = *place->second.hook;
    hook.permutation = &permutation;
    hook.key = known.key;
    hook.bytes = known.bytes;
    hook.cost = known.cost;
    made->reserve();
    made->insert(hook);
    const std::uint32_t hits = Permutation::fitting(permutation.hits);
    if (hits > 0) made->use(hook, hits);
  };
  // In the order of the engine's policy, with the uses that they had.
  if (is_limited && !all.empty()) {
    policy->visit(take_in);
    for (const auto& [permutation, fresh] : all) {
      if (permutation->is_entry()) take_in(*permutation);
    }
  }

  std::swap(function.policy, made);
  for (auto place = all.begin(); place != all.end(); ++place) {
    Permutation& permutation = *place->first;
    if (place->second.ties != nullptr) permutation.ties = std::move(place.value().ties);
    if (permutation.ties == nullptr) continue;
    std::swap(permutation.ties->hook, place.value().hook);
    if (permutation.ties->empty()) permutation.ties.reset();
    recharge(permutation);
  }
}

}  // namespace memoscape::inline v0::detail

// Limits that changed: what is above them goes at once, in the order of the policy.
#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

void EngineCore::enforce_limits(Locked& locked) {
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

}  // namespace memoscape::inline v0::detail

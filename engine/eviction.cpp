// Between entries and policies: what policies are told of an entry.
#include <algorithm>
#include <cassert>

#include "engine/report_rows.hpp"
#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

// What evicting it gains: a value or content that is one for several is counted in parts.
std::uint64_t policy_bytes(const Permutation& permutation) noexcept {
  const std::uint64_t sharers = permutation.box->keeper->count;
  return permutation.bytes.total() + (sharers > 1 ? permutation.box->bytes / sharers : 0) +
         content_part(*permutation.recording);
}

// The same for the same function, arguments, session and path, whatever became of the nodes.
std::uint64_t EngineCore::policy_key(const Permutation& permutation) const noexcept {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15u;
  std::uint64_t key = permutation.node->space->session;
  const Node* node = permutation.node;
  for (; node->parent != nullptr; node = node->parent) key = key * kOdd + hash(0, node->edge).low;
  return key * kOdd + node->hash.low;
}

// The advisor, and a trace, hear of what was computed and of hits that are merged, as policies do.
void EngineCore::advise_of(const Permutation& permutation, std::uint32_t times) noexcept {
  const PolicyHook& hook = permutation.policy[0];
  advisor.note({.key = hook.key,
                .function = permutation.function->uid,
                .bytes = hook.bytes,
                .cost = hook.cost,
                .times = times});
  if (tracer == nullptr) return;
  tracer->note({.key = hook.key,
                .function = permutation.function->uid,
                .bytes = hook.bytes,
                .cost = hook.cost,
                .times = times},
               permutation.function->spec.name, [&] { return label_of(permutation); });
}

void EngineCore::add_to_policies(Permutation& permutation) noexcept {
  const std::uint64_t key = policy_key(permutation);
  for (PolicyHook& hook : permutation.policy) {
    hook.owner = &permutation;
    hook.key = key;
    hook.bytes = policy_bytes(permutation);
    hook.cost = permutation.compute;
  }
  policy->insert(permutation.policy[0]);
  permutation.function->policy->insert(permutation.policy[1]);
  advise_of(permutation, 1);
}

void EngineCore::use_in_policies(Permutation& permutation, std::uint32_t times) noexcept {
  assert(permutation.is_entry());
  Policy* const policies[] = {policy.get(), permutation.function->policy.get()};
  // Others may have begun or ceased to share its value.
  const std::uint64_t now = policy_bytes(permutation);
  for (std::size_t i = 0; i < 2; ++i) {
    PolicyHook& hook = permutation.policy[i];
    if (hook.bytes != now) policies[i]->resize(hook, now);
    policies[i]->use(hook, times);
  }
  advise_of(permutation, times);
}

void EngineCore::watch_crowding(Locked& locked, const Function& function,
                                std::uint64_t more) noexcept {
  if (crowded.load(std::memory_order_relaxed)) return;
  const auto near = [](std::uint64_t used, std::uint64_t limit) {
    return limit != 0 && limit != kDefaultMaxBytes && used >= limit - limit / 4;
  };
  if (!near(charged() + more, limits.max_bytes) && !near(entries + 1, limits.max_entries) &&
      !near(function.charged() + more, function.limits.max_bytes) &&
      !near(function.entries + 1, function.limits.max_entries)) {
    return;
  }
  crowded.store(true, std::memory_order_relaxed);
  settle_shortcuts(locked);
}

void EngineCore::settle_shortcuts(Locked& locked) noexcept {
  for (Shortcuts* one = shortcuts.first(); one != nullptr; one = shortcuts.next(*one)) {
    one->settle(locked);
  }
}

void EngineCore::remove_from_policies(Permutation& permutation) noexcept {
  policy->remove(permutation.policy[0]);
  permutation.function->policy->remove(permutation.policy[1]);
}

}  // namespace memoscape::inline v0::detail

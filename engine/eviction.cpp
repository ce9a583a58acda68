// Between entries and policies: what policies are told of an entry.
#include <algorithm>
#include <cassert>

#include "engine/report_rows.hpp"
#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

// What evicting it gains: a value or content that is one for several is counted in parts.
std::uint64_t policy_bytes(const Permutation& permutation) noexcept {
  std::uint64_t bytes = permutation.bytes.total();
  // A value that is charged to the permutation has no other sharers.
  if (permutation.bytes.value == 0)
    bytes += permutation.box->bytes / permutation.box->keeper->count;
  if (permutation.shows_contents) bytes += content_part(*permutation.recording);
  return bytes;
}

// The same for the same function, arguments, session and path, whatever became of the nodes.
std::uint64_t EngineCore::policy_key(const Permutation& permutation) const noexcept {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15u;
  std::uint64_t key = 0;
  const Node* node = permutation.node;
  for (; !node->is_root(); node = node->parent) key = key * kOdd + hash(0, node->edge.view()).low;
  return (key * kOdd + static_cast<const Space&>(*node).session) * kOdd + node->hash;
}

// The advisor, and a trace, hear of what was computed and of hits that are merged, as policies do.
void EngineCore::advise_anew(Permutation& permutation, std::uint32_t times) noexcept {
  const PolicyHook& hook = permutation.policy;
  const Advisor::Slot slot = advisor.note({.key = hook.key,
                                           .function = permutation.function->uid,
                                           .bytes = hook.bytes,
                                           .cost = hook.cost,
                                           .times = times,
                                           .slot = permutation.advised});
  if (slot != permutation.advised) permutation.advised = slot;  // most share its memory
  if (tracer == nullptr) return;
  tracer->note({.key = hook.key,
                .function = permutation.function->uid,
                .bytes = hook.bytes,
                .cost = hook.cost,
                .times = times},
               permutation.function->spec.name, [&] { return label_of(permutation); });
}

void EngineCore::add_to_policies(Permutation& permutation) noexcept {
  PolicyHook& hook = permutation.policy;
  hook.owner = &permutation;
  hook.key = policy_key(permutation);
  hook.bytes = policy_bytes(permutation);
  if (PolicyHook* second = permutation.function_policy.get()) {
    second->owner = &permutation;
    second->key = hook.key;
    second->bytes = hook.bytes;
    second->cost = hook.cost;
    permutation.function->policy->insert(*second);
  }
  policy->insert(hook);
  advise_of(permutation, 1);
}

void EngineCore::use_in_policies(Permutation& permutation, std::uint32_t times) noexcept {
  assert(permutation.is_entry());
  // Others may have begun or ceased to share its value.
  const std::uint64_t now = policy_bytes(permutation);
  const auto use = [&](Policy& order, PolicyHook& hook) {
    if (hook.bytes != now) order.resize(hook, now);
    order.use(hook, times);
  };
  use(*policy, permutation.policy);
  if (PolicyHook* second = permutation.function_policy.get()) {
    use(*permutation.function->policy, *second);
  }
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

namespace {

const Permutation* next_of(const Policy* policy) noexcept {
  const PolicyHook* next = policy == nullptr ? nullptr : policy->next();
  return next == nullptr ? nullptr : next->owner;
}

}  // namespace

void EngineCore::look_ahead(const Function& function) const noexcept {
  if (!crowded.load(std::memory_order_relaxed)) return;
  for (const Policy* order : {policy.get(), function.policy.get()}) {
    const Permutation* next = next_of(order);
    if (next == nullptr) continue;
    prefetch(&next->box);
    prefetch(&next->node);
    prefetch(&next->inner);
  }
}

void EngineCore::look_further(const Function& function) const noexcept {
  if (!crowded.load(std::memory_order_relaxed)) return;
  for (const Policy* order : {policy.get(), function.policy.get()}) {
    const Permutation* next = next_of(order);
    if (next == nullptr) continue;
    prefetch(next->box.get());
    prefetch(next->recording.get());
    prefetch(next->node);
    prefetch(&next->node->sibling);
  }
}

void EngineCore::settle_shortcuts(Locked& locked) noexcept {
  for (Shortcuts* one = shortcuts.first(); one != nullptr; one = shortcuts.next(*one)) {
    one->settle(locked);
  }
}

void EngineCore::remove_from_policies(Permutation& permutation) noexcept {
  policy->remove(permutation.policy);
  if (PolicyHook* second = permutation.function_policy.get()) {
    permutation.function->policy->remove(*second);
  }
}

}  // namespace memoscape::inline v0::detail

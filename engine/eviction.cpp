// Between entries and policies: what policies are told of an entry.
#include <algorithm>
#include <cassert>

#include "engine/report_rows.hpp"
#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

// What evicting it gains: a value or content that is one for several is counted in parts.
std::uint64_t policy_bytes(const Permutation& permutation) noexcept {
  std::uint64_t bytes = permutation.bytes().total();
  if (!permutation.has_value_alone) {
    bytes += permutation.box->bytes / permutation.box->keeper().count;
  }
  if (permutation.shows_contents) bytes += content_part(*permutation.recording);
  return std::min(bytes, PolicyHook::kMostBytes);
}

std::uint64_t policy_key(std::uint64_t call, std::span<const PathStep> path) noexcept {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15u;
  std::uint64_t key = 0;
  for (auto step = path.rbegin(); step != path.rend(); ++step) key = key * kOdd + step->hash;
  return key * kOdd + call;
}

// The advisor, and a trace, hear of what was computed and of hits that are merged, as policies do.
void EngineCore::advise_anew(Permutation& permutation, std::uint32_t times) noexcept {
  const PolicyHook& hook = permutation;
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
  PolicyHook& hook = permutation;
  hook.bytes = policy_bytes(permutation);
  if (FunctionHook* second = permutation.function_hook()) {
    second->permutation = &permutation;
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
  if (const PolicyHook& hook = permutation; hook.bytes != now) {
    advisor.resize(permutation.advised, hook.key, now);
  }
  const auto use = [&](Policy& order, PolicyHook& hook) {
    if (hook.bytes != now) order.resize(hook, now);
    order.use(hook, times);
  };
  use(*policy, permutation);
  if (FunctionHook* second = permutation.function_hook()) {
    use(*permutation.function->policy, *second);
  }
}

void EngineCore::watch_crowding(Locked& locked, const Function& function,
                                std::uint64_t more) noexcept {
  if (crowded.load(std::memory_order_relaxed)) return;
  const auto near = [](std::uint64_t used, std::uint64_t limit) {
    return is_limit(limit) && used >= limit - limit / 4;
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

// Each step looks at what the one before has asked for.
void look_at(const EngineCore& core, const Permutation& next, std::size_t step) noexcept {
  const Box& box = *next.box.get();
  if (step == 1) {
    prefetch_all(&next);
    prefetch_all(&box);
    if (next.recording != nullptr) prefetch_all(next.recording.get());
    return;
  }
  if (step == 2) {
    if (const Recording* recording = next.recording) {
      const std::vector<Item>& items = recording->root.items;
      prefetch_all(items.data(), items.data() + items.size());
    }
    if (box.has_digest) core.buffers.look_ahead(box.digest);
    if (next.expiry.get() != Permutation::TimePoint::max()) core.expiries.look_ahead(next);
  }
  if (const std::vector<Keeper::User>* users = box.keeper().users.get()) {
    if (step == 2) prefetch(users);
    if (step == 3) prefetch_all(users->data(), users->data() + users->size());
  }
  const Node* node = &next;
  for (std::size_t i = 2; i < step && !node->is_root(); ++i) node = node->parent();
  core.index.look_ahead(node->hash);
  if (!node->is_root()) return prefetch_all(static_cast<const Inner*>(node->parent()));
  prefetch(node->sibling.previous);
  prefetch(node->sibling.next);
}

}  // namespace

void EngineCore::look_at_next(const Function& function, std::size_t step) const noexcept {
  if (const PolicyHook* next = policy->next()) {
    look_at(*this, *static_cast<const Permutation*>(next), step);
  }
  if (function.policy == nullptr) return;
  if (const PolicyHook* next = function.policy->next()) {
    look_at(*this, *static_cast<const FunctionHook*>(next)->permutation, step);
  }
}

void EngineCore::look_if_free(const Function& function, std::size_t step) const noexcept {
  std::unique_lock lock(mutex, std::try_to_lock);
  if (!lock) return;
  look_at_next(function, step);
  lock.unlock();
  look_for_handed_in();
}

void EngineCore::settle_shortcuts(Locked& locked) noexcept {
  const std::uint64_t round = ++rounds;
  while (settle_some_shortcuts(locked, round)) {
  }
}

// What lies behind one that was asked in this round was asked, or has come, since it began.
bool EngineCore::settle_some_shortcuts(Locked& locked, std::uint64_t round) noexcept {
  constexpr std::size_t kAtATime = 256;  // shortcuts: some tens of microseconds
  for (std::size_t looked = 0; looked < kAtATime;) {
    Shortcuts* const next = shortcuts.first();
    if (next == nullptr || next->asked_in >= round) return false;
    next->settle(locked);
    next->asked_in = round;
    shortcuts.move_to_back(*next);
    looked += next->size();
  }
  return true;
}

void EngineCore::take_in_hits() noexcept {
  std::uint64_t round = 0;
  in_steps([&](Locked& locked, std::size_t) {
    if (round == 0) round = ++rounds;
    return settle_some_shortcuts(locked, round);
  });
}

void EngineCore::remove_from_policies(Permutation& permutation) noexcept {
  policy->remove(permutation);
  if (FunctionHook* second = permutation.function_hook()) {
    permutation.function->policy->remove(*second);
  }
}

}  // namespace memoscape::inline v0::detail

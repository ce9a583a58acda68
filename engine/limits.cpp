// Limits that change: what will be above them goes, in the order of the policy, before they do,
// some at a time; what is left then goes at once.
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

// At most so many; `most` is what is left of them.
void EngineCore::evict_above(Locked& locked, Policy& order, const Limits& limit,
                             const std::uint64_t& entries_now, const auto& charged_now,
                             std::size_t& most) noexcept {
  for (; most > 0; --most) {
    const bool entries_over = limit.max_entries != 0 && entries_now > limit.max_entries;
    if (!entries_over && !exceeds(charged_now(), limit.max_bytes)) return;
    PolicyHook* const victim = order.victim();
    if (victim == nullptr) return;
    evict(locked, entry_of(order, *victim), entries_over ? Cause::max_entries : Cause::max_bytes);
  }
}

void EngineCore::come_down(const Function* function, const Limits& to) noexcept {
  take_in_hits();
  in_steps([&](Locked& locked, std::size_t most) {
    Policy* const order = function == nullptr ? policy.get() : function->policy.get();
    if (order == nullptr) return false;
    evict_above(
        locked, *order, to, function == nullptr ? entries : function->entries,
        [&] { return function == nullptr ? charged() : function->charged(); }, most);
    return most == 0;
  });
}

void EngineCore::enforce_limits(Locked& locked) noexcept {
  crowded.store(false, std::memory_order_relaxed);  // the next one stored tells
  std::size_t all = std::numeric_limits<std::size_t>::max();
  for (const auto& [name, function] : functions) {
    if (function->policy != nullptr) {
      evict_above(
          locked, *function->policy, function->limits, function->entries,
          [&of = *function] { return of.charged(); }, all);
    }
    // Ghosts alone may be above it.
    if (exceeds(function->charged(), function->limits.max_bytes)) clear_function(locked, *function);
  }
  evict_above(
      locked, *policy, limits, entries, [&] { return charged(); }, all);
  if (!exceeds(charged(), limits.max_bytes)) return;
  for (const auto& [name, function] : functions) clear_function(locked, *function);
}

namespace {

template <class T>
std::unique_ptr<T> take_one(std::vector<std::unique_ptr<T>>& items) {
  if (items.empty()) return std::make_unique<T>();
  std::unique_ptr<T> one = std::move(items.back());
  items.pop_back();
  return one;
}

}  // namespace

FunctionOrder::FunctionOrder(const EngineCore& core, const Function& function, const Limits& limits)
    : is_limited_(needs_policy(limits)) {
  std::size_t count = 0;
  {
    const Locked locked(core);
    if (!is_limited_ || function.policy != nullptr) return;
    count = function.objects;
  }
  hooks_.reserve(count);
  ties_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    hooks_.push_back(std::make_unique<FunctionHook>());
    ties_.push_back(std::make_unique<Ties>());
  }
}

// What it makes is made beside what is there, and put in its place when nothing can fail any more.
void FunctionOrder::apply(Locked&, EngineCore& core, Function& function) {
  if (is_limited_ == (function.policy != nullptr)) return;
  const auto for_each_permutation = [&](const auto& visit) {
    function.roots.for_each([&](const Node& root) { for_each_leaf(root, visit); });
  };
  if (!is_limited_) {
    function.policy.reset();
    for_each_permutation([&](Permutation& leaf) {
      leaf.ties->hook.reset();
      if (leaf.ties->empty()) leaf.ties.reset();
      core.recharge(leaf);
    });
    return;
  }
  std::unique_ptr<Policy> made = make_policy(core.eviction);
  std::vector<std::unique_ptr<FunctionHook>> hooks;
  std::vector<std::unique_ptr<Ties>> ties;  // of those that have none
  hooks.reserve(function.objects);
  ties.reserve(function.objects);
  const auto take_in = [&](Permutation& permutation) {
    hooks.push_back(take_one(hooks_));
    if (permutation.ties == nullptr) ties.push_back(take_one(ties_));
    FunctionHook& hook = *hooks.back();
    hook.permutation = &permutation;
    if (!permutation.is_entry()) return;
    const PolicyHook& known = permutation;
    hook.key = known.key;
    hook.bytes = known.bytes;
    hook.cost = known.cost;
    made->reserve();
    made->insert(hook);
    const std::uint32_t hits = Permutation::fitting(permutation.hits);
    if (hits > 0) made->use(hook, hits);
  };
  // In the order of the engine's policy, if it has one, with the uses that they had.
  core.policy->visit([&](PolicyHook& known) {
    auto& permutation = static_cast<Permutation&>(known);
    if (permutation.function == &function) take_in(permutation);
  });
  const bool is_in_order = made->size() == function.entries;
  for_each_permutation([&](Permutation& leaf) {
    if (!is_in_order || !leaf.is_entry()) take_in(leaf);
  });
  function.policy = std::move(made);
  for (std::unique_ptr<FunctionHook>& hook : hooks) {
    Permutation& permutation = *hook->permutation;
    if (permutation.ties == nullptr) permutation.ties = take_one(ties);
    permutation.ties->hook = std::move(hook);
    core.recharge(permutation);
  }
}

}  // namespace memoscape::inline v0::detail

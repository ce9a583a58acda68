// ttl (rule L3): per permutation, from the end of its own execution; never later than the expiry of
// what it is built on. Ghosts expire too, because something is built on them.
#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/places.hpp"
#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

namespace {

using TimePoint = Clock::time_point;

TimePoint own_expiry(const Permutation& permutation, const Limits& engine) {
  TimePoint expiry = TimePoint::max();
  for (const auto ttl : {engine.ttl, permutation.function->limits.ttl}) {
    if (ttl.count() == 0 || ttl >= TimePoint::max() - permutation.finished) continue;
    expiry = std::min(expiry,
                      permutation.finished + std::chrono::duration_cast<TimePoint::duration>(ttl));
  }
  return expiry;
}

}  // namespace

EngineCore::Expiries::node_type EngineCore::make_expiry_node() {
  Expiries one;
  one.emplace(TimePoint::max(), nullptr);
  return one.extract(one.begin());
}

void EngineCore::set_expiry(Permutation& permutation, Expiries::node_type& spare) noexcept {
  TimePoint expiry = own_expiry(permutation, limits);
  for (const Dependency& edge : permutation.inner()) {
    expiry = std::min(expiry, edge.inner->expiry.get());
  }
  if (expiry == permutation.expiry.get()) return;
  begin_change();
  if (permutation.expiry.get() != TimePoint::max()) {
    spare = expiries.extract({permutation.expiry.get(), &permutation});
  }
  permutation.expiry = expiry;
  if (expiry != TimePoint::max()) {
    spare.value() = {expiry, &permutation};
    expiries.insert(std::move(spare));
    timed.store(true, std::memory_order_relaxed);
  }
  recharge(permutation);
}

Reexpiry::Reexpiry(Locked& locked, EngineCore& core, Function* function)
    : locked_(locked), core_(core) {
  if (function != nullptr) {
    add_all_of(*function);
  } else {
    for (const auto& [name, one] : core.functions) add_all_of(*one);
  }
  for (Permutation* one = work_.first(); one != nullptr; one = work_.next(*one)) {
    for (Dependency* edge = one->dependents.first(); edge != nullptr;
         edge = one->dependents.next(*edge)) {
      add(*edge->outer);
    }
  }
  try {
    for (Permutation* one = work_.first(); one != nullptr; one = work_.next(*one)) {
      if (one->expiry.get() == TimePoint::max()) nodes_.emplace(TimePoint::max(), one);
    }
  } catch (...) {
    while (Permutation* one = work_.pop_front()) one->queued = false;
    throw;
  }
}

Reexpiry::~Reexpiry() {
  while (Permutation* one = work_.pop_front()) one->queued = false;
}

void Reexpiry::add(Permutation& permutation) noexcept {
  if (permutation.queued) return;
  permutation.queued = true;
  work_.push_back(permutation);
}

void Reexpiry::add_all_of(Function& function) noexcept {
  function.roots.for_each(
      [&](const Node& root) { for_each_leaf(root, [&](Permutation& leaf) { add(leaf); }); });
}

void Reexpiry::apply() noexcept {
  while (Permutation* one = work_.pop_front()) {
    one->queued = false;
    const TimePoint before = one->expiry.get();
    EngineCore::Expiries::node_type spare;
    if (before == TimePoint::max()) spare = nodes_.extract({TimePoint::max(), one});
    core_.set_expiry(*one, spare);
    if (!spare.empty()) {
      spare.value() = {TimePoint::max(), one};
      nodes_.insert(std::move(spare));
    }
    if (one->expiry.get() == before) continue;
    core_.call_in_leases(locked_, *one);  // they know the time that was
    for (Dependency* edge = one->dependents.first(); edge != nullptr;
         edge = one->dependents.next(*edge)) {
      add(*edge->outer);
    }
  }
}

std::uint64_t EngineCore::sweep(Locked& locked, TimePoint now, std::uint64_t most) noexcept {
  std::uint64_t freed = 0;
  while (freed < most && !expiries.empty() && expiries.begin()->first <= now) {
    Permutation& first = *expiries.begin()->second;
    if (first.is_entry()) ++freed;
    end(locked, first, Cause::expired);
  }
  if (expiries.empty()) timed.store(false, std::memory_order_relaxed);
  return freed;
}

std::uint64_t EngineCore::sweep_all() noexcept {
  const TimePoint now = clock->now();
  std::uint64_t freed = 0;
  in_steps([&](Locked& locked, std::size_t most) {
    const std::uint64_t some = sweep(locked, now, most);
    freed += some;
    return some == most;
  });
  return freed;
}

}  // namespace memoscape::inline v0::detail

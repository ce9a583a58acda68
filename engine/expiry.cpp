// ttl (rule L3): per permutation, from the end of its own execution; never later than the expiry of
// what it is built on. Ghosts expire too, because something is built on them.
#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

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

TimePoint EngineCore::expiry_for(const Permutation& permutation) const noexcept {
  TimePoint expiry = own_expiry(permutation, limits);
  for (const Dependency& edge : permutation.inner()) {
    expiry = std::min(expiry, edge.inner->expiry.get());
  }
  return expiry;
}

void EngineCore::set_expiry(Permutation& permutation, Expiries::node_type& spare) noexcept {
  const TimePoint expiry = expiry_for(permutation);
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

// False: there is no memory for it.
bool EngineCore::try_to_renew_expiry(Permutation& permutation) noexcept {
  try {
    Expiries::node_type node;
    const bool has_none = permutation.expiry.get() == TimePoint::max();
    if (has_none && expiry_for(permutation) != TimePoint::max()) node = make_expiry_node();
    set_expiry(permutation, node);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

// And of what is built on it, which must not outlive it.
void EngineCore::renew_expiry(Locked& locked, Permutation& first) noexcept {
  WorkList work;
  const auto add = [&](Permutation& permutation) {
    if (permutation.queued) return;
    permutation.queued = true;
    work.push_back(permutation);
  };
  add(first);
  while (Permutation* one = work.pop_front()) {
    one->queued = false;
    const TimePoint before = one->expiry.get();
    // What cannot expire later goes now: with the first all that is built on it, so all that is on
    // the list.
    if (!try_to_renew_expiry(*one)) return end(locked, first, Cause::expired);
    if (one->expiry.get() == before) continue;
    call_in_leases(locked, *one);  // they know the time that was
    for (Dependency* edge = one->dependents.first(); edge != nullptr;
         edge = one->dependents.next(*edge)) {
      add(*edge->outer);
    }
  }
}

// In the order of the index, which is one of chance, so each takes as long as its memory is away:
// one counts for several.
void EngineCore::renew_expiries(const Function* function) noexcept {
  constexpr std::size_t kCounts = 4;
  HashTable::Visited visited;
  in_steps([&](Locked& locked, std::size_t most) {
    for (std::size_t looked_at = 0; looked_at < most; ++looked_at) {
      const bool goes_on = index.visit_some(visited, [&](Node& node) {
        Permutation* const leaf = node.leaf();
        if (leaf == nullptr || !leaf->in_tree) return;
        if (function != nullptr && leaf->function != function) return;
        renew_expiry(locked, *leaf);
        looked_at += kCounts;
      });
      if (!goes_on) return false;
    }
    return true;
  });
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

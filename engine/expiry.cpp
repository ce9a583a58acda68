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

TimePoint EngineCore::expiry_for(const Permutation& permutation) const noexcept {
  TimePoint expiry = own_expiry(permutation, limits);
  for (const Dependency& edge : permutation.inner()) {
    expiry = std::min(expiry, edge.inner->expiry.get());
  }
  return expiry;
}

void EngineCore::set_expiry(Permutation& permutation) noexcept {
  const TimePoint before = permutation.expiry.get();
  const TimePoint expiry = expiry_for(permutation);
  if (expiry == before) return;
  begin_change();
  permutation.expiry = expiry;
  if (expiry == TimePoint::max()) {
    expiries.erase(permutation);
  } else if (before == TimePoint::max()) {
    expiries.insert(permutation, expiry);
    timed.store(true, std::memory_order_relaxed);
  } else {
    expiries.move(permutation, expiry);
  }
  recharge(permutation);
}

// False: there is no memory for it.
bool EngineCore::try_to_renew_expiry(Permutation& permutation) noexcept {
  try {
    const bool has_none = permutation.expiry.get() == TimePoint::max();
    if (has_none && expiry_for(permutation) != TimePoint::max()) expiries.reserve_one();
    set_expiry(permutation);
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

// In the order of the index, in which a visit can be left and taken up again.
void EngineCore::renew_expiries(const Function* function) noexcept {
  HashTable::Visited visited;
  in_steps([&](Locked& locked, std::size_t most) {
    for (std::size_t looked_at = 0; looked_at < most; ++looked_at) {
      const bool goes_on = index.visit_some(visited, [&](Node& node) {
        Permutation* const leaf = node.leaf();
        if (leaf == nullptr || !leaf->in_tree) return;
        if (function != nullptr && leaf->function != function) return;
        renew_expiry(locked, *leaf);
        ++looked_at;
      });
      if (!goes_on) return false;
    }
    return true;
  });
}

std::uint64_t EngineCore::sweep(Locked& locked, TimePoint now, std::uint64_t most) noexcept {
  std::uint64_t freed = 0;
  while (freed < most && !expiries.empty() && expiries.next_time() <= now) {
    Permutation& first = expiries.next();
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

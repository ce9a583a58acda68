// ttl (rule L3): per permutation, from the end of its own execution; never later than the expiry of
// what it is built on. Ghosts expire too, because something is built on them.
#include <algorithm>
#include <chrono>

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

void EngineCore::set_expiry(Permutation& permutation) {
  TimePoint expiry = own_expiry(permutation, limits);
  for (std::size_t i = 0; i < permutation.inner_count; ++i) {
    expiry = std::min(expiry, permutation.inner[i].inner->expiry);
  }
  if (expiry == permutation.expiry) return;
  exclude_readers();
  if (permutation.expiry != TimePoint::max()) expiries.erase({permutation.expiry, &permutation});
  permutation.expiry = expiry;
  if (expiry != TimePoint::max()) {
    expiries.emplace(expiry, &permutation);
    timed.store(true, std::memory_order_relaxed);
  }
  recharge(permutation);
}

void EngineCore::refresh_expiries(Locked& locked, Function& function) {
  // Each permutation of the function, then, outwards, what is built on one that changed.
  std::vector<Permutation*> work;
  for (Space* space = function.spaces.first(); space != nullptr;
       space = function.spaces.next(*space)) {
    for_each_leaf(space->root, [&](Permutation& leaf) { work.push_back(&leaf); });
  }
  for (std::size_t next = 0; next < work.size(); ++next) {
    Permutation& one = *work[next];
    const TimePoint before = one.expiry;
    set_expiry(one);
    if (one.expiry == before) continue;
    call_in_leases(locked, one);  // they know the time that was
    for (Dependency* edge = one.dependents.first(); edge != nullptr;
         edge = one.dependents.next(*edge)) {
      work.push_back(edge->outer);
    }
  }
}

std::uint64_t EngineCore::sweep(Locked& locked, TimePoint now, std::uint64_t most) {
  std::uint64_t freed = 0;
  while (freed < most && !expiries.empty() && expiries.begin()->first <= now) {
    Permutation& first = *expiries.begin()->second;
    if (first.is_entry()) ++freed;
    end(locked, first, Cause::expired);
  }
  if (expiries.empty()) timed.store(false, std::memory_order_relaxed);
  return freed;
}

}  // namespace memoscape::inline v0::detail

#include "engine/locked.hpp"

#include <limits>
#include <utility>

#include "engine/store.hpp"
#include "memoscape/detail/schedule.hpp"

namespace memoscape::inline v0::detail {

namespace {

// Holders are soon done: to wait awake for them costs less than to be put to sleep and woken.
std::unique_lock<Mutex> lock_awake(Mutex& mutex, Locked::IfTaken if_taken) {
  constexpr int kTries = 100;
  Schedule::point();
  if (if_taken == Locked::IfTaken::give_up && Schedule::is_taken()) return {};
  for (int i = 0; i < kTries; ++i) {
    std::unique_lock lock(mutex, std::try_to_lock);
    if (lock) return lock;
    pause_briefly();
  }
  if (if_taken == Locked::IfTaken::give_up) return {};
  return std::unique_lock(mutex);
}

}  // namespace

Locked::Locked(const EngineCore& engine, IfTaken if_taken)
    : Locked(engine, lock_awake(engine.mutex, if_taken)) {}

Locked::Locked(const EngineCore& engine, std::unique_lock<Mutex> held)
    : core(engine), lock(std::move(held)) {
  const bool is_any = lock.owns_lock() && core.handed_in.load(std::memory_order_relaxed) != nullptr;
  if (!is_any) return;
  core.settle_handed_in(*this);
  core.readers.end_change();  // who only looks must not keep lookups out
}

Locked::~Locked() {
  const bool frees = !freed.empty();
  bool is_met_by_none = !frees || !Readers::is_any_open();
  if (lock.owns_lock()) {
    if (frees && is_met_by_none) freed.spare_some(core);
    core.readers.end_change();
    lock.unlock();
    if (looks_again_) core.look_for_handed_in();
  }
  if (settled != nullptr) drop_settled();
  const bool is_any_left = core.has_left.load(std::memory_order_relaxed);
  if (is_met_by_none && !is_any_left) return;
  if (!is_met_by_none) core.leave(freed);
  core.take_left(freed);
  if (looks_again_) core.look_for_handed_in();
}

void Locked::drop_settled() noexcept {
  while (Flight* one = settled) {
    settled = one->next;
    const FlightPtr its_own = std::move(one->self);
  }
}

void EngineCore::leave(Freed& freed) const noexcept {
  // While something is left, a thread was preempted in a lookup: it is not waited for again.
  const bool is_one_known = has_left.load(std::memory_order_relaxed);
  if (!is_one_known && Readers::wait_for_open()) return;  // the destructor of `freed` does
  bool is_first = false;
  {
    const std::lock_guard lock(mutex);
    is_first = left.empty();
    left.add(freed);
    left_epoch.store(Readers::end_epoch(), std::memory_order_relaxed);
    has_left.store(true, std::memory_order_relaxed);
  }
  // From here on the lookups that close see that something is left, or are seen to have closed. One
  // that closes while more is left in this instant may miss that: the next change frees it then.
  if (is_first) Lease::fence();
}

void EngineCore::take_left(Freed& freed) const noexcept {
  if (!has_left.load(std::memory_order_relaxed)) return;
  if (Readers::is_any_open_since(left_epoch.load(std::memory_order_relaxed))) return;
  // Who holds the mutex looks here when that ends.
  std::unique_lock lock(mutex, std::try_to_lock);
  if (!lock) return;
  if (!left.empty() && !Readers::is_any_open_since(left_epoch.load(std::memory_order_relaxed))) {
    freed.add(left);
    has_left.store(false, std::memory_order_relaxed);
  }
}

void EngineCore::in_steps(FunctionRef<bool(Locked&, std::size_t)> step) noexcept {
  constexpr std::size_t kAtATime = 256;  // entries: some 100 us
  thread_local bool is_in_step = false;
  const bool is_inside = std::exchange(is_in_step, true);
  const std::size_t most = is_inside            ? std::numeric_limits<std::size_t>::max()
                           : Schedule::is_set() ? 1  // so that tests have several, too
                                                : kAtATime;
  for (bool goes_on = true; goes_on;) {
    bool is_awaited = false;
    {
      Locked locked(*this);
      goes_on = step(locked, most);
      is_awaited = mutex.is_awaited();
    }
    if (goes_on && is_awaited) mutex.give_way();
  }
  is_in_step = is_inside;
}

Lookup::Lookup(const EngineCore& core) noexcept : after_{core}, section_(core.readers) {
  after_.opened = section_.opened();
}

// One that began afterwards is not waited for.
Lookup::AfterSection::~AfterSection() {
  if (!core.has_left.load(std::memory_order_relaxed)) return;
  if (opened > core.left_epoch.load(std::memory_order_relaxed)) return;
  Freed freed;
  core.take_left(freed);
  core.look_for_handed_in();
}

}  // namespace memoscape::inline v0::detail

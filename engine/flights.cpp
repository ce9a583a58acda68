#include "engine/flights.hpp"

#include <utility>

#include "engine/run_core.hpp"

namespace memoscape::inline v0::detail {

void Flight::reserve_to_build() {
  if (built_on.size() < built_on.capacity()) return;  // the leader alone adds
  const std::scoped_lock lock(list->mutex);
  reserve_more(built_on);
}

void Flight::build_on(Permutation& inner) noexcept {
  const std::scoped_lock lock(list->mutex);
  built_on.push_back(&inner);
}

// Flights of other lists are looked at here. Their followers keep them as they are: one that is
// followed is not used again, and who follows leaves the table first.
bool Flights::closes_a_cycle(const Flight& flight) const {
  const std::thread::id self = std::this_thread::get_id();
  for (const Flight* one = &flight;;) {
    if (one->state != Flight::State::running) return false;  // who follows it goes on
    if (one->thread == self) return true;
    const auto wait = waits_.find(one->thread);
    if (wait == waits_.end()) return false;
    one = wait->second;
  }
}

// Of two threads that would wait for each other one comes second, and sees the first.
bool Flights::join(Flight& flight, RunCore& run) {
  const std::scoped_lock lock(waits_mutex_);
  if (closes_a_cycle(flight)) return false;
  Flight*& waits_for = waits_[std::this_thread::get_id()];
  run.waited_on = std::exchange(waits_for, &flight);
  run.waiting_on = &flight;
  flight.was_followed = true;
  ++flight.followers;
  return true;
}

void Flights::leave(Flight& flight, RunCore& run) noexcept {
  const std::scoped_lock lock(waits_mutex_);
  const std::thread::id self = std::this_thread::get_id();
  if (Flight* before = std::exchange(run.waited_on, nullptr))
    waits_.find(self).value() = before;
  else
    waits_.erase(self);
  run.waiting_on = nullptr;
  --flight.followers;
}

// Who follows has said so before it looks whether it is to stop; who stops it has said that before.
// So it sees the stop, or is seen here.
void Flights::wake(RunCore& run) const noexcept {
  FlightPtr flight;
  {
    const std::scoped_lock lock(waits_mutex_);
    if (run.waiting_on == nullptr) return;
    flight = run.waiting_on->shared_from_this();
  }
  const FlightLock lock(*flight);
  flight->changed.notify_all();
}

bool Flights::is_any_followed() const {
  const std::scoped_lock lock(waits_mutex_);
  return !waits_.empty();
}

}  // namespace memoscape::inline v0::detail

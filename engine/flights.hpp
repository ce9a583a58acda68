// Flights: the executions in progress of an engine, found by function, arguments and session.
//
// They are in lists, by their hash: as many of them are in progress as threads execute, so a list
// is short. Each list has a mutex of its own, and counts the flights that have ended: a call that
// found no entry, and then, under this mutex, finds the count as it was before it looked, can rely
// on that: no result of this list has come in between. So an execution begins, is followed, and is
// withdrawn without the store's mutex.
//
// Which thread follows which flight is told by one table, under a mutex that only those who follow
// take. The order of locks is: store, then a list, then the table; of lists, one at a time.
#pragma once

#include <tsl/robin_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>

#include "engine/flight.hpp"
#include "engine/list.hpp"
#include "engine/mutex.hpp"
#include "memoscape/detail/schedule.hpp"

namespace memoscape::inline v0::detail {

struct RunCore;

struct alignas(64) FlightList {
  mutable Mutex mutex;
  List<Flight, &Flight::sibling> flights;  // the oldest first
  std::atomic<std::uint64_t> ended{0};     // written under the mutex

  // Takes it out; those who follow it see how it has ended. Requires: the mutex.
  void end(Flight& flight) noexcept {
    flight.arena = {};
    flight.state.store(flight.ending(), std::memory_order_release);
    flight.enclosing = nullptr;
    flights.remove(flight);
    ended.store(ended.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    if (flight.was_followed) flight.changed.notify_all();
  }
};

// Holds the mutex of a list. Not under the store's: it passes the point of a schedule.
class FlightLock {
 public:
  explicit FlightLock(const FlightList& list) : lock_((Schedule::point(), list.mutex)) {}
  explicit FlightLock(const Flight& flight) : FlightLock(*flight.list) {}

  // Calls `act` without it.
  void unlocked(const auto& act) {
    lock_.unlock();
    act();
    Schedule::point();
    lock_.lock();
  }
  void wait(std::condition_variable_any& changed) {
    if (Schedule::is_set()) return unlocked([] {});  // who waits looks again when it is its turn
    changed.wait(lock_);
  }

 private:
  std::unique_lock<Mutex> lock_;
};

class Flights {
 public:
  FlightList& list_of(std::uint64_t hash) noexcept { return lists_[hash % kLists]; }

  // Calls `visit(Flight&)` for each flight, under the mutex of its list.
  void for_each(const auto& visit) const {
    for (const FlightList& list : lists_) {
      const std::scoped_lock lock(list.mutex);
      list.flights.for_each(visit);
    }
  }

  // --- under the mutex of the flight ---

  // Begins to follow it. False: it would wait for itself. Throws: std::bad_alloc. User code that is
  // called while a thread follows may follow others, in other runs.
  bool join(Flight& flight, RunCore& run);
  void leave(Flight& flight, RunCore& run) noexcept;

  // Lets a run that follows look again. Requires: no list's mutex.
  void wake(RunCore& run) const noexcept;
  bool is_any_followed() const;

 private:
  static constexpr std::size_t kLists = 64;

  // Whether waiting for it could never end: it is led, or waits through others for one that is led,
  // by this very thread. Requires: the mutex of the table.
  bool closes_a_cycle(const Flight& flight) const;

  std::array<FlightList, kLists> lists_;
  mutable std::mutex waits_mutex_;
  // Guarded by it, as RunCore::waiting_on and waited_on: which thread follows which flight.
  tsl::robin_map<std::thread::id, Flight*> waits_;
};

}  // namespace memoscape::inline v0::detail

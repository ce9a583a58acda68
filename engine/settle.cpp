// What becomes of an execution that has ended: it is counted, made an entry if it may be one, and
// handed to those who follow it.
//
// That needs the store's mutex. An execution that the script called does not wait for it: when it
// is taken, by a thread that was preempted perhaps, its flight is *handed in*, and whoever has the
// mutex settles it, before anything else that needs the mutex is done. So nobody who takes the
// mutex sees the difference. Until then the flight stays in its list, where callers of the same
// find and follow it, and a clear closes it. An execution within another one waits, as what is
// built on its result must know of it.
#include <algorithm>
#include <utility>

#include "engine/store.hpp"
#include "memoscape/detail/schedule.hpp"

namespace memoscape::inline v0::detail {

namespace {

// Makes the result an entry, if it may be one. A result for which there is no memory is discarded:
// its caller gets it all the same.
Permutation* keep_if_possible(EngineCore& engine, Locked& locked, Flight& flight, Flight* outer,
                              Counters& counters) noexcept {
  if (flight.tainted) {
    ++counters.tainted;
    return nullptr;
  }
  const bool may_keep =
      flight.function->live && !flight.closed && !flight.refused && !engine.is_caching_off();
  if (!may_keep) {
    ++counters.discarded;
    return nullptr;
  }
  try {
    if (outer != nullptr) outer->reserve_to_build();
    return engine.keep(locked, flight, outer != nullptr);
  } catch (const std::bad_alloc&) {
    ++counters.discarded;
    return nullptr;
  }
}

}  // namespace

Permutation* EngineCore::settle(Locked& locked, Flight& flight, Flight* outer) noexcept {
  Function& function = *flight.function;
  look_ahead(&function, 3);
  Counters& counters = counters_of(function);
  ++counters.lookups;
  ++counters.misses;
  counters.compute += flight.own;

  Permutation* kept = nullptr;
  if (flight.box)
    kept = keep_if_possible(*this, locked, flight, outer, counters);
  else
    ++counters.failed;
  if (kept != nullptr) {
    const std::size_t items = flight.recording == nullptr ? 0 : flight.recording->root.items.size();
    function.reads.store(flight.reads.view().size(), std::memory_order_relaxed);
    function.items.store(static_cast<std::uint32_t>(items), std::memory_order_relaxed);
    if (outer != nullptr) outer->build_on(*kept);  // `keep` counted it as a builder
  }
  {
    const std::scoped_lock lock(flight.list->mutex);
    if (kept != nullptr && flight.followers > 0) {
      ++kept->pins;
      flight.permutation = kept;
    }
    flight.list->end(flight);
  }
  for (Permutation* inner : flight.built_on) drop_builder(locked, *inner);
  flight.built_on.clear();
  constexpr std::uint64_t kMany = 2048;  // what belongs to fewer is in the cache already, mostly
  const bool looks = entries >= kMany && crowded.load(std::memory_order_relaxed);
  if (looks != looks_ahead.load(std::memory_order_relaxed)) {  // hits of others look beside it
    looks_ahead.store(looks, std::memory_order_relaxed);
  }
  look_ahead(&function, 1);
  return kept;
}

namespace {

// Whether it may be in memory, and in no limit.
bool is_small(const Flight& flight) noexcept {
  std::uint64_t room = EngineCore::kMostHandedInBytes;
  const auto fits = [&](std::uint64_t bytes) {
    if (bytes > room) return false;  // what a function tells of its value may be any number
    room -= bytes;
    return true;
  };
  if (!fits(flight.key.size()) || (flight.box && !fits(flight.box->bytes))) return false;
  const Recording* const shown = flight.recording.get();
  if (shown != nullptr && !(fits(shown->own_bytes) && fits(content_bytes(*shown)))) return false;
  const auto reads = flight.reads.view();
  return std::all_of(reads.begin(), reads.end(),
                     [&](const PathStep& step) { return fits(step.value.size()); });
}

}  // namespace

// Who releases the mutex looks afterwards what is handed in, and who hands in tries the mutex
// afterwards. These four are in one order (seq_cst), so one of the two sees what the other did. (A
// std::mutex promises no order: with one, both change `handed_in`.)
bool EngineCore::hand_in(const FlightPtr& flight, const FunctionPtr& function) noexcept {
  if (!is_small(*flight)) return false;
  std::size_t before = handed_in_count;
  do {
    if (before >= kMostHandedIn) return false;
  } while (!handed_in_count.compare_exchange_weak(before, before + 1));
  Flight* const one = flight.get();
  one->engine = this;
  one->owner = function;
  one->self = flight;
  one->state = Flight::State::handed_in;
  one->next = handed_in.load(std::memory_order_relaxed);
  while (!handed_in.compare_exchange_weak(one->next, one)) {
  }
  if (!Schedule::is_taken()) settle_if_free();
  return true;
}

void EngineCore::settle_if_free() const noexcept {
  constexpr int kMostRounds = 16;  // then what they have taken out is destroyed
  while (is_any_handed_in()) {
    std::unique_lock lock(mutex, std::try_to_lock);
    if (!lock) return;  // who has it looks here when it is released
    Locked locked(*this, std::move(lock));
    locked.looks_again_ = false;  // but this loop does
    // What was handed in meanwhile does not wait for user code to destroy that.
    for (int round = 1; round < kMostRounds; ++round) {
      locked.lock.unlock();
      if (!is_any_handed_in() || !locked.lock.try_lock()) break;
      settle_handed_in(locked);
      readers.end_change();
    }
  }
}

void EngineCore::settle_handed_in(Locked& locked) const noexcept {
  // In the order in which they came.
  Flight* first = nullptr;
  for (Flight* one = handed_in.exchange(nullptr); one != nullptr;) {
    Flight* const before = std::exchange(one->next, first);
    first = std::exchange(one, before);
  }
  while (first != nullptr) {
    Flight& flight = *std::exchange(first, first->next);
    flight.engine->settle(locked, flight, nullptr);
    --handed_in_count;
    flight.next = std::exchange(locked.settled, &flight);
  }
}

}  // namespace memoscape::inline v0::detail

// Execution: run the function in a frame of its own, close its recording, publish and keep.
#include <algorithm>
#include <cassert>
#include <exception>
#include <new>
#include <utility>

#include "engine/site.hpp"
#include "memoscape/detail/reserve.hpp"

namespace memoscape::inline v0::detail {

namespace {

using std::chrono::nanoseconds;

// How an execution ended.
struct Outcome {
  BoxPtr& box;                      // null: it threw
  BoxPtr& equal;                    // see Result
  const std::exception_ptr& error;  // what the function threw; null with a null box: it withdrew
  Clock::time_point finished;
};

bool may_keep(const Frame& frame, const EngineCore& engine) {
  return frame.function->live && !frame.flight->closed && !frame.refused && !frame.unkept_inner &&
         engine.caching.load(std::memory_order_relaxed) == Caching::on;
}

// Takes the flight out of its list; those who follow it see how it ended. Gives whether anybody
// does: for them, `hand_over` is called first. Requires: the mutex of the list.
bool end_flight(Flight& flight, Flight::State state, const auto& hand_over) noexcept {
  const bool is_followed = flight.followers > 0;
  if (is_followed) hand_over();
  flight.arena = {};
  flight.state = state;
  flight.enclosing = nullptr;
  flight.list->flights.remove(flight);
  ++flight.list->ended;
  flight.changed.notify_all();
  return is_followed;
}

void reserve_inner(Flight& flight) {
  const std::scoped_lock lock(flight.list->mutex);
  reserve_more(flight.built_on);
}

// Makes the result an entry, if it may be one. A result for which there is no memory is discarded:
// its caller gets it all the same.
Permutation* keep(RunCore& run, Locked& locked, const Frame& ended, const Result& result) noexcept {
  EngineCore& engine = *run.engine;
  Counters& counters = engine.counters_of(*ended.function);
  if (ended.tainted) {
    ++counters.tainted;
    return nullptr;
  }
  if (!may_keep(ended, engine)) {
    ++counters.discarded;
    return nullptr;
  }
  const FlightPtr& outer = run.top().flight;
  try {
    if (outer != nullptr) reserve_inner(*outer);
    return engine.keep(locked, *ended.flight, result, outer != nullptr);
  } catch (const std::bad_alloc&) {
    ++counters.discarded;
    return nullptr;
  }
}

// keep() counted the execution as a builder.
void note_inner(Flight& flight, Permutation& inner) noexcept {
  const std::scoped_lock lock(flight.list->mutex);
  flight.built_on.push_back(&inner);
}

// Ends the flight: keeps the result if it may be kept, and hands it to those who follow. Gives
// whether anybody does.
bool publish(RunCore& run, const Frame& ended, const RecordingPtr& recording,
             const Outcome& outcome, nanoseconds own, nanoseconds compute) noexcept {
  EngineCore& engine = *run.engine;
  Flight& flight = *ended.flight;
  Frame& outer = run.top();
  Locked locked(engine);
  engine.look_ahead(ended.function.get(), 3);
  run.merge(locked);
  Counters& counters = engine.counters_of(*ended.function);
  ++counters.lookups;
  ++counters.misses;
  counters.compute += own;

  Permutation* kept = nullptr;
  if (outcome.box)
    kept = keep(run, locked, ended,
                {outcome.box, outcome.equal, recording, compute, outcome.finished});
  else
    ++counters.failed;
  if (kept != nullptr) {
    ended.function->reads.store(flight.reads.view().size(), std::memory_order_relaxed);
    ended.function->items.store(static_cast<std::uint32_t>(recording->root.items.size()),
                                std::memory_order_relaxed);
  }
  if (kept == nullptr)
    outer.unkept_inner = true;
  else if (outer.flight != nullptr)
    note_inner(*outer.flight, *kept);
  else if (outer.function == nullptr)
    run.shortcuts.saw(FoldHash()(flight.hash));
  const auto state = outcome.box
                         ? Flight::State::done
                         : (outcome.error ? Flight::State::failed : Flight::State::withdrawn);
  const auto hand_over = [&] {
    flight.box = outcome.box;
    flight.recording = recording;
    flight.error = outcome.error;
    flight.compute = compute;
    flight.permutation = kept;
    if (kept != nullptr) ++kept->pins;
  };
  bool is_followed = false;
  {
    const std::scoped_lock lock(flight.list->mutex);
    is_followed = end_flight(flight, state, hand_over);
  }
  for (Permutation* inner : flight.built_on) engine.drop_builder(locked, *inner);
  flight.built_on.clear();
  engine.look_ahead(ended.function.get(), 1);
  return is_followed;
}

// The last that may fail before `finish`, which does not: the recording is closed, and there is a
// place for it on the page.
void close_recording(RunCore& run) {
  Recording& recording = *run.top().recording;
  recording.close();
  run.engine->share_contents(recording);
  recording.own_bytes = recording_bytes(recording);
  run.reserve_place(recording);
}

// Takes the frame off the stack and settles what it leaves behind.
void finish(RunCore& run, const Outcome& outcome) noexcept {
  Frame& ended = run.leave();
  ended.refused |= ended.misuses != RunCore::misuses;
  Frame& outer = run.top();

  const nanoseconds own = std::max(outcome.finished - ended.began - ended.waited, nanoseconds{0});
  // At least a microsecond: a clock that stands still must not make a result worthless.
  const nanoseconds compute =
      std::max<nanoseconds>(own + ended.inner, std::chrono::microseconds{1});
  outer.waited += ended.waited;
  outer.inner += ended.inner;
  outer.tainted |= ended.tainted && outer.function != nullptr;
  const RecordingPtr recording = std::move(ended.recording);
  if (recording != nullptr) run.attach(recording);
  if (ended.flight == nullptr) {
    // Caching is off, or was when this call began: what is built on it cannot be kept.
    outer.unkept_inner = true;
    const Locked locked(*run.engine);
    Counters& counters = run.engine->counters_of(*ended.function);
    ++counters.lookups;
    ++counters.misses;
    counters.compute += own;
    ++(outcome.box ? counters.discarded : counters.failed);
  } else {
    const bool is_followed = publish(run, ended, recording, outcome, own, compute);
    if (!is_followed) run.use_again(std::move(ended.flight));
  }
  ended.renew();
}

// After the function, or what follows it, threw.
void finish_failed(RunCore& run, Clock::time_point finished) {
  // A refusal, a stop or a restart concerns this caller; another one may fare better.
  const bool concerns_others = !run.top().refused;
  const std::exception_ptr error = concerns_others ? std::current_exception() : nullptr;
  BoxPtr none;
  try {
    close_recording(run);
  } catch (...) {
    // What it wrote cannot even be shown: those who follow find out for themselves.
    run.top().recording = nullptr;
    finish(run, {.box = none, .equal = none, .error = nullptr, .finished = finished});
    throw;
  }
  finish(run, {.box = none, .equal = none, .error = error, .finished = finished});
}

// The frame of the execution. A flight that gets none is withdrawn.
Run& begin(Site& site, const FlightPtr& flight) {
  try {
    return *site.run.push(site.function, site.key, site.session, flight).run;
  } catch (...) {
    if (flight != nullptr) {
      const FlightLock lock(*flight);
      end_flight(*flight, Flight::State::withdrawn, [] {});
    }
    abandon(site);
    throw;
  }
}

[[noreturn]] void fail_without_arena(RunCore& run) {
  run.fail<UsageError>(run.where() +
                       " returned in_arena() and took no arena, so what its value costs is not "
                       "known. Let it allocate from run.arena(), or return with_cost()");
}

// What the engine must know of a value.
void measure(const Site& site, Box& box) {
  RunCore& run = site.run;
  box.arena = run.top().arena;
  if (box.needs_arena() && !box.arena) fail_without_arena(run);
  box.measure(site.function->spec.kind);
  if (box.has_digest) box.charge(kValueShare);
}

}  // namespace

BoxPtr execute(Site& site, const FlightPtr& flight, Body body) {
  RunCore& run = site.run;
  if (flight == nullptr && is_recursive(site)) fail_recursive(site);
  Run& inner = begin(site, flight);
  BoxPtr box;
  BoxPtr equal;
  Clock::time_point finished;
  try {
    if (site.function->spec.show_spinner) run.show_progress();
    box = body(inner);
    box->keeper().aftercare = site.function->aftercare;
    measure(site, *box.get());
    if (flight != nullptr) equal = run.engine->equal_value(*box.get());
    finished = run.engine->clock->now();
    close_recording(run);
  } catch (...) {
    finish_failed(run, run.engine->clock->now());
    throw;
  }
  finish(run, {.box = box, .equal = equal, .error = nullptr, .finished = finished});
  if (site.function->spec.show_spinner) run.show_progress();
  return box;
}

}  // namespace memoscape::inline v0::detail

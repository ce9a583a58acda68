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
  BoxPtr equal;                     // see Flight
  const std::exception_ptr& error;  // what the function threw; null with a null box: it withdrew
  Clock::time_point finished;
};

// False: the store is taken, and it was not to be waited for.
bool settle_here(RunCore& run, Flight& flight, Locked::IfTaken if_taken) noexcept {
  const Frame& outer = run.top();
  Locked locked(*run.engine, if_taken);
  if (!locked) return false;
  run.merge(locked);
  const Permutation* const kept = run.engine->settle(locked, flight, outer.flight.get());
  if (kept == nullptr || kept->ended) {
    run.note_unkept();
  } else if (outer.function == nullptr) {
    run.shortcuts.saw(flight.hash);
  }
  return true;
}

// Ends the flight, and gives what it left behind to the frame around it. The caller keeps the box.
void end_flight(RunCore& run, Frame& ended, BoxPtr& box) noexcept {
  using IfTaken = Locked::IfTaken;
  EngineCore& engine = *run.engine;
  FlightPtr flight = std::move(ended.flight);
  const bool is_outermost = run.top().flight == nullptr;
  if (!settle_here(run, *flight, is_outermost ? IfTaken::give_up : IfTaken::wait)) {
    box = flight->box;
    if (engine.hand_in(flight, ended.function)) {
      run.shortcuts.saw(flight->hash);
      return;
    }
    settle_here(run, *flight, IfTaken::wait);
  }
  if (flight->was_followed) {
    box = flight->box;
  } else {
    box = std::move(flight->box);
    run.use_again(std::move(flight));
  }
}

// The last that may fail before `finish`, which does not: the recording is closed, and there is a
// place for it on the page.
void close_recording(RunCore& run) {
  Recording& recording = *run.top().recording;
  recording.close();
  if (recording.root.items.empty()) return;
  run.engine->share_contents(recording);
  recording.own_bytes = recording_bytes(recording);
  run.reserve_place(recording);
}

// Takes the frame off the stack and settles what it leaves behind.
void finish(RunCore& run, Outcome outcome) noexcept {
  Frame& ended = run.leave();
  ended.refused |= ended.misuses != RunCore::misuses;
  Frame& outer = run.top();

  const nanoseconds own = std::max(outcome.finished - ended.began - ended.waited, nanoseconds{0});
  outer.waited += ended.waited;
  outer.inner += ended.inner;
  outer.tainted |= ended.tainted && outer.function != nullptr;
  RecordingPtr recording = run.take_shown(ended);
  if (recording != nullptr) run.attach(recording);
  if (ended.flight == nullptr) {
    const Locked locked(*run.engine);
    Counters& counters = run.engine->counters_of(*ended.function);
    ++counters.lookups;
    ++counters.misses;
    counters.compute += own;
    ++(outcome.box ? counters.discarded : counters.failed);
  } else {
    Flight& flight = *ended.flight;
    flight.box = std::move(outcome.box);
    flight.equal = std::move(outcome.equal);
    flight.recording = std::move(recording);
    flight.error = outcome.error;
    flight.own = own;
    // At least a microsecond: a clock that stands still must not make a result worthless.
    flight.compute = std::max<nanoseconds>(own + ended.inner, std::chrono::microseconds{1});
    flight.finished = outcome.finished;
    flight.tainted = ended.tainted;
    flight.refused = ended.refused || ended.unkept_inner;
    end_flight(run, ended, outcome.box);
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
    finish(run, {.box = none, .equal = {}, .error = nullptr, .finished = finished});
    throw;
  }
  finish(run, {.box = none, .equal = {}, .error = error, .finished = finished});
}

// The frame of the execution. A flight that gets none is withdrawn.
Run& begin(Site& site, const FlightPtr& flight) {
  try {
    return *site.run.push(site.function, site.key, site.session, flight).run;
  } catch (...) {
    if (flight != nullptr) {
      const FlightLock lock(*flight);
      flight->list->end(*flight);
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
  if (flight == nullptr) {
    if (is_recursive(site)) fail_recursive(site);
    // Caching is off: what is built on this cannot be kept, nor can a clear tell that it is.
    run.note_unkept();
  }
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
  finish(run, {.box = box, .equal = std::move(equal), .error = nullptr, .finished = finished});
  if (site.function->spec.show_spinner) run.show_progress();
  return box;
}

}  // namespace memoscape::inline v0::detail

// Execution: run the function in a frame of its own, close its recording, publish and keep.
#include <algorithm>
#include <cassert>
#include <exception>
#include <utility>

#include "engine/site.hpp"
#include "memoscape/detail/allocated.hpp"

namespace memoscape::inline v0::detail {

namespace {

using std::chrono::nanoseconds;

// How an execution ended.
struct Outcome {
  BoxPtr box;                // null: it threw
  std::exception_ptr error;  // what the function threw; null with a null box: it withdrew
};

bool may_keep(const Frame& frame, const EngineCore& engine) {
  return frame.function->live && !frame.flight->closed && !frame.refused && !frame.unkept_inner &&
         engine.caching.load(std::memory_order_relaxed) == Caching::on;
}

// Ends the flight: keeps the result if it may be kept, and hands it to those who follow.
void publish(RunCore& run, Frame& ended, const Outcome& outcome, nanoseconds own,
             nanoseconds compute, Clock::time_point finished) {
  EngineCore& engine = *run.engine;
  Flight& flight = *ended.flight;
  Frame& outer = run.top();
  Locked locked(engine);
  Counters& counters = engine.counters_of(*ended.function);
  ++counters.lookups;
  ++counters.misses;
  counters.compute += own;

  Permutation* kept = nullptr;
  if (outcome.box) {
    if (ended.tainted) {
      ++counters.tainted;
    } else if (!may_keep(ended, engine)) {
      ++counters.discarded;
    } else {
      kept = engine.keep(locked, flight, {outcome.box, ended.recording, compute, finished},
                         outer.flight != nullptr);
    }
  } else {
    ++counters.failed;
  }
  if (kept != nullptr) {
    ended.function->reads = flight.reads.size();
    ended.function->items.store(static_cast<std::uint32_t>(ended.recording->root.items.size()),
                                std::memory_order_relaxed);
  }
  if (outer.function == nullptr && kept != nullptr) {
    run.shortcuts.saw(*ended.function, flight.space->root.hash, kept);
  }
  if (kept == nullptr)
    outer.unkept_inner = true;
  else if (outer.flight != nullptr)
    outer.flight->built_on.push_back(kept);  // keep() counted it as a builder
  for (Permutation* inner : std::exchange(flight.built_on, {})) engine.drop_builder(locked, *inner);

  flight.arena = {};
  flight.box = outcome.box;
  flight.recording = ended.recording;
  flight.error = outcome.error;
  flight.compute = compute;
  flight.state = outcome.box ? Flight::State::done
                             : (outcome.error ? Flight::State::failed : Flight::State::withdrawn);
  if (kept != nullptr && flight.followers > 0) {
    ++kept->pins;
    flight.permutation = kept;
  }
  Space& space = *flight.space;
  space.flights.remove(flight);
  flight.space = nullptr;
  flight.enclosing = nullptr;
  engine.prune(locked, &space.root);
  flight.changed.notify_all();
}

// Takes the frame off the stack and settles what it leaves behind.
void finish(RunCore& run, const Outcome& outcome) {
  const auto finished = run.engine->clock->now();
  Frame ended = std::move(run.top());
  ended.refused |= ended.misuses != RunCore::misuses;
  run.pop();
  Frame& outer = run.top();

  const nanoseconds own = std::max(finished - ended.began - ended.waited, nanoseconds{0});
  // At least a microsecond: a clock that stands still must not make a result worthless.
  const nanoseconds compute =
      std::max<nanoseconds>(own + ended.inner, std::chrono::microseconds{1});
  outer.waited += ended.waited;
  outer.inner += ended.inner;
  outer.tainted |= ended.tainted && outer.function != nullptr;
  ended.recording->close();
  run.engine->share_contents(*ended.recording);
  ended.recording->own_bytes = recording_bytes(*ended.recording);
  run.attach(ended.recording);
  if (ended.flight == nullptr) {
    // Caching is off, or was when this call began: what is built on it cannot be kept.
    outer.unkept_inner = true;
    const Locked locked(*run.engine);
    Counters& counters = run.engine->counters_of(*ended.function);
    ++counters.lookups;
    ++counters.misses;
    counters.compute += own;
    ++(outcome.box ? counters.discarded : counters.failed);
    return;
  }
  publish(run, ended, outcome, own, compute, finished);
}

[[noreturn]] void fail_without_arena(RunCore& run) {
  run.fail<UsageError>(run.where() +
                       " returned in_arena() and took no arena, so what its value costs is not "
                       "known. Let it allocate from run.arena(), or return with_cost()");
}

}  // namespace

BoxPtr execute(Site& site, const FlightPtr& flight, Body body) {
  RunCore& run = site.run;
  if (flight == nullptr && is_recursive(site)) fail_recursive(site);
  Run& inner = *run.push(site.function, site.key, site.session, flight).run;
  BoxPtr box;
  try {
    if (site.function->spec.show_spinner) run.show_progress();
    box = body(inner);
    box->keeper = std::make_unique<Keeper>();
    box->keeper->ledger = run.engine->ledger;
    box->keeper->on_release = site.function->on_release;
    box->arena = run.top().arena;
    if (box->needs_arena() && !box->arena) fail_without_arena(run);
    box->measure(site.function->spec.kind);
    box->charge(allocated(sizeof(Keeper)) + (box->has_digest ? kIndexShare : 0));
    if (flight != nullptr) box = run.engine->equal_value(box);
  } catch (...) {
    // A refusal, a stop or a restart concerns this caller; another one may fare better.
    const bool concerns_others = !run.top().refused;
    finish(run, {.box = {}, .error = concerns_others ? std::current_exception() : nullptr});
    throw;
  }
  finish(run, {.box = box, .error = nullptr});
  if (site.function->spec.show_spinner) run.show_progress();
  return box;
}

}  // namespace memoscape::inline v0::detail

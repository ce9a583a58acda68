// Lookup: one walk from the arguments down to a permutation, asking only for the state on its own
// path (rules P3, P5); then the executions in progress; then a new one.
//
// A lookup walks without the store's mutex first (readers.hpp), then, if that gives no entry, under
// it. Neither may call user code, and obtaining a value may: so a walk that meets a read whose
// value cannot be told without gives up, resolves it outside, and starts again. Values do not
// change within a run, so that happens once per read and run.
#include <algorithm>

#include "engine/site.hpp"
#include "memoscape/detail/schedule.hpp"
#include "memoscape/detail/terminal.hpp"

namespace memoscape::inline v0::detail {

namespace {

// Whether waiting for `flight` could never end: it is led, or waits through others for one that is
// led, by this very thread.
bool would_wait_for_itself(const EngineCore& engine, const Flight& flight) {
  const std::thread::id self = std::this_thread::get_id();
  for (const Flight* one = &flight;;) {
    if (one->state != Flight::State::running) return false;  // who follows it goes on
    if (one->thread == self) return true;
    const auto wait = engine.waits.find(one->thread);
    if (wait == engine.waits.end()) return false;
    one = wait->second;
  }
}

bool stands(const Flight& flight) {
  return std::none_of(flight.built_on.begin(), flight.built_on.end(),
                      [](const Permutation* inner) { return inner->ended; });
}

// The oldest flight whose published reads agree with the caller's state. `unresolved` is set when
// that cannot be told yet.
Flight* find_flight(Site& site, Space& space, StateReadPtr& unresolved) {
  RunCore& run = site.run;
  for (Flight* flight = space.flights.first(); flight != nullptr;
       flight = space.flights.next(*flight)) {
    if (flight->closed || flight->private_ || !stands(*flight)) continue;
    if (would_wait_for_itself(*run.engine, *flight)) continue;
    site.trail.clear();
    bool agrees = true;
    for (const PathStep& step : flight->reads.view()) {
      const StateSource::Resolved* resolved = run.source.resolved(step.read.get());
      if (resolved == nullptr) {
        unresolved = step.read;
        return nullptr;
      }
      agrees = resolved->state.bytes == step.value;
      if (!agrees) break;
      site.trail.push_back(resolved);
    }
    if (agrees && run.can_show(site.trail)) return flight;
  }
  return nullptr;
}

// `space`: of the call; null: it has none yet.
FlightPtr begin_flight(Site& site, Locked& locked, Space* space) {
  EngineCore& engine = *site.run.engine;
  FlightPtr flight = site.run.make_flight();
  flight->reads.reserve(std::min(site.function->reads, RunCore::kMostExpected));
  if (space == nullptr) {
    space = &engine.make_space(locked, *site.function, site.session, site.key, site.hash);
  }
  flight->space = space;
  flight->started = engine.next_start++;
  flight->thread = std::this_thread::get_id();
  flight->enclosing = site.run.top().flight.get();
  space->flights.push_back(*flight);
  engine.look_ahead(site.function.get(), 2);
  return flight;
}

}  // namespace

// An execution that read an entry of the session state, which a widget has become since, reaches
// another permutation by the same arguments.
bool is_recursive(const Site& site) {
  RunCore& run = site.run;
  return std::any_of(run.frames.begin(), run.frames.end(), [&](const Frame& frame) {
    return site.same_key(frame.function.get(), frame.key, frame.session) &&
           run.has_entries_of(frame);
  });
}

void fail_recursive(Site& site) {
  site.run.fail<RecursiveCallError>(
      "cached function " + quoted(site.function->spec.name) +
      " reached itself with the same arguments, so it would never end. Change the arguments on "
      "the way, or end the recursion");
}

void fail_stale(const Site& site) {
  site.run.fail<StaleFunctionError>(
      "cached function " + quoted(site.function->spec.name) +
      " was removed, was registered again with another version, or belongs to an engine that has "
      "ended. Call it through the handle that the last registration gave");
}

Hit find_entry(Site& site) {
  RunCore& run = site.run;
  EngineCore& engine = *run.engine;
  // What an execution uses, it is built on: that takes the mutex.
  if (run.top().flight != nullptr) return {};
  const bool timed = engine.timed.load(std::memory_order_relaxed);
  Schedule::point();
  const auto now = timed ? run.time() : Permutation::TimePoint::min();  // user code
  const Lookup lookup(engine);
  if (!lookup) return {};
  Space* space = engine.find_space(site.function.get(), site.session, site.key, site.hash);
  const Walk walk = engine.walk(space, run.source, site.trail);
  if (walk.is_absent()) site.note_absent(space, lookup.changes());
  if (walk.permutation == nullptr) return {};
  const auto expiry = walk.permutation->expiry.get();
  const bool may_expire = expiry != Permutation::TimePoint::max();
  if (may_expire && (!timed || expiry <= now)) return {};
  if (!site.trail.empty() && !run.can_show(site.trail)) return {};
  return Hit::of(run, lookup, *walk.permutation);
}

Decision decide(Site& site) {
  EngineCore& engine = *site.run.engine;
  const bool recursive = is_recursive(site);
  for (;;) {
    StateReadPtr unresolved;
    {
      Locked locked(engine);
      if (!site.function->live) break;
      const bool is_known = site.is_absent && site.absent_as_of == engine.readers.changes();
      Space* space =
          is_known ? site.space
                   : engine.find_space(site.function.get(), site.session, site.key, site.hash);
      const Walk walk = is_known ? Walk() : engine.walk(space, site.run.source, site.trail);
      if (walk.permutation != nullptr) {
        if (walk.permutation->expiry.get() != Permutation::TimePoint::max() &&
            walk.permutation->expiry.get() <= site.run.time()) {
          engine.end(locked, *walk.permutation, Cause::expired);
          continue;
        }
        // A permutation whose widgets cannot be shown here does not match: the function executes
        // and meets the error itself, as it would uncached.
        if (site.run.can_show(site.trail)) {
          return {.hit = Hit(site.run, *walk.permutation), .follow = {}, .lead = {}};
        }
      }
      if (walk.unresolved != nullptr) unresolved = walk.unresolved->shared_from_this();
      if (unresolved == nullptr && !recursive) {
        Flight* flight = space == nullptr ? nullptr : find_flight(site, *space, unresolved);
        if (flight != nullptr) {
          engine.waits.insert_or_assign(std::this_thread::get_id(), flight);
          ++flight->followers;
          return {.hit = {}, .follow = flight->shared_from_this(), .lead = {}};
        }
        if (unresolved == nullptr) {
          const bool sweeps = engine.timed.load(std::memory_order_relaxed);
          site.run.merge(locked);
          if (sweeps) {  // perhaps the space, too
            space = engine.find_space(site.function.get(), site.session, site.key, site.hash);
          }
          return {.hit = {}, .follow = {}, .lead = begin_flight(site, locked, space)};
        }
      }
    }
    if (unresolved != nullptr) {
      site.run.source.resolve(unresolved);
    } else {
      abandon(site);
      fail_recursive(site);
    }
  }
  abandon(site);
  fail_stale(site);
}

}  // namespace memoscape::inline v0::detail

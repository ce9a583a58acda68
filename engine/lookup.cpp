// Lookup: one walk from the arguments down to a permutation, asking only for the state on its own
// path (rules P3, P5); then the executions in progress; then a new one.
//
// A lookup walks without the store's mutex (readers.hpp); then under it, if a change has met the
// lookup, or an entry has expired or cannot be shown. Neither may call user code, and obtaining a
// value may: so a walk that meets a read whose value cannot be told without gives up, resolves it
// outside, and starts again. Values do not change within a run, so that happens once per read and
// run.
//
// That there is no entry stands for as long as no execution of the same list has ended
// (flights.hpp): an entry comes of an execution, which ends after its result is stored.
#include <algorithm>

#include "engine/site.hpp"
#include "memoscape/detail/schedule.hpp"
#include "memoscape/detail/terminal.hpp"

namespace memoscape::inline v0::detail {

namespace {

// Joins the oldest flight whose published reads agree with the caller's state. `unresolved` is set
// when that cannot be told yet. Requires: the mutex of the list.
FlightPtr join_flight(Site& site, const FlightList& list, StateReadPtr& unresolved) {
  RunCore& run = site.run;
  Flights& flights = run.engine->flights;
  for (Flight* flight = list.flights.first(); flight != nullptr;
       flight = list.flights.next(*flight)) {
    if (!flight->is_of(site.function.get(), site.session, site.key, site.hash)) continue;
    if (flight->closed || flight->private_) continue;
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
    if (agrees && run.can_show(site.trail) && flights.join(*flight, run)) {
      return flight->shared_from_this();
    }
  }
  return nullptr;
}

// Requires: the mutex of the list.
FlightPtr begin_flight(Site& site, FlightList& list) {
  EngineCore& engine = *site.run.engine;
  FlightPtr flight = site.run.make_flight();
  flight->key = site.key;
  flight->reads.reserve(std::min<std::size_t>(site.function->reads, RunCore::kMostExpected));
  flight->list = &list;
  flight->function = site.function.get();
  flight->session = site.session;
  flight->hash = site.hash;
  flight->started = engine.next_start.fetch_add(1, std::memory_order_relaxed);
  flight->thread = std::this_thread::get_id();
  flight->enclosing = site.run.top().flight.get();
  list.flights.push_back(*flight);
  return flight;
}

// What is decided when there is no entry. Nothing: `unresolved` must be known first, or an
// execution has ended since, or the function has.
Decision follow_or_lead(Site& site, StateReadPtr& unresolved) {
  EngineCore& engine = *site.run.engine;
  FlightList& list = engine.flights.list_of(site.hash);
  const FlightLock lock(list);
  if (list.ended != site.absent_as_of || !site.function->live) {
    site.is_absent = false;
    return {};
  }
  FlightPtr flight = join_flight(site, list, unresolved);
  if (flight != nullptr) return {.hit = {}, .follow = std::move(flight), .lead = {}};
  if (unresolved != nullptr) return {};
  return {.hit = {}, .follow = {}, .lead = begin_flight(site, list)};
}

// The lookup under the mutex: expired entries end, and nothing changes meanwhile. Nothing:
// `unresolved` must be known first, or there is no entry.
Hit find_entry_locked(Site& site, StateReadPtr& unresolved) {
  RunCore& run = site.run;
  EngineCore& engine = *run.engine;
  Locked locked(engine);
  site.begin_to_look();
  for (;;) {
    const Node* root = engine.find_root(site.function.get(), site.session, site.key, site.hash);
    const Walk walk = engine.walk(root, run.source, site.trail);
    if (walk.unresolved != nullptr) unresolved = walk.unresolved->shared_from_this();
    if (walk.permutation != nullptr) {
      const auto expiry = walk.permutation->expiry.get();
      if (expiry != Permutation::TimePoint::max() && expiry <= run.time()) {
        engine.end(locked, *walk.permutation, Cause::expired);
        continue;
      }
      // A permutation whose widgets cannot be shown here does not match: the function executes and
      // meets the error itself, as it would uncached.
      if (run.can_show(site.trail)) return Hit(run, *walk.permutation);
    }
    site.is_absent = unresolved == nullptr;
    return {};
  }
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

namespace {

// `unresolved` is set when a value is not known, if nothing else stands in the way.
Hit try_to_find_entry(Site& site, Permutation::TimePoint now, StateReadPtr& unresolved) {
  RunCore& run = site.run;
  EngineCore& engine = *run.engine;
  site.begin_to_look();
  Lookup lookup(engine);
  if (!lookup) return {};
  const Node* root = engine.find_root(site.function.get(), site.session, site.key, site.hash);
  const Walk walk = engine.walk(root, run.source, site.trail);
  Schedule::point();
  if (walk.permutation == nullptr) {
    const bool is_true = lookup.is_true();
    if (walk.is_absent())
      site.is_absent = is_true;
    else if (is_true)
      unresolved = walk.unresolved->shared_from_this();
    return {};
  }
  const auto expiry = walk.permutation->expiry.get();
  if (expiry != Permutation::TimePoint::max() && expiry <= now) return {};
  if (!site.trail.empty() && !run.can_show(site.trail)) return {};
  return Hit::of(run, lookup, *walk.permutation);
}

}  // namespace

Hit find_entry(Site& site) try {
  RunCore& run = site.run;
  const bool timed = run.engine->timed.load(std::memory_order_relaxed);
  // As long as no time is known, nothing that expires is an answer.
  const auto now = timed ? run.time() : Permutation::TimePoint::max();  // user code
  for (;;) {
    StateReadPtr unresolved;
    Schedule::point();
    Hit hit = try_to_find_entry(site, now, unresolved);
    if (unresolved == nullptr) return hit;
    run.source.resolve(unresolved);
  }
} catch (...) {
  abandon(site);
  throw;
}

Decision decide(Site& site) try {
  const bool recursive = is_recursive(site);
  while (site.function->live) {
    StateReadPtr unresolved;
    if (!site.is_absent) {
      Hit hit = find_entry_locked(site, unresolved);
      if (hit) return {.hit = std::move(hit), .follow = {}, .lead = {}};
    }
    if (unresolved == nullptr) {
      if (recursive) fail_recursive(site);
      Decision decision = follow_or_lead(site, unresolved);
      if (decision.lead) site.run.engine->look_ahead_if_free(site.function.get(), 2);
      if (decision.follow || decision.lead) return decision;
    }
    if (unresolved != nullptr) site.run.source.resolve(unresolved);
  }
  fail_stale(site);
} catch (...) {
  abandon(site);
  throw;
}

}  // namespace memoscape::inline v0::detail

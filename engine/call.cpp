// A cached call: the algorithm.
//
//   1. Refuse what no call may do.
//   2. A call of the script whose state has not changed is answered by the session's shortcut
//      (shortcuts.cpp).
//   3. Look the permutation up by the arguments and the caller's state (lookup.cpp).
//   4. A hit that its validator accepts is replayed: its widgets are registered in this session,
//      its reads belong to every execution around this call, its recording is put on the page.
//   5. An execution in progress that agrees with the caller's state is followed (follow.cpp);
//      where the paths part, look again.
//   6. Otherwise execute and keep the result (execute.cpp).
//
// User code (functions, validators, encoders, destructors, releases) runs under no lock.
#include <algorithm>

#include "engine/site.hpp"
#include "memoscape/detail/schedule.hpp"
#include "memoscape/detail/terminal.hpp"

namespace memoscape::inline v0::detail {

namespace {

void refuse_misuse(const Site& site, const Run& run) {
  RunCore& core = site.run;
  const FunctionSpec& spec = site.function->spec;
  if (Validating::covers(site)) {
    core.fail<RecursiveCallError>("cached function " + quoted(spec.name) +
                                  " was called from its own validator. A validator checks the "
                                  "value it is given: let it not call the function");
  }
  core.require_current(run);
  core.require_not_stopped();
  const bool elsewhere = site.function->home != core.engine.get();
  if (elsewhere && site.function->engine.expired()) fail_stale(site);
  if (elsewhere) {
    core.fail<UsageError>("cached function " + quoted(spec.name) +
                          " was called with a run of another engine. Call it with a run of a "
                          "session of the engine that it was registered with");
  }
  if (spec.scope != Scope::session) return;
  for (const Frame& frame : core.frames) {
    if (frame.function == nullptr || frame.function->spec.scope == Scope::session) continue;
    core.fail<ScopeError>("cached function " + quoted(frame.function->spec.name) +
                          ", whose entries all sessions share, called " + quoted(spec.name) +
                          ", whose entries belong to one session. Register " +
                          quoted(frame.function->spec.name) +
                          " with .scope = Scope::session, or pass it the value as an argument");
  }
}

bool is_live(const Site& site) {
  const Locked locked(*site.run.engine);
  return site.function->live;
}

// Whether the entry may be used. Otherwise it is gone, and the caller looks again.
bool validated(const Site& site, const Hit& hit) {
  const auto& validate = site.function->spec.validate;
  if (!validate) return true;
  {
    const Validating guard(site);
    if (validate(hit.box()->object)) return true;
  }
  Locked locked(*site.run.engine);
  Permutation& permutation = hit.permutation();
  const bool same_instance = permutation.box == hit.box().get();
  if (same_instance) site.run.engine->end(locked, permutation, Cause::invalidated);
  return false;
}

BoxPtr replay(Site& site, Hit& hit, bool is_script, Shortcut* known) {
  RunCore& run = site.run;
  hit.reserve(run);
  if (hit.recording() != nullptr || !site.trail.empty()) {
    run.adopt(site.trail, hit.recording().get());
  }
  run.top().inner += hit.compute();
  const bool learns = is_script && !site.function->spec.validate;
  if (!learns || known == nullptr || !run.replace(site, *known, hit)) {
    if (hit.recording() != nullptr) run.attach(hit.recording());
    if (learns) run.shortcuts.learn(site, hit);
  }
  BoxPtr box = hit.take_box();
  hit.collect(run, false);
  return box;
}

// The session whose entries it meets; 0: those that all share.
std::uint64_t session_of(const Function& function, const RunCore& run) noexcept {
  return function.spec.scope == Scope::session ? run.source.scope_id() : 0;
}

std::uint64_t hash_of(const Function& function, const RunCore& run, std::string_view key) noexcept {
  return run.engine->hash.of_call(function.uid, session_of(function, run), key);
}

Pin answer(const FunctionPtr& function, Run& outer, std::string_view key, std::uint64_t hash,
           Body body, bool is_script, Shortcut* known) {
  RunCore& run = RunCore::of(outer);
  Site site(function, key, session_of(*function, run), run, hash);
  refuse_misuse(site, outer);
  if (run.engine->is_caching_off()) {
    if (!is_live(site)) {
      abandon(site);
      fail_stale(site);
    }
    return execute(site, nullptr, body);
  }
  for (;;) {
    if (Hit hit = find_entry(site)) {
      if (validated(site, hit)) return replay(site, hit, is_script, known);
      continue;
    }
    Decision decision = decide(site);
    if (decision.hit) {
      if (validated(site, decision.hit)) return replay(site, decision.hit, is_script, known);
    } else if (decision.follow) {
      if (std::optional<BoxPtr> box = follow(site, decision.follow)) return *std::move(box);
    } else {
      return execute(site, decision.lead, body);
    }
  }
}

Pin look_up(const FunctionPtr& function, Run& outer, std::string_view key, std::uint64_t hash,
            Body body, bool is_script, Shortcut* known) {
  try {
    return answer(function, outer, key, hash, body, is_script, known);
  } catch (...) {
    // Exceptions are not cached, and so is nothing that was made of one: who caught it meets it
    // again, or finds that it has passed.
    RunCore& run = RunCore::of(outer);
    if (run.running()) run.note_unkept();
    throw;
  }
}

}  // namespace

Lease* repeat(const Function* function, Run& outer, std::string_view key) noexcept {
  RunCore& run = RunCore::of(outer);
  return run.repeat(outer, function, key);
}

Lease* repeat(const Function* function, Run& outer, ShortKey key) noexcept {
  RunCore& run = RunCore::of(outer);
  return run.repeat(outer, function, key);
}

Pin call(const FunctionPtr& function, Run& outer, std::string_view key, Body body) {
  RunCore& run = RunCore::of(outer);
  if (!run.shortcuts.track().is_left()) {
    if (Lease* lease = run.repeat_renewed(outer, function.get(), key)) return Pin(*lease);
    run.leave_track();
  }
  if (!run.is_script(outer)) {
    return look_up(function, outer, key, hash_of(*function, run, key), body, false, nullptr);
  }
  Shortcut* known = run.shortcuts.guess(function, key);
  if (known != nullptr && run.use(*known)) return Pin(*known->lease);
  const std::uint64_t hash = known == nullptr ? hash_of(*function, run, key) : known->hash;
  if (known == nullptr) {
    known = run.shortcuts.find(function, key, hash);
    if (known != nullptr && run.use(*known)) return Pin(*known->lease);
  }
  run.shortcuts.expect_answer();
  return look_up(function, outer, key, hash, body, true, known);
}

Pin call(const FunctionPtr& function, Run& outer, ShortKey key, Body body) {
  return call(function, outer, key.view(), body);
}

thread_local constinit Validating* Validating::innermost = nullptr;

Validating::Validating(const Site& call) : site(call), outer(innermost) { innermost = this; }
Validating::~Validating() { innermost = outer; }

bool Validating::covers_here(const Site& call) const noexcept {
  for (const Validating* one = this; one != nullptr; one = one->outer) {
    if (call.same_key(one->site.function.get(), one->site.key, one->site.session)) return true;
  }
  return false;
}

void abandon(Site& site) {
  const Locked locked(*site.run.engine);
  Counters& counters = site.run.engine->counters_of(*site.function);
  ++counters.lookups;
  ++counters.abandoned;
}

Hit::Hit(const RunCore& run, Permutation& permutation)
    : engine_(run.engine.get()),
      builder_(run.top().flight.get()),
      permutation_(&permutation),
      box_(BoxPtr::reference_to(*permutation.box.get())),
      recording_(permutation.recording != nullptr ? permutation.recording->self : nullptr),
      compute_(permutation.compute()) {
  permutation.pins.fetch_add(1, std::memory_order_relaxed);
  if (builder_ != nullptr) ++permutation.builders;
}

// Who takes the value of the entry either sees the pin, and leaves the value to this lookup, or has
// begun before it was looked whether the lookup is true.
Hit Hit::of(const RunCore& run, Lookup& lookup, Permutation& permutation) {
  Box* const box = permutation.box;
  const Recording* const recording = permutation.recording;
  const auto compute = permutation.compute();
  Flight* const builder = run.top().flight.get();
  if (builder != nullptr) permutation.builders.fetch_add(1);
  permutation.pins.fetch_add(1);
  Schedule::point();
  if (!lookup.is_true()) {
    Locked locked(*run.engine);
    if (builder != nullptr) run.engine->drop_builder(locked, permutation);
    run.engine->unpin(locked, permutation);
    lookup.close();  // before what the mutex is released with
    return {};
  }
  Schedule::point();
  Hit hit;
  hit.engine_ = run.engine.get();
  hit.builder_ = builder;
  hit.permutation_ = &permutation;
  hit.box_ = BoxPtr::reference_to(*box);
  if (recording != nullptr) hit.recording_ = recording->self;
  hit.compute_ = compute;
  return hit;
}

Hit::Hit(Hit&& other) noexcept
    : engine_(other.engine_),
      builder_(other.builder_),
      permutation_(std::exchange(other.permutation_, nullptr)),
      box_(std::move(other.box_)),
      recording_(std::move(other.recording_)),
      compute_(other.compute_) {}

Hit& Hit::operator=(Hit&& other) noexcept {
  std::swap(engine_, other.engine_);
  std::swap(builder_, other.builder_);
  std::swap(permutation_, other.permutation_);
  std::swap(box_, other.box_);
  std::swap(recording_, other.recording_);
  std::swap(compute_, other.compute_);
  return *this;
}

Hit::~Hit() {
  if (permutation_ == nullptr) return;
  Locked locked(*engine_);
  if (builder_ != nullptr) engine_->drop_builder(locked, *permutation_);
  engine_->unpin(locked, *permutation_);
}

}  // namespace memoscape::inline v0::detail

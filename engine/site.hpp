// Site: one cached call, between being made and being answered. Private to call, lookup, follow and
// execute, which are the four steps of the algorithm.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/run_core.hpp"

namespace memoscape::inline v0::detail {

struct Site {
  // Of one that has looked for nothing yet.
  Site(const FunctionPtr& its_function, std::string_view its_key, std::uint64_t its_session,
       RunCore& its_run, std::uint64_t its_hash)
      : function(its_function), key(its_key), session(its_session), run(its_run), hash(its_hash) {}

  const FunctionPtr& function;
  std::string_view key;   // encoded arguments
  std::uint64_t session;  // of a session-scoped function; 0: shared by all
  RunCore& run;
  std::uint64_t hash = 0;  // of function and key
  Trail trail;             // the reads on the way to the answer, in their order
  // A walk found no entry. That stands while so many flights of the list have ended.
  bool is_absent = false;
  std::uint64_t absent_as_of = 0;
  std::uint64_t clears = 0;  // there were so many before

  void begin_to_look() noexcept {
    is_absent = false;
    absent_as_of = run.engine->flights.list_of(hash).ended;
    clears = run.engine->clears;
  }

  bool same_key(const Function* other, std::string_view its_key,
                std::uint64_t its_session) const noexcept {
    return other == function.get() && its_session == session && its_key == key;
  }
};

// An entry that answers a call. Pinned: it can be used, and counted, whatever happens to it. Inside
// an execution it is a builder, too: the identity must not leave the tree before the execution is
// kept.
class Hit {
 public:
  Hit() = default;
  // Requires: the store's mutex.
  Hit(const RunCore& run, Permutation& permutation);
  // Of an entry that a lookup found. Nothing: the store has changed.
  static Hit of(const RunCore& run, Lookup& lookup, Permutation& permutation);
  Hit(const Hit&) = delete;
  Hit& operator=(const Hit&) = delete;
  Hit(Hit&& other) noexcept;
  Hit& operator=(Hit&& other) noexcept;
  ~Hit();

  explicit operator bool() const noexcept { return permutation_ != nullptr; }
  Permutation& permutation() const noexcept { return *permutation_; }
  const BoxPtr& box() const noexcept { return box_; }
  BoxPtr take_box() noexcept { return std::move(box_); }
  // Null: it shows nothing.
  const RecordingPtr& recording() const noexcept { return recording_; }
  std::chrono::nanoseconds compute() const noexcept { return compute_; }
  // Hands over to the run: the pin, by which it counts the hit when it merges, and to the execution
  // under way, if any, that it is built on this.
  void collect(RunCore& run, bool followed) noexcept {
    // Who ends an entry closes the flights that list it. For one that lists it only now, it is done
    // here: who began to follow after that end must not get what was made of it.
    if (builder_ != nullptr) {
      Schedule::point();
      builder_->build_on(*permutation_);
      if (!permutation_->in_tree) run.withdraw_flights();
    }
    run.collect_hit(*std::exchange(permutation_, nullptr), followed);
  }
  // Reserves the memory for that. Throws: std::bad_alloc.
  void reserve(RunCore& run) {
    run.reserve_hit();
    if (builder_ != nullptr) builder_->reserve_to_build();
  }

 private:
  EngineCore* engine_ = nullptr;
  Flight* builder_ = nullptr;  // the execution under way
  Permutation* permutation_ = nullptr;
  BoxPtr box_;
  RecordingPtr recording_;
  std::chrono::nanoseconds compute_{0};
};

// What a lookup decides: exactly one of the three.
struct Decision {
  Hit hit;           // replay this
  FlightPtr follow;  // an execution in progress that agrees so far
  FlightPtr lead;    // execute, and publish into this
};

// lookup.cpp
// The entry that answers the call, found without the store's mutex; nothing: `decide` must tell. A
// call for which either of them throws is counted as abandoned.
Hit find_entry(Site& site);
Decision decide(Site& site);
// follow.cpp: the leader's result; nothing when the paths part or the leader withdrew: look again.
std::optional<BoxPtr> follow(Site& site, const FlightPtr& flight);
// execute.cpp: without a flight when caching is off.
BoxPtr execute(Site& site, const FlightPtr& flight, Body body);
// Whether this call is made by an execution of itself; the error it then is.
bool is_recursive(const Site& site);
[[noreturn]] void fail_recursive(Site& site);
// The error of a handle whose function, or engine, is gone.
[[noreturn]] void fail_stale(const Site& site);
// Counts a lookup that ended without an answer.
void abandon(Site& site);

// A validator that is under way on this thread: its own function must not be called from it (C4).
struct Validating {
  explicit Validating(const Site& call);
  Validating(const Validating&) = delete;
  Validating& operator=(const Validating&) = delete;
  ~Validating();
  static bool covers(const Site& call) noexcept {
    return innermost != nullptr && innermost->covers_here(call);
  }

  const Site& site;
  Validating* outer;
  static thread_local constinit Validating* innermost;

 private:
  bool covers_here(const Site& call) const noexcept;
};

}  // namespace memoscape::inline v0::detail

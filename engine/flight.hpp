// Flight: an execution in progress, with the reads it has published so far.
//
// A caller whose lookup failed follows the oldest flight of the same function and arguments whose
// published reads agree with its own state (rule C2). The flight outlives its execution for as
// long as followers need its result.
//
// Thread-safety: what is neither const nor atomic is guarded by the mutex of the list that the
// flight is in (flights.hpp), but for what the leader publishes while it executes: its reads. To
// add one takes no mutex, so that an execution that nobody follows has no business with others.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/hash.hpp"
#include "engine/list.hpp"
#include "engine/path.hpp"
#include "engine/recording.hpp"
#include "memoscape/clock.hpp"
#include "memoscape/detail/box.hpp"
#include "memoscape/detail/reserve.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::detail {

struct EngineCore;
struct Function;
struct FlightList;
struct Permutation;

struct Flight : std::enable_shared_from_this<Flight> {
  enum class State : std::uint8_t {
    running,
    handed_in,  // it has ended, and is settled by whoever has the store
    done,       // `box` and `recording` are the result
    failed,     // `error` is what the function threw
    withdrawn   // it says nothing about another caller: stopped, or the engine threw
  };

  // Const while it is in its list.
  FlightList* list = nullptr;
  Function* function = nullptr;
  std::string key;  // encoded arguments
  std::uint64_t session = 0;
  std::uint64_t hash = 0;     // of function and key
  std::uint64_t started = 0;  // order of starts in the engine
  std::thread::id thread;

  Flight* enclosing = nullptr;  // of the same run, further up its stack
  std::atomic<State> state = State::running;
  std::atomic<bool> closed = false;         // nobody may join any more, and it is not kept: cleared
                                            // meanwhile, or built on what was
  std::atomic<bool> beyond_clears = false;  // it got what no clear can name: every clear closes it
  bool private_ = false;  // followers leave, too: it read a fired trigger, or the engine threw
  PathSteps reads;
  KnownReads known;                    // among them; of the leader
  ArenaPtr arena;                      // of the execution, for the report; null: none
  std::vector<Permutation*> built_on;  // each counts this flight among its builders

  // What it came to: the leader's until it is settled, then of those who follow.
  BoxPtr box;    // null: it threw
  BoxPtr equal;  // a stored value that was found to equal it; null: none. They change places if it
                 // is stored still, and becomes the entry's
  RecordingPtr recording;               // null: it shows nothing
  std::exception_ptr error;             // what the function threw; null without a box: it withdrew
  std::chrono::nanoseconds own{0};      // the time it took itself
  std::chrono::nanoseconds compute{0};  // and what its inner hits would have taken
  Clock::time_point finished{};
  bool tainted = false;  // read a fired trigger
  bool refused = false;  // not to be kept for another reason
  // By whoever has settled it.
  Permutation* permutation = nullptr;  // pinned while there are followers; null: not kept

  bool was_followed = false;                // by anybody; then it is not used again
  std::atomic<std::uint32_t> followers{0};  // written under the mutex
  std::condition_variable_any changed;      // a new read, or the end
  ListHook<Flight> sibling;

  bool is_of(const Function* its, std::uint64_t its_session, std::string_view its_key,
             std::uint64_t hashed) const noexcept {
    return hash == hashed && function == its && session == its_session && key == its_key;
  }
  // Lists what it is built on, which counts it as a builder. For the leader; not under a mutex of
  // flights. The first throws std::bad_alloc; then the other does not fail.
  void reserve_to_build();
  void build_on(Permutation& inner) noexcept;
  // With those around it, which get what it gets.
  void close() noexcept {
    for (Flight* one = this; one != nullptr; one = one->enclosing) one->closed = true;
  }

  // While it is handed in.
  EngineCore* engine = nullptr;
  std::shared_ptr<Function> owner;
  std::shared_ptr<Flight> self;
  Flight* next = nullptr;

  // And was settled.
  bool has_ended() const noexcept { return state != State::running && state != State::handed_in; }
  // How it has ended. Requires: it is settled, or withdrawn.
  State ending() const noexcept {
    if (box) return State::done;
    return error == nullptr ? State::withdrawn : State::failed;
  }
  // For another execution. Requires: it has ended, and nobody has followed it.
  void renew() noexcept {
    state.store(State::running, std::memory_order_relaxed);
    closed.store(false, std::memory_order_relaxed);
    beyond_clears.store(false, std::memory_order_relaxed);
    private_ = false;
    reads.clear();
    known.clear();
    built_on.clear();
    box = {};
    equal = {};
    recording = nullptr;
    error = nullptr;
  }
};
using FlightPtr = std::shared_ptr<Flight>;

}  // namespace memoscape::inline v0::detail

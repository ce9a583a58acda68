// Flight: an execution in progress, with the reads it has published so far.
//
// A caller whose lookup failed follows the oldest flight of the same function and arguments whose
// published reads agree with its own state (rule C2). The flight outlives its execution for as
// long as followers need its result.
//
// Everything here is guarded by the store's mutex; `reads` is written by the leader alone, under
// the mutex, so the leader reads it without.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/list.hpp"
#include "engine/recording.hpp"
#include "memoscape/detail/box.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::detail {

struct Function;
struct Space;
struct Permutation;

// One state read of an execution, with the value it obtained.
struct PathStep {
  StateReadPtr read;
  std::string value;  // encoded

  bool is_of(const StateRead& other) const noexcept { return read->is_alike(other); }
};

struct Flight : std::enable_shared_from_this<Flight> {
  enum class State : std::uint8_t {
    running,
    done,      // `box` and `recording` are the result
    failed,    // `error` is what the function threw
    withdrawn  // it says nothing about another caller: stopped, or the engine threw
  };

  Space* space = nullptr;
  std::uint64_t started = 0;  // order of starts in the engine
  std::thread::id thread;
  Flight* enclosing = nullptr;  // of the same run, further up its stack
  State state = State::running;
  bool closed = false;    // nobody may join any more, and it is not kept: cleared meanwhile
  bool private_ = false;  // followers leave, too: it read a fired trigger, or the engine threw
  std::vector<PathStep> reads;
  ArenaPtr arena;                      // of the execution, for the report; null: none
  std::vector<Permutation*> built_on;  // each counts this flight among its builders

  BoxPtr box;
  RecordingPtr recording;
  Permutation* permutation = nullptr;  // pinned while there are followers; null: not kept
  std::exception_ptr error;
  std::chrono::nanoseconds compute{0};

  std::uint32_t followers = 0;
  std::condition_variable changed;  // a new read, or the end
  ListHook<Flight> sibling;         // in its space, oldest first, while running
};
using FlightPtr = std::shared_ptr<Flight>;

}  // namespace memoscape::inline v0::detail

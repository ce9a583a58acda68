// Renewal: shortcuts whose reads have changed are led to the entries that answer their calls now,
// those of many calls together.
//
// What a user sets changes values of widgets, seldom which widgets there are. So a call that is
// made again resolves the widgets of its group anew, and looks for the end of the path that these
// values make: where it has the same widgets, the shortcut gets a lease of what is found, the page
// its recording, in the place of the one before, and the call is answered as if nothing had
// changed.
//
// In a large store a walk waits for memory at each step: the place in the index, the nodes, the
// permutation, its value. A script makes the same calls in the same order run after run, so those
// that followed a call the last time are renewed together with it, all of them one step at a time.
// They are right whether their calls are made or not: values do not change within a run, but for
// those of widgets with a key, which are not renewed.
//
// Thread-safety: belongs to the thread of the run.
#pragma once

#include <boost/container/static_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "memoscape/clock.hpp"
#include "memoscape/detail/buffers.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::detail {

struct EngineCore;
struct Node;
struct Permutation;
struct Recording;
struct Shortcut;
class Shortcuts;

// A walk, one of several that go through their trees together.
struct JointWalk {
  Shortcut* shortcut = nullptr;  // of the call
  std::span<const StateSource::Resolved*> reads;
  std::uint32_t end = 0;       // the hash of the node where it ends
  const Node* node = nullptr;  // how far up from there it is confirmed
  Permutation* answer = nullptr;
};

class Renewal {
 public:
  Renewal(EngineCore& engine, StateSource& source, Shortcuts& shortcuts)
      : engine_(engine), source_(source), shortcuts_(shortcuts) {}

  // Renews it, and those that follow, as far as they can be: their groups stand then. `page`: the
  // one of the run before, while this run goes on with it and nobody else has a reference. `now`:
  // if it is not known, the latest there is: what expires is no answer then. Throws:
  // std::bad_alloc. Requires: the reads of the first are broken.
  void renew(Shortcut& first, Recording* page, Clock::time_point now);
  std::uint64_t bytes() const noexcept { return buffer_bytes(reads_); }

 private:
  static constexpr std::size_t kAhead = 16;  // calls at once
  static constexpr std::size_t kReadsAtFirst = 4 * kAhead;

  void choose(Shortcut& first);
  bool add(Shortcut& broken, std::size_t& used);
  bool walk(Clock::time_point now);

  EngineCore& engine_;
  StateSource& source_;
  Shortcuts& shortcuts_;
  boost::container::static_vector<JointWalk, kAhead> calls_;
  std::vector<const StateSource::Resolved*> reads_;  // of all of them
  std::uint64_t serial_ = 0;                         // counts renewals
  std::uint64_t changes_ = 0;                        // of the store, when it was walked
};

}  // namespace memoscape::inline v0::detail

// Foresight: what a session expects its script to call next, so that lookups of many calls go down
// their trees together.
//
// In a large store a lookup waits for memory at each step: the place in the index, the node, the
// permutation, its value, its recording. A script makes the same calls in the same order run after
// run. So the first call of some looks the others up, too, step by step in turn: while the memory
// of one is on its way, the others take their step. Each finds its answer there when it is made.
//
// Invariants. An answer stands while the tree has not changed since (`Readers::changes`), and in
// the run it was foreseen in: only paths of widgets without a key are foreseen, whose values do not
// change within a run. Everything else is a hint: who finds that it does not fit looks up as if
// there were none.
//
// Thread-safety: belongs to the thread of the run.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/hash.hpp"
#include "engine/packed_bytes.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::detail {

struct EngineCore;
struct Function;
struct Node;
struct Permutation;
struct Site;

// A call of the script, by its place in the run.
struct Foreseen {
  using Reads = std::span<const StateSource::Resolved* const>;

  Foreseen() = default;
  Foreseen(Foreseen&&) noexcept = default;
  Foreseen& operator=(Foreseen&&) noexcept = default;
  ~Foreseen() = default;

  std::uint64_t uid = 0;               // of the function; 0: nothing is known
  const Function* function = nullptr;  // it may be gone: only compared
  PackedBytes key;
  std::uint64_t session = 0;
  Hash128 hash;                                               // of function and key
  boost::container::small_vector<const StateRead*, 4> reads;  // of its path. Only compared
  std::uint64_t used_in = 0;                                  // the run that was answered by it

  const Permutation* last = nullptr;  // what it was answered by. Only compared

  // Of the run that it was foreseen in.
  std::uint64_t run = 0;
  std::uint64_t changes = 0;  // of the tree
  boost::container::small_vector<const StateSource::Resolved*, 4> trail;
  bool is_sought = false;
  const Node* node = nullptr;     // where the lookup has come to
  Permutation* answer = nullptr;  // null: none was found
};

class Foresight {
 public:
  Foresight(EngineCore& engine, StateSource& source) : engine_(engine), source_(source) {}
  Foresight(const Foresight&) = delete;
  Foresight& operator=(const Foresight&) = delete;
  ~Foresight() { clear(); }
  void clear() noexcept;

  void begin_run() noexcept {
    ++run_;
    is_off_ = false;
    current_ = nullptr;
  }
  // The call that is made now, in its place of the run. Null: it is another one than expected.
  const Foreseen* expect(std::size_t place, std::uint64_t function, std::string_view key) noexcept {
    place_ = place;
    current_ = nullptr;
    if (calls_.empty() || place >= calls_.size()) return nullptr;
    Foreseen& call = calls_[place];
    if (call.uid != function || !same_bytes(call.key.view(), key)) return nullptr;
    return current_ = &call;
  }
  // Looks it up, and those that follow, unless that was done. Throws: std::bad_alloc.
  void look_ahead() {
    if (current_ != nullptr && current_->run != run_ && is_recent(*current_) && !is_off_)
      go_ahead();
  }
  // The call with its answer, if that stands. Null: look it up. Requires: a section of the readers.
  Foreseen* answered() noexcept;
  // It was looked up, and answered by the path that it took.
  void note(const Site& site) noexcept;

 private:
  static constexpr std::size_t kAhead = 16;  // calls at once
  static constexpr std::size_t kMost = 512;  // places
  static constexpr std::size_t kFewReads = 4;
  static constexpr std::uint64_t kPatience = 8;  // runs, until another call gets the place

  // Whether it was looked up in the run before, too. Those that shortcuts answer are not.
  bool is_recent(const Foreseen& call) const noexcept { return call.used_in + 1 >= run_; }
  void go_ahead();
  void note_or_throw(const Site& site);
  bool resolve(Foreseen& call);
  static std::uint64_t heap_bytes(const Foreseen& call) noexcept;
  void charge() noexcept;

  EngineCore& engine_;
  StateSource& source_;
  std::vector<Foreseen> calls_;  // by place
  std::size_t place_ = 0;
  Foreseen* current_ = nullptr;
  std::uint64_t run_ = 1;
  std::uint64_t bytes_ = 0;    // of all calls
  std::uint64_t charged_ = 0;  // on the report's line of what sessions take
  bool is_off_ = false;        // in this run: the tree changes too often
};

}  // namespace memoscape::inline v0::detail

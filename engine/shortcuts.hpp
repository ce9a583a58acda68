// Shortcuts: what a session remembers of the calls that its script makes, so that a call whose
// state has not changed is answered without a lookup, and writes nothing that other sessions write
// (rules P5, C7).
//
// A shortcut is made for a call that was answered by the same permutation in two runs in a row. It
// holds a lease of the value, and the reads of the path as a group, for which the session tells in
// O(1) whether they all stand and shows their widgets. It remembers which call followed: the next
// one is guessed, and its key compared.
//
// Invariants. A shortcut with a lease belongs to an entry, unless the lease has been called in; the
// entry lists the lease. What a report or an eviction must know of hits is `uses`, which the thread
// of the run writes and others read; `counted` of them are in the store already.
//
// Thread-safety: belongs to the thread of the run. What others read is written under the store's
// mutex: the list of shortcuts, and lease, compute and counted of each.
#pragma once

#include <tsl/robin_map.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/hash.hpp"
#include "engine/list.hpp"
#include "engine/recording.hpp"
#include "memoscape/clock.hpp"
#include "memoscape/detail/call.hpp"
#include "memoscape/detail/pin.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::detail {

struct Locked;
struct Permutation;
struct Site;

// The store's side of a lease; guarded by its mutex.
struct StoreLease final : Lease {
  StoreLease(BoxPtr box, RecordingPtr recording) : Lease(std::move(box), std::move(recording)) {}

  Permutation* permutation = nullptr;  // null: called in
  ListHook<StoreLease> sibling;        // among the leases of the permutation
};

struct Shortcut {
  FunctionPtr function;
  std::string key;  // encoded arguments
  StoreLease* lease = nullptr;
  std::unique_ptr<StateSource::Group> reads;  // null: the path has none
  std::chrono::nanoseconds compute{0};
  Clock::time_point expiry{};
  bool in_main = false;  // where its recording has something
  bool in_sidebar = false;
  std::uint64_t recording_bytes = 0;  // with what it replays

  Shortcut* next = nullptr;   // the call that followed it last
  std::uint64_t used_in = 0;  // the run that made the call last

  std::atomic<std::uint64_t> uses{0};
  std::uint64_t counted = 0;
};

class Shortcuts {
 public:
  explicit Shortcuts(EngineCore& engine) : engine_(engine) {}
  Shortcuts(const Shortcuts&) = delete;
  Shortcuts& operator=(const Shortcuts&) = delete;
  ~Shortcuts() { clear(); }

  void begin_run() noexcept;
  // What is known of the next call of the script, or null.
  Shortcut* next(const FunctionPtr& function, std::string_view key);
  // Counts a hit through a shortcut.
  void count(Shortcut& used) noexcept {
    used.uses.store(used.uses.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    ++uncounted_;
  }
  // What answered the call that `next` was asked for last: whether it was the same in the run
  // before.
  bool saw(const Function& function, const Hash128& key, const Permutation* answer) noexcept;
  // The same after a lookup: remembers an answer that was the same.
  void learn(const Site& site, Permutation& answer);
  // Forgets the calls that a completed run did not make.
  void end_run(bool completed);
  void clear();

  // Hits that the store may not know yet.
  std::uint64_t uncounted() const noexcept { return uncounted_; }
  void forget_uncounted() noexcept { uncounted_ = 0; }
  // Requires the store's mutex; from any thread.
  void settle(Locked& locked) noexcept;
  ListHook<Shortcuts> sibling;  // in the engine, while there are shortcuts

 private:
  static constexpr std::size_t kMost = 4096;  // calls of a run

  // What answered the call at one place of the script.
  struct Seen {
    const Function* function = nullptr;
    std::uint64_t hash = 0;  // of the key
    const Permutation* answer = nullptr;
    bool operator==(const Seen&) const = default;
  };
  void make(const Site& site, Permutation& answer);
  void settle(Locked& locked, Shortcut& shortcut) noexcept;
  std::uint64_t seen_bytes() const noexcept;
  // On the report's line of what sessions take.
  void charge(std::uint64_t before, std::uint64_t after) noexcept;
  void give_up_lease(Locked& locked, Shortcut& shortcut) noexcept;

  EngineCore& engine_;
  tsl::robin_map<Hash128, std::unique_ptr<Shortcut>, FoldHash> table_;
  Shortcut* first_ = nullptr;  // the first call of a run
  Shortcut** guess_ = &first_;
  std::vector<Seen> seen_;
  std::size_t place_ = 0;  // of the call in its run
  std::uint64_t run_ = 0;
  std::size_t used_ = 0;  // shortcuts used in this run
  std::uint64_t uncounted_ = 0;
};

}  // namespace memoscape::inline v0::detail

// Shortcuts: what a session remembers of the calls that its script makes, so that a call whose
// state has not changed is answered without a lookup, and writes nothing that other sessions write
// (rules P5, C7).
//
// A shortcut is made for a call that was made, and answered, before. It holds a lease of the value,
// and the reads of the path as a group, for which the session tells in O(1) whether they all stand
// and shows their widgets. When values of them have changed, it is led to what answers the call now
// (renewal.hpp). It remembers which call followed: the next one is guessed, and its key compared. A
// script whose arguments come and go finds them again: a session
// remembers sixteen times as many calls as a run makes, and then forgets those of other runs.
//
// Invariants. A shortcut with a lease belongs to an entry, unless the lease has been called in; the
// entry lists the lease. While caching is off, all have been called in: a hit asks its lease alone.
// What a report or an eviction must know of hits is `uses`, and how often the track was repeated,
// which the thread of the run writes and others read; `counted` of them are in the store's counters
// already, and the advisor has heard of them, and `settled` in what the store knows of the entry,
// too.
//
// Thread-safety: belongs to the thread of the run. What others read is written under the store's
// mutex: the list of shortcuts, and lease, counted, settled, advised and steps of each.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/advisor.hpp"
#include "engine/hash.hpp"
#include "engine/hash_index.hpp"
#include "engine/list.hpp"
#include "engine/packed_bytes.hpp"
#include "engine/recording.hpp"
#include "engine/track.hpp"
#include "memoscape/clock.hpp"
#include "memoscape/detail/call.hpp"
#include "memoscape/detail/pin.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::detail {

class Hit;
struct Locked;
struct Node;
struct Permutation;
struct Site;

// The store's side of a lease; guarded by its mutex.
struct StoreLease final : Lease {
  // Of a page.
  explicit StoreLease(RecordingPtr page) : Lease(nullptr, std::move(page)) {}
  // Of what an entry holds, for as long as it is among the leases of that one. Pages of the session
  // count their references to the recording at the lease. So what many sessions share is not
  // written, until the lease leaves the entry. Throws: std::bad_alloc.
  static std::unique_ptr<StoreLease> of(const Permutation& entry);
  // It leaves the entry that it belongs to, and has references of its own from here on. Requires:
  // the store's mutex.
  void leave() noexcept;
  // Makes it one of another entry, and `shown`, replays of the recording before, show that one's.
  // False: somebody may still use what it holds; nothing was done. Requires: the store's mutex.
  bool try_lead_to(Permutation& entry, std::span<Replay* const> shown) noexcept;

  Permutation* permutation = nullptr;  // null: called in
  ListHook<StoreLease> sibling;        // among the leases of the permutation, or those called in
  Lease* page = nullptr;               // of the page that replays its recording; called in with it
  Lease* page_called_in = nullptr;     // the same from then on
  StoreLease* next_given_up = nullptr;

 private:
  StoreLease(Box* box, RecordingPtr recording) : Lease(box, std::move(recording)) {}

  RecordingPtr* own_ = nullptr;  // in what `recording()` is counted by; null until it left
};

struct alignas(64) Shortcut {
  static constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  // What a hit looks at: one line of memory.
  FunctionPtr function;
  PackedBytes key;           // encoded arguments
  Shortcut* next = nullptr;  // the call that followed it last
  StoreLease* lease = nullptr;
  std::atomic<std::uint64_t> uses{0};        // but for those of the track
  std::uint64_t used_in : 61 = 0;            // the run that made the call last
  std::uint64_t is_value_alone : 1 = false;  // nothing is shown, read, or expires
  std::uint64_t in_main : 1 = false;         // where its recording has something
  std::uint64_t in_sidebar : 1 = false;

  // What counts its uses, and shows it.
  std::uint64_t counted = 0;  // of the uses, by counters and advisor
  Advisor::Repeated advised;
  std::unique_ptr<StateSource::Group> reads;  // null: the path has none
  Clock::time_point expiry{};
  std::uint32_t items = 0;  // that it puts on the page
  std::uint32_t steps = 0;  // of the track; more than one only if it shows nothing
  // The page that its recording was put on last, and where among the items.
  std::uint64_t page = 0;  // 0: one that is not kept
  std::size_t place = 0;

  // What renews it looks at.
  Track::Step* step = nullptr;  // one of these; null: none
  std::uint64_t settled = 0;    // of the uses, by the entry and policies, too
  std::uint64_t hash = 0;       // of function and key
  const Node* root = nullptr;
  std::uint64_t root_seen = kNever;  // `root` was right when the store had changed so often
  std::uint64_t sought_in = 0;       // the renewal that sought its answer last
};

class Shortcuts {
 public:
  explicit Shortcuts(EngineCore& engine) : engine_(engine) {}
  Shortcuts(const Shortcuts&) = delete;
  Shortcuts& operator=(const Shortcuts&) = delete;
  ~Shortcuts() { clear(); }

  void begin_run() noexcept;
  // Whether nothing is remembered of functions that were removed, of which the engine counts so
  // many.
  bool is_clean(std::uint64_t removed) const noexcept { return cleaned_ == removed; }
  // What is known of the next call of the script, if it is the one that followed the last one
  // before; else null: then `find` tells.
  Shortcut* guess(const FunctionPtr& function, std::string_view key) noexcept {
    ++place_;
    Shortcut* guessed = *guess_;
    if (guessed == nullptr || guessed->function.get() != function.get() ||
        !same_bytes(guessed->key.view(), key)) {
      part();
      return nullptr;
    }
    return called(*guessed);
  }
  // What is known of the call that `guess` was asked for last, or null.
  Shortcut* find(const FunctionPtr& function, std::string_view key, std::uint64_t hash) noexcept;
  // Counts a hit through a shortcut. From where a run parts from the one before, or makes a call
  // again, to the end of the run that follows, it notes their order, in which the advisor hears of
  // them. False: there is no room for another one, so the run must merge.
  bool count(Shortcut& used) noexcept {
    add_use(used);
    return !notes_order_ || note_order(used);
  }
  // --- the track ---
  Track& track() noexcept { return track_; }
  const Track& track() const noexcept { return track_; }
  // Whether the run before made the calls that are remembered, in that order, and no other one.
  bool can_repeat_run() const noexcept { return !notes_order_; }  // requires: a run begins
  // What was passed on the track is up to date again: as if each had been found and counted.
  void passed(Shortcut& known) noexcept {
    ++place_;
    guess_ = &known.next;
    use_again(known);
    add_use(known);
  }
  // The same for all of it, if nothing looks at them one by one.
  void all_passed() noexcept {
    place_ += track_.calls();
    repeated_all();
  }
  // The same of a run that did not `begin_run`.
  void repeated_all() noexcept {
    track_.count_repeat();
    uncounted_ += track_.calls();
  }
  // At the end of a run that kept the page and did not repeat all of the track.
  void lay_track(const StateSource& source) noexcept;
  // Counts what was noted, in its order; afterwards there is room again.
  void count_in_order(Locked& locked) noexcept;
  // How much is noted; and counts the first of it: then comes something else.
  std::uint32_t noted() const noexcept { return noted_.load(std::memory_order_relaxed); }
  void count_first(Locked& locked, std::uint32_t first) noexcept;
  // To be called when no shortcut answers what `guess` was asked for, before `learn`.
  void expect_answer() noexcept {
    if (place_ * kTimes > seen_.size()) grow();
  }
  // Leads it to the entry that answers its call now; its reads are another ones of the same
  // widgets. `page`: null, or the one where it may have a place, to be changed. False: nothing was
  // done.
  bool lead(Locked& locked, Shortcut& shortcut, Permutation& answer, Recording* page) noexcept;
  // The call of this hash, of function and key, was answered: whether it was before.
  bool saw(std::size_t hash) noexcept;
  // After a lookup: remembers the answer of a call that was made before.
  void learn(const Site& site, const Hit& hit) noexcept;
  // Remembers this answer instead of another one. False: it cannot be remembered.
  bool replace(const Site& site, const Shortcut& shortcut, const Hit& hit) noexcept;
  // Forgets the calls that a completed run did not make, when it remembers too many, or functions
  // were removed.
  void end_run(bool completed) noexcept;
  void clear() noexcept;

  // The page of a run, all of which shortcuts put there, is leased like the values: an eviction of
  // anything on it frees it, unless a run has pinned it.
  const Recording* pin_page() noexcept {  // null: there is none any more
    return page_ == nullptr || !page_->pin() ? nullptr : page_->recording().get();
  }
  void unpin_page() noexcept { page_->unpin(); }
  const RecordingPtr& page() const noexcept { return page_->recording(); }  // requires: pinned
  // The same, to be changed; null: somebody else has a reference to it. Requires: pinned.
  Recording* own_page() const noexcept;
  std::uint64_t page_id() const noexcept { return page_id_; }
  void keep_page(RecordingPtr page, std::uint64_t id) noexcept;
  void give_up_page() noexcept;

  // Hits that the store may not know yet.
  std::uint64_t uncounted() const noexcept { return uncounted_; }
  // Requires the store's mutex; from any thread.
  void settle(Locked& locked) noexcept;
  // The same of those that this run used; from its thread.
  void settle_used(Locked& locked) noexcept;
  // All of them. Requires the store's mutex; from any thread.
  void call_in_leases(Locked& locked) noexcept;
  // Counts those of all, and tells the advisor; takes the mutex for a few at a time. Entries and
  // policies, whose memory many sessions share, need not know before somebody asks, or the store is
  // crowded. From the thread of the run.
  void count_all() noexcept;
  std::size_t size() const noexcept { return all_.size(); }
  ListHook<Shortcuts> sibling;  // in the engine, while there are shortcuts
  std::uint64_t asked_in = 0;   // the round of those who ask for hits that took in its own last

 private:
  static constexpr std::size_t kMost = 4096;  // shortcuts, and calls of a track
  static constexpr std::size_t kTimes = 16;   // as many as calls of a run

  static constexpr std::uint32_t kOrdered = 256;  // hits in `ordered_`
  static constexpr std::size_t kWays = 4;         // places for a hash, the newest first
  // How large `seen_` should be for so many calls of a run.
  static std::size_t seen_for(std::size_t calls) noexcept;
  void grow() noexcept;
  bool note_order(Shortcut& used) noexcept {
    const std::uint32_t noted = noted_.load(std::memory_order_relaxed);
    ordered_[noted] = &used;  // there is room, see `grow`
    noted_.store(noted + 1, std::memory_order_release);
    return noted + 1 < kOrdered;
  }
  Shortcut* called(Shortcut& known) noexcept {
    const bool is_next = std::exchange(guess_, &known.next) == &known.next;
    if (known.used_in != run_)
      use(known);
    else if (!is_next)  // the same call again and again has no order
      part();
    return &known;
  }
  void part() noexcept { notes_order_ = parted_ = true; }
  void use(Shortcut& known) noexcept {  // for the first time in this run
    known.used_in = run_;
    used_.push_back(&known);  // there is room, see `make`
  }
  void use_again(Shortcut& known) noexcept {
    if (known.used_in != run_) use(known);
  }
  void add_use(Shortcut& used) noexcept {
    used.uses.store(used.uses.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    ++uncounted_;
  }
  Shortcut* make(const Site& site, const Hit& hit);
  Shortcut* try_to_make(const Site& site, const Hit& hit) noexcept;
  static void take_lease(Shortcut& shortcut, Permutation& answer, std::unique_ptr<StoreLease> lease,
                         StoreLease* page) noexcept;
  bool try_to_lease(Locked& locked, Shortcut& shortcut, Permutation& answer,
                    StoreLease* page) noexcept;
  void forget_unused() noexcept;
  void drop_track(Locked& locked) noexcept;
  bool try_to_lay(Locked& locked, const StateSource& source);
  // Requires: the store's mutex.
  std::uint64_t uncounted_of(const Shortcut& shortcut) const noexcept {
    const std::uint64_t repeats = shortcut.steps * track_.repeats();
    return shortcut.uses.load(std::memory_order_relaxed) + repeats - shortcut.counted;
  }
  void count(Locked& locked, Shortcut& shortcut, std::uint64_t fresh) noexcept;
  // Uses of a shortcut that are not counted.
  struct Uses {
    Shortcut* of = nullptr;
    std::uint64_t fresh = 0;
  };
  // Counts some after the other. `next()` gives the next ones, the same until they are counted, of
  // which `took()` is told; null: no more.
  void count_each(Locked& locked, const auto& next, const auto& took) noexcept;
  void settle(Locked& locked, Shortcut& shortcut) noexcept;
  void settle_counted(Shortcut& shortcut) noexcept;
  std::uint64_t seen_bytes() const noexcept;
  // On the report's line of what sessions take.
  void charge(std::uint64_t before, std::uint64_t after) noexcept;
  void give_up_page(Locked& locked);
  void give_up_lease(Locked& locked, Shortcut& shortcut) noexcept;

  EngineCore& engine_;
  Shortcut* known(const FunctionPtr& function, std::string_view key,
                  std::uint64_t hash) const noexcept {
    return index_.find(short_of(hash), [&](const Shortcut& one) {
      return one.function.get() == function.get() && same_bytes(one.key.view(), key);
    });
  }

  std::vector<std::unique_ptr<Shortcut>> all_;  // changed under the store's mutex
  HashIndex<Shortcut> index_;                   // of them, by hash
  Shortcut* first_ = nullptr;                   // the first call of a run
  Shortcut** guess_ = &first_;
  Track track_;
  // Hashes of calls that were made; its size is a power of two, or 0. Larger than `calls_` needs,
  // it would take calls at random for known ones.
  std::vector<std::size_t> seen_;
  std::size_t place_ = 0;  // of the call in its run
  std::size_t calls_ = 0;  // of the runs before: the most, of which a sixteenth goes with each
  std::uint64_t run_ = 0;
  bool notes_order_ = false;        // of hits from here on
  bool parted_ = false;             // this run from the one before; `next` may lead past its calls
  std::uint64_t removed_ = 0;       // functions of the engine that were removed when the run began
  std::uint64_t cleaned_ = 0;       // of which nothing is remembered
  std::vector<Shortcut*> used_;     // in this run, each once
  std::vector<Shortcut*> on_page_;  // all whose leases name a page, and perhaps others
  // Hits whose order is noted. Others read it under the store's mutex, as far as `noted_` says, and
  // count what they read: `told_`.
  std::unique_ptr<Shortcut*[]> ordered_;
  std::atomic<std::uint32_t> noted_{0};
  std::uint32_t told_ = 0;
  std::uint64_t uncounted_ = 0;
  StoreLease* page_ = nullptr;
  std::uint64_t page_bytes_ = 0;  // what it is charged, called in or not
  std::uint64_t page_id_ = 0;
};

}  // namespace memoscape::inline v0::detail

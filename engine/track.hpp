// Track: the calls of a run in their order, as the next run is expected to repeat them. A call that
// is next on it, whose state has not changed, is answered by looking at one step; what else there
// is to do for it (counts, places on the page, widgets that are shown) is done later, for all that
// were passed: when something happens that can tell the difference, or at the end of the run.
//
// A track is laid at the end of a run that kept the page of the run before and made the same calls
// in the same order (Shortcuts::lay_track). It can be used for as long as that page is kept and
// what the steps have in common stands: versions of the session's state, the earliest expiry. What
// changes for one step alone marks that step: the group of its reads does, when it breaks. A
// renewal (renewal.hpp) repairs it, if the new answer has the place of the old one. A run that
// makes another call leaves the track.
//
// Invariants. A step is of a shortcut that names the step, or another one of the same call, if that
// shows nothing. While a step stands, its lease is that of the shortcut, and the group of the
// shortcut, if it has widgets, watches the step.
//
// Thread-safety: belongs to the thread of the run; others may ask how often it was repeated.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/packed_bytes.hpp"
#include "memoscape/clock.hpp"
#include "memoscape/detail/allocated.hpp"
#include "memoscape/detail/pin.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::detail {

struct Function;
struct Shortcut;

class Track {
 public:
  // What a repeated call looks at: half a line of memory.
  struct Step {
    const Function* function = nullptr;  // null: behind the last one
    PackedView key;                      // of the shortcut
    std::uintptr_t lease = 0;            // the address of a Lease; 0: it does not stand

    bool stands() const noexcept { return lease != 0; }
    void stand(Lease& on) noexcept { lease = reinterpret_cast<std::uintptr_t>(&on); }
  };
  // What its steps have in common.
  struct Common {
    std::uint64_t page = 0;      // its number
    std::uint64_t version = 0;   // of the state
    bool reads_entries = false;  // of the session state, or query parameters
    std::uint64_t widgets = 0;
    std::size_t items = 0;
    std::size_t calls = 0;
    Clock::time_point expiry = Clock::time_point::max();

    // Whether the state of the session is still that.
    bool is_of(const StateSource& source) const noexcept {
      return version == source.version(reads_entries);
    }
  };

  Track() = default;
  Track(const Track&) = delete;
  Track& operator=(const Track&) = delete;

  bool is_laid() const noexcept { return !steps_.empty(); }
  Common& common() noexcept { return common_; }
  void begin_run(bool usable) noexcept {  // requires: it is laid
    if (usable) first_ = done_ = next_ = steps_.data();
  }
  void end_run() noexcept { first_ = done_ = next_ = &nowhere_; }

  // The next call, if it is this one: its lease, pinned. Null: nothing was done.
  // `key`: bytes, or a ShortKey.
  Lease* pass(const Function* function, const auto& key) noexcept {
    const Step& step = *next_;
    return step.function == function && step.stands() && step.key.is(key) ? pass() : nullptr;
  }
  // The shortcut of the next call, if it is this one and its step does not stand; or null.
  Shortcut* broken(const Function* function, std::string_view key) const noexcept {
    const Step& step = *next_;
    const bool is_it = step.function == function && !step.stands() && step.key.is(key);
    return is_it ? shortcuts_[place_of(step)] : nullptr;
  }
  bool is_left() const noexcept { return next_ == &nowhere_; }
  // Whether the run has made all of its calls, and nothing but them.
  bool is_repeated() const noexcept {
    return first_ != &nowhere_ && done_ == first_ && next_ == &steps_.back();
  }
  // The same, if it was not left, and nothing of it was visited.
  bool is_at_end() const noexcept { return next_->function == nullptr; }
  // How often all of it was made, and nothing but it, and no step by itself, since it was laid.
  std::uint64_t repeats() const noexcept { return repeats_.load(std::memory_order_relaxed); }
  void count_repeat() noexcept { repeats_.store(repeats() + 1, std::memory_order_relaxed); }
  std::size_t calls() const noexcept { return common_.calls; }  // requires: it is laid
  // Calls `visit(Shortcut&)` for what was passed since the last time.
  void catch_up(const auto& visit) {
    for (; done_ != next_; ++done_) visit(*shortcuts_[place_of(*done_)]);
  }
  // Nothing is next. Requires: it is not left, and all that was passed was visited.
  void leave() noexcept { done_ = next_ = &nowhere_; }

  // The call behind this step that has the next one which does not stand, if it is not more than
  // `far` steps away; else null. Counts those that were looked at.
  Shortcut* next_broken(const Step& step, std::size_t far, std::size_t& looked_at) const noexcept {
    const Step* one = &step + 1;
    for (++looked_at; one->stands() && looked_at < far; ++one) ++looked_at;
    return one->stands() || one->function == nullptr ? nullptr : shortcuts_[place_of(*one)];
  }

  // Throws: std::bad_alloc. Requires: it is not laid.
  void reserve(std::size_t calls) {
    steps_.reserve(calls + 1);
    shortcuts_.reserve(calls);
  }
  Step& add(Shortcut& shortcut) noexcept {  // requires: room; its address stays
    shortcuts_.push_back(&shortcut);
    return steps_.emplace_back();
  }
  void finish(const Common& common) noexcept {
    common_ = common;
    common_.calls = steps_.size();
    steps_.emplace_back();
  }
  void for_each(const auto& visit) {
    for (Shortcut* shortcut : shortcuts_) visit(*shortcut);
  }
  void clear() noexcept {
    steps_.clear();
    shortcuts_.clear();
    repeats_.store(0, std::memory_order_relaxed);
    end_run();
  }
  // The same, and gives its memory back.
  void free() noexcept {
    clear();
    steps_ = std::vector<Step>();
    shortcuts_ = std::vector<Shortcut*>();
  }
  std::uint64_t bytes() const noexcept {
    return allocated(steps_.capacity() * sizeof(Step)) +
           allocated(shortcuts_.capacity() * sizeof(void*));
  }

 private:
  std::size_t place_of(const Step& step) const noexcept {
    return static_cast<std::size_t>(&step - steps_.data());
  }
  static Lease& lease_of(const Step& step) noexcept {
    return *reinterpret_cast<Lease*>(step.lease);  // NOLINT(*-int-to-ptr): it is the address of one
  }
  Lease* pass() noexcept {
    Lease& lease = lease_of(*next_);
    if (!lease.try_pin()) [[unlikely]]
      return pass_closely();
    ++next_;
    return &lease;
  }
  // Apart: with a call in it, all calls would save registers.
  [[gnu::noinline]] Lease* pass_closely() noexcept {
    Lease& lease = lease_of(*next_);
    if (!lease.pin_closely()) return nullptr;
    ++next_;
    return &lease;
  }

  std::vector<Step> steps_;           // and one behind the last; or empty
  std::vector<Shortcut*> shortcuts_;  // of the steps
  Step nowhere_;
  // Each apart from `next_`, which every call reads soon after it was written.
  Step* first_ = &nowhere_;  // where this run began
  Step* done_ = &nowhere_;
  std::atomic<std::uint64_t> repeats_{0};
  Step* next_ = &nowhere_;
  Common common_;
};

}  // namespace memoscape::inline v0::detail

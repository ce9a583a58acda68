// The engine's side of a run: its stack of executions, what it collects, and what it may do.
//
// A run has one frame for its script and one for each cached function that executes in it, inner
// ones last. Reads are recorded in every frame up the stack (rule P8). Hits are collected here and
// merged into the store at the run's start and end, on each miss that it stores, and every
// kMergeEvery hits (C7).
//
// The page of the script is the page of the run before, for as long as its calls put the same
// recordings there, or others in their places; it is made anew, `open`, where they do not, or when
// the script writes itself.
//
// Thread-safety: used by the thread of the run; `phase` and `waiting_on` as noted.
#pragma once

#include <algorithm>
#include <atomic>
#include <cassert>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flight.hpp"
#include "engine/recording.hpp"
#include "engine/renewal.hpp"
#include "engine/shortcuts.hpp"
#include "engine/store.hpp"
#include "memoscape/detail/reserve.hpp"
#include "memoscape/detail/run_host.hpp"
#include "memoscape/error.hpp"
#include "memoscape/run.hpp"

namespace memoscape::inline v0::detail {

struct Frame {
  std::uint64_t id = 0;
  FunctionPtr function;  // null: the script
  std::string_view key;  // encoded arguments; the caller of this execution keeps them alive
  std::uint64_t session = 0;
  FlightPtr flight;                      // null: the script, or caching is off
  std::shared_ptr<Recording> recording;  // null: of a script whose page is not open
  Block* block = nullptr;                // where the run writes; null: the sidebar
  Run* run = nullptr;
  // The nearest function, this one or one around it, whose registration forbids widgets.
  const Function* forbids_widgets = nullptr;
  ArenaPtr arena;                 // null: not asked for
  std::vector<PathStep> entries;  // of the session state, each as it was first read; not the script
  KnownReads known;               // among these
  bool tainted = false;           // read a fired trigger
  bool refused = false;           // the engine threw in it, or the run was stopped: never kept
  bool unkept_inner = false;  // built on an execution that was not kept, or caught what one threw
  std::uint64_t misuses = 0;  // that the thread had counted when it began
  Clock::time_point began{};
  std::chrono::nanoseconds waited{0};  // for other executions
  std::chrono::nanoseconds inner{0};   // what its inner hits would have taken

  // For another execution.
  void renew() noexcept {
    function = nullptr;
    flight = nullptr;
    recording = nullptr;
    arena = {};
    entries.clear();
    known.clear();
    tainted = refused = unkept_inner = false;
    waited = inner = std::chrono::nanoseconds{0};
  }
};

// The stack of a run. Frames that have ended are used again; references to the others stay valid.
class Frames {
 public:
  Frame& push() {
    if (count_ == all_.size()) all_.emplace_back();
    return all_[count_++];
  }
  // The last one, as it is. It must be `renew`ed before the next `push`.
  Frame& pop() noexcept { return all_[--count_]; }

  std::size_t size() const noexcept { return count_; }
  Frame& front() noexcept { return all_.front(); }
  const Frame& front() const noexcept { return all_.front(); }
  Frame& back() noexcept { return all_[count_ - 1]; }
  Frame& operator[](std::size_t i) noexcept { return all_[i]; }
  const Frame& operator[](std::size_t i) const noexcept { return all_[i]; }
  auto begin() noexcept { return all_.begin(); }
  auto end() noexcept { return all_.begin() + static_cast<std::ptrdiff_t>(count_); }
  auto begin() const noexcept { return all_.begin(); }
  auto end() const noexcept { return all_.begin() + static_cast<std::ptrdiff_t>(count_); }
  // A deque takes its memory some frames at a time, and a list of that.
  std::uint64_t bytes() const noexcept {
    constexpr std::size_t kTogether = std::max<std::size_t>(512 / sizeof(Frame), 1);
    const std::size_t pieces = all_.size() / kTogether + 1;
    return pieces * allocated(kTogether * sizeof(Frame)) +
           allocated(std::max<std::size_t>(pieces + 2, 8) * sizeof(void*));
  }

 private:
  std::deque<Frame> all_;
  std::size_t count_ = 0;
};

// Aligned: what each run looks at is in few lines of memory, wherever the session is.
struct alignas(64) RunCore : std::enable_shared_from_this<RunCore> {
  static constexpr std::size_t kMergeEvery = 1024;
  // Reads, and items of a recording, for which there is room from the start when the function had
  // as many before: none is kept for nothing for long.
  static constexpr std::size_t kMostExpected = 8;
  static constexpr std::uint64_t kSweepMost = 64;  // expired entries freed per merge

  RunCore(std::shared_ptr<EngineCore> core, StateSource& state);
  ~RunCore();

  std::shared_ptr<EngineCore> engine;
  StateSource& source;

 private:
  // What each run, and each call of its script, looks at, together. The script's frame, while no
  // function executes in it.
  static constexpr std::uint64_t kNoFrame = ~std::uint64_t{0};
  std::uint64_t script_ = kNoFrame;
  // The page of a run before, if shortcuts made all of it; null: none. While the page of this run
  // is not open, it begins with the first `repeated_` of its items.
  const Recording* previous_ = nullptr;

 public:
  RunPhase phase;  // written by whoever begins a run, ends it, or asks it to stop

 private:
  // The run before repeated all of the track, and kept its page. If nothing has happened since that
  // a run must know of, this one may do the same: then it is *quiet*, and what it begins with is
  // put off until something else happens in it, or needs not be done.
  bool repeats_ = false;
  bool is_quiet_ = false;
  std::uint64_t next_frame_ = 1;

 public:
  // The script's, which stays, then those of what executes.
  Frames frames;

  std::function<void(const RecordingPtr&)> watcher;  // null: nobody watches

  bool stopping() const noexcept { return phase.is_stopping(); }
  // Guarded by the table of Flights: which it follows, and which its thread followed before that.
  Flight* waiting_on = nullptr;
  Flight* waited_on = nullptr;

  // Widgets and elements that this thread has refused before a run heard of them.
  static thread_local std::uint64_t misuses;

  static RunCore& of(Run& run) noexcept { return *run.core_; }

  // --- the life of a run ---
  // False: it is not quiet, and must `begin_anew`.
  bool begin_quiet() {
    assert(!running() && frames.size() == 1);
    Frame& script = frames.front();
    script.id = script.run->frame_ = script_ = next_frame_++;
    previous_ = shortcuts.pin_page();
    Track& track = shortcuts.track();
    is_quiet_ = repeats_ && previous_ != nullptr && track.common().is_of(source) &&
                !engine->timed.load(std::memory_order_relaxed) &&
                shortcuts.is_clean(engine->removed.load(std::memory_order_relaxed));
    if (is_quiet_) track.begin_run(true);
    return is_quiet_;
  }
  void begin_anew() noexcept;
  // To be called before anything that a quiet run does not do.
  void disturb() noexcept {
    if (std::exchange(is_quiet_, false)) begin_rest();
  }
  // Whether it has made all calls of the one before, and nothing else. Then it can end like this.
  bool is_quiet_repeat() const noexcept {
    return is_quiet_ && shortcuts.track().is_at_end() &&
           !engine->crowded.load(std::memory_order_relaxed);
  }
  // Gives what it shows.
  RecordingPtr end_quiet() noexcept {
    RecordingPtr page = shortcuts.page();
    shortcuts.unpin_page();
    previous_ = nullptr;
    shortcuts.repeated_all();
    Frame& script = frames.front();
    script.id = script.run->frame_ = 0;
    script_ = kNoFrame;
    if (shortcuts.uncounted() >= kMergeEvery) merge_now();
    return page;
  }
  // The page that this run repeated, or made. Throws: std::bad_alloc.
  RecordingPtr take_page();
  void end(bool completed) noexcept;  // after that
  void abandon() noexcept;            // instead, without a page
  bool running() const noexcept { return frames.front().id != 0; }

  Frame& top() noexcept { return *top_; }
  const Frame& top() const noexcept { return *top_; }
  bool inside_function() const noexcept { return frames.size() > 1; }
  // Whether `run` is the script's, and no function executes in it.
  bool is_script(const Run& run) const noexcept { return run.frame_ == script_; }
  // A frame for an execution; its Run is valid until `leave`.
  Frame& push(FunctionPtr function, std::string_view key, std::uint64_t session, FlightPtr flight);
  // Takes the last frame off the stack. It is to be renewed.
  Frame& leave() noexcept;
  // What that one has put on its page; null: nothing.
  RecordingPtr take_shown(Frame& ended) noexcept;
  // What a session takes for its runs, but for its shortcuts. Complexity: constant.
  std::uint64_t bytes() const noexcept;
  // A flight for an execution that begins, which may be one that was used before. Throws:
  // std::bad_alloc.
  FlightPtr make_flight();
  // Requires: it has ended, and nobody followed it.
  void use_again(FlightPtr flight) noexcept;

  // --- checks; each throws by `fail` ---
  // Throws: UsageError for a run that ended or was captured from outside the executing function.
  void require_current(const Run& run) {
    if (run.frame_ != top().id || run.frame_ == 0) fail_not_current(run);
  }
  void require_not_stopped() {
    if (stopping()) end_stopped();
  }
  // The block to write to. Throws: ReplayClosureError and as above.
  Frame& require_writable(std::uint64_t frame, bool sidebar) {
    if (frame != top_->id || frame == 0) require_reachable(frame, sidebar);
    require_not_stopped();
    return *top_;
  }
  // Names where we are, for messages: "cached function 'f'" or "the script".
  std::string where() const;

  // Throws an error of a rule: no execution under way in this run is kept.
  template <class E>
  [[noreturn]] void fail(const std::string& message) {
    refuse();
    throw E(message);
  }
  void refuse() noexcept;
  // Nobody follows what executes any more.
  void withdraw_flights() noexcept;
  // The frame on top got what is stored nowhere, or has caught what a call threw: nothing that is
  // made of it is kept, and as no clear can name it, each closes what executes.
  void note_unkept() noexcept;
  // In what the run offers to functions: an execution in which that threw, for whatever reason, is
  // never kept (rule E7).
  class Refusal {
   public:
    explicit Refusal(RunCore& core) noexcept : core_(core), before_(std::uncaught_exceptions()) {}
    Refusal(const Refusal&) = delete;
    Refusal& operator=(const Refusal&) = delete;
    ~Refusal() {
      if (std::uncaught_exceptions() > before_) core_.refuse();
    }

   private:
    RunCore& core_;
    const int before_;
  };

  // --- reads ---
  // Adds a read to the path of every execution on the stack.
  void record(const StateSource::Resolved& resolved);
  // Whether each entry of the session state that an execution read is what it was. Calls user code.
  bool has_entries_of(const Frame& frame);
  // Whether this run could create these widgets here: permission, and none is on the page yet.
  bool can_show(const Trail& trail) const;
  // Registers and records the reads of a recorded execution, and makes room for its recording on
  // the page, so that `attach` does not fail. Throws: std::bad_alloc; then nothing is registered.
  // `recording` may be null: it shows nothing.
  void adopt(const Trail& trail, const Recording* recording);
  // The script writes to its page from here on. Changes nothing inside a function.
  void open_page() {
    if (running() && frames.front().recording == nullptr) begin_page();
  }
  // Makes room for the recording of the function that executes on the page around it.
  void reserve_place(const Recording& recording);
  // Puts a recording on the page, at the place of the call. Requires: room for it.
  void attach(const RecordingPtr& recording) noexcept;

  // Shows the watcher, if any, the page so far with the spinners of what executes.
  void show_progress();

  // --- shortcuts ---
  Shortcuts shortcuts;
  // Answers the call of the script that is next on the track: the lease of the value, pinned. Null:
  // nothing was done; then `use` tells.
  Lease* repeat(const Run& run, const Function* function, const auto& key) noexcept {
    return can_repeat(run) ? shortcuts.track().pass(function, key) : nullptr;
  }
  // The same if the reads of that call have changed. Throws: std::bad_alloc.
  Lease* repeat_renewed(const Run& run, const Function* function, std::string_view key) {
    if (!can_repeat(run)) return nullptr;
    Shortcut* const changed = shortcuts.track().broken(function, key);
    if (changed == nullptr) return nullptr;
    disturb();
    renew(*changed);
    return shortcuts.track().pass(function, key);
  }
  // To be called before anything that a repeated run does not do, and before anything looks at what
  // the calls that were passed have changed.
  void leave_track() noexcept {
    if (!shortcuts.track().is_left()) part();
  }
  // Answers the call of the script by what it remembers. False: that does not stand.
  bool use(Shortcut& shortcut) {
    if (shortcut.lease == nullptr || stopping()) return false;
    if (shortcut.is_value_alone ? !shortcut.lease->pin() : !pin_and_show(shortcut)) return false;
    if (!shortcuts.count(shortcut) || shortcuts.uncounted() >= kMergeEvery) merge_now();
    return true;
  }
  // The call of the script was answered by another entry than what is remembered of it. Remembers
  // it, and puts its recording on the page. False: nothing was done. Requires: room for it.
  bool replace(const Site& site, Shortcut& shortcut, const Hit& hit) noexcept;
  Clock::time_point time() noexcept;  // as of the last merge, or the first need in this run

  // --- collecting ---
  // Throws: std::bad_alloc; after it, `collect_hit` does not fail.
  void reserve_hit() {
    if (hits_.size() == hits_.capacity()) reserve_more(hits_);
  }
  void collect_hit(Permutation& permutation, bool followed) noexcept;  // pinned by the caller
  void merge(Locked& locked) noexcept;
  void merge_now() noexcept;

 private:
  friend struct DebugUse;
  bool can_repeat(const Run& run) const noexcept { return run.frame_ == script_ && !stopping(); }
  void begin_rest() noexcept;
  void part() noexcept;
  void catch_up() noexcept;
  void renew(Shortcut& changed);
  void note_entry(const StateSource::Resolved& resolved);
  static void tell_followers(Flight& flight) noexcept;
  void taint() noexcept;
  [[noreturn]] void fail_not_current(const Run& run);
  [[noreturn]] void end_stopped();
  void require_reachable(std::uint64_t frame, bool sidebar);
  void begin_page();
  struct PendingHit {
    Permutation* permutation;
    bool followed;
    std::uint32_t behind;  // of the hits whose order the shortcuts note, so many come first
  };
  // Whether there is room for a recording at the top level, if it is there that the run writes.
  static bool has_place(const Frame& frame) noexcept {
    if (frame.recording == nullptr) return false;
    const Block& root = frame.recording->root;
    return frame.block == &root && root.items.capacity() - root.items.size() >= 2;
  }
  void reserve_place(Frame& frame, const Recording& recording);
  void reserve_place(Frame& frame, std::size_t in_main, std::size_t in_sidebar);
  std::size_t items_at_first() const noexcept { return std::max(repeated_, last_items_); }
  void attach(Replay replay, bool in_main, bool in_sidebar) noexcept;
  void attach_anew(Shortcut& shortcut, Replay replay) noexcept;
  void unpin_previous() noexcept;
  void begin_track() noexcept;
  bool pin_and_show(Shortcut& shortcut);
  bool repeats_all() noexcept;
  // Whether what it puts on the page is there already, at the place of the call.
  bool goes_on(const Shortcut& shortcut) const noexcept {
    return shortcut.page == goes_on_ && shortcut.place == repeated_;
  }

  Renewal renewal_;
  std::vector<PendingHit> hits_;
  Clock::time_point now_{};
  bool now_known_ = false;
  std::uint64_t page_id_ = 0;                  // counts pages
  std::uint64_t goes_on_ = Shortcut::kNoPage;  // that page, while this one is not open
  std::shared_ptr<Recording> spare_;           // with nothing on it; null: none
  std::size_t repeated_ = 0;
  std::size_t last_items_ = 0;  // of the page before
  // Items that shortcuts put there.
  std::size_t by_shortcuts_ = 0;
  std::vector<std::unique_ptr<Run>> runs_;  // one per depth, reused
  FlightPtr spare_flight_;                  // null: none
  Frame* top_;
  std::atomic<bool> in_use_{false};
};

// Marks the run as in use by this thread; a second thread is misuse (checked in debug builds).
struct DebugUse {
#ifdef NDEBUG
  explicit DebugUse(RunCore&) {}
#else
  explicit DebugUse(RunCore& run);
  ~DebugUse();
  RunCore& core;
#endif
};

}  // namespace memoscape::inline v0::detail

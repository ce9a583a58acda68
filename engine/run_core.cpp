#include "engine/run_core.hpp"

#include "engine/site.hpp"
#include "memoscape/detail/allocated.hpp"
#include "memoscape/detail/buffers.hpp"
#include "memoscape/detail/reserve.hpp"
#include "memoscape/detail/run_host.hpp"
#include "memoscape/detail/terminal.hpp"

#include <algorithm>
#include <cassert>

namespace memoscape::inline v0::detail {

RunCore::RunCore(std::shared_ptr<EngineCore> core, StateSource& state)
    : engine(std::move(core)),
      source(state),
      shortcuts(*engine),
      renewal_(*engine, state, shortcuts) {
  runs_.push_back(std::unique_ptr<Run>(new Run()));
  runs_.front()->core_ = this;
  top_ = &frames.push();
  top_->run = runs_.front().get();
}

RunCore::~RunCore() = default;

thread_local std::uint64_t RunCore::misuses = 0;

void count_misuse() noexcept { ++RunCore::misuses; }

void RunCore::begin_rest() noexcept {
  repeats_ = false;
  repeated_ = by_shortcuts_ = 0;
  now_known_ = false;
  source.begin_run();
  shortcuts.begin_run();
}

void RunCore::begin_anew() noexcept {
  shortcuts.track().end_run();  // of the run before, if that was quiet
  begin_rest();
  goes_on_ = previous_ == nullptr ? Shortcut::kNoPage : shortcuts.page_id();
  if (engine->timed.load(std::memory_order_relaxed)) merge_now();
  begin_track();
}

void RunCore::begin_track() noexcept {
  Track& track = shortcuts.track();
  if (!track.is_laid()) return;
  const Track::Common& common = track.common();
  track.begin_run(shortcuts.can_repeat_run() && common.page == goes_on_ && common.is_of(source) &&
                  (common.expiry == Clock::time_point::max() || common.expiry > time()));
}

void RunCore::part() noexcept {
  disturb();
  catch_up();
  shortcuts.track().leave();
}

void RunCore::catch_up() noexcept {
  shortcuts.track().catch_up([this](Shortcut& passed) {
    assert(passed.items == 0 || goes_on(passed));
    assert(passed.reads == nullptr || source.can_show_in_place(*passed.reads));
    if (passed.reads != nullptr) source.show_in_place(*passed.reads);
    repeated_ += passed.items;
    shortcuts.passed(passed);
  });
}

// Whether this run repeated the one before to its end, so that it has nothing to do for its calls
// one by one. In a crowded store it has: the entries must know of their uses.
bool RunCore::repeats_all() noexcept {
  Track& track = shortcuts.track();
  if (!track.is_repeated() || engine->crowded.load(std::memory_order_relaxed) ||
      !source.show_all_again(track.common().widgets)) {
    return false;
  }
  repeated_ = track.common().items;
  shortcuts.all_passed();
  return true;
}

RecordingPtr RunCore::take_page() {
  disturb();
  while (script_ == kNoFrame) leave().renew();
  const bool repeats = repeats_all();
  if (!repeats) leave_track();
  if (goes_on_ != Shortcut::kNoPage && repeated_ == previous_->root.items.size()) {
    repeats_ = repeats && shortcuts.track().common().expiry == Clock::time_point::max();
    RecordingPtr page = shortcuts.page();
    unpin_previous();
    return page;
  }
  open_page();
  Frame& script = frames.front();
  RecordingPtr page = std::move(script.recording);
  script.block = nullptr;
  last_items_ = page->root.items.size();
  const bool parted = previous_ != nullptr;
  unpin_previous();
  if (by_shortcuts_ == last_items_)
    shortcuts.keep_page(page, page_id_);
  else if (parted)
    shortcuts.give_up_page();  // else runs would begin with a part of it, and no page be kept again
  return page;
}

void RunCore::unpin_previous() noexcept {
  if (std::exchange(previous_, nullptr) != nullptr) shortcuts.unpin_page();
}

void RunCore::abandon() noexcept {
  disturb();
  while (script_ == kNoFrame) leave().renew();
  leave_track();
  unpin_previous();
  frames.front().recording = nullptr;
  frames.front().block = nullptr;
  end(false);
  source.abandon_run();
}

void RunCore::end(bool completed) noexcept {
  Frame& script = frames.front();
  script.id = script.run->frame_ = 0;
  script_ = kNoFrame;
  const bool kept_page = goes_on_ != Shortcut::kNoPage;
  if (completed && kept_page && !shortcuts.track().is_repeated()) shortcuts.lay_track(source);
  shortcuts.end_run(completed);
  shortcuts.track().end_run();
  repeats_ = repeats_ && completed && shortcuts.track().is_laid();
  const bool merges =
      !hits_.empty() || engine->timed.load(std::memory_order_relaxed) ||
      shortcuts.uncounted() >= kMergeEvery ||
      (shortcuts.uncounted() > 0 && engine->crowded.load(std::memory_order_relaxed));
  if (merges) merge_now();
}

Frame& RunCore::push(FunctionPtr function, std::string_view key, std::uint64_t session,
                     FlightPtr flight) {
  if (runs_.size() == frames.size()) runs_.push_back(std::unique_ptr<Run>(new Run()));
  auto recording = spare_ != nullptr ? std::move(spare_) : std::make_shared<Recording>();
  const std::size_t items = function->items.load(std::memory_order_relaxed);
  recording->root.items.reserve(std::min(items, kMostExpected));
  Run* run = runs_[frames.size()].get();
  const Function* forbids = top().forbids_widgets;
  if (!function->spec.allow_widgets) forbids = function.get();

  Frame& frame = frames.push();
  top_ = &frame;
  script_ = kNoFrame;
  frame.id = next_frame_++;
  frame.function = std::move(function);
  frame.key = key;
  frame.session = session;
  frame.flight = std::move(flight);
  frame.block = &recording->root;
  frame.recording = std::move(recording);
  frame.run = run;
  frame.forbids_widgets = forbids;
  frame.misuses = misuses;
  frame.began = engine->clock->now();
  run->core_ = this;
  run->frame_ = frame.id;
  return frame;
}

Frame& RunCore::leave() noexcept {
  Frame& ended = frames.pop();
  ended.run->frame_ = 0;
  top_ = &frames.back();
  script_ = frames.size() == 1 ? top_->id : kNoFrame;
  return ended;
}

RecordingPtr RunCore::take_shown(Frame& ended) noexcept {
  std::shared_ptr<Recording> recording = std::move(ended.recording);
  if (recording == nullptr || !recording->root.items.empty()) return recording;
  if (spare_ == nullptr && recording.use_count() == 1) spare_ = std::move(recording);
  return nullptr;
}

std::uint64_t RunCore::bytes() const noexcept {
  std::uint64_t bytes = allocated(sizeof(RunCore) + alignof(RunCore)) + frames.bytes() +
                        buffer_bytes(runs_) + runs_.size() * allocated(sizeof(Run)) +
                        buffer_bytes(hits_) + renewal_.bytes();
  if (spare_ != nullptr)
    bytes += shared_object_bytes<Recording>() + buffer_bytes(spare_->root.items);
  if (spare_flight_ != nullptr) {
    bytes += shared_object_bytes<Flight>() + allocated(spare_flight_->key.capacity());
  }
  return bytes;
}

FlightPtr RunCore::make_flight() {
  return spare_flight_ != nullptr ? std::move(spare_flight_) : std::make_shared<Flight>();
}

void RunCore::use_again(FlightPtr flight) noexcept {
  constexpr std::size_t kLargeKey = 4096;
  if (flight->key.capacity() > kLargeKey) return;  // the session would keep it, unseen
  flight->renew();
  spare_flight_ = std::move(flight);
}

std::string RunCore::where() const {
  const Function* function = top().function.get();
  return function == nullptr ? "the script" : "cached function " + quoted(function->spec.name);
}

void RunCore::fail_not_current(const Run& run) {
  if (run.frame_ == 0 || !running()) {
    throw UsageError(
        "this Run has ended. A Run is valid until the script or cached function it was handed to "
        "returns: use the one that is passed in, and do not keep it");
  }
  fail<UsageError>(where() +
                   " used a Run captured from outside. Use the Run& that the function gets as its "
                   "first parameter, so that what it reads becomes part of its key");
}

void RunCore::end_stopped() {
  refuse();
  throw RunStopped{};
}

// Throws unless what this frame made can be written to.
void RunCore::require_reachable(std::uint64_t frame, bool sidebar) {
  if (!running()) {
    throw UsageError(
        "a page handle was used after its run. Containers and elements belong to the "
        "run that made them: make them anew in each run");
  }
  const bool known =
      std::any_of(frames.begin(), frames.end(), [&](const Frame& one) { return one.id == frame; });
  if (frame < frames.front().id) {
    fail<UsageError>("a page handle of an earlier run was used in " + where() +
                     ". Make containers and elements anew in each run");
  }
  if (!sidebar && frame != top().id) {
    fail<ReplayClosureError>(
        where() +
        (known
             ? " wrote to a container or element that was made outside of it; a replay could not "
               "repeat that. Make the container inside the function, by the Run& that it gets, or "
               "write after the call"
             : " wrote to a container or element made by a cached function that has returned. "
               "Handles made inside a cached function close when it returns"));
  }
}

void RunCore::refuse() noexcept {
  bool any = false;
  for (Frame& frame : frames) {
    if (frame.function == nullptr) continue;
    any = any || (frame.flight != nullptr && !frame.refused);
    frame.refused = true;
  }
  if (any) withdraw_flights();
}

void RunCore::note_unkept() noexcept {
  top().unkept_inner = true;
  for (const Frame& frame : frames) {
    if (frame.flight != nullptr) frame.flight->beyond_clears = true;
  }
}

void RunCore::withdraw_flights() noexcept {
  for (Frame& frame : frames) {
    if (frame.flight == nullptr) continue;
    const FlightLock lock(*frame.flight);
    frame.flight->private_ = true;
    frame.flight->changed.notify_all();  // followers look again
  }
}

void RunCore::record(const StateSource::Resolved& resolved) {
  if (!inside_function()) return;
  const StateRead& read = *resolved.read;
  if (read.variable() == StateRead::Variable::session_state) note_entry(resolved);
  if (resolved.state.fired) taint();
  for (std::size_t i = 1; i < frames.size(); ++i) {  // the first is the script's
    if (frames[i].flight == nullptr) continue;
    Flight& flight = *frames[i].flight;
    if (flight.known.has(flight.reads.view(), read)) continue;
    if (!flight.reads.has_room()) {
      const FlightLock lock(flight);
      flight.reads.reserve(2 * flight.reads.view().size() + 1);
    }
    flight.reads.add(resolved.read, resolved.state.bytes, engine->hash_of(resolved));
    if (flight.followers.load() > 0) tell_followers(flight);
  }
}

// They look again.
void RunCore::tell_followers(Flight& flight) noexcept {
  const FlightLock lock(flight);
  flight.changed.notify_all();
}

// What executes has read a trigger that fired.
void RunCore::taint() noexcept {
  for (Frame& frame : frames) frame.tainted = frame.function != nullptr;
  withdraw_flights();
}

void RunCore::note_entry(const StateSource::Resolved& resolved) {
  for (Frame& frame : frames) {
    if (frame.function == nullptr) continue;
    if (frame.known.has(frame.entries, *resolved.read)) continue;
    frame.entries.emplace_back(resolved.read, resolved.state.bytes);
  }
}

bool RunCore::has_entries_of(const Frame& frame) {
  return std::all_of(frame.entries.begin(), frame.entries.end(), [&](const PathStep& step) {
    return source.resolve(step.read).state.bytes == step.value;
  });
}

bool RunCore::can_show(const Trail& trail) const {
  if (trail.empty()) return true;
  const bool forbidden = top().forbids_widgets != nullptr &&
                         std::any_of(trail.begin(), trail.end(), [](const auto* resolved) {
                           return resolved->read->is_widget();
                         });
  return !forbidden && !source.shown({trail.data(), trail.size()});
}

void RunCore::adopt(const Trail& trail, const Recording* recording) {
  if (recording != nullptr && !has_place(top())) reserve_place(top(), *recording);
  if (trail.empty()) return;
  source.reserve(trail.size());
  if (inside_function()) {
    for (const StateSource::Resolved* resolved : trail) record(*resolved);
  }
  source.show({trail.data(), trail.size()});
}

void RunCore::reserve_place(const Recording& recording) {
  reserve_place(frames[frames.size() - 2], recording);
}

void RunCore::reserve_place(Frame& frame, const Recording& recording) {
  reserve_place(frame, recording.in_main ? 1 : 0, recording.in_sidebar ? 1 : 0);
}

void RunCore::reserve_place(Frame& frame, std::size_t in_main, std::size_t in_sidebar) {
  if (in_main + in_sidebar == 0) return;
  if (frame.recording == nullptr) {
    // The script's page, which may stay closed.
    if (spare_ == nullptr) spare_ = std::make_shared<Recording>();
    reserve_more(spare_->root.items, items_at_first() + in_main + in_sidebar);
    return;
  }
  std::vector<Item>& root = frame.recording->root.items;
  if (frame.block == nullptr || frame.block == &frame.recording->root) {
    reserve_more(root, in_main + in_sidebar);
    return;
  }
  if (in_main > 0) reserve_more(frame.block->items, in_main);
  if (in_sidebar > 0) reserve_more(root, in_sidebar);
}

void RunCore::begin_page() {
  leave_track();
  std::shared_ptr<Recording> page = std::move(spare_);
  if (page == nullptr) page = std::make_shared<Recording>();
  reserve_more(page->root.items, items_at_first());
  for (std::size_t i = 0; i < repeated_; ++i) {
    const Item& item = previous_->root.items[i];
    page->root.items.emplace_back(item.part, std::get<Replay>(item.what));
  }
  page->has_replays = repeated_ > 0;
  ++page_id_;
  goes_on_ = Shortcut::kNoPage;
  frames.front().block = &page->root;
  frames.front().recording = std::move(page);
}

void RunCore::attach(const RecordingPtr& recording) noexcept {
  attach({.recording = recording}, recording->in_main, recording->in_sidebar);
}

void RunCore::attach(Replay replay, bool in_main, bool in_sidebar) noexcept {
  if (!in_main && !in_sidebar) return;
  open_page();
  Frame& frame = top();
  const auto put = [](std::vector<Item>& items, Part part, Filter filter, Replay one) {
    one.filter = filter;
    items.emplace_back(part, std::move(one));
  };
  frame.recording->has_replays = true;
  std::vector<Item>& root = frame.recording->root.items;
  if (frame.block == nullptr) return put(root, Part::sidebar, Filter::both, std::move(replay));
  if (in_main && in_sidebar) put(frame.block->items, Part::main, Filter::main, replay);
  if (in_main && !in_sidebar)
    put(frame.block->items, Part::main, Filter::main, std::move(replay));
  else
    put(root, Part::sidebar, Filter::sidebar, std::move(replay));
}

bool RunCore::replace(const Site& site, Shortcut& shortcut, const Hit& hit) noexcept {
  if (!shortcuts.replace(site, shortcut, hit)) return false;
  if (shortcut.items == 0) return true;
  // Others may call the lease in at any time.
  const bool is_pinned = shortcut.lease->pin();
  attach_anew(shortcut, {.recording = is_pinned ? shortcut.lease->recording() : hit.recording(),
                         .is_leased = is_pinned});
  if (is_pinned) shortcut.lease->unpin();
  return true;
}

void RunCore::renew(Shortcut& changed) {
  const bool timed = engine->timed.load(std::memory_order_relaxed);
  const Clock::time_point now = timed ? time() : Clock::time_point::max();  // user code
  Recording* page = goes_on_ == Shortcut::kNoPage ? nullptr : shortcuts.own_page();
  renewal_.renew(changed, page, now);
}

// Pins its value; registers its widgets and puts its recording on the page. False: it does not
// stand.
bool RunCore::pin_and_show(Shortcut& shortcut) {
  if (shortcut.reads != nullptr && !source.stands(*shortcut.reads)) renew(shortcut);
  const bool repeats = goes_on(shortcut);
  if (!repeats && shortcut.items != 0) reserve_place(frames.front(), 1, 1);
  if (!shortcut.lease->pin()) return false;
  const bool expired = shortcut.expiry != Clock::time_point::max() && shortcut.expiry <= time();
  if (expired || (shortcut.reads != nullptr && !source.show_again(*shortcut.reads))) {
    shortcut.lease->unpin();
    return false;
  }
  if (repeats)
    repeated_ += shortcut.items;
  else if (shortcut.items != 0)
    attach_anew(shortcut, {.recording = shortcut.lease->recording(), .is_leased = true});
  return true;
}

void RunCore::attach_anew(Shortcut& shortcut, Replay replay) noexcept {
  open_page();
  const Frame& script = frames.front();
  if (script.block == &script.recording->root) {
    shortcut.page = page_id_;
    shortcut.place = script.block->items.size();
    by_shortcuts_ += shortcut.items;
  }
  attach(std::move(replay), shortcut.in_main, shortcut.in_sidebar);
}

Clock::time_point RunCore::time() noexcept {
  if (!std::exchange(now_known_, true)) now_ = engine->clock->now();
  return now_;
}

void RunCore::collect_hit(Permutation& permutation, bool followed) noexcept {
  hits_.push_back({&permutation, followed, shortcuts.noted()});
  if (hits_.size() >= kMergeEvery) merge_now();
}

void RunCore::merge_now() noexcept {
  {
    Locked locked(*engine);
    merge(locked);
  }
  if (shortcuts.uncounted() >= kMergeEvery) shortcuts.count_all();
}

void RunCore::merge(Locked& locked) noexcept {
  for (const PendingHit& hit : hits_) {
    shortcuts.count_first(locked, hit.behind);
    Permutation& permutation = *hit.permutation;
    Counters& counters = engine->counters_of(*permutation.function);
    ++counters.lookups;
    ++counters.hits;
    counters.saved += permutation.compute();
    permutation.count_hits(1);
    if (hit.followed) {
      ++counters.followers;
      permutation.count_follower();
    }
    if (permutation.is_entry()) {
      engine->use_in_policies(permutation, 1);
      engine->advise_of(permutation, 1);
    }
    engine->unpin(locked, permutation);
  }
  hits_.clear();
  shortcuts.count_in_order(locked);
  // Who needs to know of the others before asks for them (Shortcuts::settle). While the store is
  // crowded, those of runs before are settled already.
  if (engine->crowded.load(std::memory_order_relaxed)) shortcuts.settle_used(locked);
  if (!engine->timed.load(std::memory_order_relaxed)) {
    now_known_ = false;
    return;
  }
  now_ = engine->clock->now();
  now_known_ = true;
  engine->sweep(locked, now_, kSweepMost);
}

#ifndef NDEBUG
DebugUse::DebugUse(RunCore& run) : core(run) {
  if (core.in_use_.exchange(true)) {
    throw UsageError(
        "a Run was used by two threads at once. Child threads compute; the thread of "
        "the run reads state and writes to the page");
  }
}
DebugUse::~DebugUse() { core.in_use_.store(false); }
#endif

}  // namespace memoscape::inline v0::detail

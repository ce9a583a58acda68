#include "engine/shortcuts.hpp"

#include <algorithm>
#include <bit>
#include <boost/container/static_vector.hpp>
#include <cassert>
#include <new>
#include <utility>

#include "engine/site.hpp"
#include "memoscape/detail/allocated.hpp"
#include "memoscape/detail/buffers.hpp"
#include "memoscape/detail/reserve.hpp"

namespace memoscape::inline v0::detail {

namespace {

std::uint64_t bytes_of(const Shortcut& shortcut) {
  constexpr std::size_t kListed = 3 * sizeof(void*);  // in `all_`, `used_` and `on_page_`
  return allocated(sizeof(Shortcut)) + allocated(sizeof(StoreLease)) +
         shared_object_bytes<RecordingPtr>() + kNodeShare + kListed + shortcut.key.heap_bytes() +
         (shortcut.reads == nullptr ? 0 : shortcut.reads->bytes());
}

}  // namespace

void Shortcuts::begin_run() noexcept {
  ++run_;
  removed_ = engine_.removed.load(std::memory_order_relaxed);
  used_.clear();
  notes_order_ = std::exchange(parted_, false);
  const std::size_t goes = (calls_ + kTimes - 1) / kTimes;
  calls_ = std::max(std::exchange(place_, 0), calls_ - goes);
  guess_ = &first_;
}

std::size_t Shortcuts::seen_for(std::size_t calls) noexcept {
  return std::bit_ceil(std::min(calls * kTimes, kWays * kMost));
}

void Shortcuts::grow() noexcept {
  const std::size_t wanted = seen_for(place_);
  if (wanted <= seen_.size()) return;
  const std::uint64_t bytes = seen_bytes();
  std::vector<std::size_t> before;
  try {
    before.resize(wanted);
    if (ordered_ == nullptr) ordered_ = std::make_unique<Shortcut*[]>(kOrdered);
  } catch (const std::bad_alloc&) {
    return;  // The next call tries it again; those that it does not know are looked up.
  }
  before.swap(seen_);
  charge(bytes, seen_bytes());
  for (const std::size_t hash : before) {
    if (hash != 0) saw(hash);
  }
}

Shortcut* Shortcuts::find(const FunctionPtr& function, std::string_view key,
                          std::uint64_t hash) noexcept {
  Shortcut* const found = known(function, key, hash);
  if (found == nullptr) return nullptr;
  *guess_ = found;
  return called(*found);
}

bool Shortcuts::saw(std::size_t hash) noexcept {
  if (seen_.empty()) return false;
  const auto first = seen_.begin() + static_cast<std::ptrdiff_t>(hash & (seen_.size() - kWays));
  const auto end = first + kWays;
  if (std::find(first, end, hash) != end) return true;
  std::move_backward(first, end - 1, end);
  *first = hash;
  return false;
}

void Shortcuts::learn(const Site& site, const Hit& hit) noexcept {
  if (saw(site.hash)) try_to_make(site, hit);
}

// The call is answered already: without memory for a shortcut, the next one looks it up again.
Shortcut* Shortcuts::try_to_make(const Site& site, const Hit& hit) noexcept {
  try {
    return make(site, hit);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

bool Shortcuts::replace(const Site& site, const Shortcut& shortcut, const Hit& hit) noexcept {
  return try_to_make(site, hit) == &shortcut;
}

// Null: it cannot be remembered.
Shortcut* Shortcuts::make(const Site& site, const Hit& hit) {
  Permutation& answer = hit.permutation();
  Shortcut* shortcut = known(site.function, site.key, site.hash);
  if (shortcut == nullptr && all_.size() >= kMost) return nullptr;
  std::unique_ptr<StateSource::Group> reads;
  if (!site.trail.empty()) {
    reads = site.run.source.group({site.trail.data(), site.trail.size()});
    if (reads == nullptr) return nullptr;
  }
  std::unique_ptr<Shortcut> fresh;
  if (shortcut == nullptr) {
    if (used_.capacity() <= all_.size()) used_.reserve(2 * all_.size() + 1);
    fresh = std::make_unique<Shortcut>();
    fresh->function = site.function;
    fresh->key = PackedBytes(site.key);
    fresh->hash = site.hash;
    shortcut = fresh.get();
  }
  Locked locked(engine_);
  if (engine_.is_caching_off()) return nullptr;
  if (answer.box != hit.box().get()) return nullptr;  // evicted, or replaced
  const Recording* shown = hit.recording().get();     // what there is room for on the page
  if (answer.recording.get() != shown) return nullptr;
  auto lease = StoreLease::of(answer);
  if (fresh != nullptr) {
    // These may throw: before anything has changed.
    const HashTable::Outgrown outgrown = index_.reserve_more(1);
    reserve_more(all_);
    index_.insert(*fresh, short_of(site.hash));
    all_.push_back(std::move(fresh));
    if (all_.size() == 1) engine_.shortcuts.push_back(*this);
    *guess_ = shortcut;
    guess_ = &shortcut->next;
    use(*shortcut);
  } else {
    charge(bytes_of(*shortcut), 0);
    settle(locked, *shortcut);
    give_up_lease(locked, *shortcut);
    if (shortcut->steps == 1) shortcut->step->lease = 0;
    if (shortcut->steps > 1) drop_track(locked);
  }
  take_lease(*shortcut, answer, std::move(lease), nullptr);
  std::swap(shortcut->reads, reads);
  shortcut->in_main = answer.shows_in_main;
  shortcut->in_sidebar = answer.shows_in_sidebar;
  shortcut->items = (shortcut->in_main ? 1 : 0) + (shortcut->in_sidebar ? 1 : 0);
  shortcut->page = 0;
  shortcut->is_value_alone = shortcut->items == 0 && shortcut->reads == nullptr &&
                             shortcut->expiry == Clock::time_point::max();
  charge(0, bytes_of(*shortcut));
  return shortcut;
}

// It leads to this entry from here on. Requires: it has no lease.
void Shortcuts::take_lease(Shortcut& shortcut, Permutation& answer,
                           std::unique_ptr<StoreLease> lease, StoreLease* page) noexcept {
  shortcut.lease = lease.release();
  shortcut.lease->permutation = &answer;
  shortcut.lease->add_owner();  // the store
  shortcut.lease->page = page;
  if (page != nullptr) page->add_owner();
  answer.leases.push_back(*shortcut.lease);
  shortcut.advised = {.known = {}, .cost = answer.compute()};
  shortcut.expiry = answer.expiry.get();
}

std::unique_ptr<StoreLease> StoreLease::of(const Permutation& entry) {
  const auto own = std::make_shared<RecordingPtr>();
  std::unique_ptr<StoreLease> lease(new StoreLease(entry.box, RecordingPtr(own, entry.recording)));
  lease->own_ = own.get();
  return lease;
}

void StoreLease::leave() noexcept {
  keep();
  if (const Recording* recording = permutation->recording) *own_ = recording->self;
  std::exchange(permutation, nullptr)->leases.remove(*this);
}

bool StoreLease::try_lead_to(Permutation& entry, std::span<Replay* const> shown) noexcept {
  if (is_pinned() || permutation == nullptr) return false;
  const RecordingPtr& before = recording();
  const bool all_count_here = std::all_of(shown.begin(), shown.end(), [&](const Replay* replay) {
    const RecordingPtr& its = replay->recording;
    return !its.owner_before(before) && !before.owner_before(its);
  });
  if (!all_count_here || before.use_count() != 1 + static_cast<long>(shown.size())) return false;
  permutation->leases.remove(*this);
  permutation = &entry;
  entry.leases.push_back(*this);
  const Recording* now = entry.recording;
  for (Replay* replay : shown) {
    replay->recording = RecordingPtr(std::move(replay->recording), now);
  }
  hold(*entry.box.get(), now);
  return true;
}

bool Shortcuts::lead(Locked& locked, Shortcut& shortcut, Permutation& answer,
                     Recording* page) noexcept {
  if (engine_.is_caching_off()) return false;
  if (shortcut.in_main != answer.shows_in_main || shortcut.in_sidebar != answer.shows_in_sidebar) {
    return false;
  }
  boost::container::static_vector<Replay*, 2> shown;
  const bool has_place = page != nullptr && shortcut.page == page_id_;
  if (has_place) {
    for (std::size_t i = 0; i < shortcut.items; ++i) {
      shown.push_back(&std::get<Replay>(page->root.items[shortcut.place + i].what));
    }
  }
  if (shortcut.lease->permutation != &answer) {
    uncounted_ -= std::min(uncounted_, uncounted_of(shortcut));
    settle(locked, shortcut);
    if (shortcut.lease->try_lead_to(answer, {shown.data(), shown.size()})) {
      shortcut.advised = {.known = {}, .cost = answer.compute()};
      shortcut.expiry = answer.expiry.get();
    } else if (!try_to_lease(locked, shortcut, answer, has_place ? page_ : nullptr)) {
      return false;
    } else {
      for (Replay* replay : shown) {
        replay->recording = shortcut.lease->recording();
        replay->is_leased = true;
      }
    }
  }
  if (!has_place) shortcut.page = 0;
  if (shortcut.step == nullptr || (!has_place && shortcut.items != 0)) return true;
  shortcut.step->stand(*shortcut.lease);
  Track::Common& common = track_.common();
  common.expiry = std::min(common.expiry, shortcut.expiry);
  return true;
}

// Another lease, as somebody uses the value of the one that it has.
bool Shortcuts::try_to_lease(Locked& locked, Shortcut& shortcut, Permutation& answer,
                             StoreLease* page) noexcept {
  try {
    auto lease = StoreLease::of(answer);
    give_up_lease(locked, shortcut);
    take_lease(shortcut, answer, std::move(lease), page);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void Shortcuts::give_up_lease(Locked& locked, Shortcut& shortcut) noexcept {
  StoreLease* lease = std::exchange(shortcut.lease, nullptr);
  if (lease == nullptr) return;
  if (lease->permutation != nullptr) {
    lease->leave();
    lease->drop_owner();
  }
  if (Lease* page = std::exchange(lease->page, nullptr)) page->drop_owner();
  locked.leases.give_up(*lease);
}

void Shortcuts::keep_page(RecordingPtr page, std::uint64_t id) noexcept {
  // All that is on it is replayed.
  const std::uint64_t bytes = allocated(sizeof(StoreLease)) + shared_object_bytes<Recording>() +
                              buffer_bytes(page->root.items);
  // Without memory for it, the next run makes its page anew.
  std::unique_ptr<StoreLease> lease(new (std::nothrow) StoreLease(std::move(page)));
  if (lease == nullptr) return;
  try {
    on_page_.reserve(used_.size());
  } catch (const std::bad_alloc&) {
    return;
  }
  Locked locked(engine_);
  const auto is_on_it = [&](const Shortcut* one) {
    return one->page == id && one->lease != nullptr;
  };
  for (const Shortcut* one : used_) {
    if (is_on_it(one) && one->lease->permutation == nullptr) return;  // called in meanwhile
  }
  for (const Shortcut* one : on_page_) {
    if (one->lease == nullptr) continue;
    if (Lease* before = std::exchange(one->lease->page, nullptr)) before->drop_owner();
  }
  on_page_.clear();
  for (Shortcut* one : used_) {
    if (!is_on_it(one)) continue;
    one->lease->page = lease.get();
    lease->add_owner();
    on_page_.push_back(one);
  }
  give_up_page(locked);
  page_ = lease.release();
  page_id_ = id;
  page_bytes_ = bytes;
  charge(0, bytes);
}

void Shortcuts::give_up_page() noexcept {
  if (page_ == nullptr) return;
  Locked locked(engine_);
  give_up_page(locked);
}

void Shortcuts::give_up_page(Locked& locked) {
  if (page_ == nullptr) return;
  locked.leases.give_up(*std::exchange(page_, nullptr));
  charge(std::exchange(page_bytes_, 0), 0);
}

Recording* Shortcuts::own_page() const noexcept {
  if (page().use_count() != 1) return nullptr;
  // Whoever gave up a reference has read the page before: taking and dropping one orders that
  // before what is written from here on.
  const RecordingPtr ordered = page();
  return const_cast<Recording*>(ordered.get());  // it was made as one that is not const
}

void Shortcuts::lay_track(const StateSource& source) noexcept {
  if (place_ > kMost || parted_) return;
  Locked locked(engine_);
  drop_track(locked);
  const std::uint64_t bytes = track_.bytes();
  try {
    if (!try_to_lay(locked, source)) drop_track(locked);
  } catch (const std::bad_alloc&) {
    // The next run looks for its shortcuts as this one did.
  }
  charge(bytes, track_.bytes());
}

// False: it is laid in part, and cannot be used.
bool Shortcuts::try_to_lay(Locked&, const StateSource& source) {
  track_.reserve(place_);
  Track::Common common{.page = page_id_};
  Shortcut* one = first_;
  for (std::size_t i = 0; i < place_; ++i, one = one->next) {
    if (one == nullptr || one->used_in != run_ || one->lease == nullptr) return false;
    const StateSource::Group* reads = one->reads.get();
    const bool shows_nothing = one->items == 0 && (reads == nullptr || reads->widgets() == 0);
    if (one->step != nullptr && !shows_nothing) return false;
    const bool has_place = one->items == 0 || (one->page == page_id_ && one->place == common.items);
    if (!has_place || (reads != nullptr && !source.is_shown_after(*reads, common.widgets))) {
      return false;
    }
    Track::Step& step = track_.add(*one);
    step.function = one->function.get();
    step.key = one->key.packed_view();
    step.stand(*one->lease);
    one->step = &step;
    ++one->steps;
    common.items += one->items;
    common.expiry = std::min(common.expiry, one->expiry);
    if (reads == nullptr) continue;
    reads->watch(&step.lease);
    common.widgets += reads->widgets();
    common.reads_entries = common.reads_entries || reads->reads_entries();
  }
  common.version = source.version(common.reads_entries);
  track_.finish(common);
  return true;
}

void Shortcuts::drop_track(Locked&) noexcept {
  track_.for_each([this](Shortcut& shortcut) {
    shortcut.step = nullptr;
    shortcut.steps = 0;
    if (shortcut.reads != nullptr) shortcut.reads->watch(nullptr);
    const std::uint64_t uses = shortcut.uses.load(std::memory_order_relaxed);
    shortcut.uses.store(uses + track_.repeats(), std::memory_order_relaxed);
  });
  track_.clear();
}

void Shortcuts::end_run(bool completed) noexcept {
  if (!completed) return;
  const std::size_t calls = std::max(place_, calls_);
  if (constexpr std::size_t kMuch = 4; seen_.size() > kMuch * seen_for(calls)) {
    const std::uint64_t bytes = seen_bytes();
    seen_ = std::vector<std::size_t>();  // it grows again as far as it must
    charge(bytes, seen_bytes());
  }
  const bool too_many = all_.size() > kTimes * calls;
  if (!too_many && cleaned_ == engine_.removed.load(std::memory_order_relaxed)) return;
  if (track_.is_repeated()) {
    track_.for_each([this](Shortcut& shortcut) { use_again(shortcut); });
  }
  forget_unused();
  cleaned_ = removed_;  // what was removed since may have been used before
}

// One at a time: what is given up is held until the mutex is released, and an eviction by another
// thread must not have to wait for many.
void Shortcuts::forget_unused() noexcept {
  {
    Locked locked(engine_);
    drop_track(locked);
    count_in_order(locked);
  }
  first_ = nullptr;
  std::erase_if(on_page_, [&](const Shortcut* one) { return one->used_in != run_; });
  for (std::size_t i = 0; i < all_.size();) {
    Shortcut& shortcut = *all_[i];
    shortcut.next = nullptr;
    if (shortcut.used_in == run_) {
      ++i;
      continue;
    }
    std::unique_ptr<Shortcut> forgotten;  // freed after the mutex is released
    Locked locked(engine_);
    charge(bytes_of(shortcut), 0);
    settle(locked, shortcut);
    give_up_lease(locked, shortcut);
    index_.erase(shortcut, short_of(shortcut.hash));
    all_[i].swap(all_.back());
    forgotten = std::move(all_.back());
    all_.pop_back();
    if (all_.empty()) engine_.shortcuts.remove(*this);
  }
}

void Shortcuts::clear() noexcept {
  ++run_;  // none is of this run
  used_ = std::vector<Shortcut*>();
  forget_unused();
  guess_ = &first_;
  give_up_page();
  charge(seen_bytes(), 0);
  charge(track_.bytes(), 0);
  track_.free();
  seen_ = std::vector<std::size_t>();
  ordered_ = nullptr;
}

std::uint64_t Shortcuts::seen_bytes() const noexcept {
  return allocated(seen_.capacity() * sizeof(std::size_t)) +
         (ordered_ == nullptr ? 0 : allocated(kOrdered * sizeof(void*)));
}

void Shortcuts::charge(std::uint64_t before, std::uint64_t after) noexcept {
  if (before == after) return;  // all sessions share its memory
  engine_.ledger->session_bytes.fetch_add(after - before, std::memory_order_relaxed);
}

namespace {

// Hits of one function, which are counted together.
struct Tally {
  EngineCore& engine;
  Function* function = nullptr;
  std::uint64_t hits = 0;
  std::chrono::nanoseconds saved{0};

  void add(Function& of, std::uint64_t fresh, std::chrono::nanoseconds cost) noexcept {
    if (function != &of) {
      flush();
      function = &of;
    }
    hits += fresh;
    saved += cost * static_cast<std::int64_t>(fresh);
  }
  void flush() noexcept {
    if (hits == 0) return;
    Counters& counters = engine.counters_of(*function);
    counters.lookups += hits;
    counters.hits += hits;
    counters.saved += saved;
    hits = 0;
    saved = {};
  }
};

}  // namespace

void Shortcuts::count(Locked&, Shortcut& shortcut, std::uint64_t fresh) noexcept {
  if (fresh == 0) return;
  shortcut.counted += fresh;
  Tally tally{.engine = engine_};
  tally.add(*shortcut.function, fresh, shortcut.advised.cost);
  tally.flush();
  const auto times = static_cast<std::uint32_t>(fresh);
  const Advisor::Repeats again{.call = &shortcut.advised, .times = times};
  if (engine_.tracer == nullptr && engine_.advisor.note_known(again)) return;
  if (shortcut.lease == nullptr || shortcut.lease->permutation == nullptr) return;
  Permutation& permutation = *shortcut.lease->permutation;
  engine_.advise_of(permutation, times);
  shortcut.advised.known = engine_.advisor.known(permutation.advised);
}

void Shortcuts::settle_counted(Shortcut& shortcut) noexcept {
  const std::uint64_t fresh = shortcut.counted - std::exchange(shortcut.settled, shortcut.counted);
  if (fresh == 0 || shortcut.lease == nullptr || shortcut.lease->permutation == nullptr) return;
  Permutation& permutation = *shortcut.lease->permutation;
  permutation.count_hits(fresh);
  engine_.use_in_policies(permutation, Permutation::fitting(fresh));
}

void Shortcuts::settle(Locked& locked, Shortcut& shortcut) noexcept {
  count(locked, shortcut, uncounted_of(shortcut));
  settle_counted(shortcut);
}

void Shortcuts::count_each(Locked& locked, const auto& next, const auto& took) noexcept {
  const bool crowded = engine_.crowded.load(std::memory_order_relaxed);
  const bool only_advisor = !crowded && engine_.tracer == nullptr;
  Tally tally{.engine = engine_};
  const auto next_known = [&](std::uint64_t epoch) -> Advisor::Repeats {
    const Uses uses = next();
    if (uses.of == nullptr || uses.of->advised.known.epoch != epoch) return {};
    const std::uint64_t fresh = std::min<std::uint64_t>(uses.fresh, Advisor::kMostAtOnce);
    uses.of->counted += fresh;
    tally.add(*uses.of->function, fresh, uses.of->advised.cost);
    took();
    return {.call = &uses.of->advised, .times = static_cast<std::uint32_t>(fresh)};
  };
  for (;;) {
    if (only_advisor) engine_.advisor.note_each_known(next_known);
    const Uses uses = next();
    if (uses.of == nullptr) break;
    count(locked, *uses.of, uses.fresh);
    if (crowded) settle_counted(*uses.of);
    took();
  }
  tally.flush();
}

void Shortcuts::count_first(Locked& locked, std::uint32_t first) noexcept {
  const std::uint32_t noted = std::min(first, noted_.load(std::memory_order_acquire));
  if (told_ >= noted) return;
  // Others may have counted them one by one meanwhile.
  const auto next = [&]() -> Uses {
    while (told_ < noted && uncounted_of(*ordered_[told_]) == 0) ++told_;
    return told_ < noted ? Uses{ordered_[told_], 1} : Uses{};
  };
  count_each(locked, next, [&] { ++told_; });
}

void Shortcuts::count_in_order(Locked& locked) noexcept {
  count_first(locked, kOrdered);
  uncounted_ -= std::min<std::uint64_t>(uncounted_, told_);
  told_ = 0;
  noted_.store(0, std::memory_order_relaxed);
}

void Shortcuts::settle(Locked& locked) noexcept {
  count_first(locked, kOrdered);
  for (const auto& shortcut : all_) settle(locked, *shortcut);
}

void Shortcuts::call_in_leases(Locked& locked) noexcept {
  for (const auto& shortcut : all_) {
    if (shortcut->lease == nullptr || shortcut->lease->permutation == nullptr) continue;
    engine_.call_in_leases(locked, *shortcut->lease->permutation);
  }
}

void Shortcuts::settle_used(Locked& locked) noexcept {
  for (Shortcut* one : used_) settle(locked, *one);
  uncounted_ = 0;
}

void Shortcuts::count_all() noexcept {
  constexpr std::size_t kAtATime = 32;  // for some microseconds
  for (std::size_t one = 0; one < all_.size();) {
    const std::size_t end = std::min(one + kAtATime, all_.size());
    const auto next = [&]() -> Uses {
      for (; one < end; ++one) {
        if (const std::uint64_t fresh = uncounted_of(*all_[one]); fresh > 0) {
          return {all_[one].get(), fresh};
        }
      }
      return {};
    };
    Locked locked(engine_);
    count_each(locked, next, [] {});
  }
  uncounted_ = 0;
}

}  // namespace memoscape::inline v0::detail

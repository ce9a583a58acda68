#include "engine/shortcuts.hpp"

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

#include "engine/site.hpp"
#include "memoscape/detail/allocated.hpp"
#include "memoscape/detail/reserve.hpp"

namespace memoscape::inline v0::detail {

namespace {

std::uint64_t bytes_of(const Shortcut& shortcut) {
  constexpr std::size_t kLists = 2 * sizeof(void*);  // `used_` and `on_page_`
  return allocated(sizeof(Shortcut)) + allocated(sizeof(StoreLease)) + kIndexShare + kLists +
         shortcut.key.heap_bytes() + (shortcut.reads == nullptr ? 0 : shortcut.reads->bytes());
}

}  // namespace

void Shortcuts::begin_run() noexcept {
  ++run_;
  removed_ = engine_.removed.load(std::memory_order_relaxed);
  used_.clear();
  notes_order_ = false;
  calls_ = std::exchange(place_, 0);
  changed_before_ = std::exchange(changed_, 0);
  guess_ = &first_;
}

void Shortcuts::grow() {
  const std::size_t wanted = std::bit_ceil(std::min(place_ * kTimes, kWays * kMost));
  if (wanted <= seen_.size()) return;
  std::vector<Seen> before(wanted);
  const std::uint64_t bytes = seen_bytes();
  ordered_.reserve(kOrdered);
  before.swap(seen_);
  charge(bytes, seen_bytes());
  for (const Seen& one : before) {
    if (one.answer != nullptr) saw(one.hash, one.answer);
  }
}

bool Shortcuts::note_order(Shortcut& used) noexcept {
  ordered_.push_back(&used);  // there is room, see `grow`
  return ordered_.size() < ordered_.capacity();
}

Shortcut* Shortcuts::find(const FunctionPtr& function, std::string_view key,
                          const Hash128& hash) noexcept {
  if (table_.empty()) return nullptr;
  const auto place = table_.find(hash);
  if (place == table_.end()) return nullptr;
  Shortcut* found = place->second.get();
  if (found->function != function || !same_bytes(found->key.view(), key)) return nullptr;
  *guess_ = found;
  return called(*found);
}

bool Shortcuts::saw(std::size_t hash, const Permutation* answer) noexcept {
  if (seen_.empty()) return false;
  Seen* const first = &seen_[hash & (seen_.size() - kWays)];
  Seen* const end = first + kWays;
  Seen* const found = std::find_if(first, end, [&](const Seen& one) { return one.hash == hash; });
  if (found != end) return std::exchange(found->answer, answer) == answer;
  std::move_backward(first, end - 1, end);
  *first = {hash, answer};
  return false;
}

bool Shortcuts::has_seen(std::size_t hash, const Permutation* answer) const noexcept {
  if (seen_.empty()) return false;
  const Seen* const first = &seen_[hash & (seen_.size() - kWays)];
  return std::any_of(first, first + kWays,
                     [&](const Seen& one) { return one.hash == hash && one.answer == answer; });
}

void Shortcuts::learn(const Site& site, const Hit& hit) noexcept {
  if (saw(FoldHash()(site.hash), &hit.permutation())) try_to_make(site, hit, nullptr);
}

// The call is answered already: without memory for a shortcut, the next one looks it up again.
Shortcut* Shortcuts::try_to_make(const Site& site, const Hit& hit, StoreLease* page) noexcept {
  try {
    return make(site, hit, page);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

bool Shortcuts::replace(const Site& site, Shortcut& shortcut, const Hit& hit,
                        bool on_page) noexcept {
  const std::uint64_t page = on_page ? shortcut.page : 0;
  if (try_to_make(site, hit, on_page ? page_ : nullptr) != &shortcut) return false;
  saw(FoldHash()(site.hash), &hit.permutation());
  shortcut.page = page;
  return true;
}

// With `page`: its recording will be on that page. Null: it cannot be remembered.
Shortcut* Shortcuts::make(const Site& site, const Hit& hit, StoreLease* page) {
  Permutation& answer = hit.permutation();
  const auto place = table_.find(site.hash);
  Shortcut* shortcut = place == table_.end() ? nullptr : place->second.get();
  if (shortcut != nullptr &&
      (shortcut->function != site.function || !same_bytes(shortcut->key.view(), site.key))) {
    return nullptr;  // another call has the place of this hash
  }
  if (shortcut == nullptr && table_.size() >= kMost) return nullptr;
  std::unique_ptr<StateSource::Group> reads;
  if (!site.trail.empty()) {
    reads = site.run.source.group({site.trail.data(), site.trail.size()});
    if (reads == nullptr) return nullptr;
  }
  std::unique_ptr<Shortcut> fresh;
  if (shortcut == nullptr) {
    reserve_more(used_, table_.size() + 1 - used_.size());
    fresh = std::make_unique<Shortcut>();
    fresh->function = site.function;
    fresh->key = PackedBytes(site.key);
    shortcut = fresh.get();
  }
  Locked locked(engine_);
  if (answer.box.get() != hit.box().get()) return nullptr;  // evicted, or replaced
  const Recording* shown = hit.recording().get();           // what there is room for on the page
  if (answer.shows() ? answer.recording.get() != shown : shown != nullptr) return nullptr;
  // Pages of this session count their references to the recording here.
  const auto own = std::make_shared<const RecordingPtr>(answer.recording);
  auto lease = std::make_unique<StoreLease>(answer.box, RecordingPtr(own, own->get()));
  if (fresh != nullptr) {
    table_.emplace(site.hash, std::move(fresh));  // may throw: before anything has changed
    if (table_.size() == 1) engine_.shortcuts.push_back(*this);
    *guess_ = shortcut;
    guess_ = &shortcut->next;
    shortcut->used_in = run_;
    used_.push_back(shortcut);
  } else {
    charge(bytes_of(*shortcut), 0);
    settle(locked, *shortcut);
    give_up_lease(locked, *shortcut);
  }
  shortcut->lease = lease.release();
  shortcut->lease->permutation = &answer;
  shortcut->lease->add_owner();  // the store
  shortcut->lease->page = page;
  if (page != nullptr) page->add_owner();
  answer.leases.push_back(*shortcut->lease);
  std::swap(shortcut->reads, reads);
  shortcut->compute = answer.compute();
  shortcut->expiry = answer.expiry;
  shortcut->in_main = answer.recording->in_main;
  shortcut->in_sidebar = answer.recording->in_sidebar;
  shortcut->items = (shortcut->in_main ? 1 : 0) + (shortcut->in_sidebar ? 1 : 0);
  shortcut->page = 0;
  charge(0, bytes_of(*shortcut));
  return shortcut;
}

void Shortcuts::give_up_lease(Locked& locked, Shortcut& shortcut) noexcept {
  StoreLease* lease = std::exchange(shortcut.lease, nullptr);
  if (lease == nullptr) return;
  if (Permutation* permutation = std::exchange(lease->permutation, nullptr)) {
    permutation->leases.remove(*lease);
    lease->drop_owner();
  }
  if (Lease* page = std::exchange(lease->page, nullptr)) page->drop_owner();
  locked.freed.give_up(*lease);
}

const Recording* Shortcuts::pin_page() noexcept {
  if (page_ == nullptr || !page_->pin()) return nullptr;
  return page_->recording().get();
}

void Shortcuts::keep_page(RecordingPtr page, std::uint64_t id) noexcept {
  // Without memory for it, the next run makes its page anew.
  std::unique_ptr<StoreLease> lease(new (std::nothrow) StoreLease(BoxPtr(), std::move(page)));
  if (lease == nullptr) return;
  try {
    reserve_more(on_page_, used_.size());
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
}

void Shortcuts::give_up_page() noexcept {
  if (page_ == nullptr) return;
  Locked locked(engine_);
  give_up_page(locked);
}

void Shortcuts::give_up_page(Locked& locked) {
  if (page_ != nullptr) locked.freed.give_up(*std::exchange(page_, nullptr));
}

Recording* Shortcuts::own_page() const noexcept {
  if (page().use_count() != 1) return nullptr;
  // Whoever gave up a reference has read the page before: taking and dropping one orders that
  // before what is written from here on.
  const RecordingPtr ordered = page();
  return const_cast<Recording*>(ordered.get());  // it was made as one that is not const
}

void Shortcuts::end_run(bool completed) noexcept {
  if (!completed) return;
  const bool too_many = table_.size() > kTimes * std::max(place_, calls_);
  if (!too_many && cleaned_ == engine_.removed.load(std::memory_order_relaxed)) return;
  forget_unused();
  cleaned_ = removed_;  // what was removed since may have been used before
}

// One at a time: what is given up is held until the mutex is released, and an eviction by another
// thread must not have to wait for many.
void Shortcuts::forget_unused() noexcept {
  first_ = nullptr;
  std::erase_if(on_page_, [&](const Shortcut* one) { return one->used_in != run_; });
  for (auto place = table_.begin(); place != table_.end();) {
    Shortcut& shortcut = *place->second;
    shortcut.next = nullptr;
    if (shortcut.used_in == run_) {
      ++place;
      continue;
    }
    std::unique_ptr<Shortcut> forgotten;  // freed after the mutex is released
    Locked locked(engine_);
    charge(bytes_of(shortcut), 0);
    settle(locked, shortcut);
    give_up_lease(locked, shortcut);
    forgotten = std::move(place.value());
    place = table_.erase(place);
    if (table_.empty()) engine_.shortcuts.remove(*this);
  }
}

void Shortcuts::clear() noexcept {
  ++run_;  // none is of this run
  used_.clear();
  ordered_.clear();
  forget_unused();
  guess_ = &first_;
  give_up_page();
  charge(seen_bytes(), 0);
  seen_ = std::vector<Seen>();
  ordered_ = std::vector<Shortcut*>();
}

std::uint64_t Shortcuts::seen_bytes() const noexcept {
  return allocated(seen_.capacity() * sizeof(Seen)) +
         allocated(ordered_.capacity() * sizeof(void*));
}

void Shortcuts::charge(std::uint64_t before, std::uint64_t after) noexcept {
  engine_.ledger->session_bytes.fetch_add(after - before, std::memory_order_relaxed);
}

void Shortcuts::count(Locked&, Shortcut& shortcut, std::uint64_t fresh) noexcept {
  if (fresh == 0) return;
  shortcut.counted += fresh;
  Counters& counters = engine_.counters_of(*shortcut.function);
  counters.lookups += fresh;
  counters.hits += fresh;
  counters.saved += shortcut.compute * static_cast<std::int64_t>(fresh);
  if (shortcut.lease == nullptr || shortcut.lease->permutation == nullptr) return;
  engine_.advise_of(*shortcut.lease->permutation, static_cast<std::uint32_t>(fresh));
}

void Shortcuts::settle_counted(Shortcut& shortcut) noexcept {
  const std::uint64_t fresh = shortcut.counted - std::exchange(shortcut.settled, shortcut.counted);
  if (fresh == 0 || shortcut.lease == nullptr || shortcut.lease->permutation == nullptr) return;
  Permutation& permutation = *shortcut.lease->permutation;
  permutation.hits += fresh;
  engine_.use_in_policies(permutation, static_cast<std::uint32_t>(fresh));
}

void Shortcuts::settle(Locked& locked, Shortcut& shortcut) noexcept {
  count(locked, shortcut, uncounted_of(shortcut));
  settle_counted(shortcut);
}

// A report may have counted them meanwhile.
void Shortcuts::count_in_order(Locked& locked) noexcept {
  const bool crowded = engine_.crowded.load(std::memory_order_relaxed);
  for (Shortcut* shortcut : ordered_) {
    count(locked, *shortcut, std::min<std::uint64_t>(uncounted_of(*shortcut), 1));
    if (crowded) settle_counted(*shortcut);
  }
  uncounted_ -= std::min<std::uint64_t>(uncounted_, ordered_.size());
  ordered_.clear();
}

void Shortcuts::settle(Locked& locked) noexcept {
  for (const auto& [hash, shortcut] : table_) settle(locked, *shortcut);
}

void Shortcuts::settle_used(Locked& locked) noexcept {
  for (Shortcut* shortcut : used_) settle(locked, *shortcut);
  uncounted_ = 0;
}

void Shortcuts::count_all() noexcept {
  constexpr int kAtATime = 32;  // for some microseconds
  for (auto place = table_.begin(); place != table_.end();) {
    Locked locked(engine_);
    for (int i = 0; i < kAtATime && place != table_.end(); ++i, ++place) {
      count(locked, *place->second, uncounted_of(*place->second));
    }
  }
  uncounted_ = 0;
}

}  // namespace memoscape::inline v0::detail

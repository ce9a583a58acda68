#include "engine/shortcuts.hpp"

#include <utility>

#include "engine/site.hpp"
#include "memoscape/detail/allocated.hpp"
#include "memoscape/heap_bytes.hpp"

namespace memoscape::inline v0::detail {

namespace {

std::uint64_t bytes_of(const Shortcut& shortcut) {
  return allocated(sizeof(Shortcut)) + allocated(sizeof(StoreLease)) + kIndexShare +
         heap_bytes(shortcut.key) + (shortcut.reads == nullptr ? 0 : shortcut.reads->bytes());
}

}  // namespace

void Shortcuts::begin_run() noexcept {
  ++run_;
  used_ = 0;
  place_ = 0;
  guess_ = &first_;
}

Shortcut* Shortcuts::next(const FunctionPtr& function, std::string_view key) {
  if (++place_ > seen_.size() && place_ <= kMost) {
    const std::uint64_t before = seen_bytes();
    seen_.resize(place_);
    charge(before, seen_bytes());
  }
  Shortcut* found = *guess_;
  if (found == nullptr || found->function != function || found->key != key) {
    if (table_.empty()) return nullptr;
    const auto place = table_.find(engine_.hash(function->uid, key));
    if (place == table_.end()) return nullptr;
    found = place->second.get();
    if (found->function != function || found->key != key) return nullptr;
    *guess_ = found;
  }
  guess_ = &found->next;
  if (std::exchange(found->used_in, run_) != run_) ++used_;
  return found;
}

bool Shortcuts::saw(const Function& function, const Hash128& key,
                    const Permutation* answer) noexcept {
  if (place_ > kMost) return false;
  const Seen seen{&function, key.low, answer};
  return std::exchange(seen_[place_ - 1], seen) == seen;
}

void Shortcuts::learn(const Site& site, Permutation& answer) {
  if (saw(*site.function, site.hash, &answer)) make(site, answer);
}

void Shortcuts::make(const Site& site, Permutation& answer) {
  const auto place = table_.find(site.hash);
  Shortcut* shortcut = place == table_.end() ? nullptr : place->second.get();
  if (shortcut != nullptr && (shortcut->function != site.function || shortcut->key != site.key)) {
    return;  // another call has the place of this hash
  }
  std::unique_ptr<StateSource::Group> reads;
  if (!site.trail.empty()) {
    reads = site.run.source.group({site.trail.data(), site.trail.size()});
    if (reads == nullptr) return;
  }
  std::unique_ptr<Shortcut> fresh;
  if (shortcut == nullptr) {
    fresh = std::make_unique<Shortcut>();
    fresh->function = site.function;
    fresh->key = site.key;
    shortcut = fresh.get();
  }
  Locked locked(engine_);
  if (!answer.is_entry()) return;
  // Pages of this session count their references to the recording here.
  const auto own = std::make_shared<const RecordingPtr>(answer.recording);
  auto lease = std::make_unique<StoreLease>(answer.box, RecordingPtr(own, own->get()));
  if (fresh != nullptr) {
    table_.emplace(site.hash, std::move(fresh));  // may throw: before anything has changed
    if (table_.size() == 1) engine_.shortcuts.push_back(*this);
    *guess_ = shortcut;
    guess_ = &shortcut->next;
    shortcut->used_in = run_;
    ++used_;
  } else {
    charge(bytes_of(*shortcut), 0);
    settle(locked, *shortcut);
    give_up_lease(locked, *shortcut);
  }
  shortcut->lease = lease.release();
  shortcut->lease->permutation = &answer;
  shortcut->lease->add_owner();  // the store
  answer.leases.push_back(*shortcut->lease);
  std::swap(shortcut->reads, reads);
  shortcut->compute = answer.compute;
  shortcut->expiry = answer.expiry;
  shortcut->in_main = answer.recording->has(Part::main);
  shortcut->in_sidebar = answer.recording->has(Part::sidebar);
  shortcut->recording_bytes = replayed_bytes(*answer.recording, RunCore::kSmallPage);
  charge(0, bytes_of(*shortcut));
}

void Shortcuts::give_up_lease(Locked& locked, Shortcut& shortcut) noexcept {
  StoreLease* lease = std::exchange(shortcut.lease, nullptr);
  if (lease == nullptr) return;
  if (Permutation* permutation = std::exchange(lease->permutation, nullptr)) {
    permutation->leases.remove(*lease);
    lease->drop_owner();
  }
  locked.freed.given_up.push_back(lease);
}

void Shortcuts::end_run(bool completed) {
  if (!completed || used_ == table_.size()) return;
  std::vector<std::unique_ptr<Shortcut>> forgotten;
  Locked locked(engine_);
  first_ = nullptr;
  for (auto place = table_.begin(); place != table_.end();) {
    Shortcut& shortcut = *place->second;
    shortcut.next = nullptr;
    if (shortcut.used_in == run_) {
      ++place;
      continue;
    }
    charge(bytes_of(shortcut), 0);
    settle(locked, shortcut);
    give_up_lease(locked, shortcut);
    forgotten.push_back(std::move(place.value()));
    place = table_.erase(place);
  }
  if (table_.empty()) engine_.shortcuts.remove(*this);
}

void Shortcuts::clear() {
  ++run_;  // none is of this run
  used_ = 0;
  end_run(true);
  guess_ = &first_;
  charge(seen_bytes(), 0);
  seen_ = std::vector<Seen>();
}

std::uint64_t Shortcuts::seen_bytes() const noexcept {
  return seen_.capacity() == 0 ? 0 : allocated(seen_.capacity() * sizeof(Seen));
}

void Shortcuts::charge(std::uint64_t before, std::uint64_t after) noexcept {
  engine_.ledger->session_bytes.fetch_add(after - before, std::memory_order_relaxed);
}

void Shortcuts::settle(Locked& locked, Shortcut& shortcut) noexcept {
  const std::uint64_t uses = shortcut.uses.load(std::memory_order_relaxed);
  const std::uint64_t fresh = uses - std::exchange(shortcut.counted, uses);
  if (fresh == 0) return;
  Counters& counters = engine_.counters_of(*shortcut.function);
  counters.lookups += fresh;
  counters.hits += fresh;
  counters.saved += shortcut.compute * static_cast<std::int64_t>(fresh);
  if (shortcut.lease == nullptr || shortcut.lease->permutation == nullptr) return;
  Permutation& permutation = *shortcut.lease->permutation;
  permutation.hits += fresh;
  engine_.use_in_policies(permutation, static_cast<std::uint32_t>(fresh));
  static_cast<void>(locked);
}

void Shortcuts::settle(Locked& locked) noexcept {
  for (const auto& [hash, shortcut] : table_) settle(locked, *shortcut);
}

}  // namespace memoscape::inline v0::detail

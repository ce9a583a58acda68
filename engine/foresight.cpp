#include "engine/foresight.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "engine/site.hpp"
#include "memoscape/detail/allocated.hpp"

namespace memoscape::inline v0::detail {

namespace {

// The counts of references are beside the value, and in front of the recording.
void fetch_what_is_counted(const Permutation& answer) noexcept {
  prefetch(&answer.box.get()->object);
  const auto* recording = reinterpret_cast<const char*>(answer.recording.get());
  if (answer.shows()) prefetch(recording - 2 * sizeof(void*));
}

}  // namespace

void Foresight::clear() noexcept {
  calls_ = std::vector<Foreseen>();
  current_ = nullptr;
  bytes_ = 0;
  charge();
}

std::uint64_t Foresight::heap_bytes(const Foreseen& call) noexcept {
  const auto far = [](const auto& list) {
    return list.capacity() > kFewReads ? allocated(list.capacity() * sizeof(void*)) : 0;
  };
  return call.key.heap_bytes() + far(call.reads) + far(call.trail);
}

void Foresight::charge() noexcept {
  const std::uint64_t now = bytes_ + allocated(calls_.capacity() * sizeof(Foreseen));
  engine_.ledger->session_bytes.fetch_add(now - std::exchange(charged_, now),
                                          std::memory_order_relaxed);
}

void Foresight::note(const Site& site) noexcept {
  if (current_ != nullptr) {
    // The same call: most often by the same path.
    current_->used_in = run_;
    const bool same_path = std::equal(
        site.trail.begin(), site.trail.end(), current_->reads.begin(), current_->reads.end(),
        [](const auto* resolved, const StateRead* read) { return resolved->read.get() == read; });
    if (same_path) return;
  } else if (place_ < calls_.size() && calls_[place_].uid != 0 &&
             calls_[place_].used_in + kPatience > run_) {
    return;  // whose arguments come and go is not foreseen
  }
  if (place_ >= kMost) return;
  if (place_ < calls_.size()) bytes_ -= heap_bytes(calls_[place_]);
  try {
    note_or_throw(site);
  } catch (const std::bad_alloc&) {
    // Without memory for it, the next one is looked up when it is made.
  }
  if (place_ < calls_.size()) bytes_ += heap_bytes(calls_[place_]);
  charge();
}

void Foresight::note_or_throw(const Site& site) {
  if (place_ >= calls_.size()) calls_.resize(place_ + 1);
  Foreseen& call = calls_[place_];
  call.uid = 0;  // until all of it is known
  call.run = 0;
  if (!same_bytes(call.key.view(), site.key)) call.key = PackedBytes(site.key);
  call.reads.clear();
  call.trail.reserve(site.trail.size());
  for (const StateSource::Resolved* resolved : site.trail) {
    call.reads.push_back(resolved->read.get());
  }
  call.session = site.session;
  call.hash = site.hash;
  call.used_in = run_;
  call.function = site.function.get();
  call.uid = site.function->uid;
}

// Takes no memory. False: the values of its path cannot be told, or may change within the run.
bool Foresight::resolve(Foreseen& call) {
  call.trail.clear();
  return std::all_of(call.reads.begin(), call.reads.end(), [&](const StateRead* read) {
    const StateSource::Resolved* resolved = source_.resolved(read);
    if (resolved == nullptr || !resolved->read->is_widget()) return false;
    if (!resolved->read->definition().key.empty()) return false;
    call.trail.push_back(resolved);
    return true;
  });
}

void Foresight::go_ahead() {
  const auto first = calls_.begin() + static_cast<std::ptrdiff_t>(place_);
  const std::span<Foreseen> calls(first, std::min(kAhead, calls_.size() - place_));
  std::size_t depth = 0;
  for (Foreseen& call : calls) {
    call.node = nullptr;
    call.answer = nullptr;
    call.run = 0;
    call.is_sought = false;
    if (call.uid == 0 || !is_recent(call) || !resolve(call)) continue;
    call.run = run_;
    call.is_sought = true;
    depth = std::max(depth, call.reads.size());
  }
  const Readers::Section section(engine_.readers);
  if (!section) return;
  const std::uint64_t changes = engine_.readers.changes();
  for (Foreseen& call : calls) call.changes = changes;
  engine_.begin_steps(calls);
  for (std::size_t i = 0; i <= depth; ++i) engine_.step(calls, i);
  for (Foreseen& call : calls) {
    if (call.answer == nullptr) continue;
    if (call.answer->is_entry())
      fetch_what_is_counted(*call.answer);
    else
      call.answer = nullptr;
  }
}

Foreseen* Foresight::answered() noexcept {
  if (current_ == nullptr || current_->run != run_ || current_->answer == nullptr) return nullptr;
  is_off_ = current_->changes != engine_.readers.changes();
  if (is_off_) return nullptr;
  current_->used_in = run_;
  return current_;
}

}  // namespace memoscape::inline v0::detail

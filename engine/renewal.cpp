#include "engine/renewal.hpp"

#include <algorithm>

#include "engine/store.hpp"
#include "memoscape/detail/schedule.hpp"

namespace memoscape::inline v0::detail {

void Renewal::renew(Shortcut& first, Recording* page, Clock::time_point now) {
  choose(first);
  if (calls_.empty() || !walk(now)) return;
  Locked locked(engine_);
  // What was found in the section is there, unless the store has changed since.
  if (engine_.readers.changes() != changes_) return;
  // What is left counts its uses.
  for (const JointWalk& call : calls_) {
    if (const Permutation* before = call.shortcut->lease->permutation) prefetch_all(before);
  }
  if (page != nullptr) page->renew_serial();
  for (const JointWalk& call : calls_) {
    if (call.answer == nullptr) continue;
    if (shortcuts_.lead(locked, *call.shortcut, *call.answer, page)) {
      source_.stand(*call.shortcut->reads);
    }
  }
}

namespace {

constexpr std::size_t kFar = 64;   // steps that are looked at for those to renew
constexpr std::size_t kApart = 4;  // steps that may be looked at instead of one elsewhere

// The call that followed it in the run before. On the track, whose steps lie together, those that
// stand are passed over. Counts what was looked at.
Shortcut* after(const Shortcut& call, std::size_t& looked_at) noexcept {
  if (call.step == nullptr) {
    looked_at += kApart;
    return call.next;
  }
  const Track::Step* step = call.step + 1;
  for (++looked_at; step->stands && looked_at < kFar; ++step) ++looked_at;
  return step->shortcut;  // behind the last one: null
}

}  // namespace

void Renewal::choose(Shortcut& first) {
  calls_.clear();
  ++serial_;
  source_.reserve_all();
  std::size_t used = 0;
  Shortcut* one = &first;
  std::size_t looked_at = 0;
  for (; one != nullptr && calls_.size() < kAhead && looked_at < kFar;
       one = after(*one, looked_at)) {
    StateSource::Group* const reads = one->reads.get();
    if (reads == nullptr || source_.stands(*reads)) continue;
    if (one->lease == nullptr || one->sought_in == serial_) continue;
    one->sought_in = serial_;
    const std::size_t widgets = reads->widgets();
    if (widgets > reads_.size() - used) {
      if (used > 0) return;  // the next renewal begins there
      reads_.resize(std::max(widgets, kReadsAtFirst));
    }
    if (!source_.resolve(*reads, reads_.data() + used)) continue;
    JointWalk& call = calls_.emplace_back();
    call.shortcut = one;
    call.reads = {reads_.data() + used, widgets};
    used += widgets;
  }
}

// Whether it found anything.
bool Renewal::walk(Clock::time_point now) {
  Schedule::point();
  const Lookup lookup(engine_);
  if (!lookup) return false;
  changes_ = lookup.changes();
  engine_.walk_together({calls_.data(), calls_.size()}, source_.scope_id(), changes_);
  bool any = false;
  for (JointWalk& call : calls_) {
    if (call.answer == nullptr) continue;
    const Box* const box = call.answer->box;
    const Clock::time_point expiry = call.answer->expiry;
    const bool expired = expiry != Clock::time_point::max() && expiry <= now;
    if (box == nullptr || expired) {
      call.answer = nullptr;
      continue;
    }
    prefetch(&box->object);
    any = true;
  }
  return any;
}

}  // namespace memoscape::inline v0::detail

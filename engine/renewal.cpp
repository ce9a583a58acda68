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
Shortcut* after(const Shortcut& call, const Track& track, std::size_t& looked_at) noexcept {
  if (call.step != nullptr) return track.next_broken(*call.step, kFar, looked_at);
  looked_at += kApart;
  return call.next;
}

}  // namespace

void Renewal::choose(Shortcut& first) {
  calls_.clear();
  ++serial_;
  source_.reserve_all();
  std::size_t used = 0;
  std::size_t looked_at = 0;
  std::uint64_t left = std::clamp<std::uint64_t>(source_.broken(), 1, kAhead);
  for (Shortcut* one = &first; one != nullptr && looked_at < kFar;
       one = after(*one, shortcuts_.track(), looked_at)) {
    if (one->reads == nullptr || source_.stands(*one->reads)) continue;
    if (!add(*one, used) || --left == 0) return;
  }
}

// Among those to renew, if it can be. False: there is no room for its reads behind those used.
inline bool Renewal::add(Shortcut& broken, std::size_t& used) {
  if (broken.lease == nullptr || broken.sought_in == serial_) return true;
  broken.sought_in = serial_;
  const std::size_t widgets = broken.reads->widgets();
  if (widgets > reads_.size() - used) {
    if (used > 0) return false;  // the next renewal begins there
    reads_.resize(std::max(widgets, kReadsAtFirst));
  }
  if (!source_.resolve(*broken.reads, reads_.data() + used)) return true;
  JointWalk& call = calls_.emplace_back();
  call.shortcut = &broken;
  call.reads = {reads_.data() + used, widgets};
  used += widgets;
  return true;
}

// Whether it found anything.
bool Renewal::walk(Clock::time_point now) {
  Schedule::point();
  const Lookup lookup(engine_);
  if (!lookup) return false;
  changes_ = lookup.changes();
  engine_.walk_together({calls_.data(), calls_.size()}, source_.scope_id(), changes_);
  Schedule::point();
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
    prefetch_end(box);
    any = true;
  }
  return any;
}

}  // namespace memoscape::inline v0::detail

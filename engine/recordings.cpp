// Charging recordings: each once, to the permutation whose own it is; to the shared line while that
// permutation is gone and a stored recording still replays it.
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "engine/places.hpp"
#include "engine/store.hpp"
#include "memoscape/detail/reserve.hpp"

namespace memoscape::inline v0::detail {

namespace {

bool is_charged(const Recording& recording) noexcept {
  return recording.owned || recording.stored_outer > 0;
}

// Follows the replays of a recording whose charge began or ended; `step` gives whether the charge
// of the replayed one began or ended with it, which is once.
template <class Step>
void follow(const Recording& top, const Step& step) {
  const Recording* work = &top;
  while (work != nullptr) {
    const Recording* recording = std::exchange(work, std::exchange(work->next_followed, nullptr));
    for_each_replay(*recording, [&](const RecordingPtr& inner) {
      if (step(*inner)) inner->next_followed = std::exchange(work, inner.get());
    });
  }
}

}  // namespace

void Places::reserve() {
  if (flight_.equal) flight_.equal->keeper().reserve(*flight_.function);
  if (flight_.box->has_digest) core_.buffers.reserve(flight_.box->digest);
  const Recording* const shown = flight_.recording.get();
  if (shown == nullptr) return;
  for (const ContentPtr& content : shown->contents) reserve_more(content->users);
  if (shown->contents.empty() && !shown->has_replays) return;
  std::set<const Recording*> known;
  recordings_.push_back(shown);
  for (std::size_t next = 0; next < recordings_.size(); ++next) {
    const Recording& recording = *recordings_[next];
    for (const ContentPtr& content : recording.contents) {
      core_.contents.try_emplace(content->digest, nullptr);
    }
    for_each_replay(recording, [&](const RecordingPtr& inner) {
      // One that no permutation owns may cease to be charged when the entry before is replaced.
      if (!inner->owned && known.insert(inner.get()).second) {
        recordings_.push_back(inner.get());
      }
    });
  }
}

bool Places::keeps_content(const Digest& digest) const noexcept {
  return std::any_of(recordings_.begin(), recordings_.end(), [&](const Recording* recording) {
    return std::any_of(recording->contents.begin(), recording->contents.end(),
                       [&](const ContentPtr& content) { return content->digest == digest; });
  });
}

Places::~Places() {
  core_.places = nullptr;
  const auto take_out_unused = [](auto& table, const Digest& digest) {
    const auto place = table.find(digest);
    if (place != table.end() && place->second == nullptr) table.erase(place);
  };
  for (const Recording* recording : recordings_) {
    for (const ContentPtr& content : recording->contents) {
      take_out_unused(core_.contents, content->digest);
    }
  }
}

void EngineCore::charge_recording(const Recording& recording, Function& owner) noexcept {
  const bool was_charged = is_charged(recording);
  recording.owned = true;
  const bool shows_contents = !recording.contents.empty();
  if (shows_contents) use_contents(recording, owner);
  if (was_charged) {
    shared_bytes -= recording.own_bytes;  // from the shared line to its permutation
    return;
  }
  if (shows_contents) charge_contents(recording);
  if (!recording.has_replays) return;
  follow(recording, [&](const Recording& inner) {
    const bool began = !is_charged(inner);
    ++inner.stored_outer;
    if (!began) return false;
    shared_bytes += inner.own_bytes;
    charge_contents(inner);
    return true;
  });
}

void EngineCore::uncharge_recording(const Recording& recording, Function& owner) noexcept {
  recording.owned = false;
  const bool shows_contents = !recording.contents.empty();
  if (shows_contents) leave_contents(recording, owner);
  if (is_charged(recording)) {
    shared_bytes += recording.own_bytes;
    return;
  }
  if (shows_contents) uncharge_contents(recording);
  if (!recording.has_replays) return;
  follow(recording, [&](const Recording& inner) {
    --inner.stored_outer;
    if (is_charged(inner)) return false;
    shared_bytes -= inner.own_bytes;
    uncharge_contents(inner);
    return true;
  });
}

std::uint64_t orphaned_recording_bytes(const EngineCore& core) {
  std::set<const Recording*> seen;
  std::uint64_t bytes = 0;
  for (const auto& [name, function] : core.functions) {
    function->roots.for_each([&](const Node& root) {
      for_each_leaf(root, [&](const Permutation& leaf) {
        if (leaf.recording == nullptr) return;
        follow(*leaf.recording, [&](const Recording& inner) {
          if (!seen.insert(&inner).second) return false;
          if (!inner.owned) bytes += inner.own_bytes;
          return true;
        });
      });
    });
  }
  return bytes;
}

}  // namespace memoscape::inline v0::detail

// Charging recordings: each once, to the permutation whose own it is; to the shared line while that
// permutation is gone and a stored recording still replays it.
#include <set>
#include <vector>

#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

namespace {

bool is_charged(const Recording& recording) noexcept {
  return recording.owned || recording.stored_outer > 0;
}

// Follows the replays of a recording whose charge began or ended; `step` gives whether the charge
// of the replayed one began or ended with it.
template <class Step>
void follow(const Recording& top, const Step& step) {
  std::vector<const Recording*> work{&top};
  while (!work.empty()) {
    const Recording* recording = work.back();
    work.pop_back();
    for_each_replay(recording->root, [&](const RecordingPtr& inner) {
      if (step(*inner)) work.push_back(inner.get());
    });
  }
}

}  // namespace

void EngineCore::charge_recording(const Recording& recording, Function& owner) {
  const bool was_charged = is_charged(recording);
  recording.owned = true;
  use_contents(recording, owner);
  if (was_charged) {
    shared_bytes -= recording.own_bytes;  // from the shared line to its permutation
    return;
  }
  charge_contents(recording);
  follow(recording, [&](const Recording& inner) {
    const bool began = !is_charged(inner);
    ++inner.stored_outer;
    if (!began) return false;
    shared_bytes += inner.own_bytes;
    charge_contents(inner);
    return true;
  });
}

void EngineCore::uncharge_recording(const Recording& recording, Function& owner) {
  recording.owned = false;
  leave_contents(recording, owner);
  if (is_charged(recording)) {
    shared_bytes += recording.own_bytes;
    return;
  }
  uncharge_contents(recording);
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
    for (const Space* space = function->spaces.first(); space != nullptr;
         space = function->spaces.next(*space)) {
      for_each_leaf(space->root, [&](const Permutation& leaf) {
        if (!leaf.is_entry()) return;
        follow(*leaf.recording, [&](const Recording& inner) {
          if (!seen.insert(&inner).second) return false;
          if (!inner.owned) bytes += inner.own_bytes;
          return true;
        });
      });
    }
  }
  return bytes;
}

}  // namespace memoscape::inline v0::detail

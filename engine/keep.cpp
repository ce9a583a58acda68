// From the result of an execution to an entry.
#include <algorithm>

#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

namespace {

bool all_stand(const std::vector<Permutation*>& inner) {
  return std::none_of(inner.begin(), inner.end(),
                      [](const Permutation* one) { return one->ended; });
}

}  // namespace

Permutation* EngineCore::keep(Locked& locked, Flight& flight, const Result& result, bool wanted) {
  Counters& counters = flight.space->function->counters;
  if (!all_stand(flight.built_on)) {
    ++counters.discarded;
    return nullptr;
  }
  Permutation* permutation = insert_path(locked, flight);
  if (permutation != nullptr && permutation->expiry <= result.finished) {
    // What stood here has expired, and so has all that was built on it.
    Node& node = *permutation->node;
    end(locked, *permutation, Cause::expired);
    release_path(locked, node);
    permutation = insert_path(locked, flight);
  }
  if (permutation == nullptr) {
    ++counters.discarded;
    return nullptr;
  }
  Node& node = *permutation->node;
  // A divergence on the way in may have ended what this execution is built on.
  const bool stands = all_stand(flight.built_on);
  const bool superseded = permutation->is_entry() && permutation->started > flight.started;
  bool stored = superseded;
  if (stands && !superseded) {
    if (permutation->is_entry()) take_value(locked, *permutation, Cause::replaced);
    std::vector<Permutation*> before;
    for (std::size_t i = 0; i < permutation->inner_count; ++i) {
      before.push_back(permutation->inner[i].inner);
    }
    unbuild(locked, *permutation);
    build_on(*permutation, flight.built_on);
    remove_if_idle(locked, before);
    exclude_readers();
    permutation->started = flight.started;
    permutation->finished = result.finished;
    permutation->compute = result.compute;
    set_expiry(*permutation);
    recharge(*permutation);
    if (permutation->expiry > result.finished)
      stored = store(locked, *permutation, result);
    else
      ++counters.discarded;  // what it is built on has expired meanwhile
  } else {
    ++counters.discarded;
  }
  const bool lives = stands && !permutation->ended && permutation->expiry > result.finished;
  if (lives && wanted) ++permutation->builders;
  if (!lives && !permutation->ended && !permutation->is_entry()) {
    end(locked, *permutation, Cause::expired);
  }
  release_path(locked, node);
  if (!lives) return nullptr;
  if (stored) return permutation;
  // Not an entry: the identity stays for what is built on it, if there is room for that.
  if (wanted &&
      (exceeds(charged(), limits.max_bytes) ||
       exceeds(permutation->function->charged(), permutation->function->limits.max_bytes))) {
    end(locked, *permutation, Cause::max_bytes);
    return permutation;
  }
  std::vector<Permutation*> idle{permutation};
  remove_if_idle(locked, idle);
  return wanted ? permutation : nullptr;
}

}  // namespace memoscape::inline v0::detail

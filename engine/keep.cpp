// From the result of an execution to an entry. All memory that takes is reserved before the first
// entry changes: without it nothing is kept, and nothing else has happened.
#include <algorithm>
#include <limits>
#include <utility>

#include "engine/places.hpp"
#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

namespace {

// A charge counts in 32 bits.
constexpr std::size_t kMostInner = std::size_t{1} << 25;
static_assert(kMostInner * sizeof(Dependency) <= std::numeric_limits<std::uint32_t>::max() / 2);

bool all_stand(const std::vector<Permutation*>& inner) {
  return std::none_of(inner.begin(), inner.end(),
                      [](const Permutation* one) { return one->ended; });
}

bool may_expire(const EngineCore& core, const Permutation& permutation,
                const std::vector<Permutation*>& inner) {
  return core.limits.ttl.count() != 0 || permutation.function->limits.ttl.count() != 0 ||
         std::any_of(inner.begin(), inner.end(), [](const Permutation* one) {
           return one->expiry.get() != Permutation::TimePoint::max();
         });
}

// The leaf that an insertion stands on.
class Standing {
 public:
  Standing(EngineCore& core, Locked& locked, Permutation& permutation)
      : core_(core), locked_(locked), permutation_(permutation) {}
  Standing(const Standing&) = delete;
  Standing& operator=(const Standing&) = delete;
  // Lets go of the path. Otherwise, at the end, of a leaf that came to nothing, too.
  void release() noexcept {
    core_.release_path(locked_, permutation_);
    is_released_ = true;
  }
  ~Standing() {
    if (is_released_) return;
    release();
    WorkList work;
    work.push_back(permutation_);
    core_.remove_if_idle(locked_, work);
  }

 private:
  EngineCore& core_;
  Locked& locked_;
  Permutation& permutation_;
  bool is_released_ = false;
};

}  // namespace

Permutation* EngineCore::keep(Locked& locked, Flight& flight, bool wanted) {
  Counters& counters = flight.function->counters;
  if (!all_stand(flight.built_on)) {
    ++counters.discarded;
    return nullptr;
  }
  Permutation* permutation = insert_path(locked, flight);
  if (permutation != nullptr && permutation->expiry.get() <= flight.finished) {
    // What stood here has expired, and so has all that was built on it.
    end(locked, *permutation, Cause::expired);
    release_path(locked, *permutation);
    permutation = insert_path(locked, flight);
  }
  if (permutation == nullptr) {
    ++counters.discarded;
    return nullptr;
  }
  look_ahead(permutation->function, 4);
  Standing standing(*this, locked, *permutation);
  // A divergence on the way in may have ended what this execution is built on.
  const bool stands = all_stand(flight.built_on);
  const bool superseded = permutation->is_entry() && permutation->started > flight.started;
  bool stored = superseded;
  if (stands && !superseded) {
    const std::size_t inner_count = flight.built_on.size();
    std::unique_ptr<Dependency[]> edges;
    std::unique_ptr<Ties> ties;
    if (inner_count > 0) {
      if (inner_count > kMostInner) throw std::bad_alloc();
      edges = std::make_unique<Dependency[]>(inner_count);
      ties = std::make_unique<Ties>();
    }
    if (may_expire(*this, *permutation, flight.built_on)) expiries.reserve_one();
    Places places(*this, flight);
    places.reserve();
    policy->reserve();
    if (Policy* own = permutation->function->policy.get()) own->reserve();
    // Nothing fails from here on.
    if (permutation->is_entry()) take_value(locked, *permutation, Cause::replaced);
    WorkList before;
    unbuild(*permutation, before);
    if (inner_count > 0) {
      if (permutation->ties == nullptr) permutation->ties = std::move(ties);
      permutation->ties->inner = std::move(edges);
      permutation->ties->inner_count = static_cast<std::uint32_t>(inner_count);
      build_on(*permutation, flight.built_on);
    }
    remove_if_idle(locked, before);
    begin_change();
    permutation->finished = flight.finished;
    permutation->set_compute(flight.compute);
    set_expiry(*permutation);
    recharge(*permutation);
    if (permutation->expiry.get() > flight.finished)
      stored = store(locked, *permutation, flight);
    else
      ++counters.discarded;  // what it is built on has expired meanwhile
  } else {
    ++counters.discarded;
  }
  const bool lives = stands && !permutation->ended && permutation->expiry.get() > flight.finished;
  if (lives && wanted) ++permutation->builders;
  if (!lives && !permutation->ended && !permutation->is_entry()) {
    end(locked, *permutation, Cause::expired);
  }
  standing.release();
  if (!lives) return nullptr;
  if (stored) return permutation;
  // Not an entry: the identity stays for what is built on it, if there is room for that.
  if (wanted &&
      (exceeds(charged(), limits.max_bytes) ||
       exceeds(permutation->function->charged(), permutation->function->limits.max_bytes))) {
    end(locked, *permutation, Cause::max_bytes);
    return permutation;
  }
  WorkList idle;
  idle.push_back(*permutation);
  remove_if_idle(locked, idle);
  return wanted ? permutation : nullptr;
}

}  // namespace memoscape::inline v0::detail

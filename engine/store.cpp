#include "engine/store.hpp"

#include <utility>

#include "memoscape/detail/schedule.hpp"

namespace memoscape::inline v0::detail {

Freed::~Freed() {
  if (!called_in.empty()) Lease::fence();
  for (Lease* lease : called_in) {
    lease->collect();
    lease->drop_owner();
  }
  for (Lease* lease : given_up) lease->abandon();
}

Locked::Locked(const EngineCore& engine) : core(engine), lock((Schedule::point(), engine.mutex)) {}

Locked::~Locked() {
  if (lock.owns_lock() && core.readers.excluded()) core.readers.admit();
}

EngineCore::EngineCore(const EngineOptions& options)
    : clock(options.clock == nullptr ? &Clock::steady() : options.clock),
      hash(options.hash),
      caching(options.caching),
      limits(options.limits),
      eviction(options.eviction),
      policy(make_policy(options.eviction)) {
  if (limits.max_bytes == kDefaultMaxBytes) limits.max_bytes = default_max_bytes();
  index.max_load_factor(0.8F);
  index.reserve(kFewEntries);
  buffers.reserve(kFewEntries);
  contents.reserve(kFewEntries);
  interned.reserve(kFewEntries);
}

EngineCore::~EngineCore() = default;

std::atomic<Schedule*> Schedule::current_{nullptr};

}  // namespace memoscape::inline v0::detail

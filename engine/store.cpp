#include "engine/store.hpp"

#include <cassert>

#include "memoscape/detail/schedule.hpp"

namespace memoscape::inline v0::detail {

EngineCore::EngineCore(const EngineOptions& options)
    : clock(options.clock == nullptr ? &Clock::steady() : options.clock),
      hash(options.hash),
      caching(options.caching),
      limits(options.limits),
      eviction(options.eviction),
      policy(make_policy(options.eviction)) {
  if (limits.max_bytes == kDefaultMaxBytes) limits.max_bytes = default_max_bytes();
  static_cast<void>(index.reserve_more(kFewEntries));
  contents.reserve(kFewEntries);
  interned.reserve(kFewEntries);
}

EngineCore::~EngineCore() { assert(interned.empty()); }  // each says that it is held here

std::atomic<Schedule*> Schedule::current_{nullptr};

}  // namespace memoscape::inline v0::detail

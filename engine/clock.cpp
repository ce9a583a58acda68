#include "memoscape/clock.hpp"

namespace memoscape::inline v0 {

namespace {

class SteadyClock final : public Clock {
 public:
  time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
};

}  // namespace

Clock::~Clock() = default;
ManualClock::~ManualClock() = default;

const Clock& Clock::steady() noexcept {
  static const SteadyClock clock;
  return clock;
}

Clock::time_point ManualClock::now() const noexcept {
  return time_point(std::chrono::duration_cast<time_point::duration>(
      std::chrono::nanoseconds(now_.load(std::memory_order_relaxed))));
}

void ManualClock::advance(std::chrono::nanoseconds time) noexcept {
  now_.fetch_add(time.count(), std::memory_order_relaxed);
}

}  // namespace memoscape::inline v0

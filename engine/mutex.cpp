#include "engine/mutex.hpp"

#include <thread>

namespace memoscape::inline v0::detail {

#ifndef MEMOSCAPE_TSAN
void Mutex::wait() noexcept {
  waiting_.fetch_add(1, std::memory_order_relaxed);
  while (state_.exchange(kAwaited) != kFree) state_.wait(kAwaited);
  waiting_.fetch_sub(1, std::memory_order_relaxed);
}

void Mutex::give_way() const noexcept {
  constexpr int kTries = 30'000;  // some hundreds of microseconds
  constexpr int kOwnCore = 500;   // then who waits may be waiting for this one
  for (int i = 1; i <= kTries && is_awaited(); ++i) {
    if (state_.load(std::memory_order_relaxed) != kFree) return;
    if (i % kOwnCore == 0)
      std::this_thread::yield();
    else
      pause_briefly();
  }
}
#endif

}  // namespace memoscape::inline v0::detail

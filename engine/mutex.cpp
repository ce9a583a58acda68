#include "engine/mutex.hpp"

namespace memoscape::inline v0::detail {

#ifndef __SANITIZE_THREAD__
void Mutex::wait() noexcept {
  waiting_.fetch_add(1, std::memory_order_relaxed);
  while (state_.exchange(kAwaited) != kFree) state_.wait(kAwaited);
  waiting_.fetch_sub(1, std::memory_order_relaxed);
}

void Mutex::give_way() const noexcept {
  constexpr int kTries = 30'000;  // some hundreds of microseconds
  for (int i = 0; i < kTries && is_awaited(); ++i) {
    if (state_.load(std::memory_order_relaxed) != kFree) return;
    pause_briefly();
  }
}
#endif

}  // namespace memoscape::inline v0::detail

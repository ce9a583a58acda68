#include "engine/mutex.hpp"

namespace memoscape::inline v0::detail {

#ifndef __SANITIZE_THREAD__
void Mutex::wait() noexcept {
  while (state_.exchange(kAwaited) != kFree) state_.wait(kAwaited);
}

void Mutex::give_way() const noexcept {
  constexpr int kTries = 3000;  // some tens of microseconds
  for (int i = 0; i < kTries && state_.load(std::memory_order_relaxed) == kFree; ++i) {
    pause_briefly();
  }
}
#endif

}  // namespace memoscape::inline v0::detail

#include "engine/mutex.hpp"

namespace memoscape::inline v0::detail {

#ifndef __SANITIZE_THREAD__
void Mutex::wait() noexcept {
  while (state_.exchange(kAwaited) != kFree) state_.wait(kAwaited);
}
#endif

}  // namespace memoscape::inline v0::detail

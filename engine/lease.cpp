// Leases: see pin.hpp for how one ends.
//
// Source of the asymmetric fence: membarrier(2), MEMBARRIER_CMD_PRIVATE_EXPEDITED.
#include "memoscape/detail/pin.hpp"

#if defined(__linux__) && __has_include(<linux/membarrier.h>)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#define MEMOSCAPE_MEMBARRIER 1
#endif

#include <utility>

#include "engine/recording.hpp"

namespace memoscape::inline v0::detail {

namespace {

// Whether `fence` can put a fence into the other threads of this process.
bool register_membarrier() noexcept {
#ifdef MEMOSCAPE_MEMBARRIER
  return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
#else
  return false;
#endif
}

}  // namespace

// Set before main. A lease that an earlier initializer makes sees false, which is right, too: then
// all its writes are fences, and it needs none of others.
const bool Lease::cheap_fences_ = register_membarrier();

Lease::Lease(Box* box, RecordingPtr recording, bool cheap_fences)
    : alert_(cheap_fences ? std::uint8_t{0} : kDearFences),
      box_(box),
      recording_(std::move(recording)) {}
Lease::~Lease() = default;

void Lease::fence() noexcept {
#ifdef MEMOSCAPE_MEMBARRIER
  if (cheap_fences_) syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
#endif
}

void Lease::collect() noexcept {
  if (pins_.load() != 0 || emptied_.exchange(true)) return;
  kept_ = BoxPtr();
  recording_ = nullptr;
}

bool Lease::was_called_in() noexcept {
  if ((alert_.load() & kDearFences) != 0) pins_.store(pins_.load(std::memory_order_relaxed));
  return is_called_in();
}

bool Lease::pin_closely() noexcept {
  if (!was_called_in()) return true;
  unpin();
  return false;
}

void Lease::unpin_closely() noexcept {
  if (!was_called_in() || pins_.load() != 0) return;
  collect();
  if (abandoned_) drop_owner();
}

void Lease::abandon() noexcept {
  call_in();
  if (pins_.load() != 0) {
    abandoned_ = true;
    return;
  }
  collect();
  drop_owner();
}

}  // namespace memoscape::inline v0::detail

// Mutex: a std::mutex whose `lock` and `unlock` are a few instructions in place while nobody waits,
// for those that each miss takes. Under ThreadSanitizer it is a std::mutex, whose order of locks
// that looks at.
//
// Thread-safety: that is what it is for.
//
// Source of the three states: Drepper, "Futexes Are Tricky", 2011.
#pragma once

#include <atomic>
#include <mutex>

#include "engine/sanitized.hpp"

namespace memoscape::inline v0::detail {

// For a core that waits for another one.
inline void pause_briefly() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

#ifdef MEMOSCAPE_TSAN
class Mutex : public std::mutex {
 public:
  bool is_awaited() const noexcept { return false; }
  void give_way() const noexcept {}
};
#else
class Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  // This one, also when it fails, and `unlock` are in the order of what is sequentially consistent.
  bool try_lock() noexcept {
    int free = kFree;
    return state_.compare_exchange_strong(free, kTaken);
  }
  void lock() noexcept {
    if (!try_lock()) wait();
  }
  void unlock() noexcept {
    if (state_.exchange(kFree) == kAwaited) state_.notify_one();
  }

  // Whether somebody waits, and not just awake.
  bool is_awaited() const noexcept { return waiting_.load(std::memory_order_relaxed) > 0; }
  // For who had it, will take it again at once, and was waited for: until somebody has it, or it
  // has taken longer than to be woken does mostly.
  void give_way() const noexcept;

 private:
  static constexpr int kFree = 0;
  static constexpr int kTaken = 1;
  static constexpr int kAwaited = 2;  // taken, and perhaps somebody waits

  void wait() noexcept;  // and takes it

  std::atomic<int> state_{kFree};
  std::atomic<int> waiting_{0};
};
#endif

}  // namespace memoscape::inline v0::detail

// Schedule: lets a test decide which of several threads goes on. Before every lock, every state
// read and every lookup, and within each lookup, the library passes a point; there, holding no
// lock, a thread may be made to wait for others. Nobody else needs it: without a schedule a point
// is one load.
//
// Thread-safety: set a schedule while no other thread is in the library.
#pragma once

#include <atomic>
#include <mutex>

#include "memoscape/config.hpp"

namespace memoscape::inline v0::detail {

class MEMOSCAPE_API Schedule {
 public:
  virtual ~Schedule() = default;
  virtual void reached() noexcept = 0;
  // Whether a thread that would not wait for the store's mutex finds that it is taken.
  virtual bool finds_taken() noexcept { return false; }

  static void set(Schedule* schedule) noexcept {
    current_.store(schedule, std::memory_order_relaxed);
  }
  static bool is_set() noexcept { return current_.load(std::memory_order_relaxed) != nullptr; }
  static void point() noexcept {
    Schedule* const schedule = current_.load(std::memory_order_relaxed);
    if (schedule != nullptr) schedule->reached();
  }
  static bool is_taken() noexcept {
    Schedule* const schedule = current_.load(std::memory_order_relaxed);
    return schedule != nullptr && schedule->finds_taken();
  }

 private:
  static std::atomic<Schedule*> current_;
};

// Holds a mutex, and passes the point before it.
class PointedLock {
 public:
  explicit PointedLock(std::mutex& mutex) : lock_((Schedule::point(), mutex)) {}

 private:
  std::scoped_lock<std::mutex> lock_;
};

}  // namespace memoscape::inline v0::detail

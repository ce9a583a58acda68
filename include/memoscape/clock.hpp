// Clock: where an engine takes the time from. Tests inject a ManualClock; nothing ever sleeps.
//
// Thread-safety: all members may be called from any thread.
//
//   ms::ManualClock clock;
//   ms::Engine engine({.clock = &clock});
//   clock.advance(61s);
#pragma once

#include <atomic>
#include <chrono>

#include "memoscape/config.hpp"

namespace memoscape::inline v0 {

class MEMOSCAPE_API Clock {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  virtual ~Clock();
  virtual time_point now() const noexcept = 0;

  // The process's steady clock.
  static const Clock& steady() noexcept;
};

// A clock that stands still until it is told otherwise.
class MEMOSCAPE_API ManualClock final : public Clock {
 public:
  ~ManualClock() override;
  time_point now() const noexcept override;
  void advance(std::chrono::nanoseconds time) noexcept;

 private:
  std::atomic<std::chrono::nanoseconds::rep> now_{0};
};

}  // namespace memoscape::inline v0

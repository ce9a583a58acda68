// AtPoint: does something at one of the points that the library passes (detail/schedule.hpp), so
// that a test can go through all of them.
//
//   bool was_reached = true;
//   for (int at = 0; was_reached; ++at) {
//     const AtPoint change(at, [&] { ... });
//     ...
//     was_reached = change.was_reached();
//   }
#pragma once

#include <functional>
#include <thread>
#include <utility>

#include "memoscape/detail/schedule.hpp"

namespace memoscape::testing {

// What it does is done on a thread of its own, as a point may lie within a lookup; the one that
// has reached the point waits for it.
//
// Thread-safety: made and destroyed while no other thread is in the library.
class AtPoint final : public detail::Schedule {
 public:
  AtPoint(int at, std::function<void()> act) : act_(std::move(act)), left_(at) { set(this); }
  AtPoint(const AtPoint&) = delete;
  AtPoint& operator=(const AtPoint&) = delete;
  ~AtPoint() override { set(nullptr); }
  void reached() noexcept override {
    if (left_-- == 0) std::thread(act_).join();
  }
  bool was_reached() const noexcept { return left_ < 0; }

 private:
  const std::function<void()> act_;
  int left_;
};

}  // namespace memoscape::testing

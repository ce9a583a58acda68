// A replaced operator new that can be told to fail: for binaries that failing_new.cpp is part of.
//
//   const Armed armed(3);       // the third allocation of this thread from here on fails
//   EXPECT_THROW(work(), std::bad_alloc);
//   EXPECT_TRUE(armed.failed());
#pragma once

#include <atomic>
#include <cstdint>

namespace memoscape::testing {

enum class Failing : std::uint8_t {
  one,  // that allocation
  rest  // that one and all after it
};

struct NewState {
  std::uint64_t count = 0;
  std::uint64_t fails_at = 0;  // 0: not armed
  Failing which = Failing::one;
  bool failed = false;
};
inline thread_local NewState new_state;

class Armed {
 public:
  explicit Armed(std::uint64_t nth, Failing which = Failing::one) {
    new_state = {.count = 0, .fails_at = nth, .which = which, .failed = false};
  }
  Armed(const Armed&) = delete;
  Armed& operator=(const Armed&) = delete;
  ~Armed() { new_state.fails_at = 0; }
  static bool failed() noexcept { return new_state.failed; }
};

// Lets allocations of all other threads fail: the next one, or all.
struct ElsewhereState {
  std::atomic<const NewState*> but_of{nullptr};  // null: not armed
  std::atomic<bool> only_next{false};
};
inline ElsewhereState elsewhere_state;

class ArmedElsewhere {
 public:
  explicit ArmedElsewhere(Failing which) {
    elsewhere_state.only_next = which == Failing::one;
    elsewhere_state.but_of = &new_state;
  }
  ArmedElsewhere(const ArmedElsewhere&) = delete;
  ArmedElsewhere& operator=(const ArmedElsewhere&) = delete;
  ~ArmedElsewhere() { elsewhere_state.but_of = nullptr; }
};

}  // namespace memoscape::testing

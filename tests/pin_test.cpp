// Leases: whoever calls one in, and whoever pins it, on two threads. Where fences are cheap, and
// where they are not.
#include "memoscape/detail/pin.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <memoscape/memoscape.hpp>
#include <thread>
#include <utility>

#include "engine/recording.hpp"

namespace memoscape::testing {
namespace {

namespace ms = memoscape;
using ms::detail::BoxOf;
using ms::detail::BoxPtr;
using ms::detail::Lease;

// Tells that it is gone.
struct Told {
  explicit Told(std::atomic<bool>& to) : gone(&to) {}
  Told(Told&& other) noexcept : gone(std::exchange(other.gone, nullptr)) {}
  Told& operator=(Told&&) = delete;
  ~Told() {
    if (gone != nullptr) gone->store(true);
  }

  std::atomic<bool>* gone;
};
std::uint64_t heap_bytes(const Told&) { return 0; }

// Owns the value: no entry has it.
struct OnlyLease final : Lease {
  OnlyLease(BoxPtr box, bool cheap_fences) : Lease(box.get(), nullptr, cheap_fences) { keep(); }

  bool is_used() const noexcept { return is_pinned(); }
};

class Leases : public ::testing::TestWithParam<bool> {
 protected:
  // What the caller has is one of its owners.
  OnlyLease& make() {
    gone_ = false;
    return *new OnlyLease(BoxPtr(new BoxOf<Told>(Told(gone_))), GetParam());
  }
  static void call_in(Lease& lease) {
    lease.call_in();
    Lease::fence();
    lease.collect();
  }

  std::atomic<bool> gone_ = false;
};

TEST_P(Leases, CanBePinnedUntilTheyAreCalledIn) {
  OnlyLease& lease = make();
  ASSERT_TRUE(lease.pin());
  ASSERT_TRUE(lease.pin());
  lease.unpin();
  EXPECT_TRUE(lease.is_used());
  lease.unpin();
  EXPECT_FALSE(lease.is_used());
  EXPECT_FALSE(gone_);
  call_in(lease);
  EXPECT_TRUE(gone_);
  EXPECT_FALSE(lease.pin());
  EXPECT_FALSE(lease.is_used());
  lease.drop_owner();
}

TEST_P(Leases, ThatAreCalledInLeaveTheValueToTheLastPin) {
  OnlyLease& lease = make();
  ASSERT_TRUE(lease.pin());
  ASSERT_TRUE(lease.pin());
  call_in(lease);
  EXPECT_FALSE(lease.pin());
  lease.unpin();
  EXPECT_FALSE(gone_);
  lease.unpin();
  EXPECT_TRUE(gone_);
  lease.drop_owner();
}

TEST_P(Leases, ThatAreGivenUpGoWithTheLastPin) {
  OnlyLease& lease = make();
  ASSERT_TRUE(lease.pin());
  lease.abandon();
  EXPECT_FALSE(gone_);
  lease.unpin();
  EXPECT_TRUE(gone_);
}

// As often as there is time for: no value goes while it is pinned, and each goes.
TEST_P(Leases, AreNotFreedUnderAPinOfAnotherThread) {
  constexpr int kRounds = 2'000;
  std::barrier<> meeting(2);
  OnlyLease* lease = nullptr;
  std::thread caller([&] {
    for (int i = 0; i < kRounds; ++i) {
      meeting.arrive_and_wait();
      call_in(*lease);
      meeting.arrive_and_wait();
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    lease = &make();
    meeting.arrive_and_wait();
    for (int pins = 0; pins < 1'000 && lease->pin(); ++pins) {
      EXPECT_FALSE(gone_) << "in round " << i;
      lease->unpin();
    }
    meeting.arrive_and_wait();
    EXPECT_TRUE(gone_) << "in round " << i;
    lease->drop_owner();
  }
  caller.join();
}

INSTANTIATE_TEST_SUITE_P(, Leases, ::testing::Bool(), [](const auto& info) {
  return info.param ? "CheapFences" : "DearFences";
});

}  // namespace
}  // namespace memoscape::testing

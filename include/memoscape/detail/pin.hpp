// Lease: a session's own hold on a cached value, so that its hits write no memory that other
// sessions write. Pin: what keeps a value alive for a Ref: a counted reference, or a lease.
//
// How a lease ends. The thread of the run publishes that it uses the value (its count of pins), and
// then looks whether the lease has been called in. Who takes the entry out of the store calls the
// lease in, and then looks at the pins. At least one of the two sees the other: either the hit
// finds the lease called in and is none, or the value is left to the last pin. What nobody pins is
// freed at once.
//
// Both orders need a full fence between the write and the look. Where the system can put one into
// all other threads (membarrier), those who call in pay for both, and a hit writes plain memory.
// Where it cannot, each lease says so where it says that it has been called in: there it is looked
// again after a fence, and who has cheap fences does not ask what they cost.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "memoscape/config.hpp"
#include "memoscape/detail/box.hpp"

namespace memoscape::inline v0::detail {

struct Recording;

// Thread-safety: pins belong to the thread of the run; the rest may be called from any thread.
class MEMOSCAPE_API Lease {
 public:
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  // --- the thread of the run ---

  // False: the lease has been called in, and nothing is pinned.
  bool pin() noexcept {
    if (try_pin()) [[likely]]
      return true;
    return pin_closely();
  }
  // The same in two steps. The second one, if the first gave false, tells.
  bool try_pin() noexcept {
    publish(pins_.load(std::memory_order_relaxed) + 1);
    return alert_.load() == 0;
  }
  bool pin_closely() noexcept;
  void unpin() noexcept {
    publish(pins_.load(std::memory_order_relaxed) - 1);
    if (alert_.load() != 0) [[unlikely]]
      unpin_closely();
  }
  // Requires: pinned.
  Box* box() const noexcept { return box_; }
  const std::shared_ptr<const Recording>& recording() const noexcept { return recording_; }
  // The session gives it up. Pins that are left keep it.
  void abandon() noexcept;

  // --- any thread ---

  bool is_called_in() const noexcept { return (alert_.load() & kCalledIn) != 0; }
  // No pin succeeds from here on. Then, after `fence`, `collect` frees what nobody pins.
  void call_in() noexcept { alert_.fetch_or(kCalledIn); }
  // Into all other threads, if they write without.
  static void fence() noexcept;
  static bool has_cheap_fences() noexcept { return cheap_fences_; }
  void collect() noexcept;  // user code: not under a lock

  // The object itself is counted: by the session, and by the store.
  void add_owner() noexcept { owners_.fetch_add(1, std::memory_order_relaxed); }
  void drop_owner() noexcept {
    if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 protected:
  // Of a value that somebody else keeps until `keep` was called; null: none.
  Lease(Box* box, std::shared_ptr<const Recording> recording, bool cheap_fences = cheap_fences_);
  virtual ~Lease();

  bool is_pinned() const noexcept { return pins_.load(std::memory_order_relaxed) != 0; }
  // Takes a reference to its value: from here on nobody else needs to have one.
  void keep() noexcept {
    box_->add_reference();
    kept_ = BoxPtr(box_);
  }
  // Another value, and a recording that is counted as the one before is. Requires: it is neither
  // pinned nor called in, nor can be called in now.
  void hold(Box& box, const Recording* recording) noexcept {
    box_ = &box;
    recording_ = std::shared_ptr<const Recording>(std::move(recording_), recording);
  }

 private:
  void publish(std::uint32_t pins) noexcept {
    pins_.store(pins, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  void unpin_closely() noexcept;
  // Whether it has been called in, as of after what was published.
  bool was_called_in() noexcept;

  static const bool cheap_fences_;

  // Why it is not enough to have published.
  static constexpr std::uint8_t kCalledIn = 1;
  static constexpr std::uint8_t kDearFences = 2;

  std::atomic<std::uint32_t> pins_{0};  // written by the thread of the run alone
  std::atomic<std::uint8_t> alert_;
  std::atomic<bool> emptied_{false};
  bool abandoned_ = false;  // of the thread of the run
  std::atomic<std::uint32_t> owners_{1};
  Box* box_ = nullptr;
  BoxPtr kept_;  // the same, once the entry may have dropped it
  std::shared_ptr<const Recording> recording_;
};

// Aligned: it is written in one piece and read in two right after, which takes 15 ns when it lies
// across two cache lines.
//
// Thread-safety: one thread at a time; one of a lease, the thread of its run.
class alignas(2 * sizeof(void*)) Pin {
 public:
  // What it holds, in two registers.
  struct Held {
    Box* box = nullptr;
    Lease* lease = nullptr;
  };
  explicit Pin(Held held) noexcept : box_(held.box), lease_(held.lease) {}
  Held release() noexcept { return {std::exchange(box_, nullptr), std::exchange(lease_, nullptr)}; }

  Pin(BoxPtr box) noexcept : box_(box.release()) {}
  // Takes over a pin of the lease.
  explicit Pin(Lease& pinned) noexcept : box_(pinned.box()), lease_(&pinned) {}
  Pin(Pin&& other) noexcept
      : box_(std::exchange(other.box_, nullptr)), lease_(std::exchange(other.lease_, nullptr)) {}
  Pin& operator=(Pin&& other) noexcept {
    std::swap(box_, other.box_);
    std::swap(lease_, other.lease_);
    return *this;
  }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  ~Pin() {
    if (lease_ != nullptr)
      lease_->unpin();
    else if (box_ != nullptr)
      box_->drop_reference();
  }

  void* object() const noexcept { return box_->object; }
  // A counted reference, which may outlive the run.
  BoxPtr share() const noexcept {
    box_->add_reference();
    return BoxPtr(box_);
  }

 private:
  Box* box_ = nullptr;
  Lease* lease_ = nullptr;  // null: `box_` is counted
};

}  // namespace memoscape::inline v0::detail

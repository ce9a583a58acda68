// Readers: lets lookups read the store without its mutex, and without waiting for who changes it,
// or being waited for.
//
// A lookup opens a section and reads. Who holds the mutex counts the *changes* of what lookups
// read: the count is odd while one is under way. A lookup that finds it odd, or other than it was
// when the section was opened, has perhaps met half a change: what it found counts for nothing, and
// it asks again under the mutex. What is changed in place is atomic (Published), so whatever a
// lookup meets it can read. What a change takes out of the store is freed when the sections have
// closed that were open then: who frees it gives them a moment, and then leaves it to the last of
// them, which perhaps was preempted. So nobody waits for a thread that does not run. Values are not
// left to it, unless a section can have pinned them (EngineCore::take_value).
//
// A section is short, calls no user code, and is not opened within another one. It writes a line of
// memory of its thread alone.
//
// Source of the scheme: sequence locks, and epoch-based reclamation (Fraser, Practical
// lock-freedom, 2004).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "memoscape/config.hpp"
#include "memoscape/detail/pin.hpp"

namespace memoscape::inline v0::detail {

// What lookups read while it is changed: whoever sees a value sees what was written before it, and
// that a change is under way.
template <class T>
class Published {
 public:
  Published() = default;
  Published(T value) noexcept : value_(value) {}  // NOLINT(*-explicit-*): it stands for the value
  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;
  Published& operator=(T value) noexcept {
    value_.store(value, std::memory_order_release);
    return *this;
  }
  T get() const noexcept { return value_.load(std::memory_order_acquire); }
  operator T() const noexcept { return get(); }  // NOLINT(*-explicit-*)
  T operator->() const noexcept { return get(); }

 private:
  std::atomic<T> value_{};
};

class Readers {
  static constexpr std::size_t kLine = 64;  // what two threads should not both write
  // Of a thread. Never freed, but used again.
  struct alignas(kLine) Slot {
    // The epoch in which its section was opened, or one before; 0: none is open.
    std::atomic<std::uint64_t> opened{0};
    std::atomic<bool> is_taken{true};
    Slot* next = nullptr;
  };

 public:
  class Section {
   public:
    explicit Section(const Readers& readers) noexcept : readers_(readers), slot_(slot()) {
      if (slot_ == nullptr) return;
      opened_ = epoch_.load(std::memory_order_acquire);
      slot_->opened.store(opened_);
      changes_ = readers.changes_.load();
      is_open_ = true;
      if (changes_ % 2 != 0) close();
    }
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;
    ~Section() {
      if (is_open_) close();
    }
    explicit operator bool() const noexcept { return is_open_; }
    // The epoch in which it was opened, or one before.
    std::uint64_t opened() const noexcept { return opened_; }
    // The changes that what is read in it comes after.
    std::uint64_t changes() const noexcept { return changes_; }
    // Whether all that was read in it was there at once. Otherwise it counts for nothing.
    bool is_true() const noexcept { return readers_.changes_.load() == changes_; }
    void close() noexcept {
      is_open_ = false;
      if (Lease::has_cheap_fences()) {
        slot_->opened.store(0, std::memory_order_release);
        std::atomic_signal_fence(std::memory_order_seq_cst);
      } else {
        slot_->opened.store(0);
      }
    }

   private:
    const Readers& readers_;
    Slot* const slot_;
    std::uint64_t opened_ = 0;
    std::uint64_t changes_ = 0;
    bool is_open_ = false;
  };

  // --- who holds the store's mutex ---

  // To be called before anything is changed that sections read.
  void begin_change() noexcept {
    const std::uint64_t before = changes_.load(std::memory_order_relaxed);
    if (before % 2 == 0) changes_.store(before + 1);
  }
  void end_change() noexcept {
    const std::uint64_t before = changes_.load(std::memory_order_relaxed);
    if (before % 2 != 0) changes_.store(before + 1, std::memory_order_release);
  }
  bool is_changing() const noexcept { return changes() % 2 != 0; }
  // What was found in a section stands while this is what it was there.
  std::uint64_t changes() const noexcept { return changes_.load(std::memory_order_relaxed); }

  // --- any thread; they speak of the sections of all stores ---

  static bool is_any_open() noexcept { return is_any_open_since(~std::uint64_t{0}); }
  // Begins another epoch, and gives the one that has ended.
  static std::uint64_t end_epoch() noexcept { return epoch_.fetch_add(1); }
  // Whether a section is open that was opened by the end of this epoch.
  static bool is_any_open_since(std::uint64_t epoch) noexcept;
  // Waits for those that are open now, but not for threads that were preempted. Gives whether they
  // have closed.
  static bool wait_for_open() noexcept;

 private:
  // Null: there is no memory for one.
  static Slot* slot() noexcept { return mine_ != nullptr ? mine_ : take_slot(); }
  static Slot* take_slot() noexcept;

  static std::atomic<Slot*> slots_;
  static std::atomic<std::uint64_t> epoch_;
  static thread_local constinit Slot* mine_;

  std::atomic<std::uint64_t> changes_{0};
};

}  // namespace memoscape::inline v0::detail

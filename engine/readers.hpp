// Readers: lets lookups read the store without its mutex. A lookup opens a section; who changes
// what sections read, and holds the mutex, excludes them first and waits for those that are open.
//
// A section is short and calls no user code, so the wait is short: as long as a lookup, or, when
// its thread was preempted in a section, until that runs again. A lookup that finds sections
// excluded takes the mutex instead. So lookups wait for nobody but a change in progress, and write
// nothing that lookups of other threads write (but for threads that share a slot). A section is not
// opened within another one.
//
// Invariant: while `exclude` is in force no section is open. Either a section sees the exclusion or
// the excluding thread sees the section: each writes, then looks at what the other wrote, in one
// total order.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace memoscape::inline v0::detail {

class Readers {
  static constexpr std::size_t kSlots = 32;
  static constexpr std::size_t kShared = kSlots - 1;
  static constexpr std::size_t kLine = 64;  // what two threads should not both write
  struct alignas(kLine) Slot {
    std::atomic<std::uint32_t> open{0};
  };

 public:
  class Section {
   public:
    explicit Section(Readers& readers) noexcept : Section(readers, slot_of_thread()) {}
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;
    ~Section() {
      if (is_open_) close();
    }
    explicit operator bool() const noexcept { return is_open_; }

   private:
    Section(Readers& readers, std::size_t slot) noexcept
        : slot_(readers.slots_[slot]), is_shared_(slot == kShared) {
      if (is_shared_)
        slot_.open.fetch_add(1);
      else
        slot_.open.store(1);
      is_open_ = !readers.excluded_.load();
      if (!is_open_) close();
    }
    void close() noexcept {
      if (is_shared_)
        slot_.open.fetch_sub(1, std::memory_order_release);
      else
        slot_.open.store(0, std::memory_order_release);
    }

    Slot& slot_;
    const bool is_shared_;
    bool is_open_;
  };

  // --- one thread at a time ---
  void exclude() noexcept {
    excluded_.store(true);
    const std::size_t used = std::min(next_thread().load(), kSlots);
    for (std::size_t i = 0; i < used; ++i) {
      while (slots_[i].open.load() != 0) std::this_thread::yield();
    }
    ++changes_;
  }
  void admit() noexcept { excluded_.store(false, std::memory_order_release); }
  bool excluded() const noexcept { return excluded_.load(std::memory_order_relaxed); }

  // How often sections were excluded: what was read in one stands in a later one, if that has not
  // changed. Requires: a section is open.
  std::uint64_t changes() const noexcept { return changes_; }

 private:
  // Threads are numbered as they come; those for which there are not enough slots share the last. A
  // thread that `exclude` does not count yet comes after the exclusion, and sees it.
  static std::atomic<std::size_t>& next_thread() noexcept {
    static std::atomic<std::size_t> next{0};
    return next;
  }
  static std::size_t slot_of_thread() noexcept {
    thread_local const std::size_t mine = std::min(next_thread().fetch_add(1), kShared);
    return mine;
  }

  std::array<Slot, kSlots> slots_;
  alignas(kLine) std::atomic<bool> excluded_{false};
  std::uint64_t changes_ = 0;
};

}  // namespace memoscape::inline v0::detail

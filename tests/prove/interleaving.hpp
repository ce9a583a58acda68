// Interleaving: of some threads one runs at a time, and a seed decides at each point of the library
// which. So what threads do to each other can be repeated.
//
// Turns are handed over by a futex and relaxed atomics, which order no memory: ThreadSanitizer
// finds the races of each interleaving as if all threads ran at once. It holds for Linux.
//
// Thread-safety: of all its threads; made and destroyed while none of them runs.
//
//   Interleaving turns(seed, 4);
//   std::jthread thread([&] { const Interleaving::Part part(turns, 0); play(); });
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "memoscape/detail/schedule.hpp"

namespace prove {

class Interleaving final : public memoscape::detail::Schedule {
 public:
  // `threads` begin together: the first goes when all are there.
  Interleaving(std::uint64_t seed, std::size_t threads) noexcept;
  Interleaving(const Interleaving&) = delete;
  Interleaving& operator=(const Interleaving&) = delete;
  ~Interleaving() override;

  // This thread, while it lives, is number `thread`.
  class Part {
   public:
    Part(Interleaving& turns, std::size_t thread) noexcept;
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part();

   private:
    Interleaving& turns_;
  };
  // One more than those that begin; called by the thread whose turn it is, before it is started.
  void expect(std::size_t thread) noexcept {
    playing_.fetch_or(bit(thread), std::memory_order_relaxed);
  }
  // The same, until it has ended.
  void wait_for(std::size_t thread) noexcept;

  void reached() noexcept override;
  bool finds_taken() noexcept override;
  // The one of which this thread has a part; null: of none.
  static Interleaving* of_thread() noexcept { return own_turns; }

 private:
  static constexpr std::size_t kMost = 64;
  static std::uint64_t bit(std::size_t thread) noexcept { return std::uint64_t{1} << thread; }
  std::uint64_t roll() noexcept;
  void hand_over() noexcept;  // to any of those that play
  void give_turn(std::size_t thread) noexcept;
  void wait_for_turn(std::size_t thread) noexcept;

  static thread_local Interleaving* own_turns;
  static thread_local std::size_t own_number;

  std::atomic<std::uint64_t> dice_;  // of whose turn it is
  const std::uint64_t rarely_;       // one point in so many is where another may go on
  const std::uint64_t first_;        // the threads that begin
  std::atomic<std::uint64_t> arrived_{0};
  std::atomic<std::uint64_t> playing_;
  std::array<std::atomic<std::uint32_t>, kMost> turn_{};  // 1: it is
};

}  // namespace prove

// Invariant: at most one of `turn_` is 1, or the thread that took it last runs.
#include "prove/interleaving.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>

namespace prove {

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) noexcept {
  static_assert(sizeof word == sizeof(std::uint32_t));
  syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
std::uint64_t mixed(std::uint64_t bits) noexcept {
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
  return bits ^ (bits >> 31);
}

}  // namespace

thread_local Interleaving* Interleaving::own_turns = nullptr;
thread_local std::size_t Interleaving::own_number = 0;

Interleaving::Interleaving(std::uint64_t seed, std::size_t threads) noexcept
    : dice_(mixed(seed)),
      rarely_(std::uint64_t{1} << (mixed(~seed) % 6)),
      first_(bit(threads) - 1),
      playing_(first_) {
  set(this);
}

Interleaving::~Interleaving() { set(nullptr); }

Interleaving::Part::Part(Interleaving& turns, std::size_t thread) noexcept : turns_(turns) {
  own_turns = &turns;
  own_number = thread;
  const std::uint64_t first = turns.first_;
  const bool begins = (first & bit(thread)) != 0;
  // Who completes the group lets one of it begin.
  if (begins && (turns.arrived_.fetch_or(bit(thread), kRelaxed) | bit(thread)) == first) {
    turns.hand_over();
  }
  turns.wait_for_turn(thread);
}

Interleaving::Part::~Part() {
  turns_.playing_.fetch_and(~bit(own_number), kRelaxed);
  own_turns = nullptr;
  if (turns_.playing_.load(kRelaxed) != 0) turns_.hand_over();
}

void Interleaving::reached() noexcept {
  if (own_turns != this) return;  // a thread that has no part
  if (roll() % rarely_ != 0) return;
  hand_over();
  wait_for_turn(own_number);
}

bool Interleaving::finds_taken() noexcept { return own_turns == this && roll() % 2 == 0; }

void Interleaving::wait_for(std::size_t thread) noexcept {
  while ((playing_.load(kRelaxed) & bit(thread)) != 0) reached();
}

std::uint64_t Interleaving::roll() noexcept {
  const std::uint64_t next = dice_.load(kRelaxed) + 0x9e3779b97f4a7c15u;
  dice_.store(next, kRelaxed);
  return mixed(next) >> 8;
}

void Interleaving::hand_over() noexcept {
  std::uint64_t left = playing_.load(kRelaxed);
  for (std::uint64_t skip = roll() % static_cast<std::uint64_t>(std::popcount(left)); skip > 0;
       --skip) {
    left &= left - 1;
  }
  give_turn(static_cast<std::size_t>(std::countr_zero(left)));
}

void Interleaving::give_turn(std::size_t thread) noexcept {
  turn_[thread].store(1, kRelaxed);
  if (thread != own_number || own_turns != this) futex(turn_[thread], FUTEX_WAKE_PRIVATE, 1);
}

void Interleaving::wait_for_turn(std::size_t thread) noexcept {
  while (turn_[thread].load(kRelaxed) == 0) futex(turn_[thread], FUTEX_WAIT_PRIVATE, 0);
  turn_[thread].store(0, kRelaxed);
}

}  // namespace prove

// ExpiryQueue: the permutations that expire, the next one first.
//
// A heap in which each has four below it, which lie in one line of memory, and each permutation
// knows its place: so one that goes is taken out from wherever it is. What comes expires later than
// all that is there, while there is one ttl: then it goes to the end, and stays there. What is
// taken out leaves its place to the last one, which mostly stays there, too.
//
// It lies in blocks, so it grows without moving what is there, and takes 16 bytes for each.
//
// Invariants: none expires before the one above it; each names its place; at most one block is
// empty.
//
// Thread-safety: none; the store's is guarded by its mutex.
//
// Source: d-ary heaps (Johnson, 1975).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "memoscape/clock.hpp"

namespace memoscape::inline v0::detail {

struct Permutation;

class ExpiryQueue {
 public:
  using TimePoint = Clock::time_point;

  static constexpr std::uint64_t kShare = 16;  // bytes of one that is in it

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  // Requires: it is not empty.
  TimePoint next_time() const noexcept { return item(0).time; }
  Permutation& next() const noexcept { return *item(0).permutation; }

  // Makes room for one more. Throws: std::bad_alloc.
  void reserve_one();
  // Requires: room for it; it is not there. Complexity: constant, if none there expires later; else
  // logarithmic.
  void insert(Permutation& permutation, TimePoint time) noexcept;
  // Requires: it is there. Complexity: logarithmic; constant on average, if they came in their
  // order.
  void erase(const Permutation& permutation) noexcept;
  // The same for one that expires at another time from here on.
  void move(const Permutation& permutation, TimePoint time) noexcept;
  // It will be erased soon: brings what that looks at into the cache.
  void look_ahead(const Permutation& permutation) const noexcept;

  // Whether it is there, to expire at that time, and not before the one above it.
  bool has(const Permutation& permutation, TimePoint time) const noexcept;
  std::size_t heap_bytes() const noexcept;

 private:
  struct Item {
    TimePoint time;
    Permutation* permutation;
  };
  static constexpr std::size_t kBelow = 4;
  static constexpr std::size_t kFirst = kBelow - 1;  // the place of the next one: so the four below
                                                     // one lie in a line
  struct alignas(kBelow * sizeof(Item)) Block {
    static constexpr std::size_t kItems = 256;
    Item items[kItems];
  };
  static_assert(sizeof(Item) == kShare && Block::kItems % kBelow == 0);

  static std::size_t above(std::size_t at) noexcept { return (at - 1) / kBelow; }
  static std::size_t below(std::size_t at) noexcept { return at * kBelow + 1; }  // the first
  const Item& item(std::size_t at) const noexcept {
    const std::size_t place = at + kFirst;
    return blocks_[place / Block::kItems]->items[place % Block::kItems];
  }
  void put(std::size_t at, const Item& one) noexcept;
  // From a place that is free, to where it belongs.
  void sink_or_rise(std::size_t at, const Item& one) noexcept;
  void rise(std::size_t at, const Item& one) noexcept;
  void sink(std::size_t at, const Item& one) noexcept;

  std::vector<std::unique_ptr<Block>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace memoscape::inline v0::detail

#include "engine/expiry_queue.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <new>

#include "engine/state_space.hpp"
#include "memoscape/detail/allocated.hpp"
#include "memoscape/detail/buffers.hpp"
#include "memoscape/detail/reserve.hpp"

namespace memoscape::inline v0::detail {

void ExpiryQueue::reserve_one() {
  if (size_ + kFirst < blocks_.size() * Block::kItems) return;
  if (size_ + Block::kItems > std::numeric_limits<std::uint32_t>::max()) throw std::bad_alloc();
  reserve_more(blocks_);
  blocks_.push_back(std::make_unique_for_overwrite<Block>());
}

void ExpiryQueue::insert(Permutation& permutation, TimePoint time) noexcept {
  assert(size_ + kFirst < blocks_.size() * Block::kItems);
  rise(size_++, {time, &permutation});
}

void ExpiryQueue::erase(const Permutation& permutation) noexcept {
  const std::size_t at = permutation.expiry_place;
  assert(item(at).permutation == &permutation);
  const Item last = item(--size_);
  if (at != size_) sink_or_rise(at, last);
  if (size_ + kFirst + Block::kItems <= (blocks_.size() - 1) * Block::kItems) blocks_.pop_back();
}

void ExpiryQueue::move(const Permutation& permutation, TimePoint time) noexcept {
  const std::size_t at = permutation.expiry_place;
  sink_or_rise(at, {time, item(at).permutation});
}

void ExpiryQueue::look_ahead(const Permutation& permutation) const noexcept {
  const std::size_t at = permutation.expiry_place;
  if (at != 0) prefetch(&item(above(at)));
  if (below(at) < size_) prefetch(&item(below(at)));
}

bool ExpiryQueue::has(const Permutation& permutation, TimePoint time) const noexcept {
  const std::size_t at = permutation.expiry_place;
  if (at >= size_ || item(at).permutation != &permutation || item(at).time != time) return false;
  return at == 0 || item(above(at)).time <= time;
}

std::size_t ExpiryQueue::heap_bytes() const noexcept {
  return buffer_bytes(blocks_) + blocks_.size() * allocated(sizeof(Block));
}

inline void ExpiryQueue::put(std::size_t at, const Item& one) noexcept {
  const std::size_t place = at + kFirst;
  blocks_[place / Block::kItems]->items[place % Block::kItems] = one;
  one.permutation->expiry_place = static_cast<std::uint32_t>(at);
}

void ExpiryQueue::sink_or_rise(std::size_t at, const Item& one) noexcept {
  if (at != 0 && one.time < item(above(at)).time)
    rise(at, one);
  else
    sink(at, one);
}

void ExpiryQueue::rise(std::size_t at, const Item& one) noexcept {
  for (; at != 0 && one.time < item(above(at)).time; at = above(at)) put(at, item(above(at)));
  put(at, one);
}

void ExpiryQueue::sink(std::size_t at, const Item& one) noexcept {
  for (std::size_t first = below(at); first < size_; first = below(at)) {
    std::size_t least = first;
    const std::size_t end = std::min(first + kBelow, size_);
    for (std::size_t i = first + 1; i < end; ++i) {
      if (item(i).time < item(least).time) least = i;
    }
    if (one.time <= item(least).time) break;
    put(at, item(least));
    at = least;
  }
  put(at, one);
}

}  // namespace memoscape::inline v0::detail

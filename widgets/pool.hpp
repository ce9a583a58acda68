// Pool: objects of one type that lie together, whose memory is taken for several at a time.
//
// What an object leaves is for the next one; all of it goes with the pool, which its objects must
// not outlive.
//
// Thread-safety: none.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "memoscape/detail/allocated.hpp"

namespace memoscape::inline v0::detail {

template <class T>
class Pool {
 public:
  struct Return {
    Pool* pool = nullptr;
    void operator()(T* gone) const noexcept { pool->take_back(gone); }
  };
  using Ptr = std::unique_ptr<T, Return>;

  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Throws: std::bad_alloc.
  Ptr make() {
    static_assert(std::is_nothrow_default_constructible_v<T>);
    if (free_ == nullptr) grow();
    Place* const place = std::exchange(free_, free_->next);
    return Ptr(::new (place) T, {this});
  }
  std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  union Place {
    Place* next;  // that is free
    alignas(T) std::byte object[sizeof(T)];
  };

  // By as many as there are, within bounds.
  void grow() {
    constexpr std::size_t kLeast = 2;
    constexpr std::size_t kMost = 64;
    const std::size_t count = std::clamp(count_, kLeast, kMost);
    chunks_.push_back(std::make_unique_for_overwrite<Place[]>(count));
    count_ += count;
    bytes_ += allocated(count * sizeof(Place) + alignof(Place));
    for (std::size_t i = count; i-- > 0;) push(chunks_.back()[i]);
  }
  void push(Place& place) noexcept { free_ = ::new (&place) Place{.next = free_}; }
  void take_back(T* gone) noexcept {
    gone->~T();
    push(*reinterpret_cast<Place*>(gone));  // it was made there
  }

  std::vector<std::unique_ptr<Place[]>> chunks_;
  Place* free_ = nullptr;  // the first
  std::size_t count_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace memoscape::inline v0::detail

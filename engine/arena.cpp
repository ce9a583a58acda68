#include "memoscape/arena.hpp"

#include <algorithm>
#include <new>

#include "memoscape/detail/allocated.hpp"

namespace memoscape::inline v0 {

namespace {

std::uint64_t charge_of(std::size_t bytes) noexcept {
  return allocated(std::max<std::size_t>(bytes, 1));
}

}  // namespace

Arena::~Arena() = default;

void* Arena::do_allocate(std::size_t bytes, std::size_t alignment) {
  void* memory = alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__
                     ? ::operator new(bytes)
                     : ::operator new(bytes, std::align_val_t(alignment));
  owners_.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t charge = charge_of(bytes);
  const std::uint64_t live = live_.fetch_add(charge, std::memory_order_relaxed) + charge;
  std::uint64_t peak = peak_.load(std::memory_order_relaxed);
  while (live > peak && !peak_.compare_exchange_weak(peak, live, std::memory_order_relaxed)) {
  }
  return memory;
}

void Arena::do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) {
  if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
    ::operator delete(memory);
  } else {
    ::operator delete(memory, std::align_val_t(alignment));
  }
  live_.fetch_sub(charge_of(bytes), std::memory_order_relaxed);
  drop_owner();
}

bool Arena::do_is_equal(const std::pmr::memory_resource& other) const noexcept {
  return this == &other;
}

void Arena::drop_owner() noexcept {
  if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

ArenaPtr ArenaPtr::make() {
  ArenaPtr made;
  made.arena_ = new Arena();
  return made;
}

ArenaPtr::ArenaPtr(const ArenaPtr& other) noexcept : arena_(other.arena_) {
  if (arena_ != nullptr) arena_->owners_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace memoscape::inline v0

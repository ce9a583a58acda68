#include "failing_new.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace memoscape::testing {
namespace {

bool fails_elsewhere(const NewState& mine) {
  const NewState* const spared = elsewhere_state.but_of;
  if (spared == nullptr || spared == &mine) return false;
  if (elsewhere_state.only_next) elsewhere_state.but_of = nullptr;
  return true;
}

void* allocate_or_fail(std::size_t bytes, std::size_t alignment) {
  NewState& state = new_state;
  if (fails_elsewhere(state)) throw std::bad_alloc();
  if (state.fails_at != 0) {
    ++state.count;
    const bool fails =
        state.which == Failing::one ? state.count == state.fails_at : state.count >= state.fails_at;
    if (fails) {
      state.failed = true;
      throw std::bad_alloc();
    }
  }
  const std::size_t size = bytes == 0 ? 1 : bytes;
  void* memory = alignment == 0 ? std::malloc(size)
                                : std::aligned_alloc(
                                      alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* allocate_or_give_null(std::size_t bytes, std::size_t alignment) noexcept {
  try {
    return allocate_or_fail(bytes, alignment);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace
}  // namespace memoscape::testing

using memoscape::testing::allocate_or_fail;
using memoscape::testing::allocate_or_give_null;

void* operator new(std::size_t bytes) { return allocate_or_fail(bytes, 0); }
void* operator new[](std::size_t bytes) { return allocate_or_fail(bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate_or_fail(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return allocate_or_fail(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return allocate_or_give_null(bytes, 0);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return allocate_or_give_null(bytes, 0);
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate_or_give_null(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment,
                     const std::nothrow_t&) noexcept {
  return allocate_or_give_null(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

// A replaced operator new that can be told to fail. To be included by one source of a binary.
//
//   const Armed armed(3);       // the third allocation of this thread from here on fails
//   EXPECT_THROW(work(), std::bad_alloc);
//   EXPECT_TRUE(armed.failed());
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace memoscape::testing {

enum class Failing : std::uint8_t {
  one,  // that allocation
  rest  // that one and all after it
};

struct NewState {
  std::uint64_t count = 0;
  std::uint64_t fails_at = 0;  // 0: not armed
  Failing which = Failing::one;
  bool failed = false;
};
inline thread_local NewState new_state;

class Armed {
 public:
  explicit Armed(std::uint64_t nth, Failing which = Failing::one) {
    new_state = {.count = 0, .fails_at = nth, .which = which, .failed = false};
  }
  Armed(const Armed&) = delete;
  Armed& operator=(const Armed&) = delete;
  ~Armed() { new_state.fails_at = 0; }
  static bool failed() noexcept { return new_state.failed; }
};

inline void* allocate_or_fail(std::size_t bytes, std::size_t alignment) {
  NewState& state = new_state;
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

}  // namespace memoscape::testing

void* operator new(std::size_t bytes) { return memoscape::testing::allocate_or_fail(bytes, 0); }
void* operator new[](std::size_t bytes) { return memoscape::testing::allocate_or_fail(bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return memoscape::testing::allocate_or_fail(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return memoscape::testing::allocate_or_fail(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

// Spares: memory of objects that are gone, for those that come next. What a miss takes out of the
// store it puts back in at once, so a few of each are enough.
//
// Thread-safety: none; the store's are guarded by its mutex.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include "memoscape/detail/allocated.hpp"

namespace memoscape::inline v0::detail {

template <class T, std::size_t kMost>
class Spares {
 public:
  Spares() = default;
  Spares(const Spares&) = delete;
  Spares& operator=(const Spares&) = delete;
  ~Spares() {
    while (first_ != nullptr) ::operator delete(take());
  }

  // Throws: std::bad_alloc.
  std::unique_ptr<T> make() {
    void* const memory = first_ != nullptr ? take() : ::operator new(sizeof(T));
    return std::unique_ptr<T>(::new (memory) T);  // without zeros that its initializers overwrite
  }
  bool has_room() const noexcept { return count_ < kMost; }
  // Destroys it. Requires: `has_room`, and nobody refers to it.
  void add(T* gone) noexcept {
    gone->~T();
    first_ = ::new (gone) Spare{first_};
    ++count_;
  }
  // What it may hold: so what is counted does not depend on what came and went.
  static constexpr std::size_t most_bytes() noexcept { return kMost * allocated(sizeof(T)); }

 private:
  struct Spare {
    Spare* next;
  };
  static_assert(sizeof(Spare) <= sizeof(T) && alignof(T) <= alignof(std::max_align_t));

  void* take() noexcept {
    Spare* const taken = first_;
    first_ = taken->next;
    --count_;
    return taken;
  }

  Spare* first_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace memoscape::inline v0::detail

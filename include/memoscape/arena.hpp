// Arena: the memory of one value, counted where it is allocated. For values that no traversal can
// see through, and for whoever wants their peak.
//
// A cached function takes it from its run (Run::arena) and lets its value allocate there; what is
// still allocated when the function returns is what the value costs. Every allocation is counted,
// at the allocator's usable size, whichever thread makes it. Nothing is pooled: what is deallocated
// is given back at once. Pass the value on by moving it: a copy of a std::pmr container allocates
// from the default resource.
//
// The cached value owns its arena. What was moved out of a resource may outlive it: then the arena
// ends with its last allocation.
//
// Thread-safety: as a std::pmr::memory_resource, from any thread.
//
//   auto mesh = engine.cache_data("mesh", [](ms::Run& run, int level) {
//     Mesh mesh(&run.arena());  // its std::pmr containers, and those of its parts
//     mesh.refine(level);
//     return ms::in_arena(std::move(mesh));  // charged by what the arena counted
//   });
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <utility>

#include "memoscape/config.hpp"

namespace memoscape::inline v0 {

class MEMOSCAPE_API Arena final : public std::pmr::memory_resource {
 public:
  std::uint64_t live() const noexcept { return live_.load(std::memory_order_relaxed); }  // bytes
  std::uint64_t peak() const noexcept { return peak_.load(std::memory_order_relaxed); }

 private:
  friend class ArenaPtr;
  Arena() = default;
  ~Arena() override;
  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override;
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override;
  void drop_owner() noexcept;

  std::atomic<std::uint64_t> live_{0};
  std::atomic<std::uint64_t> peak_{0};
  std::atomic<std::uint64_t> owners_{1};  // pointers and allocations
};

// An owning pointer to an arena; null if it is default-constructed.
class MEMOSCAPE_API ArenaPtr {
 public:
  ArenaPtr() = default;
  static ArenaPtr make();
  ArenaPtr(const ArenaPtr& other) noexcept;
  ArenaPtr(ArenaPtr&& other) noexcept : arena_(std::exchange(other.arena_, nullptr)) {}
  // Two, and what was held is let go here: in a template, clang 14 forgets to destroy the argument
  // of `arena = {}`.
  ArenaPtr& operator=(const ArenaPtr& other) noexcept { return *this = ArenaPtr(other); }
  ArenaPtr& operator=(ArenaPtr&& other) noexcept {
    ArenaPtr moved(std::move(other));
    std::swap(arena_, moved.arena_);
    return *this;
  }
  ~ArenaPtr() {
    if (arena_ != nullptr) arena_->drop_owner();
  }
  Arena* get() const noexcept { return arena_; }
  Arena* operator->() const noexcept { return arena_; }
  explicit operator bool() const noexcept { return arena_ != nullptr; }

 private:
  Arena* arena_ = nullptr;
};

// A value whose bytes are those that the arena of its run counted. A cached function that returns
// one keeps the value. Throws UsageError there if the function took no arena.
template <class T>
struct InArena {
  T value;
};
template <class T>
InArena<T> in_arena(T value) {
  return {std::move(value)};
}

}  // namespace memoscape::inline v0

// Policy: which entry goes first when a limit is reached. One instance orders the entries of the
// engine, one those of each function that has a limit of its own. A policy knows of an entry what
// its hook says, and nothing of engines: engine/simulation replays traces through the same code.
//
// A new policy is one new file with its maker, and one line in the table in policy.cpp.
//
// Thread-safety: guarded by the store's mutex. Calls no user code.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/list.hpp"
#include "memoscape/detail/function_ref.hpp"
#include "memoscape/limits.hpp"

namespace memoscape::inline v0::detail {

// What a policy knows of an entry, and keeps in it.
struct PolicyHook {
  // Set before `insert`, and left alone until `remove`.
  std::uint64_t key = 0;             // the same when the entry comes back after its eviction
  std::chrono::nanoseconds cost{0};  // to compute it again
  std::uint64_t bytes : 56 = 0;      // what evicting it gains; changed by `resize` alone

  // The policy's own.
  std::uint32_t uses : 4 = 0;
  std::uint32_t queue : 4 = 0;
  struct Rating {
    double age;  // that it was rated with
    std::uint32_t slot;
  };
  union {
    ListHook<PolicyHook> list{};
    Rating rating;
  };

  // What is more, counts as that: 64 PiB.
  static constexpr std::uint64_t kMostBytes = (std::uint64_t{1} << 56) - 1;
  void set_bytes(std::uint64_t count) noexcept { bytes = std::min(count, kMostBytes); }
};

class Policy {
 public:
  virtual ~Policy() = default;
  // Allocates what the next `insert` needs. Throws: std::bad_alloc; nothing has changed then.
  virtual void reserve() {}
  // Requires: `reserve` was called since the last `insert`.
  virtual void insert(PolicyHook& entry) noexcept = 0;
  virtual void use(PolicyHook& entry, std::uint32_t times) noexcept = 0;
  virtual void resize(PolicyHook& entry, std::uint64_t bytes) noexcept { entry.set_bytes(bytes); }
  virtual void remove(PolicyHook& entry) noexcept = 0;
  // The entry to evict, or null when there is none. Requires: the caller evicts it: the next call
  // is its `remove`.
  virtual PolicyHook* victim() noexcept = 0;

  // The entry that goes next, as far as that is known already; null: it is not.
  virtual const PolicyHook* next() const noexcept { return nullptr; }
  // The entries in the order in which they came or were used last, if the policy keeps one.
  virtual void visit(FunctionRef<void(PolicyHook&)>) {}

  virtual std::size_t size() const noexcept = 0;                 // entries
  virtual std::size_t heap_bytes() const noexcept { return 0; }  // beside the hooks
  // How many entries all calls of `victim` have looked at: what evictions have cost.
  std::uint64_t looked_at() const noexcept { return looked_at_; }

 protected:
  std::uint64_t looked_at_ = 0;
};

// The memory will be looked at soon.
inline void prefetch([[maybe_unused]] const void* memory) noexcept {
#if defined(__GNUC__)
  __builtin_prefetch(memory);
  // Without this g++ leaves out calls of functions that do nothing else.
  __asm__ volatile("");
#endif
}
template <class T>
void prefetch_all(const T* begin, const T* end) noexcept {
  if (begin == end) return;
  constexpr std::ptrdiff_t kLine = 64;
  const char* const last = reinterpret_cast<const char*>(end) - 1;
  for (const char* at = reinterpret_cast<const char*>(begin); at < last; at += kLine) prefetch(at);
  prefetch(last);
}
template <class T>
void prefetch_all(const T* object) noexcept {
  prefetch_all(object, object + 1);
}
// Its last members will be. Names none of them: perhaps it is freed already.
template <class T>
void prefetch_end(const T* object) noexcept {
  prefetch(reinterpret_cast<const char*>(object) + sizeof(T) - 1);
}

// policy.cpp
std::unique_ptr<Policy> make_policy(Eviction eviction);

// One each, in a file of its own.
std::unique_ptr<Policy> make_gdsf();
std::unique_ptr<Policy> make_lru();
std::unique_ptr<Policy> make_s3fifo();

}  // namespace memoscape::inline v0::detail

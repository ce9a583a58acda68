// Function: what an engine keeps of a cached function; and what its values need when they go.
//
// Thread-safety: guarded by the store's mutex, but for what is const or atomic.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <vector>

#include "engine/policy.hpp"
#include "engine/state_space.hpp"
#include "memoscape/detail/box.hpp"
#include "memoscape/detail/call.hpp"
#include "memoscape/limits.hpp"
#include "memoscape/report.hpp"

namespace memoscape::inline v0::detail {

struct EngineCore;

// What boxes need after their entry, or the engine, is gone.
struct Ledger {
  std::atomic<std::uint64_t> held{0};
  std::atomic<std::uint64_t> release_errors{0};
  std::atomic<std::uint64_t> rejected_values{0};
  std::atomic<std::uint64_t> session_bytes{0};
};

// What is done with the values of a function when they go, whether it and its engine are still
// there or not.
struct Aftercare {
  std::shared_ptr<Ledger> ledger;
  std::function<void(void*)> on_release;  // empty: none
};

// The engine's side of a box.
struct Keeper {
  std::shared_ptr<const Aftercare> aftercare;  // null: of a value that its function has just made

  // Guarded by the store's mutex: the entries whose value this is.
  struct User {
    Function* function;
    std::uint32_t permutations;
  };
  // The addresses of all of them in one, by exclusive or: while there is one, its own.
  std::uintptr_t sharers = 0;
  Box* next_freed = nullptr;                 // on the list of what left the store
  Function* function = nullptr;              // of all of them; without `users`
  std::unique_ptr<std::vector<User>> users;  // once they are of several functions
  std::uint32_t count = 0;
  bool was_shared = false;        // by several entries at once
  std::atomic<bool> held{false};  // evicted, and counted in Ledger::held; written under the mutex

  // Requires: there is one.
  Permutation& only() const noexcept { return *reinterpret_cast<Permutation*>(sharers); }

  // values.cpp. Makes room for an entry of the function. Throws: std::bad_alloc.
  void reserve(Function& its);
  // One more, for which there is room, or one less. True: the first, or last, of its function.
  bool add(const Permutation& permutation) noexcept;
  bool remove(const Permutation& permutation) noexcept;
  void for_each_function(const auto& visit) const {
    if (users == nullptr) {
      if (function != nullptr) visit(*function);
      return;
    }
    for (const User& user : *users) visit(*user.function);
  }
};

inline Keeper& Box::keeper() noexcept {
  static_assert(sizeof(Keeper) == kKeeperBytes && alignof(Keeper) <= alignof(std::uint64_t));
  return *std::launder(reinterpret_cast<Keeper*>(keeper_));
}
inline const Keeper& Box::keeper() const noexcept { return const_cast<Box*>(this)->keeper(); }

struct Function : std::enable_shared_from_this<Function> {
  // Const after registration.
  FunctionSpec spec;
  std::uint64_t uid = 0;
  std::weak_ptr<EngineCore> engine;
  const EngineCore* home = nullptr;  // the same, for comparing: no shared count is touched
  std::shared_ptr<const Aftercare> aftercare;

  // Guarded by the store's mutex.
  std::atomic<bool> live{true};  // any thread
  Limits limits;
  Counters counters;
  EntryBytes bytes;
  std::uint64_t node_bytes = 0;
  std::uint64_t entries = 0;
  std::atomic<std::size_t> reads{0};    // of the path that was kept last; any thread
  std::atomic<std::uint32_t> items{0};  // of the recording that was kept last; any thread
  std::uint64_t objects = 0;            // permutations that exist, those out of the store included
  Roots roots;                          // of its trees
  std::unique_ptr<Policy> policy;       // null: it has no limit that entries can exceed
  FunctionPtr next;                     // while it is retired, or freed

  // Buffers of its entries that are shared, and contents: in full, whoever else shares them.
  std::uint64_t shared_bytes = 0;

  std::uint64_t charged() const noexcept { return bytes.total() + node_bytes + shared_bytes; }
};

}  // namespace memoscape::inline v0::detail

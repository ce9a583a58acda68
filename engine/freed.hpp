// What an operation takes out of the store, until it can be destroyed: in lists that run through
// the objects themselves, so taking something out needs no memory and cannot fail.
//
// Thread-safety: none; each belongs to one operation, or is guarded by the store's mutex.
// Destroying it calls user code, so it is done under no lock.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "engine/hash_index.hpp"
#include "engine/list.hpp"
#include "engine/recording.hpp"
#include "engine/shortcuts.hpp"
#include "engine/state_space.hpp"
#include "memoscape/detail/box.hpp"
#include "memoscape/detail/call.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::detail {

struct EngineCore;

// A definition that nodes hold, once for all of them.
struct Interned {
  StateReadPtr read;
  std::uint64_t nodes = 0;                   // that hold it
  std::unique_ptr<Interned> next = nullptr;  // of the same hash; freed together
};

// Values that left the store.
class FreedValues {
 public:
  FreedValues() = default;
  FreedValues(const FreedValues&) = delete;
  FreedValues& operator=(const FreedValues&) = delete;
  ~FreedValues() {  // user code: not under a lock
    if (!empty()) destroy();
  }

  void add(BoxPtr box) noexcept;
  void add(const Recording& recording) noexcept;  // with its own reference
  void add(FreedValues& more) noexcept;           // takes all of it
  bool empty() const noexcept { return boxes_ == nullptr && recordings_ == nullptr; }

 private:
  void destroy() noexcept;

  Box* boxes_ = nullptr;  // each counts a reference; by Keeper::next_freed
  const Recording* recordings_ = nullptr;
};

// What left the store, and lookups that are under way may still meet.
struct Freed {
  Freed() = default;
  Freed(const Freed&) = delete;
  Freed& operator=(const Freed&) = delete;
  ~Freed() {  // user code: not under a lock
    if (!empty()) destroy();
  }

  void add(Node& node) noexcept;  // which is in no tree
  void add(std::unique_ptr<Interned> read) noexcept;
  void add(FunctionPtr function) noexcept;
  void add(HashTable::Outgrown tables) noexcept { tables_.add(std::move(tables)); }
  void add(Freed& more) noexcept;  // takes all of it
  bool empty() const noexcept {
    return permutations.empty() && nodes.empty() && values.empty() && reads_ == nullptr &&
           functions_ == nullptr && tables_.empty();
  }
  // Keeps some of the memory. Requires: the mutex, and no lookup can meet it.
  void spare_some(const EngineCore& core) noexcept;

  WorkList permutations;
  List<Node, &Node::sibling> nodes;  // inner ones
  FreedValues values;

 private:
  void destroy() noexcept;

  std::unique_ptr<Interned> reads_;
  FunctionPtr functions_;
  HashTable::Outgrown tables_;
};

// Leases that end with an operation; no lookup meets them.
struct EndedLeases {
  EndedLeases() = default;
  EndedLeases(const EndedLeases&) = delete;
  EndedLeases& operator=(const EndedLeases&) = delete;
  ~EndedLeases() {  // user code: not under a lock
    if (!called_in.empty() || given_up_ != nullptr) end();
  }

  void give_up(StoreLease& lease) noexcept;          // by the session of this thread
  List<StoreLease, &StoreLease::sibling> called_in;  // each counts as an owner

 private:
  void end() noexcept;

  StoreLease* given_up_ = nullptr;
};

}  // namespace memoscape::inline v0::detail

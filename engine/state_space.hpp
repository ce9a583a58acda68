// The state space of a function and argument tuple: a decision tree of state reads.
//
// Inner node = the next read, edge = its value, leaf = permutation. Nodes hang in the store's index
// under the hash of their path, which is that of the path above and of the value's. So a step costs
// one hash and one find however many siblings there are; and where a path is known to end, if it is
// there, one find leads to its end, and the way up from there confirms it.
//
// Invariants (verified by check.cpp):
// - A node has a read and at least one child, or a leaf; never both. It has neither only while an
//   insertion keeps it.
// - A leaf's permutation is an entry (has a box), or a ghost that something is built on.
// - `started` of a node is the start of the latest execution that confirmed what follows it.
//
// Everything here is guarded by the store's mutex. What a lookup reads without it (readers.hpp) is
// as it was when the node came into the index, or atomic; a lookup that found an entry pins it.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/advisor.hpp"
#include "engine/flight.hpp"
#include "engine/hash.hpp"
#include "engine/list.hpp"
#include "engine/packed_bytes.hpp"
#include "engine/policy.hpp"
#include "engine/readers.hpp"
#include "engine/recording.hpp"
#include "engine/shortcuts.hpp"
#include "memoscape/clock.hpp"
#include "memoscape/detail/box.hpp"
#include "memoscape/report.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::detail {

struct Function;
struct Space;
struct Permutation;

struct Node {
  // What a walk looks at, together.
  Node* parent = nullptr;
  PackedBytes edge;  // the value bytes that lead here; of a space, the encoded arguments
 private:
  // A read, or a leaf, or neither: an address, marked if it is a leaf's.
  static constexpr std::uintptr_t kLeaf = 1;
  Published<std::uintptr_t> what_;

 public:
  ListHook<Node> sibling;  // of a space: among those of its function
  union {
    List<Node, &Node::sibling> children{};  // unless it is a leaf
    std::uint64_t value_started;  // of a leaf: the start of the execution that its value is of
  };
  std::uint64_t started = 0;
  std::uint32_t hash = 0;  // of the path to it (PathHash); of a root, of its call
  bool kept = false;       // an insertion stands on it: not to be pruned
  // Of a space.
  bool passed = false;      // by the clear under way
  bool of_session = false;  // it is a SessionSpace

  bool is_root() const noexcept { return parent == nullptr; }
  // What is found here, at one moment.
  struct What {
    const StateRead* read;  // what is read next: an interned definition
    Permutation* leaf;
  };
  What what() const noexcept {
    const std::uintptr_t word = what_;
    if ((word & kLeaf) != 0) return {nullptr, reinterpret_cast<Permutation*>(word - kLeaf)};
    return {reinterpret_cast<const StateRead*>(word), nullptr};
  }
  Permutation* leaf() const noexcept { return what().leaf; }
  const StateRead* read() const noexcept { return what().read; }
  bool has_children() const noexcept { return leaf() == nullptr && !children.empty(); }
  bool is_empty() const noexcept { return what_ == 0; }

  // Requires: it is no leaf; without a read, it has no children.
  void set_read(const StateRead* read) noexcept { what_ = reinterpret_cast<std::uintptr_t>(read); }
  // Requires: it is empty.
  void set_leaf(Permutation& leaf) noexcept {
    what_ = reinterpret_cast<std::uintptr_t>(&leaf) | kLeaf;
    value_started = 0;
  }
  void drop_leaf() noexcept {
    what_ = 0;
    children = {};
  }
};

// One edge of "built on": the outer permutation owns it, the inner one lists it.
struct Dependency {
  Permutation* outer = nullptr;
  Permutation* inner = nullptr;
  ListHook<Dependency> sibling;
};

// The hook of an entry in the policy of its function.
struct FunctionHook : PolicyHook {
  Permutation* permutation = nullptr;
};

// What few entries have.
struct Ties {
  std::unique_ptr<Dependency[]> inner;  // what it is built on
  std::uint32_t inner_count = 0;
  std::unique_ptr<FunctionHook> hook;  // while the function has a policy

  bool empty() const noexcept { return inner_count == 0 && hook == nullptr; }
};

// One entry; or, without a box, a ghost: the identity of an entry that was evicted, or never kept,
// for as long as something is built on it.
struct Permutation : PolicyHook {  // in the engine's policy; its cost is known of ghosts, too
  using TimePoint = Clock::time_point;
  using Dependents = List<Dependency, &Dependency::sibling>;

  // What a hit looks at, together.
  Published<Box*> box;                     // null: it has none; it counts a reference
  Published<const Recording*> recording;   // kept by itself (Recording::self)
  std::atomic<std::uint32_t> pins{0};      // runs and flights that refer to this object
  std::atomic<std::uint32_t> builders{0};  // executions in progress that have used its value
  Published<TimePoint> expiry{TimePoint::max()};
  Published<bool> shows{false};  // its recording has something
  // Not looked at by lookups.
  bool shows_in_main : 1 = false;  // its recording has something there
  bool shows_in_sidebar : 1 = false;
  bool shows_contents : 1 = false;            // that are kept once
  bool ended : 1 = false;                     // nothing built on it may be kept
  bool queued : 1 = false;                    // on the list of a change of expiries
  bool freed : 1 = false;                     // whoever refers to it no longer need not free it
  Advisor::Slot advised = Advisor::kNowhere;  // where the advisor has it, perhaps
  std::uint32_t value_bytes = 0;              // see `bytes`
  Function* function = nullptr;
  std::uint64_t hits : 40 = 0;
  std::uint64_t followers : 24 = 0;

  Published<Node*> node;  // null: ended or dropped
  std::uint32_t recording_bytes = 0;
  std::uint32_t key_bytes = 0;
  TimePoint finished{};
  std::unique_ptr<Ties> ties;        // null: none
  Dependents dependents;             // what is built on it
  Permutation* next_work = nullptr;  // on the list of one operation, or of what it freed
  List<StoreLease, &StoreLease::sibling> leases;  // of its value

  // Lookups read it while it is set.
  std::chrono::nanoseconds compute() const noexcept {
    return std::atomic_ref(const_cast<std::chrono::nanoseconds&>(cost))
        .load(std::memory_order_relaxed);
  }
  void set_compute(std::chrono::nanoseconds time) noexcept {
    std::atomic_ref(cost).store(time, std::memory_order_relaxed);
  }
  bool is_entry() const noexcept { return box != nullptr; }
  // What it keeps, from here on. Requires: it is no entry.
  void keep(const BoxPtr& its_box, const RecordingPtr& its_recording) noexcept;
  // Gives that up.
  BoxPtr give_box() noexcept;
  const Recording& give_recording() noexcept;

  // What is charged for it. Few values take 4 GiB; what does not fit is told by the value itself.
  static constexpr std::uint32_t kMany = std::numeric_limits<std::uint32_t>::max();
  EntryBytes bytes() const noexcept {
    return {.value = value_bytes == kMany ? box->bytes : value_bytes,
            .recording = recording_bytes == kMany ? recording->own_bytes : recording_bytes,
            .key = key_bytes};
  }
  static std::uint32_t fitting(std::uint64_t number) noexcept {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(number, kMany));
  }

  // Counts stay at the most that they can hold.
  void count_hits(std::uint64_t more) noexcept {
    constexpr std::uint64_t kMost = (std::uint64_t{1} << 40) - 1;
    hits = std::min(more, kMost - hits) + hits;
  }
  void count_follower() noexcept {
    constexpr std::uint64_t kMost = (std::uint64_t{1} << 24) - 1;
    followers = std::min(followers + std::uint64_t{1}, kMost);
  }

  std::span<Dependency> inner() const noexcept {
    if (ties == nullptr) return {};
    return {ties->inner.get(), ties->inner_count};
  }
  FunctionHook* function_hook() const noexcept {
    return ties == nullptr ? nullptr : ties->hook.get();
  }
};
using WorkList = Queue<Permutation, &Permutation::next_work>;

struct SpaceFields {
  std::uint64_t node_bytes = 0;  // charged for itself, nodes and ghosts, not part of an entry
  Function* function = nullptr;
};
// The root of a tree. What a lookup compares lies beside what it walks over next.
struct Space : SpaceFields, Node {
  std::string_view key() const noexcept { return edge.view(); }
  std::uint64_t session() const noexcept;  // 0: shared by all
};
// Of one session: then its function has no others.
struct SessionSpace : Space {
  std::uint64_t session = 0;
  ListHook<SessionSpace> in_session;
};
using SessionSpaces = List<SessionSpace, &SessionSpace::in_session>;
inline std::uint64_t Space::session() const noexcept {
  return of_session ? static_cast<const SessionSpace*>(this)->session : 0;
}
// They are siblings.
class Spaces {
 public:
  bool empty() const noexcept { return roots_.empty(); }
  Space* first() const noexcept { return static_cast<Space*>(roots_.first()); }
  static Space* next(const Space& space) noexcept {
    return static_cast<Space*>(space.sibling.next);
  }
  void for_each(const auto& visit) const {
    for (Space* space = first(); space != nullptr; space = next(*space)) visit(*space);
  }
  void push_back(Space& space) noexcept { roots_.push_back(space); }
  void remove(Space& space) noexcept { roots_.remove(space); }
  void push_front(Space& space) noexcept { roots_.push_front(space); }
  Space* pop_front() noexcept { return static_cast<Space*>(roots_.pop_front()); }

 private:
  List<Node, &Node::sibling> roots_;
};

// Complexity: linear in the path.
inline Space& space_of(Node& node) noexcept {
  Node* root = &node;
  while (!root->is_root()) root = root->parent;
  return static_cast<Space&>(*root);
}
inline const Space& space_of(const Node& node) noexcept {
  return space_of(const_cast<Node&>(node));
}

// Calls `visit(Permutation&)` for each leaf at or below `top`. Does not recurse: paths can be long.
// Requires: `visit` leaves the tree alone.
template <class F>
void for_each_leaf(const Node& top, const F& visit) {
  const Node* node = &top;
  for (;;) {
    while (node->has_children()) node = node->children.first();
    if (Permutation* leaf = node->leaf()) visit(*leaf);
    while (node != &top && node->sibling.next == nullptr) node = node->parent;
    if (node == &top) return;
    node = node->sibling.next;
  }
}

}  // namespace memoscape::inline v0::detail

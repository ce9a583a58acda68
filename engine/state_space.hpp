// The state space of a function and argument tuple: a decision tree of state reads.
//
// Inner node = the next read, edge = its value, leaf = permutation. A node's children hang in the
// store's index under (node, value bytes), so a step costs one hash and one find however many
// siblings there are.
//
// Invariants (verified by check.cpp):
// - A node has a read and at least one child, or a leaf; never both. It has neither only while an
//   insertion keeps it.
// - A leaf's permutation is an entry (has a box), or a ghost that something is built on.
// - `started` of a node is the start of the latest execution that confirmed what follows it.
//
// Everything here is guarded by the store's mutex; what a lookup reads is changed only while
// readers are excluded, and a lookup that found an entry pins it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/advisor.hpp"
#include "engine/flight.hpp"
#include "engine/hash.hpp"
#include "engine/list.hpp"
#include "engine/packed_bytes.hpp"
#include "engine/policy.hpp"
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
  std::uint32_t hash = 0;  // of the edge below the parent (FoldHash)
  bool kept = false;       // an insertion stands on it: not to be pruned
  Node* parent = nullptr;
  PackedBytes edge;  // the value bytes that lead here; of a space, the encoded arguments
  Permutation* leaf = nullptr;
  const StateRead* read = nullptr;  // what is read next: an interned definition

  ListHook<Node> sibling;
  List<Node, &Node::sibling> children;
  std::uint64_t started = 0;

  // Names it below its parent, and nothing else while it exists.
  std::uint64_t id() const noexcept { return reinterpret_cast<std::uintptr_t>(this); }
  bool is_root() const noexcept { return parent == nullptr; }
};

// One edge of "built on": the outer permutation owns it, the inner one lists it.
struct Dependency {
  Permutation* outer = nullptr;
  Permutation* inner = nullptr;
  ListHook<Dependency> sibling;
};

// One entry; or, without a box, a ghost: the identity of an entry that was evicted, or never kept,
// for as long as something is built on it.
struct Permutation {
  using TimePoint = Clock::time_point;

  // What a hit looks at, together.
  BoxPtr box;
  RecordingPtr recording;
  std::atomic<std::uint32_t> pins{0};  // runs and flights that refer to this object
  std::uint32_t builders = 0;          // executions in progress that have used its value
  TimePoint expiry = TimePoint::max();
  bool shows_in_main = false;  // its recording has something there
  bool shows_in_sidebar = false;
  bool shows_contents = false;                // that are kept once
  bool queued = false;                        // on the list of a change of expiries
  bool ended = false;                         // nothing built on it may be kept
  Advisor::Slot advised = Advisor::kNowhere;  // where the advisor has it, perhaps
  Function* function = nullptr;
  std::uint64_t hits = 0;
  PolicyHook policy;  // the engine's; its cost is known of ghosts, too

  Node* node = nullptr;  // null: ended or dropped
  EntryBytes bytes;      // charged
  TimePoint finished{};
  std::uint64_t started = 0;

  std::unique_ptr<Dependency[]> inner;                // what it is built on
  List<Dependency, &Dependency::sibling> dependents;  // what is built on it
  std::uint32_t inner_count = 0;
  std::uint32_t followers = 0;

  Permutation* next_work = nullptr;             // on the list of one operation, or of what it freed
  std::unique_ptr<PolicyHook> function_policy;  // while the function has one
  List<StoreLease, &StoreLease::sibling> leases;  // of its value

  std::chrono::nanoseconds compute() const noexcept { return policy.cost; }
  bool is_entry() const noexcept { return static_cast<bool>(box); }
  bool shows() const noexcept { return shows_in_main || shows_in_sidebar; }
};
using WorkList = Queue<Permutation, &Permutation::next_work>;

// The root of a tree.
struct Space : Node {
  Function* function = nullptr;
  std::uint64_t session = 0;  // 0: shared by all
  std::uint64_t call = 0;     // hash of function and arguments
  ListHook<Space> in_function;
  List<Flight, &Flight::sibling> flights;
  std::uint64_t node_bytes = 0;  // charged for nodes and ghosts, not part of an entry
  bool charged = false;          // the space itself: not while it only has flights
  bool passed = false;           // by the clear under way

  std::string_view key() const noexcept { return edge.view(); }
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
    while (!node->children.empty()) node = node->children.first();
    if (node->leaf != nullptr) visit(*node->leaf);
    while (node != &top && node->sibling.next == nullptr) node = node->parent;
    if (node == &top) return;
    node = node->sibling.next;
  }
}

}  // namespace memoscape::inline v0::detail

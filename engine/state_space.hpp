// The state space of a function and argument tuple: a decision tree of state reads.
//
// Inner node = the next read, edge = its value, leaf = permutation. A node's children hang in the
// store's index under (node id, value bytes), so a step costs one hash and one find however many
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
  Hash128 hash;
  Node* parent = nullptr;  // null: the root
  std::string edge;        // the value bytes that lead here; the encoded arguments at the root
  Permutation* leaf = nullptr;
  StateReadPtr read;  // what is read next
  std::uint64_t id = 0;
  Space* space = nullptr;

  Node* next_equal = nullptr;  // the next node in the index with the same hash
  ListHook<Node> sibling;
  List<Node, &Node::sibling> children;
  std::uint64_t started = 0;
  bool kept = false;  // an insertion stands on it: not to be pruned
};

// For the index, which holds nodes by their hash. The hash is in what it keeps of each, so a node
// is looked at only when 32 bits of it agree.
struct NodeHash {
  std::size_t operator()(const Hash128& hash) const noexcept { return FoldHash()(hash); }
  std::size_t operator()(const Node* node) const noexcept { return FoldHash()(node->hash); }
};
struct SameHash {
  using is_transparent = void;
  bool operator()(const Node* a, const Node* b) const noexcept { return a->hash == b->hash; }
  bool operator()(const Node* node, const Hash128& hash) const noexcept {
    return node->hash == hash;
  }
  bool operator()(const Hash128& hash, const Node* node) const noexcept {
    return node->hash == hash;
  }
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
  std::chrono::nanoseconds compute{0};
  TimePoint expiry = TimePoint::max();
  Function* function = nullptr;
  std::uint64_t hits = 0;

  Node* node = nullptr;  // null: ended or dropped
  EntryBytes bytes;      // charged
  std::uint64_t followers = 0;
  TimePoint finished{};
  std::uint64_t started = 0;

  std::unique_ptr<Dependency[]> inner;  // what it is built on
  std::size_t inner_count = 0;
  ListHook<Permutation> sharer;                       // among those whose value is the same buffer
  List<Dependency, &Dependency::sibling> dependents;  // what is built on it

  bool ended = false;                           // nothing built on it may be kept
  bool queued = false;                          // on the list of a change of expiries
  bool shows = false;                           // its recording has something on the page
  bool shows_contents = false;                  // that are kept once
  Advisor::Slot advised = Advisor::kNowhere;    // where the advisor has it, perhaps
  ListHook<Permutation> work;                   // on the list of one operation, or of what it freed
  PolicyHook policy;                            // the engine's
  std::unique_ptr<PolicyHook> function_policy;  // while the function has one
  List<StoreLease, &StoreLease::sibling> leases;  // of its value

  bool is_entry() const noexcept { return static_cast<bool>(box); }
};
using WorkList = List<Permutation, &Permutation::work>;

struct Space {
  Function* function = nullptr;
  std::uint64_t session = 0;  // 0: shared by all
  Node root;
  ListHook<Space> sibling;  // in its function
  List<Flight, &Flight::sibling> flights;
  std::uint64_t node_bytes = 0;  // charged for nodes and ghosts, not part of an entry
  bool charged = false;          // the space itself: not while it only has flights
  bool passed = false;           // by the clear under way

  std::string_view key() const noexcept { return root.edge; }
};

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

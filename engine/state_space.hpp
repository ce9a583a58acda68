// The state space of a function and argument tuple: a decision tree of state reads.
//
// Inner node = the next read, edge = its value, leaf = permutation, one object. Nodes hang in the
// store's index under the hash of their path, which is that of the path above and of the value's.
// So a step costs one hash and one find however many siblings there are; and where a path is known
// to end, if it is there, one find leads to its end, and the way up from there confirms it.
//
// Invariants (verified by check.cpp):
// - An inner node has a read and at least one child, but while an insertion keeps it.
// - A leaf is an entry (has a box), or a ghost that something is built on.
// - A node is one or the other for good: where an execution finds something else, another node
//   takes its place.
// - `started` of a node is the start of the latest execution that confirmed what follows it; of a
//   leaf, that it is one.
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
struct Node;
struct Permutation;

// What the root of a tree has besides, if its entries belong to one session.
struct SessionRoot {
  Function* function = nullptr;
  std::uint64_t session = 0;
  Node* root = nullptr;
  ListHook<SessionRoot> in_session;
};
using SessionRoots = List<SessionRoot, &SessionRoot::in_session>;

// What all nodes have: an inner node is an Inner, a leaf is a Permutation.
struct Node {
  std::uint64_t started = 0;  // see above
  ListHook<Node> sibling;     // of a root: among those of its function

 private:
  // What a walk looks at lies together from here on.
  //
  // The node above; of a root its function, marked, or its SessionRoot, which belongs to it.
  static constexpr std::uintptr_t kFunction = 1;
  static constexpr std::uintptr_t kSession = 2;
  static constexpr std::uintptr_t kMarks = kFunction | kSession;
  std::uintptr_t above_ = 0;

 public:
  PackedBytes edge;        // the value bytes that lead here; of a root, the encoded arguments
  std::uint32_t hash = 0;  // of the path to it (PathHash); of a root, of its call
  const bool is_leaf;
  bool kept = false;    // an insertion stands on it: not to be pruned
  bool passed = false;  // of a root: by the clear under way
  Published<bool> in_tree{false};

  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  bool is_root() const noexcept { return (above_ & kMarks) != 0; }
  Node* parent() const noexcept {  // null: it is a root
    return is_root() ? nullptr : reinterpret_cast<Node*>(above_);
  }
  bool is_below(const Node& node) const noexcept {
    return above_ == reinterpret_cast<std::uintptr_t>(&node);
  }
  void set_parent(Node& parent) noexcept { above_ = reinterpret_cast<std::uintptr_t>(&parent); }

  // --- of a root ---
  void set_root_of(Function& function) noexcept {
    above_ = reinterpret_cast<std::uintptr_t>(&function) | kFunction;
  }
  void set_root_of(std::unique_ptr<SessionRoot> session) noexcept {
    above_ = reinterpret_cast<std::uintptr_t>(session.release()) | kSession;
  }
  bool is_root_of(const Function* function, std::uint64_t session) const noexcept {
    if (session == 0) return above_ == (reinterpret_cast<std::uintptr_t>(function) | kFunction);
    const SessionRoot* its = of_session();
    return its != nullptr && its->function == function && its->session == session;
  }
  SessionRoot* of_session() const noexcept {  // null: all sessions share its entries
    return (above_ & kSession) == 0 ? nullptr : reinterpret_cast<SessionRoot*>(above_ - kSession);
  }
  Function& function_of_root() const noexcept {
    const SessionRoot* its = of_session();
    return its != nullptr ? *its->function : *reinterpret_cast<Function*>(above_ - kFunction);
  }

  // --- what is found here ---
  inline Permutation* leaf() const noexcept;
  inline const StateRead* read() const noexcept;  // what is read next: an interned definition
  inline Node* first_child() const noexcept;

 protected:
  explicit Node(bool leaf) noexcept : is_leaf(leaf) {}
  ~Node() { delete of_session(); }
};

struct Inner : Node {
  Inner() noexcept : Node(false) {}

  Published<const StateRead*> next{nullptr};  // null while an insertion stands on it
  List<Node, &Node::sibling> children;
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

// What a hit looks at, together.
struct Answer {
  using TimePoint = Clock::time_point;

  Published<Box*> box{nullptr};  // null: it has none; it counts a reference
  // Null: it shows nothing; kept by itself (Recording::self).
  Published<const Recording*> recording{nullptr};
  std::atomic<std::uint32_t> pins{0};      // runs and flights that refer to this object
  std::atomic<std::uint32_t> builders{0};  // executions in progress that have used its value
  Published<TimePoint> expiry{TimePoint::max()};
};

// A leaf, and one entry; or, without a box, a ghost: the identity of an entry that was evicted, or
// never kept, for as long as something is built on it. Out of the tree it stays for as long as
// something refers to it, and does not come back.
struct Permutation : Node, Answer, PolicyHook {  // in the engine's policy; ghosts have a cost, too
  using Dependents = List<Dependency, &Dependency::sibling>;

  Permutation() noexcept : Node(true) {}

  bool shows_in_main : 1 = false;  // it has something there
  bool shows_in_sidebar : 1 = false;
  bool shows_contents : 1 = false;            // that are kept once
  bool has_value_alone : 1 = false;           // no other entry has it: it is charged for it
  bool ended : 1 = false;                     // nothing built on it may be kept
  bool queued : 1 = false;                    // on the list of a change of expiries
  bool freed : 1 = false;                     // whoever refers to it no longer need not free it
  Advisor::Slot advised = Advisor::kNowhere;  // where the advisor has it, perhaps
  std::uint32_t expiry_place = 0;             // among what expires, if it does
  Function* function = nullptr;
  std::uint64_t hits : 40 = 0;
  std::uint64_t followers : 24 = 0;
  std::uint32_t recording_bytes = 0;
  std::uint32_t key_bytes = 0;
  List<StoreLease, &StoreLease::sibling> leases;  // of its value
  // What hits do not look at.
  TimePoint finished{};
  std::unique_ptr<Ties> ties;        // null: none
  Dependents dependents;             // what is built on it
  Permutation* next_work = nullptr;  // on the list of one operation, or of what it freed

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
  // Gives that up; null: it has none.
  BoxPtr give_box() noexcept;
  const Recording* give_recording() noexcept;

  // What is charged for it. Few recordings take 4 GiB; such a one is asked.
  static constexpr std::uint32_t kMany = std::numeric_limits<std::uint32_t>::max();
  EntryBytes bytes() const noexcept {
    return {.value = has_value_alone ? box->bytes : 0,
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

inline Permutation* Node::leaf() const noexcept {
  return is_leaf ? const_cast<Permutation*>(static_cast<const Permutation*>(this)) : nullptr;
}
inline const StateRead* Node::read() const noexcept {
  return is_leaf ? nullptr : static_cast<const Inner*>(this)->next.get();
}
inline Node* Node::first_child() const noexcept {
  return is_leaf ? nullptr : static_cast<const Inner*>(this)->children.first();
}

// The trees of a function.
using Roots = List<Node, &Node::sibling>;

// Complexity: linear in the path.
inline const Node& root_of(const Node& node) noexcept {
  const Node* root = &node;
  while (!root->is_root()) root = root->parent();
  return *root;
}

// Calls `visit(Permutation&)` for each leaf at or below `top`. Does not recurse: paths can be long.
// Requires: `visit` leaves the tree alone.
template <class F>
void for_each_leaf(const Node& top, const F& visit) {
  const Node* node = &top;
  for (;;) {
    while (const Node* first = node->first_child()) node = first;
    if (Permutation* leaf = node->leaf()) visit(*leaf);
    while (node != &top && node->sibling.next == nullptr) node = node->parent();
    if (node == &top) return;
    node = node->sibling.next;
  }
}

}  // namespace memoscape::inline v0::detail

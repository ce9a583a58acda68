// The decision tree: finding, walking, inserting, pruning. See state_space.hpp for its invariants.
#include "engine/state_space.hpp"

#include <algorithm>
#include <cassert>
#include <type_traits>
#include <utility>

#include "engine/store.hpp"
#include "memoscape/detail/allocated.hpp"
#include "memoscape/detail/buffers.hpp"

namespace memoscape::inline v0::detail {

namespace {

std::uint64_t interned_charge(const StateRead& read) {
  return allocated(sizeof(StateRead)) + read.heap_bytes() + allocated(sizeof(Interned)) +
         kIndexShare;
}

}  // namespace

std::uint64_t table_slack(const EngineCore& core) {
  std::uint64_t tables = core.index.heap_bytes() + core.buffers.heap_bytes() +
                         table_bytes(core.interned) + table_bytes(core.contents) +
                         table_bytes(core.of_sessions) + core.expiries.heap_bytes() +
                         core.policy->heap_bytes();
  std::uint64_t in_policies = core.policy->size();
  for (const auto& [name, function] : core.functions) {
    if (function->policy == nullptr) continue;
    tables += function->policy->heap_bytes();
    in_policies += function->policy->size();
  }
  const std::uint64_t charged = core.index.size() * kNodeShare + core.buffers.size() * kValueShare +
                                core.contents.size() * kIndexShare + in_policies * kPolicyShare +
                                core.expiries.size() * ExpiryQueue::kShare;
  return tables > charged ? tables - charged : 0;
}

std::uint64_t shared_bytes(const EngineCore& core) {
  std::uint64_t bytes = orphaned_recording_bytes(core);
  for (const auto& [hash, known] : core.interned) {
    for (const Interned* one = known.get(); one != nullptr; one = one->next.get()) {
      bytes += interned_charge(*one->read);
    }
  }
  return bytes;
}

std::uint64_t node_charge(const Node& node) noexcept {
  const std::uint64_t own = allocated(node.is_leaf ? sizeof(Permutation) : sizeof(Inner));
  const std::uint64_t its_session =
      node.of_session() == nullptr ? 0 : allocated(sizeof(SessionRoot));
  return own + its_session + node.edge.heap_bytes() + kNodeShare;
}

namespace {

// It will be looked at whether it is this one: brings the rest of what a hit needs, which lies in
// the next line of memory, at the same time.
void look_beside(const Node& node) noexcept {
  prefetch(reinterpret_cast<const char*>(&node) + sizeof(Node) + sizeof(Answer) - 1);
}

void prefetch_parent(const Node& node) noexcept {
  if (const Node* above = node.parent()) prefetch(&above->edge);
}

}  // namespace

inline Node* EngineCore::find_child(const Node& parent, std::string_view value,
                                    const PathHash& path) const {
  return index.find(path.end(), [&](const Node& node) {
    look_beside(node);
    return node.is_below(parent) && same_bytes(node.edge.view(), value);
  });
}

Node* EngineCore::find_root(const Function* function, std::uint64_t session, std::string_view key,
                            std::uint64_t hashed) const {
  return index.find(short_of(hashed), [&](const Node& node) {
    look_beside(node);
    return node.is_root_of(function, session) && same_bytes(node.edge.view(), key);
  });
}

void EngineCore::walk_together(std::span<JointWalk> walks, std::uint64_t session,
                               std::uint64_t changes) const {
  for (const JointWalk& walk : walks) {
    if (walk.shortcut->root_seen != changes) index.look_ahead(short_of(walk.shortcut->hash));
  }
  for (JointWalk& walk : walks) {
    Shortcut& call = *walk.shortcut;
    if (call.root_seen != changes) {
      const bool per_session = call.function->spec.scope == Scope::session;
      call.root =
          find_root(call.function.get(), per_session ? session : 0, call.key.view(), call.hash);
      call.root_seen = changes;
    }
    if (call.root == nullptr) continue;
    prefetch(&call.root->edge);
    PathHash path = hash.path_from(call.root);
    for (const StateSource::Resolved* read : walk.reads) hash.extend(path, hash_of(*read));
    walk.end = path.end();
    index.look_ahead(walk.end);
  }
  for (const JointWalk& walk : walks) {
    if (walk.shortcut->root != nullptr)
      index.look_further(walk.end, [](const Node& node) { prefetch(&node.edge); });
  }
  std::size_t left = 0;  // steps that some have not confirmed
  for (JointWalk& walk : walks) {
    if (walk.shortcut->root == nullptr) continue;
    walk.node = index.find(walk.end, [&](const Node& node) {
      return node.is_leaf && same_bytes(node.edge.view(), walk.reads.back()->state.bytes);
    });
    if (walk.node == nullptr) continue;
    walk.answer = walk.node->leaf();
    prefetch_all(walk.answer);
    prefetch_parent(*walk.node);
    left = std::max(left, walk.reads.size());
  }
  for (; left > 0; --left) {
    for (JointWalk& walk : walks) {
      if (walk.answer != nullptr && walk.reads.size() >= left) confirm_step(walk, left - 1);
    }
  }
}

inline void EngineCore::confirm_step(JointWalk& walk, std::size_t depth) noexcept {
  const Node* const above = walk.node->parent();
  const bool is_right =
      above != nullptr && above->read() == walk.reads[depth]->read.get() &&
      (depth == 0 ? above == walk.shortcut->root
                  : same_bytes(above->edge.view(), walk.reads[depth - 1]->state.bytes));
  if (!is_right) {
    walk.answer = nullptr;
    return;
  }
  walk.node = above;
  prefetch_parent(*above);
}

Walk EngineCore::walk(const Node* root, StateSource& source, Trail& trail) const {
  trail.clear();
  const Node* node = root;
  PathHash path = hash.path_from(root);
  while (node != nullptr) {
    if (Permutation* const leaf = node->leaf()) {
      const Box* const box = leaf->box;
      if (box == nullptr) return {};
      prefetch_end(box);  // it is counted, and its value read
      return {.permutation = leaf};
    }
    const StateRead* const read = node->read();
    if (read == nullptr) return {};
    const StateSource::Resolved* resolved = source.resolved(read);
    if (resolved == nullptr) return {.permutation = nullptr, .unresolved = read};
    trail.push_back(resolved);
    hash.extend(path, hash_of(*resolved));
    node = find_child(*node, resolved->state.bytes, path);
  }
  return {};
}

Permutation* EngineCore::insert_path(Locked& locked, Flight& flight) {
  Function& function = *flight.function;
  const auto path = flight.reads.view();
  // Nothing of the path stays when it comes to nothing.
  struct Standing {
    EngineCore& core;
    Locked& locked;
    Node* node = nullptr;                // the last one in the tree
    List<Node, &Node::sibling> fresh{};  // not in the tree yet
    bool stays = false;
    ~Standing() {
      if (stays) return;
      while (Node* made = fresh.pop_front()) locked.freed.add(*made);
      if (node != nullptr) core.release_path(locked, *node);
    }
  } standing{*this, locked};

  begin_change();
  // Down what is there, as far as this execution found the same.
  std::size_t depth = 0;
  PathHash hashed;
  for (Node* node = find_root(&function, flight.session, flight.key, flight.hash);
       node != nullptr;) {
    const StateRead* const next = depth == path.size() ? nullptr : path[depth].read.get();
    const bool agrees =
        node->is_leaf ? next == nullptr : next != nullptr && node->read()->same(*next);
    if (!agrees) {
      ++function.counters.divergences;
      if (node->started > flight.started) return nullptr;
      end_subtree(locked, *node, Cause::diverged);
      break;
    }
    node->started = std::max(node->started, flight.started);
    node->kept = true;
    standing.node = node;
    if (node->is_leaf) {
      standing.stays = true;
      return node->leaf();
    }
    if (depth == 0) hashed = hash.path_from(node);
    hash.extend(hashed, path[depth].hash);
    node = find_child(*node, path[depth].value, hashed);
    ++depth;
  }

  // All that is not there is made first, and so the places in the index are on their way while the
  // rest is.
  locked.freed.add(index.reserve_more(path.size() + 1 - depth));
  for (std::size_t i = depth; i <= path.size(); ++i) {
    Node& made = i < path.size() ? static_cast<Node&>(*spare_nodes.make().release())
                                 : *spare_permutations.make().release();
    standing.fresh.push_back(made);
    if (i == 0) {
      make_root(made, flight);
      hashed = hash.path_from(&made);
    } else {
      if (i > depth) hash.extend(hashed, path[i - 1].hash);
      made.hash = hashed.end();
      made.edge.set(path[i - 1].value);
    }
    index.look_ahead(made.hash);
  }
  Permutation& leaf = *standing.fresh.last()->leaf();
  leaf.function = &function;
  if (function.policy != nullptr) {
    leaf.ties = std::make_unique<Ties>();
    leaf.ties->hook = std::make_unique<FunctionHook>();
  }
  leaf.key = policy_key(flight.hash, path);
  leaf.key_bytes = Permutation::fitting(permutation_charge(leaf));
  for (; depth <= path.size(); ++depth) {
    Node& made = *standing.fresh.first();
    auto* const above = static_cast<Inner*>(standing.node);
    if (above == nullptr) {
      if (SessionRoot* its = made.of_session()) of_sessions[its->session].push_back(*its);
    } else if (above->read() == nullptr) {
      above->next = &intern(path[depth - 1].read);
    }
    standing.fresh.remove(made);
    if (above != nullptr) made.set_parent(*above);
    (above != nullptr ? above->children : function.roots).push_back(made);
    made.started = flight.started;
    made.kept = true;
    made.in_tree = true;
    index.insert(made, made.hash);
    charge_nodes(function,
                 static_cast<std::int64_t>(made.is_leaf ? leaf.key_bytes : node_charge(made)));
    standing.node = &made;  // owned by the tree from here on
  }
  ++function.objects;
  standing.stays = true;
  return &leaf;
}

void EngineCore::make_root(Node& made, const Flight& flight) {
  made.hash = short_of(flight.hash);
  made.edge.set(flight.key);
  if (flight.session == 0) return made.set_root_of(*flight.function);
  auto its = std::make_unique<SessionRoot>();
  its->function = flight.function;
  its->session = flight.session;
  its->root = &made;
  made.set_root_of(std::move(its));
}

void EngineCore::release_path(Locked& locked, Node& last) noexcept {
  for (Node* node = &last; node != nullptr; node = node->parent()) node->kept = false;
  prune(locked, last.is_leaf ? last.parent() : &last);
}

void EngineCore::take_out(Locked& locked, Node& node) noexcept {
  begin_change();
  index.erase(node, node.hash);
  locked.freed.add(give_back_places(index));
  node.in_tree = false;
  if (!node.is_root()) {
    static_cast<Inner*>(node.parent())->children.remove(node);
    return;
  }
  node.function_of_root().roots.remove(node);
  if (SessionRoot* its = node.of_session()) forget_in_session(*its);
}

void EngineCore::prune(Locked& locked, Node* node) noexcept {
  const auto is_empty = [](const Node* one) {
    return one != nullptr && !one->is_leaf && one->first_child() == nullptr && !one->kept;
  };
  if (!is_empty(node)) return;
  Function& function = root_of(*node).function_of_root();
  while (is_empty(node)) {
    Node& empty = *node;
    node = empty.parent();
    charge_nodes(function, -static_cast<std::int64_t>(node_charge(empty)));
    take_out(locked, empty);
    if (empty.read() != nullptr) release_read(locked, *empty.read());
    locked.freed.add(empty);
  }
}

void EngineCore::forget_in_session(SessionRoot& root) noexcept {
  const auto found = of_sessions.find(root.session);
  found.value().remove(root);
  if (!found->second.empty()) return;
  of_sessions.erase(found);
  give_back(of_sessions);
}

void EngineCore::charge_nodes(Function& function, std::int64_t delta) noexcept {
  const auto change = static_cast<std::uint64_t>(delta);  // modulo 2^64: sums stay exact
  function.node_bytes += change;
  node_bytes += change;
}

// The one that is the same.
Interned* EngineCore::find_interned(const StateRead& read) const noexcept {
  const auto found = interned.find(read.hash());
  if (found == interned.end()) return nullptr;
  for (Interned* one = found->second.get(); one != nullptr; one = one->next.get()) {
    if (one->read->same(read)) return one;
  }
  return nullptr;
}

// Whether nodes of this engine may hold the very object: those of another one do not.
bool EngineCore::claim(const StateRead& read) const noexcept {
  const EngineCore* none = nullptr;
  return read.interning_.engine.compare_exchange_strong(none, this);
}

// Mostly it is the one that is interned already, which it tells itself.
const StateRead& EngineCore::intern(const StateReadPtr& read) {
  Interned* known = interned_as(*read);
  if (known == nullptr) known = find_interned(*read);
  if (known != nullptr) {
    ++known->nodes;
    return *known->read;
  }
  auto made = std::make_unique<Interned>();
  made->nodes = 1;
  made->read = claim(*read) ? read : std::make_shared<const StateRead>(*read);
  const StateRead& held = *made->read;
  if (&held != read.get()) claim(held);
  try {
    std::unique_ptr<Interned>& first = interned[held.hash()];
    made->next = std::move(first);
    first = std::move(made);
    held.interning_.counted = first.get();
  } catch (...) {
    held.interning_.engine.store(nullptr);
    throw;
  }
  shared_bytes += interned_charge(held);
  return held;
}

StateReadPtr EngineCore::interned_or(StateReadPtr fresh) const {
  const Locked locked(*this);
  if (const Interned* const known = find_interned(*fresh)) return known->read;
  return fresh;
}

void EngineCore::release_read(Locked& locked, const StateRead& read) noexcept {
  Interned* const known = interned_as(read);
  assert(known != nullptr);
  if (--known->nodes > 0) return;  // not the last reference
  shared_bytes -= interned_charge(read);
  const auto found = interned.find(read.hash());
  std::unique_ptr<Interned>* place = &found.value();
  while (place->get() != known) place = &(*place)->next;
  std::unique_ptr<Interned> rest = std::move(known->next);
  read.interning_.engine.store(nullptr);  // from here on it may be another engine's
  locked.freed.add(std::exchange(*place, std::move(rest)));
  if (found->second != nullptr) return;
  interned.erase(found);
  give_back(interned);
}

}  // namespace memoscape::inline v0::detail

// The decision tree: finding, walking, inserting, pruning. See state_space.hpp for its invariants.
#include "engine/state_space.hpp"

#include <algorithm>
#include <cassert>
#include <type_traits>
#include <utility>

#include "engine/store.hpp"
#include "memoscape/detail/allocated.hpp"

namespace memoscape::inline v0::detail {

namespace {

std::uint64_t interned_charge(const StateRead& read) {
  return allocated(sizeof(StateRead)) + read.heap_bytes() + allocated(sizeof(Interned)) +
         kIndexShare;
}

// tsl::robin_map keeps the value and, beside it, the distance from home and a part of the hash.
template <class Map>
std::uint64_t table_bytes(const Map& map) {
  using Bucket = std::pair<typename Map::value_type, std::uint64_t>;
  return map.bucket_count() == 0 ? 0 : allocated(map.bucket_count() * sizeof(Bucket));
}

}  // namespace

std::uint64_t table_slack(const EngineCore& core) {
  std::uint64_t tables = core.index.heap_bytes() + core.buffers.heap_bytes() +
                         table_bytes(core.interned) + table_bytes(core.contents) +
                         table_bytes(core.of_sessions) + core.policy->heap_bytes();
  std::uint64_t in_policies = core.policy->size();
  for (const auto& [name, function] : core.functions) {
    if (function->policy == nullptr) continue;
    tables += function->policy->heap_bytes();
    in_policies += function->policy->size();
  }
  const std::uint64_t charged = core.index.size() * kNodeShare + core.buffers.size() * kValueShare +
                                core.contents.size() * kIndexShare + in_policies * kPolicyShare;
  return tables > charged ? tables - charged : 0;
}

std::uint64_t space_charge(const Space& space) noexcept {
  const std::size_t own = space.of_session ? sizeof(SessionSpace) : sizeof(Space);
  return allocated(own) + space.edge.heap_bytes() + kNodeShare;
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
  if (node.is_root()) return 0;  // part of its space
  return allocated(sizeof(Node)) + node.edge.heap_bytes() + kNodeShare;
}

inline Node* EngineCore::find_child(const Node& parent, std::string_view value,
                                    const PathHash& path) const {
  return index.find(path.end(), [&](const Node& node) {
    return node.parent == &parent && same_bytes(node.edge.view(), value);
  });
}

Space* EngineCore::find_space(const Function* function, std::uint64_t session, std::string_view key,
                              std::uint64_t hashed) const {
  Node* root = index.find(short_of(hashed), [&](const Node& node) {
    if (!node.is_root() || !same_bytes(node.edge.view(), key)) return false;
    const Space& space = static_cast<const Space&>(node);
    return space.function == function &&
           (session == 0 || static_cast<const SessionSpace&>(space).session == session);
  });
  return static_cast<Space*>(root);
}

Space& EngineCore::make_space(Locked& locked, Function& function, std::uint64_t session,
                              std::string_view key, std::uint64_t hashed) {
  if (session == 0) return take_in(locked, function, spare_spaces.make(), key, hashed);
  auto made = std::make_unique<SessionSpace>();
  made->of_session = true;
  made->session = session;
  return take_in(locked, function, std::move(made), key, hashed);
}

template <class S>
S& EngineCore::take_in(Locked& locked, Function& function, std::unique_ptr<S> made,
                       std::string_view key, std::uint64_t hashed) {
  begin_change();
  made->function = &function;
  made->edge.set(key);
  made->hash = short_of(hashed);
  locked.freed.add(index.reserve_more(1));
  if constexpr (std::is_same_v<S, SessionSpace>) of_sessions[made->session].push_back(*made);
  index.insert(*made, made->hash);
  S& space = *made.release();  // owned by the function's list from here on
  function.spaces.push_back(space);
  charge_nodes(space, static_cast<std::int64_t>(space_charge(space)));
  return space;
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
          find_space(call.function.get(), per_session ? session : 0, call.key.view(), call.hash);
      call.root_seen = changes;
    }
    if (call.root == nullptr) continue;
    prefetch(&call.root->parent);
    PathHash path = hash.path_from(call.root);
    for (const StateSource::Resolved* read : walk.reads) hash.extend(path, hash_of(*read));
    walk.end = path.end();
    index.look_ahead(walk.end);
  }
  for (const JointWalk& walk : walks) {
    if (walk.shortcut->root != nullptr) index.look_further(walk.end);
  }
  std::size_t left = 0;  // steps that some have not confirmed
  for (JointWalk& walk : walks) {
    if (walk.shortcut->root == nullptr) continue;
    walk.node = index.find(walk.end, [&](const Node& node) {
      return node.leaf() != nullptr && same_bytes(node.edge.view(), walk.reads.back()->state.bytes);
    });
    if (walk.node == nullptr) continue;
    walk.answer = walk.node->leaf();
    prefetch_all(walk.answer);
    prefetch(walk.node->parent);
    left = std::max(left, walk.reads.size());
  }
  for (; left > 0; --left) {
    for (JointWalk& walk : walks) {
      if (walk.answer != nullptr && walk.reads.size() >= left) confirm_step(walk, left - 1);
    }
  }
}

inline void EngineCore::confirm_step(JointWalk& walk, std::size_t depth) noexcept {
  const Node* const above = walk.node->parent;
  const bool is_right =
      above != nullptr && above->read() == walk.reads[depth]->read.get() &&
      (depth == 0 ? above == walk.shortcut->root
                  : same_bytes(above->edge.view(), walk.reads[depth - 1]->state.bytes));
  if (!is_right) {
    walk.answer = nullptr;
    return;
  }
  walk.node = above;
  prefetch(above->parent);
}

Walk EngineCore::walk(const Space* space, StateSource& source, Trail& trail) const {
  trail.clear();
  const Node* node = space;
  PathHash path = hash.path_from(space);
  while (node != nullptr) {
    const auto [read, leaf] = node->what();
    if (leaf != nullptr) return {.permutation = leaf->is_entry() ? leaf : nullptr};
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
  Space* const known = find_space(&function, flight.session, flight.key, flight.hash);
  Space& space = known != nullptr
                     ? *known
                     : make_space(locked, function, flight.session, flight.key, flight.hash);
  Node* node = &space;
  // Nothing of the path stays when it comes to nothing.
  struct Standing {
    EngineCore& core;
    Locked& locked;
    Space& space;
    Node*& node;
    List<Node, &Node::sibling> fresh{};  // not in the tree yet
    std::uint64_t bytes = 0;             // to be charged
    bool stays = false;
    ~Standing() {
      core.charge_nodes(space, static_cast<std::int64_t>(bytes));
      if (stays) return;
      while (Node* made = fresh.pop_front()) locked.freed.nodes.push_back(*made);
      core.release_path(locked, *node);
    }
  } standing{*this, locked, space, node};
  // Makes way at `node` for what this execution found there. False: a later one found otherwise.
  const auto make_way = [&](const StateRead* next) {
    const bool agrees =
        node->leaf() != nullptr
            ? next == nullptr
            : node->read() == nullptr || (next != nullptr && node->read()->same(*next));
    if (!agrees) {
      ++function.counters.divergences;
      if (node->started > flight.started) return false;
      end_subtree(locked, *node, Cause::diverged);
    }
    node->started = std::max(node->started, flight.started);
    return true;
  };

  begin_change();
  node->kept = true;
  const auto path = flight.reads.view();
  auto step = path.begin();
  PathHash hashed = hash.path_from(&space);
  for (; step != path.end(); ++step) {
    if (!make_way(step->read.get())) return nullptr;
    PathHash further = hashed;
    hash.extend(further, step->hash);
    Node* child = node->read() == nullptr ? nullptr : find_child(*node, step->value, further);
    if (child == nullptr) break;
    hashed = further;
    node = child;
    node->kept = true;
  }
  // What is not there has no children either. All of it is made first, and so the places in the
  // index are on their way while the rest is.
  locked.freed.add(index.reserve_more(static_cast<std::size_t>(path.end() - step)));
  for (auto next = step; next != path.end(); ++next) {
    Node& made = *spare_nodes.make().release();
    standing.fresh.push_back(made);
    hash.extend(hashed, next->hash);
    made.hash = hashed.end();
    index.look_ahead(made.hash);
    made.edge.set(next->value);
  }
  for (; step != path.end(); ++step) {
    if (node->read() == nullptr) node->set_read(&intern(step->read));
    Node& made = *standing.fresh.pop_front();
    made.parent = node;
    made.started = flight.started;
    made.kept = true;
    index.insert(made, made.hash);
    node->children.push_back(made);
    standing.bytes += node_charge(made);
    node = &made;  // owned by the tree from here on
  }
  if (!make_way(nullptr)) return nullptr;
  if (node->leaf() == nullptr) {
    auto made = spare_permutations.make();
    made->function = &function;
    made->node = node;
    if (function.policy != nullptr) {
      made->ties = std::make_unique<Ties>();
      made->ties->hook = std::make_unique<FunctionHook>();
    }
    made->key = policy_key(flight.hash, path);
    made->key_bytes = Permutation::fitting(permutation_charge(*made));
    // From here on its node is part of its own charge.
    standing.bytes += made->key_bytes - node_charge(*node);
    node->set_leaf(*made.release());
    ++function.objects;
  }
  standing.stays = true;
  return node->leaf();
}

void EngineCore::release_path(Locked& locked, Node& last) noexcept {
  for (Node* node = &last; node != nullptr; node = node->parent) node->kept = false;
  prune(locked, &last);
}

void EngineCore::prune(Locked& locked, Node* node) noexcept {
  std::uint64_t bytes = 0;  // of what is gone
  while (node->leaf() == nullptr && node->children.empty() && !node->kept) {
    begin_change();
    if (node->read() != nullptr) release_read(locked, *node->read());
    node->set_read(nullptr);
    if (node->is_root()) break;
    Node* parent = node->parent;
    parent->children.remove(*node);
    index.erase(*node, node->hash);
    bytes += node_charge(*node);
    locked.freed.nodes.push_back(*node);
    node = parent;
  }
  if (bytes != 0) {
    charge_nodes(space_of(*node), -static_cast<std::int64_t>(bytes));
    locked.freed.add(give_back_places(index));
  }
  if (node->is_root()) prune_space(locked, static_cast<Space&>(*node));
}

void EngineCore::prune_space(Locked& locked, Space& space) noexcept {
  if (space.leaf() != nullptr || !space.children.empty() || space.kept) return;
  charge_nodes(space, -static_cast<std::int64_t>(space_charge(space)));
  assert(space.node_bytes == 0);
  index.erase(space, space.hash);
  locked.freed.add(give_back_places(index));
  space.function->spaces.remove(space);
  if (space.of_session) forget_in_session(static_cast<SessionSpace&>(space));
  locked.freed.spaces.push_back(space);
}

void EngineCore::forget_in_session(SessionSpace& space) noexcept {
  const auto found = of_sessions.find(space.session);
  found.value().remove(space);
  if (!found->second.empty()) return;
  of_sessions.erase(found);
  give_back(of_sessions);
}

void EngineCore::charge_nodes(Space& space, std::int64_t delta) noexcept {
  const auto change = static_cast<std::uint64_t>(delta);  // modulo 2^64: sums stay exact
  space.node_bytes += change;
  space.function->node_bytes += change;
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

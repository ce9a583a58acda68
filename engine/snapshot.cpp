#include "engine/snapshot.hpp"

#include <algorithm>

namespace memoscape::inline v0::detail {

namespace {

constexpr std::size_t kAhead = 8;

// New memory is slow to use for the first time, so that is now.
template <class T>
void make_room(std::vector<T>& items, std::size_t count) {
  items.resize(count);
  items.clear();
}

void copy(const Permutation& permutation, Snapshot::Entry& entry) noexcept {
  const Box& box = *permutation.box.get();
  entry.bytes = permutation.bytes();
  entry.peak = box.arena ? box.arena->peak() : 0;
  entry.shared_value = permutation.has_value_alone ? 0 : box.bytes;
  entry.sharers = box.keeper().count;
  entry.media = permutation.shows_contents ? content_bytes(*permutation.recording) : 0;
  entry.hits = permutation.hits;
  entry.followers = permutation.followers;
  entry.compute = permutation.compute();
  entry.saved = entry.compute * static_cast<std::int64_t>(entry.hits);
  entry.finished = permutation.finished;
  entry.expiry = permutation.expiry.get();
  entry.digest = box.digest;
  entry.has_digest = box.has_digest;
  entry.source = box.source;
}

}  // namespace

Snapshot::Snapshot(const EngineCore& core, FunctionRef<void(const Snapshot&, const Locked&)> also) {
  reserve(core);
  {
    const Locked locked(core);
    for (const auto& [name, function] : core.functions) {
      functions.push_back(function);
      function->roots.for_each([&](const Node& root) { copy_tree(root); });
    }
    copy_figures(0);
    if (has_ghosts_)
      std::erase_if(entries, [](const Entry& one) { return one.permutation == nullptr; });
    also(*this, locked);
  }
  numbers_ = {};
  now = core.clock->now();  // user code
  for (Entry& entry : entries) entry.age = now - entry.finished;
}

void Snapshot::reserve(const EngineCore& core) {
  std::size_t nodes = 0;
  std::size_t permutations = 0;
  {
    const Locked locked(core);
    functions.reserve(core.functions.size());
    nodes = core.index.size();
    permutations = core.entries;
  }
  constexpr std::size_t kMeanwhile = 16;  // one more for so many
  make_room(entries, permutations + permutations / kMeanwhile);
  make_room(steps, nodes + nodes / kMeanwhile);
  tuples.reserve(permutations);
}

std::uint32_t Snapshot::number_of(const StateRead& read) {
  const auto [found, is_new] =
      numbers_.try_emplace(&read, static_cast<std::uint32_t>(reads.size()));
  if (is_new) reads.push_back(read.shared_from_this());
  return found->second;
}

// Its nodes from the left, and the leaves' permutations, ghosts included.
void Snapshot::copy_tree(const Node& root) {
  const SessionRoot* const its = root.of_session();
  Tuple& tuple = tuples.emplace_back();
  tuple.function = static_cast<std::uint32_t>(functions.size() - 1);
  tuple.first_step = static_cast<std::uint32_t>(steps.size());
  tuple.key = PackedBytes(root.edge.view());
  tuple.session = its == nullptr ? 0 : its->session;
  const Node* node = &root;
  std::uint32_t step = kRoot;  // of the node
  const auto go_to = [&](const Node& next, std::uint32_t above, std::uint32_t read) {
    node = &next;
    step = static_cast<std::uint32_t>(steps.size());
    steps.push_back({.above = above, .read = read, .value = PackedBytes(next.edge.view())});
  };
  for (;;) {
    if (const Node* first = node->first_child()) {
      tuple.nodes += node_charge(*node);
      go_to(*first, step, number_of(*node->read()));
      continue;
    }
    if (Permutation* const leaf = node->leaf()) {
      Entry& entry = entries.emplace_back();
      entry.permutation = leaf;
      entry.tuple = static_cast<std::uint32_t>(tuples.size() - 1);
      entry.step = step;
      prefetch_all(leaf);
      copy_figures(kAhead);
    }
    while (node != &root && node->sibling.next == nullptr) {
      node = node->parent();
      step = steps[step].above;
    }
    if (node == &root) return;
    go_to(*node->sibling.next, steps[step].above, steps[step].read);
  }
}

// Of those that were found, but for the last ones: what it needs is mostly in no cache, and on its
// way meanwhile, the permutation first, then its box.
void Snapshot::copy_figures(std::size_t ahead) noexcept {
  for (; sought_ + ahead < entries.size(); ++sought_) {
    if (const Box* const box = entries[sought_].permutation->box) prefetch_all(box);
  }
  for (; copied_ + ahead < sought_; ++copied_) {
    Entry& entry = entries[copied_];
    if (entry.permutation->is_entry()) {
      copy(*entry.permutation, entry);
    } else {
      tuples[entry.tuple].nodes += entry.permutation->key_bytes;
      entry.permutation = nullptr;
      has_ghosts_ = true;
    }
  }
}

std::vector<const Snapshot::Step*> Snapshot::path_of(const Entry& entry) const {
  std::vector<const Step*> path;
  for (std::uint32_t at = entry.step; at != kRoot; at = steps[at].above) path.push_back(&steps[at]);
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace memoscape::inline v0::detail

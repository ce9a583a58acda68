// The index of nodes against a std::map, with hashes that have much in common.
#include "engine/node_index.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>

namespace memoscape::testing {
namespace {

namespace ms = memoscape;

using ms::detail::Node;
using ms::detail::NodeIndex;

class Model {
 public:
  void insert(std::uint32_t hash) {
    auto node = std::make_unique<Node>();
    node->hash = hash;
    index_.reserve_more(1);
    index_.insert(*node);
    nodes_.emplace(hash, std::move(node));
  }
  // One of this hash.
  void erase(std::uint32_t hash) {
    const auto one = nodes_.find(hash);
    index_.erase(*one->second);
    nodes_.erase(one);
  }
  std::size_t count(std::uint32_t hash) const { return nodes_.count(hash); }
  void check() const {
    ASSERT_EQ(index_.size(), nodes_.size());
    ASSERT_LE(5 * index_.size(), 4 * index_.bucket_count());
    for (const auto& [hash, node] : nodes_) {
      const auto is_it = [&](const Node& one) { return &one == node.get(); };
      ASSERT_EQ(index_.find(hash, is_it), node.get());
    }
    std::set<const Node*> visited;
    index_.for_each([&](const Node& node) { ASSERT_TRUE(visited.insert(&node).second); });
    ASSERT_EQ(visited.size(), nodes_.size());
  }
  NodeIndex& index() { return index_; }
  // Whether the index has one.
  bool finds(std::uint32_t hash) const {
    return index_.find(hash, [](const Node&) { return true; }) != nullptr;
  }

 private:
  NodeIndex index_;
  std::multimap<std::uint32_t, std::unique_ptr<Node>> nodes_;
};

// Many have their home in few places, and some the very same hash.
std::uint32_t draw(std::mt19937_64& random) {
  return static_cast<std::uint32_t>((random() % 8) + ((random() % 32) << 20));
}

TEST(NodeIndex, FindsWhatIsThereWhateverElseCameAndWent) {
  std::mt19937_64 random(1);
  Model model;
  EXPECT_FALSE(model.finds(0));
  for (int i = 0; i < 6000; ++i) {
    const std::uint32_t hash = draw(random);
    if (model.count(hash) > random() % 4)
      model.erase(hash);
    else if (i % 3000 < 2000 || i % 3 == 0)
      model.insert(hash);
    else
      ASSERT_EQ(model.finds(hash), model.count(hash) > 0);
    if (i % 100 == 0) model.check();
    if (i % 1000 == 999) model.index().shrink();
  }
  model.check();
}

TEST(NodeIndex, BecomesSmallerWhenItIsAsked) {
  Model model;
  for (std::uint32_t hash = 0; hash < 1000; ++hash) model.insert(hash);
  const std::size_t large = model.index().bucket_count();
  for (std::uint32_t hash = 10; hash < 1000; ++hash) model.erase(hash);
  EXPECT_EQ(model.index().bucket_count(), large);
  model.index().shrink();
  EXPECT_LE(model.index().bucket_count(), 32u);
  model.check();
}

TEST(NodeIndex, TellsNodesOfOneHashApart) {
  Node first;
  Node second;
  first.hash = second.hash = 7;
  NodeIndex index;
  index.reserve_more(2);
  index.insert(first);
  index.insert(second);
  const auto find = [&](const Node& node) {
    return index.find(7, [&](const Node& one) { return &one == &node; });
  };
  EXPECT_EQ(find(first), &first);
  EXPECT_EQ(find(second), &second);
  index.erase(first);
  EXPECT_EQ(find(first), nullptr);
  EXPECT_EQ(find(second), &second);
}

}  // namespace
}  // namespace memoscape::testing

// The index of nodes against a std::map, with hashes that have much in common.
#include "engine/node_index.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <memory>
#include <random>

namespace memoscape::testing {
namespace {

namespace ms = memoscape;

using ms::detail::Node;
using ms::detail::NodeIndex;

class Model {
 public:
  void insert(std::size_t hash) {
    auto node = std::make_unique<Node>();
    node->hash = hash;
    index_.reserve_more(1);
    index_.insert(*node);
    nodes_.emplace(hash, std::move(node));
  }
  void erase(std::size_t hash) {
    index_.erase(hash);
    nodes_.erase(hash);
  }
  bool contains(std::size_t hash) const { return nodes_.contains(hash); }
  void check() const {
    ASSERT_EQ(index_.size(), nodes_.size());
    ASSERT_LE(5 * index_.size(), 4 * index_.bucket_count());
    for (const auto& [hash, node] : nodes_) ASSERT_EQ(index_.find(hash), node.get());
    std::size_t visited = 0;
    index_.for_each([&](const Node& node) {
      ++visited;
      ASSERT_TRUE(nodes_.contains(node.hash));
    });
    ASSERT_EQ(visited, nodes_.size());
  }
  NodeIndex& index() { return index_; }

 private:
  NodeIndex index_;
  std::map<std::size_t, std::unique_ptr<Node>> nodes_;
};

// Many have their home in few places; some differ beyond the 32 bits that a place keeps.
std::size_t draw(std::mt19937_64& random) {
  return (random() % 8) + ((random() % 32) << 20) + ((random() % 4) << 40);
}

TEST(NodeIndex, FindsWhatIsThereWhateverElseCameAndWent) {
  std::mt19937_64 random(1);
  Model model;
  EXPECT_EQ(model.index().find(0), nullptr);
  for (int i = 0; i < 6000; ++i) {
    const std::size_t hash = draw(random);
    if (model.contains(hash))
      model.erase(hash);
    else if (i % 3000 < 2000 || i % 3 == 0)
      model.insert(hash);
    else
      ASSERT_EQ(model.index().find(hash), nullptr);
    if (i % 100 == 0) model.check();
    if (i % 1000 == 999) model.index().shrink();
  }
  model.check();
}

TEST(NodeIndex, BecomesSmallerWhenItIsAsked) {
  Model model;
  for (std::size_t hash = 0; hash < 1000; ++hash) model.insert(hash);
  const std::size_t large = model.index().bucket_count();
  for (std::size_t hash = 10; hash < 1000; ++hash) model.erase(hash);
  EXPECT_EQ(model.index().bucket_count(), large);
  model.index().shrink();
  EXPECT_LE(model.index().bucket_count(), 32u);
  model.check();
}

TEST(NodeIndex, GivesThePlaceOfANodeToAnotherOfItsHash) {
  Node first;
  Node second;
  first.hash = second.hash = 7;
  NodeIndex index;
  index.reserve_more(1);
  index.insert(first);
  index.replace(7, second);
  EXPECT_EQ(index.find(7), &second);
  EXPECT_EQ(index.size(), 1u);
  index.erase(7);
  EXPECT_EQ(index.find(7), nullptr);
}

}  // namespace
}  // namespace memoscape::testing

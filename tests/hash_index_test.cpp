// The index against a std::map, with hashes that have much in common.
#include "engine/hash_index.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace memoscape::testing {
namespace {

namespace ms = memoscape;

struct Thing {
  std::uint32_t hash = 0;
};
using Index = ms::detail::HashIndex<Thing>;

class Model {
 public:
  void insert(std::uint32_t hash) {
    auto thing = std::make_unique<Thing>();
    thing->hash = hash;
    outgrown_.add(index_.reserve_more(1));
    index_.insert(*thing, hash);
    things_.emplace(hash, std::move(thing));
  }
  // One of this hash.
  void erase(std::uint32_t hash) {
    const auto one = things_.find(hash);
    index_.erase(*one->second, hash);
    things_.erase(one);
  }
  std::size_t count(std::uint32_t hash) const { return things_.count(hash); }
  void check() const {
    ASSERT_EQ(index_.size(), things_.size());
    ASSERT_LE(5 * index_.size(), 4 * index_.bucket_count());
    for (const auto& [hash, thing] : things_) {
      const Thing* wanted = thing.get();
      const auto is_it = [&](const Thing& one) { return &one == wanted; };
      ASSERT_EQ(index_.find(hash, is_it), wanted);
    }
    std::set<const Thing*> visited;
    index_.for_each([&](const Thing& thing) { ASSERT_TRUE(visited.insert(&thing).second); });
    ASSERT_EQ(visited.size(), things_.size());
  }
  const Index& index() const { return index_; }
  void shrink() { outgrown_.add(index_.shrink()); }
  // Whether the index has one.
  bool finds(std::uint32_t hash) const {
    return index_.find(hash, [](const Thing&) { return true; }) != nullptr;
  }

 private:
  Index index_;
  ms::detail::HashTable::Outgrown outgrown_;
  std::multimap<std::uint32_t, std::unique_ptr<Thing>> things_;
};

// Many have their home in few places, and some the very same hash.
std::uint32_t draw(std::mt19937_64& random) {
  return static_cast<std::uint32_t>((random() % 8) + ((random() % 32) << 20));
}

TEST(HashIndex, FindsWhatIsThereWhateverElseCameAndWent) {
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
    if (i % 1000 == 999) model.shrink();
  }
  model.check();
}

TEST(HashIndex, BecomesSmallerWhenItIsAsked) {
  Model model;
  for (std::uint32_t hash = 0; hash < 1000; ++hash) model.insert(hash);
  const std::size_t large = model.index().bucket_count();
  for (std::uint32_t hash = 10; hash < 1000; ++hash) model.erase(hash);
  EXPECT_EQ(model.index().bucket_count(), large);
  model.shrink();
  EXPECT_LE(model.index().bucket_count(), 32u);
  model.check();
}

// Lookups may be under way in the table that was outgrown.
TEST(HashIndex, LeavesTheTableBeforeAsItWas) {
  std::vector<Thing> things(100);
  Index index;
  ms::detail::HashTable::Outgrown outgrown = index.reserve_more(4);
  EXPECT_TRUE(outgrown.empty());
  std::size_t moves = 0;
  for (Thing& thing : things) {
    thing.hash = static_cast<std::uint32_t>(&thing - things.data()) * 7;
    ms::detail::HashTable::Outgrown before = index.reserve_more(1);
    if (!before.empty()) ++moves;
    outgrown.add(std::move(before));
    index.insert(thing, thing.hash);
  }
  EXPECT_GE(moves, 4U);
  for (const Thing& thing : things) {
    EXPECT_EQ(index.find(thing.hash, [](const Thing&) { return true; }), &thing);
  }
}

TEST(HashIndex, TellsThingsOfOneHashApart) {
  Thing first;
  Thing second;
  first.hash = second.hash = 7;
  Index index;
  EXPECT_TRUE(index.reserve_more(2).empty());
  index.insert(first, 7);
  index.insert(second, 7);
  const auto find = [&](const Thing& thing) {
    return index.find(7, [&](const Thing& one) { return &one == &thing; });
  };
  EXPECT_EQ(find(first), &first);
  EXPECT_EQ(find(second), &second);
  index.erase(first, 7);
  EXPECT_EQ(find(first), nullptr);
  EXPECT_EQ(find(second), &second);
}

}  // namespace
}  // namespace memoscape::testing

// Entries and nodes are small: what that takes, and that nothing is lost by it.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memoscape/memoscape.hpp>
#include <string>
#include <utility>
#include <vector>

#include "engine/packed_bytes.hpp"
#include "engine/recording.hpp"
#include "engine/state_space.hpp"
#include "engine/store.hpp"
#include "memoscape/detail/short_key.hpp"

namespace ms = memoscape;

namespace {

using ms::detail::Node;
using ms::detail::PackedBytes;
using ms::detail::Permutation;

// There may be millions of each: who needs more says so here.
TEST(Entries, AreSmall) {
  EXPECT_LE(sizeof(Permutation), 160U);
  EXPECT_LE(sizeof(Node), 72U);
}

TEST(Entries, CountBytesAbove4GiBExactly) {
  constexpr std::uint64_t kBytes = (std::uint64_t{5} << 30) + 3;
  ms::Engine engine({.limits = {.max_bytes = 0}});
  const auto f = engine.cache_data("f", [](int n) { return ms::with_cost(n, kBytes); });
  const auto store = [&](int n) { engine.run([&](ms::Run& run) { f(run, n); }); };
  store(0);
  const std::uint64_t one = engine.totals().charged;
  store(1);
  EXPECT_EQ(engine.check(), "");
  EXPECT_GE(engine.totals().charged, one + kBytes);
  const ms::Report report = engine.report();
  ASSERT_EQ(report.permutations.size(), 2U);
  EXPECT_EQ(report.permutations[0].bytes.value, report.permutations[1].bytes.value);
  EXPECT_GE(report.permutations[0].bytes.value, kBytes);
  f.clear(1);
  EXPECT_EQ(engine.totals().charged, one);
  f.set_limits({.max_bytes = kBytes / 2});
  EXPECT_EQ(engine.totals().permutations, 0U);
  EXPECT_EQ(engine.check(), "");
}

TEST(Entries, CountHitsUpToTheMostThatTheyCanHold) {
  Permutation permutation;
  permutation.count_hits(3);
  permutation.count_hits(2);
  EXPECT_EQ(permutation.hits, 5U);
  permutation.count_hits(std::numeric_limits<std::uint64_t>::max());
  permutation.count_hits(1);
  EXPECT_EQ(permutation.hits, (std::uint64_t{1} << 40) - 1);
  EXPECT_EQ(permutation.followers, 0U);
  permutation.count_follower();
  EXPECT_EQ(permutation.followers, 1U);
  permutation.followers = (1U << 24) - 1;
  permutation.count_follower();
  EXPECT_EQ(permutation.followers, (1U << 24) - 1);
  EXPECT_EQ(permutation.hits, (std::uint64_t{1} << 40) - 1);
}

// Which one is left is told by what was all of them.
TEST(Entries, OfOneValueFindTheLastThatIsLeft) {
  for (int left = 0; left < 3; ++left) {
    ms::Engine engine({.limits = {.max_bytes = 0}});
    const auto f = engine.cache_data("f", [](int) { return std::string(1000, 'x'); });
    engine.run([&](ms::Run& run) {
      for (int n = 0; n < 3; ++n) f(run, n);
    });
    const ms::Report report = engine.report();
    EXPECT_EQ(report.permutations.at(0).sharers, 3U);
    EXPECT_EQ(report.permutations.at(0).bytes.value, 0U);
    for (int n = 0; n < 3; ++n) {
      if (n == left) continue;
      f.clear(n);
      EXPECT_EQ(engine.check(), "");
    }
    const ms::Report rest = engine.report();
    ASSERT_EQ(rest.permutations.size(), 1U);
    EXPECT_EQ(rest.permutations[0].sharers, 1U);
    EXPECT_GE(rest.permutations[0].bytes.value, 1000U);
  }
}

TEST(Nodes, AreALeafOrHaveARead) {
  Node node;
  Permutation leaf;
  EXPECT_TRUE(node.is_empty());
  node.set_leaf(leaf);
  EXPECT_EQ(node.leaf(), &leaf);
  EXPECT_EQ(node.read(), nullptr);
  EXPECT_FALSE(node.has_children());
  node.value_started = 7;
  node.drop_leaf();
  EXPECT_TRUE(node.is_empty());
  EXPECT_EQ(node.leaf(), nullptr);
  EXPECT_FALSE(node.has_children());
}

// By it a front end knows what a browser shows.
TEST(Recordings, KeepTheirNumberUntilTheyAreChanged) {
  ms::detail::Recording one;
  ms::detail::Recording other;
  const std::uint64_t number = one.serial();
  EXPECT_NE(number, 0U);
  EXPECT_NE(other.serial(), number);
  EXPECT_EQ(one.serial(), number);
  one.renew_serial();
  EXPECT_NE(one.serial(), number);
  EXPECT_NE(one.serial(), other.serial());
}

TEST(PackedBytes, KeepsBytesOfAnyLength) {
  std::string bytes;
  for (int i = 0; i < 40; ++i) {
    PackedBytes packed{bytes};
    EXPECT_EQ(packed.view(), bytes);
    EXPECT_EQ(packed.heap_bytes() == 0, bytes.size() <= 12);
    PackedBytes moved(std::move(packed));
    EXPECT_EQ(moved.view(), bytes);
    packed = PackedBytes("else");
    packed = std::move(moved);
    EXPECT_EQ(packed.view(), bytes);
    bytes.push_back(static_cast<char>('a' + i));
  }
}

// The key of so many numbers as an Encoder writes it, and in two registers.
void expect_same_key(const std::vector<std::int64_t>& numbers) {
  ms::detail::ShortKey key;
  ms::Encoder encoder;
  for (const std::int64_t number : numbers) {
    ASSERT_TRUE(key.add(number));
    encoder.add(number);
  }
  EXPECT_TRUE(PackedBytes(encoder.view()).packed_view().is(key));
  const std::string same(encoder.view());
  EXPECT_EQ(key.size(), same.size());
  EXPECT_FALSE(PackedBytes(same + '\0').packed_view().is(key));
  if (same.empty()) return;
  EXPECT_FALSE(PackedBytes(same.substr(1)).packed_view().is(key));
  for (std::size_t i = 0; i < same.size(); ++i) {
    std::string other = same;
    ++other[i];
    EXPECT_FALSE(PackedBytes(other).packed_view().is(key)) << i;
  }
}

TEST(ShortKey, IsTheEncodingOfItsNumbers) {
  const std::vector<std::int64_t> some = {0, 1, 0x7f, 0x80, 0x1234, 0x3fff};
  expect_same_key({});
  for (const std::int64_t a : some) {
    expect_same_key({a});
    for (const std::int64_t b : some) {
      expect_same_key({a, b});
      for (const std::int64_t c : some) {
        expect_same_key({a, b, c});
        for (const std::int64_t d : some) expect_same_key({a, b, c, d});
      }
    }
  }
}

TEST(ShortKey, TakesSmallNumbersOnly) {
  ms::detail::ShortKey key;
  EXPECT_FALSE(key.add(-1));
  EXPECT_FALSE(key.add(std::int8_t{-1}));
  EXPECT_FALSE(key.add(0x4000));
  EXPECT_FALSE(key.add(std::uint64_t{1} << 32));
  EXPECT_FALSE(key.add(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(key.size(), 0U);
  EXPECT_TRUE(key.add('a'));
  EXPECT_TRUE(PackedBytes(ms::encoded('a')).packed_view().is(key));

  enum class Color { red };
  using Key = ms::detail::ShortKey;
  static_assert(Key::kMayBeOf<> && Key::kMayBeOf<int, char, std::uint64_t, short>);
  static_assert(!Key::kMayBeOf<int, int, int, int, int> && !Key::kMayBeOf<bool>);
  static_assert(!Key::kMayBeOf<double> && !Key::kMayBeOf<std::string> && !Key::kMayBeOf<Color>);
}

// What is longer than the object holds is somewhere else, and no short key is like it.
TEST(ShortKey, IsNotOneOfMoreThanItHolds) {
  ms::detail::ShortKey key;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(key.add(0x3fff));
  const PackedBytes longer(std::string(13, 'x'));
  EXPECT_FALSE(longer.packed_view().is(key));
  EXPECT_FALSE(longer.packed_view().is({}));
}

}  // namespace

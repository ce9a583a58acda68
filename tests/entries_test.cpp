// Entries and nodes are small: what that takes, and that nothing is lost by it.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <memoscape/memoscape.hpp>
#include <string>
#include <utility>

#include "at_point.hpp"
#include "core_of.hpp"
#include "engine/packed_bytes.hpp"
#include "engine/recording.hpp"
#include "engine/state_space.hpp"
#include "engine/store.hpp"

namespace ms = memoscape;

namespace {

using ms::detail::Function;
using ms::detail::Inner;
using ms::detail::PackedBytes;
using ms::detail::Permutation;
using ms::detail::SessionRoot;

// There may be millions of each: who needs more says so here.
TEST(Entries, AreSmall) {
  EXPECT_LE(sizeof(Permutation), 200U);
  EXPECT_LE(sizeof(Inner), 72U);
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

TEST(Nodes, AreInnerOnesOrLeaves) {
  Inner inner;
  Permutation leaf;
  EXPECT_EQ(leaf.leaf(), &leaf);
  EXPECT_EQ(leaf.read(), nullptr);
  EXPECT_EQ(leaf.first_child(), nullptr);
  EXPECT_EQ(inner.leaf(), nullptr);
  leaf.set_parent(inner);
  inner.children.push_back(leaf);
  EXPECT_EQ(inner.first_child(), &leaf);
  EXPECT_EQ(leaf.parent(), &inner);
  EXPECT_TRUE(leaf.is_below(inner));
  EXPECT_FALSE(leaf.is_root());
}

TEST(Nodes, KnowWhoseRootTheyAre) {
  Function one;
  Function other;
  Inner shared;
  shared.set_root_of(one);
  EXPECT_TRUE(shared.is_root());
  EXPECT_EQ(shared.parent(), nullptr);
  EXPECT_EQ(&shared.function_of_root(), &one);
  EXPECT_EQ(shared.of_session(), nullptr);
  EXPECT_TRUE(shared.is_root_of(&one, 0));
  EXPECT_FALSE(shared.is_root_of(&other, 0));
  EXPECT_FALSE(shared.is_root_of(&one, 7));

  auto session = std::make_unique<SessionRoot>();
  SessionRoot* const its = session.get();
  its->function = &one;
  its->session = 7;
  Permutation own;
  own.set_root_of(std::move(session));
  EXPECT_TRUE(own.is_root());
  EXPECT_EQ(own.parent(), nullptr);
  EXPECT_EQ(&own.function_of_root(), &one);
  EXPECT_EQ(own.of_session(), its);
  EXPECT_TRUE(own.is_root_of(&one, 7));
  EXPECT_FALSE(own.is_root_of(&one, 8));
  EXPECT_FALSE(own.is_root_of(&other, 7));
  EXPECT_FALSE(own.is_root_of(&one, 0));
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

// Its options are user code, too, and their destructors may call the engine. Two threads register
// another version: each replaces what the other one has left.
TEST(Functions, ThatAreReplacedAreDestroyedWithoutTheMutex) {
  struct Ends {
    ms::detail::Mutex& mutex;
    int& seen;
    ~Ends() {
      if (!mutex.try_lock()) return;
      mutex.unlock();
      ++seen;
    }
  };
  bool was_reached = true;
  for (int at = 0; was_reached; ++at) {
    int seen = 0;
    ms::Engine engine;
    ms::detail::Mutex& mutex = ms::detail::core_of(engine)->mutex;
    const auto add = [&](const char* version) {
      engine.cache_resource(
          "f", [](int n) { return n; },
          {.version = version,
           .on_release = [ends = std::shared_ptr<Ends>(new Ends{mutex, seen})](int&) {}});
    };
    add("1");
    {
      const ms::testing::AtPoint change(at, [&] { add("2"); });
      add("3");
      was_reached = change.was_reached();
    }
    EXPECT_EQ(seen, was_reached ? 2 : 1) << "at point " << at;
  }
}

}  // namespace

// Lookups that are under way when the store changes: nobody waits for them, nothing that they may
// meet is freed before they end, and what they found counts for nothing.
#include "engine/readers.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <memoscape/memoscape.hpp>
#include <thread>
#include <vector>

#include "core_of.hpp"
#include "counted.hpp"
#include "engine/run_core.hpp"
#include "engine/site.hpp"
#include "engine/store.hpp"

namespace memoscape::testing {
namespace {

namespace ms = memoscape;
using ms::detail::EngineCore;
using ms::detail::Lookup;
using ms::detail::Permutation;
using ms::detail::Readers;

class Lookups : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(engine_.check(), ""); }

  void store(int n) {
    engine_.run([&](ms::Run& run) { make_(run, n); });
  }
  // The only entry.
  Permutation& entry() {
    Permutation* found = nullptr;
    for (const auto& [name, function] : core_.functions) {
      function->roots.for_each([&](const ms::detail::Node& root) {
        ms::detail::for_each_leaf(root, [&](Permutation& leaf) { found = &leaf; });
      });
    }
    return *found;
  }

  ms::Engine engine_;
  EngineCore& core_ = *ms::detail::core_of(engine_);
  ms::Cached<const Counted, int> make_ =
      engine_.cache_data("make", [](int n) { return Counted(n); });
};

// The lookups of threads that were preempted in them.
class Preempted {
 public:
  explicit Preempted(const EngineCore& core)
      : thread_([this, &core] {
          const Lookup lookup(core);
          meeting_.arrive_and_wait();  // the lookup is under way
          meeting_.arrive_and_wait();  // the store was changed
          EXPECT_FALSE(lookup.is_true());
        }) {
    meeting_.arrive_and_wait();
  }
  Preempted(const Preempted&) = delete;
  Preempted& operator=(const Preempted&) = delete;
  void end() {
    meeting_.arrive_and_wait();
    thread_.join();
  }

 private:
  std::barrier<> meeting_{2};
  std::thread thread_;
};

TEST_F(Lookups, ThatDoNotEndDelayNobodyAndKeepNoValue) {
  store(1);
  ASSERT_EQ(Counted::alive, 1);
  Preempted preempted(core_);
  make_.clear();
  EXPECT_EQ(engine_.totals().permutations, 0U);
  EXPECT_EQ(Counted::alive, 0);
  EXPECT_EQ(engine_.check(), "");
  EXPECT_FALSE(core_.left.empty()) << "the lookup may meet what it was a value of";
  store(2);
  store(3);
  EXPECT_EQ(Counted::alive, 2);
  preempted.end();
  // The last that could have met it has freed it: nobody else was asked to.
  EXPECT_TRUE(core_.left.empty());
  EXPECT_EQ(Counted::alive, 2);
}

TEST_F(Lookups, FreeWhatSeveralMayMeetWithTheLast) {
  store(1);
  Preempted one(core_);
  Preempted other(core_);
  make_.clear();
  EXPECT_FALSE(core_.left.empty());
  one.end();
  EXPECT_FALSE(core_.left.empty());
  other.end();
  EXPECT_TRUE(core_.left.empty());
}

// A lookup that has pinned the entry before may be about to take a reference.
TEST_F(Lookups, AreLeftAValueThatWasPinned) {
  store(1);
  Permutation& entry = this->entry();
  Preempted preempted(core_);
  ++entry.pins;
  make_.clear();
  EXPECT_EQ(Counted::alive, 1);
  preempted.end();
  EXPECT_EQ(Counted::alive, 0);
  ms::detail::Locked locked(core_);
  core_.unpin(locked, entry);
}

// It may be about to take a reference through an entry that has gone before.
TEST(Sharing, LeavesAValueToLookups) {
  ms::Engine engine;
  const EngineCore& core = *ms::detail::core_of(engine);
  const auto text = engine.cache_data("text", [](int) { return std::string(1000, 'a'); });
  engine.run([&](ms::Run& run) {
    text(run, 1);
    text(run, 2);
  });
  Preempted preempted(core);
  text.clear(1);
  text.clear(2);
  EXPECT_EQ(core.buffers.size(), 0U);
  EXPECT_FALSE(core.left.values.empty());
  EXPECT_GT(engine.report().totals.held, 0U);
  preempted.end();
  EXPECT_TRUE(core.left.empty());
  EXPECT_EQ(engine.report().totals.held, 0U);
  EXPECT_EQ(engine.check(), "");
}

TEST_F(Lookups, AnEntryThatIsFoundWhileTheStoreChangesIsNoHit) {
  store(1);
  Permutation& entry = this->entry();
  engine_.run([&](ms::Run& run) {
    Lookup lookup(core_);
    ASSERT_TRUE(lookup);
    {
      const ms::detail::Locked locked(core_);
      core_.begin_change();
      EXPECT_FALSE(Lookup(core_)) << "a lookup begins in the middle of a change";
    }
    EXPECT_TRUE(Lookup(core_));
    EXPECT_FALSE(lookup.is_true());
    EXPECT_FALSE(ms::detail::Hit::of(ms::detail::RunCore::of(run), lookup, entry));
    EXPECT_EQ(entry.pins, 0U);
    EXPECT_EQ(Counted::alive, 1);
  });
}

// Fails under AddressSanitizer if it is freed twice, or too soon.
TEST_F(Lookups, AnEntryThatIsFoundWhenItHasGoneIsFreedOnce) {
  store(1);
  Permutation& entry = this->entry();
  engine_.run([&](ms::Run& run) {
    Lookup lookup(core_);
    make_.clear();
    EXPECT_FALSE(ms::detail::Hit::of(ms::detail::RunCore::of(run), lookup, entry));
  });
  EXPECT_EQ(Counted::alive, 0);
}

TEST_F(Lookups, AnEntryThatAHitHasPinnedIsLeftToIt) {
  store(1);
  Permutation& entry = this->entry();
  engine_.run([&](ms::Run& run) {
    const ms::detail::Hit hit = [&] {
      Lookup lookup(core_);
      return ms::detail::Hit::of(ms::detail::RunCore::of(run), lookup, entry);
    }();
    ASSERT_TRUE(hit);
    make_.clear();
    EXPECT_FALSE(entry.in_tree);
    EXPECT_EQ(Counted::alive, 1);
  });
  EXPECT_EQ(Counted::alive, 0);
}

TEST_F(Lookups, AThreadThatEndsInNoLookupKeepsNothing) {
  for (int i = 0; i < 100; ++i) {
    std::thread([&] { EXPECT_TRUE(Lookup(core_)); }).join();
    EXPECT_FALSE(Readers::is_any_open());
  }
}

// A value that equals a stored one is shared; one whose last entry has gone meanwhile is not, and
// does not come back.
TEST(Sharing, EndsWithTheLastEntry) {
  ms::Engine engine;
  int executions = 0;
  const auto text = engine.cache_data("text", [&](int n) {
    ++executions;
    return std::string(1000, n < 10 ? 'a' : 'b');
  });
  const auto call = [&](int n) { engine.run([&](ms::Run& run) { text(run, n); }); };
  call(1);
  call(2);
  EXPECT_EQ(engine.check(), "");
  const EngineCore& core = *ms::detail::core_of(engine);
  EXPECT_EQ(core.buffers.size(), 1U);
  text.clear(1);
  EXPECT_EQ(core.buffers.size(), 1U);
  text.clear(2);
  EXPECT_EQ(core.buffers.size(), 0U);
  call(3);
  call(11);
  EXPECT_EQ(core.buffers.size(), 2U);
  EXPECT_EQ(executions, 4);
  EXPECT_EQ(engine.check(), "");
}

}  // namespace
}  // namespace memoscape::testing

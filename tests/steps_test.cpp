// What is done to many entries at once is done in steps, and others have the store between.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness.hpp"
#include "memoscape/detail/schedule.hpp"

namespace memoscape::testing {
namespace {

constexpr std::uint64_t kMany = 2'000;
constexpr std::uint64_t kAtATime = 256;

// `act` on an engine of so many entries leaves `left` of them. What is released is so at the end of
// a step: by then no more than a step's entries have gone that were not released.
void expect_steps(std::uint64_t left,
                  const std::function<void(World& w, const ms::Cached<int, int>& f)>& act) {
  std::uint64_t released = 0;
  std::uint64_t most = 0;
  World w;
  const auto f = w.engine.cache_resource("f", [](int n) { return n; }, {.on_release = [&](int&) {
                                           const std::uint64_t gone =
                                               kMany - w.engine.totals().permutations;
                                           most = std::max(most, gone - released++);
                                         }});
  w.run([&](ms::Run& run) {
    for (std::uint64_t n = 0; n < kMany; ++n) f(run, static_cast<int>(n));
  });
  w.session().run([](ms::Run&) {});  // its pins are gone
  released = 0;
  act(w, f);
  EXPECT_EQ(w.entries(), left);
  EXPECT_EQ(released, kMany - left);
  EXPECT_GT(most, 1U);
  EXPECT_LE(most, kAtATime);
  w.engine.clear();
}

TEST(Steps, AreTakenByClears) {
  expect_steps(0, [](World&, const auto& f) { f.clear(); });
  expect_steps(0, [](World& w, const auto&) { w.engine.clear(); });
  expect_steps(0, [](World& w, const auto&) { w.engine.clear(ms::Kind::resource); });
  expect_steps(0, [](World& w, const auto&) { w.engine.remove("f"); });
  expect_steps(0, [](World& w, const auto&) {
    w.engine.cache_resource("f", [](int n) { return n; }, {.version = "2"});
  });
  expect_steps(1, [](World& w, const auto&) {
    w.engine.clear_if([](const ms::PermutationRow& row) { return row.arguments != "7"; });
  });
}

TEST(Steps, AreTakenByWhatHasExpired) {
  expect_steps(0, [](World& w, const auto&) {
    w.clock.advance(std::chrono::seconds(2));
    w.engine.set_limits({.ttl = std::chrono::seconds(1)});
    EXPECT_EQ(w.engine.totals().counters.expired, kMany);
  });
  expect_steps(0, [](World& w, const auto& f) {
    f.set_limits({.ttl = std::chrono::seconds(1)});
    w.clock.advance(std::chrono::seconds(2));
    EXPECT_EQ(w.engine.sweep(), kMany);
  });
}

TEST(Steps, AreTakenByLowerLimits) {
  expect_steps(100, [](World& w, const auto&) { w.engine.set_limits({.max_entries = 100}); });
  expect_steps(100, [](World& w, const auto& f) {
    f.set_limits({.max_entries = 100});
    EXPECT_EQ(w.engine.totals().counters.evicted_entries, kMany - 100);
  });
  expect_steps(0, [](World& w, const auto&) { w.engine.set_limits({.max_bytes = 1}); });
}

// New limits end what has expired by them before they evict what has not.
TEST(Steps, BeginWithWhatHasExpired) {
  World w;
  const auto f = w.engine.cache_data("f", [](int n) { return n; });
  const auto call = [&](int n) { w.run([&](ms::Run& run) { f(run, n); }); };
  for (int n = 0; n < 10; ++n) call(n);
  w.clock.advance(std::chrono::seconds(2));
  call(10);
  w.engine.set_limits({.max_entries = 1, .ttl = std::chrono::seconds(1)});
  EXPECT_EQ(w.engine.totals().counters.expired, 10U);
  EXPECT_EQ(w.engine.totals().counters.evicted_entries, 0U);
  call(10);
  EXPECT_EQ(w.engine.totals().counters.misses, 11U);
}

TEST(Steps, OfTheClearOfOneArgumentTupleLeaveTheOthers) {
  World w;
  const auto f = w.engine.cache_data(
      "f", [](ms::Run& run, int n) { return n + ms::slider(run, "s", 0, 10'000); },
      {.allow_widgets = true});
  const auto visit_both = [&] {
    for (const int n : {1, 2}) w.run([&](ms::Run& run) { f(run, n); });
  };
  visit_both();
  for (int n = 1; n <= 300; ++n) {
    w.session().set("s", n);
    visit_both();
  }
  ASSERT_EQ(w.entries(), 602U);
  f.clear(1);
  EXPECT_EQ(w.entries(), 301U);
  f.clear(3);
  EXPECT_EQ(w.entries(), 301U);
}

// What is released may clear as well: that does not go as deep as there are entries, or steps.
TEST(Steps, ThatCallBackAreTakenAtOnce) {
  int depth = 0;
  int deepest = 0;
  std::uint64_t released = 0;
  World w;
  ms::Cached<int, int> f =
      w.engine.cache_resource("f", [](int n) { return n; }, {.on_release = [&](int&) {
                                ++released;
                                deepest = std::max(deepest, ++depth);
                                f.clear();
                                --depth;
                              }});
  w.run([&](ms::Run& run) {
    for (std::uint64_t n = 0; n < kMany; ++n) f(run, static_cast<int>(n));
  });
  f.clear();
  EXPECT_EQ(released, kMany);
  EXPECT_LE(deepest, 3);
}

// What others do whenever the store is free.
class Between final : public ms::detail::Schedule {
 public:
  explicit Between(std::function<void()> act) : act_(std::move(act)) { set(this); }
  Between(const Between&) = delete;
  Between& operator=(const Between&) = delete;
  ~Between() override { set(nullptr); }
  void reached() noexcept override {
    if (std::exchange(acts_, true)) return;
    act_();
    acts_ = false;
  }

 private:
  std::function<void()> act_;
  bool acts_ = false;
};

// Meanwhile others store so much that the table is outgrown, or clear so much that a smaller one
// takes its place; and they end what would come next.
TEST(Steps, OfANewTtlMissNothingThatIsStored) {
  for (const bool of_function : {false, true}) {
    World w;
    const auto inner = w.engine.cache_data("inner", [](int n) { return n; });
    const auto outer =
        w.engine.cache_data("outer", [inner](ms::Run& run, int n) { return *inner(run, n); });
    const auto store = [&](int n) { w.session(1).run([&](ms::Run& run) { outer(run, n); }); };
    constexpr int kFirst = 100;
    constexpr int kLast = 600;
    for (int n = 0; n < kFirst; ++n) store(n);
    const auto much = w.engine.cache_data("much", [](int n) { return n; });
    w.session(1).run([&](ms::Run& run) {
      for (int n = 0; n < 6'000; ++n) much(run, n);
    });
    int next = kFirst;
    {
      const Between between([&] {
        if (next == kLast) return;
        inner.clear(next % kFirst);
        for (int i = 0; i < 5; ++i) store(next++);
        if (next == (kFirst + kLast) / 2) much.clear();
        EXPECT_EQ(w.engine.check(), "");
      });
      if (of_function)
        inner.set_limits({.ttl = std::chrono::seconds(1)});
      else
        w.engine.set_limits({.ttl = std::chrono::seconds(1)});
      EXPECT_EQ(next, kLast);
    }
    EXPECT_GT(w.entries(), static_cast<std::uint64_t>(kLast));
    w.clock.advance(std::chrono::seconds(1));
    w.engine.sweep();
    EXPECT_EQ(w.entries(), 0U);
  }
}

// While others call what is cleared, and build on it: what a call gives is no older than the last
// clear that had returned.
TEST(Steps, AreTakenBesideCallsOfTheSameFunctions) {
  World w;
  std::atomic<int> version{1};
  std::atomic<int> cleared{1};
  const auto inner = w.engine.cache_data("inner", [&](int) { return version.load(); });
  const auto outer = w.engine.cache_data("outer",
                                         [inner](ms::Run& run, int n) {
                                           ms::slider(run, "s", 0, 9);
                                           return *inner(run, n / 2);
                                         },
                                         {.allow_widgets = true});
  std::atomic<bool> ends{false};
  std::atomic<int> wrong{0};
  const auto use = [&](int n) {
    ms::Session session(w.engine);
    while (!ends) {
      n = (n + 1) % static_cast<int>(kMany);
      const int oldest = cleared;
      const ms::Page page = session.run([&](ms::Run& run) {
        if (*outer(run, n) < oldest) ++wrong;
      });
      if (page.error() != nullptr) ++wrong;
    }
  };
  std::vector<std::thread> threads;
  for (const int first : {0, 700, 1400}) threads.emplace_back(use, first);
  const auto after_many = [&](const auto& act) {
    while (w.engine.totals().permutations < 1'000) std::this_thread::yield();
    const int now = ++version;
    act();
    cleared = now;
  };
  for (int round = 0; round < 5; ++round) {
    after_many([&] { inner.clear(); });
    after_many([&] { w.engine.clear(); });
    after_many([&] { w.engine.clear_if([](const auto& row) { return row.function == "inner"; }); });
    after_many([&] {
      w.engine.set_limits({.max_entries = 300});
      outer.set_limits({.max_entries = 50});
      outer.set_limits({});
      w.engine.set_limits({});
      inner.clear();
    });
    EXPECT_EQ(w.engine.check(), "");
  }
  ends = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace memoscape::testing

// What is built on what (rule P8), where entries come and go while an execution is under way.
#include <gtest/gtest.h>
#include <pthread.h>

#include <functional>
#include <memoscape/memoscape.hpp>
#include <stdexcept>
#include <string>

namespace ms = memoscape;

TEST(Nesting, AClearReachesAnInnerEntryThatWasEvictedWhileTheOuterExecuted) {
  ms::Engine engine;
  int outer_executions = 0;
  const auto inner =
      engine.cache_data("inner", [](ms::Run&, int n) { return n; }, {.limits = {.max_entries = 1}});
  const auto outer = engine.cache_data("outer", [&](ms::Run& run) {
    ++outer_executions;
    const int one = *inner(run, 1);  // a hit ...
    return one + *inner(run, 2);     // ... whose entry is evicted here
  });
  const auto script = [&](ms::Run& run) { EXPECT_EQ(*outer(run), 3); };
  engine.run([&](ms::Run& run) { inner(run, 1); });
  engine.run(script);
  engine.run(script);
  EXPECT_EQ(outer_executions, 1) << "eviction alone ends nothing";
  EXPECT_EQ(engine.check(), "");

  inner.clear(1);
  EXPECT_EQ(engine.check(), "");
  engine.run(script);
  EXPECT_EQ(outer_executions, 2);
  EXPECT_EQ(engine.check(), "");
}

TEST(Nesting, AClearWhileTheOuterExecutesKeepsItFromBeingKept) {
  ms::Engine engine;
  int outer_executions = 0;
  const auto inner = engine.cache_data("inner", [](ms::Run&, int n) { return n; });
  const auto outer = engine.cache_data("outer", [&](ms::Run& run) {
    const int value = *inner(run, 1);
    if (++outer_executions == 1) inner.clear(1);
    return value;
  });
  const auto script = [&](ms::Run& run) { EXPECT_EQ(*outer(run), 1); };
  engine.run(script);
  EXPECT_EQ(engine.totals().counters.discarded, 1u);
  EXPECT_EQ(engine.check(), "");
  engine.run(script);
  engine.run(script);
  EXPECT_EQ(outer_executions, 2);
  EXPECT_EQ(engine.check(), "");
}

TEST(Nesting, AnInnerResultThatIsNotKeptKeepsTheOuterFromBeingKept) {
  ms::Engine engine;
  int inner_executions = 0;
  int outer_executions = 0;
  std::function<void()> clear_inner;
  const auto inner = engine.cache_data("inner", [&](ms::Run&) {
    if (++inner_executions == 1) clear_inner();
    return 1;
  });
  clear_inner = [&] { inner.clear(); };
  const auto outer = engine.cache_data("outer", [&](ms::Run& run) {
    ++outer_executions;
    return *inner(run);
  });
  const auto script = [&](ms::Run& run) { EXPECT_EQ(*outer(run), 1); };
  engine.run(script);
  EXPECT_EQ(engine.totals().counters.discarded, 2u);
  EXPECT_EQ(engine.totals().permutations, 0u);
  EXPECT_EQ(engine.check(), "");
  engine.run(script);
  engine.run(script);
  EXPECT_EQ(inner_executions, 2);
  EXPECT_EQ(outer_executions, 2);
  EXPECT_EQ(engine.check(), "");
}

// Where recursion as deep as what is nested would not fit.
void on_a_small_stack(std::function<void()> work) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, std::size_t{1} << 18), 0);
  pthread_t thread{};
  const auto run = [](void* what) -> void* {
    (*static_cast<std::function<void()>*>(what))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, &work), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

TEST(Nesting, AnInnerResultThatIsTooLargeLeavesNothingWhenTheOuterFails) {
  ms::Engine engine({.limits = {.max_bytes = 10'000}});
  const auto inner = engine.cache_data("inner", [] { return std::string(100'000, 'x'); });
  const auto outer = engine.cache_data("outer", [&](ms::Run& run) -> int {
    throw std::runtime_error("of " + std::to_string(inner(run)->size()));
  });
  const ms::Page page = engine.run([&](ms::Run& run) { outer(run); });
  EXPECT_EQ(page.error_text(), "of 100000");
  EXPECT_EQ(engine.totals().charged, 0U);
  EXPECT_EQ(engine.check(), "");
}

TEST(Nesting, AChainOfTenThousandCallsEndsAtOnceAndFreesItsRecordings) {
  // Each call records a text and calls the next: recordings and dependencies are as deep.
  constexpr int kDepth = 10'000;
  ms::Engine engine;
  std::vector<ms::Cached<const int>> chain;
  chain.reserve(kDepth);
  for (int i = 0; i < kDepth; ++i) {
    chain.push_back(engine.cache_data("f" + std::to_string(i), [&chain, i](ms::Run& run) {
      ms::text(run, "t");
      return i == 0 ? 0 : *chain[static_cast<std::size_t>(i) - 1](run) + 1;
    }));
  }
  // From the inside out, so that no call is deep on the stack.
  for (int i = 0; i < kDepth; ++i) {
    engine.run([&](ms::Run& run) { EXPECT_EQ(*chain[static_cast<std::size_t>(i)](run), i); });
  }
  EXPECT_EQ(engine.totals().permutations, static_cast<std::uint64_t>(kDepth));
  ms::Page page = engine.run([&](ms::Run& run) { chain.back()(run); });
  EXPECT_EQ(page.all("text").size(), static_cast<std::size_t>(kDepth));
  EXPECT_EQ(engine.check(), "");
  on_a_small_stack([&] {
    chain.front().clear();
    page = ms::Page();
  });
  EXPECT_EQ(engine.totals().permutations, 0u);
  EXPECT_EQ(engine.totals().charged, 0u);
  EXPECT_EQ(engine.check(), "");
}

TEST(Nesting, AChainInsideContainersFreesItsRecordingsToo) {
  constexpr std::size_t kDepth = 3'000;
  ms::Engine engine;
  std::vector<ms::Cached<const int>> chain;
  chain.reserve(kDepth);
  for (std::size_t i = 0; i < kDepth; ++i) {
    chain.push_back(engine.cache_data("f" + std::to_string(i), [&chain, i](ms::Run& run) {
      if (i > 0) ms::within(ms::container(run), [&] { chain[i - 1](run); });
      return static_cast<int>(i);
    }));
    engine.run([&](ms::Run& run) { chain.back()(run); });
  }
  ms::Page page = engine.run([&](ms::Run& run) { chain.back()(run); });
  on_a_small_stack([&] {
    engine.clear();
    page = ms::Page();
  });
  EXPECT_EQ(engine.totals().charged, 0u);
  EXPECT_EQ(engine.check(), "");
}

// What is taken out of the store at once hangs together in lists, however much it is.
TEST(Nesting, ClearingManyEntriesNeedsNoStackForEach) {
  constexpr int kEntries = 30'000;
  ms::Engine engine;
  const auto f = engine.cache_data("f",
                                   [](ms::Run& run, int n) {
                                     ms::text(run, "t");
                                     return ms::slider(run, std::to_string(n), 0, 9, 5);
                                   },
                                   {.allow_widgets = true});
  engine.run([&](ms::Run& run) {
    for (int n = 0; n < kEntries; ++n) f(run, n);
  });
  on_a_small_stack([&] { engine.clear(); });
  EXPECT_EQ(engine.totals().charged, 0u);
  EXPECT_EQ(engine.check(), "");
}

TEST(Nesting, ExceptionsOfInnerCallsLeaveTheirReadsWithTheOuter) {
  ms::Engine engine;
  int executions = 0;
  const auto inner = engine.cache_data("inner",
                                       [](ms::Run& run) {
                                         if (ms::checkbox(run, "fail"))
                                           throw std::runtime_error("as asked");
                                         return 1;
                                       },
                                       {.allow_widgets = true});
  const auto outer = engine.cache_data("outer",
                                       [&](ms::Run& run) {
                                         ++executions;
                                         try {
                                           return *inner(run);
                                         } catch (const std::runtime_error&) {
                                           return -1;
                                         }
                                       },
                                       {.allow_widgets = true});
  ms::Session session(engine);
  int got = 0;
  const auto script = [&](ms::Run& run) { got = *outer(run); };
  session.run(script);
  EXPECT_EQ(got, 1);
  session.set("fail", true);
  session.run(script);
  EXPECT_EQ(got, -1);
  session.run(script);
  EXPECT_EQ(got, -1);
  EXPECT_EQ(executions, 3) << "what the outer made of the exception is not kept";
  session.set("fail", false);
  session.run(script);
  EXPECT_EQ(got, 1);
  EXPECT_EQ(executions, 3) << "the entry of the other path is";
  EXPECT_EQ(engine.check(), "");
}

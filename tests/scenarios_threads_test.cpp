// Scenarios about many users at once. Threads meet at latches and barriers; nobody sleeps.
#include <atomic>
#include <barrier>
#include <functional>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "engine/store.hpp"
#include "harness.hpp"

namespace memoscape::detail {

// Lets a test see how many callers wait for an execution; the report does not say.
template <auto Member>
struct CoreOf {
  friend std::shared_ptr<EngineCore>& core_of(Engine& engine) { return engine.*Member; }
};
std::shared_ptr<EngineCore>& core_of(Engine& engine);
template struct CoreOf<&Engine::core_>;

}  // namespace memoscape::detail

namespace memoscape::testing {
namespace {

// Returns once that many callers follow the executions of a function.
void await_followers(World& w, std::string_view name, std::uint32_t count) {
  ms::detail::EngineCore& core = *ms::detail::core_of(w.engine);
  for (;;) {
    {
      const ms::detail::Locked locked(core);
      std::uint32_t followers = 0;
      const auto& spaces = core.functions.find(name)->second->spaces;
      for (const auto* space = spaces.first(); space != nullptr; space = spaces.next(*space)) {
        const auto& flights = space->flights;
        for (const auto* flight = flights.first(); flight != nullptr;
             flight = flights.next(*flight)) {
          followers += flight->followers;
        }
      }
      if (followers >= count) return;
    }
    std::this_thread::yield();
  }
}

// Runs the script for n users at once; their sessions are made before. Gives their pages.
std::vector<std::string> run_together(World& w, int n) {
  std::vector<std::string> pages(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) w.session(i);
  std::vector<std::jthread> threads;
  for (int i = 0; i < n; ++i) {
    threads.emplace_back([&w, &pages, i] {
      pages[static_cast<std::size_t>(i)] = summary(w.sessions.at(i)->run(w.script));
    });
  }
  threads.clear();
  return pages;
}

TEST(Scenario, PermutationsComputeInParallel) {
  both_kinds([](auto cache) {
    World w;
    std::barrier together(4);
    auto f = cache(w, "f",
                   [&](ms::Run& run) {
                     const int n = ms::slider(run, "n", 0, 9, 0);
                     together.arrive_and_wait();  // never passed unless all four execute
                     w.log.add("f");
                     return n * 10;
                   },
                   {.allow_widgets = true});
    w.script = [&](ms::Run& run) { w.show(run, *f(run)); };
    for (int i = 0; i < 4; ++i) w.session(i).preset("n", i);
    const std::vector<std::string> pages = run_together(w, 4);
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(pages[static_cast<std::size_t>(i)],
                "slider n=" + std::to_string(i) + ", text " + std::to_string(i * 10));
    }
    EXPECT_EQ(w.log.size(), 4U);
    EXPECT_EQ(w.entries(), 4U);
  });
}

TEST(Scenario, SamePermutationComputesOnce) {
  both_kinds([](auto cache) {
    World w;
    auto f = cache(w, "f",
                   [&](ms::Run& run) {
                     const int n = ms::slider(run, "n", 0, 9, 5);
                     w.log.add("f", n);
                     await_followers(w, "f", 49);
                     return n;
                   },
                   {.allow_widgets = true});
    w.script = [&](ms::Run& run) { w.show(run, *f(run)); };
    for (const std::string& page : run_together(w, 50)) EXPECT_EQ(page, "slider n=5, text 5");
    EXPECT_EQ(w.log.take(), Lines("f 5"));
    const ms::Counters counters = w.function("f").counters;
    EXPECT_EQ(counters.misses, 1U);
    EXPECT_EQ(counters.followers, 49U);
    EXPECT_EQ(counters.hits, 49U);
  });
}

TEST(Scenario, FollowersLeaveAtTheFork) {
  both_kinds([](auto cache) {
    World w;
    std::latch second_executes(1);
    auto f = cache(w, "f",
                   [&](ms::Run& run) {
                     const int a = ms::slider(run, "a", 0, 9, 0);
                     if (w.log.size() == 0) {
                       w.log.add("first");
                       await_followers(w, "f", 1);
                     }
                     const int b = ms::slider(run, "b", 0, 9, 0);
                     if (b == 0) {
                       second_executes.wait();  // before this one ends
                     } else {
                       w.log.add("second");
                       second_executes.count_down();
                     }
                     return a * 10 + b;
                   },
                   {.allow_widgets = true});
    w.script = [&](ms::Run& run) { w.show(run, *f(run)); };
    w.session(0);
    w.session(1).preset("b", 3);
    std::string first;
    {
      const std::jthread leader([&] { first = summary(w.sessions.at(0)->run(w.script)); });
      while (w.log.size() == 0) std::this_thread::yield();
      EXPECT_EQ(w.run(1), "slider a=0, slider b=3, text 3");
    }
    EXPECT_EQ(first, "slider a=0, slider b=0, text 0");
    EXPECT_EQ(w.log.take(), Lines("first", "second"));
    EXPECT_EQ(w.entries(), 2U);
  });
}

TEST(Scenario, ValidateDoesNotBlockOthers) {
  World w;
  std::latch validating(1);
  std::latch others_done(1);
  std::atomic<bool> block{true};
  auto f = w.engine.cache_resource("f", [](int n) { return n; }, {.validate = [&](const int& n) {
                                     if (n == 0 && block.exchange(false)) {
                                       validating.count_down();
                                       others_done.wait();
                                     }
                                     return true;
                                   }});
  w.script = [&](ms::Run& run) {
    for (int n = 0; n < 4; ++n) f(run, n);
  };
  w.run(0);
  std::jthread blocked([&] {
    ms::Session session(w.engine);
    session.run([&](ms::Run& run) { f(run, 0); });
  });
  validating.wait();
  w.run(1, [&](ms::Run& run) {
    for (int n = 0; n < 4; ++n) w.show(run, *f(run, n));
  });
  EXPECT_EQ(summary(w.page), "text 0, text 1, text 2, text 3");
  others_done.count_down();
  blocked.join();
  EXPECT_EQ(w.function("f").counters.hits, 5U);
}

TEST(Scenario, ValidateThatCallsItsOwnFunctionIsRecursive) {
  World w;
  ms::Run* current = nullptr;
  std::function<void()> call_itself;
  auto f = w.engine.cache_resource("f",
                                   [&w](ms::Run&) {
                                     w.log.add("f");
                                     return 1;
                                   },
                                   {.validate = [&](const int&) {
                                     call_itself();
                                     return true;
                                   }});
  call_itself = [&] { f(*current); };
  w.script = [&](ms::Run& run) {
    current = &run;
    w.show(run, *f(run));
  };
  EXPECT_EQ(w.run(), "text 1");
  w.run();
  EXPECT_TRUE(ended_by<ms::RecursiveCallError>(w.page)) << summary(w.page);
  EXPECT_EQ(w.entries(), 1U);  // the entry stays
  call_itself = [] {};
  EXPECT_EQ(w.run(), "text 1");
  EXPECT_EQ(w.log.take(), Lines("f"));
}

}  // namespace
}  // namespace memoscape::testing

// Scenarios about many users at once. Threads meet at latches and barriers; nobody sleeps.
#include <atomic>
#include <barrier>
#include <functional>
#include <latch>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core_of.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

// Returns once that many callers follow the executions of a function.
void await_followers(World& w, std::string_view name, std::uint32_t count) {
  ms::detail::EngineCore& core = *ms::detail::core_of(w.engine);
  for (;;) {
    {
      std::uint32_t followers = 0;
      core.flights.for_each([&](const ms::detail::Flight& flight) {
        if (flight.function->spec.name == name) followers += flight.followers;
      });
      if (followers >= count) return;
    }
    std::this_thread::yield();
  }
}

// What a function waits for until others execute, too, is waited for in the cached world alone: the
// other one runs its users one after another.

TEST(Scenario, PermutationsComputeInParallel) {
  each_way([](auto cache) {
    std::barrier together(4);
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&](ms::Run& run) {
                       const int n = ms::slider(run, "n", 0, 9, 0);
                       // Never passed unless all four execute.
                       if (w.cached) together.arrive_and_wait();
                       w.log.add("f");
                       return n * 10;
                     },
                     {.allow_widgets = true});
      return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
    });
    for (int i = 0; i < 4; ++i) twin.each([&](World& w) { w.session(i).preset("n", i); });
    const Lines pages("slider n=0, text 0", "slider n=1, text 10", "slider n=2, text 20",
                      "slider n=3, text 30");
    EXPECT_EQ(twin.run_together(4), pages.all);
    EXPECT_EQ(twin.log(), Lines("f", "f", "f", "f"));
    EXPECT_EQ(twin.entries(), 4U);
  });
}

TEST(Scenario, SamePermutationComputesOnce) {
  each_way([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&](ms::Run& run) {
                       const int n = ms::slider(run, "n", 0, 9, 5);
                       w.log.add("f", n);
                       if (w.cached) await_followers(w, "f", 49);
                       return n;
                     },
                     {.allow_widgets = true});
      return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
    });
    EXPECT_EQ(twin.run_together(50), std::vector<std::string>(50, "slider n=5, text 5"));
    EXPECT_EQ(twin.log(), Lines("f 5"));
    const ms::Counters counters = twin.cached().function("f").counters;
    EXPECT_EQ(counters.misses, 1U);
    EXPECT_EQ(counters.followers, 49U);
    EXPECT_EQ(counters.hits, 49U);
  });
}

TEST(Scenario, FollowersLearnOfReadsThatComeLater) {
  World w;
  std::latch executes(1);
  auto f = w.engine.cache_data("f",
                               [&](ms::Run& run) {
                                 w.log.add("f");
                                 executes.count_down();
                                 await_followers(w, "f", 1);
                                 int sum = 0;
                                 for (const char* label : {"a", "b", "c"}) {
                                   sum += ms::slider(run, label, 0, 9, 2);
                                 }
                                 return sum;
                               },
                               {.allow_widgets = true});
  w.script = [&](ms::Run& run) {
    if (w.user(run) == 1) executes.wait();
    w.show(run, *f(run));
  };
  for (const ms::Page& page : w.run_together(2)) {
    EXPECT_EQ(summary(page), "slider a=2, slider b=2, slider c=2, text 6");
  }
  EXPECT_EQ(w.log.take(), Lines("f"));
}

// Of two that part, the one that started later knows better.
TEST(Scenario, AnExecutionThatEndsLateDoesNotDriveOutOneThatStartedLater) {
  World w;
  std::latch first_executes(1);
  std::latch second_executed(1);
  std::atomic<bool> later{false};  // what the engine cannot see
  auto f = w.engine.cache_data("f",
                               [&](ms::Run& run) {
                                 if (later) return ms::slider(run, "b", 0, 9, 2);
                                 const int a = ms::slider(run, "a", 0, 9, 1);
                                 first_executes.count_down();
                                 second_executed.wait();
                                 return a;
                               },
                               {.allow_widgets = true});
  w.script = [&](ms::Run& run) { w.show(run, *f(run)); };
  w.session(1).preset("a", 7);  // parts from the first at once
  ms::Session& first = w.session(0);
  std::thread thread([&] { EXPECT_EQ(summary(first.run(w.script)), "slider a=1, text 1"); });
  first_executes.wait();
  later = true;
  EXPECT_EQ(w.run(1), "slider b=2, text 2");
  second_executed.count_down();
  thread.join();
  const auto rows = w.engine.report().permutations;
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].reads.at(0).variable, "slider b");
  EXPECT_EQ(w.function("f").counters.discarded, 1U);
}

// A manual clock by which a test knows that a caller waits: who follows reads it, and then waits.
class FollowersClock final : public ms::Clock {
 public:
  time_point now() const noexcept override {
    const time_point time = manual.now();
    if (engine != nullptr && engine->flights.is_any_followed() && !waits_.exchange(true)) {
      waits_.notify_all();
    }
    return time;
  }
  void await_follower() const { waits_.wait(false); }

  ms::ManualClock manual;
  const ms::detail::EngineCore* engine = nullptr;

 private:
  mutable std::atomic<bool> waits_{false};
};

// Whoever follows an execution saved the time that it took, and what is built on it took that time,
// whether or not its result could be kept.
TEST(Scenario, FollowersAccountForTheTimeOfTheExecution) {
  using std::chrono::milliseconds;
  for (const bool kept : {true, false}) {
    SCOPED_TRACE(kept);
    FollowersClock clock;
    World w({.clock = &clock});
    clock.engine = ms::detail::core_of(w.engine).get();
    std::latch executes(1);
    auto f = w.engine.cache_data("f",
                                 [&] {
                                   executes.count_down();
                                   clock.await_follower();
                                   clock.manual.advance(milliseconds(100));
                                   return std::string(1'000, 'x');
                                 },
                                 {.limits = {.max_bytes = kept ? 0U : 100U}});
    auto outer = w.engine.cache_data("outer", [=](ms::Run& run) { return f(run)->size(); });
    auto outermost = w.engine.cache_data("outermost", [=](ms::Run& run) { return *outer(run); });
    w.script = [&](ms::Run& run) {
      if (w.user(run) == 0) {
        f(run);
        return;
      }
      executes.wait();
      w.show(run, *outermost(run));
    };
    EXPECT_EQ(summary(w.run_together(2)[1]), "text 1000");
    const ms::Counters counters = w.function("f").counters;
    EXPECT_EQ(counters.misses, 1U);
    EXPECT_EQ(counters.hits, 1U);
    EXPECT_EQ(counters.followers, 1U);
    EXPECT_EQ(counters.compute, milliseconds(100));
    EXPECT_EQ(counters.saved, milliseconds(100));
    EXPECT_EQ(w.function("outer").counters.compute, milliseconds(0));  // it waited
    EXPECT_EQ(w.function("outermost").counters.compute, milliseconds(0));
    EXPECT_FALSE(ms::detail::core_of(w.engine)->flights.is_any_followed());
    EXPECT_EQ(w.entries(), kept ? 3U : 0U);
    for (const ms::PermutationRow& row : w.engine.report().permutations) {
      EXPECT_EQ(row.compute, milliseconds(100)) << row.function;
      EXPECT_EQ(row.followers, row.function == "f" ? 1U : 0U) << row.function;
    }
  }
}

// What broke a rule will not be kept, so nobody has to wait for its end.
TEST(Scenario, FollowersLeaveAnExecutionThatBrokeARule) {
  World w;
  std::latch first_executes(1);
  std::latch second_executed(1);
  std::atomic<bool> first{true};
  auto f = w.engine.cache_data("f", [&](ms::Run& run) {
    w.log.add("f");
    if (!first.exchange(false)) return 1;
    first_executes.count_down();
    await_followers(w, "f", 1);
    message_of<ms::CachedEffectError>([&] { run.set_state("x", 1); });
    second_executed.wait();  // before this one ends
    return 0;
  });
  w.script = [&](ms::Run& run) {
    if (w.user(run) == 1) first_executes.wait();
    w.show(run, *f(run));
    if (w.user(run) == 1) second_executed.count_down();
  };
  EXPECT_EQ(summary(w.run_together(2)[1]), "text 1");
  EXPECT_EQ(w.log.take(), Lines("f", "f"));
  EXPECT_EQ(w.run(2), "text 1");
}

// What a click leads to is done for each who clicked.
TEST(Scenario, FollowersLeaveAnExecutionThatIsAboutAClick) {
  World w;
  std::latch first_executes(1);
  std::latch second_executed(1);
  std::atomic<int> clicked{0};
  std::atomic<bool> waits{false};
  auto f = w.engine.cache_data("f",
                               [&](ms::Run& run) {
                                 const bool leads = waits.exchange(false);
                                 if (leads) {
                                   first_executes.count_down();
                                   await_followers(w, "f", 1);
                                 }
                                 if (ms::button(run, "go")) ++clicked;
                                 if (leads) second_executed.wait();
                                 return 1;
                               },
                               {.allow_widgets = true});
  w.script = [&](ms::Run& run) { f(run); };
  for (int i = 0; i < 2; ++i) {
    w.run(i);
    w.session(i).click("go");
  }
  waits = true;
  w.script = [&](ms::Run& run) {
    if (w.user(run) == 1) first_executes.wait();
    f(run);
    if (w.user(run) == 1) second_executed.count_down();
  };
  w.run_together(2);
  EXPECT_EQ(clicked, 2);
}

TEST(Scenario, FollowersLeaveAtTheFork) {
  each_way([](auto cache) {
    std::latch first_executes(1);
    std::latch second_executes(1);
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&](ms::Run& run) {
                       const int a = ms::slider(run, "a", 0, 9, 0);
                       if (w.cached && w.log.size() == 0) {
                         w.log.add("first");
                         first_executes.count_down();
                         await_followers(w, "f", 1);
                       }
                       const int b = ms::slider(run, "b", 0, 9, 0);
                       if (w.cached && b == 0) {
                         second_executes.wait();  // before this one ends
                         w.log.add("first ends");
                       } else if (w.cached) {
                         w.log.add("second");
                         second_executes.count_down();
                       }
                       return a * 10 + b;
                     },
                     {.allow_widgets = true});
      return [&, f](ms::Run& run) {
        if (w.cached && w.user(run) == 1) first_executes.wait();
        w.show(run, *f(run));
      };
    });
    twin.each([](World& w) { w.session(1).preset("b", 3); });
    const Lines pages("slider a=0, slider b=0, text 0", "slider a=0, slider b=3, text 3");
    EXPECT_EQ(twin.run_together(2), pages.all);
    EXPECT_EQ(twin.log(), Lines("first", "second", "first ends"));
    EXPECT_EQ(twin.entries(), 2U);
  });
}

// Only resources have a validator; with caching off nothing is there that it could see.
TEST(Scenario, ValidateDoesNotBlockOthers) {
  constexpr int blocked = 0, other = 1;
  std::latch validating(1);
  std::latch other_done(1);
  std::atomic<bool> block{false};
  Twin twin([&](World& w) {
    auto f = w.engine.cache_resource("f",
                                     [&w](int n) {
                                       w.log.add("f", n);
                                       return n;
                                     },
                                     {.validate = [&](const int& n) {
                                       if (n == 0 && block.exchange(false)) {
                                         validating.count_down();
                                         other_done.wait();
                                       }
                                       return true;
                                     }});
    return [&, f](ms::Run& run) {
      const bool waits = w.cached && run.state<bool>("together");
      if (w.user(run) == blocked) {
        w.show(run, *f(run, 0));
        return;
      }
      if (waits) validating.wait();
      for (int n = 0; n < 4; ++n) w.show(run, *f(run, n));
      if (waits) other_done.count_down();
    };
  });
  EXPECT_EQ(twin.run(other), "text 0, text 1, text 2, text 3");
  EXPECT_EQ(twin.log(), Lines("f 0", "f 1", "f 2", "f 3"));
  block = true;
  twin.each([](World& w) { w.session(other).set_state("together", true); });
  const Lines pages("text 0", "text 0, text 1, text 2, text 3");
  EXPECT_EQ(twin.run_together(2), pages.all);
  EXPECT_EQ(twin.log(), Lines());
  EXPECT_EQ(twin.cached().function("f").counters.hits, 5U);
}

// The validator says what it met, and once lets it through: then the caller gets it.
TEST(Scenario, ValidateThatCallsItsOwnFunctionIsRecursive) {
  std::map<const World*, std::function<void()>> call_itself;
  bool lets_through = false;
  Twin twin([&](World& w) {
    auto f = w.engine.cache_resource("f",
                                     [&w](ms::Run&) {
                                       w.log.add("f");
                                       return 1;
                                     },
                                     {.validate = [&](const int&) {
                                       try {
                                         call_itself.at (&w)();
                                       } catch (const ms::RecursiveCallError&) {
                                         w.log.add("recursive");
                                         if (lets_through) throw;
                                       }
                                       return true;
                                     }});
    return [&, f](ms::Run& run) {
      call_itself[&w] = [&] { f(run); };
      w.show(run, *f(run));
    };
  });
  EXPECT_EQ(twin.run(), "text 1");
  EXPECT_EQ(twin.log(), Lines("f"));
  EXPECT_EQ(twin.run(), "text 1");
  EXPECT_EQ(twin.log(), Lines("recursive"));

  lets_through = true;  // uncached there is no validator that could throw
  World& w = twin.cached();
  EXPECT_TRUE(w.run().starts_with("exception ")) << summary(w.page);
  EXPECT_TRUE(ended_by<ms::RecursiveCallError>(w.page)) << summary(w.page);
  EXPECT_TRUE(names(w.page.error_text(), "f")) << w.page.error_text();
  EXPECT_EQ(twin.log(), Lines("recursive"));
  EXPECT_EQ(twin.entries(), 1U);  // the entry stays
  lets_through = false;
  EXPECT_EQ(twin.run(), "text 1");
  EXPECT_EQ(twin.log(), Lines("recursive"));
}

}  // namespace
}  // namespace memoscape::testing

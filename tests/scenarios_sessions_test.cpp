// Scenarios about users: clicks, callbacks, runs that stop, and what must not leak between
// sessions.
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

TEST(Scenario, EveryClickCounts) {
  each_way([](auto cache) {
    Twin twin([&](World& w) {
      auto effects = std::make_shared<int>(0);
      auto f = cache(w, "f",
                     [&w, effects](ms::Run& run) {
                       w.log.add("f");
                       const bool clicked = ms::button(run, "go");
                       if (clicked) ++*effects;
                       return clicked ? 1 : 0;
                     },
                     {.allow_widgets = true});
      return [=, &w](ms::Run& run) {
        w.show(run, *f(run));
        w.values.add("effects", *effects);
      };
    });
    EXPECT_EQ(twin.run(), "button go=no, text 0");
    EXPECT_EQ(twin.log(), Lines("f"));
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(twin.click("go"), "button go=yes, text 1");
      EXPECT_EQ(twin.log(), Lines("f"));
      EXPECT_EQ(twin.run(), "button go=no, text 0");
      EXPECT_EQ(twin.run(1), "button go=no, text 0");
      EXPECT_EQ(twin.log(), Lines());
    }
    EXPECT_EQ(twin.entries(), 1U);
    EXPECT_EQ(twin.cached().function("f").counters.tainted, 3U);
  });
}

// The same through an outer function, which a fired trigger taints as well.
TEST(Scenario, EveryClickCountsWhenNested) {
  each_way([](auto cache) {
    Twin twin([&](World& w) {
      auto inner = cache(w, "inner",
                         [&w](ms::Run& run) {
                           w.log.add("inner");
                           return ms::button(run, "go") ? 1 : 0;
                         },
                         {.allow_widgets = true});
      auto outer = cache(w, "outer",
                         [&w, inner](ms::Run& run) {
                           w.log.add("outer");
                           return *inner(run) + 10;
                         },
                         {.allow_widgets = true});
      return [=, &w](ms::Run& run) { w.show(run, *outer(run)); };
    });
    EXPECT_EQ(twin.run(), "button go=no, text 10");
    EXPECT_EQ(twin.log(), Lines("outer", "inner"));
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(twin.click("go"), "button go=yes, text 11");
      EXPECT_EQ(twin.log(), Lines("outer", "inner"));
      EXPECT_EQ(twin.run(), "button go=no, text 10");
      EXPECT_EQ(twin.log(), Lines());
    }
  });
}

TEST(Scenario, CallbacksStayWithTheirUser) {
  each_way([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&w](ms::Run& run, int step) {
                       w.log.add("f");
                       return ms::slider(run, "n", 0, 9, 5,
                                         {.on_change = ms::callback(
                                              [](ms::Session& session, int by) {
                                                session.set_state(
                                                    "touched", session.state<int>("touched") + by);
                                              },
                                              step)});
                     },
                     {.allow_widgets = true});
      return [=, &w](ms::Run& run) {
        w.show(run, *f(run, 100));
        w.show(run, run.state<int>("touched"));
      };
    });
    constexpr int alice = 0, bob = 1;
    EXPECT_EQ(twin.run(alice), "slider n=5, text 5, text 0");
    EXPECT_EQ(twin.run(bob), "slider n=5, text 5, text 0");
    EXPECT_EQ(twin.log(), Lines("f"));
    EXPECT_EQ(twin.set("n", 6, bob), "slider n=6, text 6, text 100");
    EXPECT_EQ(twin.run(bob), "slider n=6, text 6, text 100");
    EXPECT_EQ(twin.run(alice), "slider n=5, text 5, text 0");
    EXPECT_EQ(twin.set("n", 6, alice), "slider n=6, text 6, text 100");  // a hit
    EXPECT_EQ(twin.log(), Lines("f"));
  });
}

TEST(Scenario, StoppedRunsKeepState) {
  each_way([](auto cache) {
    for (const std::string how : {"stop", "throw", "request"}) {
      SCOPED_TRACE(how);
      Twin twin([&](World& w) {
        auto lower = cache(w, "lower",
                           [&w](ms::Run& run) {
                             const int n = ms::slider(run, "n", 0, 9, 5);
                             const bool go = ms::button(run, "go");
                             w.log.add(n, go);
                             return n * 10 + (go ? 1 : 0);
                           },
                           {.allow_widgets = true});
        return [=, &w](ms::Run& run) {
          ms::text(run, "top");
          if (run.state<bool>("end early")) {
            if (how == "stop") run.stop();
            if (how == "throw") throw std::runtime_error("broken");
            w.session().stop();
          }
          w.show(run, *lower(run));
        };
      });
      const auto end_early = [&](bool value) {
        twin.each([&](World& w) { w.session().set_state("end early", value); });
      };
      const std::string cut = how == "throw" ? "text top, exception broken" : "text top";
      EXPECT_EQ(twin.run(), "text top, slider n=5, button go=no, text 50");
      EXPECT_EQ(twin.set("n", 7), "text top, slider n=7, button go=no, text 70");
      end_early(true);
      EXPECT_EQ(twin.click("go"), cut);
      EXPECT_EQ(twin.run(), cut);
      end_early(false);
      EXPECT_EQ(twin.run(), "text top, slider n=7, button go=yes, text 71");
      EXPECT_EQ(twin.run(), "text top, slider n=7, button go=no, text 70");
      EXPECT_EQ(twin.log(), Lines("5 0", "7 0", "7 1"));
    }
  });
}

TEST(Scenario, SessionScopeDoesNotLeak) {
  each_way([](auto cache) {
    Twin twin([&](World& w) {
      auto mine = cache(w, "mine",
                        [&w](ms::Run& run) {
                          const std::string user = run.state<std::string>("user");
                          w.log.add("mine of", user);
                          return user;
                        },
                        {.scope = ms::Scope::session});
      auto everybodys = cache(w, "everybodys", [&w, mine](ms::Run& run) {
        w.log.add("everybodys");
        return *mine(run);
      });
      return [=, &w](ms::Run& run) {
        if (run.state<bool>("warm")) w.show(run, *mine(run));
        const std::string why = message_of<ms::ScopeError>([&] { everybodys(run); });
        EXPECT_TRUE(names(why, "everybodys") && names(why, "mine")) << why;
      };
    });
    constexpr int alice = 0, bob = 1;
    twin.each([](World& w) {
      w.session(alice).set_state("user", "alice");
      w.session(bob).set_state("user", "bob");
    });
    EXPECT_EQ(twin.run(alice), "");
    EXPECT_EQ(twin.run(bob), "");
    twin.each([](World& w) {
      w.session(alice).set_state("warm", true);
      w.session(bob).set_state("warm", true);
    });
    EXPECT_EQ(twin.run(alice), "markdown alice");
    EXPECT_EQ(twin.run(bob), "markdown bob");
    EXPECT_EQ(twin.run(alice), "markdown alice");
    EXPECT_EQ(twin.log(), Lines("everybodys", "everybodys", "mine of alice", "everybodys",
                                "mine of bob", "everybodys", "everybodys"));
    EXPECT_EQ(twin.cached().function("everybodys").permutations, 0U);
    EXPECT_EQ(twin.cached().function("mine").permutations, 2U);
    EXPECT_EQ(twin.cached().charged("everybodys"), 0U);
    const std::uint64_t both = twin.cached().charged("mine");
    twin.each([&](World& w) { w.sessions.erase(bob); });
    EXPECT_EQ(twin.cached().function("mine").permutations, 1U);
    EXPECT_GT(twin.cached().charged("mine"), 0U);
    EXPECT_LT(twin.cached().charged("mine"), both);
    twin.each([&](World& w) { w.sessions.erase(alice); });
    EXPECT_EQ(twin.cached().charged(), 0U);
  });
}

}  // namespace
}  // namespace memoscape::testing

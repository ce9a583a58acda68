// The rules of resources and of what ends with what (P6, P8) that the scenarios leave.
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

using std::chrono::seconds;

TEST(Clears, AskAboutEveryEntryBeforeTheFirstIsFreed) {
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  w.run([&](ms::Run& run) {
    for (int n = 0; n < 5; ++n) f(run, n);
  });
  int asked = 0;
  EXPECT_THROW(w.engine.clear_if([&](const ms::PermutationRow&) -> bool {
    if (++asked == 5) throw std::runtime_error("no");
    EXPECT_EQ(w.entries(), 5U);  // no lock is held
    return true;
  }),
               std::runtime_error);
  EXPECT_EQ(w.entries(), 5U);
}

TEST(Resources, AreValidatedOnEachHit) {
  World w;
  std::function<bool()> verdict = [] { return true; };
  auto f = w.engine.cache_resource("f",
                                   [&] {
                                     w.log.add("f");
                                     return 1;
                                   },
                                   {.validate =
                                        [&](const int&) {
                                          w.log.add("validate");
                                          return verdict();
                                        },
                                    .on_release = [&](int&) { w.log.add("release"); }});
  w.script = [&](ms::Run& run) { w.show(run, *f(run)); };
  w.run();
  w.run();
  EXPECT_EQ(w.log.take(), Lines("f", "validate"));
  verdict = [] { return false; };
  w.run();
  EXPECT_EQ(w.log.take(), Lines("validate", "release", "f"));
  EXPECT_EQ(w.function("f").counters.invalidated, 1U);
  verdict = []() -> bool { throw std::runtime_error("cannot tell"); };
  EXPECT_EQ(w.run(), "exception cannot tell");
  EXPECT_EQ(w.entries(), 1U);
  verdict = [] { return true; };
  EXPECT_EQ(w.run(), "text 1");
  EXPECT_EQ(w.log.take(), Lines("validate", "validate"));
  w.engine.clear();
}

TEST(Resources, AreReleasedOnceWhenNothingHoldsThem) {
  Log log;
  std::shared_ptr<int> kept;
  {
    World w({.eviction = ms::Eviction::lru});
    auto f = w.engine.cache_resource(
        "f", [](int n) { return n; },
        {.limits = {.max_entries = 2}, .on_release = [&log](int& n) { log.add(n); }});
    w.run([&](ms::Run& run) {
      kept = f(run, 1).share();
      auto pin = f(run, 2);
      f(run, 3);
      EXPECT_EQ(log.take(), Lines());  // 1 was evicted, and is held
      f(run, 4);
      EXPECT_EQ(log.take(), Lines());  // 2, too
      f(run, 5);
      EXPECT_EQ(log.take(), Lines("3"));
    });
    EXPECT_EQ(log.take(), Lines("2"));
    w.engine.clear();
    EXPECT_EQ(log.size(), 2U);
    log.take();
    w.run([&](ms::Run& run) { f(run, 6); });
  }
  EXPECT_EQ(log.take(), Lines("6"));  // the engine ended
  kept.reset();
  EXPECT_EQ(log.take(), Lines("1"));
}

TEST(Resources, CountTheExceptionsOfTheirRelease) {
  World w;
  auto f = w.engine.cache_resource("f", [] { return 1; },
                                   {.on_release = [](int&) { throw std::runtime_error("stuck"); }});
  w.run([&](ms::Run& run) { f(run); });
  w.engine.clear();
  EXPECT_EQ(w.engine.report().totals.release_errors, 1U);
}

// A release and a destructor that call back into the engine: no lock is held.
TEST(Resources, MayUseTheEngineInTheirRelease) {
  World w;
  auto f = w.engine.cache_resource("f", [] { return 1; }, {.on_release = [&](int&) {
                                     w.log.add(w.entries());
                                     w.engine.sweep();
                                   }});
  w.run([&](ms::Run& run) { f(run); });
  f.clear();
  EXPECT_EQ(w.log.take(), Lines("0"));
}

TEST(Resources, OfASessionEndWithIt) {
  World w;
  auto f =
      w.engine.cache_resource("f",
                              [&w](ms::Run& run) {
                                w.log.add("f");
                                return run.state<std::string>("user");
                              },
                              {.scope = ms::Scope::session,
                               .on_release = [&](std::string& user) { w.log.add("bye", user); }});
  w.script = [&](ms::Run& run) { w.show(run, *f(run)); };
  for (int i = 0; i < 2; ++i) w.session(i).set_state("user", i == 0 ? "alice" : "bob");
  EXPECT_EQ(w.run(0), "markdown alice");
  EXPECT_EQ(w.run(1), "markdown bob");
  EXPECT_EQ(w.run(0), "markdown alice");
  EXPECT_EQ(w.log.take(), Lines("f", "f"));
  w.sessions.erase(0);
  EXPECT_EQ(w.log.take(), Lines("bye alice"));
  EXPECT_EQ(w.entries(), 1U);
  w.sessions.erase(1);
  EXPECT_EQ(w.log.take(), Lines("bye bob"));
}

TEST(Paths, ThatPartLeaveTheLaterExecution) {
  both_kinds([](auto cache) {
    World w;
    bool hidden = false;  // what the engine cannot see
    auto f = cache(w, "f",
                   [&](ms::Run& run) {
                     const int a = ms::slider(run, "a", 0, 9, 0);
                     const int b = hidden ? ms::slider(run, "b", 0, 9, 0) : 0;
                     w.log.add(a, hidden);
                     return a * 10 + b;
                   },
                   {.allow_widgets = true});
    w.script = [&](ms::Run& run) { w.show(run, *f(run)); };
    for (int i = 0; i < 3; ++i) {
      w.session(i).preset("a", i);
      w.run(i);
    }
    EXPECT_EQ(w.entries(), 3U);
    hidden = true;
    w.session(1).set("a", 5);  // no divergence: another edge
    w.run(1);
    EXPECT_EQ(w.function("f").counters.divergences, 0U);
    EXPECT_EQ(w.engine.clear_if([](const auto& row) { return row.reads[0].value == "0"; }), 1U);
    w.run(0);  // the end of a path was another read before, but that entry was cleared
    EXPECT_EQ(w.function("f").counters.divergences, 0U);
    w.session(1).set("b", 4);
    w.run(1);
    hidden = false;
    w.session(1).set("b", 5);
    EXPECT_EQ(w.run(1), "slider a=5, text 50");  // (5) ends where (5, b) went on
    EXPECT_EQ(w.function("f").counters.divergences, 1U);
    EXPECT_EQ(w.function("f").counters.diverged, 2U);
    EXPECT_EQ(w.entries(), 4U);
  });
}

// Every way for an inner entry to end, and what becomes of outer and outermost.
TEST(Nesting, EndsWithWhatItIsBuiltOn) {
  both_kinds([](auto cache) {
    struct Case {
      const char* name;
      std::function<void(World&)> end;
      bool outer_ends;
    };
    const std::vector<Case> cases = {
        {"cleared",
         [](World& w) { w.engine.clear_if([](auto& row) { return row.function == "inner"; }); },
         true},
        {"evicted",
         [](World& w) {
           w.session().set_state("push out", true);
           w.run();
           w.session().set_state("push out", false);
         },
         false},
        {"evicted, then cleared",
         [](World& w) {
           w.session().set_state("push out", true);
           w.run();
           w.session().set_state("push out", false);
           w.session().set_state("clear inner", true);
         },
         true},
        {"expired", [](World& w) { w.clock.advance(seconds(60)); }, true},
        {"removed", [](World& w) { w.engine.remove("inner"); }, true},
    };
    for (const Case& one : cases) {
      SCOPED_TRACE(one.name);
      World w;
      auto inner = cache(w, "inner",
                         [&w](ms::Run&, int n) {
                           w.log.add("inner", n);
                           return n;
                         },
                         {.limits = {.max_entries = 1, .ttl = seconds(60)}});
      auto outer = cache(w, "outer", [&w, inner](ms::Run& run) {
        w.log.add("outer");
        return *inner(run, 1);
      });
      auto outermost = cache(w, "outermost", [&w, outer](ms::Run& run) {
        w.log.add("outermost");
        return *outer(run);
      });
      w.script = [&](ms::Run& run) {
        if (run.state<bool>("clear inner")) inner.clear(1);
        if (run.state<bool>("push out")) {
          inner(run, 2);
        } else {
          w.show(run, *outermost(run));
        }
      };
      w.run();
      EXPECT_EQ(w.log.take(), Lines("outermost", "outer", "inner 1"));
      one.end(w);
      w.log.take();
      if (std::string_view(one.name) == "removed") {
        w.run();
        EXPECT_TRUE(ended_by<ms::StaleFunctionError>(w.page)) << summary(w.page);
        continue;
      }
      EXPECT_EQ(w.run(), "text 1");
      EXPECT_EQ(w.log.take(), one.outer_ends ? Lines("outermost", "outer", "inner 1") : Lines());
      w.verify();
    }
  });
}

TEST(Nesting, BelongsToTheReadsOfTheOuterAlsoWhenTheInnerThrew) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto inner = cache(w, "inner",
                         [&w](ms::Run& run) {
                           const int n = ms::slider(run, "n", 0, 9, 5);
                           w.log.add("inner", n);
                           if (n == 5) throw std::runtime_error("five");
                           return n;
                         },
                         {.allow_widgets = true});
      auto outer = cache(w, "outer",
                         [&w, inner](ms::Run& run) {
                           w.log.add("outer");
                           try {
                             return *inner(run);
                           } catch (const std::runtime_error&) {
                             return -1;
                           }
                         },
                         {.allow_widgets = true});
      return [=, &w](ms::Run& run) { w.show(run, *outer(run)); };
    });
    EXPECT_EQ(twin.run(), "slider n=5, text -1");
    EXPECT_EQ(twin.log(), Lines("outer", "inner 5"));
    EXPECT_EQ(twin.run(), "slider n=5, text -1");
    EXPECT_EQ(twin.log(), Lines("outer", "inner 5"));  // no exception is kept
    EXPECT_EQ(twin.set("n", 6), "slider n=6, text 6");
    EXPECT_EQ(twin.log(), Lines("outer", "inner 6"));
    EXPECT_EQ(twin.set("n", 5), "slider n=5, text -1");
    EXPECT_EQ(twin.set("n", 6), "slider n=6, text 6");
    EXPECT_EQ(twin.log(), Lines("outer", "inner 5"));
  });
}

}  // namespace
}  // namespace memoscape::testing

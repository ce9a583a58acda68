// A session's shortcuts (P5, C6, C7): an unchanged call is answered without a lookup; it never
// outlives what it leads to; what it counts is not lost.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "at_point.hpp"
#include "core_of.hpp"
#include "counted.hpp"
#include "counting_hash.hpp"
#include "engine/store.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

// How often a run of session `i` hashes: lookups do; a shortcut that was guessed does not.
int hashes_of_run(World& w, int i = 0) {
  hashed = 0;
  w.session(i).run(w.script);
  return hashed;
}

constexpr int kRunsToLearn = 2;  // executes; is looked up, and remembered

void learn(World& w, int i = 0) {
  for (int run = 0; run < kRunsToLearn; ++run) w.session(i).run(w.script);
}

// Functions "f0", "f1" ... with as many sliders each, called in their order.
std::function<void(ms::Run&)> dashboard(World& w, int functions, int sliders) {
  std::vector<ms::Cached<const int, int>> handles;
  for (int f = 0; f < functions; ++f) {
    handles.push_back(w.engine.cache_data(
        "f" + std::to_string(f),
        [&w, sliders](ms::Run& run, int f) {
          w.log.add("f", f);
          int sum = 0;
          for (int s = 0; s < sliders; ++s) {
            sum += ms::slider(run, "s" + std::to_string(f) + "." + std::to_string(s), 0, 9);
          }
          return sum;
        },
        {.allow_widgets = true}));
  }
  return [handles, &w](ms::Run& run) {
    for (std::size_t f = 0; f < handles.size(); ++f) {
      w.values.add(*handles[f](run, static_cast<int>(f)));
    }
  };
}

TEST(Shortcuts, AnUnchangedCallLooksNothingUpHoweverManyWidgetsItHas) {
  for (const int sliders : {0, 3, 64}) {
    World w({.hash = &counting_hash});
    w.script = dashboard(w, 4, sliders);
    learn(w);
    EXPECT_EQ(hashes_of_run(w), 0) << sliders;
    EXPECT_EQ(w.log.size(), 4U);
    EXPECT_EQ(w.function("f0").counters.hits, 2U);
  }
}

TEST(Shortcuts, OneChangedWidgetLeavesTheOthers) {
  World w({.hash = &counting_hash});
  w.script = dashboard(w, 4, 2);
  learn(w);
  w.session().set("s1.0", 5);
  w.session().run(w.script);
  EXPECT_EQ(w.log.take(), Lines("f 0", "f 1", "f 2", "f 3", "f 1"));
  EXPECT_EQ(hashes_of_run(w), 0) << "what was set was hashed when it executed";
  w.session().set("s1.0", 0);
  EXPECT_EQ(hashes_of_run(w), 1) << "the value that was set";
  EXPECT_EQ(hashes_of_run(w), 0);
  EXPECT_EQ(w.log.take(), Lines());
}

TEST(Shortcuts, InAnotherOrderAreFoundAndThenGuessedAgain) {
  World w({.hash = &counting_hash});
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  bool turned = false;
  w.script = [&](ms::Run& run) { f(run, turned ? 2 : 1), f(run, turned ? 1 : 2); };
  learn(w);
  turned = true;
  for (int i = 0; i < 2; ++i) w.run();
  EXPECT_EQ(hashes_of_run(w), 0);
}

TEST(Shortcuts, ThePageStaysWhatItIsUncached) {
  Twin twin([](World& w) {
    const auto script = dashboard(w, 3, 2);
    auto note = w.engine.cache_data("note", [](ms::Run& run, int n) {
      ms::text(run, "note " + std::to_string(n));
      ms::text(ms::sidebar(run), "aside");
      return n;
    });
    return [=](ms::Run& run) {
      if (run.state("title", false)) ms::title(run, "Title");
      if (!run.state("hide", false)) script(run);
      note(run, run.state("n", 1));
      if (run.state("twice", false)) script(run);
      if (run.state("boxed", false)) ms::within(ms::container(run), [&] { note(run, 7); });
      ms::within(ms::sidebar(run), [&] { note(run, 8); });
    };
  });
  const auto settle = [&] {
    for (int i = 0; i < 4; ++i) twin.run();
  };
  settle();
  for (const char* entry : {"title", "hide", "boxed", "twice"}) {
    for (const bool on : {true, false}) {
      twin.each([&](World& w) { w.session().set_state(entry, on); });
      settle();
    }
  }
  twin.each([&](World& w) { w.session().set_state("n", 2); });
  settle();
  twin.set("s0.0", 3);
  settle();
}

TEST(Shortcuts, AWidgetThatTheScriptTookBeforeIsADuplicate) {
  Twin twin([](World& w) {
    auto f = w.engine.cache_data("f",
                                 [&w](ms::Run& run) {
                                   w.log.add("f");
                                   return ms::slider(run, "n", 0, 9, {.key = "n"});
                                 },
                                 {.allow_widgets = true});
    return [=](ms::Run& run) {
      if (run.state("first", false)) ms::slider(run, "n", 0, 9, {.key = "n"});
      f(run);
      if (run.state("last", false)) ms::slider(run, "n", 0, 9, {.key = "n"});
    };
  });
  for (int i = 0; i < 4; ++i) twin.run();
  for (const char* where : {"first", "last"}) {
    twin.each([&](World& w) { w.session().set_state(where, true); });
    twin.run();
    EXPECT_TRUE(ended_by<ms::DuplicateWidgetError>(twin.cached().page)) << where;
    twin.each([&](World& w) { w.session().set_state(where, false); });
    for (int i = 0; i < 4; ++i) twin.run();
  }
}

TEST(Shortcuts, CalledTwiceInARunWithWidgetsIsADuplicateEachTime) {
  Twin twin([](World& w) {
    const auto script = dashboard(w, 1, 1);
    return [=](ms::Run& run) {
      script(run);
      if (run.state("again", false)) script(run);
    };
  });
  for (int i = 0; i < 4; ++i) twin.run();
  twin.each([&](World& w) { w.session().set_state("again", true); });
  for (int i = 0; i < 3; ++i) {
    twin.run();
    EXPECT_TRUE(ended_by<ms::DuplicateWidgetError>(twin.cached().page));
  }
}

TEST(Shortcuts, CalledTwiceInTheRunThatRemembersThemIsADuplicate) {
  for (int before = 0; before < 4; ++before) {
    SCOPED_TRACE(before);
    Twin twin([](World& w) {
      const auto script = dashboard(w, 1, 1);
      return [=](ms::Run& run) {
        script(run);
        if (run.state("again", false)) script(run);
      };
    });
    for (int i = 0; i < before; ++i) twin.run();
    twin.each([&](World& w) { w.session().set_state("again", true); });
    for (int i = 0; i < 3; ++i) {
      twin.run();
      EXPECT_TRUE(ended_by<ms::DuplicateWidgetError>(twin.cached().page));
    }
  }
}

// The widget is on the page, and keeps its value.
TEST(Shortcuts, WhatTheyHaveShownStaysWhenTheCallIsThenAnsweredOtherwise) {
  bool twice = false;
  Twin twin([&](World& w) {
    auto f = w.engine.cache_data(
        "f", [](ms::Run& run) { return run.state("n", 0) == 0 ? ms::slider(run, "a", 0, 9) : -1; },
        {.allow_widgets = true});
    return [&, f](ms::Run& run) {
      w.show(run, *f(run));
      if (!twice) return;
      run.set_state("n", 1);
      w.show(run, *f(run));
      run.set_state("n", 0);
      ms::checkbox(run, "new");  // so what is on the page has changed
    };
  });
  twin.each([](World& w) { w.session(1).set_state("n", 1); });
  EXPECT_EQ(twin.run(1), "text -1");
  twin.run();
  twin.set("a", 5);
  for (int i = 0; i < 4; ++i) twin.run();
  twice = true;
  EXPECT_EQ(twin.run(), "slider a=5, text 5, text -1, checkbox new=no");
  twice = false;
  EXPECT_EQ(twin.run(), "slider a=5, text 5");
}

TEST(Shortcuts, ClearReachesThem) {
  World w;
  w.script = dashboard(w, 2, 1);
  const std::vector<std::function<void()>> clears = {
      [&] { w.engine.clear(); },
      [&] { w.engine.clear(ms::Kind::data); },
      [&] { w.engine.clear_if([](const ms::PermutationRow&) { return true; }); },
      [&] { w.engine.set_limits({.max_bytes = 1}), w.engine.set_limits({}); },
  };
  for (const auto& clear : clears) {
    learn(w);
    w.log.take();
    w.session().run(w.script);
    EXPECT_EQ(w.log.size(), 0U);
    clear();
    w.session().run(w.script);
    EXPECT_EQ(w.log.take(), Lines("f 0", "f 1"));
    w.verify();
  }
}

TEST(Shortcuts, ExpireWithTheEntryAndFollowANewTtl) {
  World w({.limits = {.ttl = std::chrono::seconds(60)}});
  w.script = dashboard(w, 1, 1);
  learn(w);
  w.clock.advance(std::chrono::seconds(59));
  w.session().run(w.script);
  EXPECT_EQ(w.log.size(), 1U);
  w.clock.advance(std::chrono::seconds(1));
  w.session().run(w.script);
  EXPECT_EQ(w.log.size(), 2U);
  learn(w);
  w.engine.set_limits({.ttl = std::chrono::seconds(10)});
  w.clock.advance(std::chrono::seconds(10));
  w.session().run(w.script);
  EXPECT_EQ(w.log.size(), 3U);
}

TEST(Shortcuts, CachingThatIsSwitchedOffIsOff) {
  World w;
  w.script = dashboard(w, 1, 1);
  learn(w);
  w.engine.set_caching(ms::Caching::off);
  w.session().run(w.script);
  EXPECT_EQ(w.log.size(), 2U);
  w.engine.set_caching(ms::Caching::on);
  w.session().run(w.script);
  EXPECT_EQ(w.log.size(), 2U);
}

// Whether the run looks calls up, and would remember them, or renews what it remembers.
TEST(Shortcuts, CachingIsOffFromWhicheverMomentItIsSwitchedOff) {
  for (int runs = 1; runs <= 4; ++runs) {
    bool was_reached = true;
    for (int at = 0; was_reached; ++at) {
      SCOPED_TRACE("after " + std::to_string(runs) + " runs, at point " + std::to_string(at));
      World w;
      w.script = dashboard(w, 2, 1);
      for (int i = 0; i < runs; ++i) {
        for (int value = 0; value < 2; ++value) {
          if (i + value > 0) w.session().set("s0.0", value);
          w.session().run(w.script);
        }
      }
      w.session().set("s0.0", 0);
      {
        const AtPoint switched(at, [&] { w.engine.set_caching(ms::Caching::off); });
        w.session().run(w.script);
        was_reached = switched.was_reached();
      }
      if (!was_reached) break;
      w.log.take();
      w.session().run(w.script);
      EXPECT_EQ(w.log.take(), Lines("f 0", "f 1"));
      w.engine.set_caching(ms::Caching::on);
      w.session().run(w.script);
      EXPECT_EQ(w.log.size(), 0U);
      w.verify();
    }
  }
}

TEST(Shortcuts, AnotherVersionOfTheFunctionMakesTheHandleStale) {
  World w;
  auto f = w.engine.cache_data("f", [] { return 1; });
  w.script = [=](ms::Run& run) { f(run); };
  learn(w);
  w.engine.cache_data("f", [] { return 2; }, {.version = "2"});
  w.run();
  EXPECT_TRUE(ended_by<ms::StaleFunctionError>(w.page));
}

// An idle session keeps nothing alive; a Ref does.
TEST(Shortcuts, AnEvictedValueIsFreedAtOnceUnlessARefHoldsIt) {
  Counted::alive = 0;
  World w;
  auto f = w.engine.cache_resource("f", [](int n) { return Counted(n); });
  w.script = [=](ms::Run& run) { f(run, 1); };
  learn(w);
  EXPECT_EQ(Counted::alive, 1);
  w.engine.clear();
  EXPECT_EQ(Counted::alive, 0);

  learn(w);
  w.session().run([&](ms::Run& run) {
    {
      const ms::Ref<Counted> held = f(run, 1);
      const ms::Ref<Counted> second = f(run, 1);
      w.engine.clear();
      EXPECT_EQ(Counted::alive, 1);
      EXPECT_EQ(held->value, 1);
      EXPECT_EQ(w.engine.totals().held, w.engine.totals().held);
      EXPECT_GT(w.engine.totals().held, 0U);
    }
    EXPECT_EQ(Counted::alive, 0);
    EXPECT_EQ(w.engine.totals().held, 0U);
    EXPECT_EQ(f(run, 1)->value, 1);
    EXPECT_EQ(Counted::alive, 1);
  });
}

TEST(Shortcuts, ARefAndWhatItSharesOutliveTheSession) {
  Counted::alive = 0;
  World w;
  auto f = w.engine.cache_resource("f", [](int n) { return Counted(n); });
  w.script = [=](ms::Run& run) { f(run, 1); };
  learn(w);
  std::shared_ptr<Counted> shared;
  std::unique_ptr<ms::Ref<Counted>> kept;
  w.session().run([&](ms::Run& run) {
    shared = f(run, 1).share();
    kept = std::make_unique<ms::Ref<Counted>>(f(run, 1));
  });
  w.sessions.clear();
  w.engine.clear();
  EXPECT_EQ(shared->value, 1);
  EXPECT_EQ((*kept)->value, 1);
  kept.reset();
  EXPECT_EQ(Counted::alive, 1);
  shared.reset();
  EXPECT_EQ(Counted::alive, 0);
}

TEST(Shortcuts, WhatASessionUsedIsKnownWhenSomethingMustGo) {
  for (const ms::Eviction eviction : {ms::Eviction::lru, ms::Eviction::gdsf}) {
    World w({.limits = {.max_entries = 3}, .eviction = eviction});
    auto f = w.engine.cache_data("f", [&w](int n) {
      w.log.add("f", n);
      return n;
    });
    const auto call = [&](int user, int n) {
      w.session(user).run([&](ms::Run& run) { f(run, n); });
    };
    for (int i = 0; i < 6; ++i) call(1, 1);  // by a shortcut at the end
    call(2, 2);
    call(2, 3);
    for (int i = 0; i < 3; ++i) call(1, 1);
    call(3, 4);  // evicts 2 or 3, not 1
    w.log.take();
    call(2, 1);
    EXPECT_EQ(w.log.take(), Lines());
  }
}

TEST(Shortcuts, HitsAreCountedOnceWhereverTheyAreAskedFor) {
  World w;
  w.script = dashboard(w, 2, 1);
  for (int i = 1; i <= 10; ++i) {
    w.session().run(w.script);
    const ms::Report report = w.engine.report();
    EXPECT_EQ(report.totals.counters.lookups, 2U * static_cast<unsigned>(i));
    EXPECT_EQ(report.totals.counters.misses, 2U);
    EXPECT_EQ(report.permutations.at(0).hits, static_cast<unsigned>(i) - 1);
  }
  w.sessions.clear();
  EXPECT_EQ(w.engine.totals().counters.hits, 18U);
  w.engine.clear();
  EXPECT_EQ(w.engine.totals().counters.hits, 18U);
}

TEST(Shortcuts, ArgumentsThatComeAndGoAreFoundAgain) {
  std::optional<ms::Cached<const int, int>> f;  // of the cached world
  Twin twin([&](World& w) {
    auto one = w.engine.cache_data("f", [&w](ms::Run& run, int n) {
      w.log.add("f", n);
      ms::text(run, "text of " + std::to_string(n));
      return n + run.state("more", 0);
    });
    if (!f) f = one;
    return [=, &w](ms::Run& run) { w.show(run, *one(run, run.state("n", 0))); };
  });
  const auto show = [&](int n) {
    twin.each([&](World& w) { w.session().set_state("n", n); });
    twin.run();
  };
  const auto round = [&] {
    for (const int n : {0, 1, 2, 0, 1, 2, 2, 1, 0}) show(n);
    return twin.log();
  };
  EXPECT_EQ(round(), Lines("f 0", "f 1", "f 2"));
  EXPECT_EQ(round(), Lines());
  f->clear(1);
  EXPECT_EQ(round(), Lines("f 1"));
  twin.each([](World& w) { w.session().set_state("more", 5); });
  EXPECT_EQ(round(), Lines("f 0", "f 1", "f 2"));
  twin.each([](World& w) { w.session().set_state("more", 0); });
  EXPECT_EQ(round(), Lines());
}

// Nobody asks: not even the totals, which take in what sessions know.
TEST(Shortcuts, AreCountedEvery1024Hits) {
  World w;
  auto f = w.engine.cache_data("f", [] { return 1; });
  const auto hits = [&] {
    return ms::detail::core_of(w.engine)->functions.find("f")->second->counters.hits;
  };
  for (int i = 0; i < 1'000; ++i) w.session().run([&](ms::Run& run) { f(run); });
  EXPECT_LT(hits(), 10U);
  for (int i = 0; i < 100; ++i) w.session().run([&](ms::Run& run) { f(run); });
  EXPECT_GE(hits(), 1'024U);
}

TEST(Shortcuts, GoWithTheirSession) {
  World w;
  w.script = dashboard(w, 3, 1);
  const auto fixed = [&] { return w.engine.totals().fixed; };
  w.session(0).run(w.script);
  const std::uint64_t alone = fixed();
  learn(w, 1);
  EXPECT_GT(fixed(), alone + 3 * 300);
  w.sessions.erase(1);
  EXPECT_EQ(fixed(), alone);
}

// What a shortcut has counted belongs to the answer that it had then.
TEST(Shortcuts, WhatIsReplacedKeepsItsHits) {
  ms::Engine engine;
  std::vector<ms::Cached<const int>> f;
  for (int i = 0; i < 8; ++i) {
    f.push_back(engine.cache_data(
        "f" + std::to_string(i),
        [i](ms::Run& run) { return ms::slider(run, "s" + std::to_string(i), 0, 9, i); },
        {.allow_widgets = true}));
  }
  ms::Session session(engine);
  const auto run = [&] {
    session.run([&](ms::Run& script) {
      for (const auto& one : f) (void)one(script);
    });
  };
  run();
  session.set("s0", 9);
  run();  // both permutations of f0 are there
  for (int i = 0; i < 5; ++i) run();
  session.set("s0", 0);
  run();  // few change: its shortcut gets the other answer at once
  run();
  std::map<std::string, std::uint64_t> hits;  // of f0, by its slider
  for (const ms::PermutationRow& row : engine.report().permutations) {
    if (row.function == "f0") hits[row.reads.at(0).value] = row.hits;
  }
  EXPECT_EQ(hits, (std::map<std::string, std::uint64_t>{{"0", 2}, {"9", 5}}));
  EXPECT_EQ(engine.check(), "");
}

TEST(Run, MergesItsHitsEvery1024) {
  constexpr int kMany = 1500;
  constexpr std::uint64_t kMergeEvery = 1024;
  ms::Engine engine;
  const auto f = engine.cache_data("f", [](int n) { return n; });
  ms::Session session(engine);
  session.run([&](ms::Run& run) {
    for (int i = 0; i < kMany; ++i) (void)f(run, i);
  });
  session.run([&](ms::Run& run) {
    for (int i = 0; i < kMany; ++i) (void)f(run, i);
    EXPECT_EQ(engine.totals().counters.hits, kMergeEvery);
  });
  EXPECT_EQ(engine.totals().counters.hits, static_cast<std::uint64_t>(kMany));
}

}  // namespace
}  // namespace memoscape::testing

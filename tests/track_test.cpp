// The track (P5, C7): a run that repeats the one before looks at one step for each call. What it
// puts off is made up for before anybody can tell; and a step never outlives what it leads to.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core_of.hpp"
#include "harness.hpp"
#include "tracked_board.hpp"

namespace memoscape::testing {
namespace {

TEST(Track, AReportInTheMiddleOfARunKnowsWhatWasCounted) {
  World w;
  TrackedBoard board(w);
  EXPECT_EQ(board.hits("a"), 3U);
  board.run(10);
  EXPECT_EQ(board.hits("a"), 13U);
  EXPECT_EQ(board.hits("c"), 13U);
  EXPECT_EQ(w.log.take(), Lines("a", "b", "c"));
}

ms::detail::Track& track_of(World& w) {
  return ms::detail::core_of(w.engine)->shortcuts.first()->track();
}

TEST(Track, IsWhatARunThatRepeatsTheOneBeforeLooksAt) {
  World w;
  TrackedBoard board(w);
  ASSERT_TRUE(track_of(w).is_laid());
  EXPECT_EQ(track_of(w).calls(), 3U);
  const std::uint64_t repeats = track_of(w).repeats();
  board.run(10);
  EXPECT_EQ(track_of(w).repeats(), repeats + 10);
}

// What answered another permutation before counts there, when the call is led to one of other
// widgets.
TEST(Track, HitsAreThoseOfThePermutationThatAnswered) {
  World w;
  TrackedBoard board(w);
  board.run(10);
  w.session().set("more", true);
  board.run(5);
  std::map<std::size_t, std::uint64_t> hits;  // by the reads of the path
  for (const ms::PermutationRow& row : w.engine.report().permutations) {
    if (row.function == "b") hits[row.reads.size()] = row.hits;
  }
  EXPECT_EQ(hits, (std::map<std::size_t, std::uint64_t>{{2, kRunsToLay - 1 + 10}, {3, 4}}));
}

TEST(Track, IsLeftAtTheCallThatChangedAndGoesOnBehindIt) {
  World w;
  TrackedBoard board(w);
  for (int value : {3, 4, 3, 4}) {
    w.session().set("b", value);
    board.run();
    board.run();
    EXPECT_EQ(board.values, (std::vector<int>{0, value, 0}));
  }
  EXPECT_EQ(board.hits("a"), 11U);
  EXPECT_EQ(board.hits("b"), 9U);
  EXPECT_EQ(board.hits("c"), 11U);
  EXPECT_EQ(w.log.take(), Lines("a", "b", "c", "b", "b"));
}

TEST(Track, ACallWithAnotherNumberOfWidgetsMovesThoseBehindIt) {
  World w;
  TrackedBoard board(w);
  EXPECT_EQ(board.run(), kBoardPage);
  for (int i = 0; i < 3; ++i) {
    w.session().set("more", true);
    EXPECT_EQ(board.run(2), "slider a=0, checkbox more=yes, slider b2=0, slider b=0, slider c=0");
    w.session().set("c", i);
    EXPECT_EQ(board.run(2), "slider a=0, checkbox more=yes, slider b2=0, slider b=0, slider c=" +
                                std::to_string(i));
    w.session().set("c", 0);
    w.session().set("more", false);
    EXPECT_EQ(board.run(2), kBoardPage);
  }
}

TEST(Track, WhatTheScriptDoesBetweenCallsIsInItsPlace) {
  World w;
  TrackedBoard board(w);
  for (std::size_t at = 0; at <= 3; ++at) {
    SCOPED_TRACE(at);
    board.between = [&](ms::Run& run, std::size_t i) {
      if (i == at) ms::text(run, "here");
    };
    const std::string page = board.run();
    board.between = nullptr;
    EXPECT_EQ(page.find("text here") == std::string::npos, false) << page;
    EXPECT_EQ(std::count(page.begin(), page.end(), ','), 4) << page;
    EXPECT_EQ(board.run(2), kBoardPage);
  }
  EXPECT_EQ(board.hits("a"), 15U);
  EXPECT_EQ(w.log.take(), Lines("a", "b", "c"));
}

TEST(Track, AWidgetOfACallThatWasPassedIsOnThePageAlready) {
  World w;
  TrackedBoard board(w);
  board.between = [&](ms::Run& run, std::size_t i) {
    if (i == 1) ms::slider(run, "a", 0, 9);
  };
  EXPECT_NE(w.session().run(w.script).error_text().find("a second time"), std::string::npos);
}

TEST(Track, AClearInTheMiddleReachesTheCallsThatAreLeft) {
  World w;
  TrackedBoard board(w);
  w.log.take();
  board.between = [&](ms::Run&, std::size_t i) {
    if (i == 1) board.functions[0].clear(), board.functions[2].clear();
  };
  EXPECT_EQ(board.run(), kBoardPage);
  EXPECT_EQ(w.log.take(), Lines("c"));
  board.between = nullptr;
  EXPECT_EQ(board.run(), kBoardPage);
  EXPECT_EQ(w.log.take(), Lines("a"));
}

TEST(Track, CachingThatIsSwitchedOffInTheMiddleIsOff) {
  World w;
  TrackedBoard board(w);
  w.log.take();
  board.between = [&](ms::Run&, std::size_t i) {
    if (i == 1) w.engine.set_caching(ms::Caching::off);
  };
  EXPECT_EQ(board.run(), kBoardPage);
  EXPECT_EQ(w.log.take(), Lines("b", "c"));
}

TEST(Track, EndsWithTheFirstOfItsEntriesThatExpires) {
  World w;
  TrackedBoard board(w);
  board.functions[1].set_limits({.ttl = std::chrono::seconds(10)});
  board.run(2);
  w.log.take();
  w.clock.advance(std::chrono::seconds(11));
  EXPECT_EQ(board.run(), kBoardPage);
  EXPECT_EQ(w.log.take(), Lines("b"));
}

// More than a run frees of what has expired.
TEST(Track, EndsWhenManyExpireAtOnce) {
  constexpr int kMany = 200;
  World w;
  auto f = w.engine.cache_data("f", [&](int n) {
    w.log.add(n);
    return n;
  });
  f.set_limits({.ttl = std::chrono::seconds(10)});
  w.script = [&](ms::Run& run) {
    for (int n = 0; n < kMany; ++n) f(run, n);
  };
  for (int i = 0; i < kRunsToLay + 2; ++i) w.session().run(w.script);
  EXPECT_EQ(w.log.take().all.size(), std::size_t{kMany});
  w.clock.advance(std::chrono::seconds(11));
  w.session().run(w.script);
  EXPECT_EQ(w.log.size(), std::size_t{kMany});
}

TEST(Track, AnEntryOfTheSessionStateThatTheScriptWritesIsReadAnew) {
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  auto g = w.engine.cache_data("g", [&](ms::Run& run) {
    const int n = run.state("n", 0);
    w.log.add("g", n);
    return n;
  });
  int written = 0;
  int got = -1;
  w.script = [&](ms::Run& run) {
    f(run, 1);
    if (run.state("n", 0) != written) run.set_state("n", written);
    got = *g(run);
    EXPECT_EQ(*g(run), got);  // a step more of the same call
  };
  for (int i = 0; i < kRunsToLay; ++i) w.session().run(w.script);
  for (const int n : {1, 0, 1, 0}) {
    written = n;
    for (int i = 0; i < 3; ++i) {
      w.session().run(w.script);
      EXPECT_EQ(got, n);
    }
  }
  EXPECT_EQ(w.log.take(), Lines("g 0", "g 1"));
}

TEST(Track, AQueryParameterThatTheScriptSetsIsReadAnew) {
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  auto g = w.engine.cache_data("g", [&](ms::Run& run) {
    const std::string page = run.query("page").value_or("none");
    w.log.add("g", page);
    return page;
  });
  std::string wanted = "a";
  std::string got;
  w.script = [&](ms::Run& run) {
    f(run, 1);
    if (wanted != "as it is") run.set_query("page", wanted);
    got = *g(run);
  };
  const auto run_all = [&] {
    for (int i = 0; i < kRunsToLay; ++i) w.session().run(w.script);
  };
  run_all();
  wanted = "as it is";
  run_all();
  EXPECT_EQ(got, "a");
  for (const char* page : {"b", "a", "b"}) {
    wanted = page;
    w.session().run(w.script);
    EXPECT_EQ(got, page);
    wanted = "as it is";
    run_all();
    EXPECT_EQ(got, page);
  }
  EXPECT_EQ(w.log.take(), Lines("g a", "g b"));
}

TEST(Track, ACallThatIsMadeTwiceIsCountedTwice) {
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  w.script = [&](ms::Run& run) {
    f(run, 1);
    f(run, 2);
    f(run, 1);
  };
  for (int i = 0; i < 10; ++i) w.session().run(w.script);
  EXPECT_EQ(w.function("f").counters.hits, 28U);
}

// All its steps lead to one entry: none may keep what is gone.
TEST(Track, HasAStepForEachTimeThatTheSameCallIsMade) {
  World w;
  auto f = w.engine.cache_data("f", [&](int n) {
    w.log.add(n);
    return std::to_string(n);
  });
  bool clears = false;
  w.script = [&](ms::Run& run) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(*f(run, 1), "1");
      if (clears && i == 1) f.clear();
    }
  };
  const auto run_all = [&] {
    for (int i = 0; i < kRunsToLay; ++i) w.session().run(w.script);
  };
  std::uint64_t calls = 0;
  for (int round = 1; round <= 3; ++round) {
    run_all();
    EXPECT_EQ(w.log.take(), Lines("1"));
    f.clear();
    run_all();
    EXPECT_EQ(w.log.take(), Lines("1"));
    clears = true;
    w.session().run(w.script);  // the third call of it executes
    EXPECT_EQ(w.log.take(), Lines("1"));
    clears = false;
    w.session().run(w.script);
    calls += 3U * (2 * kRunsToLay + 2);
    EXPECT_EQ(w.function("f").counters.hits, calls - 3U * static_cast<unsigned>(round));
    f.clear();
  }
}

TEST(Track, WhatARepeatedRunDidNotCallIsForgottenAndTheRestIsNot) {
  World w;
  TrackedBoard board(w);
  auto d = w.engine.cache_data("d", [](int n) { return n; });
  const auto script = w.script;
  // The bytes of the session when it has forgotten the calls of d, in a run that repeats the one
  // before or in one that does not.
  const auto left = [&](bool repeats) {
    w.script = [&](ms::Run& run) {
      script(run);
      for (int i = 0; i < 3; ++i) d(run, i);
    };
    board.run(kRunsToLay);
    w.script = script;
    if (repeats) board.run(2);
    w.engine.cache_data("e", [](int n) { return n; });
    w.engine.remove("e");  // from then on sessions forget what they do not use
    const std::uint64_t before = w.engine.totals().fixed;
    board.run();
    EXPECT_LT(w.engine.totals().fixed, before);
    return w.engine.totals().fixed;
  };
  const std::uint64_t wanted = left(false);
  EXPECT_EQ(left(true), wanted);
  EXPECT_EQ(w.log.take(), Lines("a", "b", "c"));
}

// Steps of the session's track that stand.
std::size_t standing(World& w) {
  std::size_t count = 0;
  track_of(w).for_each(
      [&](const ms::detail::Shortcut& one) { count += one.step->stands() ? 1 : 0; });
  return count;
}

// Bytes that sessions take.
std::uint64_t session_bytes(World& w) {
  return ms::detail::core_of(w.engine)->ledger->session_bytes;
}

TEST(Track, GoesWithItsSession) {
  World w;
  w.session(0);
  const std::uint64_t before = session_bytes(w);
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  w.script = [&](ms::Run& run) {
    for (int n = 0; n < 9; ++n) f(run, n);
  };
  for (int i = 0; i < kRunsToLay; ++i) w.session(1).run(w.script);
  EXPECT_EQ(standing(w), 9U);
  EXPECT_GT(session_bytes(w), before);
  w.sessions.erase(1);
  EXPECT_EQ(session_bytes(w), before);
}

// One call again and again takes no more memory than as many calls as are remembered.
TEST(Track, HasAtMostSoManySteps) {
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  int times = 0;
  w.script = [&](ms::Run& run) {
    for (int i = 0; i < times; ++i) f(run, 1);
  };
  const auto taken = [&] {
    for (int i = 0; i < kRunsToLay; ++i) w.session().run(w.script);
    return session_bytes(w);
  };
  times = 1;
  const std::uint64_t one = taken();
  times = 100'000;
  EXPECT_LT(taken(), one + 300'000);
  times = 4096;
  EXPECT_GT(taken(), one + 4000 * sizeof(ms::detail::Track::Step));
  EXPECT_EQ(w.function("f").counters.hits, 4U * 104'097 - 1);
}

// Hits that 32 bits do not count, before anybody asked for them.
TEST(Track, TellsThePolicyOfHoweverManyHits) {
  constexpr std::uint64_t kMany = std::uint64_t{1} << 32;
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  w.script = [&](ms::Run& run) { f(run, 1); };
  for (int i = 0; i < kRunsToLay; ++i) w.session().run(w.script);
  w.engine.totals();
  ms::detail::Shortcut* call = nullptr;
  ms::detail::core_of(w.engine)->shortcuts.first()->track().for_each(
      [&](ms::detail::Shortcut& one) { call = &one; });
  const ms::detail::Permutation& entry = *call->lease->permutation;
  const std::uint32_t before = entry.uses;
  call->uses += kMany;
  call->counted += kMany;
  w.engine.totals();
  EXPECT_GT(entry.hits, kMany);
  EXPECT_GT(entry.uses, before);
}

// Calls that are no more on the track do not mark its steps, nor the memory where they were.
TEST(Track, IsNotMarkedByWhatLeftIt) {
  World w;
  TrackedBoard board(w);
  const auto before = w.script;
  std::vector<ms::Cached<const int>> others;
  for (int i = 0; i < 9; ++i) {
    others.push_back(w.engine.cache_data(
        "other" + std::to_string(i),
        [i](ms::Run& run) { return ms::slider(run, "o" + std::to_string(i), 0, 9); },
        {.allow_widgets = true}));
  }
  bool moved = false;
  w.script = [&](ms::Run& run) {
    if (!moved) before(run);
    for (const auto& f : others) f(run);
  };
  board.run(kRunsToLay);
  moved = true;
  board.run(kRunsToLay + 1);
  EXPECT_EQ(standing(w), others.size());
  moved = false;
  board.run();  // the first three are remembered anew
  EXPECT_EQ(standing(w), others.size());
  w.session().set("o3", 4);
  board.run(kRunsToLay);
  EXPECT_EQ(board.values, (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(w.session().value("o3"), ms::Value(4));
}

TEST(Track, ARunThatThrowsOrStopsHasMadeTheCallsThatItMade) {
  World w;
  TrackedBoard board(w);
  for (const bool stops : {false, true}) {
    for (std::size_t at = 0; at <= 3; ++at) {
      board.between = [&](ms::Run& run, std::size_t i) {
        if (i == at && stops) run.stop();
        if (i == at) throw std::runtime_error("no");
      };
      const ms::Page page = w.session().run(w.script);
      EXPECT_EQ(page.error() != nullptr, !stops);
      board.between = nullptr;
      EXPECT_EQ(board.run(), kBoardPage);
    }
  }
  EXPECT_EQ(board.hits("a"), 17U);
  EXPECT_EQ(board.hits("b"), 15U);
  EXPECT_EQ(board.hits("c"), 13U);
}

// The step of the entry that went is not looked at any more, nor is its lease.
TEST(Track, AnEntryThatComesBackIsAnsweredByItsNewStep) {
  World w;
  auto f = w.engine.cache_data("f", [&](int n) {
    w.log.add(n);
    return std::to_string(n);
  });
  w.script = [&](ms::Run& run) { EXPECT_EQ(*f(run, 1), "1"); };
  for (int round = 1; round <= 3; ++round) {
    for (int i = 0; i < kRunsToLay + 2; ++i) w.session().run(w.script);
    EXPECT_EQ(w.log.take(), Lines("1"));
    f.clear();
  }
  EXPECT_EQ(w.function("f").counters.hits, 15U);
}

// Its steps are of shortcuts that may be forgotten.
TEST(Track, GoesWhenCallsAreForgottenAtTheEndOfARunInAnotherOrder) {
  World w;
  TrackedBoard board(w);
  const auto other = w.engine.cache_data("other", [] { return 0; });
  board.run();
  ASSERT_TRUE(track_of(w).is_laid());
  w.engine.remove("other");
  w.session().run([&](ms::Run& run) {
    board.functions[2](run);
    board.functions[0](run);
  });
  EXPECT_FALSE(track_of(w).is_laid());
  board.run(kRunsToLay);
  EXPECT_TRUE(track_of(w).is_laid());
}

TEST(Track, FunctionsThatAreRemovedAreForgotten) {
  World w;
  TrackedBoard board(w);
  w.log.take();
  w.engine.remove("b");
  EXPECT_NE(w.session().run(w.script).error(), nullptr);
  EXPECT_EQ(w.log.take(), Lines());
}

}  // namespace
}  // namespace memoscape::testing

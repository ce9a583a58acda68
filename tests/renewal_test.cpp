// Renewal: calls whose reads have changed are led to what answers them now, together with those
// that followed them the last time. Whatever happens between, the answer is always the right one.
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core_of.hpp"
#include "counted.hpp"
#include "counting_hash.hpp"
#include "engine/store.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

constexpr int kFunctions = 40;  // more than are looked up together
constexpr int kValues = 4;

// Functions of one slider each. `between` happens before each call.
struct Dashboard {
  explicit Dashboard(World& world) : w(world) {
    for (int f = 0; f < kFunctions; ++f) {
      make(f);
      arguments.push_back(f);
    }
    w.script = [this](ms::Run& run) {
      for (int place = 0; place < kFunctions; ++place) {
        if (between) between(run, place);
        const auto at = static_cast<std::size_t>(place);
        w.values.add(*functions[at](run, arguments[at]));
      }
    };
    for (int value = 0; value < kValues; ++value) run(value);
    w.log.take();
  }

  void make(int f, const std::string& version = "") {
    auto made = w.engine.cache_data("f" + std::to_string(f),
                                    [this](ms::Run& run, int f) {
                                      w.log.add("f", f);
                                      return 100 * f + ms::slider(run, label(f), 0, 9);
                                    },
                                    {.allow_widgets = true, .version = version});
    const auto place = static_cast<std::size_t>(f);
    if (place < functions.size())
      functions[place] = made;
    else
      functions.push_back(made);
  }
  static std::string label(int f) { return "s" + std::to_string(f); }

  // Moves all sliders. The values, which are checked; what was executed is in the log.
  void run(int value) {
    ms::Session& session = w.session(0);
    if (has_run) {
      for (int f = 0; f < kFunctions; ++f) session.set(label(f), value);
    }
    has_run = true;
    w.values.take();
    session.run(w.script);
    Lines wanted;
    for (const int f : arguments) wanted.all.push_back(std::to_string(100 * f + value));
    EXPECT_EQ(w.values.take(), wanted);
  }

  World& w;
  std::vector<ms::Cached<const int, int>> functions;
  std::vector<int> arguments;
  std::function<void(ms::Run&, int)> between;
  bool has_run = false;
};

TEST(Renewal, CallsThatFollowAsBeforeAreLookedUpByWhatTheirValuesAreAlone) {
  World w({.hash = &counting_hash});
  Dashboard d(w);
  d.run(0);
  hashed = 0;
  d.run(1);
  EXPECT_EQ(hashed, kFunctions);  // the values: neither functions nor arguments
  EXPECT_EQ(w.log.take(), Lines());
}

TEST(Renewal, CallsThatAreFarApartAreLookedUpTogether) {
  World w({.hash = &counting_hash});
  Dashboard d(w);
  d.run(1);
  for (int i = 0; i < 3; ++i) w.run(0);  // a track is laid
  w.session(0).set(Dashboard::label(2), 3);
  w.session(0).set(Dashboard::label(kFunctions - 2), 3);
  hashed = 0;
  int of_the_first = 0;
  d.between = [&](ms::Run&, int place) {
    if (place == 3) of_the_first = hashed;
  };
  w.values.take();
  w.run(0);
  EXPECT_EQ(of_the_first, 2);
  EXPECT_EQ(hashed, 2);
  Lines wanted;
  for (int f = 0; f < kFunctions; ++f) {
    const bool is_set = f == 2 || f == kFunctions - 2;
    wanted.all.push_back(std::to_string(100 * f + (is_set ? 3 : 1)));
  }
  EXPECT_EQ(w.values.take(), wanted);
  EXPECT_EQ(w.log.take(), Lines());
}

// A run that ends before it has made them does not make them be looked up one by one afterwards.
TEST(Renewal, CallsThatARunHasNotReachedAreLookedUpTogetherInTheNext) {
  World w({.hash = &counting_hash});
  Dashboard d(w);
  d.run(1);
  for (const int f : {2, 9, 10}) w.session(0).set(Dashboard::label(f), 3);
  d.between = [](ms::Run&, int) { throw std::runtime_error("not yet"); };
  w.run(0);
  hashed = 0;
  int of_the_first = 0;
  d.between = [&](ms::Run&, int place) {
    if (place == 3) of_the_first = hashed;
  };
  w.run(0);
  EXPECT_EQ(of_the_first, 3);
  EXPECT_EQ(hashed, 3);
  EXPECT_EQ(w.log.take(), Lines());
}

// What moved its widgets within the page was another run of the script.
TEST(Renewal, WidgetsThatTheScriptHasShownInAnotherOrderAreInTheirOwnAgain) {
  World w;
  auto f = w.engine.cache_data(
      "f",
      [](ms::Run& run) { return ms::slider(run, "a", 0, 9) * 10 + ms::slider(run, "b", 0, 9); },
      {.allow_widgets = true});
  bool apart = false;
  w.script = [&](ms::Run& run) {
    if (!apart) f(run);
    if (apart) ms::slider(run, "b", 0, 9), ms::slider(run, "a", 0, 9);
  };
  const auto order = [&] {
    const std::string known =
        message_of<ms::InvalidValueError>([&] { w.session().set("none", 1); });
    return known.find("\"a\"") < known.find("\"b\"") ? "a, b" : "b, a";
  };
  for (int i = 0; i < 4; ++i) w.run();
  EXPECT_EQ(order(), std::string("a, b"));
  apart = true;
  w.run();
  EXPECT_EQ(order(), std::string("b, a"));
  apart = false;
  w.run();
  EXPECT_EQ(order(), std::string("a, b"));
}

TEST(Renewal, WhatWasClearedSinceIsNoAnswer) {
  World w;
  Dashboard d(w);
  d.run(0);
  d.between = [&](ms::Run&, int f) {
    if (f == 3) d.functions[9].clear();
  };
  d.run(1);
  EXPECT_EQ(w.log.take(), Lines("f 9"));
}

TEST(Renewal, WhatWasEvictedSinceIsNoAnswer) {
  World w;
  Dashboard d(w);
  d.run(0);
  d.between = [&](ms::Run&, int f) {
    if (f == 3) d.functions[9].set_limits({.max_entries = 1});
  };
  d.run(1);
  d.between = nullptr;
  d.run(2);
  d.run(1);
  EXPECT_GE(w.log.take().all.size(), 2U);  // with room for one, two of the three execute
}

TEST(Renewal, AFunctionThatWasRegisteredAgainIsAnotherOne) {
  World w;
  Dashboard d(w);
  d.run(0);
  d.make(9, "2");
  d.run(1);
  EXPECT_EQ(w.log.take(), Lines("f 9"));
  d.between = [&](ms::Run&, int f) {
    if (f == 3) d.make(9, "3");
  };
  d.run(2);
  EXPECT_EQ(w.log.take(), Lines("f 9"));
}

TEST(Renewal, AnEntryThatExpiresMeanwhileIsNoAnswer) {
  World w;
  Dashboard d(w);
  d.functions[9].set_limits({.ttl = std::chrono::minutes(1)});
  d.run(0);
  d.run(3);
  w.clock.advance(std::chrono::minutes(2));
  w.log.take();
  d.run(1);
  EXPECT_EQ(w.log.take(), Lines("f 9"));
}

TEST(Renewal, AnotherOrderIsNoMatter) {
  World w;
  Dashboard d(w);
  d.run(0);
  std::swap(d.functions[3], d.functions[20]);
  std::swap(d.arguments[3], d.arguments[20]);
  d.run(1);
  d.run(2);
  EXPECT_EQ(w.log.take(), Lines());
}

// The value of a widget with a key is an entry of the session state, which may change in a run.
TEST(Renewal, AWidgetWithAKeyTakesWhatTheScriptHasWritten) {
  World w;
  auto keyed = w.engine.cache_data(
      "keyed", [](ms::Run& run) { return ms::slider(run, "n", 0, 9, {.key = "k"}); },
      {.allow_widgets = true});
  Dashboard d(w);
  int written = 0;
  d.between = [&](ms::Run& run, int f) {
    if (f == 1) run.set_state("k", written);
    if (f != 4) return;
    EXPECT_EQ(*keyed(run), written);
  };
  for (int run = 0; run < 12; ++run) {
    written = run % 5;
    d.run(run % kValues);
  }
}

TEST(Renewal, PathsThatPartAreFound) {
  World w;
  std::vector<ms::Cached<const int, int>> functions;
  for (int f = 0; f < kFunctions; ++f) {
    functions.push_back(w.engine.cache_data(
        "f" + std::to_string(f),
        [&w](ms::Run& run, int f) {
          w.log.add("f", f);
          const int n = ms::slider(run, "n" + std::to_string(f), 0, 9);
          return n % 2 == 0 ? n : n + ms::slider(run, "m" + std::to_string(f), 0, 90, 10);
        },
        {.allow_widgets = true}));
  }
  int n = 0;
  w.script = [&](ms::Run& run) {
    for (int f = 0; f < kFunctions; ++f) {
      EXPECT_EQ(*functions[static_cast<std::size_t>(f)](run, f), n % 2 == 0 ? n : n + 10);
    }
  };
  w.run();
  for (const int next : {1, 2, 3, 2, 1, 0, 1, 3, 2, 0}) {
    n = next;
    for (int f = 0; f < kFunctions; ++f) w.session(0).set("n" + std::to_string(f), n);
    w.run();
  }
  EXPECT_EQ(w.log.size(), std::size_t{4} * kFunctions);
}

TEST(Renewal, WhatIsSetForACallThatIsNotReachedWaits) {
  World w;
  Dashboard d(w);
  d.run(0);
  d.run(1);
  ms::Session& session = w.session(0);
  for (int f = 0; f < kFunctions; ++f) session.set(Dashboard::label(f), 2);
  d.between = [](ms::Run& run, int f) {
    if (f == 5) run.stop();
  };
  session.run(w.script);
  EXPECT_EQ(session.value(Dashboard::label(4)), ms::Value(2));
  EXPECT_EQ(session.value(Dashboard::label(9)), ms::Value(1));
  d.between = nullptr;
  session.run(w.script);
  EXPECT_EQ(session.value(Dashboard::label(9)), ms::Value(2));
  EXPECT_EQ(w.log.take(), Lines());
}

TEST(Renewal, AValueThatIsStillUsedStays) {
  World w;
  auto f =
      w.engine.cache_data("f", [](ms::Run& run) { return Counted(ms::slider(run, "n", 0, 9)); },
                          {.allow_widgets = true});
  std::vector<ms::Ref<const Counted>> used;
  w.script = [&](ms::Run& run) { used.push_back(f(run)); };
  ms::Session& session = w.session(0);
  for (int n : {0, 1, 2, 0, 1, 2, 0}) {
    if (!used.empty()) session.set("n", n);
    session.run(w.script);
    EXPECT_EQ(used.back()->value, n);
  }
  f.clear();
  EXPECT_EQ(Counted::alive, 3);
  used.erase(used.begin(), used.end() - 2);
  EXPECT_EQ(Counted::alive, 2);
  used.clear();
  EXPECT_EQ(Counted::alive, 0);
}

TEST(Renewal, AValueGoesWithItsEntry) {
  World w;
  auto f =
      w.engine.cache_data("f", [](ms::Run& run) { return Counted(ms::slider(run, "n", 0, 9)); },
                          {.allow_widgets = true});
  w.script = [&](ms::Run& run) { f(run); };
  ms::Session& session = w.session(0);
  for (int n : {0, 1, 2, 0, 1, 2, 0}) {
    if (n != 0) session.set("n", n);
    session.run(w.script);
    session.set("n", 0);
  }
  EXPECT_EQ(Counted::alive, 3);
  f.clear();
  EXPECT_EQ(Counted::alive, 0);
}

TEST(Renewal, APageThatSomebodyHoldsStaysAsItWas) {
  World w;
  Dashboard d(w);
  d.run(0);
  ms::Session& session = w.session(0);
  const std::string before = summary(session.run(w.script));
  const ms::Page held = session.run(w.script);
  for (int n : {1, 2, 3, 0}) {
    session.set(Dashboard::label(7), n);
    EXPECT_NE(summary(session.run(w.script)).find("s7=" + std::to_string(n)), std::string::npos);
    EXPECT_EQ(summary(held), before);
  }
}

TEST(Renewal, WhatIsShownElsewhereTakesItsOwnPlace) {
  Twin twin([](World& w) {
    std::vector<ms::Cached<const int, int>> functions;
    for (int f = 0; f < 3; ++f) {
      functions.push_back(w.engine.cache_data(
          "f" + std::to_string(f),
          [](ms::Run& run, int f) {
            const int n = ms::slider(ms::sidebar(run), "n" + std::to_string(f), 0, 9);
            if (n % 2 == 1) ms::text(run, "odd");
            return n;
          },
          {.allow_widgets = true}));
    }
    return [=](ms::Run& run) {
      for (int f = 0; f < 3; ++f) functions[static_cast<std::size_t>(f)](run, f);
    };
  });
  twin.run();
  for (int n : {1, 2, 3, 2, 1, 3, 1, 2, 1, 3, 2}) twin.set("n1", n);
}

TEST(Renewal, WhatShowsSomethingElsewhereIsShownWhole) {
  World w;
  auto f = w.engine.cache_data("f",
                               [](ms::Run& run) {
                                 const int n = ms::slider(ms::sidebar(run), "n", 0, 9);
                                 if (n % 2 == 1) ms::text(run, "odd");
                                 return n;
                               },
                               {.allow_widgets = true});
  w.script = [&](ms::Run& run) { f(run); };
  ms::Session& session = w.session(0);
  session.run(w.script);
  for (const int n : {1, 2, 3, 2, 1, 3, 1, 2, 1, 3, 2}) {
    session.set("n", n);
    const std::string page = summary(session.run(w.script));
    EXPECT_EQ(page.find("odd") != std::string::npos, n % 2 == 1) << page;
  }
}

TEST(Renewal, EndsWhenTheEntryThatItLedToExpires) {
  World w;
  Dashboard d(w);
  d.functions[9].set_limits({.ttl = std::chrono::minutes(10)});
  d.run(0);
  w.clock.advance(std::chrono::minutes(5));
  d.functions[9].clear();
  d.run(1);
  w.clock.advance(std::chrono::minutes(2));
  for (int n : {0, 1, 0, 1, 1, 1}) d.run(n);  // 1 is the older one
  w.log.take();
  w.clock.advance(std::chrono::minutes(9));
  w.session(0).run(w.script);
  EXPECT_EQ(w.log.take(), Lines("f 9"));
}

// More than a run frees of what has expired.
TEST(Renewal, EndsWhenManyThatItLedToExpireAtOnce) {
  constexpr int kMany = 200;
  World w;
  auto f = w.engine.cache_data("f",
                               [&w](ms::Run& run, int n) {
                                 w.log.add(n);
                                 return ms::slider(run, Dashboard::label(n), 0, 9);
                               },
                               {.allow_widgets = true});
  f.set_limits({.ttl = std::chrono::seconds(10)});
  w.script = [&](ms::Run& run) {
    for (int n = 0; n < kMany; ++n) f(run, n);
  };
  ms::Session& session = w.session(0);
  const auto run = [&](int value) {
    for (int n = 0; n < kMany; ++n) session.set(Dashboard::label(n), value);
    session.run(w.script);
  };
  session.run(w.script);
  w.clock.advance(std::chrono::seconds(5));
  for (int i = 0; i < 5; ++i) run(1);
  run(0);  // the older ones
  EXPECT_EQ(w.log.take().all.size(), std::size_t{2} * kMany);
  w.clock.advance(std::chrono::seconds(6));
  session.run(w.script);
  EXPECT_EQ(w.log.size(), std::size_t{kMany});
}

TEST(Renewal, WhatHasExpiredIsNoAnswerBeforeItIsFreed) {
  constexpr int kMany = 200;  // more than a run frees
  World w;
  auto f =
      w.engine.cache_data("f",
                          [&w](ms::Run& run, int n) {
                            w.log.add(n);
                            w.clock.advance(std::chrono::milliseconds(1));
                            return ms::slider(run, Dashboard::label(n), 0, 9);
                          },
                          {.allow_widgets = true, .limits = {.ttl = std::chrono::seconds(10)}});
  // Some that do not expire are renewed together with those that do.
  auto stays = w.engine.cache_data(
      "stays", [](ms::Run& run, int n) { return ms::slider(run, "t" + std::to_string(n), 0, 9); },
      {.allow_widgets = true});
  const auto call = [&](ms::Run& run, int n) {
    f(run, n);
    if (n % 8 == 0) stays(run, n);
  };
  w.script = [&](ms::Run& run) {
    for (int n = 0; n < kMany; ++n) call(run, n);
  };
  // What is called first expires, and is freed, last.
  w.session(1).run([&](ms::Run& run) {
    for (int n = kMany - 1; n >= 0; --n) call(run, n);
  });
  w.clock.advance(std::chrono::seconds(5));
  // Another session, whose own entries are younger.
  ms::Session& session = w.session(0);
  const auto move_all = [&](const auto& move) {
    for (int n = 0; n < kMany; ++n) {
      move(Dashboard::label(n));
      if (n % 8 == 0) move("t" + std::to_string(n));
    }
  };
  move_all([&](const std::string& widget) { session.preset(widget, 1); });
  for (int i = 0; i < 5; ++i) session.run(w.script);
  EXPECT_EQ(w.log.take().all.size(), std::size_t{2} * kMany);
  w.clock.advance(std::chrono::seconds(6));
  move_all([&](const std::string& widget) { session.set(widget, 0); });
  session.run(w.script);
  EXPECT_EQ(w.log.size(), std::size_t{kMany});
}

// What was resolved ahead does not stay when it changes within the run; what was set goes first.
TEST(Renewal, AnEntryThatIsWrittenBeforeItsWidgetIsWhatIsRead) {
  World w;
  auto first = w.engine.cache_data("first", [](ms::Run& run) { return ms::slider(run, "a", 0, 9); },
                                   {.allow_widgets = true});
  auto keyed = w.engine.cache_data(
      "keyed", [](ms::Run& run) { return ms::slider(run, "n", 0, 9, {.key = "k"}); },
      {.allow_widgets = true});
  int written = -1;
  w.script = [&](ms::Run& run) {
    w.values.add("a", *first(run));
    if (written >= 0) {
      run.set_state("k", written);
      w.values.add("read", run.state("k", 0));
    }
    w.values.add("k", *keyed(run));
  };
  for (int n : {0, 1, 2, 0, 1, 2}) {
    w.run();
    w.session(0).set("a", n);
    w.session(0).set("k", n);
  }
  w.values.take();
  written = 5;
  w.run();
  EXPECT_EQ(w.values.take(), Lines("a 2", "read 2", "k 2"));
  w.session(0).set("a", 1);
  w.run();
  EXPECT_EQ(w.values.take(), Lines("a 1", "read 5", "k 5"));
}

TEST(Renewal, AWidgetWithAKeyIsNoOtherThanOneWithout) {
  World w({.hash = &counting_hash});
  std::vector<ms::Cached<const int, int>> functions;
  for (int f = 0; f < 3; ++f) {
    functions.push_back(w.engine.cache_data("f" + std::to_string(f),
                                            [](ms::Run& run, int f) {
                                              return ms::slider(run, "n", 0, 9,
                                                                {.key = "k" + std::to_string(f)});
                                            },
                                            {.allow_widgets = true}));
  }
  std::vector<int> got;
  w.script = [&](ms::Run& run) {
    got.clear();
    for (int f = 0; f < 3; ++f) got.push_back(*functions[static_cast<std::size_t>(f)](run, f));
    EXPECT_EQ(run.state("k1", -1), got[1]);
  };
  for (int n : {1, 2, 1, 2, 1, 2}) {
    w.run();
    hashed = 0;
    w.session(0).set("k1", n);
  }
  w.run();
  EXPECT_EQ(hashed, 1);
  EXPECT_EQ(got, (std::vector<int>{0, 2, 0}));
  EXPECT_EQ(w.session(0).value("k1"), ms::Value(2));
}

// The leases of all entries of a function.
std::vector<const ms::detail::StoreLease*> leases_of(World& w, const char* name) {
  std::vector<const ms::detail::StoreLease*> leases;
  ms::detail::core_of(w.engine)->functions.find(name)->second->roots.for_each(
      [&](const ms::detail::Node& root) {
        ms::detail::for_each_leaf(root, [&](const ms::detail::Permutation& leaf) {
          leaf.leases.for_each([&](ms::detail::StoreLease& lease) { leases.push_back(&lease); });
        });
      });
  return leases;
}

// On the same path with other values the session keeps its lease, which is led there; another path
// gets another one, and the one before is given up.
TEST(Renewal, LeadsTheLeaseHoweverLongThePathIs) {
  World w;
  const auto f = w.engine.cache_data(
      "f",
      [](ms::Run& run) {
        const int sum = ms::slider(run, "a", 0, 9) + ms::slider(run, "b", 0, 9);
        return sum + (ms::checkbox(run, "more") ? ms::slider(run, "c", 0, 9) : 0);
      },
      {.allow_widgets = true});
  w.script = [&](ms::Run& run) { f(run); };
  const auto set = [&](int a, bool more) {
    w.session().set("a", a);
    w.session().set("more", more);
    for (int i = 0; i < 3; ++i) w.session().run(w.script);
    return leases_of(w, "f");
  };
  w.session().run(w.script);
  const auto first = set(0, false);
  ASSERT_EQ(first.size(), 1U);
  set(1, false);
  EXPECT_EQ(set(0, false), first);
  EXPECT_EQ(set(1, false), first);
  const auto longer = set(1, true);
  ASSERT_EQ(longer.size(), 1U);
  EXPECT_NE(longer, first);
}

}  // namespace
}  // namespace memoscape::testing

// Foresight: calls that a script makes in the same order run after run, with other answers each
// time, are looked up together. What it expects is a hint: the answer is always the right one.
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "counting_hash.hpp"
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

TEST(Foresight, CallsThatFollowAsBeforeAreLookedUpByWhatTheirValuesAreAlone) {
  World w({.hash = &counting_hash});
  Dashboard d(w);
  d.run(0);
  hashed = 0;
  d.run(1);
  EXPECT_EQ(hashed, kFunctions);  // the values: neither functions nor arguments
  EXPECT_EQ(w.log.take(), Lines());
}

TEST(Foresight, WhatWasClearedSinceIsNoAnswer) {
  World w;
  Dashboard d(w);
  d.run(0);
  d.between = [&](ms::Run&, int f) {
    if (f == 3) d.functions[9].clear();
  };
  d.run(1);
  EXPECT_EQ(w.log.take(), Lines("f 9"));
}

TEST(Foresight, WhatWasEvictedSinceIsNoAnswer) {
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

TEST(Foresight, AFunctionThatWasRegisteredAgainIsAnotherOne) {
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

TEST(Foresight, AnEntryThatExpiresMeanwhileIsNoAnswer) {
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

TEST(Foresight, AnotherOrderIsNoMatter) {
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
TEST(Foresight, AWidgetWithAKeyTakesWhatTheScriptHasWritten) {
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

TEST(Foresight, PathsThatPartAreFound) {
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

}  // namespace
}  // namespace memoscape::testing

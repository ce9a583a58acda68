// The order of calls, as shortcuts keep it for eviction and for the advice: that of the same calls
// of which nothing is remembered.
#include <cstddef>
#include <string>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

// When something must go soon, what shortcuts answer is told at the end of each run, in its order.
TEST(Shortcuts, TheOrderOfUseIsThatOfTheRunsWhenTheStoreIsCrowded) {
  World w({.limits = {.max_entries = 3}, .eviction = ms::Eviction::lru});
  auto f = w.engine.cache_data("f", [&w](const std::string& name) {
    w.log.add("f", name);
    return name;
  });
  const auto call = [&](int user, const char* name) {
    w.session(user).run([&](ms::Run& run) { f(run, name); });
  };
  for (int i = 0; i < 6; ++i) call(1, "x");  // by a shortcut at the end
  for (int i = 0; i < 6; ++i) call(2, "y");
  call(3, "z");  // now it is crowded
  call(2, "y");
  call(1, "x");
  call(3, "z");
  w.log.take();
  call(4, "w");  // y was used least recently
  call(5, "z");
  call(5, "x");
  EXPECT_EQ(w.log.take(), Lines("f w"));
}

// The hit ratios that are advised after runs that call with these arguments, of one user or, as if
// nothing were remembered, each of another. What is `stored` was called by another one before.
struct Advised {
  bool shows = false;
  int stored = 0;

  std::vector<double> operator()(const std::vector<std::vector<int>>& runs, bool remembers) const;
};
std::vector<double> Advised::operator()(const std::vector<std::vector<int>>& runs,
                                        bool remembers) const {
  ms::Engine engine({.eviction = ms::Eviction::lru});
  ms::Session session(engine);
  const auto f = engine.cache_data("f", [this](ms::Run& run, int n) {
    if (shows) ms::text(run, std::to_string(n));
    return std::string(10'000, 'x') + std::to_string(n);
  });
  engine.run([&](ms::Run& run) {
    for (int n = 0; n < stored; ++n) f(run, n);
  });
  for (const std::vector<int>& calls : runs) {
    const auto script = [&](ms::Run& run) {
      for (const int n : calls) f(run, n);
    };
    remembers ? session.run(script) : engine.run(script);
  }
  std::vector<double> ratios;
  for (const ms::AdvicePoint& point : engine.advise().engine.points) {
    ratios.push_back(point.hit_ratio);
  }
  return ratios;
}

// The advice is that of the same calls by users of whom nothing is remembered.
TEST(Shortcuts, KeepTheOrderOfCallsForTheAdvice) {
  for (const std::size_t calls : {1U, 7U, 2'000U}) {
    SCOPED_TRACE(calls);
    std::vector<std::vector<int>> runs;
    for (int n = 0; n < 2'000; ++n) {
      if (runs.empty() || runs.back().size() == calls) runs.emplace_back();
      runs.back().push_back(n % 3 == 0 ? 1'000 + n : n % 11);
    }
    EXPECT_EQ(Advised()(runs, true), Advised()(runs, false));
  }
}

// A run that goes on as one did some runs ago has parted from the one before.
TEST(Shortcuts, KeepTheOrderWhenARunBetweenMadeACallThatIsNotRemembered) {
  for (const bool shows : {false, true}) {
    SCOPED_TRACE(shows);
    std::vector<std::vector<int>> runs;
    for (int n = 0; n < 500; ++n) {
      runs.push_back({1});
      runs.push_back({1'000 + n});
    }
    const Advised advised{.shows = shows};
    const std::vector<double> ratios = advised(runs, true);
    EXPECT_EQ(ratios, advised(runs, false));
    EXPECT_EQ(ratios.at(3), 0) << "room for one: it is always the other one that is called";
  }
}

TEST(Shortcuts, KeepTheOrderOfTheirHitsAndThoseThatWereLookedUpBetween) {
  constexpr int kMany = 500;
  std::vector<std::vector<int>> runs;
  for (int n = 0; n < kMany; ++n) runs.push_back({2 * kMany, n, 2 * kMany, kMany + n});
  const Advised advised{.stored = 2 * kMany};
  const std::vector<double> ratios = advised(runs, true);
  EXPECT_EQ(ratios, advised(runs, false));
  EXPECT_EQ(ratios.at(1), 0) << "room for one: nothing is called twice in a row";
}

TEST(Shortcuts, AChangedOrderOfCallsIsFound) {
  Twin twin([](World& w) {
    std::vector<ms::Cached<const int>> f;
    for (int i = 0; i < 4; ++i) {
      f.push_back(w.engine.cache_data("f" + std::to_string(i),
                                      [&w, i](ms::Run& run) {
                                        w.log.add("f", i);
                                        return ms::slider(run, "s" + std::to_string(i), 0, 9, i);
                                      },
                                      {.allow_widgets = true}));
    }
    return [=, &w](ms::Run& run) {
      const int first = run.state("first", 0);
      for (int i = 0; i < 4; ++i) w.show(run, *f[static_cast<std::size_t>((first + i) % 4)](run));
    };
  });
  for (int i = 0; i < 4; ++i) twin.run();
  twin.log();
  for (const int first : {2, 1, 3, 0, 2}) {
    twin.each([&](World& w) { w.session().set_state("first", first); });
    twin.run();
    twin.set("s" + std::to_string(first), 7 - first);
    twin.run();
  }
}

}  // namespace
}  // namespace memoscape::testing

// Scenarios about limits and the end of entries.
#include <string>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

using std::chrono::seconds;

TEST(Scenario, MaxEntriesCountsPermutations) {
  both_kinds([](auto cache) {
    const CommonOptions one = {.allow_widgets = true, .limits = {.max_entries = 1}};
    Twin twin([&](World& w) {
      auto slides = cache(
          w, "slides",
          [&w](ms::Run& run) {
            const int n = ms::slider(run, "n", 0, 199, 0);
            w.log.add(n);
            return n;
          },
          one);
      auto types = cache(
          w, "types",
          [&w](ms::Run& run) {
            const std::string text = ms::text_input(run, "word");
            w.log.add("'" + text + "'");
            return text;
          },
          one);
      return [=, &w](ms::Run& run) {
        w.show(run, *slides(run));
        w.show(run, *types(run));
      };
    });
    EXPECT_EQ(twin.run(), "slider n=0, text 0, text_input word=, markdown");
    World& w = twin.cached();
    const std::uint64_t slides = w.charged("slides");
    const std::uint64_t all = w.charged();
    for (int n = 1; n < 200; ++n) {
      twin.set("n", n);
      EXPECT_EQ(twin.entries(), 2U);
      EXPECT_EQ(w.charged("slides"), slides);
      EXPECT_EQ(w.charged(), all);
    }
    EXPECT_EQ(twin.log().all.size(), 201U);
    for (int i = 0; i < 500; ++i) {
      twin.set("word", "word" + std::to_string(i));
      EXPECT_EQ(twin.cached().function("types").permutations, 1U);
      EXPECT_LE(w.charged(), all + 100);  // the words are longer than no word
    }
    EXPECT_EQ(twin.log().all.size(), 500U);
    EXPECT_EQ(twin.cached().function("types").counters.evicted_entries, 500U);
  });
}

TEST(Scenario, TtlIsPerPermutation) {
  both_kinds([](auto cache) {
    World w;
    int now = 0;
    std::uint64_t one = 0;  // bytes of the first permutation, the tuple's included
    auto f = cache(w, "f",
                   [&](ms::Run& run) {
                     const int n = ms::slider(run, "n", 0, 99, 0);
                     w.log.add(n, "at", now);
                     return now;
                   },
                   {.allow_widgets = true, .limits = {.ttl = seconds(60)}});
    w.script = [&](ms::Run& run) { w.show(run, *f(run)); };
    for (int i = 0; i < 17; ++i) {
      if (i > 0) w.session().set("n", i);
      EXPECT_EQ(w.run(), "slider n=" + std::to_string(i) + ", text " + std::to_string(now));
      if (i > 0) {  // the one before is 30 s old: a hit that does not renew it
        w.session().set("n", i - 1);
        EXPECT_EQ(w.run(),
                  "slider n=" + std::to_string(i - 1) + ", text " + std::to_string(now - 30));
      }
      // The one before that is 60 s old, and has been freed.
      EXPECT_LE(w.entries(), 2U);
      if (i == 0) one = w.charged("f");
      EXPECT_LE(w.charged("f"), 2 * one);
      w.clock.advance(seconds(30));
      now += 30;
    }
    EXPECT_EQ(now, 510);
    EXPECT_EQ(w.log.take().all.size(), 17U);
    w.session().set("n", 0);
    EXPECT_EQ(w.run(), "slider n=0, text 510");
    EXPECT_EQ(w.log.take(), Lines("0 at 510"));
    w.clock.advance(seconds(60));
    now += 60;
    EXPECT_EQ(w.run(), "slider n=0, text 570");  // 60 s old is too old
  });
}

TEST(Scenario, ExpiredMemoryIsFreed) {
  both_kinds([](auto cache) {
    World w;
    auto other = w.engine.cache_data("other", [] { return 0; });
    w.run([&](ms::Run& run) { other(run); });
    const std::uint64_t before = w.engine.report().totals.charged;
    auto f =
        cache(w, "f",
              [](ms::Run& run) {
                return std::string(10'000, 'x') + std::to_string(ms::slider(run, "n", 0, 9, 0));
              },
              {.allow_widgets = true, .limits = {.ttl = seconds(60)}});
    for (int n = 0; n < 10; ++n) {
      w.session().preset("n", n);
      w.run([&](ms::Run& run) { f(run); });
    }
    EXPECT_EQ(w.function("f").permutations, 10U);
    EXPECT_GT(w.engine.report().totals.charged, before + 100'000);
    w.clock.advance(400 * seconds(60));
    w.run(1, [&](ms::Run& run) { other(run); });
    EXPECT_EQ(w.function("f").permutations, 0U);
    EXPECT_EQ(w.function("f").counters.expired, 10U);
    EXPECT_EQ(w.engine.report().totals.charged, before);
    EXPECT_EQ(w.engine.report().totals.held, 0U);
  });
}

std::uint64_t bytes_after(int tuples, bool with_widget) {
  World w;
  auto f = w.engine.cache_data("f",
                               [with_widget](ms::Run& run, int n) {
                                 if (with_widget) n += ms::slider(run, "n", 0, 9, 5);
                                 ms::text(run, std::to_string(n));
                                 return n;
                               },
                               {.allow_widgets = true, .limits = {.max_entries = 2}});
  for (int i = 0; i < tuples; ++i) {
    w.run([&](ms::Run& run) { f(run, 1000 + i); });
  }
  EXPECT_EQ(w.entries(), 2U);
  const ms::Totals totals = w.engine.report().totals;
  return totals.charged + totals.fixed + totals.held + totals.under_construction;
}

TEST(Scenario, BookkeepingIsBounded) {
  EXPECT_EQ(bytes_after(1000, false), bytes_after(2, false));
  EXPECT_EQ(bytes_after(1000, true), bytes_after(2, true));
}

TEST(Scenario, ClearDuringExecution) {
  both_kinds([](auto cache) {
    using Clear = std::function<void(World&, const std::function<void()>&)>;
    const std::vector<std::pair<const char*, Clear>> clears = {
        {"engine", [](World& w, const auto&) { w.engine.clear(); }},
        {"kind", [&](World& w, const auto&) { w.engine.clear(decltype(cache)::kKind); }},
        {"function or arguments", [](World&, const auto& own) { own(); }},
        {"if", [](World& w, const auto&) { w.engine.clear_if([](const auto&) { return true; }); }},
    };
    for (const auto& [name, clear] : clears) {
      for (const bool by_arguments : {false, true}) {
        SCOPED_TRACE(name);
        World w;
        std::function<void()> in_the_middle = [] {};
        auto f = cache(w, "f",
                       [&](ms::Run& run, int base) {
                         const int n = ms::slider(run, "n", 0, 9, 5);
                         w.log.add("f", n);
                         in_the_middle();
                         return base + n;
                       },
                       {.allow_widgets = true});
        w.script = [&](ms::Run& run) { w.show(run, *f(run, 1)); };
        in_the_middle = [&, clear = clear] {
          clear(w, [&] { by_arguments ? f.clear(1) : f.clear(); });
        };
        EXPECT_EQ(w.run(), "slider n=5, text 6");
        EXPECT_EQ(w.entries(), 0U);
        EXPECT_EQ(w.function("f").counters.discarded, 1U);
        in_the_middle = [] {};
        EXPECT_EQ(w.run(), "slider n=5, text 6");
        EXPECT_EQ(w.run(), "slider n=5, text 6");
        EXPECT_EQ(w.log.take(), Lines("f 5", "f 5"));
      }
    }
  });
}

TEST(Scenario, VersionChangeFreesOldEntries) {
  both_kinds([](auto cache) {
    World w;
    const auto register_version = [&](int version) {
      return cache(w, "f",
                   [&w, version](int argument) {
                     w.log.add("version", version);
                     return std::string(10'000, 'x') + std::to_string(version + argument);
                   },
                   {.version = std::to_string(version)});
    };
    auto old = register_version(0);
    std::uint64_t charged = 0;
    for (int version = 1; version <= 5; ++version) {
      w.run([&](ms::Run& run) { old(run, 1); });
      EXPECT_EQ(w.entries(), 1U);
      const std::uint64_t now = w.engine.report().totals.charged;
      if (version > 1) {
        EXPECT_EQ(now, charged);
      }
      charged = now;
      auto fresh = register_version(version);
      EXPECT_EQ(w.entries(), 0U);
      EXPECT_EQ(w.engine.report().totals.charged, 0U);
      w.run([&](ms::Run& run) {
        const std::string why = message_of<ms::StaleFunctionError>([&] { old(run, 1); });
        EXPECT_TRUE(names(why, "f")) << why;
      });
      old = fresh;
    }
    EXPECT_EQ(w.log.take(), Lines("version 0", "version 1", "version 2", "version 3", "version 4"));
  });
}

TEST(Scenario, IrrelevantWidgetsShareOneBuffer) {
  Twin twin([](World& w) {
    auto f = w.engine.cache_data("f",
                                 [&w](ms::Run& run) {
                                   int sum = 0;
                                   for (const char* name : {"a", "b", "c", "d", "e"}) {
                                     sum += ms::slider(run, name, 0, 10, 0);
                                   }
                                   const bool half = ms::checkbox(run, "half");
                                   w.log.add(sum, half);
                                   return std::string(half ? 50'000 : 100'000, 'x');
                                 },
                                 {.allow_widgets = true});
    return [=, &w](ms::Run& run) { w.show(run, f(run)->size()); };
  });
  twin.run();
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    for (int n = 1; n <= 10; ++n) twin.set(name, n);
  }
  twin.set("half", true);
  EXPECT_EQ(twin.log().all.size(), 52U);
  EXPECT_EQ(twin.entries(), 52U);
  using Effect = ms::WidgetRow::Effect;
  const ms::Report report = twin.cached().engine.report();
  EXPECT_GE(report.totals.charged, 150'000U);
  EXPECT_LT(report.totals.charged, 300'000U);  // two buffers, and 52 permutations of 2 kB
  // 50 of 51 buffers of 100 kB.
  EXPECT_GE(report.totals.saved_by_sharing, 5'000'000U);
  EXPECT_LT(report.totals.saved_by_sharing, 5'100'000U);
  ASSERT_EQ(report.widgets.size(), 6U);
  for (const ms::WidgetRow& row : report.widgets) {
    const bool half = row.variable == "checkbox half";
    EXPECT_EQ(row.effect, half ? Effect::changed : Effect::never_changed) << row.variable;
    EXPECT_EQ(row.distinct_values, half ? 2U : 11U);
    EXPECT_EQ(row.permutations, 52U);
  }
}

// Outer built on inner, and how inner ends.
struct Nest {
  explicit Nest(auto cache, const CommonOptions& inner_options = {})
      : twin([&](World& w) {
          auto inner = cache(
              w, "inner",
              [&w](int n) {
                w.log.add("inner", n);
                return n;
              },
              inner_options);
          auto outer = cache(w, "outer", [&w, inner](ms::Run& run) {
            w.log.add("outer");
            return *inner(run, 1) * 10;
          });
          w.values.take();
          clear_inner.push_back([inner] { inner.clear(1); });
          return [=, &w](ms::Run& run) {
            if (run.state<bool>("others")) {
              for (int n = 2; n < 6; ++n) w.show(run, *inner(run, n));
            } else {
              w.show(run, *outer(run));
            }
          };
        }) {}

  std::vector<std::function<void()>> clear_inner;
  Twin twin;
};

TEST(Scenario, InnerClearReachesOuter) {
  both_kinds([](auto cache) {
    Nest evicted(cache, {.limits = {.max_entries = 1}});
    EXPECT_EQ(evicted.twin.run(), "text 10");
    EXPECT_EQ(evicted.twin.log(), Lines("outer", "inner 1"));
    World& w = evicted.twin.cached();
    const std::uint64_t both = w.charged();
    const std::uint64_t outer = w.charged("outer");
    evicted.twin.each([](World& w) { w.session().set_state("others", true); });
    evicted.twin.run();  // pushes inner(1) out
    evicted.twin.each([](World& w) { w.session().set_state("others", false); });
    evicted.twin.log();
    EXPECT_EQ(evicted.twin.run(), "text 10");
    EXPECT_EQ(evicted.twin.log(), Lines());  // eviction alone ends nothing
    EXPECT_EQ(w.charged("outer"), outer);
    EXPECT_GT(w.charged("inner"), both - outer) << "another entry, and the identity of the evicted";
    for (const auto& clear : evicted.clear_inner) clear();
    EXPECT_EQ(w.function("outer").bytes.total(), 0U);
    EXPECT_EQ(w.engine.totals().held, 0U);
    EXPECT_EQ(evicted.twin.run(), "text 10");
    EXPECT_EQ(evicted.twin.log(), Lines("outer", "inner 1"));
    EXPECT_EQ(w.charged(), both);
    EXPECT_EQ(evicted.twin.cached().function("outer").counters.ended_with_inner, 1U);

    Nest expired(cache, {.limits = {.ttl = seconds(60)}});
    expired.twin.run();
    expired.twin.log();
    expired.twin.advance(seconds(59));
    expired.twin.run();
    EXPECT_EQ(expired.twin.log(), Lines());
    expired.twin.advance(seconds(1));
    expired.twin.run();
    EXPECT_EQ(expired.twin.log(), Lines("outer", "inner 1"));
  });
}

TEST(Scenario, FailedValidationOfInnerReachesOuter) {
  World w;
  bool good = true;
  auto inner = w.engine.cache_resource("inner",
                                       [&w] {
                                         w.log.add("inner");
                                         return 1;
                                       },
                                       {.validate = [&](const int&) { return good; }});
  auto outer = w.engine.cache_data("outer", [&w, inner](ms::Run& run) {
    w.log.add("outer");
    return *inner(run) * 10;
  });
  w.script = [&](ms::Run& run) {
    if (run.state<bool>("inner first")) inner(run);
    w.show(run, *outer(run));
  };
  w.run();
  EXPECT_EQ(w.log.take(), Lines("outer", "inner"));
  w.session().set_state("inner first", true);
  w.run();
  EXPECT_EQ(w.log.take(), Lines());
  good = false;
  EXPECT_EQ(w.run(), "text 10");
  EXPECT_EQ(w.log.take(), Lines("inner", "outer", "inner"));
}

}  // namespace
}  // namespace memoscape::testing

// Scenarios about limits and the end of entries.
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

using std::chrono::seconds;

TEST(Scenario, MaxEntriesCountsPermutations) {
  each_way([](auto cache) {
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
      EXPECT_EQ(twin.set("n", n), "slider n=" + std::to_string(n) + ", text " + std::to_string(n) +
                                      ", text_input word=, markdown");
      EXPECT_EQ(twin.entries(), 2U);
      EXPECT_EQ(w.charged("slides"), slides);
      EXPECT_EQ(w.charged(), all);
    }
    Lines executed("0", "''");
    for (int n = 1; n < 200; ++n) executed.all.push_back(std::to_string(n));
    EXPECT_EQ(twin.log(), executed);
    for (int i = 0; i < 500; ++i) {
      const std::string word = "word" + std::to_string(i);
      EXPECT_EQ(twin.set("word", word),
                "slider n=199, text 199, text_input word=" + word + ", markdown " + word);
      EXPECT_EQ(twin.cached().function("types").permutations, 1U);
      EXPECT_LE(w.charged(), all + 100);  // the words are longer than no word
    }
    Lines typed;
    for (int i = 0; i < 500; ++i) typed.all.push_back("'word" + std::to_string(i) + "'");
    EXPECT_EQ(twin.log(), typed);
    EXPECT_EQ(twin.cached().function("types").counters.evicted_entries, 500U);
  });
}

// What a function gave, and when it executed; the page shows the first alone.
struct Stamped {
  int value;
  int second;
};

TEST(Scenario, TtlIsPerPermutation) {
  each_way([](auto cache) {
    int now = 0;
    int age = 0;            // of the value that the cached world showed last
    std::uint64_t one = 0;  // bytes of the first permutation, the tuple's included
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&](ms::Run& run) {
                       const int n = ms::slider(run, "n", 0, 99, 0);
                       w.log.add(n, "at", now);
                       return Stamped{n * 10, now};
                     },
                     {.allow_widgets = true, .limits = {.ttl = seconds(60)}});
      return [&, f](ms::Run& run) {
        const auto got = f(run);
        if (w.cached) age = now - got->second;
        w.show(run, got->value);
      };
    });
    const auto page = [](int n) {
      return "slider n=" + std::to_string(n) + ", text " + std::to_string(n * 10);
    };
    const auto wait = [&](int time) {
      twin.advance(seconds(time));
      now += time;
    };
    Lines executed;
    for (int i = 0; i < 17; ++i) {
      EXPECT_EQ(i == 0 ? twin.run() : twin.set("n", i), page(i));
      executed.all.push_back(std::to_string(i) + " at " + std::to_string(now));
      EXPECT_EQ(age, 0);
      if (i > 0) {  // the one before is 30 s old: a hit that does not renew it
        EXPECT_EQ(twin.set("n", i - 1), page(i - 1));
        EXPECT_EQ(age, 30);
      }
      // The one before that is 60 s old, and has been freed.
      EXPECT_LE(twin.entries(), 2U);
      if (i == 0) one = twin.cached().charged("f");
      EXPECT_LE(twin.cached().charged("f"), 2 * one);
      wait(30);
    }
    EXPECT_EQ(now, 510);
    EXPECT_EQ(twin.log(), executed);
    EXPECT_EQ(twin.set("n", 0), page(0));
    EXPECT_EQ(twin.log(), Lines("0 at 510"));
    wait(59);
    EXPECT_EQ(twin.run(), page(0));
    EXPECT_EQ(age, 59);
    EXPECT_EQ(twin.log(), Lines());
    wait(1);
    EXPECT_EQ(twin.run(), page(0));  // 60 s old is too old
    EXPECT_EQ(twin.log(), Lines("0 at 570"));
  });
}

TEST(Scenario, ExpiredMemoryIsFreed) {
  each_way([](auto cache) {
    constexpr int alice = 0, bob = 1;
    Twin twin([&](World& w) {
      auto other = cache(w, "other", [&w] {
        w.log.add("other");
        return 0;
      });
      auto f = cache(w, "f",
                     [&w](ms::Run& run) {
                       const int n = ms::slider(run, "n", 0, 9, 0);
                       w.log.add("f", n);
                       return std::string(10'000, 'x') + std::to_string(n);
                     },
                     {.allow_widgets = true, .limits = {.ttl = seconds(60)}});
      return [=, &w](ms::Run& run) {
        if (w.user(run) == bob) {
          w.show(run, *other(run));
        } else {
          w.show(run, f(run)->back() - '0');
        }
      };
    });
    EXPECT_EQ(twin.run(bob), "text 0");
    World& w = twin.cached();
    const std::uint64_t before = w.charged();
    EXPECT_EQ(twin.run(alice), "slider n=0, text 0");
    Lines executed("other", "f 0");
    for (int n = 1; n < 10; ++n) {
      EXPECT_EQ(twin.set("n", n, alice),
                "slider n=" + std::to_string(n) + ", text " + std::to_string(n));
      executed.all.push_back("f " + std::to_string(n));
    }
    EXPECT_EQ(twin.log(), executed);
    EXPECT_EQ(w.function("f").permutations, 10U);
    EXPECT_GT(w.charged(), before + 100'000);
    twin.advance(400 * seconds(60));
    EXPECT_EQ(twin.run(bob), "text 0");
    EXPECT_EQ(w.function("f").permutations, 0U);
    EXPECT_EQ(w.function("f").counters.expired, 10U);
    EXPECT_EQ(w.charged("f"), 0U);
    EXPECT_EQ(w.charged(), before);
    EXPECT_EQ(w.engine.totals().held, 0U);
    EXPECT_EQ(twin.log(), Lines());
  });
}

std::uint64_t bytes_after(const auto& cache, int tuples, bool with_widget) {
  int argument = 0;
  Twin twin([&](World& w) {
    auto f = cache(w, "f",
                   [&w, with_widget](ms::Run& run, int n) {
                     w.log.add("f", n);
                     if (with_widget) n += ms::slider(run, "n", 0, 9, 5);
                     ms::text(run, std::to_string(n));
                     return n;
                   },
                   {.allow_widgets = true, .limits = {.max_entries = 2}});
    return [&, f](ms::Run& run) { w.show(run, *f(run, argument)); };
  });
  Lines executed;
  for (argument = 1000; argument < 1000 + tuples; ++argument) {
    const std::string n = std::to_string(argument + (with_widget ? 5 : 0));
    EXPECT_EQ(twin.run(), (with_widget ? "slider n=5, text " : "text ") + n + ", text " + n);
    executed.all.push_back("f " + std::to_string(argument));
  }
  EXPECT_EQ(twin.log(), executed);
  EXPECT_EQ(twin.entries(), 2U);
  const ms::Totals totals = twin.cached().engine.totals();
  return totals.charged + totals.fixed + totals.held + totals.under_construction;
}

TEST(Scenario, BookkeepingIsBounded) {
  each_way([](auto cache) {
    for (const bool with_widget : {false, true}) {
      EXPECT_EQ(bytes_after(cache, 1000, with_widget), bytes_after(cache, 2, with_widget));
    }
  });
}

TEST(Scenario, ClearDuringExecution) {
  each_way([](auto cache) {
    using Clear = std::function<void(World&, const std::function<void()>&)>;
    const std::vector<std::pair<const char*, Clear>> clears = {
        {"engine", [](World& w, const auto&) { w.engine.clear(); }},
        {"kind", [&](World& w, const auto&) { w.engine.clear(decltype(cache)::kKind); }},
        {"function or arguments", [](World&, const auto& own) { own(); }},
        {"if", [](World& w, const auto&) { w.engine.clear_if([](const auto&) { return true; }); }},
    };
    for (const auto& one : clears) {
      const Clear& clear = one.second;
      for (const bool by_arguments : {false, true}) {
        SCOPED_TRACE(one.first);
        bool clearing = true;
        std::map<const World*, std::function<void()>> clear_own;
        Twin twin([&](World& w) {
          auto f = cache(w, "f",
                         [&](ms::Run& run, int base) {
                           const int n = ms::slider(run, "n", 0, 9, 5);
                           w.log.add("f", n);
                           if (clearing) clear(w, clear_own.at(&w));
                           return base + n;
                         },
                         {.allow_widgets = true});
          clear_own[&w] = [=] { by_arguments ? f.clear(1) : f.clear(); };
          return [=, &w](ms::Run& run) { w.show(run, *f(run, 1)); };
        });
        EXPECT_EQ(twin.run(), "slider n=5, text 6");
        EXPECT_EQ(twin.entries(), 0U);
        EXPECT_EQ(twin.cached().function("f").counters.discarded, 1U);
        clearing = false;
        EXPECT_EQ(twin.run(), "slider n=5, text 6");
        EXPECT_EQ(twin.run(), "slider n=5, text 6");
        EXPECT_EQ(twin.log(), Lines("f 5", "f 5"));
      }
    }
  });
}

TEST(Scenario, VersionChangeFreesOldEntries) {
  each_way([](auto cache) {
    using Call = std::function<void(ms::Run&)>;
    std::map<const World*, Call> calls, old_calls;
    const auto register_version = [&](World& w, int version) -> Call {
      auto f = cache(w, "f",
                     [&w, version](int argument) {
                       w.log.add("version", version);
                       return std::string(10'000, 'x') + std::to_string(version + argument);
                     },
                     {.version = std::to_string(version)});
      return [=, &w](ms::Run& run) { w.show(run, f(run, 1)->back() - '0'); };
    };
    Twin twin([&](World& w) {
      calls[&w] = register_version(w, 0);
      return [&](ms::Run& run) {
        if (const Call& old = old_calls[&w]) {
          const std::string why = message_of<ms::StaleFunctionError>([&] { old(run); });
          EXPECT_TRUE(names(why, "f")) << why;
        }
        calls[&w](run);
      };
    });
    EXPECT_EQ(twin.run(), "text 1");
    const std::uint64_t charged = twin.cached().charged();
    for (int version = 1; version <= 5; ++version) {
      twin.each([&](World& w) {
        old_calls[&w] = std::exchange(calls[&w], register_version(w, version));
        EXPECT_EQ(w.entries(), 0U);
        EXPECT_EQ(w.charged(), 0U);
      });
      EXPECT_EQ(twin.run(), "text " + std::to_string(version + 1));
      EXPECT_EQ(twin.run(), "text " + std::to_string(version + 1));
      EXPECT_EQ(twin.entries(), 1U);
      EXPECT_EQ(twin.cached().charged(), charged);
    }
    EXPECT_EQ(twin.log(),
              Lines("version 0", "version 1", "version 2", "version 3", "version 4", "version 5"));
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
  const auto page = [](const std::string& moved, int n, bool half) {
    std::string text;
    for (const char* name : {"a", "b", "c", "d", "e"}) {
      text += ms::format("slider {}={}, ", name, moved == name ? n : name < moved ? 10 : 0);
    }
    return text + (half ? "checkbox half=yes, text 50000" : "checkbox half=no, text 100000");
  };
  EXPECT_EQ(twin.run(), page("", 0, false));
  Lines executed("0 0");
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    for (int n = 1; n <= 10; ++n) {
      EXPECT_EQ(twin.set(name, n), page(name, n, false));
      executed.all.push_back(std::to_string((name[0] - 'a') * 10 + n) + " 0");
    }
  }
  World& w = twin.cached();
  // One buffer for all 51 permutations: charged once, and what it saves is in the report.
  ms::Report report = w.engine.report();
  ASSERT_EQ(report.permutations.size(), 51U);
  const std::uint64_t buffer = report.permutations[0].shared_value;
  EXPECT_GE(buffer, 100'000U);
  EXPECT_LT(buffer, 101'000U);
  for (const ms::PermutationRow& row : report.permutations) {
    EXPECT_EQ(row.sharers, 51U) << row.id;
    EXPECT_EQ(row.shared_value, buffer) << row.id;
    EXPECT_EQ(row.bytes.value, 0U) << row.id;
  }
  EXPECT_EQ(report.functions[0].shared_values, buffer);
  EXPECT_GE(report.totals.shared, buffer);
  EXPECT_LT(report.totals.charged, buffer + 51 * 2'500);
  EXPECT_EQ(report.totals.saved_by_sharing, 50 * buffer);
  std::string text = ms::to_text(report);
  std::erase(text, ',');
  const auto line = [&](const char* name) {
    const std::size_t begin = text.find(name);
    return begin == std::string::npos ? text : text.substr(begin, text.find('\n', begin) - begin);
  };
  const std::uint64_t unshared = report.totals.charged + 50 * buffer;
  EXPECT_TRUE(contains(line("= charged"), std::to_string(report.totals.charged))) << text;
  EXPECT_TRUE(contains(line("without sharing"), std::to_string(unshared))) << text;

  EXPECT_EQ(twin.set("half", true), page("f", 0, true));
  executed.all.push_back("50 1");
  EXPECT_EQ(twin.log(), executed);
  EXPECT_EQ(twin.entries(), 52U);
  using Effect = ms::WidgetRow::Effect;
  report = w.engine.report();
  EXPECT_EQ(report.totals.saved_by_sharing, 50 * buffer);
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
  each_way([](auto cache) {
    Nest evicted(cache, {.limits = {.max_entries = 1}});
    EXPECT_EQ(evicted.twin.run(), "text 10");
    EXPECT_EQ(evicted.twin.log(), Lines("outer", "inner 1"));
    World& w = evicted.twin.cached();
    const std::uint64_t both = w.charged();
    const std::uint64_t outer = w.charged("outer");
    evicted.twin.each([](World& w) { w.session().set_state("others", true); });
    EXPECT_EQ(evicted.twin.run(), "text 2, text 3, text 4, text 5");  // pushes inner(1) out
    EXPECT_EQ(evicted.twin.log(), Lines("inner 2", "inner 3", "inner 4", "inner 5"));
    evicted.twin.each([](World& w) { w.session().set_state("others", false); });
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
    EXPECT_EQ(expired.twin.run(), "text 10");
    EXPECT_EQ(expired.twin.log(), Lines("outer", "inner 1"));
    expired.twin.advance(seconds(59));
    EXPECT_EQ(expired.twin.run(), "text 10");
    EXPECT_EQ(expired.twin.log(), Lines());
    expired.twin.advance(seconds(1));
    EXPECT_EQ(expired.twin.run(), "text 10");
    EXPECT_EQ(expired.twin.log(), Lines("outer", "inner 1"));
  });
}

// Only resources have a validator; with caching off nothing is there that it could see.
TEST(Scenario, FailedValidationOfInnerReachesOuter) {
  each_way([](auto cache) {
    bool good = true;
    Twin twin([&](World& w) {
      auto inner = w.engine.cache_resource("inner",
                                           [&w] {
                                             w.log.add("inner");
                                             return 1;
                                           },
                                           {.validate = [&](const int&) { return good; }});
      auto outer = cache(w, "outer", [&w, inner](ms::Run& run) {
        w.log.add("outer");
        return *inner(run) * 10;
      });
      return [=, &w](ms::Run& run) {
        if (run.state<bool>("inner first")) w.show(run, *inner(run));
        w.show(run, *outer(run));
      };
    });
    EXPECT_EQ(twin.run(), "text 10");
    EXPECT_EQ(twin.log(), Lines("outer", "inner"));
    twin.each([](World& w) { w.session().set_state("inner first", true); });
    EXPECT_EQ(twin.run(), "text 1, text 10");
    EXPECT_EQ(twin.log(), Lines());
    good = false;
    EXPECT_EQ(twin.run(), "text 1, text 10");
    EXPECT_EQ(twin.log(), Lines("inner", "outer", "inner"));
    EXPECT_EQ(twin.cached().function("outer").counters.ended_with_inner, 1U);
  });
}

}  // namespace
}  // namespace memoscape::testing

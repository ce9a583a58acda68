// Scenarios about keys and state spaces: what executes again, and what does not.
#include <string>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

TEST(Scenario, NewSessionHitsDefaults) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&w](ms::Run& run) {
                       const int n = ms::slider(run, "n", 0, 10, 5);
                       w.log.add("f", n);
                       return n * 2;
                     },
                     {.allow_widgets = true});
      return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
    });
    EXPECT_EQ(twin.run(0), "slider n=5, text 10");
    EXPECT_EQ(twin.run(1), "slider n=5, text 10");
    EXPECT_EQ(twin.log(), Lines("f 5"));
    EXPECT_EQ(twin.cached().function("f").counters.hits, 1U);
    // The other session's widget works on its own.
    EXPECT_EQ(twin.set("n", 7, 1), "slider n=7, text 14");
    EXPECT_EQ(twin.run(0), "slider n=5, text 10");
    EXPECT_EQ(twin.log(), Lines("f 7"));
  });
}

TEST(Scenario, LeavingAndReturningHits) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&w](ms::Run& run) {
                       const int n = ms::slider(run, "n", 0, 10, 5);
                       w.log.add("f", n);
                       return n;
                     },
                     {.allow_widgets = true});
      return [=, &w](ms::Run& run) {
        if (run.state<bool>("other page"))
          ms::text(run, "elsewhere");
        else
          w.show(run, *f(run));
      };
    });
    const auto go = [&](bool elsewhere) {
      twin.each([&](World& w) { w.session().set_state("other page", elsewhere); });
      return twin.run();
    };
    EXPECT_EQ(twin.run(), "slider n=5, text 5");
    EXPECT_EQ(twin.set("n", 6), "slider n=6, text 6");
    EXPECT_EQ(twin.log(), Lines("f 5", "f 6"));
    EXPECT_EQ(go(true), "text elsewhere");
    // The widget was not shown, so its state was dropped: back at the default.
    EXPECT_EQ(go(false), "slider n=5, text 5");
    EXPECT_EQ(twin.log(), Lines());
  });
}

TEST(Scenario, ToggleDoesNotDuplicate) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&w](ms::Run& run) {
                       int n = -1;
                       if (ms::checkbox(run, "more")) n = ms::slider(run, "n", 0, 99, 50);
                       w.log.add("f", n);
                       return n;
                     },
                     {.allow_widgets = true});
      return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
    });
    twin.run();
    Lines executed("f -1", "f 50");
    for (int n = 0; n < 10; ++n) {
      EXPECT_EQ(twin.set("more", true), "checkbox more=yes, slider n=50, text 50");
      twin.set("n", n);
      executed.all.push_back("f " + std::to_string(n));
      EXPECT_EQ(twin.set("more", false), "checkbox more=no, text -1");
    }
    for (int n = 9; n >= 0; --n) {
      twin.set("more", true);
      twin.set("n", n);
      twin.set("more", false);
    }
    EXPECT_EQ(twin.log(), executed);
    EXPECT_EQ(twin.entries(), 12U);
  });
}

TEST(Scenario, ModesDoNotMultiply) {
  both_kinds([](auto cache) {
    const std::vector<std::string> modes = {"a", "b", "c", "d"};
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&w, modes](ms::Run& run) {
                       const std::string mode = ms::selectbox(run, "mode", modes);
                       const int n = ms::slider(run, "level of " + mode, 0, 4, 0);
                       w.log.add(mode, n);
                       return mode + std::to_string(n);
                     },
                     {.allow_widgets = true});
      return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
    });
    twin.run();
    for (int round = 0; round < 2; ++round) {
      for (const std::string& mode : modes) {
        EXPECT_EQ(twin.set("mode", mode), "selectbox mode=" + mode + ", slider level of " + mode +
                                              "=0, markdown " + mode + "0");
        for (int n = 1; n < 5; ++n) twin.set("level of " + mode, n);
      }
      EXPECT_EQ(twin.log().all.size(), round == 0 ? 20U : 0U);
      EXPECT_EQ(twin.entries(), 20U);
    }
  });
}

// A function object.
struct Doubled {
  Log* log;
  int operator()(ms::Run& run) const {
    const int n = ms::slider(run, "n", 0, 10, 7);
    log->add("doubled", n);
    return n * 2;
  }
};

TEST(Scenario, SameBodyTwoPermissions) {
  both_kinds([](auto cache) {
    for (const bool forbidden_first : {true, false}) {
      Twin twin([&](World& w) {
        const Doubled body{&w.log};
        auto forbidden = cache(w, "forbidden", body);
        auto allowed = cache(w, "allowed", body, {.allow_widgets = true});
        return [=, &w](ms::Run& run) {
          const auto call_forbidden = [&] {
            const std::string why = message_of<ms::CachedWidgetError>([&] { forbidden(run); });
            EXPECT_TRUE(contains(why, "forbidden") && contains(why, "slider") && names(why, "n"))
                << why;
          };
          if (forbidden_first) call_forbidden();
          w.show(run, *allowed(run));
          if (!forbidden_first) call_forbidden();
        };
      });
      EXPECT_EQ(twin.run(), "slider n=7, text 14");
      EXPECT_EQ(twin.run(), "slider n=7, text 14");
      EXPECT_EQ(twin.log(), Lines("doubled 7"));
      EXPECT_EQ(twin.entries(), 1U);
    }
  });
}

// A value that counts what is done to it.
struct Touched {
  static inline int copies = 0;
  static inline int measured = 0;
  static inline int encodings = 0;
  static int all() { return copies + measured + encodings; }

  explicit Touched(int number) : n(number), bytes(100'000, 'x') {}
  Touched(const Touched& other) : n(other.n), bytes(other.bytes) { ++copies; }
  Touched(Touched&&) = default;
  Touched& operator=(const Touched&) = delete;
  std::size_t heap_bytes() const {
    ++measured;
    return ms::heap_bytes(bytes);
  }
  friend void encode(ms::Encoder& encoder, const Touched& value) {
    ++encodings;
    encoder.add(value.n, value.bytes);
  }

  int n;
  std::string bytes;
};

// How often a value from outside was checked against its widget: once per read that is resolved.
int g_checks = 0;
constexpr ms::WidgetKind kCheckedKind{
    .name = "checked", .misfit = [](const ms::Definition&, const ms::Value& value) {
      ++g_checks;
      return std::string(value.get_if<std::int64_t>() == nullptr ? "not a number" : "");
    }};

int hit_cost(int siblings) {
  World w;
  auto f = w.engine.cache_data(
      "f",
      [](ms::Run& run) {
        const ms::Place place(run);
        const ms::Value n = place.widget({.kind = &kCheckedKind, .label = "n", .initial = 0}).value;
        return Touched(static_cast<int>(*n.get_if<std::int64_t>()));
      },
      {.allow_widgets = true});
  w.script = [&](ms::Run& run) { w.show(run, f(run)->n); };
  w.run();
  for (int n = 1; n <= siblings; ++n) {
    w.session().set("n", n);
    w.run();
  }
  EXPECT_EQ(w.entries(), static_cast<std::uint64_t>(siblings) + 1);
  w.session().set("n", 1);
  const int touched = Touched::all();
  const int checks = g_checks;
  const std::uint64_t charged = w.charged();
  EXPECT_GE(charged, 100'000U * (static_cast<std::uint64_t>(siblings) + 1));
  EXPECT_EQ(w.run(), "checked n=1, text 1");
  EXPECT_EQ(Touched::all(), touched) << "a hit copies, measures and encodes nothing";
  EXPECT_EQ(w.function("f").counters.hits, 1U);
  EXPECT_EQ(w.charged(), charged);
  return g_checks - checks;
}

TEST(Scenario, HitCostIsIndependentOfSiblings) {
  const int alone = hit_cost(1);
  EXPECT_EQ(hit_cost(20), alone);
  EXPECT_EQ(hit_cost(200), alone);
}

TEST(Scenario, DynamicWidgets) {
  const std::vector<std::string> all = {"foo", "bar", "baz"};
  for (const bool with_irrelevant_argument : {false, true}) {
    Twin twin([&](World& w) {
      auto filters = w.engine.cache_data("filters",
                                         [&w, all](ms::Run& run, bool irrelevant) {
                                           std::vector<std::string> chosen = {"foo"};
                                           if (ms::checkbox(run, "custom filters")) {
                                             chosen = ms::multiselect(run, "filters", all);
                                           }
                                           std::string text;
                                           for (const auto& one : chosen) text += one;
                                           w.log.add("[" + text + "]", irrelevant);
                                           ms::text(run, "[" + text + "]");
                                           return text;
                                         },
                                         {.allow_widgets = true});
      return [=, &w](ms::Run& run) {
        const bool clicked = ms::button(run, "rerun");
        w.values.add(*filters(run, with_irrelevant_argument && clicked));
      };
    });
    EXPECT_EQ(twin.run(), "button rerun=no, checkbox custom filters=no, text [foo]");
    EXPECT_EQ(twin.set("custom filters", true),
              "button rerun=no, checkbox custom filters=yes, multiselect filters=, text []");
    EXPECT_EQ(twin.set("filters", std::vector<std::string>{"baz"}),
              "button rerun=no, checkbox custom filters=yes, multiselect filters=baz, text [baz]");
    EXPECT_EQ(twin.set("custom filters", false),
              "button rerun=no, checkbox custom filters=no, text [foo]");
    EXPECT_EQ(twin.click("rerun"), "button rerun=yes, checkbox custom filters=no, text [foo]");
    Lines executed("[foo] 0", "[] 0", "[baz] 0");
    if (with_irrelevant_argument) executed.all.emplace_back("[foo] 1");
    EXPECT_EQ(twin.log(), executed);
  }
}

// rows is what the engine cannot see. Each user wants another value than the entry has, so that the
// function executes, and finds other bounds than the execution before.
TEST(Scenario, DriftingBoundsDoNotPileUp) {
  int rows = 0;
  std::uint64_t charged = 0;
  World w;
  auto f = w.engine.cache_data("f",
                               [&](ms::Run& run) {
                                 const int all = ms::slider(run, "rows", 0, rows, rows);
                                 w.log.add("f", all);
                                 return all;
                               },
                               {.allow_widgets = true, .limits = {.max_entries = 1}});
  w.script = [&](ms::Run& run) { w.show(run, *f(run)); };
  for (int i = 0; i < 50; ++i) {
    rows = 100 + i;
    w.session(i).preset("rows", i);
    EXPECT_EQ(w.run(i), "slider rows=" + std::to_string(i) + ", text " + std::to_string(i));
    EXPECT_EQ(w.entries(), 1U);
    EXPECT_EQ(w.function("f").permutations, 1U);
    if (i == 0) charged = w.charged();
    EXPECT_EQ(w.charged(), charged);
  }
  EXPECT_EQ(w.log.size(), 50U);
  EXPECT_EQ(w.function("f").counters.divergences, 49U);
  EXPECT_EQ(w.function("f").counters.diverged, 49U);
}

TEST(Scenario, CollidingHashesStayRight) {
  const auto collide = [](std::string_view) { return ms::Digest{}; };
  World w({.hash = collide});
  auto f = w.engine.cache_data("f", [&w](ms::Run& run, int argument) {
    const int state = run.state<int>("state");
    w.log.add(argument, state);
    return argument * 100 + state;
  });
  const auto visit_all = [&] {
    int wrong = 0;
    for (int state = 0; state < 10; ++state) {
      w.session().set_state("state", state);
      w.run([&](ms::Run& run) {
        for (int argument = 0; argument < 1000; ++argument) {
          wrong += *f(run, argument) != argument * 100 + state ? 1 : 0;
        }
      });
    }
    return wrong;
  };
  EXPECT_EQ(visit_all(), 0);
  EXPECT_EQ(w.log.take().all.size(), 10'000U);
  EXPECT_EQ(visit_all(), 0);
  EXPECT_EQ(w.log.size(), 0U);
  EXPECT_EQ(w.entries(), 10'000U);
}

TEST(Scenario, DefinitionIsPartOfTheRead) {
  both_kinds([](auto cache) {
    using Options = std::vector<std::string>;
    Twin twin([&](World& w) {
      auto choose = cache(
          w, "choose",
          [&w](ms::Run& run, const std::string& list, const ms::Ignored<Options>& options) {
            const std::string chosen = ms::selectbox(run, "choice", *options, {.key = "choice"});
            w.log.add(list, chosen);
            return chosen;
          },
          {.allow_widgets = true});
      return [=, &w](ms::Run& run) {
        const std::string list = run.state<std::string>("list", "long");
        Options options = {"a", "b", "c"};
        if (list == "short") options = {"a", "b"};
        if (list == "turned") options = {"c", "b", "a"};
        w.show(run, *choose(run, list, options));
      };
    });
    const auto use = [&](const char* list) {
      twin.each([&](World& w) { w.session().set_state("list", list); });
      return twin.run();
    };
    EXPECT_EQ(use("long"), "selectbox choice=a, markdown a");
    EXPECT_EQ(twin.set("choice", "c"), "selectbox choice=c, markdown c");
    EXPECT_EQ(use("turned"), "selectbox choice=c, markdown c");
    EXPECT_EQ(use("short"), "selectbox choice=a, markdown a");
    EXPECT_EQ(use("long"), "selectbox choice=a, markdown a");
    EXPECT_EQ(use("turned"), "selectbox choice=a, markdown a");
    EXPECT_EQ(twin.log(), Lines("long a", "long c", "turned c", "short a", "turned a"));
  });
}

}  // namespace
}  // namespace memoscape::testing

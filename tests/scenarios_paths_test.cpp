// Scenarios about keys and state spaces: what executes again, and what does not.
#include <string>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

TEST(Scenario, NewSessionHitsDefaults) {
  each_way([](auto cache) {
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
  each_way([](auto cache) {
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
  each_way([](auto cache) {
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
    EXPECT_EQ(twin.run(), "checkbox more=no, text -1");
    Lines executed("f -1", "f 50");
    const auto visit = [&](int n) {
      const std::string number = std::to_string(n);
      EXPECT_EQ(twin.set("more", true), "checkbox more=yes, slider n=50, text 50");
      EXPECT_EQ(twin.set("n", n), "checkbox more=yes, slider n=" + number + ", text " + number);
      EXPECT_EQ(twin.set("more", false), "checkbox more=no, text -1");
    };
    for (int n = 0; n < 10; ++n) {
      visit(n);
      executed.all.push_back("f " + std::to_string(n));
    }
    for (int n = 9; n >= 0; --n) visit(n);
    EXPECT_EQ(twin.log(), executed);
    EXPECT_EQ(twin.entries(), 12U);
  });
}

TEST(Scenario, ModesDoNotMultiply) {
  each_way([](auto cache) {
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
    const auto page = [](const std::string& mode, int n) {
      return ms::format("selectbox mode={}, slider level of {}={}, markdown {}{}", mode, mode, n,
                        mode, n);
    };
    EXPECT_EQ(twin.run(), page("a", 0));
    for (int round = 0; round < 2; ++round) {
      Lines executed;
      for (const std::string& mode : modes) {
        EXPECT_EQ(twin.set("mode", mode), page(mode, 0));
        for (int n = 1; n < 5; ++n) EXPECT_EQ(twin.set("level of " + mode, n), page(mode, n));
        for (int n = 0; n < 5; ++n) executed.all.push_back(mode + ' ' + std::to_string(n));
      }
      EXPECT_EQ(twin.log(), round == 0 ? executed : Lines());
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
  each_way([](auto cache) {
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

int hit_cost(const auto& cache, int siblings) {
  Twin twin([&](World& w) {
    auto f = cache(w, "f",
                   [&w](ms::Run& run) {
                     const ms::Place place(run);
                     const ms::Value n =
                         place.widget({.kind = &kCheckedKind, .label = "n", .initial = 0}).value;
                     w.log.add("f", ms::to_text(n));
                     return Touched(static_cast<int>(*n.get_if<std::int64_t>()));
                   },
                   {.allow_widgets = true});
    return [=, &w](ms::Run& run) { w.show(run, f(run)->n); };
  });
  EXPECT_EQ(twin.run(), "checked n=0, text 0");
  Lines executed("f 0");
  for (int n = 1; n <= siblings; ++n) {
    const std::string number = std::to_string(n);
    EXPECT_EQ(twin.set("n", n), "checked n=" + number + ", text " + number);
    executed.all.push_back("f " + number);
  }
  EXPECT_EQ(twin.log(), executed);
  EXPECT_EQ(twin.entries(), static_cast<std::uint64_t>(siblings) + 1);
  twin.each([](World& w) { w.session().set("n", 1); });
  World& w = twin.cached();
  const int touched = Touched::all();
  const int checks = g_checks;
  const std::uint64_t charged = w.charged();
  EXPECT_GE(charged, 100'000U * (static_cast<std::uint64_t>(siblings) + 1));
  w.run();
  const int cost = g_checks - checks;
  EXPECT_EQ(Touched::all(), touched) << "a hit copies, measures and encodes nothing";
  EXPECT_EQ(w.function("f").counters.hits, 1U);
  EXPECT_EQ(w.charged(), charged);
  EXPECT_EQ(twin.run_plain(), "checked n=1, text 1");
  EXPECT_EQ(twin.log(), Lines());
  return cost;
}

TEST(Scenario, HitCostIsIndependentOfSiblings) {
  each_way([](auto cache) {
    const int alone = hit_cost(cache, 1);
    EXPECT_EQ(hit_cost(cache, 20), alone);
    EXPECT_EQ(hit_cost(cache, 200), alone);
  });
}

TEST(Scenario, DynamicWidgets) {
  const std::vector<std::string> all = {"foo", "bar", "baz"};
  each_way([&](auto cache) {
    for (const bool with_irrelevant_argument : {false, true}) {
      Twin twin([&](World& w) {
        auto filters = cache(w, "filters",
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
      EXPECT_EQ(
          twin.set("filters", std::vector<std::string>{"baz"}),
          "button rerun=no, checkbox custom filters=yes, multiselect filters=baz, text [baz]");
      EXPECT_EQ(twin.set("custom filters", false),
                "button rerun=no, checkbox custom filters=no, text [foo]");
      EXPECT_EQ(twin.click("rerun"), "button rerun=yes, checkbox custom filters=no, text [foo]");
      Lines executed("[foo] 0", "[] 0", "[baz] 0");
      if (with_irrelevant_argument) executed.all.emplace_back("[foo] 1");
      EXPECT_EQ(twin.log(), executed);
    }
  });
}

// rows is what the engine cannot see. Each user wants another value than the entry has, so that the
// function executes, and finds other bounds than the execution before.
TEST(Scenario, DriftingBoundsDoNotPileUp) {
  each_way([](auto cache) {
    int rows = 0;
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&](ms::Run& run) {
                       const int shown = ms::slider(run, "rows", 0, rows, rows);
                       w.log.add("f", shown, "of", rows);
                       return shown;
                     },
                     {.allow_widgets = true, .limits = {.max_entries = 1}});
      return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
    });
    World& w = twin.cached();
    std::uint64_t charged = 0;
    Lines executed;
    for (int i = 0; i < 50; ++i) {
      rows = 100 + i;
      twin.each([&](World& one) { one.session(i).preset("rows", i); });
      EXPECT_EQ(twin.run(i), "slider rows=" + std::to_string(i) + ", text " + std::to_string(i));
      executed.all.push_back(ms::format("f {} of {}", i, rows));
      EXPECT_EQ(twin.entries(), 1U);
      EXPECT_EQ(w.function("f").permutations, 1U);
      if (i == 0) charged = w.charged();
      EXPECT_EQ(w.charged(), charged);
    }
    EXPECT_EQ(twin.log(), executed);
    EXPECT_EQ(w.function("f").counters.divergences, 49U);
    EXPECT_EQ(w.function("f").counters.diverged, 49U);
  });
}

void expect_right_values_of_colliding_keys(const auto& cache, int tuples) {
  const auto setup = [&](World& w) {
    auto f = cache(w, "f", [&w](ms::Run& run, int argument) {
      const int state = run.state<int>("state");
      w.log.add(argument, state);
      return argument * 100 + state;
    });
    return [=, &w](ms::Run& run) {
      const int state = run.state<int>("state");
      int right = 0;
      for (int argument = 0; argument < tuples; ++argument) {
        const int value = *f(run, argument);
        right += value == argument * 100 + state ? 1 : 0;
        w.values.add(value);
      }
      w.show(run, right);
    };
  };
  Twin twin(setup, {.hash = [](std::string_view) { return ms::Digest{}; }});
  for (const bool cold : {true, false}) {
    for (int state = 0; state < 10; ++state) {
      twin.each([&](World& w) { w.session().set_state("state", state); });
      EXPECT_EQ(twin.run(), "text " + std::to_string(tuples));
      Lines executed;
      for (int argument = 0; cold && argument < tuples; ++argument) {
        executed.all.push_back(std::to_string(argument) + ' ' + std::to_string(state));
      }
      EXPECT_EQ(twin.log(), executed);
    }
    EXPECT_EQ(twin.entries(), 10U * static_cast<unsigned>(tuples));
  }
}

TEST(Scenario, CollidingHashesStayRight) {
  both_kinds([](auto cache) { expect_right_values_of_colliding_keys(cache, 1000); });
  each_way([](auto cache) { expect_right_values_of_colliding_keys(cache, 50); });
}

TEST(Scenario, DefinitionIsPartOfTheRead) {
  each_way([](auto cache) {
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

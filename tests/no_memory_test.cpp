// What was wrong once when memory ran out, a test each. faults_test.cpp lets all allocations fail;
// these say what must not happen.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core_of.hpp"
#include "engine/advisor.hpp"
#include "engine/trace_format.hpp"
#include "engine/tracer.hpp"
#include "failing_new.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

// Does `act` in a new place each time, with one more allocation that succeeds, until all do.
// `after` is told whether it threw. At least one must fail.
template <class Place>
void with_each_failing(const std::function<void(Place&)>& act,
                       const std::function<void(Place&, bool threw)>& after) {
  bool failed = true;
  std::uint64_t nth = 0;
  while (failed && !::testing::Test::HasFailure()) {
    SCOPED_TRACE("allocation " + std::to_string(++nth));
    Place place;
    bool threw = false;
    {
      const Armed armed(nth);
      try {
        act(place);
      } catch (const std::bad_alloc&) {
        threw = true;
      }
      failed = armed.failed();
    }
    after(place, threw);
  }
  EXPECT_GT(nth, 1U);
}

// What is done before: all of its allocations succeed.
void unarmed(const std::function<void()>& act) {
  const std::uint64_t fails_at = std::exchange(new_state.fails_at, 0);
  act();
  new_state.fails_at = fails_at;
}

// Runs the script; throws what it threw.
void run_or_throw(ms::Session& session, const std::function<void(ms::Run&)>& script) {
  const ms::Page page = session.run(script);
  if (page.error() != nullptr) std::rethrow_exception(page.error());
}

struct OneFunction {
  OneFunction() {
    f = w.engine.cache_data("f",
                            [](ms::Run& run, int n) {
                              ms::text(run, "of the function, longer than what fits a string");
                              return n + ms::slider(run, "n", 0, 10, 5);
                            },
                            {.allow_widgets = true});
    w.script = [this](ms::Run& run) {
      was_called = true;
      w.show(run, *(*f)(run, 1));
    };
  }

  World w;
  std::atomic<bool> was_called{false};
  std::optional<ms::Cached<const int, int>> f;
};

TEST(NoMemory, AnExecutionThatCannotBeginLeavesNothingToWaitFor) {
  with_each_failing<OneFunction>(
      [](OneFunction& one) { run_or_throw(one.w.session(), one.w.script); },
      [](OneFunction& one, bool) {
        // Wherever memory ran out, the call is counted.
        EXPECT_EQ(one.w.function("f").counters.lookups, one.was_called ? 1U : 0U);
        const ms::detail::EngineCore& core = *ms::detail::core_of(one.w.engine);
        core.flights.for_each([](const ms::detail::Flight&) { ADD_FAILURE(); });
        // Another one does not wait for what never comes.
        EXPECT_EQ(one.w.run_together(2).back().error(), nullptr);
      });
}

TEST(NoMemory, AHitThatCannotBeNotedLeavesNoPin) {
  struct Warm : OneFunction {
    Warm() {
      w.run(0);
      w.session(1);
    }
  };
  with_each_failing<Warm>([](Warm& one) { run_or_throw(one.w.session(1), one.w.script); },
                          [](Warm& one, bool) {
                            one.w.sessions.clear();
                            one.w.engine.remove("f");
                            // It would be there for as long as one of its entries is pinned.
                            const ms::detail::EngineCore& core = *ms::detail::core_of(one.w.engine);
                            EXPECT_EQ(core.retired, nullptr);
                          });
}

// A new ttl holds for all that stays: what cannot be noted as expiring goes, with what is built on
// it.
TEST(NoMemory, WhatCannotExpireLaterGoesNow) {
  struct Chain {
    Chain() {
      auto inner = w.engine.cache_data("inner", [](int n) { return n; });
      auto outer =
          w.engine.cache_data("outer", [inner](ms::Run& run, int n) { return *inner(run, n) + 1; });
      script = [outer](ms::Run& run) {
        for (int n = 0; n < 3; ++n) EXPECT_EQ(*outer(run, n), n + 1);
      };
      w.run(script);
    }

    World w;
    std::function<void(ms::Run&)> script;
  };
  with_each_failing<Chain>(
      [](Chain& one) { one.w.engine.set_limits({.max_bytes = 0, .ttl = std::chrono::seconds(1)}); },
      [](Chain& one, bool threw) {
        EXPECT_FALSE(threw);
        EXPECT_EQ(one.w.engine.limits().ttl, std::chrono::seconds(1));
        EXPECT_EQ(one.w.engine.check(), "");
        EXPECT_GE(one.w.entries(), 4U);
        one.w.clock.advance(std::chrono::seconds(1));
        one.w.engine.sweep();
        EXPECT_EQ(one.w.entries(), 0U);
        one.w.run(one.script);
      });
}

// As many as fill what is there for what expires: one more would take memory.
TEST(NoMemory, IsNothingThatAnotherTtlNeeds) {
  constexpr int kEntries = 253;
  for (const auto ttl : {std::chrono::seconds(2), std::chrono::seconds(0)}) {
    World w;
    auto f = w.engine.cache_data("f", [](int n) { return n; });
    w.engine.set_limits({.max_bytes = 0, .ttl = std::chrono::seconds(1)});
    w.run([&](ms::Run& run) {
      for (int n = 0; n < kEntries; ++n) f(run, n);
    });
    {
      const Armed armed(1);
      w.engine.set_limits({.max_bytes = 0, .ttl = ttl});
      EXPECT_FALSE(armed.failed());
    }
    EXPECT_EQ(w.entries(), std::size_t{kEntries});
    EXPECT_EQ(w.engine.check(), "");
  }
}

// A run that repeats calls of the one before, and fails then, without room for the page that says
// so.
TEST(NoMemory, ARunThatEndsWithoutItsPageHasNoneInUseAfterwards) {
  struct Repeated {
    Repeated() {
      auto f = w.engine.cache_data("f", [this](ms::Run& run) {
        auto media = std::make_shared<const ms::Media>(ms::Media{"a.png", "image/png", "bytes"});
        picture = media;
        ms::image(run, media);
        return 1;
      });
      w.script = [this, f](ms::Run& run) {
        f(run);
        if (fails) throw std::runtime_error("a message that is longer than what fits a string");
      };
      for (int i = 0; i < 4; ++i) w.session().run(w.script);
      fails = true;
    }

    World w;
    std::weak_ptr<const ms::Media> picture;
    bool fails = false;
  };
  with_each_failing<Repeated>([](Repeated& one) { one.w.session().run(one.w.script); },
                              [](Repeated& one, bool) {
                                EXPECT_FALSE(one.picture.expired());
                                one.w.engine.clear();
                                EXPECT_TRUE(one.picture.expired());
                              });
}

TEST(NoMemory, EndsNeedNone) {
  auto engine = std::make_unique<ms::Engine>();
  const auto inner = engine->cache_data("inner", [](ms::Run& run, int n) {
    ms::text(run, "inner");
    return n;
  });
  const auto outer = engine->cache_data(
      "outer", [&](ms::Run& run, int n) { return *inner(run, n) + ms::slider(run, "n", 0, 10, 5); },
      {.allow_widgets = true, .limits = {.ttl = std::chrono::hours(1)}});
  const auto script = [&](ms::Run& run) {
    for (int n = 0; n < 3; ++n) inner(run, n);
    outer(run, 1);
  };
  std::vector<std::unique_ptr<ms::Session>> sessions;
  std::vector<ms::Page> pages;
  for (int user = 0; user < 4; ++user) {
    sessions.push_back(std::make_unique<ms::Session>(*engine));
    for (int times = 0; times < 3; ++times) pages.push_back(sessions.back()->run(script));
  }
  const Armed armed(1, Failing::rest);
  sessions.pop_back();
  pages.pop_back();
  engine->clear(ms::Kind::data);
  sessions.clear();
  engine.reset();
  pages.clear();
  EXPECT_FALSE(armed.failed());
}

TEST(NoMemory, WhatAPredicateWasAskedAboutIsLetGoWithoutIt) {
  OneFunction one;
  one.w.run();
  one.w.sessions.clear();
  const auto predicate = [&](const ms::PermutationRow&) -> bool {
    one.w.engine.clear();  // so that nobody else holds it
    new_state = {.count = 0, .fails_at = 1, .which = Failing::rest, .failed = false};
    throw std::bad_alloc();
  };
  EXPECT_THROW(one.w.engine.clear_if(predicate), std::bad_alloc);
  new_state.fails_at = 0;
  EXPECT_EQ(one.w.entries(), 0U);
}

TEST(NoMemory, WhatAResourceMadeIsReleased) {
  struct Resource {
    Resource() {
      f = w.engine.cache_resource("f",
                                  [this](int n) {
                                    ++made;
                                    return n;
                                  },
                                  {.on_release = [this](int&) { ++released; }});
    }
    int made = 0;
    int released = 0;
    World w;
    std::optional<ms::Cached<int, int>> f;
  };
  with_each_failing<Resource>(
      [](Resource& one) { run_or_throw(one.w.session(), [&](ms::Run& run) { (*one.f)(run, 1); }); },
      [](Resource& one, bool) {
        one.w.sessions.clear();
        one.w.engine.clear();
        EXPECT_EQ(one.made, one.released);
      });
}

TEST(NoMemory, ANameIsTakenByNothingLess) {
  struct Named : OneFunction {
    ms::Cached<const int, int> add() {
      return w.engine.cache_data("a name that is longer than what fits a string",
                                 [](int n) { return 2 * n; }, {.limits = {.max_entries = 5}});
    }
  };
  with_each_failing<Named>([](Named& one) { one.add(); },
                           [](Named& one, bool threw) {
                             EXPECT_EQ(one.w.engine.report().functions.size(), threw ? 1U : 2U);
                             if (threw) {
                               const auto f = one.add();
                               one.w.run([&](ms::Run& run) { EXPECT_EQ(*f(run, 2), 4); });
                             }
                           });
}

TEST(NoMemory, ASessionIsRestoredAsAWholeOrNotAtAll) {
  struct Saved : OneFunction {
    Saved() {
      ms::Session before(w.engine);
      before.run(widgets);
      before.set("name", "a text that is longer than what fits a string");
      before.set("more", true);
      before.run(widgets);
      saved = before.save();
      empty = w.session().save();
    }
    static void widgets(ms::Run& run) {
      ms::text_input(run, "name");
      ms::checkbox(run, "more");
    }
    std::string saved;
    std::string empty;
  };
  with_each_failing<Saved>([](Saved& one) { one.w.session().restore(one.saved); },
                           [](Saved& one, bool threw) {
                             EXPECT_EQ(one.w.session().save(), threw ? one.empty : one.saved);
                           });
}

TEST(NoMemory, ATableThatIsEditedIsNotFreedTwice) {
  struct Edited : OneFunction {
    Edited() {
      w.script = [](ms::Run& run) {
        ms::DataFrame plan;
        plan.columns.push_back({.name = "numbers", .values = std::vector<double>{1, 2}});
        ms::data_editor(run, "plan", std::move(plan));
      };
      w.run();
      w.session().set("plan",
                      ms::Value::List{ms::Value(ms::Value::List{"set", 0, "numbers", 3.5})});
    }
  };
  with_each_failing<Edited>([](Edited& one) { run_or_throw(one.w.session(), one.w.script); },
                            [](Edited& one, bool) {
                              one.w.run();
                              EXPECT_EQ(one.w.page.error(), nullptr);
                            });
}

TEST(NoMemory, ARunThatCannotMakeItsPageHasNotHappened) {
  struct Widgets : OneFunction {
    Widgets() {
      w.script = [this](ms::Run& run) {
        ms::text(run, "of the script, longer than what fits a string");
        if (ms::button(run, "go")) ms::success(run, "went");
        w.show(run, *(*f)(run, 1));
      };
      w.run();
      w.session().click("go");
    }
  };
  with_each_failing<Widgets>([](Widgets& one) { one.w.session().run(one.w.script); },
                             [](Widgets& one, bool threw) {
                               one.w.run();  // does not find a run under way
                               EXPECT_EQ(one.w.page.error(), nullptr);
                               const std::string page = ms::to_text(one.w.page);
                               EXPECT_TRUE(!threw || page.find("went") != std::string::npos)
                                   << page;
                             });
}

TEST(NoMemory, ACallHasRoomOnThePageWhereverItStands) {
  struct Beside {
    Beside() {
      f = w.engine.cache_data("f", [](ms::Run& run) {
        ms::text(run, "in the main area");
        ms::text(ms::sidebar(run), "in the sidebar");
        return 1;
      });
      outer = w.engine.cache_data("outer", [this](ms::Run& run) {
        script(run);
        return 2;
      });
    }
    // Before the call stand as many texts in a container, and in the sidebar.
    void script(ms::Run& run) {
      const ms::Place box = ms::container(run);
      for (int i = 0; i < texts; ++i) {
        ms::text(box, "");
        ms::text(ms::sidebar(run), "");
      }
      ms::within(box, [&] { (*f)(run); });
    }
    World w;
    int texts = 0;
    std::optional<ms::Cached<const int>> f;
    std::optional<ms::Cached<const int>> outer;
  };
  for (int texts = 0; texts <= 4; ++texts) {
    for (int runs_before = 0; runs_before < 4; ++runs_before) {
      SCOPED_TRACE(::testing::Message() << texts << " texts, run " << runs_before);
      with_each_failing<Beside>(
          [&](Beside& one) {
            const auto script = [&](ms::Run& run) { one.script(run); };
            unarmed([&] {
              one.texts = texts;
              for (int i = 0; i < runs_before; ++i) one.w.run(script);
              one.w.session(1);
            });
            run_or_throw(one.w.session(), script);
            run_or_throw(one.w.session(1), [&](ms::Run& run) { (*one.outer)(run); });
          },
          [](Beside& one, bool) {
            one.w.run([&](ms::Run& run) { (*one.outer)(run); });
            EXPECT_TRUE(contains(summary(one.w.page), "text in the sidebar"));
          });
    }
  }
}

TEST(NoMemory, WhatAFilterWasNotAskedAboutIsLetGo) {
  with_each_failing<OneFunction>(
      [](OneFunction& one) {
        unarmed([&] { one.w.run(); });
        one.w.engine.clear_if([](const ms::PermutationRow&) { return false; });
      },
      [](OneFunction& one, bool) {
        const std::weak_ptr<ms::detail::Function> function =
            ms::detail::core_of(one.w.engine)->functions.find("f")->second;
        one.w.sessions.clear();
        one.f.reset();
        one.w.engine.remove("f");
        EXPECT_TRUE(function.expired()) << "an entry of it is still there";
      });
}

// Its blocks are kept in a list that allocates for each dozen: so as many are written before.
TEST(NoMemory, ATraceWhoseWriterHasNoneEndsWithAReason) {
  const std::string path = ::testing::TempDir() + "memoscape-no-memory-" + std::to_string(getpid());
  for (const Failing which : {Failing::one, Failing::rest}) {
    for (std::uint64_t blocks = 0; blocks < 15; ++blocks) {
      SCOPED_TRACE(blocks);
      ms::ManualClock clock;
      ms::detail::Tracer tracer(path, {}, clock);
      std::uint64_t key = 0;
      const auto note = [&] {
        key += 0x9e3779b97f4a7c15u;
        tracer.note({.key = key, .bytes = 1'000'000}, "f", [] { return std::string(); });
      };
      while (tracer.heap_bytes() + tracer.status().bytes < blocks << 16) note();
      note();
      const ArmedElsewhere armed(which);
      tracer.finish();
      EXPECT_NE(tracer.status().error, "");
    }
  }
  std::filesystem::remove(path);
}

// What was begun when there was none is lost, and what comes later does not refer to it.
TEST(NoMemory, ATraceThatLostCallsCanBeRead) {
  struct Traced {
    Traced() : tracer(path, {.files = 1}, clock) {}
    ~Traced() { std::filesystem::remove(path); }
    void note(std::uint64_t key) {
      tracer.note({.key = key, .bytes = 10}, "a name that is longer than what fits a string",
                  [] { return std::string(); });
    }
    const std::string path =
        ::testing::TempDir() + "memoscape-no-memory-" + std::to_string(getpid());
    ms::ManualClock clock;
    ms::detail::Tracer tracer;
  };
  bool lost = false;
  for (std::uint64_t nth = 1; nth < 20; ++nth) {
    SCOPED_TRACE(nth);
    Traced one;
    {
      const Armed armed(nth);
      for (std::uint64_t key = 1; key < 40; ++key) one.note(key);
    }
    for (std::uint64_t key = 1; key < 40; ++key) one.note(key);
    one.tracer.finish();
    lost = lost || one.tracer.status().lost > 0;
    std::ifstream in(one.path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    ms::detail::TraceDecoder decoder(bytes);
    ms::detail::TraceDecoder::Call call;
    int calls = 0;
    while (decoder.next(call)) ++calls;
    EXPECT_GE(calls, 39);
  }
  EXPECT_TRUE(lost);
}

// Each was remembered in a run of its own, and a run that makes all of them is longer than any
// before.
TEST(NoMemory, ARunOfCallsThatAreRememberedNeedsNone) {
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  for (int n = 1; n <= 8; ++n) {
    for (int i = 0; i < 3; ++i) w.session().run([&](ms::Run& run) { f(run, n); });
  }
  int sum = 0;
  {
    const Armed armed(1, Failing::rest);
    w.session().run([&](ms::Run& run) {
      for (int n = 1; n <= 8; ++n) sum += *f(run, n);
    });
    EXPECT_FALSE(armed.failed());
  }
  EXPECT_EQ(sum, 36);
}

// Hits tell it of calls without asking for memory.
TEST(NoMemory, WhatTheAdvisorIsToldOfAfterwardsTakesNone) {
  using ms::detail::Advisor;
  constexpr int kCallsOfAChunk = 4095;
  ms::ManualClock clock;
  bool failed = true;
  std::uint64_t nth = 0;
  while (failed) {
    Advisor advisor(clock);
    Advisor::Call call{.key = 1, .function = 1, .bytes = 1, .cost = std::chrono::seconds(1)};
    for (int i = 0; i < kCallsOfAChunk; ++i) call.slot = advisor.note(call);
    const Advisor::Repeated repeated{.known = advisor.known(call.slot), .cost = call.cost};
    const Armed armed(++nth, Failing::rest);
    advisor.note(call);
    advisor.note_again(call.slot, call.key, call.bytes, call.cost, 3);
    advisor.note_known({.call = &repeated, .times = 3});
    int more = 9;
    advisor.note_each_known([&](std::uint64_t) {
      return Advisor::Repeats{.call = --more > 0 ? &repeated : nullptr, .times = 100};
    });
    failed = armed.failed();
  }
  EXPECT_GT(nth, 1U);
}

}  // namespace
}  // namespace memoscape::testing

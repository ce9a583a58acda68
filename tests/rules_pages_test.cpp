// The rules of elements, replay and runs (E) that the scenarios leave.
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

TEST(Pages, ReplayContainersAndMediaInPlace) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto inner = cache(w, "inner", [&w](ms::Run& run) {
        w.log.add("inner");
        ms::text(run, "inner");
        ms::text(ms::sidebar(run), "inner side");
        return 0;
      });
      auto f = cache(
          w, "f",
          [&w, inner](ms::Run& run) {
            w.log.add("f");
            ms::title(run, "T");
            const auto columns = ms::columns(run, 2);
            ms::metric(columns[1], "m", 1.5);
            ms::image(columns[0], ms::Media{.name = "a.png", .type = "image/png", .bytes = "x"});
            ms::within(ms::expander(columns[1], "more"), [&] { inner(run); });
            const ms::Place side = ms::sidebar(run);
            ms::within(side, [&] { inner(run); });
            ms::dataframe(ms::container(side), ms::DataFrame{{{"x", std::vector<double>{1, 2}}}});
            return ms::slider(columns[0], "n", 0, 9, 5);
          },
          {.allow_widgets = true});
      return [=, &w](ms::Run& run) {
        const ms::Place box = ms::container(run);
        ms::within(box, [&] { w.show(run, *f(run)); });
        ms::divider(run);
      };
    });
    const std::string page =
        "container {title T, columns {column {image, slider n=5}, column {metric m, expander more "
        "{text inner}}}, text 5}, divider | text inner side, text inner, text inner side, "
        "container {dataframe}";
    EXPECT_EQ(twin.run(0), page);
    EXPECT_EQ(twin.run(0), page);
    EXPECT_EQ(twin.run(1), page);
    EXPECT_EQ(twin.log(), Lines("f", "inner"));
  });
}

TEST(Pages, AContainerKeepsItsHeadingWhileAFunctionExecutesInIt) {
  World w;
  auto f = w.engine.cache_data("f",
                               [](ms::Run& run) {
                                 ms::text(run, "inside");
                                 return 0;
                               },
                               {.spinner = "Busy"});
  std::vector<std::string> seen;
  w.session().watch([&](const ms::Page& page) { seen.push_back(summary(page)); });
  w.run([&](ms::Run& run) { ms::within(ms::expander(run, "more"), [&] { f(run); }); });
  EXPECT_EQ(seen, (std::vector<std::string>{"expander more {spinner Busy}",
                                            "expander more {text inside}"}));
}

TEST(Pages, ReplayInTheSidebarWhenCalledThere) {
  Twin twin([](World& w) {
    auto f = w.engine.cache_data("f", [&w](ms::Run& run) {
      w.log.add("f");
      ms::text(run, "main");
      ms::text(ms::sidebar(run), "side");
      return 0;
    });
    return [=](ms::Run& run) {
      ms::within(ms::sidebar(run), [&] { f(run); });
      f(run);
    };
  });
  EXPECT_EQ(twin.run(), "text main | text main, text side, text side");
  EXPECT_EQ(twin.run(), "text main | text main, text side, text side");
  EXPECT_EQ(twin.log(), Lines("f"));
}

// The sidebar is everybody's; what a function puts there is its own, and is replayed.
TEST(Pages, TakeContainersOfAFunctionInASidebarThatTheScriptGave) {
  Twin twin([](World& w) {
    auto given = std::make_shared<std::optional<ms::Place>>();
    auto f = w.engine.cache_data("f", [&w, given](ms::Run&) {
      w.log.add("f");
      const ms::Place box = ms::container(**given);
      ms::text(box, "inside");
      ms::text(ms::container(box), "deeper");
      return 0;
    });
    return [=](ms::Run& run) {
      *given = ms::sidebar(run);
      f(run);
    };
  });
  EXPECT_EQ(twin.run(), "| container {text inside, container {text deeper}}");
  EXPECT_EQ(twin.run(), "| container {text inside, container {text deeper}}");
  EXPECT_EQ(twin.log(), Lines("f"));
}

TEST(Pages, ShowExceptionsThatTheScriptShows) {
  Twin twin([](World& w) {
    auto f = w.engine.cache_data("f", [&w](ms::Run& run) {
      w.log.add("f");
      ms::exception(run, std::runtime_error("known"));
      ms::exception(run, std::make_exception_ptr(std::runtime_error("caught")));
      ms::exception(run, std::make_exception_ptr(42));
      ms::exception(run, std::exception_ptr());
      return 0;
    });
    return [=](ms::Run& run) { f(run); };
  });
  const std::string page =
      "exception known, exception caught, exception an exception that is not a std::exception, "
      "exception no exception";
  EXPECT_EQ(twin.run(), page);
  EXPECT_EQ(twin.run(), page);
  EXPECT_EQ(twin.log(), Lines("f"));
}

TEST(Pages, ReplayTheFinalStateOfUpdatedElements) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f", [&w](ms::Run& run) {
        w.log.add("f");
        const ms::Progress progress = ms::progress(run, 0, "start");
        const ms::Placeholder answer = ms::empty(run);
        const ms::Placeholder nothing = ms::empty(run);
        nothing.text("gone");
        progress.update(1, "done");
        answer.text("41");
        answer.text("42");
        nothing.clear();
        return 0;
      });
      return [=](ms::Run& run) { f(run); };
    });
    const std::string page = twin.run();
    EXPECT_TRUE(contains(page, "done") && contains(page, "text 42")) << page;
    EXPECT_FALSE(contains(page, "start") || contains(page, "41") || contains(page, "gone")) << page;
    EXPECT_EQ(twin.run(), page);
    EXPECT_EQ(twin.log(), Lines("f"));
  });
}

// What a function must not do with what it did not make; each at the first execution.
TEST(Pages, CloseToFunctionsThatDidNotMakeTheirParts) {
  World w;
  std::optional<ms::Place> place;
  std::optional<ms::Progress> progress;
  const auto refused = [&](const char* name, std::function<int(ms::Run&)> body,
                           std::function<void(ms::Run&)> before = {}) {
    auto f = w.engine.cache_data(name, [body](ms::Run& run) { return body(run); });
    for (int i = 0; i < 2; ++i) {
      w.run([&](ms::Run& run) {
        place.emplace(ms::container(run));
        progress.emplace(ms::progress(run, 0));
        if (before) before(run);
        f(run);
      });
      EXPECT_TRUE(ended_by<ms::ReplayClosureError>(w.page)) << name << ": " << summary(w.page);
      EXPECT_EQ(w.function(name).permutations, 0U);
    }
  };
  auto maker = w.engine.cache_data("maker", [&](ms::Run& run) {
    place.emplace(ms::container(run));
    progress.emplace(ms::progress(run, 0));
    return 0;
  });
  refused("container", [&](ms::Run&) { return ms::text(*place, "x"), 0; });
  refused("element", [&](ms::Run&) { return progress->update(1), 0; });
  refused("clear", [&](ms::Run&) { return progress->clear(), 0; });
  refused("within",
          [&](ms::Run& run) { return ms::within(*place, [&] { ms::text(run, "x"); }), 0; });
  refused("nested container", [&](ms::Run&) { return ms::container(*place), 0; });
  refused("made by an inner one", [&](ms::Run& run) {
    maker(run);
    ms::text(*place, "x");
    return 0;
  });
}

TEST(Pages, CloseHandlesWhenTheirFunctionReturns) {
  World w;
  std::optional<ms::Place> place;
  std::optional<ms::Placeholder> slot;
  auto f = w.engine.cache_data("f", [&](ms::Run& run) {
    place.emplace(ms::container(run));
    slot.emplace(ms::empty(run));
    return 0;
  });
  w.run([&](ms::Run& run) {
    f(run);
    message_of<ms::ReplayClosureError>([&] { ms::text(*place, "late"); });
    message_of<ms::ReplayClosureError>([&] { slot->text("late"); });
  });
  EXPECT_EQ(summary(w.page), "container {}, empty");
  message_of<ms::UsageError>([&] { ms::text(*place, "after the run"); });
  message_of<ms::UsageError>([&] { slot->text("after the run"); });
  w.run([&](ms::Run&) {
    message_of<ms::UsageError>([&] { ms::text(*place, "in a later run"); });
    message_of<ms::UsageError>([&] { slot->text("in a later run"); });
  });
  EXPECT_EQ(summary(w.page), "");
}

TEST(Runs, SeeASnapshotOfTheirSession) {
  Twin twin([](World& w) {
    return [&w](ms::Run& run) {
      w.show(run, ms::slider(run, "n", 0, 9, 5));
      if (run.state<int>("runs") == 1) w.session().set("n", 7);
      w.session().set_state("runs", run.state<int>("runs") + 1);
      w.show(run, run.state<int>("runs"));
    };
  });
  EXPECT_EQ(twin.run(), "slider n=5, text 5, text 0");
  EXPECT_EQ(twin.run(), "slider n=5, text 5, text 1");
  EXPECT_EQ(twin.run(), "slider n=7, text 7, text 2");
}

TEST(Runs, OfABusySessionAreRefused) {
  World w;
  w.run([&](ms::Run& run) {
    ms::text(run, "outer");
    message_of<ms::SessionBusyError>([&] { w.session().run([](ms::Run&) {}); });
    std::jthread([&] {
      message_of<ms::SessionBusyError>([&] { w.session().run([](ms::Run&) {}); });
    }).join();
    w.session(1).run([](ms::Run&) {});  // another session may
  });
  EXPECT_EQ(summary(w.page), "text outer");
}

TEST(Runs, GiveThePageSoFarWithTheException) {
  World w;
  EXPECT_EQ(w.run([](ms::Run& run) {
    ms::text(run, "so far");
    throw std::runtime_error("it broke");
  }),
            "text so far, exception it broke");
  EXPECT_EQ(w.page.error_text(), "it broke");
  EXPECT_EQ(w.run([](ms::Run& run) {
    ms::text(run, "so far");
    throw 42;
  }),
            "text so far, exception an exception that is not a std::exception");
}

TEST(Runs, StopAndRerunPassThroughCachedFunctionsUnstored) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto reruns = std::make_shared<int>(0);
      auto f = cache(w, "f", [&w, reruns](ms::Run& run, const std::string& what) {
        w.log.add(what);
        ms::text(run, "begun");
        if (what == "stop") run.stop();
        if (what == "rerun" && ++*reruns < 3) run.rerun();
        return what;
      });
      return
          [=, &w](ms::Run& run) { w.show(run, *f(run, run.state<std::string>("what", "stop"))); };
    });
    EXPECT_EQ(twin.run(), "text begun");
    EXPECT_EQ(twin.run(), "text begun");
    EXPECT_EQ(twin.entries(), 0U);
    EXPECT_EQ(twin.log(), Lines("stop", "stop"));
    twin.each([](World& w) { w.session().set_state("what", "rerun"); });
    EXPECT_EQ(twin.run(), "text begun, markdown rerun");
    EXPECT_EQ(twin.log(), Lines("rerun", "rerun", "rerun"));
  });
}

TEST(Runs, StopAtTheNextReadOrElement) {
  World w;
  auto f = w.engine.cache_data("f",
                               [&w](ms::Run& run) {
                                 w.log.add("f");
                                 w.session().stop();
                                 EXPECT_TRUE(run.stop_requested());
                                 try {
                                   ms::slider(run, "n", 0, 9, 5);
                                 } catch (const std::exception&) {
                                   w.log.add("RunStopped is no std::exception");
                                 }
                                 w.log.add("not reached");
                                 return 0;
                               },
                               {.allow_widgets = true});
  EXPECT_EQ(w.run([&](ms::Run& run) {
    ms::text(run, "before");
    f(run);
    ms::text(run, "after");
  }),
            "text before");
  EXPECT_EQ(w.log.take(), Lines("f"));
  EXPECT_EQ(w.entries(), 0U);
  EXPECT_EQ(w.page.error(), nullptr);
  std::stop_source source;
  source.request_stop();
  const ms::Page page =
      w.session().run([](ms::Run& run) { ms::text(run, "never"); }, source.get_token());
  EXPECT_EQ(summary(page), "");
  EXPECT_EQ(w.run([](ms::Run& run) { ms::text(run, "goes on"); }), "text goes on");
}

TEST(Runs, NeverKeepAnExecutionThatCaughtTheStop) {
  World w;
  bool stops = true;
  auto f = w.engine.cache_data("f", [&](ms::Run& run) {
    w.log.add("f");
    if (stops) w.session().stop();
    try {
      ms::text(run, "a text");
    } catch (const ms::RunStopped&) {
      return -1;
    }
    return 1;
  });
  w.script = [&](ms::Run& run) { w.values.add(*f(run)); };
  w.run();
  EXPECT_EQ(w.entries(), 0U);
  stops = false;
  w.run();
  w.run();
  EXPECT_EQ(w.log.take(), Lines("f", "f"));
  EXPECT_EQ(w.values.take(), Lines("-1", "1", "1"));
}

TEST(Runs, NeverKeepAnExecutionInWhichTheEngineThrew) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f", [&w](ms::Run& run) {
        w.log.add("f");
        message_of<ms::CachedEffectError>([&] { run.set_state("x", 1); });
        return 1;
      });
      auto outer = cache(w, "outer", [&w, f](ms::Run& run) {
        w.log.add("outer");
        return *f(run);
      });
      return [=, &w](ms::Run& run) { w.show(run, *outer(run)); };
    });
    EXPECT_EQ(twin.run(), "text 1");
    EXPECT_EQ(twin.run(), "text 1");
    EXPECT_EQ(twin.log(), Lines("outer", "f", "outer", "f"));
    EXPECT_EQ(twin.entries(), 0U);
  });
}

TEST(Runs, AreUsedOnlyWhileTheyLast) {
  World w;
  ms::Run* kept = nullptr;
  auto f = w.engine.cache_data("f", [](ms::Run&) { return 1; });
  auto inner = w.engine.cache_data("inner", [&](ms::Run& run) {
    kept = &run;
    return 1;
  });
  w.run([&](ms::Run& run) {
    inner(run);
    message_of<ms::UsageError>([&] { kept->state<int>("x"); });
    message_of<ms::UsageError>([&] { f(*kept); });
    kept = &run;
  });
  message_of<ms::UsageError>([&] { kept->state<int>("x"); });
  message_of<ms::UsageError>([&] { kept->set_state("x", 1); });
  message_of<ms::UsageError>([&] { kept->query("x"); });
  message_of<ms::UsageError>([&] { kept->stop(); });
  message_of<ms::UsageError>([&] { kept->rerun(); });
  message_of<ms::UsageError>([&] { ms::text(*kept, "x"); });
  message_of<ms::UsageError>([&] { ms::slider(*kept, "n", 0, 9, 5); });
  message_of<ms::UsageError>([&] { f(*kept); });
  EXPECT_EQ(w.function("f").counters.lookups, 0U);
}

// Everything a function does with a run that is not its own.
TEST(Runs, OfTheCallerAreRefusedInsideACachedFunction) {
  World w;
  ms::Run* outside = nullptr;
  auto other = w.engine.cache_data("other", [](ms::Run&) { return 1; });
  std::function<void()> misuse;
  auto f = w.engine.cache_data("f", [&](ms::Run&) {
    w.log.add("f");
    misuse();
    return 1;
  });
  const auto refused = [&](const std::function<void()>& what) {
    misuse = what;
    for (int i = 0; i < 2; ++i) {
      w.run([&](ms::Run& run) {
        outside = &run;
        const std::string why = message_of<ms::UsageError>([&] { f(run); });
        EXPECT_TRUE(names(why, "f")) << why;
      });
      EXPECT_EQ(w.entries(), 0U);
    }
    EXPECT_EQ(w.log.take(), Lines("f", "f"));
  };
  refused([&] { other(*outside); });
  refused([&] { outside->state<int>("x"); });
  refused([&] { outside->query("x"); });
  refused([&] { outside->set_state("x", 1); });
}

TEST(Runs, OfAnotherEngineAreRefused) {
  World w;
  World another;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  another.run([&](ms::Run& run) {
    const std::string why = message_of<ms::UsageError>([&] { f(run, 1); });
    EXPECT_TRUE(names(why, "f") && contains(why, "engine")) << why;
  });
}

}  // namespace
}  // namespace memoscape::testing

// Fragments: parts of the script that run again alone.
#include <stdexcept>
#include <string>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

// A page around one fragment: what stands before and after it, and what executes.
struct Clock {
  Twin twin{[](World& w) {
    auto slow = w.engine.cache_data("slow",
                                    [&w](ms::Run& run, int hour) {
                                      const int n = ms::slider(run, "minutes", 0, 59, 30);
                                      w.log.add("slow", hour, n);
                                      return hour * 100 + n;
                                    },
                                    {.allow_widgets = true});
    return [&w, slow](ms::Run& run) {
      w.log.add("script");
      ms::slider(run, "before", 0, 9, 1);
      ms::text(ms::sidebar(run), "side");
      ms::within(ms::container(run), [&] {
        ms::fragment(run, "clock", [&w, slow](ms::Run& inner) {
          const int hour = ms::slider(inner, "hour", 0, 23, 12);
          if (hour == 13) throw std::runtime_error("thirteen");
          if (hour == 0) inner.stop();
          w.show(inner, *slow(inner, hour));
        });
      });
      const ms::Place form = ms::form(run, "order");
      ms::text_input(form, "name");
      ms::form_submit_button(form, "send");
      ms::text(run, "after");
    };
  }};

  // What a user does, and a run of the fragment alone.
  std::string set(const char* widget, const ms::Value& value) {
    twin.each([&](World& w) {
      w.session().set(widget, value);
      w.page = w.session().run_fragment("clock");
    });
    EXPECT_TRUE(twin.cached().page == twin.plain().page);
    EXPECT_EQ(twin.cached().page.error_text(), twin.plain().page.error_text());
    return summary(twin.cached().page);
  }
  static std::string page(const std::string& in_it, int before = 1, const std::string& end = "") {
    return "slider before=" + std::to_string(before) + ", container {fragment clock {" + in_it +
           "}}, form {text_input name=, form_submit_button send=no}, text after" + end +
           " | text side";
  }
};

TEST(Fragments, RunAgainAloneAndLeaveTheRestOfThePage) {
  Clock clock;
  EXPECT_EQ(clock.twin.run(), Clock::page("slider hour=12, slider minutes=30, text 1230"));
  EXPECT_EQ(clock.twin.log(), Lines("script", "slow 12 30"));
  EXPECT_EQ(clock.set("hour", 7), Clock::page("slider hour=7, slider minutes=30, text 730"));
  EXPECT_EQ(clock.set("minutes", 5), Clock::page("slider hour=7, slider minutes=5, text 705"));
  EXPECT_EQ(clock.twin.log(), Lines("slow 7 30", "slow 7 5"));
  EXPECT_EQ(clock.set("minutes", 30), Clock::page("slider hour=7, slider minutes=30, text 730"));
  EXPECT_EQ(clock.twin.log(), Lines());  // a hit
  // The script finds what was set there, and the widgets around kept their state.
  EXPECT_EQ(clock.set("before", 3), Clock::page("slider hour=7, slider minutes=30, text 730", 3));
  EXPECT_EQ(clock.twin.run(), Clock::page("slider hour=7, slider minutes=30, text 730", 3));
  EXPECT_EQ(clock.twin.log(), Lines("script"));
}

TEST(Fragments, ThatEndEarlyLeaveTheRestOfThePage) {
  Clock clock;
  clock.twin.run();
  clock.set("before", 4);
  EXPECT_EQ(clock.set("hour", 13),
            "slider before=4, container {fragment clock {slider hour=13}}, "
            "form {text_input name=, form_submit_button send=no}, "
            "text after, exception thirteen | text side");
  EXPECT_EQ(clock.set("hour", 0), Clock::page("slider hour=0", 4));
  EXPECT_EQ(clock.set("hour", 1), Clock::page("slider hour=1, slider minutes=30, text 130", 4));
}

TEST(Fragments, AreThoseOfTheLastPage) {
  World w;
  const auto missing = [&](const char* name) {
    const std::string why =
        message_of<ms::InvalidValueError>([&] { w.session().run_fragment(name); });
    EXPECT_TRUE(names(why, name)) << why;
    return why;
  };
  missing("a");
  w.run([](ms::Run& run) {
    ms::fragment(run, "a", [](ms::Run& inner) {
      ms::text(inner, "in a");
      ms::fragment(inner, "b", [](ms::Run& innermost) { ms::text(innermost, "in b"); });
    });
    message_of<ms::SessionBusyError>([&] { run.session().run_fragment("a"); });
  });
  const std::string page = "fragment a {text in a, fragment b {text in b}}";
  EXPECT_EQ(summary(w.page), page);
  EXPECT_EQ(summary(w.session().run_fragment("b")), page);
  EXPECT_EQ(summary(w.session().run_fragment("a")), page);
  EXPECT_TRUE(contains(missing("c"), "It had: \"a\", \"b\""));
  w.run([](ms::Run&) {});
  missing("a");
}

TEST(Fragments, CallBackAndDropWhatTheyShowNoMore) {
  World w;
  w.run([](ms::Run& run) {
    ms::fragment(run, "f", [](ms::Run& inner) {
      const auto count = [](ms::Session& session) {
        session.set_state("count", session.state<int>("count") + 1);
      };
      if (ms::checkbox(inner, "more", {.on_change = ms::callback(count)})) {
        ms::slider(inner, "n", 0, 9, 5);
      }
      ms::write(inner, inner.state<int>("count"));
    });
  });
  const auto set = [&](const char* widget, const ms::Value& value) {
    w.session().set(widget, value);
    return summary(w.session().run_fragment("f"));
  };
  EXPECT_EQ(set("more", true), "fragment f {checkbox more=yes, slider n=5, text 1}");
  EXPECT_EQ(set("n", 7), "fragment f {checkbox more=yes, slider n=7, text 1}");
  EXPECT_EQ(set("more", false), "fragment f {checkbox more=no, text 2}");
  EXPECT_EQ(set("more", true), "fragment f {checkbox more=yes, slider n=5, text 3}");
}

TEST(Fragments, RefuseWhatTheyCouldNotRepeat) {
  World w;
  const auto refused = [&](const std::function<void(ms::Run&)>& script, const char* why) {
    w.run(script);
    EXPECT_TRUE(ended_by<ms::UsageError>(w.page) || ended_by<ms::CachedEffectError>(w.page));
    EXPECT_TRUE(contains(w.page.error_text(), why)) << w.page.error_text();
  };
  const auto nothing = [](ms::Run&) {};
  refused([&](ms::Run& run) { ms::fragment(run, "", nothing); }, "name is empty");
  refused([&](ms::Run& run) { ms::fragment(run, "f", nullptr); }, "no function");
  refused(
      [&](ms::Run& run) {
        ms::fragment(run, "f", nothing);
        ms::fragment(run, "f", nothing);
      },
      "\"f\" is on the page already");
  refused(
      [&](ms::Run& run) {
        ms::fragment(run, "f", [](ms::Run& inner) { ms::text(ms::sidebar(inner), "x"); });
      },
      "\"f\" wrote to the sidebar");
  auto cached = w.engine.cache_data("cached", [&](ms::Run& run) {
    ms::fragment(run, "f", nothing);
    return 1;
  });
  refused([&](ms::Run& run) { cached(run); }, "\"f\" was made inside a cached function");
  EXPECT_EQ(w.entries(), 0U);
  // A click outside is not swallowed in silence.
  w.run([&](ms::Run& run) {
    ms::fragment(run, "f", nothing);
    ms::button(run, "go");
  });
  w.session().click("go");
  EXPECT_TRUE(contains(w.session().run_fragment("f").error_text(), "\"go\" was clicked"));
}

TEST(Fragments, StartAgainByRerunAndAreDrivenByAppTest) {
  World w;
  ms::AppTest app(w.engine, [](ms::Run& run) {
    ms::fragment(run, "f", [](ms::Run& inner) {
      const int n = inner.state<int>("n");
      ms::write(inner, n);
      if (n % 3 != 0) {
        inner.set_state("n", n + 1);
        inner.rerun();
      }
    });
  });
  app.run();
  app.session().set_state("n", 1);
  EXPECT_EQ(summary(app.run_fragment("f").page()), "fragment f {text 3}");
}

}  // namespace
}  // namespace memoscape::testing

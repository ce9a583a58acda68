// The rules of widgets (W) that the scenarios leave.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

TEST(Widgets, NeedThePermissionOfEveryFunctionAroundThem) {
  both_kinds([](auto cache) {
    for (const bool inner_is_warm : {false, true}) {
      Twin twin([&](World& w) {
        auto inner = cache(w, "inner",
                           [&w](ms::Run& run) {
                             w.log.add("inner");
                             return ms::slider(run, "n", 0, 9, 5);
                           },
                           {.allow_widgets = true});
        auto outer = cache(w, "outer", [&w, inner](ms::Run& run) {
          w.log.add("outer");
          return *inner(run);
        });
        if (inner_is_warm) w.run(9, [&](ms::Run& run) { inner(run); });
        return [=, &w](ms::Run& run) {
          for (int i = 0; i < 2; ++i) {
            const std::string why = message_of<ms::CachedWidgetError>([&] { outer(run); });
            EXPECT_TRUE(names(why, "outer") && contains(why, "slider") && names(why, "n")) << why;
          }
          w.show(run, *inner(run));
        };
      });
      EXPECT_EQ(twin.run(), "slider n=5, text 5");
      EXPECT_EQ(twin.cached().function("outer").permutations, 0U);
      EXPECT_EQ(twin.cached().function("inner").permutations, 1U);
    }
  });
}

TEST(Widgets, DoNotNeedPermissionOnceTheirValueIsAnArgument) {
  Twin twin([](World& w) {
    auto f = w.engine.cache_data("f", [&w](int n) {
      w.log.add("f", n);
      return n * 2;
    });
    return [=, &w](ms::Run& run) { w.show(run, *f(run, ms::slider(run, "n", 0, 9, 5))); };
  });
  EXPECT_EQ(twin.run(), "slider n=5, text 10");
  EXPECT_EQ(twin.set("n", 6), "slider n=6, text 12");
  EXPECT_EQ(twin.set("n", 5), "slider n=5, text 10");
  EXPECT_EQ(twin.log(), Lines("f 5", "f 6"));
}

TEST(Widgets, UploadsAreNotReadThroughSessionStateInsideACachedFunction) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f", [&w](ms::Run& run) {
        w.log.add("f");
        run.state<ms::Value>("file");
        return 0;
      });
      return [=](ms::Run& run) {
        ms::file_uploader(run, "a file", {.key = "file"});
        run.state<ms::Value>("file");  // outside it may be read
        f(run);
      };
    });
    for (int i = 0; i < 2; ++i) {
      twin.run();
      EXPECT_TRUE(ended_by<ms::UnsupportedWidgetError>(twin.cached().page))
          << summary(twin.cached().page);
      twin.each([](World& w) {
        w.session().upload("file", {.name = "a.csv", .type = "text/csv", .bytes = "1"});
      });
    }
    EXPECT_EQ(twin.entries(), 0U);
  });
}

// An entry made while the name was no upload must not answer once it is one.
TEST(Widgets, UploadsAreNotReadThroughSessionStateOnAHitEither) {
  World w;
  auto f = w.engine.cache_data("f", [&w](ms::Run& run) {
    w.log.add("f");
    return run.state<ms::Value>("file").is_null() ? 0 : 1;
  });
  w.script = [&](ms::Run& run) { w.show(run, *f(run)); };
  EXPECT_EQ(w.run(), "text 0");
  w.run([&](ms::Run& run) {
    ms::file_uploader(run, "a file", {.key = "file"});
    f(run);
  });
  EXPECT_TRUE(ended_by<ms::UnsupportedWidgetError>(w.page)) << summary(w.page);
}

TEST(Widgets, OfOneIdentityAreDuplicates) {
  World w;
  const auto is_duplicate = [&](auto first, auto second) {
    w.run([&](ms::Run& run) {
      first(run);
      second(run);
    });
    return ended_by<ms::DuplicateWidgetError>(w.page);
  };
  const auto slider = [](const char* label, int max, const char* key) {
    return [=](ms::Run& run) { ms::slider(run, label, 0, max, 0, {.key = key}); };
  };
  const auto checkbox = [](const char* label, const char* key) {
    return [=](ms::Run& run) { ms::checkbox(run, label, {.key = key}); };
  };
  EXPECT_TRUE(is_duplicate(slider("a", 9, ""), slider("a", 9, "")));
  EXPECT_FALSE(is_duplicate(slider("a", 9, ""), slider("a", 8, "")));
  EXPECT_FALSE(is_duplicate(slider("a", 9, ""), slider("b", 9, "")));
  EXPECT_FALSE(is_duplicate(slider("a", 9, ""), checkbox("a", "")));
  EXPECT_FALSE(is_duplicate(slider("a", 9, "k"), slider("a", 9, "l")));
  EXPECT_FALSE(is_duplicate(slider("a", 9, "k"), slider("a", 9, "")));
  EXPECT_TRUE(is_duplicate(slider("a", 9, "k"), slider("b", 8, "k")));
  EXPECT_TRUE(is_duplicate(slider("a", 9, "k"), checkbox("b", "k")));  // unique across kinds
  EXPECT_TRUE(is_duplicate([](ms::Run& run) { ms::form(run, "k"); }, checkbox("b", "k")));
}

TEST(Widgets, OnAReplayedPageAreDuplicatesForTheScriptToo) {
  Twin twin([](World& w) {
    auto f = w.engine.cache_data("f", [](ms::Run& run) { return ms::slider(run, "n", 0, 9, 5); },
                                 {.allow_widgets = true});
    return [=, &w](ms::Run& run) {
      if (run.state<bool>("script first")) ms::slider(run, "n", 0, 9, 5);
      w.show(run, *f(run));
      if (!run.state<bool>("script first")) ms::slider(run, "n", 0, 9, 5);
    };
  });
  for (const bool script_first : {false, true, false, true}) {
    twin.each([&](World& w) { w.session().set_state("script first", script_first); });
    twin.run();
    EXPECT_TRUE(ended_by<ms::DuplicateWidgetError>(twin.cached().page));
  }
}

TEST(Widgets, CallTheirCallbacksInPageOrderWithTheirArguments) {
  Twin twin([](World& w) {
    const auto append = [](ms::Session& session, std::string name, int number) {
      session.set_state("calls",
                        session.state<std::string>("calls") + name + std::to_string(number) + " ");
    };
    auto f = w.engine.cache_data(
        "f",
        [append](ms::Run& run) {
          ms::checkbox(run, "b", {.on_change = ms::callback(append, "b", 2)});
          return ms::slider(run, "c", 0, 9, 0, {.on_change = ms::callback(append, "c", 3)});
        },
        {.allow_widgets = true});
    return [=, &w](ms::Run& run) {
      ms::text_input(run, "a", {.on_change = ms::callback(append, std::string_view("a"), 1)});
      w.show(run, *f(run));
      w.show(run, "calls: " + run.state<std::string>("calls"));
    };
  });
  twin.run();
  twin.each([](World& w) {
    w.session().set("c", 1);
    w.session().set("b", true);
    w.session().set("a", "x");
  });
  EXPECT_EQ(twin.run(),
            "text_input a=x, checkbox b=yes, slider c=1, text 1, "
            "markdown calls: a1 b2 c3 ");
  // A value that is the same is no change.
  EXPECT_EQ(twin.set("b", true),
            "text_input a=x, checkbox b=yes, slider c=1, text 1, "
            "markdown calls: a1 b2 c3 ");
}

TEST(Widgets, ThatARunDidNotShowLoseTheirState) {
  Twin twin([](World& w) {
    return [&w](ms::Run& run) {
      if (!ms::checkbox(run, "hide")) w.show(run, ms::slider(run, "n", 0, 9, 5, {.key = "k"}));
    };
  });
  twin.run();
  EXPECT_EQ(twin.set("k", 7), "checkbox hide=no, slider n=7, text 7");
  EXPECT_EQ(twin.set("hide", true), "checkbox hide=yes");
  EXPECT_EQ(twin.set("hide", false), "checkbox hide=no, slider n=5, text 5");
}

TEST(Widgets, RefuseValuesFromOutsideAndChangeNothing) {
  Twin twin([](World& w) {
    return [&w](ms::Run& run) {
      w.show(run, ms::slider(run, "n", 0, 9, 5));
      ms::selectbox(run, "choice", {"a", "b"});
      ms::text_input(run, "word", {.max_chars = 3});
      ms::checkbox(run, "twin");
      ms::slider(run, "twin", 0, 1, 0);
      ms::button(run, "go");
    };
  });
  const std::string page = twin.run();
  twin.each([](World& w) {
    ms::Session& user = w.session();
    const auto refused = [&](const char* widget, const ms::Value& value, const char* why) {
      const std::string message =
          message_of<ms::InvalidValueError>([&] { user.set(widget, value); });
      EXPECT_TRUE(contains(message, why)) << message;
    };
    refused("nothing", 1, "nothing");
    refused("", 1, "");
    refused("n", 10, "n");
    refused("n", -1, "n");
    refused("n", 2.5, "n");
    refused("n", "5", "n");
    refused("n", ms::Value(), "n");
    refused("choice", "c", "choice");
    refused("choice", 0, "choice");
    refused("word", "long", "word");
    refused("word", "\xC3", "UTF-8");
    refused("twin", true, "ambiguous");
    refused("go", true, "click");
    message_of<ms::InvalidValueError>([&] { user.click("n"); });
    message_of<ms::InvalidValueError>([&] { user.click("nothing"); });
    message_of<ms::InvalidValueError>([&] { user.upload("n", {}); });
    message_of<ms::InvalidValueError>([&] { user.preset("n", 99); });
    message_of<ms::InvalidValueError>([&] { user.set_query("page", "\xFF"); });
    EXPECT_EQ(user.value("n"), ms::Value(5));
  });
  EXPECT_EQ(twin.run(), page);
  EXPECT_EQ(twin.cached().session().rejected_values(), 0U);
}

TEST(Widgets, TakeAPresetValueWhenItFitsAndTheirDefaultWhenNot) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&w](ms::Run& run) {
                       const int n = ms::slider(run, "n", 0, 9, 5);
                       w.log.add(n);
                       return n;
                     },
                     {.allow_widgets = true});
      return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
    });
    EXPECT_EQ(twin.run(0), "slider n=5, text 5");
    twin.each([](World& w) {
      w.session(1).preset("n", 7);
      w.session(2).preset("n", 70);
      w.session(3).preset("m", 7);
    });
    EXPECT_EQ(twin.run(1), "slider n=7, text 7");
    EXPECT_EQ(twin.run(1), "slider n=7, text 7");
    EXPECT_EQ(twin.run(2), "slider n=5, text 5");
    EXPECT_EQ(twin.run(3), "slider n=5, text 5");
    EXPECT_EQ(twin.log(), Lines("5", "7"));
    twin.each([](World& w) {
      EXPECT_EQ(w.session(1).rejected_values(), 0U);
      EXPECT_EQ(w.session(2).rejected_values(), 1U);
      EXPECT_EQ(w.session(3).rejected_values(), 0U);
      EXPECT_EQ(w.engine.report().totals.rejected_values, 1U);
    });
  });
}

TEST(Widgets, KeyedTakeTheirValueFromSessionState) {
  Twin twin([](World& w) {
    auto f = w.engine.cache_data("f",
                                 [&w](ms::Run& run) {
                                   const int n = ms::slider(run, "n", 0, 9, 5, {.key = "k"});
                                   w.log.add(n, run.state<int>("k"));
                                   return n;
                                 },
                                 {.allow_widgets = true});
    return [=, &w](ms::Run& run) {
      if (run.state<bool>("write")) run.set_state("k", 8);
      w.show(run, *f(run));
      w.show(run, run.state<int>("k"));
    };
  });
  EXPECT_EQ(twin.run(), "slider n=5, text 5, text 5");
  twin.each([](World& w) { w.session().set_state("k", 7); });
  EXPECT_EQ(twin.run(), "slider n=7, text 7, text 7");
  EXPECT_EQ(twin.set("k", 6), "slider n=6, text 6, text 6");
  twin.each([](World& w) { w.session().set_state("write", true); });
  EXPECT_EQ(twin.run(), "slider n=8, text 8, text 8");
  EXPECT_EQ(twin.run(1), "slider n=5, text 5, text 5");
  EXPECT_EQ(twin.log(), Lines("5 5", "7 7", "6 6", "8 8"));
}

TEST(Widgets, InAFormHandOverTheirValuesTogether) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&w](ms::Run& run) {
                       const ms::Place form = ms::form(run, "order");
                       const int a = ms::slider(form, "a", 0, 9, 0);
                       const int b = ms::slider(form, "b", 0, 9, 0);
                       const bool sent = ms::form_submit_button(form, "send");
                       w.log.add(a, b, sent);
                       return a * 10 + b + (sent ? 100 : 0);
                     },
                     {.allow_widgets = true});
      return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
    });
    const auto page = [](int a, int b, bool sent) {
      return "form {slider a=" + std::to_string(a) + ", slider b=" + std::to_string(b) +
             ", form_submit_button send=" + (sent ? "yes" : "no") + "}, text " +
             std::to_string(a * 10 + b + (sent ? 100 : 0));
    };
    EXPECT_EQ(twin.run(), page(0, 0, false));
    EXPECT_EQ(twin.set("a", 3), page(0, 0, false));
    EXPECT_EQ(twin.set("b", 4), page(0, 0, false));
    EXPECT_EQ(twin.click("send"), page(3, 4, true));
    EXPECT_EQ(twin.run(), page(3, 4, false));
    EXPECT_EQ(twin.run(), page(3, 4, false));
    EXPECT_EQ(twin.log(), Lines("0 0 0", "3 4 1", "3 4 0"));
  });
}

TEST(Widgets, InAContainerOfAFormWaitForItsButton) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&w](ms::Run& run) {
                       const ms::Place form = ms::form(run, "order");
                       const ms::Place columns = ms::columns(form, 1).at(0);
                       const int n = ms::slider(ms::container(columns), "n", 0, 9, 5);
                       ms::form_submit_button(columns, "Order");
                       w.log.add("f", n);
                       return n;
                     },
                     {.allow_widgets = true});
      return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
    });
    EXPECT_TRUE(twin.run().ends_with("text 5"));
    EXPECT_TRUE(twin.set("n", 7).ends_with("text 5"));
    EXPECT_EQ(twin.log(), Lines("f 5"));
    EXPECT_TRUE(twin.click("Order").ends_with("text 7"));
  });
}

TEST(Widgets, OfEqualDefinitionCallTheCallbackOfTheirOwnFunction) {
  Twin twin([](World& w) {
    const auto called = [](ms::Session& session, std::string name) {
      session.set_state("called", session.state<std::string>("called") + name);
    };
    const auto with_callback = [&](const char* name) {
      return w.engine.cache_data(name,
                                 [&w, called, name](ms::Run& run) {
                                   w.log.add(name);
                                   return ms::slider(run, "n", 0, 9, 5,
                                                     {.on_change = ms::callback(called, name)});
                                 },
                                 {.allow_widgets = true});
    };
    auto f = with_callback("f");
    auto g = with_callback("g");
    return [=, &w](ms::Run& run) {
      w.show(run, run.state<std::string>("called", ""));
      w.show(run, w.user(run) == 0 ? *f(run) : *g(run));
    };
  });
  for (const int user : {0, 1, 2, 0, 1, 2}) twin.run(user);
  EXPECT_EQ(twin.log(), Lines("f", "g"));
  for (const int user : {0, 1, 2}) {
    const std::string page = twin.set("n", 7, user);
    EXPECT_EQ(page, std::string("markdown ") + (user == 0 ? "f" : "g") + ", slider n=7, text 7");
  }
  EXPECT_EQ(twin.log(), Lines("f", "g"));
}

// A hidden input changes what a widget is: it forgets what it was set to, and the later definition
// is right, as for any other path.
TEST(Widgets, WhoseDefaultChangedAreOthers) {
  World w;
  int initial = 5;
  auto f = w.engine.cache_data("f",
                               [&](ms::Run& run) {
                                 const int n = ms::slider(run, "n", 0, 9, initial);
                                 w.log.add("f", n);
                                 return n;
                               },
                               {.allow_widgets = true});
  w.script = [&](ms::Run& run) { f(run); };
  w.run(0);
  initial = 7;
  w.session(0).set("n", 3);
  w.run(0);
  EXPECT_EQ(w.run(1), "slider n=7");
  EXPECT_EQ(w.log.take(), Lines("f 5", "f 7"));
  EXPECT_EQ(w.function("f").counters.divergences, 1U);
}

// The identity of one may be the label of another: then they are told apart one by one.
TEST(Widgets, AreSetByTheirNameWhateverOthersAreCalledInside) {
  World w;
  w.script = [](ms::Run& run) {
    ms::slider(run, "key:x", 0, 9);
    ms::slider(run, "other", 0, 9, {.key = "x"});
  };
  w.run();
  w.session().set("key:x", 3);
  w.session().set(*w.page.find("slider", "other")->widget(), 4);
  EXPECT_EQ(w.run(), "slider key:x=3, slider other=4");
}

}  // namespace
}  // namespace memoscape::testing

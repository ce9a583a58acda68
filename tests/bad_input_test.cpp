// Bad input: each gets an error that says what is wrong and what to do instead, word for word, and
// changes nothing. `include/ERRORS.md` shows one message of each kind.
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

using std::chrono::seconds;

// A page of one cached function and widgets of several kinds, which Alice has seen.
class App {
 public:
  App() {
    w_.script = [this](ms::Run& run) {
      w_.show(run, *rain_(run, 2012));
      ms::selectbox(run, "Month", {"May", "June"});
      ms::multiselect(run, "Kinds", {"rain", "snow"}, {.max_selections = 1});
      ms::slider(run, "Share", 0.0, 1.0, 0.5);
      ms::text_input(run, "Note", {.max_chars = 3});
      ms::checkbox(run, "Dry", {.key = "first"});
      ms::checkbox(run, "Dry", {.key = "second"});
      ms::button(run, "Send");
      ms::file_uploader(run, "File", {.max_bytes = 4});
      w_.show(run, run.state<int>("visits"));
      w_.show(run, run.query("page").value_or("none"));
    };
    page_ = w_.run(alice);
    EXPECT_EQ(page_, w_.run(alice));
    EXPECT_EQ(w_.log.take(), Lines("rain 7"));
  }
  // At the end Alice and a new user find all as it was, and nothing executes.
  ~App() {
    EXPECT_EQ(w_.run(alice), page_);
    EXPECT_EQ(w_.run(bob), page_);
    EXPECT_EQ(w_.log.take(), Lines());
    EXPECT_EQ(w_.session(alice).rejected_values(), 0U);
  }

  // `misuse` throws exactly this E, and nothing has changed.
  template <class E>
  void refuses(const std::function<void()>& misuse, const std::string& message) {
    const std::string before = all_there_is();
    EXPECT_EQ(message_of<E>(misuse), message);
    EXPECT_EQ(all_there_is(), before);
  }
  // The same for what a script does, in a session of its own; cold and warm.
  template <class E>
  void refuses_in_script(const std::function<void(ms::Run&)>& misuse, const std::string& message) {
    const std::string before = all_there_is();
    for (int i = 0; i < 2; ++i) {
      const std::string page = w_.run(carol, misuse);
      EXPECT_TRUE(page.ends_with("exception " + message)) << page;
      EXPECT_TRUE(ended_by<E>(w_.page)) << page;
      EXPECT_EQ(w_.page.error_text(), message);
      EXPECT_EQ(all_there_is(), before);
    }
  }

  static constexpr int alice = 0, bob = 1, carol = 2;
  ms::Engine& engine() { return w_.engine; }
  ms::Session& user() { return w_.session(alice); }
  const ms::Cached<const int, int>& rain() { return rain_; }

 private:
  // What Alice would see and save, what is kept, and every limit.
  std::string all_there_is() {
    ms::Session& user = w_.session(alice);
    std::string all = user.save() + ms::to_text(user.value("File")) + ' ' +
                      std::to_string(user.state<int>("visits")) + '\n';
    for (const ms::Limits& limits : {w_.engine.limits(), rain_.limits()}) {
      all += ms::format("{} bytes, {} entries, {} s\n", limits.max_bytes, limits.max_entries,
                        limits.ttl / seconds(1));
    }
    const ms::Report report = w_.engine.report();
    for (const ms::PermutationRow& row : report.permutations) {
      all += row.id + ' ' + row.function + ' ' + std::to_string(row.bytes.total()) + '\n';
    }
    return all;
  }

  World w_;
  ms::Cached<const int, int> rain_ =
      w_.engine.cache_data("rain",
                           [this](ms::Run& run, int year) {
                             const int days = ms::slider(run, "Days", 1, 30, 7);
                             w_.log.add("rain", days);
                             return year + days;
                           },
                           {.allow_widgets = true, .limits = {.ttl = seconds(60)}});
  std::string page_;
};

// --- What a user, a browser or a test says

TEST(BadInput, ForAWidgetThatIsNotThereNamesThoseThatAre) {
  App app;
  using E = ms::InvalidValueError;
  const auto unknown = [](const std::string& name) {
    return "there is no widget " + name +
           " on the last page. It had: \"Days\", \"Month\", \"Kinds\", \"Share\", \"Note\", "
           "\"first\", \"second\", \"Send\", \"File\". To set a widget before it is first shown, "
           "use preset";
  };
  app.refuses<E>([&] { app.user().set("Weeks", 7); }, unknown(R"("Weeks")"));
  app.refuses<E>([&] { app.user().set("", 7); }, unknown(R"("")"));
  app.refuses<E>([&] { app.user().set("\xFF", 7); }, unknown(R"("\xff")"));
  app.refuses<E>([&] { app.user().click("Weeks"); }, unknown(R"("Weeks")"));
  app.refuses<E>([&] { app.user().upload("Weeks", {}); }, unknown(R"("Weeks")"));
  app.refuses<E>([&] { (void)app.user().value("Weeks"); }, unknown(R"("Weeks")"));
  ms::Session nobody(app.engine());
  app.refuses<E>([&] { nobody.set("Days", 7); },
                 "there is no widget \"Days\" on the last page. It had no widgets. To set a widget "
                 "before it is first shown, use preset");
  app.refuses<E>([&] { app.user().set("Dry", true); },
                 "label \"Dry\" is ambiguous: the page has a checkbox and a checkbox of that "
                 "label. Give them keys, and set them by key");
}

TEST(BadInput, OutsideADefinitionSaysWhatTheWidgetTakes) {
  App app;
  using E = ms::InvalidValueError;
  const auto refuses = [&](const char* widget, const ms::Value& value, const std::string& why) {
    app.refuses<E>([&] { app.user().set(widget, value); }, why);
    app.refuses<E>([&] { app.user().preset(widget, value); }, why);
  };
  const std::string days = "slider \"Days\" was not set: ";
  refuses("Days", 31, days + "31 is above its greatest value 30");
  refuses("Days", 0, days + "0 is below its least value 1");
  refuses("Days", 2.5, days + "it must be an integer, not a number 2.5");
  refuses("Days", "7", days + "it must be an integer, not text 7");
  refuses("Days", true, days + "it must be an integer, not a bool true");
  refuses("Days", ms::Value(), days + "it must be an integer, not nothing");
  const std::string share = "slider \"Share\" was not set: ";
  refuses("Share", 1.5, share + "1.5 is above its greatest value 1");
  refuses("Share", std::numeric_limits<double>::quiet_NaN(), share + "nan is not a finite number");
  const std::string month = "selectbox \"Month\" was not set: ";
  refuses("Month", "July", month + R"("July" is none of its options: "May", "June")");
  refuses("Month", 0, month + "it must be the text of an option, not an integer 0");
  const std::string kinds = "multiselect \"Kinds\" was not set: ";
  refuses("Kinds", std::vector<std::string>{"hail"},
          kinds + R"("hail" is none of its options: "rain", "snow")");
  refuses("Kinds", std::vector<std::string>{"rain", "snow"},
          kinds + "2 options are selected, and at most 1 may be");
  refuses("Note", "long",
          "text_input \"Note\" was not set: it has 4 characters, and at most 3 "
          "are allowed");
  refuses("first", 1, "checkbox \"Dry\" was not set: it must be true or false, not an integer 1");
  refuses("Send", true, "button \"Send\" has no value to set. Use click");
  app.refuses<E>([&] { app.user().click("Days"); }, "slider \"Days\" cannot be clicked. Use set");
  app.refuses<E>(
      [&] {
        app.user().upload("File", {"a", "text/plain", "12345"});
      },
      "file_uploader \"File\" was not set: it has 5 bytes, and at most 4 are allowed");
  app.refuses<E>(
      [&] {
        app.user().upload("Days", {"a", "text/plain", "1"});
      },
      days + "it must be an integer, not media a (1 B)");
}

TEST(BadInput, ThatIsNotUtf8IsRefusedWhereverTextComesIn) {
  App app;
  using E = ms::InvalidValueError;
  app.refuses<E>([&] { app.user().set("Note", "\xC3"); },
                 "text_input \"Note\" was not set: it is not valid UTF-8");
  app.refuses<E>([&] { app.user().preset("Note", "\xC3"); },
                 "text_input \"Note\" was not set: it is not valid UTF-8");
  app.refuses<E>([&] { app.user().set("Month", "\xFF"); },
                 R"(selectbox "Month" was not set: "\xff" is none of its options: "May", "June")");
  app.refuses<E>(
      [&] {
        app.user().upload("File", {"\xFF", "text/plain", "1"});
      },
      "file_uploader \"File\" was not set: the name of the file is not valid UTF-8");
  const std::string query = "a query parameter must be valid UTF-8";
  app.refuses<E>([&] { app.user().set_query("page", "\xFF"); }, query);
  app.refuses<E>([&] { app.user().set_query("\xFF", "2"); }, query);
  app.refuses_in_script<E>([](ms::Run& run) { run.set_query("page", "\xFF"); }, query);
  app.refuses_in_script<E>([](ms::Run& run) { run.set_query("\xFF", "2"); }, query);
  const auto one = [] { return 1; };
  const std::string name = "the name and version of a cached function must be valid UTF-8";
  app.refuses<ms::UsageError>([&] { app.engine().cache_data("\xFF", one); }, name);
  app.refuses<ms::UsageError>(
      [&] { app.engine().cache_resource("snow", one, {.version = "\xFF"}); }, name);
}

// --- Names and limits

TEST(BadInput, WithoutANameIsRefused) {
  App app;
  using E = ms::UsageError;
  const auto one = [] { return 1; };
  const std::string function =
      "a cached function needs a name: engine.cache_data(\"name\", function)";
  app.refuses<E>([&] { app.engine().cache_data("", one); }, function);
  app.refuses<E>([&] { app.engine().cache_resource("", one); }, function);
  app.refuses<ms::InvalidValueError>([&] { app.user().preset("", 7); },
                                     "a preset needs the label or key of a widget");
  const std::string state = "a session-state entry needs a name";
  app.refuses<E>([&] { app.user().set_state("", 1); }, state);
  app.refuses_in_script<E>([](ms::Run& run) { run.set_state("", 1); }, state);
  app.refuses_in_script<E>([](ms::Run& run) { run.state<int>(""); }, state);
  const std::string query = "a query parameter needs a name";
  app.refuses<E>([&] { app.user().set_query("", "1"); }, query);
  app.refuses_in_script<E>([](ms::Run& run) { run.set_query("", "1"); }, query);
  app.refuses_in_script<E>([](ms::Run& run) { run.query(""); }, query);
  app.refuses_in_script<E>(
      [](ms::Run& run) { ms::checkbox(run, ""); },
      "a checkbox needs a label or a key, by which it can be told from others");
  app.refuses_in_script<E>([](ms::Run& run) { ms::form(run, ""); },
                           "form: the key is empty. Cure: pass a name for the form");
  app.refuses_in_script<E>([](ms::Run& run) { ms::fragment(run, "", [](ms::Run&) {}); },
                           "fragment: the name is empty. Cure: pass a name for it");
}

TEST(BadInput, ForANameThatIsTakenOrNotThereSaysWhich) {
  App app;
  using E = ms::UsageError;
  const auto one = [] { return 1; };
  const std::string taken =
      "cached function \"rain\" is registered already. Give each function a name of its own, "
      "remove the old one first, or give the new one another .version";
  app.refuses<E>([&] { app.engine().cache_data("rain", one); }, taken);
  app.refuses<E>([&] { app.engine().cache_resource("rain", one); }, taken);
  app.refuses<E>([&] { app.engine().remove("snow"); },
                 "there is no cached function \"snow\" to remove");
  app.refuses<E>([&] { app.engine().set_limits("snow", {}); },
                 "there is no cached function \"snow\" to set limits of");
}

TEST(BadInput, ANegativeTimeToLiveIsRefused) {
  App app;
  using E = ms::UsageError;
  const auto one = [] { return 1; };
  const ms::Limits negative = {.max_bytes = 1, .max_entries = 1, .ttl = seconds(-1)};
  const std::string engine = "the ttl of the engine is negative. Use 0 for no limit";
  app.refuses<E>([&] { ms::Engine({.limits = negative}); }, engine);
  app.refuses<E>([&] { app.engine().set_limits(negative); }, engine);
  const std::string rain = "the ttl of cached function \"rain\" is negative. Use 0 for no limit";
  app.refuses<E>([&] { app.engine().set_limits("rain", negative); }, rain);
  app.refuses<E>([&] { app.rain().set_limits(negative); }, rain);
  app.refuses<E>(  // the version that is there stays
      [&] { app.engine().cache_data("rain", one, {.limits = negative, .version = "2"}); }, rain);
  const std::string snow = "the ttl of cached function \"snow\" is negative. Use 0 for no limit";
  app.refuses<E>([&] { app.engine().cache_data("snow", one, {.limits = negative}); }, snow);
  app.refuses<E>([&] { app.engine().cache_resource("snow", one, {.limits = negative}); }, snow);
}

// --- Runs

// All that takes a run, or a container that one made.
class RunUses {
 public:
  explicit RunUses(App& app) : app_(app) {}
  std::size_t size() const { return uses_.size(); }
  void operator()(std::size_t i) const { uses_[i](); }

  ms::Run* run = nullptr;

 private:
  App& app_;
  std::vector<std::function<void()>> uses_ = {
      [this] { app_.rain()(*run, 2012); },
      [this] { run->state<int>("visits"); },
      [this] { run->set_state("visits", 1); },
      [this] { run->query("page"); },
      [this] { run->set_query("page", "2"); },
      [this] { (void)run->session(); },
      [this] { run->arena(); },
      [this] { run->show(); },
      [this] { run->stop(); },
      [this] { run->rerun(); },
  };
};

// That it is another session's run that has ended makes no difference.
TEST(BadInput, ARunThatHasEndedSaysSo) {
  App app;
  using E = ms::UsageError;
  RunUses uses(app);
  std::optional<ms::Place> place;
  app.user().run([&](ms::Run& run) {
    uses.run = &run;
    place = ms::container(run);
    run.stop();  // so that nothing is dropped
  });
  const std::string ended =
      "this Run has ended. A Run is valid until the script or cached function it was handed to "
      "returns: use the one that is passed in, and do not keep it";
  const std::string handle =
      "a page handle was used after its run. Containers and elements belong to the run that made "
      "them: make them anew in each run";
  const auto refuses = [&](const std::function<void()>& use, const std::string& message) {
    app.refuses<E>(use, message);
    app.refuses_in_script<E>([&](ms::Run&) { use(); }, message);
    auto snow = app.engine().cache_data("snow", [&use] {
      use();
      return 1;
    });
    app.refuses_in_script<E>([&](ms::Run& run) { snow(run); }, message);
    app.engine().remove("snow");
  };
  for (std::size_t i = 0; i < uses.size(); ++i) {
    SCOPED_TRACE(i);
    refuses([&] { uses(i); }, ended);
  }
  refuses([&] { uses.run->within(*place, [] {}); }, ended);
  refuses([&] { ms::text(*uses.run, "late"); }, handle);
  refuses([&] { ms::checkbox(*uses.run, "late"); }, handle);
  refuses([&] { ms::text(*place, "late"); }, handle);
}

TEST(BadInput, ARunCapturedFromOutsideACachedFunctionSaysSo) {
  App app;
  using E = ms::UsageError;
  RunUses uses(app);
  for (std::size_t i = 0; i < uses.size(); ++i) {
    SCOPED_TRACE(i);
    auto inner = app.engine().cache_data("inner", [&](ms::Run&) {
      uses(i);
      return 1;
    });
    auto outer = app.engine().cache_data("outer", [inner](ms::Run& run) { return *inner(run); });
    for (const bool nested : {false, true}) {
      app.refuses_in_script<E>(
          [&](ms::Run& run) {
            uses.run = &run;
            nested ? *outer(run) : *inner(run);
          },
          "cached function \"inner\" used a Run captured from outside. Use the Run& that the "
          "function gets as its first parameter, so that what it reads becomes part of its key");
    }
    app.engine().remove("outer");
    app.engine().remove("inner");
  }
}

// Frames are numbered by each run for itself: the number alone does not tell whose it is.
TEST(BadInput, TheRunOfAFunctionThatReturnedSaysThatItEnded) {
  World w;
  ms::Run* inner = nullptr;
  auto f = w.engine.cache_data("f", [&](ms::Run& run) {
    inner = &run;
    return 1;
  });
  w.run([&](ms::Run& run) {
    f(run);
    inner->state("x", 1);
  });
  EXPECT_TRUE(contains(w.page.error_text(), "this Run has ended")) << w.page.error_text();
}

// Whatever else the script's run knows.
TEST(BadInput, ARunCapturedFromOutsideIsRefusedThoughItWouldHaveAShortcut) {
  World w;
  ms::Run* script = nullptr;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  auto g = w.engine.cache_data("g", [&](ms::Run&) { return *f(*script, 1); });
  w.script = [&](ms::Run& run) {
    script = &run;
    f(run, 1);
    if (run.state("asks", false)) g(run);
  };
  for (int i = 0; i < 3; ++i) w.run();
  w.session().set_state("asks", true);
  w.run();
  EXPECT_TRUE(ended_by<ms::UsageError>(w.page)) << summary(w.page);
}

TEST(BadInput, ARunCapturedFromOutsideIsNotWrittenToThoughItsPageIsEmptyYet) {
  World w;
  ms::Run* script = nullptr;
  auto f = w.engine.cache_data("f", [&](ms::Run&) {
    ms::text(*script, "of the script");
    return 1;
  });
  w.script = [&](ms::Run& run) {
    script = &run;
    f(run);
  };
  w.run();
  EXPECT_TRUE(ended_by<ms::ReplayClosureError>(w.page)) << summary(w.page);
}

TEST(BadInput, AContainerOfAnotherSessionsRunIsRefused) {
  App app;
  ms::Session other(app.engine());
  const ms::Page page = other.run([&](ms::Run& run) {
    const ms::Place place = ms::container(run);
    app.refuses_in_script<ms::UsageError>(
        [&](ms::Run& mine) { mine.within(place, [&] { ms::text(mine, "7 mm"); }); },
        "the script wrote within a container of another run. Make it with the run that writes to "
        "it");
  });
  EXPECT_EQ(summary(page), "container {}");
}

}  // namespace
}  // namespace memoscape::testing

// The headless driver: what a user could do is done, what a user could not do is refused.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "memoscape/memoscape.hpp"

namespace ms = memoscape;

namespace {

class AppTest : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(engine_.check(), ""); }

  static void expect_refused(const std::function<void()>& interaction, std::string_view reason) {
    try {
      interaction();
      ADD_FAILURE() << "not refused: " << reason;
    } catch (const ms::InvalidValueError& error) {
      EXPECT_NE(std::string_view(error.what()).find(reason), std::string_view::npos)
          << error.what();
    }
  }

  ms::ManualClock clock_;
  ms::Engine engine_{{.clock = &clock_}};
};

void explorer(ms::Run& run) {
  ms::title(run, "Flights");
  const std::string origin = ms::selectbox(run, "Origin", {"SEA", "PDX"});
  const int minutes = ms::slider(run, "Delayed by at least", 0, 180, 15, {.key = "minutes"});
  ms::text(run, ms::format("{} {}", origin, minutes));
  if (ms::checkbox(run, "Only some months")) {
    for (const std::string& month : ms::multiselect(run, "Months", {"Jan", "Feb", "Mar"})) {
      ms::text(run, month);
    }
  }
  if (ms::button(run, "Go")) ms::success(run, "went");
  const std::string name = ms::text_input(run, "Name");
  if (!name.empty()) ms::text(run, "Hello " + name);
  if (const ms::MediaPtr file = ms::file_uploader(run, "File")) ms::text(run, file->bytes);
  ms::checkbox(run, "Fixed", {.disabled = true});
}

TEST_F(AppTest, DoesWhatAUserDoes) {
  ms::AppTest app(engine_, explorer);
  app.run();
  EXPECT_EQ(app.element("text").label(), "SEA 15");
  app.set("minutes", 60).select("Origin", "PDX").run();
  EXPECT_EQ(app.element("text").label(), "PDX 60");
  EXPECT_EQ(app.slider("minutes").value(), ms::Value(60));
  EXPECT_EQ(app.slider("Delayed by at least").key(), "minutes");
  EXPECT_EQ(app.value<int>("minutes"), 60);

  EXPECT_FALSE(app.has("multiselect"));
  app.check("Only some months").run();
  app.select("Months", "Mar").select("Months", "Jan").run();
  EXPECT_EQ(app.element("text", 1).label(), "Mar");
  EXPECT_EQ(app.element("text", 2).label(), "Jan");
  app.unselect("Months", "Mar").run();
  EXPECT_EQ(app.value<std::vector<std::string>>("Months"), std::vector<std::string>{"Jan"});
  app.select("Months", {"Feb", "Mar"}).run();
  EXPECT_EQ(app.element("text", 2).label(), "Mar");
  app.uncheck("Only some months").run();
  EXPECT_FALSE(app.has("multiselect"));

  app.click("Go").run();
  EXPECT_TRUE(app.has("success", "went"));
  app.run();
  EXPECT_FALSE(app.has("success"));

  app.type("Name", "Ann").upload("File", {.name = "a.txt", .type = "text/plain", .bytes = "hi"});
  app.run();
  EXPECT_TRUE(app.has("text", "Hello Ann"));
  EXPECT_TRUE(app.has("text", "hi"));
  EXPECT_EQ(app.page().error_text(), "");
}

TEST_F(AppTest, PrintsThePageAsText) {
  ms::AppTest app(engine_, explorer);
  EXPECT_EQ(app.text(), "");
  EXPECT_EQ(app.run().text(),
            "Flights\n"
            "=======\n"
            "Origin: [SEA v]\n"
            "Delayed by at least: 15  |-o---------| 0..180\n"
            "SEA 15\n"
            "[ ] Only some months\n"
            "[ Go ]\n"
            "Name: []\n"
            "File: (nothing yet)\n"
            "[ ] Fixed (disabled)\n");
}

TEST_F(AppTest, RefusesWhatAUserCouldNotDo) {
  ms::AppTest app(engine_, explorer);
  expect_refused([&] { app.click("Go"); }, "There is: nothing");
  app.run();
  expect_refused([&] { app.set("Nothing", 1); },
                 "there is no widget \"Nothing\" on the last page. There is: selectbox \"Origin\", "
                 "slider \"Delayed by at least\" (key \"minutes\")");
  expect_refused([&] { app.select("Months", "Jan"); }, "there is no widget \"Months\"");
  expect_refused([&] { app.check("Fixed"); }, "checkbox \"Fixed\" is disabled");
  expect_refused([&] { app.set("minutes", 181); }, "above its greatest value 180");
  expect_refused([&] { app.select("Origin", "JFK"); }, "none of its options");
  expect_refused([&] { app.check("minutes"); }, "an integer");
  expect_refused([&] { app.click("Origin"); }, "Origin");
  expect_refused([&] { app.type("Name", "\xff"); }, "not valid UTF-8");
  const std::string before = app.text();
  EXPECT_EQ(app.run().text(), before);
}

TEST_F(AppTest, SaysWhatThereIsWhenANodeIsNotFound) {
  ms::AppTest app(engine_, explorer);
  app.run();
  expect_refused([&] { app.widget("radio", "Origin"); },
                 "there is no radio \"Origin\" on the last page. There is: selectbox \"Origin\"");
  expect_refused([&] { app.element("text", 1); }, "there is no text number 1");
  expect_refused([&] { app.slider("Origin"); }, "there is no slider \"Origin\"");
  expect_refused([&] { app.value<std::string>("minutes"); }, "not of the type asked for");
  expect_refused([&] { app.value<int>("Nothing"); }, "Nothing");
}

TEST_F(AppTest, KeepsTheExceptionOfTheScriptOnThePage) {
  ms::AppTest app(engine_, [](ms::Run& run) {
    ms::text(run, "before");
    throw std::runtime_error("it broke");
  });
  app.run();
  EXPECT_EQ(app.page().error_text(), "it broke");
  EXPECT_EQ(app.text(), "before\n[exception] it broke\n");
}

TEST_F(AppTest, DrivesASessionOfItsOwn) {
  ms::AppTest alice(engine_, explorer);
  ms::AppTest bob(engine_, explorer);
  alice.run();
  bob.run();
  alice.set("minutes", 60).run();
  bob.run();
  EXPECT_EQ(bob.element("text").label(), "SEA 15");
  EXPECT_EQ(&alice.session().engine(), &bob.session().engine());
}

TEST_F(AppTest, ShowsTheSamePageWhetherACallExecutesOrReplays) {
  int executions = 0;
  auto count = engine_.cache_data("count",
                                  [&](ms::Run& run, int base) {
                                    ++executions;
                                    const int n = ms::slider(run, "n", 0, 10, 3);
                                    ms::text(ms::sidebar(run), ms::format("n is {}", n));
                                    const ms::Place more = ms::expander(run, "More");
                                    ms::metric(more, "sum", base + n);
                                    return base + n;
                                  },
                                  {.allow_widgets = true});
  const auto script = [&](ms::Run& run) { ms::write(run, *count(run, 40)); };
  ms::AppTest alice(engine_, script);
  ms::AppTest bob(engine_, script);
  alice.run();
  bob.run();
  EXPECT_EQ(executions, 1);
  EXPECT_EQ(alice.page(), bob.page());
  EXPECT_EQ(bob.set("n", 2).run().element("metric").element()->attributes["value"], ms::Value(42));
  EXPECT_EQ(executions, 2);
  EXPECT_EQ(bob.text(),
            "n: 2  |--o--------| 0..10\n"
            "▸ More\n"
            "  sum: 42\n"
            "42\n"
            "── Sidebar ─────────────────────────────────────────────────\n"
            "n is 2\n");
}

}  // namespace

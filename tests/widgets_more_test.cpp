// What is special about single widgets: options of own types, ranges, chat, edits, hidden labels;
// and what a script can get wrong with them.
#include <chrono>

#include "harness.hpp"
#include "widgets/iso_time.hpp"

namespace memoscape::testing {
namespace {

using namespace std::chrono_literals;
using List = ms::Value::List;

struct Airport {
  std::string code;
  int runways;
};
const std::vector<Airport> kAirports = {{"SEA", 3}, {"PDX", 2}};
std::string code_of(const Airport& airport) { return airport.code; }

TEST(Options, OfAnyTypeComeBackAsThatType) {
  World w;
  w.script = [](ms::Run& run) {
    const Airport one = ms::selectbox(run, "one", kAirports, code_of, {.index = 1});
    const auto several = ms::multiselect(run, "several", kAirports, code_of);
    const std::optional<Airport> pill = ms::pills(run, "pill", kAirports, code_of);
    ms::text(run, ms::format("{} {} {}", one.runways, several.size(), pill ? pill->runways : 0));
  };
  EXPECT_TRUE(contains(w.run(), "text 2 0 0"));
  w.session().set("one", "SEA");
  w.session().set("several", List{"PDX"});
  w.session().set("pill", "SEA");
  EXPECT_TRUE(contains(w.run(), "text 3 1 3"));
}

TEST(Label, ThatIsHiddenStillNamesItsWidget) {
  World w;
  w.script = [](ms::Run& run) {
    ms::text_input(run, "Name", {.label_visibility = ms::LabelVisibility::collapsed});
    ms::checkbox(run, "Box", {.label_visibility = ms::LabelVisibility::hidden});
  };
  w.run();
  EXPECT_EQ(ms::to_text(w.page), "[]\n[ ]\n");
  w.session().set("Name", "Ann");
  w.run();
  EXPECT_EQ(ms::to_text(w.page), "[Ann]\n[ ]\n");
}

TEST(Dates, ConvertToAndFromSysDays) {
  World w;
  w.run([](ms::Run& run) {
    const std::chrono::sys_days day =
        ms::date_input(run, "d", std::chrono::sys_days(2026y / 1 / 2));
    EXPECT_EQ(day, std::chrono::sys_days(2026y / 1 / 2));
  });
  EXPECT_EQ(w.page.error_text(), "");
}

TEST(Dates, AreReadStrictly) {
  using ms::detail::parse_date;
  using ms::detail::parse_time;
  for (const char* text : {"0001-01-01", "2024-02-29", "9999-12-31"}) {
    ASSERT_TRUE(parse_date(text)) << text;
    EXPECT_EQ(ms::detail::date_text(*parse_date(text)), text);
  }
  for (const char* text : {"", "0000-01-01", "2023-02-29", "2026-13-01", "2026-00-10", "2026-1-1",
                           "2026/01/01", "2026-01-01 ", "+026-01-01", "2026-01-0x"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
  EXPECT_EQ(parse_time("23:59:59"), 23h + 59min + 59s);
  for (const char* text :
       {"", "24:00:00", "12:60:00", "12:00:60", "1:00:00", "12-00-00", "-1:00:00"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(ChatInput, GivesEachMessageOnceAndCallsBackEachTime) {
  Twin twin([](World& w) {
    auto f =
        w.engine.cache_data("f",
                            [&w](ms::Run& run) {
                              w.log.add("f");
                              const auto count = ms::callback([](ms::Session& session) {
                                session.set_state("count", session.state<int>("count") + 1);
                              });
                              return ms::chat_input(run, "Say", {.on_change = count}).value_or("-");
                            },
                            {.allow_widgets = true});
    return [f, &w](ms::Run& run) {
      w.show(run, *f(run));
      w.show(run, run.state<int>("count"));
    };
  });
  EXPECT_TRUE(contains(twin.run(), "markdown -, text 0"));
  EXPECT_TRUE(contains(twin.set("Say", "hi"), "markdown hi, text 1"));
  EXPECT_TRUE(contains(twin.set("Say", "hi"), "markdown hi, text 2"));
  EXPECT_TRUE(contains(twin.run(), "markdown -, text 2"));
  EXPECT_EQ(twin.log(), Lines("f", "f", "f"));
  EXPECT_EQ(twin.entries(), 1U);
}

TEST(ChatInput, IsSetAndNotClicked) {
  World w;
  w.run([](ms::Run& run) { ms::chat_input(run); });
  EXPECT_THROW(w.session().click("Your message"), ms::InvalidValueError);
  EXPECT_THROW(w.session().set("Your message", ""), ms::InvalidValueError);
}

ms::DataFrame plan_to_edit() {
  return {{{"month", std::vector<std::string>{"Jan", "Feb"}},
           {"share", std::vector<double>{0.5, 0.25}}}};
}

ms::Value one(List edit) { return ms::Value::list(std::move(edit)); }

TEST(DataEditor, KeepsItsEditsInOneForm) {
  World w;
  w.script = [](ms::Run& run) {
    ms::data_editor(run, "e", plan_to_edit(), {.rows = ms::EditorRows::dynamic, .key = "e"});
  };
  w.run();
  const auto edited = [&](ms::Value edits) {
    w.session().set("e", std::move(edits));
    w.run();
    return w.session().value("e");
  };
  // The last word on a cell, in the order of the table; an integer means the same real number.
  EXPECT_EQ(edited(List{List{"set", 1, "share", 3}, List{"set", 0, "month", "Mar"},
                        List{"set", 1, "share", 4}}),
            ms::Value(List{List{"set", 0, "month", "Mar"}, List{"set", 1, "share", 4.0}}));
  // What changes nothing, or is deleted, is no edit.
  EXPECT_EQ(edited(List{List{"set", 0, "share", 0.5}, List{"set", 1, "month", "x"},
                        List{"delete", 1}, List{"delete", 1}}),
            one(List{"delete", 1}));
  for (const ms::Value& bad :
       {ms::Value(List{1}), one(List{}), one(List{"move", 1}), one(List{"set", 2, "share", 1}),
        one(List{"set", -1, "share", 1}), one(List{"set", 0, "none", 1}),
        one(List{"set", 0, "month", "\xff"}), one(List{"add", "Mar"}), one(List{"add", 1, 1}),
        one(List{"delete", 2}), one(List{"delete"})}) {
    EXPECT_THROW(w.session().set("e", bad), ms::InvalidValueError) << ms::to_text(bad);
  }
}

TEST(DataEditor, ObeysTheRulesOfItsColumns) {
  World w;
  w.run([](ms::Run& run) {
    ms::data_editor(run, "e", plan_to_edit(),
                    {.columns = {{.name = "month", .max_chars = 4, .options = {"Jan", "March"}},
                                 {.name = "share", .disabled = true}}});
  });
  const auto message = [&](List edit) {
    return message_of<ms::InvalidValueError>(
        [&] { w.session().set("e", List{ms::Value(std::move(edit))}); });
  };
  EXPECT_TRUE(contains(message({"set", 0, "month", "March"}), "at most 4 are allowed"));
  EXPECT_TRUE(contains(message({"set", 0, "month", "Feb"}), "\"Feb\" is none of its options"));
  EXPECT_TRUE(contains(message({"set", 0, "share", 1}), "\"share\" cannot be changed"));
  EXPECT_TRUE(contains(message({"delete", 0}), "rows cannot be deleted"));
  EXPECT_TRUE(contains(message({"add", "Jan", 1}), "rows cannot be added"));
}

TEST(Selecting, WorksInEveryWidgetThatHoldsSeveral) {
  ms::Engine engine;
  ms::AppTest app(engine, [](ms::Run& run) {
    ms::pills_multi(run, "p", {"a", "b"});
    ms::segmented_control(run, "s", {"a", "b"});
    ms::toggle(run, "t");
  });
  app.run().select("p", "b").select("s", "a").check("t").run();
  app.select("p", "a").run();
  EXPECT_EQ(app.value<std::vector<std::string>>("p"), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(app.value<std::string>("s"), "a");
  EXPECT_TRUE(app.value<bool>("t"));
}

struct Misuse {
  void (*script)(ms::Run& run);
  const char* message;
};
const Misuse kMisuses[] = {
    {[](ms::Run& r) { ms::download_button(r, "x", ms::MediaPtr()); }, "the file is null"},
    {[](ms::Run& r) { ms::chat_input(ms::form(r, "f"), "x"); }, "it stands in the form \"f\""},
    {[](ms::Run& r) {
       ms::slider(r, "x", 0, 10, {4, 2});
     },
     "4 is above 2"},
    {[](ms::Run& r) {
       ms::slider(r, "x", 0, 10, {4, 12});
     },
     "12 is above its greatest value 10"},
    {[](ms::Run& r) { ms::slider(r, "x", 8h, 7h, 8h); }, "min 08:00:00 is above max 07:00:00"},
    {[](ms::Run& r) { ms::slider(r, "x", 8h, 25h, 8h); }, "90000 seconds are no time of a day"},
    {[](ms::Run& r) { ms::slider(r, "x", 8h, 9h, 8h, {.step = 0}); }, "step 0 is not above zero"},
    {[](ms::Run& r) { ms::date_input(r, "x", 2026y / 2 / 30); }, "a date does not exist"},
    {[](ms::Run& r) { ms::date_input(r, "x", 2026y / 2 / 3, {.min = 2027y / 1 / 1}); },
     "2026-02-03 is before its first date 2027-01-01"},
    {[](ms::Run& r) {
       ms::date_input(r, "x", 2026y / 2 / 3, {.min = 2027y / 1 / 1, .max = 2026y / 1 / 1});
     },
     "min 2027-01-01 is after max 2026-01-01"},
    {[](ms::Run& r) { ms::time_input(r, "x", -1s); }, "-1 seconds are no time of a day"},
    {[](ms::Run& r) { ms::time_input(r, "x", 8h, {.step = 30s}); }, "a step of 30 seconds"},
    {[](ms::Run& r) {
       ms::select_slider(r, "x", {"a", "b"}, {"b", "a"});
     },
     "\"b\" stands after"},
    {[](ms::Run& r) { ms::pills(r, "x", std::vector<std::string>()); }, "it has no options"},
    {[](ms::Run& r) { ms::pills(r, "x", {"a"}, {.selected = "b"}); }, "\"b\" is none of its"},
    {[](ms::Run& r) {
       ms::multiselect(r, "x", {"a", "b"}, {.selected = {"a", "b"}, .max_selections = 1});
     },
     "2 options are selected, and at most 1 may be"},
    {[](ms::Run& r) { ms::feedback(r, "x", {}, {.value = 2}); }, "2 is outside 0 to 1"},
    {[](ms::Run& r) { ms::data_editor(r, "x", ms::DataFramePtr()); }, "the table is null"},
    {[](ms::Run& r) { ms::data_editor(r, "x", plan_to_edit(), {.columns = {{.name = "y"}}}); },
     "the table has no such column"},
    {[](ms::Run& r) {
       ms::data_editor(r, "x", plan_to_edit(), {.columns = {{.name = "month", .min = 1}}});
     },
     "text has no bounds"},
    {[](ms::Run& r) { ms::tabs(r, {}); }, "tabs: 0 tabs were asked for"},
    {[](ms::Run& r) {
       ms::columns(r, {1.0, 0.0});
     },
     "the weight 0 is not above zero"},
    {[](ms::Run& r) { ms::audio(r, {.name = "a", .type = "image/png", .bytes = ""}); },
     "does not begin with audio/"},
    {[](ms::Run& r) { ms::bar_chart(r, plan_to_edit(), {.y = {"month"}}); }, "\"month\" is text"},
};

TEST(Misuse, IsAUsageErrorThatSaysWhatIsWrong) {
  World w;
  for (const Misuse& misuse : kMisuses) {
    w.run(misuse.script);
    EXPECT_TRUE(ended_by<ms::UsageError>(w.page)) << misuse.message;
    EXPECT_TRUE(contains(w.page.error_text(), misuse.message)) << w.page.error_text();
  }
}

}  // namespace
}  // namespace memoscape::testing

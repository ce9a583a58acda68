// Widgets of the library: each against its definition, its misuse from outside and its text.
#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "widgets/kinds.hpp"
#include "with_session.hpp"

namespace ms = memoscape;

namespace {

using ms::testing::contains;
using ms::testing::file;
using ms::testing::kInfinity;
using ms::testing::kNan;
using ms::testing::WithSession;

ms::MediaPtr shared_file(std::string name, std::string type, std::string bytes) {
  return std::make_shared<const ms::Media>(
      file(std::move(name), std::move(type), std::move(bytes)));
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += all.empty() ? text : "+" + text;
  return all;
}

std::string name_of(const ms::MediaPtr& media) {
  return media == nullptr ? "nothing" : media->name;
}

class Widget : public WithSession<testing::Test> {};

// --- Every widget, by table. Each is labelled "W".

struct Refused {
  ms::Value value;
  std::string reason;  // part of the message
};

struct WidgetCase {
  std::string name;
  std::string kind;
  std::string (*make)(ms::Run& run);  // gives the widget's value as text
  std::string initial;
  std::string initial_page;
  ms::Value change;
  std::string changed;
  std::string changed_page;
  std::vector<Refused> refused;
};

void PrintTo(const WidgetCase& widget, std::ostream* out) { *out << widget.name; }

std::vector<WidgetCase> widget_cases() {
  return {
      {"Checkbox",
       "checkbox",
       [](ms::Run& run) { return ms::format("{}", ms::checkbox(run, "W")); },
       "false",
       "[ ] W\n",
       true,
       "true",
       "[x] W\n",
       {{1, "true or false"}, {"true", "true or false"}, {ms::Value(), "true or false"}}},
      {"CheckboxThatIsOnAtFirst",
       "checkbox",
       [](ms::Run& run) { return ms::format("{}", ms::checkbox(run, "W", {.value = true})); },
       "true",
       "[x] W\n",
       false,
       "false",
       "[ ] W\n",
       {{0.0, "true or false"}}},
      {"Radio",
       "radio",
       [](ms::Run& run) {
         return ms::radio(run, "W", {"A", "B"});
       },
       "A",
       "W: (o) A ( ) B\n",
       "B",
       "B",
       "W: ( ) A (o) B\n",
       {{"C", "\"C\" is none of its options: \"A\", \"B\""},
        {1, "the text of an option"},
        {"\xff", "none of its options"}}},
      {"Selectbox",
       "selectbox",
       [](ms::Run& run) {
         return ms::selectbox(run, "W", {"SEA", "PDX", "LAX"}, {.index = 1});
       },
       "PDX",
       "W: [PDX v]\n",
       "LAX",
       "LAX",
       "W: [LAX v]\n",
       {{"JFK", "none of its options"},
        {2, "the text of an option"},
        {ms::Value::List{"SEA"}, "the text of an option"},
        {"SEA\xc0\x80", "none of its options"}}},
      {"Multiselect",
       "multiselect",
       [](ms::Run& run) {
         return joined(ms::multiselect(run, "W", {"Jan", "Feb", "Mar"}, {.selected = {"Feb"}}));
       },
       "Feb",
       "W: Feb\n",
       ms::Value::List{"Mar", "Jan"},
       "Mar+Jan",
       "W: Mar, Jan\n",
       {{"Jan", "a list of options"},
        {ms::Value::List{"Jan", "Jan"}, "selected twice"},
        {ms::Value::List{"Jan", 2}, "the texts of options"},
        {ms::Value::List{"Jan", "\xff"}, "none of its options"}}},
      {"IntegerSlider",
       "slider",
       [](ms::Run& run) { return ms::format("{}", ms::slider(run, "W", 0, 180, 15)); },
       "15",
       "W: 15  |-o---------| 0..180\n",
       180,
       "180",
       "W: 180  |----------o| 0..180\n",
       {{2.5, "an integer"},
        {15.0, "an integer"},
        {-1, "-1 is below its least value 0"},
        {181, "181 is above its greatest value 180"},
        {"15", "an integer"},
        {true, "an integer"}}},
      {"RealSlider",
       "slider",
       [](ms::Run& run) { return ms::format("{}", ms::slider(run, "W", 0, 1, 0.5)); },
       "0.5",
       "W: 0.5  |-----o-----| 0..1\n",
       1,
       "1",
       "W: 1  |----------o| 0..1\n",
       {{1.5, "above its greatest value 1"},
        {-1, "below its least value 0"},
        {kNan, "not a finite number"},
        {kInfinity, "not a finite number"},
        {"0.5", "a number"}}},
      {"IntegerNumberInput",
       "number_input",
       [](ms::Run& run) {
         return ms::format("{}", ms::number_input(run, "W", 10, {.min = 1, .max = 1000}));
       },
       "10",
       "W: [10 -+] 1..1000\n",
       1000,
       "1000",
       "W: [1000 -+] 1..1000\n",
       {{0, "below its least value 1"}, {1001, "above its greatest"}, {10.5, "an integer"}}},
      {"NumberInputOfASmallType",
       "number_input",
       [](ms::Run& run) {
         return ms::format("{}", ms::number_input(run, "W", std::uint8_t{7}) + 0);
       },
       "7",
       "W: [7 -+] 0..255\n",
       255,
       "255",
       "W: [255 -+] 0..255\n",
       {{256, "above its greatest value 255"}, {-1, "below its least value 0"}}},
      {"RealNumberInput",
       "number_input",
       [](ms::Run& run) { return ms::format("{}", ms::number_input(run, "W", 0.5)); },
       "0.5",
       "W: [0.5 -+]\n",
       -3,
       "-3",
       "W: [-3 -+]\n",
       {{kNan, "not a finite number"}, {-kInfinity, "not a finite number"}, {"1", "a number"}}},
      {"TextInput",
       "text_input",
       [](ms::Run& run) {
         return ms::text_input(run, "W", {.max_chars = 3, .placeholder = "name"});
       },
       "",
       "W: [(name)]\n",
       "äöü",
       "äöü",
       "W: [äöü]\n",
       {{"Anna", "it has 4 characters, and at most 3 are allowed"},
        {"\xc3", "not valid UTF-8"},
        {"\xed\xa0\x80", "not valid UTF-8"},
        {3, "must be text"}}},
      {"Password",
       "text_input",
       [](ms::Run& run) { return ms::text_input(run, "W", {.type = ms::TextType::password}); },
       "",
       "W: []\n",
       "hunter2",
       "hunter2",
       "W: [••••••••]\n",
       {{"hunter2\xff", "not valid UTF-8"}, {7, "must be text"}}},
      {"FileUploader",
       "file_uploader",
       [](ms::Run& run) {
         return name_of(ms::file_uploader(run, "W", {.types = {"csv", ".TSV"}, .max_bytes = 4}));
       },
       "nothing",
       "W: (nothing yet)\n",
       shared_file("rain.CSV", "text/csv", "1,2"),
       "rain.CSV",
       "W: rain.CSV, 3 bytes\n",
       {{"rain.csv", "must be a file"},
        {shared_file("rain.png", "", ""), "is of none of its types: csv, tsv"},
        {shared_file("rain.csv", "", "1,2,3"), "it has 5 bytes, and at most 4 are allowed"},
        {shared_file("\xff.csv", "", ""), "not valid UTF-8"}}},
      {"CameraInput",
       "camera_input",
       [](ms::Run& run) { return name_of(ms::camera_input(run, "W")); },
       "nothing",
       "W: (nothing yet)\n",
       shared_file("me.jpg", "image/jpeg", "jpg"),
       "me.jpg",
       "W: me.jpg, 3 bytes\n",
       {{shared_file("me.wav", "audio/wav", ""), "does not begin with image/"},
        {true, "must be a file"}}},
      {"AudioInput",
       "audio_input",
       [](ms::Run& run) { return name_of(ms::audio_input(run, "W")); },
       "nothing",
       "W: (nothing yet)\n",
       shared_file("", "audio/wav", "wav"),
       "",
       "W: (unnamed), 3 bytes\n",
       {{shared_file("me.jpg", "image/jpeg", ""), "does not begin with audio/"}}},
  };
}

class EveryWidget : public WithSession<testing::TestWithParam<WidgetCase>> {
 protected:
  // Runs a script with just the widget, and gives its value.
  std::string run() {
    std::string value;
    page_ = session_.run([&](ms::Run& run) { value = GetParam().make(run); });
    EXPECT_EQ(page_.error_text(), "");
    return value;
  }

  ms::Page page_;
};

INSTANTIATE_TEST_SUITE_P(, EveryWidget, testing::ValuesIn(widget_cases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(EveryWidget, GivesItsDefaultInANewSession) { EXPECT_EQ(run(), GetParam().initial); }

TEST_P(EveryWidget, IsOnThePageWithItsKindLabelAndText) {
  run();
  const ms::PageNode* node = page_.find(GetParam().kind, "W");
  ASSERT_NE(node, nullptr);
  EXPECT_NE(node->widget(), nullptr);
  EXPECT_EQ(ms::to_text(page_), GetParam().initial_page);
}

TEST_P(EveryWidget, GivesAndKeepsTheValueThatWasSet) {
  run();
  session_.set("W", GetParam().change);
  EXPECT_EQ(run(), GetParam().changed);
  EXPECT_EQ(ms::to_text(page_), GetParam().changed_page);
  EXPECT_EQ(run(), GetParam().changed);
}

TEST_P(EveryWidget, RefusesWhatDoesNotFitAndChangesNothing) {
  run();
  session_.set("W", GetParam().change);
  run();
  for (const Refused& refused : GetParam().refused) {
    try {
      session_.set("W", refused.value);
      ADD_FAILURE() << "took " << ms::to_text(refused.value);
    } catch (const ms::InvalidValueError& error) {
      EXPECT_TRUE(contains(error.what(), refused.reason)) << error.what();
      EXPECT_TRUE(contains(error.what(), "W")) << error.what();
    }
    EXPECT_EQ(run(), GetParam().changed);
  }
}

TEST_P(EveryWidget, UsesItsDefaultForAPresetThatDoesNotFit) {
  for (const Refused& refused : GetParam().refused) {
    ms::Session session(engine_);
    session.preset("W", refused.value);
    std::string value;
    session.run([&](ms::Run& run) { value = GetParam().make(run); });
    EXPECT_EQ(value, GetParam().initial);
    EXPECT_EQ(session.rejected_values(), 1u);
  }
}

TEST_P(EveryWidget, GivesAPresetThatFits) {
  session_.preset("W", GetParam().change);
  EXPECT_EQ(run(), GetParam().changed);
  EXPECT_EQ(session_.rejected_values(), 0u);
}

// --- Widgets, one by one

TEST_F(Widget, OptionsComeFromAnyRangeOfText) {
  const std::list<std::string> strings = {"a", "b"};
  const std::string_view views[] = {"a", "b"};
  const char* const literals[] = {"a", "b"};
  session_.run([&](ms::Run& run) {
    EXPECT_EQ(ms::selectbox(run, "1", strings), "a");
    EXPECT_EQ(ms::radio(run, "2", views, {.index = 1}), "b");
    EXPECT_EQ(joined(ms::multiselect(run, "3", literals)), "");
  });
}

TEST_F(Widget, SliderHasTheCommonTypeOfItsArguments) {
  const ms::Page page = session_.run([](ms::Run& run) {
    static_assert(std::same_as<decltype(ms::slider(run, "a", 0, 10, 3)), int>);
    static_assert(std::same_as<decltype(ms::slider(run, "b", 0, 1, 0.5)), double>);
    static_assert(std::same_as<decltype(ms::slider(run, "c", 0, std::size_t{9})), std::size_t>);
    static_assert(std::same_as<decltype(ms::slider(run, "d", 0.f, 1.f, .5f)), float>);
    EXPECT_EQ(ms::slider(run, "e", -3, 10), -3);
    EXPECT_EQ(ms::slider(run, "f", 0, 100, 50, {.step = 5}), 50);
    EXPECT_EQ(ms::slider(run, "g", 2, 2, 2), 2);
  });
  EXPECT_EQ(page.error_text(), "");
}

TEST_F(Widget, AnIntegerMeansTheSameNumberToARealSlider) {
  const auto script = [](ms::Run& run) { ms::slider(run, "x", 0, 10, 0.5); };
  session_.run(script);
  session_.set("x", 3);
  const ms::Page page = session_.run(script);
  EXPECT_EQ(page.find("slider", "x")->value(), ms::Value(3.0));
}

TEST_F(Widget, ChoiceKeepsItsTextWhenTheOptionsMove) {
  std::vector<std::string> options = {"a", "b", "c"};
  std::string chosen;
  const auto script = [&](ms::Run& run) {
    chosen = ms::selectbox(run, "x", options, {.key = "choice"});
  };
  session_.run(script);
  session_.set("choice", "c");
  session_.run(script);
  options = {"c", "a"};
  session_.run(script);
  EXPECT_EQ(chosen, "c");
  options = {"a", "b"};
  session_.run(script);
  EXPECT_EQ(chosen, "a");
}

TEST_F(Widget, ButtonIsTrueForOneRun) {
  bool clicked = false;
  const auto script = [&](ms::Run& run) { clicked = ms::button(run, "Go"); };
  EXPECT_EQ(ms::to_text(session_.run(script)), "[ Go ]\n");
  EXPECT_FALSE(clicked);
  session_.click("Go");
  EXPECT_EQ(ms::to_text(session_.run(script)), "[ Go ] (clicked)\n");
  EXPECT_TRUE(clicked);
  session_.run(script);
  EXPECT_FALSE(clicked);
}

TEST_F(Widget, FormHandsOverItsValuesWhenItsButtonIsClicked) {
  int rows = 0;
  const auto script = [&](ms::Run& run) {
    const ms::Place form = ms::form(run, "filters");
    rows = ms::number_input(form, "Rows", 10);
    ms::form_submit_button(form, "Apply");
  };
  EXPECT_EQ(ms::to_text(session_.run(script)),
            "Form filters:\n"
            "  Rows: [10 -+]\n"
            "  [ Apply ]\n");
  session_.set("Rows", 20);
  session_.run(script);
  EXPECT_EQ(rows, 10);
  session_.click("Apply");
  session_.run(script);
  EXPECT_EQ(rows, 20);
}

TEST_F(Widget, PasswordIsMarkedSecretAndItsErrorsDoNotShowIt) {
  const auto script = [](ms::Run& run) {
    ms::text_input(run, "Password", {.max_chars = 7, .type = ms::TextType::password});
  };
  session_.run(script);
  session_.set("Password", "hunter2");
  const ms::Page page = session_.run(script);
  EXPECT_FALSE(contains(ms::to_text(page), "hunter2"));
  EXPECT_EQ(page.find("text_input")->widget()->definition().attributes["secret"], ms::Value(true));
  try {
    session_.set("Password", "hunter22");
    FAIL() << "took a long password";
  } catch (const ms::InvalidValueError& error) {
    EXPECT_FALSE(contains(error.what(), "hunter")) << error.what();
  }
}

TEST_F(Widget, UploadGivesTheContent) {
  ms::MediaPtr given;
  const auto script = [&](ms::Run& run) { given = ms::file_uploader(run, "Flights"); };
  session_.run(script);
  session_.upload("Flights", file("a.csv", "text/csv", "1,2"));
  session_.run(script);
  ASSERT_NE(given, nullptr);
  EXPECT_EQ(*given, file("a.csv", "text/csv", "1,2"));
}

TEST_F(Widget, DisabledAndHelpArePartOfTheDefinitionAndThePage) {
  const ms::Page page = session_.run(
      [](ms::Run& run) { ms::slider(run, "x", 0, 10, 5, {.help = "How much", .disabled = true}); });
  const ms::PageNode& node = *page.find("slider");
  EXPECT_EQ(node.widget()->definition().attributes["help"], ms::Value("How much"));
  EXPECT_EQ(ms::to_text(page), "x: 5  |-----o-----| 0..10 (disabled)\n");
}

TEST_F(Widget, LabelsCannotReachTheTerminal) {
  const ms::Page page = session_.run([](ms::Run& run) {
    ms::checkbox(run, "\x1b[31mred\xff");
    ms::text(run, "tab\there\nnext\x7f\xe2\x80\xae");
  });
  EXPECT_EQ(ms::to_text(page),
            "[ ] \\x1b[31mred\\xff\n"
            "tab\\there\nnext\\x7f\\u{202e}\n");
}

// A key goes before a label that says the same; names move with the widgets.
TEST_F(Widget, IsNamedByItsKeyElseByItsLabelWhereverItIs) {
  bool swapped = false;
  const auto script = [&](ms::Run& run) {
    const auto keyed = [&] { ms::slider(run, "x", 0, 10, 0, {.key = "y"}); };
    const auto labelled = [&] { ms::slider(run, "y", 0, 10, 0, {.key = "z"}); };
    if (swapped) labelled();
    keyed();
    if (!swapped) labelled();
    if (swapped) ms::slider(run, "w", 0, 10);
  };
  session_.run(script);
  session_.set("y", 1);
  session_.set("z", 2);
  EXPECT_THROW(session_.set("w", 3), ms::InvalidValueError);
  session_.run(script);
  EXPECT_EQ(session_.value("x"), ms::Value(1));
  swapped = true;
  session_.run(script);
  session_.set("w", 3);
  session_.set("x", 4);
  session_.run(script);
  EXPECT_EQ(session_.value("y"), ms::Value(4));
  EXPECT_EQ(session_.value("z"), ms::Value(2));
  EXPECT_EQ(session_.value("w"), ms::Value(3));
  swapped = false;
  session_.run(script);
  EXPECT_THROW(session_.set("w", 3), ms::InvalidValueError);
  EXPECT_EQ(session_.value("y"), ms::Value(4));
}

TEST(Kinds, AreEachInTheTableOnceUnderTheirName) {
  std::set<std::string_view> names;
  for (const ms::detail::KindEntry& entry : ms::detail::all_kinds()) {
    ASSERT_NE(entry.widget == nullptr, entry.element == nullptr) << entry.name;
    EXPECT_EQ(entry.name, entry.widget != nullptr ? entry.widget->name : entry.element->name);
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
  }
}

}  // namespace

// Widgets and elements of the library: each against its definition, its misuse and its text.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <list>
#include <ostream>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memoscape/detail/utf8.hpp"
#include "memoscape/memoscape.hpp"
#include "widgets/kinds.hpp"

namespace ms = memoscape;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

ms::Media file(std::string name, std::string type, std::string bytes) {
  return {.name = std::move(name), .type = std::move(type), .bytes = std::move(bytes)};
}

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

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// An engine and one session; every test ends with the engine's own check.
template <class Base>
class WithSession : public Base {
 protected:
  void TearDown() override { EXPECT_EQ(engine_.check(), ""); }

  ms::ManualClock clock_;
  ms::Engine engine_{{.clock = &clock_}};
  ms::Session session_{engine_};
};

class Widget : public WithSession<testing::Test> {};
class Element : public WithSession<testing::Test> {};

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

// --- Misuse by the script, by table

struct MisuseCase {
  std::string name;
  void (*script)(ms::Run& run);
  std::string message;  // part of it
};

void PrintTo(const MisuseCase& misuse, std::ostream* out) { *out << misuse.name; }

std::vector<MisuseCase> misuse_cases() {
  return {
      {"SelectboxWithoutOptions",
       [](ms::Run& run) { ms::selectbox(run, "Origin", std::vector<std::string>()); },
       "selectbox \"Origin\": it has no options"},
      {"RadioWithoutOptions",
       [](ms::Run& run) { ms::radio(run, "Origin", std::vector<std::string>()); },
       "radio \"Origin\": it has no options"},
      {"MultiselectWithoutOptions",
       [](ms::Run& run) { ms::multiselect(run, "Origin", std::vector<std::string>()); },
       "multiselect \"Origin\": it has no options"},
      {"OptionThatIsThereTwice",
       [](ms::Run& run) {
         ms::selectbox(run, "Origin", {"SEA", "PDX", "SEA"});
       },
       "selectbox \"Origin\": the option \"SEA\" is there twice"},
      {"IndexOutsideTheOptions",
       [](ms::Run& run) {
         ms::radio(run, "Origin", {"SEA", "PDX"}, {.index = 2});
       },
       "index 2 is outside its 2 options"},
      {"DefaultThatIsNoOption",
       [](ms::Run& run) { ms::multiselect(run, "Months", {"Jan"}, {.selected = {"Feb"}}); },
       "multiselect \"Months\": the default does not fit: \"Feb\" is none of its options"},
      {"SliderWithMinAboveMax", [](ms::Run& run) { ms::slider(run, "x", 10, 0, 5); },
       "slider \"x\": min 10 is above max 0"},
      {"SliderWithItsDefaultOutside", [](ms::Run& run) { ms::slider(run, "x", 0, 10, 11); },
       "slider \"x\": the default does not fit: 11 is above its greatest value 10"},
      {"SliderWithNan", [](ms::Run& run) { ms::slider(run, "x", 0.0, 1.0, kNan); },
       "not a finite number"},
      {"SliderWithAnInfiniteBound", [](ms::Run& run) { ms::slider(run, "x", 0.0, kInfinity, 1.0); },
       "max inf is not a finite number"},
      {"SliderWithAFractionAsTheStepOfIntegers",
       [](ms::Run& run) { ms::slider(run, "x", 0, 10, 5, {.step = 0.5}); }, "step"},
      {"SliderWithANegativeStep",
       [](ms::Run& run) { ms::slider(run, "x", 0, 10, 5, {.step = -1}); },
       "step -1 is not above zero"},
      {"SliderOfMixedSigns", [](ms::Run& run) { ms::slider(run, "x", -5, 10u, 0); },
       "does not fit the common integer type"},
      {"SliderBeyond63Bits",
       [](ms::Run& run) {
         ms::slider(run, "x", std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max());
       },
       "does not fit the common integer type"},
      {"NumberInputWithItsDefaultOutside",
       [](ms::Run& run) { ms::number_input(run, "x", 0, {.min = 1}); },
       "number_input \"x\": the default does not fit: 0 is below its least value 1"},
      {"TextInputWithATooLongDefault",
       [](ms::Run& run) { ms::text_input(run, "Name", {.value = "Anna", .max_chars = 3}); },
       "text_input \"Name\": the default does not fit: it has 4 characters"},
      {"TextInputWithADefaultThatIsNotUtf8",
       [](ms::Run& run) { ms::text_input(run, "Name", {.value = "\xff"}); }, "not valid UTF-8"},
      {"UploaderWithAnEmptyType",
       [](ms::Run& run) { ms::file_uploader(run, "File", {.types = {"."}}); },
       "one of its types is empty"},
      {"SubmitButtonOutsideAForm", [](ms::Run& run) { ms::form_submit_button(run, "Apply"); },
       "form_submit_button \"Apply\": it stands outside a form"},
      {"ButtonInsideAForm", [](ms::Run& run) { ms::button(ms::form(run, "f"), "Go"); },
       "button \"Go\": it stands in the form \"f\""},
      {"FormWithoutAKey", [](ms::Run& run) { ms::form(run, ""); }, "form: the key is empty"},
      {"NoColumns", [](ms::Run& run) { ms::columns(run, 0); }, "columns: 0 columns"},
      {"TooManyColumns", [](ms::Run& run) { ms::columns(run, 65); }, "columns: 65 columns"},
      {"ProgressBeyondTheEnd", [](ms::Run& run) { ms::progress(run, 1.5, "Load"); },
       "progress \"Load\": the fraction 1.5 is outside 0 to 1"},
      {"ProgressUpdatedWithNan", [](ms::Run& run) { ms::progress(run, 0).update(kNan); },
       "the fraction nan is outside"},
      {"ImageOfNothing", [](ms::Run& run) { ms::image(run, ms::MediaPtr()); },
       "image \"\": the picture is null"},
      {"TableOfNothing", [](ms::Run& run) { ms::dataframe(run, ms::DataFramePtr()); },
       "the table is null"},
      {"ChartOfAColumnThatIsNotThere",
       [](ms::Run& run) {
         ms::line_chart(run, ms::DataFrame{{{"y", std::vector<double>{1}}}}, {.x = "year"});
       },
       "there is no column \"year\" for the x axis. The columns are \"y\""},
      {"ChartWithoutNumbers",
       [](ms::Run& run) {
         ms::line_chart(run, ms::DataFrame{{{"name", std::vector<std::string>{"a"}}}});
       },
       "no column of numbers"},
  };
}

class EveryMisuse : public WithSession<testing::TestWithParam<MisuseCase>> {};

INSTANTIATE_TEST_SUITE_P(, EveryMisuse, testing::ValuesIn(misuse_cases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(EveryMisuse, ThrowsAUsageErrorThatSaysWhereAndWhat) {
  bool is_usage_error = false;
  const ms::Page page = session_.run([&](ms::Run& run) {
    try {
      GetParam().script(run);
    } catch (const ms::UsageError&) {
      is_usage_error = true;
      throw;
    }
  });
  EXPECT_TRUE(is_usage_error);
  EXPECT_TRUE(contains(page.error_text(), GetParam().message)) << page.error_text();
  EXPECT_NE(page.find("exception"), nullptr);
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

// --- Elements, by table

ms::DataFrame rain(int years) {
  std::vector<std::int64_t> year;
  std::vector<double> mm;
  std::vector<std::string> note;
  for (int i = 0; i < years; ++i) {
    year.push_back(2000 + i);
    mm.push_back(800.5 + 10 * i);
    note.push_back(i % 2 == 0 ? "dry" : "wet");
  }
  return {{{"year", year}, {"mm", mm}, {"note", note}}};
}

struct ElementCase {
  std::string name;
  void (*script)(ms::Run& run);
  std::string text;
};

void PrintTo(const ElementCase& element, std::ostream* out) { *out << element.name; }

std::vector<ElementCase> element_cases() {
  return {
      {"Headings",
       [](ms::Run& run) {
         ms::title(run, "Flights");
         ms::header(run, "Délays");
         ms::subheader(run, "Why");
       },
       "Flights\n=======\n\nDélays\n------\n\nWhy\n~~~\n"},
      {"TextIsVerbatim", [](ms::Run& run) { ms::text(run, "{} % *x*"); }, "{} % *x*\n"},
      {"LongTextIsBrokenAtSpaces",
       [](ms::Run& run) { ms::markdown(run, std::string(40, 'a') + ' ' + std::string(40, 'b')); },
       std::string(40, 'a') + '\n' + std::string(40, 'b') + '\n'},
      {"CaptionAndDivider",
       [](ms::Run& run) {
         ms::caption(run, "small");
         ms::divider(run);
       },
       "small\n"
       "────────────────────────────────────────────────────────────\n"},
      {"WriteTakesWhatHasARendering",
       [](ms::Run& run) {
         ms::write(run, "text", 7, 0.25, true, 'c', ms::Value(ms::Value::List{1, "b"}));
       },
       "text\n7\n0.25\ntrue\nc\n1, b\n"},
      {"Status",
       [](ms::Run& run) {
         ms::success(run, "well");
         ms::info(run, "fyi");
         ms::warning(run, "hm");
         ms::error(run, "no");
       },
       "[success] well\n[info] fyi\n[warning] hm\n[error] no\n"},
      {"Metrics",
       [](ms::Run& run) {
         ms::metric(run, "Rain", 42.5, {.delta = 3.25});
         ms::metric(run, "Days", 7, {.delta = -1});
         ms::metric(run, "Best", "May");
       },
       "Rain: 42.5 (+3.25)\nDays: 7 (-1)\nBest: May\n"},
      {"ProgressKeepsItsLastState",
       [](ms::Run& run) {
         const ms::Progress progress = ms::progress(run, 0, "Loading");
         progress.update(0.5, "Half");
       },
       "Half [##########----------] 50 %\n"},
      {"EmptyShowsWhatItWasFilledWith",
       [](ms::Run& run) {
         const ms::Placeholder first = ms::empty(run);
         const ms::Placeholder second = ms::empty(run);
         ms::text(run, "last");
         first.text("one");
         first.text("two");
         second.text("gone");
         second.clear();
       },
       "two\nlast\n"},
      {"Image",
       [](ms::Run& run) {
         ms::image(run, file("map.png", "image/png", "12345"), {.caption = "Seattle"});
       },
       "[image: Seattle, map.png, image/png, 5 bytes]\n"},
      {"SmallTable", [](ms::Run& run) { ms::dataframe(run, rain(2)); },
       "year     mm  note\n"
       "────  ─────  ────\n"
       "2000  800.5  dry\n"
       "2001  810.5  wet\n"},
      {"EmptyTable", [](ms::Run& run) { ms::dataframe(run, ms::DataFrame()); }, "(empty table)\n"},
      {"TableWithoutRows", [](ms::Run& run) { ms::dataframe(run, rain(0)); },
       "year  mm  note\n────  ──  ────\n(no rows)\n"},
      {"ExpanderAndContainer",
       [](ms::Run& run) {
         const ms::Place more = ms::expander(run, "More", {.expanded = true});
         ms::text(more, "inside");
         ms::text(ms::container(more), "deeper");
         ms::expander(run, "Less");
       },
       "▾ More\n  inside\n    deeper\n▸ Less\n"},
      {"ColumnsSideBySide",
       [](ms::Run& run) {
         const std::vector<ms::Place> columns = ms::columns(run, 3);
         ms::metric(columns[0], "Dry", 3);
         ms::metric(columns[2], "Wet", 4);
         ms::text(columns[1], "two\nlines");
       },
       "Dry: 3   two     Wet: 4\n"
       "         lines\n"},
      {"WideColumnsOneBelowTheOther",
       [](ms::Run& run) {
         const std::vector<ms::Place> columns = ms::columns(run, 2);
         ms::text(columns[0], std::string(50, 'a'));
         ms::text(columns[1], std::string(50, 'b'));
       },
       "  " + std::string(50, 'a') + "\n  " + std::string(50, 'b') + '\n'},
      {"SidebarIsLast",
       [](ms::Run& run) {
         ms::text(ms::sidebar(run), "aside");
         ms::text(run, "main");
       },
       "main\n"
       "── Sidebar ─────────────────────────────────────────────────\n"
       "aside\n"},
      {"Exception", [](ms::Run&) { throw std::runtime_error("it broke"); },
       "[exception] it broke\n"},
  };
}

class EveryElement : public WithSession<testing::TestWithParam<ElementCase>> {};

INSTANTIATE_TEST_SUITE_P(, EveryElement, testing::ValuesIn(element_cases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(EveryElement, IsShownAsText) {
  EXPECT_EQ(ms::to_text(session_.run(GetParam().script)), GetParam().text);
}

TEST_P(EveryElement, IsTheSameOnThePageOfAnotherSession) {
  ms::Session other(engine_);
  EXPECT_EQ(session_.run(GetParam().script), other.run(GetParam().script));
}

// --- Elements, one by one

TEST_F(Element, LongTableShowsTenRowsAndHowManyMore) {
  const std::string text =
      ms::to_text(session_.run([](ms::Run& run) { ms::dataframe(run, rain(1461)); }));
  EXPECT_TRUE(contains(text, "2009  890.5  wet\n... 1451 more rows\n")) << text;
  EXPECT_FALSE(contains(text, "2010"));
}

TEST_F(Element, WideTableSaysWhichColumnsAreMissing) {
  ms::DataFrame wide;
  for (int i = 0; i < 30; ++i) {
    wide.columns.push_back({ms::format("col{}", i), std::vector<std::int64_t>{i}});
  }
  const std::string text =
      ms::to_text(session_.run([&](ms::Run& run) { ms::dataframe(run, wide); }));
  EXPECT_TRUE(contains(text, "more columns\n")) << text;
  EXPECT_LE(text.find('\n'), 80u);
}

TEST_F(Element, LineChartDrawsItsLinesInAFrame) {
  const ms::Page page = session_.run([](ms::Run& run) {
    ms::line_chart(run, rain(61), {.x = "year", .title = "Rain", .y_label = "mm a year"});
  });
  const std::string text = ms::to_text(page);
  EXPECT_TRUE(text.starts_with("Rain\n      1400.5 |")) << text;
  EXPECT_TRUE(contains(text, "       800.5 |****")) << text;
  EXPECT_TRUE(contains(text, "* mm  y: mm a year  x: year\n")) << text;
  EXPECT_EQ(page.find("line_chart")->label(), "Rain");
}

TEST_F(Element, LineChartLeavesOutWhatIsNoNumber) {
  const ms::Page page = session_.run([](ms::Run& run) {
    ms::line_chart(run, ms::DataFrame{{{"y", std::vector<double>{kNan, kInfinity}}}});
    ms::line_chart(run, ms::DataFrame{{{"y", std::vector<double>{-1e308, kNan, 1e308}}}});
    ms::line_chart(run, ms::DataFrame{{{"y", std::vector<double>{}}}});
  });
  const std::string text = ms::to_text(page);
  EXPECT_TRUE(text.starts_with("(no values)\n")) << text;
  EXPECT_TRUE(contains(text, "1e+308 |")) << text;
}

TEST_F(Element, ColumnsAreContainersInAContainer) {
  const ms::Page page = session_.run([](ms::Run& run) { ms::text(ms::columns(run, 2)[1], "x"); });
  const ms::PageNode& columns = page.main().children().at(0);
  EXPECT_EQ(columns.kind(), "columns");
  ASSERT_EQ(columns.children().size(), 2u);
  EXPECT_EQ(columns.children()[1].kind(), "column");
  EXPECT_EQ(columns.children()[1].children().at(0).path(), (std::vector<int>{0, 0, 1, 0}));
}

TEST_F(Element, PagesDifferInWhatTheyShow) {
  const auto page_of = [&](auto script) {
    ms::Session session(engine_);
    return session.run(script);
  };
  const ms::Page base = page_of([](ms::Run& run) { ms::text(run, "a"); });
  EXPECT_EQ(base, page_of([](ms::Run& run) { ms::text(run, "a"); }));
  EXPECT_FALSE(base == page_of([](ms::Run& run) { ms::text(run, "b"); }));
  EXPECT_FALSE(base == page_of([](ms::Run& run) { ms::caption(run, "a"); }));
  EXPECT_FALSE(base == page_of([](ms::Run& run) { ms::text(ms::sidebar(run), "a"); }));
  EXPECT_FALSE(base == page_of([](ms::Run& run) { ms::text(ms::container(run), "a"); }));
  EXPECT_FALSE(base == page_of([](ms::Run&) {}));
}

TEST_F(Element, PagesWithEqualTablesImagesAndNansAreEqual) {
  const auto script = [](ms::Run& run) {
    ms::dataframe(run, ms::DataFrame{{{"y", std::vector<double>{1, kNan}}}});
    ms::image(run, file("a.png", "image/png", "1"));
    ms::metric(run, "m", kNan);
  };
  ms::Session other(engine_);
  EXPECT_EQ(session_.run(script), other.run(script));
  EXPECT_FALSE(session_.run(script) == other.run([](ms::Run& run) {
    ms::dataframe(run, ms::DataFrame{{{"y", std::vector<double>{1, 2}}}});
    ms::image(run, file("a.png", "image/png", "1"));
    ms::metric(run, "m", kNan);
  }));
}

}  // namespace

namespace own {

struct Airport {
  std::string code;
};
void write_to(const ms::Place& place, const Airport& airport) {
  ms::text(place, "Airport " + airport.code);
}

struct Table {
  std::vector<std::int64_t> numbers;
};
ms::DataFrame to_dataframe(const Table& table) { return {{{"n", table.numbers}}}; }

}  // namespace own

namespace {

TEST_F(Element, OwnTypesAreShownThroughTheirOwnFunctions) {
  const ms::Page page = session_.run([](ms::Run& run) {
    ms::write(run, own::Airport{"SEA"}, own::Table{{7}});
    ms::dataframe(run, own::Table{{8}});
    ms::line_chart(run, own::Table{{1, 2}}, {.title = "n"});
  });
  const std::vector<const ms::PageNode*> nodes = page.all();
  ASSERT_EQ(nodes.size(), 4u);
  EXPECT_EQ(nodes[0]->label(), "Airport SEA");
  EXPECT_EQ(nodes[1]->element()->data->columns[0].cell(0), "7");
  EXPECT_EQ(nodes[2]->kind(), "dataframe");
  EXPECT_EQ(nodes[3]->kind(), "line_chart");
}

TEST(Kinds, AreEachInTheTableOnceUnderTheirName) {
  std::set<std::string_view> names;
  for (const ms::detail::KindEntry& entry : ms::detail::all_kinds()) {
    ASSERT_NE(entry.widget == nullptr, entry.element == nullptr) << entry.name;
    EXPECT_EQ(entry.name, entry.widget != nullptr ? entry.widget->name : entry.element->name);
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
  }
}

TEST(Cell, IsReadable) {
  const ms::DataFrame::Column reals = {
      "x", std::vector<double>{0.1 + 0.2, 1234567.8, 1e-7, -0.0, kNan, 12345678901.0, 2.0 / 3}};
  const char* const expected[] = {"0.3", "1234568", "1e-07", "0", "nan", "12345678901", "0.666667"};
  for (std::size_t row = 0; row < reals.size(); ++row) EXPECT_EQ(reals.cell(row), expected[row]);
  EXPECT_EQ(reals.cell(99), "");
}

TEST(Utf8, IsCheckedStrictly) {
  using namespace std::literals;
  const std::string_view valid[] = {""sv,
                                    "a"sv,
                                    "\0"sv,
                                    "\x7f"sv,
                                    "\xc2\x80"sv,
                                    "\xdf\xbf"sv,
                                    "\xe0\xa0\x80"sv,
                                    "\xed\x9f\xbf"sv,
                                    "\xee\x80\x80"sv,
                                    "\xef\xbf\xbf"sv,
                                    "\xf0\x90\x80\x80"sv,
                                    "\xf4\x8f\xbf\xbf"sv};
  for (const std::string_view text : valid) EXPECT_TRUE(ms::detail::is_valid_utf8(text));
  const std::string_view invalid[] = {
      "\x80"sv,              // a continuation alone
      "\xc0\x80"sv,          // overlong
      "\xc1\xbf"sv,          // overlong
      "\xe0\x9f\xbf"sv,      // overlong
      "\xf0\x8f\xbf\xbf"sv,  // overlong
      "\xed\xa0\x80"sv,      // a surrogate
      "\xed\xbf\xbf"sv,      // a surrogate
      "\xf4\x90\x80\x80"sv,  // above U+10FFFF
      "\xf5\x80\x80\x80"sv,
      "\xff"sv,
      "\xc2"sv,          // cut off
      "\xe2\x82"sv,      // cut off
      "\xf0\x9f\x98"sv,  // cut off
      "\xe2\x28\xa1"sv,
  };
  for (const std::string_view text : invalid) {
    EXPECT_FALSE(ms::detail::is_valid_utf8(text));
    EXPECT_FALSE(ms::detail::is_valid_utf8("ok" + std::string(text)));
  }
  EXPECT_EQ(ms::detail::utf8_length("aä€😀"), 4u);
  EXPECT_EQ(ms::detail::utf8_length("a\xff\xff"), 3u);
}

}  // namespace

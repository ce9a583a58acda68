// What a script cannot make a widget or an element of: each is a UsageError that says so.
#include <gtest/gtest.h>

#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "with_session.hpp"

namespace ms = memoscape;

namespace {

using ms::testing::contains;
using ms::testing::kInfinity;
using ms::testing::kNan;
using ms::testing::WithSession;

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
       "does not fit the common integer type of all its arguments, or 64 bits with a sign"},
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
      {"StaticTableOfNothing", [](ms::Run& run) { ms::table(run, ms::DataFramePtr()); },
       "the table is null"},
      {"ChartOfNothing", [](ms::Run& run) { ms::line_chart(run, ms::DataFramePtr()); },
       "the table is null"},
      {"SoundOfNothing", [](ms::Run& run) { ms::audio(run, ms::MediaPtr()); },
       "the content is null"},
      {"EditorWithAColumnTwice",
       [](ms::Run& run) {
         ms::data_editor(
             run, "Plan",
             ms::DataFrame{{{"y", std::vector<double>{1}}, {"y", std::vector<double>{2}}}});
       },
       "data_editor \"Plan\": the column \"y\" is there twice"},
      {"EditorWithColumnsOfOtherLengths",
       [](ms::Run& run) {
         ms::data_editor(
             run, "Plan",
             ms::DataFrame{{{"x", std::vector<double>{1}}, {"y", std::vector<double>{}}}});
       },
       "the column \"y\" has 0 cells, not 1"},
      {"EditorWithABoundThatIsNoNumber",
       [](ms::Run& run) {
         ms::data_editor(run, "Plan", ms::DataFrame{{{"x", std::vector<double>{1}}}},
                         {.columns = {{.name = "x", .min = "low"}}});
       },
       "the rules of column \"x\": a bound: "},
      {"EditorWithOptionsOfNumbers",
       [](ms::Run& run) {
         ms::data_editor(run, "Plan", ms::DataFrame{{{"x", std::vector<double>{1}}}},
                         {.columns = {{.name = "x", .max_chars = 3}}});
       },
       "numbers have no options and no number of characters"},
      {"StateOfAWidgetThatIsThere",
       [](ms::Run& run) {
         ms::checkbox(run, "Dry", {.key = "dry"});
         run.set_state("dry", true);
       },
       "session state \"dry\" belongs to the checkbox \"Dry\""},
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

}  // namespace

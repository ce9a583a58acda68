#include "widget_cases.hpp"

#include <chrono>
#include <ostream>

namespace memoscape::testing {

namespace {

using namespace std::chrono_literals;
using List = ms::Value::List;

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += all.empty() ? text : "+" + text;
  return all;
}

std::string shown(bool on) { return on ? "true" : "false"; }
std::string shown(const std::optional<std::string>& text) { return text.value_or("nothing"); }
std::string shown(std::chrono::seconds time) { return ms::format("{} s", time.count()); }
std::string shown(ms::Date date) {
  return ms::format("{}/{}/{}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                    static_cast<unsigned>(date.day()));
}
template <class T>
std::string shown(const ms::Range<T>& range) {
  return shown(range.lo) + " to " + shown(range.hi);
}
template <>
std::string shown(const ms::Range<int>& range) {
  return ms::format("{} to {}", range.lo, range.hi);
}
template <>
std::string shown(const ms::Range<double>& range) {
  return ms::format("{} to {}", range.lo, range.hi);
}
template <>
std::string shown(const ms::Range<std::string>& range) {
  return range.lo + " to " + range.hi;
}

const std::vector<std::string> kSizes = {"S", "M", "L"};

ms::DataFrame plan() {
  return {{{"month", std::vector<std::string>{"Jan", "Feb"}},
           {"euros", std::vector<std::int64_t>{10, 20}}}};
}

std::string shown(const ms::DataFrame& frame) {
  std::string all;
  for (std::size_t row = 0; row < frame.rows(); ++row) {
    all += frame.columns[0].cell(row) + frame.columns[1].cell(row) + ' ';
  }
  return all;
}

std::vector<WidgetCase> simple_cases() {
  return {
      {"Button",
       "button",
       [](const ms::Place& p, bool off) { return shown(ms::button(p, "W", {.disabled = off})); },
       "false",
       "[ W ]\n",
       true,
       "true",
       "[ W ] (clicked)\n",
       {},
       1,
       Forms::refused},
      {"DownloadButton",
       "download_button",
       [](const ms::Place& p, bool off) {
         return shown(ms::download_button(
             p, "W", ms::Media{.name = "a.csv", .type = "text/csv", .bytes = "1,2"},
             {.disabled = off}));
       },
       "false",
       "[ W ] (a.csv, 3 bytes)\n",
       true,
       "true",
       "[ W ] (a.csv, 3 bytes) (clicked)\n",
       {},
       1,
       Forms::refused},
      {"FormSubmitButton",
       "form_submit_button",
       [](const ms::Place& p, bool off) {
         return shown(ms::form_submit_button(p, "W", {.disabled = off}));
       },
       "false",
       "[ W ]\n",
       true,
       "true",
       "[ W ] (clicked)\n",
       {},
       1,
       Forms::required},
      {"Checkbox",
       "checkbox",
       [](const ms::Place& p, bool off) { return shown(ms::checkbox(p, "W", {.disabled = off})); },
       "false",
       "[ ] W\n",
       true,
       "true",
       "[x] W\n",
       {},
       1},
      {"Toggle",
       "toggle",
       [](const ms::Place& p, bool off) {
         return shown(ms::toggle(p, "W", {.value = true, .disabled = off}));
       },
       "true",
       "(-o) W\n",
       false,
       "false",
       "(o-) W\n",
       {},
       "on"},
      {"Radio", "radio",
       [](const ms::Place& p, bool off) { return ms::radio(p, "W", kSizes, {.disabled = off}); },
       "S", "W: (o) S ( ) M ( ) L\n", "M", "M", "W: ( ) S (o) M ( ) L\n", "XL", 1},
      {"Selectbox", "selectbox",
       [](const ms::Place& p, bool off) {
         return ms::selectbox(p, "W", kSizes, {.index = 1, .disabled = off});
       },
       "M", "W: [M v]\n", "L", "L", "W: [L v]\n", "XL", 2},
      {"SelectboxOfNumbers", "selectbox",
       [](const ms::Place& p, bool off) {
         const int year = ms::selectbox(p, "W", std::vector{2012, 2013}, {.disabled = off});
         return ms::format("{}", year);
       },
       "2012", "W: [2012 v]\n", "2013", "2013", "W: [2013 v]\n", "2014", 2013},
      {"Multiselect", "multiselect",
       [](const ms::Place& p, bool off) {
         return joined(ms::multiselect(
             p, "W", kSizes, {.max_selections = 2, .placeholder = "any size", .disabled = off}));
       },
       "", "W: (any size)\n", List{"L", "S"}, "L+S", "W: L, S\n", List{"S", "M", "L"}, "S"},
      {"SelectSlider", "select_slider",
       [](const ms::Place& p, bool off) {
         return ms::select_slider(p, "W", kSizes, {.index = 1, .disabled = off});
       },
       "M", "W: M  |.o.| S..L\n", "L", "L", "W: L  |..o| S..L\n", "XL", List{"S", "M"}},
      {"SelectSliderOverARange", "select_slider",
       [](const ms::Place& p, bool off) {
         return shown(ms::select_slider(p, "W", kSizes, {"S", "M"}, {.disabled = off}));
       },
       "S to M", "W: S .. M  |oo.| S..L\n", List{"S", "L"}, "S to L", "W: S .. L  |o-o| S..L\n",
       List{"L", "S"}, "S"},
      {"Pills", "pills",
       [](const ms::Place& p, bool off) {
         return shown(ms::pills(p, "W", kSizes, {.disabled = off}));
       },
       "nothing", "W: ( S) ( M) ( L)\n", "M", "M", "W: ( S) (*M) ( L)\n", "XL", 1},
      {"PillsForSeveral", "pills",
       [](const ms::Place& p, bool off) {
         return joined(ms::pills_multi(p, "W", kSizes, {.selected = {"L"}, .disabled = off}));
       },
       "L", "W: ( S) ( M) (*L)\n", List{}, "", "W: ( S) ( M) ( L)\n", List{"S", "S"}, "S"},
      {"SegmentedControl", "segmented_control",
       [](const ms::Place& p, bool off) {
         return shown(ms::segmented_control(p, "W", kSizes, {.selected = "S", .disabled = off}));
       },
       "S", "W: |*S | M | L |\n", ms::Value(), "nothing", "W: | S | M | L |\n", "XL", 0},
      {"SegmentedControlForSeveral", "segmented_control",
       [](const ms::Place& p, bool off) {
         return joined(ms::segmented_control_multi(p, "W", kSizes, {.disabled = off}));
       },
       "", "W: | S | M | L |\n", List{"M", "L"}, "M+L", "W: | S |*M |*L |\n", List{"XL"}, "M"},
      {"Feedback", "feedback",
       [](const ms::Place& p, bool off) {
         const std::optional<int> stars =
             ms::feedback(p, "W", ms::FeedbackType::stars, {.disabled = off});
         return stars ? ms::format("{}", *stars) : "nothing";
       },
       "nothing", "W: (none)\n", 4, "4", "W: 5 of 5 stars\n", 5, "4"},
      {"FeedbackByThumbs", "feedback",
       [](const ms::Place& p, bool off) {
         return ms::format("{}", ms::feedback(p, "W", {}, {.disabled = off}).value_or(-1));
       },
       "-1", "W: (none)\n", 1, "1", "W: thumb up\n", 2, 0.5},
      {"TextInput", "text_input",
       [](const ms::Place& p, bool off) {
         return ms::text_input(p, "W", {.max_chars = 3, .disabled = off});
       },
       "", "W: []\n", "äöü", "äöü", "W: [äöü]\n", "four", 3},
      {"TextArea", "text_area",
       [](const ms::Place& p, bool off) {
         return ms::text_area(p, "W", {.max_chars = 9, .placeholder = "notes", .disabled = off});
       },
       "", "W:\n| (notes)\n", "a\n\nb", "a\n\nb", "W:\n| a\n|\n| b\n", "ten chars!", 3},
      {"ChatInput", "chat_input",
       [](const ms::Place& p, bool off) {
         return shown(ms::chat_input(p, "W", {.max_chars = 5, .disabled = off}));
       },
       "nothing", "> (W)\n", "hello", "hello", "> hello\n", "too long", 3, Forms::refused},
      {"ColorPicker", "color_picker",
       [](const ms::Place& p, bool off) {
         return ms::color_picker(p, "W", {.value = "#F80", .disabled = off});
       },
       "#ff8800", "W: [#ff8800]\n", "#00FF7f", "#00ff7f", "W: [#00ff7f]\n", "#00ff7", 0},
      {"DataEditor", "data_editor",
       [](const ms::Place& p, bool off) {
         return shown(ms::data_editor(p, "W", plan(),
                                      {.columns = {{.name = "euros", .min = 0}},
                                       .rows = ms::EditorRows::dynamic,
                                       .disabled = off}));
       },
       "Jan10 Feb20 ", "W: 0 edits\nmonth  euros\n─────  ─────\nJan       10\nFeb       20\n",
       List{List{"add", "Mar", 30}, List{"delete", 0}, List{"set", 1, "euros", 25}}, "Feb25 Mar30 ",
       "W: 3 edits\nmonth  euros\n─────  ─────\nFeb       25\nMar       30\n",
       List{ms::Value(List{"set", 1, "euros", -1})}, List{Value(List{"set", 1, "euros", 2.5})}},
  };
}

std::vector<WidgetCase> number_cases() {
  return {
      {"Slider", "slider",
       [](const ms::Place& p, bool off) {
         return ms::format("{}", ms::slider(p, "W", 0, 10, 5, {.disabled = off}));
       },
       "5", "W: 5  |-----o-----| 0..10\n", 10, "10", "W: 10  |----------o| 0..10\n", 11, 2.5},
      {"SliderOverARange", "slider",
       [](const ms::Place& p, bool off) {
         return shown(ms::slider(p, "W", 0, 10, {2, 4}, {.disabled = off}));
       },
       "2 to 4", "W: 2 .. 4  |--o=o------| 0..10\n", List{0, 10}, "0 to 10",
       "W: 0 .. 10  |o=========o| 0..10\n", List{5, 4}, 5},
      {"SliderOverARangeOfReals", "slider",
       [](const ms::Place& p, bool off) {
         return shown(ms::slider(p, "W", 0, 1, {0.25, 0.75}, {.disabled = off}));
       },
       "0.25 to 0.75", "W: 0.25 .. 0.75  |---o====o--| 0..1\n", List{0, 0.5}, "0 to 0.5",
       "W: 0 .. 0.5  |o====o-----| 0..1\n", List{0.5, 1.5}, List{0.5}},
      {"SliderOfDates", "slider",
       [](const ms::Place& p, bool off) {
         return shown(
             ms::slider(p, "W", 2026y / 1 / 1, 2026y / 1 / 11, 2026y / 1 / 6, {.disabled = off}));
       },
       "2026/1/6", "W: 2026-01-06  |-----o-----| 2026-01-01..2026-01-11\n", "2026-01-11",
       "2026/1/11", "W: 2026-01-11  |----------o| 2026-01-01..2026-01-11\n", "2026-01-12", 5},
      {"SliderOverARangeOfDates", "slider",
       [](const ms::Place& p, bool off) {
         return shown(ms::slider(p, "W", 2026y / 1 / 1, 2026y / 1 / 11,
                                 {2026y / 1 / 1, 2026y / 1 / 6}, {.disabled = off}));
       },
       "2026/1/1 to 2026/1/6",
       "W: 2026-01-01 .. 2026-01-06  |o====o-----| 2026-01-01..2026-01-11\n",
       List{"2026-01-02", "2026-01-02"}, "2026/1/2 to 2026/1/2",
       "W: 2026-01-02 .. 2026-01-02  |-o---------| 2026-01-01..2026-01-11\n",
       List{"2026-01-03", "2026-01-02"}, List{"2026-1-1", "2026-01-02"}},
      {"SliderOfTimes", "slider",
       [](const ms::Place& p, bool off) {
         return shown(ms::slider(p, "W", 8h, 18h, 13h, {.disabled = off}));
       },
       "46800 s", "W: 13:00:00  |-----o-----| 08:00:00..18:00:00\n", "08:00:00", "28800 s",
       "W: 08:00:00  |o----------| 08:00:00..18:00:00\n", "18:00:01", "25:00:00"},
      {"SliderOverARangeOfTimes", "slider",
       [](const ms::Place& p, bool off) {
         return shown(ms::slider(p, "W", 8h, 18h, {9h, 17h}, {.disabled = off}));
       },
       "32400 s to 61200 s", "W: 09:00:00 .. 17:00:00  |-o=======o-| 08:00:00..18:00:00\n",
       List{"08:00:00", "13:00:00"}, "28800 s to 46800 s",
       "W: 08:00:00 .. 13:00:00  |o====o-----| 08:00:00..18:00:00\n", List{"07:00:00", "13:00:00"},
       "08:00:00"},
      {"NumberInput", "number_input",
       [](const ms::Place& p, bool off) {
         return ms::format("{}",
                           ms::number_input(p, "W", 10, {.min = 1, .max = 99, .disabled = off}));
       },
       "10", "W: [10 -+] 1..99\n", 99, "99", "W: [99 -+] 1..99\n", 0, "10"},
      {"DateInput", "date_input",
       [](const ms::Place& p, bool off) {
         return shown(ms::date_input(p, "W", 2024y / 2 / 29, {.disabled = off}));
       },
       "2024/2/29", "W: [2024-02-29]\n", "2014-02-28", "2014/2/28", "W: [2014-02-28]\n",
       "2014-02-27", "2023-02-29"},
      {"DateInputOverARange", "date_input",
       [](const ms::Place& p, bool off) {
         return shown(
             ms::date_input(p, "W", {2026y / 1 / 2, 2026y / 1 / 9},
                            {.min = 2026y / 1 / 1, .max = 2026y / 12 / 31, .disabled = off}));
       },
       "2026/1/2 to 2026/1/9", "W: [2026-01-02] to [2026-01-09]\n",
       List{"2026-01-01", "2026-12-31"}, "2026/1/1 to 2026/12/31",
       "W: [2026-01-01] to [2026-12-31]\n", List{"2026-01-02", "2026-01-01"}, "2026-01-02"},
      {"TimeInput", "time_input",
       [](const ms::Place& p, bool off) {
         return shown(ms::time_input(p, "W", 8h + 30min, {.disabled = off}));
       },
       "30600 s", "W: [08:30:00]\n", "13:45", "49500 s", "W: [13:45:00]\n", "24:00:00", 830},
  };
}

}  // namespace

std::vector<WidgetCase> widget_cases() {
  std::vector<WidgetCase> cases = simple_cases();
  for (WidgetCase& one : number_cases()) cases.push_back(std::move(one));
  return cases;
}

}  // namespace memoscape::testing

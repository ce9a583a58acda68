#include "prove/kinds.hpp"

#include <chrono>
#include <optional>

namespace prove {

namespace {

using namespace std::chrono_literals;
using List = ms::Value::List;
using Place = ms::Place;
using String = std::string;
using Callback = ms::Callback;

const std::vector<String> kSizes = {"S", "M", "L"};

String padded(unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); }

ms::Value value_of(bool on) { return on; }
ms::Value value_of(int number) { return number; }
ms::Value value_of(double number) { return number; }
ms::Value value_of(const String& text) { return text; }
ms::Value value_of(const std::vector<String>& texts) { return texts; }
ms::Value value_of(const ms::MediaPtr& file) { return file ? ms::Value(file) : ms::Value(); }
ms::Value value_of(ms::Date date) {
  return ms::format("{}-{}-{}", static_cast<int>(date.year()),
                    padded(static_cast<unsigned>(date.month())),
                    padded(static_cast<unsigned>(date.day())));
}
ms::Value value_of(ms::TimeOfDay time) {
  const auto seconds = static_cast<unsigned>(time.count());
  return padded(seconds / 3600) + ":" + padded(seconds / 60 % 60) + ":" + padded(seconds % 60);
}
template <class T>
ms::Value value_of(const ms::Range<T>& range) {
  return List{value_of(range.lo), value_of(range.hi)};
}
template <class T>
ms::Value value_of(const std::optional<T>& value) {
  return value ? value_of(*value) : ms::Value();
}

const List kEdits = {List{"set", 1, "euros", 25}};

// Two tables are all that a user can make of it here.
ms::Value value_of(const ms::DataFrame& frame) {
  return frame.columns[1].cell(1) == "25" ? ms::Value(kEdits) : ms::Value(List{});
}

ms::DataFrame plan() {
  return {
      {{"month", std::vector<String>{"Jan", "Feb"}}, {"euros", std::vector<std::int64_t>{10, 20}}}};
}

ms::Value file(const char* name, const char* type, const char* bytes) {
  return std::make_shared<const ms::Media>(ms::Media{.name = name, .type = type, .bytes = bytes});
}

std::vector<Kind> make_triggers() {
  return {
      {"button",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::button(p, l, {.key = k, .on_change = c}));
       },
       false,
       {true},
       true},
      {"download_button",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::download_button(
             p, l, ms::Media{.name = "a.csv", .type = "text/csv", .bytes = "1,2"},
             {.key = k, .on_change = c}));
       },
       false,
       {true},
       true},
      {"form_submit_button",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::form_submit_button(p, l, {.key = k, .on_change = c}));
       },
       false,
       {true},
       true},
      {"chat_input",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::chat_input(p, l, {.max_chars = 5, .key = k, .on_change = c}));
       },
       {},
       {"hello", "you", "too long", ""},
       true},
      {"file_uploader",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::file_uploader(p, l, {.types = {"csv"}, .key = k, .on_change = c}));
       },
       {},
       {file("a.csv", "text/csv", "1"), file("b.csv", "text/csv", "2"),
        file("c.png", "image/png", "3")},
       false,
       true},
      {"camera_input",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::camera_input(p, l, {.key = k, .on_change = c}));
       },
       {},
       {file("c.png", "image/png", "3"), file("a.csv", "text/csv", "1")},
       false,
       true},
      {"audio_input",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::audio_input(p, l, {.key = k, .on_change = c}));
       },
       {},
       {file("c.wav", "audio/wav", "3"), file("a.csv", "text/csv", "1")},
       false,
       true},
  };
}

std::vector<Kind> make_choices() {
  return {
      {"checkbox",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::checkbox(p, l, {.key = k, .on_change = c}));
       },
       false,
       {true, false, 1}},
      {"toggle",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::toggle(p, l, {.value = true, .key = k, .on_change = c}));
       },
       true,
       {false, true, "on"}},
      {"radio",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::radio(p, l, kSizes, {.key = k, .on_change = c}));
       },
       "S",
       {"M", "L", "S", "XL", 1}},
      {"selectbox",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::selectbox(p, l, kSizes, {.index = 1, .key = k, .on_change = c}));
       },
       "M",
       {"S", "L", "M", "XL", 2}},
      {"multiselect",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(
             ms::multiselect(p, l, kSizes, {.max_selections = 2, .key = k, .on_change = c}));
       },
       List{},
       {List{"L", "S"}, List{"M"}, List{}, List{"S", "M", "L"}, "S"}},
      {"select_slider",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::select_slider(p, l, kSizes, {.index = 1, .key = k, .on_change = c}));
       },
       "M",
       {"L", "S", "XL", List{"S", "M"}}},
      {"select_slider",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::select_slider(p, l, kSizes, {"S", "M"}, {.key = k, .on_change = c}));
       },
       List{"S", "M"},
       {List{"S", "L"}, List{"M", "M"}, List{"L", "S"}, "S"}},
      {"pills",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::pills(p, l, kSizes, {.key = k, .on_change = c}));
       },
       {},
       {"M", "S", ms::Value(), "XL"}},
      {"pills",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(
             ms::pills_multi(p, l, kSizes, {.selected = {"L"}, .key = k, .on_change = c}));
       },
       List{"L"},
       {List{}, List{"S", "L"}, List{"S", "S"}, "S"}},
      {"segmented_control",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(
             ms::segmented_control(p, l, kSizes, {.selected = "S", .key = k, .on_change = c}));
       },
       "S",
       {ms::Value(), "M", "XL", 0}},
      {"segmented_control",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::segmented_control_multi(p, l, kSizes, {.key = k, .on_change = c}));
       },
       List{},
       {List{"M", "L"}, List{"S"}, List{"XL"}}},
      {"feedback",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::feedback(p, l, {}, {.key = k, .on_change = c}));
       },
       {},
       {1, 0, 2}},
  };
}

std::vector<Kind> make_inputs() {
  return {
      {"slider",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::slider(p, l, 0, 3, 1, {.key = k, .on_change = c}));
       },
       1,
       {0, 1, 2, 3, 4, 2.5}},
      {"slider",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::slider(p, l, 0, 1, {0.25, 0.75}, {.key = k, .on_change = c}));
       },
       List{0.25, 0.75},
       {List{0, 0.5}, List{0.5, 0.5}, List{0.5, 1.5}}},
      {"slider",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::slider(p, l, 2026y / 1 / 1, 2026y / 1 / 11, 2026y / 1 / 6,
                                    {.key = k, .on_change = c}));
       },
       "2026-01-06",
       {"2026-01-11", "2026-01-01", "2026-01-12", 5}},
      {"slider",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::slider(p, l, 8h, 18h, 13h, {.key = k, .on_change = c}));
       },
       "13:00:00",
       {"08:00:00", "18:00:00", "18:00:01"}},
      {"number_input",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(
             ms::number_input(p, l, 10, {.min = 1, .max = 99, .key = k, .on_change = c}));
       },
       10,
       {11, 12, 0, "10"}},
      {"date_input",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::date_input(p, l, 2024y / 2 / 29, {.key = k, .on_change = c}));
       },
       "2024-02-29",
       {"2024-03-01", "2014-02-28", "2023-02-29"}},
      {"date_input",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(
             ms::date_input(p, l, {2026y / 1 / 2, 2026y / 1 / 9}, {.key = k, .on_change = c}));
       },
       List{"2026-01-02", "2026-01-09"},
       {List{"2026-01-01", "2026-12-31"}, "2026-01-02"}},
      {"time_input",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::time_input(p, l, 8h + 30min, {.key = k, .on_change = c}));
       },
       "08:30:00",
       {"13:45", "00:00:00", "24:00:00"}},
      {"text_input",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::text_input(p, l, {.max_chars = 3, .key = k, .on_change = c}));
       },
       "",
       {"a", "äöü", "", "four", "\xff", 3}},
      {"text_area",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::text_area(p, l, {.max_chars = 9, .key = k, .on_change = c}));
       },
       "",
       {"a\n\nb", "x", "ten chars!"}},
      {"color_picker",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::color_picker(p, l, {.value = "#F80", .key = k, .on_change = c}));
       },
       "#ff8800",
       {"#00FF7f", "#000", "#00ff7"}},
      {"data_editor",
       [](const Place& p, const String& l, const String& k, const Callback& c) {
         return value_of(ms::data_editor(p, l, plan(), {.key = k, .on_change = c}));
       },
       List{},
       {kEdits, List{}, List{ms::Value(List{"set", 1, "euros", 2.5})}}},
  };
}

}  // namespace

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> kAll = [] {
    std::vector<Kind> all = make_inputs();
    for (const auto& family : {make_choices(), make_triggers()}) {
      all.insert(all.end(), family.begin(), family.end());
    }
    return all;
  }();
  return kAll;
}

}  // namespace prove

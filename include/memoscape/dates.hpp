// Dates: widgets whose value is a date or a time of day.
//
// A date is a std::chrono::year_month_day of the years 1 to 9999 (a sys_days converts), a time of
// day is the std::chrono::seconds since midnight. As a Value each is text, "2026-01-02" and
// "13:45:00", in exactly this form; a time may be set as "13:45".
//
// The library knows no "today": a default that changes by itself is an input that a cached function
// cannot see. Pass it.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   std::chrono::year_month_day day = ms::date_input(run, "Day", 2026y / 1 / 2);
//   ms::Range<std::chrono::year_month_day> trip =
//       ms::date_input(run, "Trip", {2026y / 1 / 2, 2026y / 1 / 9});
//   std::chrono::seconds start = ms::time_input(run, "Start", 8h + 30min);
//   std::chrono::seconds end = ms::slider(run, "End", 8h, 18h, 17h);
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "memoscape/numbers.hpp"

namespace memoscape::inline v0 {

using Date = std::chrono::year_month_day;
using TimeOfDay = std::chrono::seconds;  // since midnight; below 24 h

struct DateOptions {
  std::optional<Date> min = {};       // empty: ten years before the default
  std::optional<Date> max = {};       // empty: ten years after the default
  std::string format = "YYYY/MM/DD";  // how a front end shows it
  std::string key = {};               // names the widget; empty: kind, label and definition do
  std::string help = {};              // shown on demand
  bool disabled = false;              // shown, but a user cannot change it
  LabelVisibility label_visibility = LabelVisibility::visible;
  Callback on_change = {};  // called after a change, before the run
};

struct TimeOptions {
  TimeOfDay step = std::chrono::minutes(15);  // of the list to choose from; 1 min to 23 h
  std::string key = {};                       // names the widget; empty: kind, label, definition do
  std::string help = {};                      // shown on demand
  bool disabled = false;                      // shown, but a user cannot change it
  LabelVisibility label_visibility = LabelVisibility::visible;
  Callback on_change = {};  // called after a change, before the run
};

// A date. Throws: UsageError for a date that does not exist, a default outside min to max, and
// min > max; and as Place::widget.
MEMOSCAPE_API Date date_input(const Place& place, std::string_view label, Date value,
                              const DateOptions& options = {});
// From one date to another. Throws: as above; UsageError for lo > hi.
MEMOSCAPE_API Range<Date> date_input(const Place& place, std::string_view label,
                                     const Range<Date>& value, const DateOptions& options = {});

// A time of day. Throws: UsageError for a time outside a day or a step outside its bounds; and as
// Place::widget.
MEMOSCAPE_API TimeOfDay time_input(const Place& place, std::string_view label, TimeOfDay value,
                                   const TimeOptions& options = {});

// A date on a scale, or two. Throws: as slider of numbers, and as date_input.
MEMOSCAPE_API Date slider(const Place& place, std::string_view label, Date min, Date max,
                          Date value, const SliderOptions& options = {});
MEMOSCAPE_API Range<Date> slider(const Place& place, std::string_view label, Date min, Date max,
                                 const Range<Date>& value, const SliderOptions& options = {});

// A time of day on a scale, or two. Throws: as slider of numbers, and as time_input.
MEMOSCAPE_API TimeOfDay slider(const Place& place, std::string_view label, TimeOfDay min,
                               TimeOfDay max, TimeOfDay value, const SliderOptions& options = {});
MEMOSCAPE_API Range<TimeOfDay> slider(const Place& place, std::string_view label, TimeOfDay min,
                                      TimeOfDay max, const Range<TimeOfDay>& value,
                                      const SliderOptions& options = {});

}  // namespace memoscape::inline v0

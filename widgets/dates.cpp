#include "memoscape/dates.hpp"

#include <utility>

#include "widgets/common.hpp"
#include "widgets/iso_time.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

using std::chrono::years;

constexpr years kDefaultReach{10};

// The text of a date. Throws: UsageError when there is no such date.
Value date_value(std::string_view kind, std::string_view label, Date date) {
  if (!detail::is_date(date)) {
    detail::throw_misuse(kind, label,
                         "a date does not exist, or is not of the years 1 to 9999. Cure: test "
                         "year_month_day::ok() first");
  }
  return detail::date_text(date);
}

Value time_value(std::string_view kind, std::string_view label, TimeOfDay time) {
  if (!detail::is_time(time)) {
    detail::throw_misuse(kind, label,
                         std::to_string(time.count()) +
                             " seconds are no time of a day. Cure: pass the time since midnight");
  }
  return detail::time_text(time);
}

Date date_from(const Value& value) { return *detail::parse_date(*value.get_if<std::string>()); }
TimeOfDay time_from(const Value& value) {
  return *detail::parse_time(*value.get_if<std::string>());
}

// `date` some years on, on the last of February when there is no 29th; kept inside 1 to 9999.
Date years_on(Date date, years count) {
  const int year = static_cast<int>(date.year()) + static_cast<int>(count.count());
  if (year < 1) return Date(std::chrono::year(1), std::chrono::month(1), std::chrono::day(1));
  if (year > 9999) {
    return Date(std::chrono::year(9999), std::chrono::month(12), std::chrono::day(31));
  }
  const Date moved(std::chrono::year(year), date.month(), date.day());
  return moved.ok() ? moved
                    : Date(std::chrono::year_month_day_last(
                          moved.year(), std::chrono::month_day_last(moved.month())));
}

std::string date_misfit(const Definition& definition, const Value& value) {
  const std::string* text = value.get_if<std::string>();
  if (text == nullptr || !detail::parse_date(*text)) {
    return detail::wrong_kind("a date like 2026-01-31", value);
  }
  const std::string& min = *definition.attributes["min"].get_if<std::string>();
  const std::string& max = *definition.attributes["max"].get_if<std::string>();
  if (*text < min) return *text + " is before its first date " + min;
  if (*text > max) return *text + " is after its last date " + max;
  return {};
}

std::string date_input_misfit(const Definition& definition, const Value& value) {
  if (definition.initial.get_if<Value::List>() == nullptr) return date_misfit(definition, value);
  const Value::List* ends = value.get_if<Value::List>();
  if (ends == nullptr || ends->size() != 2) {
    return detail::wrong_kind("a list of two dates", value);
  }
  for (const Value& end : *ends) {
    if (std::string problem = date_misfit(definition, end); !problem.empty()) return problem;
  }
  const std::string& first = *(*ends)[0].get_if<std::string>();
  const std::string& last = *(*ends)[1].get_if<std::string>();
  return first <= last ? "" : first + " is after " + last;
}

void date_input_text(const Definition& definition, const Value& value, std::string& out) {
  const Value::List* ends = value.get_if<Value::List>();
  const std::string shown = ends == nullptr ? '[' + detail::readable(value) + ']'
                                            : '[' + detail::readable((*ends)[0]) + "] to [" +
                                                  detail::readable((*ends)[1]) + ']';
  detail::append_widget_line(definition, shown, out);
}

// "13:45" means "13:45:00".
Value time_normalize(const Definition&, Value value) {
  const std::string* text = value.get_if<std::string>();
  if (text == nullptr || text->size() != 5) return value;
  return *text + ":00";
}

std::string time_misfit(const Definition&, const Value& value) {
  const std::string* text = value.get_if<std::string>();
  const bool fits = text != nullptr && detail::parse_time(*text);
  return fits ? "" : detail::wrong_kind("a time like 13:45:00", value);
}

void time_input_text(const Definition& definition, const Value& value, std::string& out) {
  detail::append_widget_line(definition, '[' + detail::readable(value) + ']', out);
}

const Value& make_date_input(const Place& place, std::string_view label, Value value, Date first,
                             Date last, const DateOptions& options) {
  const Date min = options.min.value_or(years_on(first, -kDefaultReach));
  const Date max = options.max.value_or(years_on(last, kDefaultReach));
  detail::Draft draft(detail::kDateInputKind, label, std::move(value), options);
  draft.add("min", date_value("date_input", label, min));
  draft.add("max", date_value("date_input", label, max));
  draft.add("format", options.format);
  if (max < min) {
    detail::throw_misuse(
        "date_input", label,
        "min " + detail::date_text(min) + " is after max " + detail::date_text(max));
  }
  return detail::make_widget(place, std::move(draft));
}

}  // namespace

namespace detail {

constinit const WidgetKind kDateInputKind = {
    .name = "date_input", .misfit = date_input_misfit, .to_text = date_input_text};
constinit const WidgetKind kTimeInputKind = {.name = "time_input",
                                             .normalize = time_normalize,
                                             .misfit = time_misfit,
                                             .to_text = time_input_text};

}  // namespace detail

Date date_input(const Place& place, std::string_view label, Date value,
                const DateOptions& options) {
  Value text = date_value("date_input", label, value);
  return date_from(make_date_input(place, label, std::move(text), value, value, options));
}

Range<Date> date_input(const Place& place, std::string_view label, const Range<Date>& value,
                       const DateOptions& options) {
  Value::List ends = {date_value("date_input", label, value.lo),
                      date_value("date_input", label, value.hi)};
  const Value& chosen = make_date_input(place, label, std::move(ends), value.lo, value.hi, options);
  const Value::List& list = *chosen.get_if<Value::List>();
  return {date_from(list[0]), date_from(list[1])};
}

TimeOfDay time_input(const Place& place, std::string_view label, TimeOfDay value,
                     const TimeOptions& options) {
  if (options.step < std::chrono::minutes(1) || options.step > std::chrono::hours(23)) {
    detail::throw_misuse("time_input", label,
                         "a step of " + std::to_string(options.step.count()) +
                             " seconds is outside 1 minute to 23 hours");
  }
  detail::Draft draft(detail::kTimeInputKind, label, time_value("time_input", label, value),
                      options);
  draft.add("step", options.step.count());
  return time_from(detail::make_widget(place, std::move(draft)));
}

Date slider(const Place& place, std::string_view label, Date min, Date max, Date value,
            const SliderOptions& options) {
  return date_from(detail::slider(place, label, date_value("slider", label, min),
                                  date_value("slider", label, max),
                                  date_value("slider", label, value), options, "date"));
}

Range<Date> slider(const Place& place, std::string_view label, Date min, Date max,
                   const Range<Date>& value, const SliderOptions& options) {
  const Value& chosen = detail::slider(
      place, label, date_value("slider", label, min), date_value("slider", label, max),
      Value::List{date_value("slider", label, value.lo), date_value("slider", label, value.hi)},
      options, "date");
  const Value::List& ends = *chosen.get_if<Value::List>();
  return {date_from(ends[0]), date_from(ends[1])};
}

TimeOfDay slider(const Place& place, std::string_view label, TimeOfDay min, TimeOfDay max,
                 TimeOfDay value, const SliderOptions& options) {
  return time_from(detail::slider(place, label, time_value("slider", label, min),
                                  time_value("slider", label, max),
                                  time_value("slider", label, value), options, "time"));
}

Range<TimeOfDay> slider(const Place& place, std::string_view label, TimeOfDay min, TimeOfDay max,
                        const Range<TimeOfDay>& value, const SliderOptions& options) {
  const Value& chosen = detail::slider(
      place, label, time_value("slider", label, min), time_value("slider", label, max),
      Value::List{time_value("slider", label, value.lo), time_value("slider", label, value.hi)},
      options, "time");
  const Value::List& ends = *chosen.get_if<Value::List>();
  return {time_from(ends[0]), time_from(ends[1])};
}

}  // namespace memoscape::inline v0

#include "memoscape/numbers.hpp"

#include <algorithm>
#include <cmath>

#include "memoscape/error.hpp"
#include "widgets/common.hpp"
#include "widgets/iso_time.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

// The default; of a range, its lower end.
const Value& sample(const Value& initial) {
  const Value::List* ends = initial.get_if<Value::List>();
  return ends == nullptr ? initial : ends->front();
}

bool is_range(const Definition& definition) {
  return definition.initial.get_if<Value::List>() != nullptr;
}

bool is_real(const Value& initial) { return sample(initial).get_if<double>() != nullptr; }

// "date" or "time"; empty for numbers.
std::string_view type_of(const Definition& definition) {
  const std::string* type = definition.attributes["type"].get_if<std::string>();
  return type == nullptr ? std::string_view() : *type;
}

// A date as days, a time of day as seconds. Requires: it fits.
double as_double(const Value& value) {
  if (const std::int64_t* number = value.get_if<std::int64_t>()) {
    return static_cast<double>(*number);
  }
  if (const std::string* text = value.get_if<std::string>()) {
    if (const auto time = detail::parse_time(*text)) return static_cast<double>(time->count());
    const std::chrono::sys_days days = *detail::parse_date(*text);
    return static_cast<double>(days.time_since_epoch().count());
  }
  return *value.get_if<double>();
}

// All are int64, or double, or texts of dates, or of times.
bool less(const Value& a, const Value& b) {
  if (const std::int64_t* number = a.get_if<std::int64_t>()) {
    return *number < *b.get_if<std::int64_t>();
  }
  if (const std::string* text = a.get_if<std::string>()) return *text < *b.get_if<std::string>();
  return *a.get_if<double>() < *b.get_if<double>();
}

// An integer means the same number where a floating-point one is kept; minus zero means zero.
Value real(Value value) {
  if (const std::int64_t* number = value.get_if<std::int64_t>()) {
    return static_cast<double>(*number);
  }
  if (const double* number = value.get_if<double>(); number != nullptr && *number == 0) return 0.0;
  return value;
}

Value number_normalize(const Definition& definition, Value value) {
  if (!is_real(definition.initial)) return value;
  const Value::List* items = value.get_if<Value::List>();
  if (items == nullptr) return real(std::move(value));
  Value::List ends = *items;
  for (Value& end : ends) end = real(std::move(end));
  return ends;
}

// Why it is not of the type of the widget's numbers.
std::string type_misfit(const Definition& definition, const Value& value) {
  const std::string_view type = type_of(definition);
  if (!type.empty()) {
    const std::string* text = value.get_if<std::string>();
    if (type == "date") {
      const bool fits = text != nullptr && detail::parse_date(*text);
      return fits ? "" : detail::wrong_kind("a date like 2026-01-31", value);
    }
    const bool fits = text != nullptr && detail::parse_time(*text);
    return fits ? "" : detail::wrong_kind("a time like 13:45:00", value);
  }
  if (!is_real(definition.initial)) {
    return value.get_if<std::int64_t>() != nullptr ? "" : detail::wrong_kind("an integer", value);
  }
  const double* number = value.get_if<double>();
  if (number == nullptr) return detail::wrong_kind("a number", value);
  return std::isfinite(*number) ? "" : detail::readable(*number) + " is not a finite number";
}

std::string one_misfit(const Definition& definition, const Value& value) {
  if (std::string problem = type_misfit(definition, value); !problem.empty()) return problem;
  const Value& min = definition.attributes["min"];
  const Value& max = definition.attributes["max"];
  if (!min.is_null() && less(value, min)) {
    return detail::readable(value) + " is below its least value " + detail::readable(min);
  }
  if (!max.is_null() && less(max, value)) {
    return detail::readable(value) + " is above its greatest value " + detail::readable(max);
  }
  return {};
}

std::string number_misfit(const Definition& definition, const Value& value) {
  if (!is_range(definition)) return one_misfit(definition, value);
  const Value::List* ends = value.get_if<Value::List>();
  if (ends == nullptr || ends->size() != 2) return detail::wrong_kind("a list of two", value);
  for (const Value& end : *ends) {
    if (std::string problem = one_misfit(definition, end); !problem.empty()) return problem;
  }
  if (!less((*ends)[1], (*ends)[0])) return {};
  return detail::readable((*ends)[0]) + " is above " + detail::readable((*ends)[1]);
}

// Where the values stand on a scale of 11 characters.
std::string scale(const Value& min, const Value& max, const Value& low, const Value& high) {
  constexpr int kSteps = 10;
  const double span = as_double(max) - as_double(min);
  const auto position = [&](const Value& value) {
    const double share = span > 0 ? (as_double(value) - as_double(min)) / span : 0;
    return static_cast<std::size_t>(std::clamp(std::lround(share * kSteps), 0L, long{kSteps}));
  };
  std::string text = "|-----------|";
  for (std::size_t i = position(low); i < position(high); ++i) text[i + 1] = '=';
  text[position(low) + 1] = 'o';
  text[position(high) + 1] = 'o';
  return text;
}

void slider_text(const Definition& definition, const Value& value, std::string& out) {
  const Value& min = definition.attributes["min"];
  const Value& max = definition.attributes["max"];
  const Value::List* ends = value.get_if<Value::List>();
  const Value& low = ends == nullptr ? value : ends->front();
  const Value& high = ends == nullptr ? value : ends->back();
  std::string shown = detail::readable(low);
  if (ends != nullptr) shown += " .. " + detail::readable(high);
  detail::append_widget_line(definition,
                             shown + "  " + scale(min, max, low, high) + ' ' +
                                 detail::readable(min) + ".." + detail::readable(max),
                             out);
}

// A bound that is just the end of a type says nothing.
bool is_telling(const Value& bound) {
  if (bound.is_null()) return false;
  const std::int64_t* number = bound.get_if<std::int64_t>();
  return number == nullptr || (*number != std::numeric_limits<std::int32_t>::min() &&
                               *number != std::numeric_limits<std::int32_t>::max() &&
                               *number != std::numeric_limits<std::uint32_t>::max());
}

void number_input_text(const Definition& definition, const Value& value, std::string& out) {
  const Value& min = definition.attributes["min"];
  const Value& max = definition.attributes["max"];
  std::string shown = '[' + detail::readable(value) + " -+]";
  if (is_telling(min) || is_telling(max)) {
    shown += ' ';
    if (is_telling(min)) shown += detail::readable(min);
    shown += "..";
    if (is_telling(max)) shown += detail::readable(max);
  }
  detail::append_widget_line(definition, shown, out);
}

void check_finite(std::string_view kind, std::string_view label, std::string_view what,
                  const Value& number) {
  const double* real = number.get_if<double>();
  if (real != nullptr && !std::isfinite(*real)) {
    detail::throw_misuse(
        kind, label, std::string(what) + ' ' + detail::readable(*real) + " is not a finite number");
  }
}

// The step that is meant. Throws for bounds and a step that no number widget may have.
Value checked_step(const detail::Draft& draft, const Value& min, const Value& max, Value step,
                   std::string_view type) {
  const char* kind = draft.kind->name;
  const bool real_numbers = is_real(draft.initial);
  check_finite(kind, draft.label, "min", min);
  check_finite(kind, draft.label, "max", max);
  if (!min.is_null() && !max.is_null() && less(max, min)) {
    detail::throw_misuse(kind, draft.label,
                         "min " + detail::readable(min) + " is above max " + detail::readable(max));
  }
  if (real_numbers) step = real(std::move(step));
  if (step.is_null()) {
    step = type == "time"  ? Value(900)
           : !real_numbers ? Value(1)
           : min.is_null() || max.is_null() || !less(min, max)
               ? Value(0.01)
               : Value((as_double(max) - as_double(min)) / 100);
  }
  const bool fits =
      real_numbers ? step.get_if<double>() != nullptr : step.get_if<std::int64_t>() != nullptr;
  if (!fits) {
    detail::throw_misuse(
        kind, draft.label,
        "step: " + detail::wrong_kind(real_numbers ? "a number" : "an integer", step));
  }
  check_finite(kind, draft.label, "step", step);
  if (!(as_double(step) > 0)) {
    detail::throw_misuse(kind, draft.label,
                         "step " + detail::readable(step) + " is not above zero");
  }
  return step;
}

// Throws as above.
void add_bounds(detail::Draft& draft, Value& min, Value& max, const Value& step, const char* type) {
  const std::int64_t* low = min.get_if<std::int64_t>();
  const std::int64_t* high = max.get_if<std::int64_t>();
  const bool is_usual = low != nullptr && high != nullptr && *low <= *high && step.is_null() &&
                        draft.initial.get_if<std::int64_t>() != nullptr;
  if (is_usual) {
    draft.add("min", *low);
    draft.add("max", *high);
    draft.add("step", 1);
    return;
  }
  if (type != nullptr) draft.add("type", type);
  Value checked = checked_step(draft, min, max, step, type == nullptr ? "" : type);
  if (!min.is_null()) draft.add("min", std::move(min));
  if (!max.is_null()) draft.add("max", std::move(max));
  draft.add("step", std::move(checked));
}

}  // namespace

namespace detail {

constinit const WidgetKind kSliderKind = {.name = "slider",
                                          .normalize = number_normalize,
                                          .misfit = number_misfit,
                                          .to_text = slider_text};
constinit const WidgetKind kNumberInputKind = {.name = "number_input",
                                               .normalize = number_normalize,
                                               .misfit = number_misfit,
                                               .to_text = number_input_text};

void throw_unrepresentable(std::string_view kind, std::string_view label) {
  throw_misuse(kind, label,
               "an argument does not fit the common integer type of all its arguments, or 64 bits "
               "with a sign. Cure: give all of them one type, and bounds that fit");
}

const Value& slider(const Place& place, std::string_view label, Value min, Value max, Value value,
                    const SliderOptions& options, const char* type) {
  detail::Draft draft(kSliderKind, label, std::move(value), options);
  add_bounds(draft, min, max, options.step, type);
  return make_widget(place, std::move(draft));
}

const Value& number_input(const Place& place, std::string_view label, NumberSpec spec) {
  detail::Draft draft(kNumberInputKind, label, spec.value, spec);
  add_bounds(draft, spec.min, spec.max, spec.step, nullptr);
  return make_widget(place, std::move(draft));
}

}  // namespace detail
}  // namespace memoscape::inline v0

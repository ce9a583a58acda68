#include "memoscape/numbers.hpp"

#include <cmath>

#include "memoscape/error.hpp"
#include "widgets/common.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

bool is_real(const Definition& definition) {
  return definition.initial.get_if<double>() != nullptr;
}

double as_double(const Value& value) {
  if (const std::int64_t* number = value.get_if<std::int64_t>()) {
    return static_cast<double>(*number);
  }
  return *value.get_if<double>();
}

// Both are int64, or both are double.
bool less(const Value& a, const Value& b) {
  if (const std::int64_t* number = a.get_if<std::int64_t>()) {
    return *number < *b.get_if<std::int64_t>();
  }
  return *a.get_if<double>() < *b.get_if<double>();
}

// An integer means the same number where a floating-point one is kept; minus zero means zero.
Value number_normalize(const Definition& definition, Value value) {
  if (!is_real(definition)) return value;
  if (const std::int64_t* number = value.get_if<std::int64_t>()) {
    return static_cast<double>(*number);
  }
  if (const double* number = value.get_if<double>(); number != nullptr && *number == 0) return 0.0;
  return value;
}

std::string number_misfit(const Definition& definition, const Value& value) {
  if (is_real(definition)) {
    const double* number = value.get_if<double>();
    if (number == nullptr) return detail::wrong_kind("a number", value);
    if (!std::isfinite(*number)) return detail::readable(*number) + " is not a finite number";
  } else if (value.get_if<std::int64_t>() == nullptr) {
    return detail::wrong_kind("an integer", value);
  }
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

// Where `value` stands on a scale of 11 characters.
std::string scale(const Value& min, const Value& max, const Value& value) {
  constexpr int kSteps = 10;
  const double span = as_double(max) - as_double(min);
  const double share = span > 0 ? (as_double(value) - as_double(min)) / span : 0;
  const long position = std::lround(share * kSteps);
  std::string text = "|-----------|";
  if (position >= 0 && position <= kSteps) text[static_cast<std::size_t>(position) + 1] = 'o';
  return text;
}

void slider_text(const Definition& definition, const Value& value, std::string& out) {
  const Value& min = definition.attributes["min"];
  const Value& max = definition.attributes["max"];
  detail::append_widget_line(definition,
                             detail::readable(value) + "  " + scale(min, max, value) + ' ' +
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

// Throws for bounds and a step that no number widget may have; sets them.
void set_bounds(Definition& definition, Value min, Value max, Value step) {
  const char* kind = definition.kind->name;
  check_finite(kind, definition.label, "min", min);
  check_finite(kind, definition.label, "max", max);
  if (!min.is_null() && !max.is_null() && less(max, min)) {
    detail::throw_misuse(kind, definition.label,
                         "min " + detail::readable(min) + " is above max " + detail::readable(max));
  }
  if (is_real(definition)) step = number_normalize(definition, std::move(step));
  if (step.is_null()) {
    step = !is_real(definition) ? Value(1)
           : min.is_null() || max.is_null() || !less(min, max)
               ? Value(0.01)
               : Value((as_double(max) - as_double(min)) / 100);
  }
  const bool fits = is_real(definition) ? step.get_if<double>() != nullptr
                                        : step.get_if<std::int64_t>() != nullptr;
  if (!fits) {
    detail::throw_misuse(
        kind, definition.label,
        "step: " + detail::wrong_kind(is_real(definition) ? "a number" : "an integer", step));
  }
  check_finite(kind, definition.label, "step", step);
  if (!(as_double(step) > 0)) {
    detail::throw_misuse(kind, definition.label,
                         "step " + detail::readable(step) + " is not above zero");
  }
  if (!min.is_null()) definition.attributes.set("min", std::move(min));
  if (!max.is_null()) definition.attributes.set("max", std::move(max));
  definition.attributes.set("step", std::move(step));
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
               "an argument does not fit the common integer type of all its arguments. Cure: give "
               "all of them one type");
}

const Value& slider(const Place& place, std::string_view label, Value min, Value max, Value value,
                    const SliderOptions& options) {
  Definition definition = define(kSliderKind, label, std::move(value), options);
  set_bounds(definition, std::move(min), std::move(max), options.step);
  return make_widget(place, std::move(definition));
}

const Value& number_input(const Place& place, std::string_view label, NumberSpec spec) {
  Definition definition = define(kNumberInputKind, label, spec.value, spec);
  set_bounds(definition, std::move(spec.min), std::move(spec.max), std::move(spec.step));
  return make_widget(place, std::move(definition));
}

}  // namespace detail
}  // namespace memoscape::inline v0

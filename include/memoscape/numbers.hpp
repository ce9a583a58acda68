// Numbers: widgets whose value is an integer or a floating-point number.
//
// The type is the common type of the arguments: slider(run, "x", 0, 10, 3) is an int,
// slider(run, "x", 0, 1, 0.5) a double. An integer widget refuses 2.5 from outside; a
// floating-point one takes 2 as 2.0. NaN and the infinities are refused.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   int minutes = ms::slider(run, "Delayed by at least", 0, 180, 15, {.step = 5});
//   double share = ms::slider(run, "Share", 0, 1, 0.5);
//   ms::Range<int> between = ms::slider(run, "Minutes", 0, 180, {15, 60});
//   int rows = ms::number_input(run, "Rows", 10, {.min = 1, .max = 1000});
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "memoscape/callback.hpp"
#include "memoscape/run.hpp"
#include "memoscape/widget_options.hpp"

namespace memoscape::inline v0 {

// What a number widget can hold.
template <class T>
concept Number = std::is_arithmetic_v<T> && !std::same_as<std::remove_cv_t<T>, bool>;

struct SliderOptions {
  // Null: 1 for integers, a hundredth of the scale otherwise; for dates in days, 1, and for times
  // of day in seconds, 900.
  Value step = {};
  std::string key = {};   // names the widget; empty: kind, label and definition do
  std::string help = {};  // shown on demand
  bool disabled = false;  // shown, but a user cannot change it
  LabelVisibility label_visibility = LabelVisibility::visible;
  Callback on_change = {};  // called after a change, before the run
};

template <Number T>
struct NumberOptions {
  std::optional<T> min = {};   // empty: the least value of T
  std::optional<T> max = {};   // empty: the greatest value of T
  std::optional<T> step = {};  // empty: 1 for integers, 0.01 otherwise
  std::string key = {};        // names the widget; empty: kind, label and definition do
  std::string help = {};       // shown on demand
  bool disabled = false;       // shown, but a user cannot change it
  LabelVisibility label_visibility = LabelVisibility::visible;
  Callback on_change = {};  // called after a change, before the run
};

namespace detail {

[[noreturn]] MEMOSCAPE_API void throw_unrepresentable(std::string_view kind,
                                                      std::string_view label);

// `value` as the Value of a widget of type T: an int64 or a double.
template <Number T, Number From>
Value number_value(std::string_view kind, std::string_view label, From value) {
  if constexpr (std::floating_point<T>) {
    return Value(static_cast<double>(value));
  } else {
    // T is a common type, so From is an integer type, too. Unary plus: not a character type.
    if (!std::in_range<std::int64_t>(+value) || static_cast<From>(static_cast<T>(value)) != value ||
        (value < From{}) != (static_cast<T>(value) < T{})) {
      throw_unrepresentable(kind, label);
    }
    return Value(static_cast<std::int64_t>(value));
  }
}

template <Number T>
T number_from(const Value& value) {
  if constexpr (std::floating_point<T>) {
    return static_cast<T>(*value.get_if<double>());
  } else {
    return static_cast<T>(*value.get_if<std::int64_t>());
  }
}

// A bound of number_input when the caller gave none; null for what every Value of the kind fits.
template <Number T>
Value natural_min() {
  if constexpr (std::floating_point<T> || (std::is_signed_v<T> && sizeof(T) >= 8)) return {};
  return Value(static_cast<std::int64_t>(std::numeric_limits<T>::min()));
}
template <Number T>
Value natural_max() {
  if constexpr (std::floating_point<T> || sizeof(T) >= 8) return {};
  return Value(static_cast<std::int64_t>(std::numeric_limits<T>::max()));
}

// The widgets behind the templates. All given values are int64, or double, or the texts of dates or
// of times of day, as `type` says; null stands for numbers. A list of two makes a range.
MEMOSCAPE_API const Value& slider(const Place& place, std::string_view label, Value min, Value max,
                                  Value value, const SliderOptions& options,
                                  const char* type = nullptr);
struct NumberSpec {
  Value value;
  Value min;  // null: no bound
  Value max;
  Value step;  // null: the default
  std::string key;
  std::string help;
  bool disabled = false;
  LabelVisibility label_visibility = LabelVisibility::visible;
  Callback on_change;
};
MEMOSCAPE_API const Value& number_input(const Place& place, std::string_view label,
                                        NumberSpec spec);

}  // namespace detail

// A number from min to max, on a scale.
// Throws: UsageError when min > max, the value is outside, a bound is not finite or the step is not
// above zero; and as Place::widget.
template <Number A, Number B, Number C>
std::common_type_t<A, B, C> slider(const Place& place, std::string_view label, A min, B max,
                                   C value, const SliderOptions& options = {}) {
  using T = std::common_type_t<A, B, C>;
  return detail::number_from<T>(
      detail::slider(place, label, detail::number_value<T>("slider", label, min),
                     detail::number_value<T>("slider", label, max),
                     detail::number_value<T>("slider", label, value), options));
}

// The same, with min as the default.
template <Number A, Number B>
std::common_type_t<A, B> slider(const Place& place, std::string_view label, A min, B max,
                                const SliderOptions& options = {}) {
  return slider(place, label, min, max, min, options);
}

// From one number to another, both on a scale from min to max.
// Throws: as slider; UsageError when lo > hi.
template <Number A, Number B, Number C>
Range<std::common_type_t<A, B, C>> slider(const Place& place, std::string_view label, A min, B max,
                                          const Range<C>& value,
                                          const SliderOptions& options = {}) {
  using T = std::common_type_t<A, B, C>;
  const Value& range =
      detail::slider(place, label, detail::number_value<T>("slider", label, min),
                     detail::number_value<T>("slider", label, max),
                     Value::List{detail::number_value<T>("slider", label, value.lo),
                                 detail::number_value<T>("slider", label, value.hi)},
                     options);
  const Value::List& ends = *range.get_if<Value::List>();
  return {detail::number_from<T>(ends[0]), detail::number_from<T>(ends[1])};
}
template <Number A, Number B, Number C>
Range<std::common_type_t<A, B, C>> slider(const Place& place, std::string_view label, A min, B max,
                                          const C (&value)[2], const SliderOptions& options = {}) {
  return slider(place, label, min, max, Range<C>{value[0], value[1]}, options);
}

// A number to type in. Throws: as slider.
template <Number T>
T number_input(const Place& place, std::string_view label, T value,
               const NumberOptions<std::type_identity_t<T>>& options = {}) {
  const auto converted = [&](const std::optional<T>& number, Value otherwise) {
    return number ? detail::number_value<T>("number_input", label, *number) : std::move(otherwise);
  };
  return detail::number_from<T>(detail::number_input(
      place, label,
      {detail::number_value<T>("number_input", label, value),
       converted(options.min, detail::natural_min<T>()),
       converted(options.max, detail::natural_max<T>()), converted(options.step, {}), options.key,
       options.help, options.disabled, options.label_visibility, options.on_change}));
}

}  // namespace memoscape::inline v0

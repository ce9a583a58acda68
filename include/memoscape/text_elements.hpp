// Text elements: words on the page, and write() for anything that has a rendering.
//
// All take text verbatim: braces in it are just braces. Use format() to put values in.
// An own type can be written when a function `void write_to(const Place&, const T&)` or
// `DataFrame to_dataframe(const T&)` stands in its namespace.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   ms::title(run, "Flights");
//   ms::text(run, ms::format("{} flights", flights.size()));
//   ms::write(run, "Late:", 0.25, table);
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "memoscape/data_elements.hpp"
#include "memoscape/format.hpp"
#include "memoscape/run.hpp"

namespace memoscape::inline v0 {

// Text as it is.
MEMOSCAPE_API void text(const Place& place, std::string_view text);
// The title of the page.
MEMOSCAPE_API void title(const Place& place, std::string_view text);
// The heading of a section.
MEMOSCAPE_API void header(const Place& place, std::string_view text);
// The heading of a part of a section.
MEMOSCAPE_API void subheader(const Place& place, std::string_view text);
// Text with Markdown in it.
MEMOSCAPE_API void markdown(const Place& place, std::string_view text);
// Small print.
MEMOSCAPE_API void caption(const Place& place, std::string_view text);
// A line across.
MEMOSCAPE_API void divider(const Place& place);

struct CodeOptions {
  std::string language = "cpp";  // for its colours; empty: none
  bool line_numbers = false;
};

struct JsonOptions {
  bool expanded = true;
};

// Source code, as it is.
MEMOSCAPE_API void code(const Place& place, std::string_view text, const CodeOptions& options = {});
// JSON, to be folded and unfolded. Throws: UsageError, with the place, for text that is no JSON.
MEMOSCAPE_API void json(const Place& place, std::string_view text, const JsonOptions& options = {});

namespace detail {

// A number, bool, text or list, as text.
MEMOSCAPE_API void write_value(const Place& place, const Value& value);

template <class T>
concept HasWriteTo = requires(const Place& place, const T& value) {
  write_to(place, value);
};

template <class T>
void write_one(const Place& place, const T& value) {
  constexpr bool is_writable = HasWriteTo<T> || std::convertible_to<const T&, std::string_view> ||
                               std::is_arithmetic_v<T> || std::same_as<T, Value> || FrameLike<T> ||
                               HasToDataFrame<T>;
  static_assert(is_writable,
                "memoscape: write() does not know how to show this type. Cure: put "
                "`void write_to(const memoscape::Place&, const T&)` or "
                "`memoscape::DataFrame to_dataframe(const T&)` into the namespace of T");
  if constexpr (HasWriteTo<T>) {
    write_to(place, value);
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    markdown(place, value);
  } else if constexpr (std::same_as<T, char>) {
    markdown(place, std::string_view(&value, 1));
  } else if constexpr (std::unsigned_integral<T> && sizeof(T) == sizeof(std::uint64_t)) {
    text(place, format("{}", value));  // a Value holds no more than an int64 exactly
  } else if constexpr (std::is_arithmetic_v<T> || std::same_as<T, Value>) {
    write_value(place, value);
  } else if constexpr (is_writable) {
    dataframe(place, value);
  }
}

}  // namespace detail

// Shows values one below the other, each in the way of its type: text (as markdown), numbers, bool,
// Value, DataFrame, and own types (see above).
template <class... T>
void write(const Place& place, const T&... values) {
  (detail::write_one<T>(place, values), ...);
}

}  // namespace memoscape::inline v0

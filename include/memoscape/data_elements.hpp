// Data elements: figures and tables.
//
// An own type is shown as a table when a function `DataFrame to_dataframe(const T&)` stands in its
// namespace.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   ms::metric(run, "Rain", 42.5, {.delta = -3.1});
//   ms::DataFrame years = {{{"year", std::vector<std::int64_t>{2012, 2013}},
//                           {"mm", std::vector<double>{1226, 828}}}};
//   ms::dataframe(run, years);
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "memoscape/page.hpp"
#include "memoscape/run.hpp"

namespace memoscape::inline v0 {

struct MetricOptions {
  Value delta = {};       // the change, a number or text; null: not shown
  std::string help = {};  // shown on demand
};

namespace detail {

template <class T>
concept FrameLike =
    std::convertible_to<const T&, const DataFrame&> || std::convertible_to<const T&, DataFramePtr>;

template <class T>
concept HasToDataFrame = requires(const T& value) {
  { to_dataframe(value) } -> std::convertible_to<DataFrame>;
};

template <class T>
DataFrame frame_of(const T& value) {
  static_assert(
      HasToDataFrame<T>,
      "memoscape: this type cannot be shown as a table. Cure: pass a memoscape::DataFrame,"
      " or put `memoscape::DataFrame to_dataframe(const T&)` into the namespace of T");
  if constexpr (HasToDataFrame<T>) return to_dataframe(value);
  return {};
}

}  // namespace detail

// A figure under its label: a number or text.
MEMOSCAPE_API void metric(const Place& place, std::string_view label, const Value& value,
                          const MetricOptions& options = {});

// A table. Throws: UsageError for null.
MEMOSCAPE_API void dataframe(const Place& place, DataFramePtr frame);
MEMOSCAPE_API void dataframe(const Place& place, DataFrame frame);
template <class T>
requires(!detail::FrameLike<T>) void dataframe(const Place& place, const T& value) {
  dataframe(place, detail::frame_of(value));
}

// A table with all its rows in sight. Throws: UsageError for null.
MEMOSCAPE_API void table(const Place& place, DataFramePtr frame);
MEMOSCAPE_API void table(const Place& place, DataFrame frame);
template <class T>
requires(!detail::FrameLike<T>) void table(const Place& place, const T& value) {
  table(place, detail::frame_of(value));
}

}  // namespace memoscape::inline v0

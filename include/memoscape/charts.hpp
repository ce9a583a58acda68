// Charts: lines, areas, bars and points over the columns of a table. What is drawn is data: the
// table, which columns, and the words on the axes; a front end draws.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   ms::DataFrame years = {{{"year", std::vector<std::int64_t>{2012, 2013}},
//                           {"mm", std::vector<double>{1226, 828}}}};
//   ms::bar_chart(run, years, {.x = "year", .title = "Rain", .y_label = "mm"});
//   ms::line_chart(run, prices, {.x = "day", .y = {"high", "low"}});
#pragma once

#include <string>
#include <vector>

#include "memoscape/data_elements.hpp"

namespace memoscape::inline v0 {

struct ChartOptions {
  std::string x = {};               // the column along the x axis; empty: the row number
  std::vector<std::string> y = {};  // the columns to draw; empty: all others that are numbers
  std::string title = {};
  std::string x_label = {};  // empty: the name of the x column
  std::string y_label = {};
};

// A line for each column of numbers.
// Throws: UsageError for null, for an `x` or `y` that is no column, for a `y` that is text, and
// without a column of numbers.
MEMOSCAPE_API void line_chart(const Place& place, DataFramePtr frame,
                              const ChartOptions& options = {});
MEMOSCAPE_API void line_chart(const Place& place, DataFrame frame,
                              const ChartOptions& options = {});
template <class T>
requires(!detail::FrameLike<T>) void line_chart(const Place& place, const T& value,
                                                const ChartOptions& options = {}) {
  line_chart(place, detail::frame_of(value), options);
}

// The same, with the area below each line filled. Throws: as line_chart.
MEMOSCAPE_API void area_chart(const Place& place, DataFramePtr frame,
                              const ChartOptions& options = {});
MEMOSCAPE_API void area_chart(const Place& place, DataFrame frame,
                              const ChartOptions& options = {});
template <class T>
requires(!detail::FrameLike<T>) void area_chart(const Place& place, const T& value,
                                                const ChartOptions& options = {}) {
  area_chart(place, detail::frame_of(value), options);
}

// A bar for each number. Throws: as line_chart.
MEMOSCAPE_API void bar_chart(const Place& place, DataFramePtr frame,
                             const ChartOptions& options = {});
MEMOSCAPE_API void bar_chart(const Place& place, DataFrame frame, const ChartOptions& options = {});
template <class T>
requires(!detail::FrameLike<T>) void bar_chart(const Place& place, const T& value,
                                               const ChartOptions& options = {}) {
  bar_chart(place, detail::frame_of(value), options);
}

// A point for each number. Throws: as line_chart.
MEMOSCAPE_API void scatter_chart(const Place& place, DataFramePtr frame,
                                 const ChartOptions& options = {});
MEMOSCAPE_API void scatter_chart(const Place& place, DataFrame frame,
                                 const ChartOptions& options = {});
template <class T>
requires(!detail::FrameLike<T>) void scatter_chart(const Place& place, const T& value,
                                                   const ChartOptions& options = {}) {
  scatter_chart(place, detail::frame_of(value), options);
}

}  // namespace memoscape::inline v0

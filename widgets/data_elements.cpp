#include "memoscape/data_elements.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "widgets/common.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

constexpr std::size_t kRowsShown = 10;
constexpr std::size_t kCellWidth = 24;
constexpr std::size_t kChartWidth = 60;
constexpr std::size_t kChartHeight = 8;
constexpr std::size_t kAxisWidth = 12;
constexpr std::string_view kGlyphs = "*+ox#@%&";

void append_padded(std::string_view text, std::size_t width, bool is_right, std::string& out) {
  const std::size_t used = detail::text_width(text);
  const std::size_t gap = width > used ? width - used : 0;
  if (is_right) out.append(gap, ' ');
  out += text;
  if (!is_right) out.append(gap, ' ');
}

void trim_right(std::string& text) { text.erase(text.find_last_not_of(' ') + 1); }

// --- metric

void metric_text(const Element& element, std::string& out) {
  out += detail::escaped(element.text) + ": " + detail::readable(element.attributes["value"]);
  const Value& delta = element.attributes["delta"];
  if (!delta.is_null()) {
    const std::int64_t* whole = delta.get_if<std::int64_t>();
    const double* real = delta.get_if<double>();
    const bool is_gain = (whole != nullptr && *whole > 0) || (real != nullptr && *real > 0);
    out += std::string(" (") + (is_gain ? "+" : "") + detail::readable(delta) + ')';
  }
  out += '\n';
}

// --- dataframe

struct ShownColumn {
  std::vector<std::string> cells;  // the name first
  std::size_t width = 0;
  bool is_right = false;
};

ShownColumn show_column(const DataFrame::Column& column, std::size_t rows) {
  ShownColumn shown;
  shown.is_right = !std::holds_alternative<std::vector<std::string>>(column.values);
  shown.cells.push_back(detail::cut(detail::escaped(column.name), kCellWidth));
  for (std::size_t row = 0; row < rows; ++row) {
    shown.cells.push_back(detail::cut(detail::escaped(column.cell(row)), kCellWidth));
  }
  for (const std::string& cell : shown.cells) {
    shown.width = std::max(shown.width, detail::text_width(cell));
  }
  return shown;
}

void append_row(const std::vector<ShownColumn>& columns, std::size_t row, std::string& out) {
  std::string line;
  for (const ShownColumn& column : columns) {
    if (!line.empty()) line += "  ";
    append_padded(column.cells[row], column.width, column.is_right, line);
  }
  trim_right(line);
  out += line + '\n';
}

std::string more(std::size_t count, std::string_view what) {
  return "... " + std::to_string(count) + " more " + std::string(what) + (count == 1 ? "" : "s") +
         '\n';
}

void dataframe_text(const Element& element, std::string& out) {
  const DataFrame& frame = *element.data;
  if (frame.columns.empty()) {
    out += "(empty table)\n";
    return;
  }
  const std::size_t rows = frame.rows();
  const std::size_t rows_shown = std::min(rows, kRowsShown);
  std::vector<ShownColumn> columns;
  std::size_t width = 0;
  for (const DataFrame::Column& column : frame.columns) {
    ShownColumn shown = show_column(column, rows_shown);
    if (!columns.empty() && width + 2 + shown.width > detail::kTextWidth) break;
    width += (columns.empty() ? 0 : 2) + shown.width;
    columns.push_back(std::move(shown));
  }
  append_row(columns, 0, out);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i != 0) out += "  ";
    detail::append_repeated("─", columns[i].width, out);
  }
  out += '\n';
  for (std::size_t row = 1; row <= rows_shown; ++row) append_row(columns, row, out);
  if (rows == 0) out += "(no rows)\n";
  if (rows > rows_shown) out += more(rows - rows_shown, "row");
  if (frame.columns.size() > columns.size()) {
    out += more(frame.columns.size() - columns.size(), "column");
  }
}

// --- line_chart

// The numbers of a column; nothing for a column of text.
std::optional<std::vector<double>> numbers(const DataFrame::Column& column) {
  if (const auto* reals = std::get_if<std::vector<double>>(&column.values)) return *reals;
  if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&column.values)) {
    std::vector<double> converted;
    converted.reserve(whole->size());
    for (const std::int64_t number : *whole) converted.push_back(static_cast<double>(number));
    return converted;
  }
  return std::nullopt;
}

struct Scale {
  double low = 0;
  double high = 0;
  bool is_set = false;

  void add(double number) noexcept {
    if (!std::isfinite(number)) return;
    low = is_set ? std::min(low, number) : number;
    high = is_set ? std::max(high, number) : number;
    is_set = true;
  }
  // The step of 0 .. steps-1 that `number` falls on; halved first, for no overflow.
  std::size_t step(double number, std::size_t steps) const noexcept {
    const double span = high / 2 - low / 2;
    const double share = span > 0 ? (number / 2 - low / 2) / span : 0.5;
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(steps - 1)));
  }
};

struct Chart {
  std::vector<double> x;
  std::string x_name;
  std::string x_first;  // labels of the ends of the x axis
  std::string x_last;
  std::vector<std::string> names;
  std::vector<std::vector<double>> lines;
};

Chart chart_of(const DataFrame& frame, const std::string& x_name) {
  Chart chart;
  const DataFrame::Column* x = nullptr;
  for (const DataFrame::Column& column : frame.columns) {
    if (!x_name.empty() && column.name == x_name && x == nullptr) {
      x = &column;
    } else if (std::optional<std::vector<double>> line = numbers(column)) {
      chart.names.push_back(column.name);
      chart.lines.push_back(*std::move(line));
    }
  }
  std::optional<std::vector<double>> positions = x == nullptr ? std::nullopt : numbers(*x);
  const std::size_t rows = frame.rows();
  if (positions) {
    Scale scale;
    for (const double position : *positions) scale.add(position);
    chart.x = *std::move(positions);
    chart.x_first = detail::readable(scale.low);
    chart.x_last = detail::readable(scale.high);
  } else {
    for (std::size_t row = 0; row < rows; ++row) chart.x.push_back(static_cast<double>(row));
    const auto label = [&](std::size_t row) {
      if (row >= rows) return std::string();
      return x == nullptr ? std::to_string(row) : detail::escaped(x->cell(row));
    };
    chart.x_first = detail::cut(label(0), kCellWidth);
    chart.x_last = detail::cut(label(rows == 0 ? 0 : rows - 1), kCellWidth);
  }
  chart.x_name = x_name;
  return chart;
}

// Calls `visit(line, x, y)` for each point that can be drawn.
template <class F>
void for_each_point(const Chart& chart, const F& visit) {
  for (std::size_t line = 0; line < chart.lines.size(); ++line) {
    const std::size_t points = std::min(chart.x.size(), chart.lines[line].size());
    for (std::size_t i = 0; i < points; ++i) {
      const double x = chart.x[i];
      const double y = chart.lines[line][i];
      if (std::isfinite(x) && std::isfinite(y)) visit(line, x, y);
    }
  }
}

void append_chart(const Chart& chart, std::string& out) {
  Scale x_scale;
  Scale y_scale;
  for_each_point(chart, [&](std::size_t, double x, double y) {
    x_scale.add(x);
    y_scale.add(y);
  });
  if (!y_scale.is_set) {
    out += "(no values)\n";
    return;
  }
  std::vector<std::string> canvas(kChartHeight, std::string(kChartWidth, ' '));
  for_each_point(chart, [&](std::size_t line, double x, double y) {
    const std::size_t row = kChartHeight - 1 - y_scale.step(y, kChartHeight);
    canvas[row][x_scale.step(x, kChartWidth)] = kGlyphs[line % kGlyphs.size()];
  });
  for (std::size_t row = 0; row < kChartHeight; ++row) {
    std::string bound;
    if (row == 0) bound = detail::readable(y_scale.high);
    if (row == kChartHeight - 1) bound = detail::readable(y_scale.low);
    std::string line;
    append_padded(bound, kAxisWidth, true, line);
    line += " |" + canvas[row];
    trim_right(line);
    out += line + '\n';
  }
  out.append(kAxisWidth + 1, ' ');
  out += '+' + std::string(kChartWidth, '-') + '\n';
  std::string ends(kAxisWidth + 2, ' ');
  const std::size_t used = detail::text_width(chart.x_first);
  ends += chart.x_first;
  append_padded(chart.x_last, kChartWidth > used ? kChartWidth - used : 0, true, ends);
  trim_right(ends);
  out += ends + '\n';
}

void line_chart_text(const Element& element, std::string& out) {
  if (!element.text.empty()) out += detail::escaped(element.text) + '\n';
  const auto attribute = [&](const char* name) {
    const Value& value = element.attributes[name];
    return value.is_null() ? std::string() : *value.get_if<std::string>();
  };
  const Chart chart = chart_of(*element.data, attribute("x"));
  append_chart(chart, out);
  std::string legend;
  for (std::size_t i = 0; i < chart.names.size(); ++i) {
    if (i != 0) legend += "  ";
    legend += kGlyphs[i % kGlyphs.size()];
    legend += ' ' + chart.names[i];
  }
  const std::string x_label = attribute("x_label").empty() ? chart.x_name : attribute("x_label");
  if (!attribute("y_label").empty()) legend += "  y: " + attribute("y_label");
  if (!x_label.empty()) legend += "  x: " + x_label;
  detail::append_wrapped(std::string(kAxisWidth + 2, ' ') + legend, detail::kTextWidth, out);
}

void check_chart(const DataFramePtr& frame, const ChartOptions& options) {
  if (frame == nullptr) {
    detail::throw_misuse("line_chart", options.title, "the table is null. Cure: test for it first");
  }
  std::string names;
  bool has_x = options.x.empty();
  bool has_line = false;
  for (const DataFrame::Column& column : frame->columns) {
    if (!names.empty()) names += ", ";
    names += detail::quoted(column.name);
    if (!has_x && column.name == options.x) {
      has_x = true;
    } else {
      has_line |= !std::holds_alternative<std::vector<std::string>>(column.values);
    }
  }
  if (!has_x) {
    detail::throw_misuse("line_chart", options.title,
                         "there is no column " + detail::quoted(options.x) +
                             " for the x axis. The columns are " + names);
  }
  if (!has_line) {
    detail::throw_misuse("line_chart", options.title,
                         "there is no column of numbers to draw. The columns are " + names);
  }
}

}  // namespace

namespace detail {

constinit const ElementKind kMetricKind = {.name = "metric", .to_text = metric_text};
constinit const ElementKind kDataframeKind = {.name = "dataframe", .to_text = dataframe_text};
constinit const ElementKind kLineChartKind = {.name = "line_chart", .to_text = line_chart_text};

}  // namespace detail

void metric(const Place& place, std::string_view label, const Value& value,
            const MetricOptions& options) {
  Element element = {
      .kind = &detail::kMetricKind, .text = std::string(label), .attributes = {{"value", value}}};
  if (!options.delta.is_null()) element.attributes.set("delta", options.delta);
  if (!options.help.empty()) element.attributes.set("help", options.help);
  place.emit(std::move(element));
}

void dataframe(const Place& place, DataFramePtr frame) {
  if (frame == nullptr) {
    detail::throw_misuse("dataframe", "", "the table is null. Cure: test for it first");
  }
  place.emit({.kind = &detail::kDataframeKind, .data = std::move(frame)});
}

void dataframe(const Place& place, DataFrame frame) {
  dataframe(place, std::make_shared<const DataFrame>(std::move(frame)));
}

void line_chart(const Place& place, DataFramePtr frame, const ChartOptions& options) {
  check_chart(frame, options);
  Element element = {
      .kind = &detail::kLineChartKind, .text = options.title, .data = std::move(frame)};
  if (!options.x.empty()) element.attributes.set("x", options.x);
  if (!options.x_label.empty()) element.attributes.set("x_label", options.x_label);
  if (!options.y_label.empty()) element.attributes.set("y_label", options.y_label);
  place.emit(std::move(element));
}

void line_chart(const Place& place, DataFrame frame, const ChartOptions& options) {
  line_chart(place, std::make_shared<const DataFrame>(std::move(frame)), options);
}

}  // namespace memoscape::inline v0

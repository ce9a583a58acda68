#include "memoscape/charts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "widgets/common.hpp"
#include "widgets/frame_text.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

constexpr std::size_t kCellWidth = 24;
constexpr std::size_t kChartWidth = 60;
constexpr std::size_t kChartHeight = 8;
constexpr std::size_t kAxisWidth = 12;
constexpr std::size_t kBarRows = 20;
constexpr std::size_t kBarWidth = 36;
constexpr std::string_view kGlyphs = "*+ox#@%&";

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

// Whether a column is among those to draw; null stands for all.
bool is_drawn(const DataFrame::Column& column, const Value& y_names) {
  const Value::List* names = y_names.get_if<Value::List>();
  return names == nullptr ||
         std::find(names->begin(), names->end(), Value(column.name)) != names->end();
}

Chart chart_of(const DataFrame& frame, const std::string& x_name, const Value& y_names) {
  Chart chart;
  const DataFrame::Column* x = nullptr;
  for (const DataFrame::Column& column : frame.columns) {
    if (!x_name.empty() && column.name == x_name && x == nullptr) {
      x = &column;
    } else if (!is_drawn(column, y_names)) {
      continue;
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

enum class Fill : std::uint8_t { none, below };

void append_plot(const Chart& chart, Fill fill, std::string& out) {
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
    const std::size_t column = x_scale.step(x, kChartWidth);
    const std::size_t last = fill == Fill::below ? kChartHeight : row + 1;
    for (std::size_t i = row; i < last; ++i) canvas[i][column] = kGlyphs[line % kGlyphs.size()];
  });
  for (std::size_t row = 0; row < kChartHeight; ++row) {
    std::string bound;
    if (row == 0) bound = detail::readable(y_scale.high);
    if (row == kChartHeight - 1) bound = detail::readable(y_scale.low);
    std::string line;
    detail::append_padded(bound, kAxisWidth, true, line);
    line += " |" + canvas[row];
    detail::trim_right(line);
    out += line + '\n';
  }
  out.append(kAxisWidth + 1, ' ');
  out += '+' + std::string(kChartWidth, '-') + '\n';
  std::string ends(kAxisWidth + 2, ' ');
  const std::size_t used = detail::text_width(chart.x_first);
  ends += chart.x_first;
  detail::append_padded(chart.x_last, kChartWidth > used ? kChartWidth - used : 0, true, ends);
  detail::trim_right(ends);
  out += ends + '\n';
}

// A line for each bar; what is below zero grows to the left of nothing, so it is marked.
void append_bars(const Chart& chart, const std::vector<std::string>& labels, std::string& out) {
  double most = 0;
  for_each_point(chart,
                 [&](std::size_t, double, double y) { most = std::max(most, std::fabs(y)); });
  std::size_t width = 0;
  const std::size_t rows = std::min(labels.size(), kBarRows);
  for (std::size_t row = 0; row < rows; ++row) {
    width = std::max(width, detail::text_width(labels[row]));
  }
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t line = 0; line < chart.lines.size(); ++line) {
      if (row >= chart.lines[line].size()) continue;
      const double y = chart.lines[line][row];
      std::string text;
      detail::append_padded(line == 0 ? labels[row] : "", width, true, text);
      text += y < 0 ? " -|" : "  |";
      const bool drawn = std::isfinite(y) && most > 0;
      const auto length =
          drawn ? std::lround(std::fabs(y) / most * static_cast<double>(kBarWidth)) : 0;
      text.append(static_cast<std::size_t>(length), kGlyphs[line % kGlyphs.size()]);
      out += text + ' ' + detail::readable(y) + '\n';
    }
  }
  if (labels.size() > rows) {
    out += "... " + std::to_string(labels.size() - rows) + " more rows\n";
  }
  if (labels.empty()) out += "(no values)\n";
}

std::string attribute(const Element& element, const char* name) {
  const Value& value = element.attributes[name];
  return value.is_null() ? std::string() : *value.get_if<std::string>();
}

// What stands below a chart: which glyph is which column, and the words on the axes.
void append_legend(const Element& element, const Chart& chart, std::string& out) {
  std::string legend;
  for (std::size_t i = 0; i < chart.names.size(); ++i) {
    if (i != 0) legend += "  ";
    legend += kGlyphs[i % kGlyphs.size()];
    legend += ' ' + chart.names[i];
  }
  const std::string x_label =
      attribute(element, "x_label").empty() ? chart.x_name : attribute(element, "x_label");
  const std::string y_label = attribute(element, "y_label");
  if (!y_label.empty()) legend += "  y: " + y_label;
  if (!x_label.empty()) legend += "  x: " + x_label;
  detail::append_wrapped(std::string(kAxisWidth + 2, ' ') + legend, detail::kTextWidth, out);
}

Chart chart_of(const Element& element) {
  return chart_of(*element.data, attribute(element, "x"), element.attributes["y"]);
}

void plot_text(const Element& element, Fill fill, std::string& out) {
  if (!element.text.empty()) out += detail::escaped(element.text) + '\n';
  const Chart chart = chart_of(element);
  append_plot(chart, fill, out);
  append_legend(element, chart, out);
}

void points_text(const Element& element, std::string& out) { plot_text(element, Fill::none, out); }

void area_text(const Element& element, std::string& out) { plot_text(element, Fill::below, out); }

void bars_text(const Element& element, std::string& out) {
  if (!element.text.empty()) out += detail::escaped(element.text) + '\n';
  const Chart chart = chart_of(element);
  const DataFrame::Column* x = nullptr;
  for (const DataFrame::Column& column : element.data->columns) {
    if (x == nullptr && column.name == chart.x_name) x = &column;
  }
  std::vector<std::string> labels;
  for (std::size_t row = 0; row < element.data->rows(); ++row) {
    const std::string label =
        chart.x_name.empty() || x == nullptr ? std::to_string(row) : detail::escaped(x->cell(row));
    labels.push_back(detail::cut(label, kCellWidth));
  }
  append_bars(chart, labels, out);
  append_legend(element, chart, out);
}

std::string names_of(const DataFrame& frame) {
  std::string names;
  for (const DataFrame::Column& column : frame.columns) {
    if (!names.empty()) names += ", ";
    names += detail::quoted(column.name);
  }
  return names;
}

const DataFrame::Column& require_column(std::string_view kind, const DataFrame& frame,
                                        const std::string& name, const ChartOptions& options,
                                        std::string_view axis) {
  for (const DataFrame::Column& column : frame.columns) {
    if (column.name == name) return column;
  }
  detail::throw_misuse(kind, options.title,
                       "there is no column " + detail::quoted(name) + " for the " +
                           std::string(axis) + " axis. The columns are " + names_of(frame));
}

bool is_text(const DataFrame::Column& column) {
  return std::holds_alternative<std::vector<std::string>>(column.values);
}

void check_chart(std::string_view kind, const DataFramePtr& frame, const ChartOptions& options) {
  if (frame == nullptr) {
    detail::throw_misuse(kind, options.title, "the table is null. Cure: test for it first");
  }
  const DataFrame::Column* x = nullptr;
  if (!options.x.empty()) x = &require_column(kind, *frame, options.x, options, "x");
  for (const std::string& name : options.y) {
    if (is_text(require_column(kind, *frame, name, options, "y"))) {
      detail::throw_misuse(kind, options.title,
                           "the column " + detail::quoted(name) + " is text, not numbers");
    }
  }
  const bool has_numbers =
      std::any_of(frame->columns.begin(), frame->columns.end(),
                  [&](const auto& column) { return &column != x && !is_text(column); });
  if (!has_numbers) {
    detail::throw_misuse(
        kind, options.title,
        "there is no column of numbers to draw. The columns are " + names_of(*frame));
  }
}

void emit_chart(const Place& place, const ElementKind& kind, DataFramePtr frame,
                const ChartOptions& options) {
  check_chart(kind.name, frame, options);
  Element element = {.kind = &kind, .text = options.title, .data = std::move(frame)};
  if (!options.x.empty()) element.attributes.set("x", options.x);
  if (!options.y.empty()) element.attributes.set("y", options.y);
  if (!options.x_label.empty()) element.attributes.set("x_label", options.x_label);
  if (!options.y_label.empty()) element.attributes.set("y_label", options.y_label);
  place.emit(std::move(element));
}

DataFramePtr shared(DataFrame frame) { return std::make_shared<const DataFrame>(std::move(frame)); }

}  // namespace

namespace detail {

constinit const ElementKind kLineChartKind = {.name = "line_chart", .to_text = points_text};
constinit const ElementKind kAreaChartKind = {.name = "area_chart", .to_text = area_text};
constinit const ElementKind kBarChartKind = {.name = "bar_chart", .to_text = bars_text};
constinit const ElementKind kScatterChartKind = {.name = "scatter_chart", .to_text = points_text};

}  // namespace detail

void line_chart(const Place& place, DataFramePtr frame, const ChartOptions& options) {
  emit_chart(place, detail::kLineChartKind, std::move(frame), options);
}

void line_chart(const Place& place, DataFrame frame, const ChartOptions& options) {
  line_chart(place, shared(std::move(frame)), options);
}

void area_chart(const Place& place, DataFramePtr frame, const ChartOptions& options) {
  emit_chart(place, detail::kAreaChartKind, std::move(frame), options);
}

void area_chart(const Place& place, DataFrame frame, const ChartOptions& options) {
  area_chart(place, shared(std::move(frame)), options);
}

void bar_chart(const Place& place, DataFramePtr frame, const ChartOptions& options) {
  emit_chart(place, detail::kBarChartKind, std::move(frame), options);
}

void bar_chart(const Place& place, DataFrame frame, const ChartOptions& options) {
  bar_chart(place, shared(std::move(frame)), options);
}

void scatter_chart(const Place& place, DataFramePtr frame, const ChartOptions& options) {
  emit_chart(place, detail::kScatterChartKind, std::move(frame), options);
}

void scatter_chart(const Place& place, DataFrame frame, const ChartOptions& options) {
  scatter_chart(place, shared(std::move(frame)), options);
}

}  // namespace memoscape::inline v0

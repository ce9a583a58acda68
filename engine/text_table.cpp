#include "engine/text_table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

#include "memoscape/detail/terminal.hpp"

namespace memoscape::inline v0::detail {

namespace {

constexpr std::size_t kGap = 2;      // between columns
constexpr std::size_t kMinName = 6;  // an elided column is not made narrower

}  // namespace

std::string decimal(double number) {
  std::array<char, 64> text;
  const int length = std::snprintf(text.data(), text.size(), "%.1f", number);
  std::string out(text.data(), static_cast<std::size_t>(length));
  std::replace(out.begin(), out.end(), ',', '.');  // snprintf follows the locale
  return out;
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3;) text.insert(i -= 3, 1, ',');
  return text;
}

std::string count(std::uint64_t number) {
  if (number < 1'000'000) return grouped(number);
  constexpr std::string_view kUnits = "MGTPE";
  double amount = static_cast<double>(number) / 1e6;
  std::size_t unit = 0;
  for (; amount >= 999.95 && unit + 1 < kUnits.size(); ++unit) amount /= 1000;
  return decimal(amount) + ' ' + kUnits[unit];
}

std::string duration(std::chrono::nanoseconds time) {
  struct Unit {
    double nanoseconds;
    std::string_view name;
  };
  constexpr std::array<Unit, 6> kUnits{
      {{1e3, " us"}, {1e6, " ms"}, {1e9, " s"}, {60e9, " min"}, {3600e9, " h"}, {86400e9, " d"}}};
  if (time.count() <= 0) return "0 s";
  if (time.count() < 1000) return std::to_string(time.count()) + " ns";
  const auto amount = static_cast<double>(time.count());
  std::size_t unit = 0;
  // 999.95 us would be shown as 1000.0 us, 59.95 s as 60.0 s.
  while (unit + 1 < kUnits.size() &&
         amount >= kUnits[unit + 1].nanoseconds - 0.05 * kUnits[unit].nanoseconds) {
    ++unit;
  }
  std::string text = decimal(amount / kUnits[unit].nanoseconds);
  if (unit >= 3 && text.ends_with(".0")) text.resize(text.size() - 2);
  return text.append(kUnits[unit].name);
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (part != 0 && part < whole) return decimal(std::clamp(share, 0.1, 99.9));
  return decimal(share);
}

std::string several(std::uint64_t number, std::string_view thing) {
  return grouped(number) + ' ' + std::string(thing) + (number == 1 ? "" : "s");
}

std::string_view without_kind(std::string_view variable) {
  const std::size_t space = variable.find(' ');
  if (space == std::string_view::npos || space + 1 == variable.size()) return variable;
  const std::string_view kind = variable.substr(0, space);
  return kind == "state" || kind == "query" ? variable : variable.substr(space + 1);
}

void append_sentences(std::string_view bullet, std::string_view text, std::string& out) {
  std::string lines;
  append_wrapped(text, kTableWidth - bullet.size(), lines);
  out += bullet;
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = lines.find('\n', begin) + 1;
    if (begin != 0) out.append(bullet.size(), ' ');
    out.append(lines, begin, end - 1 - begin);
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
    begin = end;
  }
}

namespace {

// Stops soon after the second line.
std::vector<std::string> broken_call(const PermutationRow& row, std::size_t value_width) {
  std::string call = escaped(row.function) + '(' + escaped(row.arguments) + ')';
  if (row.session != 0) call += " in session " + std::to_string(row.session);
  std::vector<std::string> lines{cut(std::move(call), kRoom - 1)};
  if (!row.reads.empty()) lines.back() += ':';
  for (std::size_t i = 0; i < row.reads.size() && lines.size() <= 2; ++i) {
    const ReadText& one = row.reads[i];
    std::string read = cut(escaped(without_kind(one.variable)), kRoom / 2 - kIndent) + '=' +
                       cut(escaped(one.value), std::min(value_width, kRoom / 2 - kIndent));
    if (i + 1 < row.reads.size()) read += ',';
    if (text_width(lines.back()) + 1 + text_width(read) <= kRoom) {
      lines.back().append(" ").append(read);
    } else {
      lines.push_back(std::string(kIndent, ' ') + read);
    }
  }
  for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
  return lines;
}

}  // namespace

std::vector<std::string> call_lines(const PermutationRow& row) {
  for (const std::size_t value_width : {kRoom, kRoom / 2, kRoom / 3, kRoom / 4, kRoom / 6}) {
    std::vector<std::string> lines = broken_call(row, value_width);
    if (lines.size() <= 2) return lines;
  }
  std::vector<std::string> lines = broken_call(row, kRoom / 8);
  if (lines.size() <= 2) return lines;
  lines.resize(2);
  lines[1] = cut(lines[1] + " ...", kRoom);
  return lines;
}

// --- tables ---

void Table::append_to(std::string& out) const {
  const std::vector<std::size_t> widths = fitted_widths();
  std::vector<std::string> headings;
  for (const Column& column : columns_) headings.emplace_back(column.heading);
  append_cells(headings, widths, out);
  for (const Row& row : rows_) {
    append_cells(row.cells, widths, out);
    for (const std::string& line : row.below) {
      out.append(2 * kIndent, ' ').append(line).append("\n");
    }
  }
}

std::vector<std::size_t> Table::fitted_widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = text_width(columns_[i].heading);
    for (const Row& row : rows_) width = std::max(width, text_width(row.cells[i]));
    widths.push_back(width);
  }
  std::size_t all =
      std::accumulate(widths.begin(), widths.end(), kIndent + kGap * (columns_.size() - 1));
  while (all > kTableWidth) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].align != Align::elided || widths[i] <= kMinName) continue;
      if (widest == columns_.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == columns_.size()) break;
    // One name may be thousands of columns wide: the steps are small only near the end.
    const std::size_t step = std::min(all - kTableWidth, widths[widest] > 2 * kTableWidth
                                                             ? widths[widest] - 2 * kTableWidth
                                                             : std::size_t{1});
    widths[widest] -= step;
    all -= step;
  }
  return widths;
}

void Table::append_cells(const std::vector<std::string>& cells,
                         const std::vector<std::size_t>& widths, std::string& out) const {
  std::string line(kIndent, ' ');
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string cell = cut(cells[i], widths[i]);
    const std::size_t padding = widths[i] - text_width(cell);
    if (i != 0) line.append(kGap, ' ');
    if (columns_[i].align == Align::right) line.append(padding, ' ');
    line += cell;
    if (columns_[i].align != Align::right) line.append(padding, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line += '\n';
}

}  // namespace memoscape::inline v0::detail

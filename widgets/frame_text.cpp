#include "widgets/frame_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "memoscape/detail/terminal.hpp"

namespace memoscape::inline v0::detail {

namespace {

constexpr std::size_t kCellWidth = 24;

struct ShownColumn {
  std::vector<std::string> cells;  // the name first
  std::size_t width = 0;
  bool is_right = false;
};

ShownColumn show_column(const DataFrame::Column& column, std::size_t rows) {
  ShownColumn shown;
  shown.is_right = !std::holds_alternative<std::vector<std::string>>(column.values);
  shown.cells.push_back(cut(escaped(column.name), kCellWidth));
  for (std::size_t row = 0; row < rows; ++row) {
    shown.cells.push_back(cut(escaped(column.cell(row)), kCellWidth));
  }
  for (const std::string& cell : shown.cells) {
    shown.width = std::max(shown.width, text_width(cell));
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

}  // namespace

void append_padded(std::string_view text, std::size_t width, bool is_right, std::string& out) {
  const std::size_t used = text_width(text);
  const std::size_t gap = width > used ? width - used : 0;
  if (is_right) out.append(gap, ' ');
  out += text;
  if (!is_right) out.append(gap, ' ');
}

void trim_right(std::string& text) { text.erase(text.find_last_not_of(' ') + 1); }

void append_frame(const DataFrame& frame, std::size_t most_rows, std::string& out) {
  if (frame.columns.empty()) {
    out += "(empty table)\n";
    return;
  }
  const std::size_t rows = frame.rows();
  const std::size_t rows_shown = std::min(rows, most_rows);
  std::vector<ShownColumn> columns;
  std::size_t width = 0;
  for (const DataFrame::Column& column : frame.columns) {
    ShownColumn shown = show_column(column, rows_shown);
    if (!columns.empty() && width + 2 + shown.width > kTextWidth) break;
    width += (columns.empty() ? 0 : 2) + shown.width;
    columns.push_back(std::move(shown));
  }
  append_row(columns, 0, out);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i != 0) out += "  ";
    append_repeated("─", columns[i].width, out);
  }
  out += '\n';
  for (std::size_t row = 1; row <= rows_shown; ++row) append_row(columns, row, out);
  if (rows == 0) out += "(no rows)\n";
  if (rows > rows_shown) out += more(rows - rows_shown, "row");
  if (frame.columns.size() > columns.size()) {
    out += more(frame.columns.size() - columns.size(), "column");
  }
}

}  // namespace memoscape::inline v0::detail

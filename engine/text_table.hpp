// Tables and numbers as text for a terminal of 80 columns: what reports and the command `memoscape`
// are printed with.
//
// No line of a table is wider than kTableWidth; the same input gives the same bytes everywhere.
//
// Thread-safety: pure functions; a Table is used by one thread at a time.
//
//   Table table({{"name", Align::elided}, {"bytes"}});
//   table.add({escaped(name), readable_bytes(bytes)});
//   table.append_to(out);
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memoscape/report.hpp"

namespace memoscape::inline v0::detail {

inline constexpr std::size_t kTableWidth = 80;
inline constexpr std::size_t kIndent = 2;
inline constexpr std::size_t kRoom = kTableWidth - 2 * kIndent;  // below a row

std::string decimal(double number);  // 12.3
// All digits: 1,234,567.
std::string grouped(std::uint64_t number);
// For a narrow column: 999,999, then 1.2 M.
std::string count(std::uint64_t number);
// 850 ns, 1.2 us, 3.4 ms, 5.6 s, 2 min.
std::string duration(std::chrono::nanoseconds time);
// Of a hundred, with one decimal. Rounds neither to 0 nor to 100 what is not.
std::string percent(std::uint64_t part, std::uint64_t whole);
// "1 permutation", "2 permutations".
std::string several(std::uint64_t number, std::string_view thing);

// "slider Minutes" is known to users as "Minutes".
std::string_view without_kind(std::string_view variable);
// Appends sentences, broken at spaces; lines after the first are indented as far as `bullet`.
void append_sentences(std::string_view bullet, std::string_view text, std::string& out);

// Function and arguments, then the reads, on two lines at most, broken between reads. Long values
// are shortened as far as it takes to show all reads.
std::vector<std::string> call_lines(const PermutationRow& row);

enum class Align : std::uint8_t { left, right, elided };  // elided: left, and cut to fit

struct Column {
  std::string_view heading;
  Align align = Align::right;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // `below`: indented lines below the row.
  void add(std::vector<std::string> cells, std::vector<std::string> below = {}) {
    rows_.push_back({std::move(cells), std::move(below)});
  }
  void append_to(std::string& out) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    std::vector<std::string> below;
  };

  std::vector<std::size_t> fitted_widths() const;
  void append_cells(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                    std::string& out) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace memoscape::inline v0::detail

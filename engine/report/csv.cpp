// A report as CSV (RFC 4180): one line for each permutation, with a heading.
#include <algorithm>
#include <chrono>

#include "memoscape/detail/terminal.hpp"
#include "memoscape/report_formats.hpp"

namespace memoscape::inline v0 {

namespace {

// Text from users: control characters are made visible, and spreadsheets take nothing for a
// formula.
std::string text_cell(std::string_view text) {
  const std::string visible = detail::escaped(text);
  std::string cell = "\"";
  if (!visible.empty() && std::string_view("=+-@").find(visible[0]) != std::string_view::npos) {
    cell += '\'';
  }
  for (const char c : visible) {
    cell += c;
    if (c == '"') cell += c;
  }
  return cell + '"';
}

std::string number_cell(auto number) { return std::to_string(number); }
std::string number_cell(std::chrono::nanoseconds time) { return std::to_string(time.count()); }

std::string reads_cell(const PermutationRow& row) {
  std::string all;
  for (const ReadText& read : row.reads) {
    all += all.empty() ? "" : "; ";
    all += read.variable + '=' + read.value;
  }
  return text_cell(all);
}

constexpr struct {
  std::string_view name;
  std::string (*cell)(const PermutationRow& row);
} kColumns[] = {
    {"id", [](const PermutationRow& row) { return text_cell(row.id); }},
    {"function", [](const PermutationRow& row) { return text_cell(row.function); }},
    {"arguments", [](const PermutationRow& row) { return text_cell(row.arguments); }},
    {"reads", reads_cell},
    {"session", [](const PermutationRow& row) { return number_cell(row.session); }},
    {"bytes", [](const PermutationRow& row) { return number_cell(row.bytes.total()); }},
    {"value_bytes", [](const PermutationRow& row) { return number_cell(row.bytes.value); }},
    {"recording_bytes", [](const PermutationRow& row) { return number_cell(row.bytes.recording); }},
    {"key_bytes", [](const PermutationRow& row) { return number_cell(row.bytes.key); }},
    {"bytes_source", [](const PermutationRow& row) { return std::string(to_string(row.source)); }},
    {"shared_value_bytes", [](const PermutationRow& row) { return number_cell(row.shared_value); }},
    {"sharers", [](const PermutationRow& row) { return number_cell(row.sharers); }},
    {"hits", [](const PermutationRow& row) { return number_cell(row.hits); }},
    {"followers", [](const PermutationRow& row) { return number_cell(row.followers); }},
    {"compute_ns", [](const PermutationRow& row) { return number_cell(row.compute); }},
    {"saved_ns", [](const PermutationRow& row) { return number_cell(row.saved); }},
    {"age_ns", [](const PermutationRow& row) { return number_cell(row.age); }},
    {"expires_in_ns", [](const PermutationRow& row) { return number_cell(row.expires_in); }},
};

}  // namespace

std::string to_csv(const ReportDocument& document) {
  std::string out;
  const auto line = [&](const auto& cell) {
    std::string_view separator;
    for (const auto& column : kColumns) {
      out += separator;
      out += cell(column);
      separator = ",";
    }
    out += "\r\n";
  };
  line([](const auto& column) { return std::string(column.name); });
  for (const PermutationRow& row : document.report.permutations) {
    line([&](const auto& column) { return column.cell(row); });
  }
  return out;
}

}  // namespace memoscape::inline v0

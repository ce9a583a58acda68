// Which permutations a report tells one by one, and the sums of those that it does not.
#include <algorithm>
#include <map>

#include "engine/report_order.hpp"

namespace memoscape::inline v0 {

std::string_view to_string(ReportOrder order) noexcept {
  switch (order) {
    case ReportOrder::bytes:
      return "bytes";
    case ReportOrder::saved:
      return "saved";
    case ReportOrder::saved_per_byte:
      return "saved_per_byte";
    case ReportOrder::waste:
      return "waste";
    case ReportOrder::hits:
      return "hits";
    case ReportOrder::age:
      return "age";
  }
  return {};
}

double saved_per_byte(const PermutationRow& row) noexcept { return detail::saved_by_byte(row); }

namespace {

// "slider Minutes" is asked for by that, or as "Minutes".
bool names(std::string_view wanted, std::string_view variable) {
  const std::size_t space = variable.find(' ');
  return wanted == variable ||
         (space != std::string_view::npos && wanted == variable.substr(space + 1));
}

}  // namespace

namespace detail {

bool reads_match(const std::vector<ReadText>& reads, const ReportOptions& options) {
  return std::all_of(options.reads.begin(), options.reads.end(), [&](const ReadText& wanted) {
    return std::any_of(reads.begin(), reads.end(), [&](const ReadText& read) {
      return names(wanted.variable, read.variable) &&
             (wanted.value.empty() || wanted.value == read.value);
    });
  });
}

std::string_view heading_of(ReportOrder order) noexcept {
  switch (order) {
    case ReportOrder::bytes:
      return "largest first";
    case ReportOrder::saved:
      return "what saved most time first";
    case ReportOrder::saved_per_byte:
      return "what is worth its bytes most first";
    case ReportOrder::waste:
      return "what is worth its bytes least first";
    case ReportOrder::hits:
      return "most used first";
    case ReportOrder::age:
      return "oldest first";
  }
  return {};
}

}  // namespace detail

Report select(Report report, const ReportOptions& options) {
  std::map<std::string, OmittedRow> omitted;
  for (OmittedRow& row : report.omitted) omitted[row.function] = row;

  std::vector<PermutationRow>& rows = report.permutations;
  const std::vector<std::size_t> chosen = detail::choose_rows(
      rows.size(), options, [&](std::size_t at) -> const PermutationRow& { return rows[at]; },
      [&](const PermutationRow& row) {
        return (options.function.empty() || row.function == options.function) &&
               detail::reads_match(row.reads, options);
      },
      [&](const PermutationRow& row) {
        OmittedRow& sum = omitted[row.function];
        sum.function = row.function;
        detail::add_to(sum, row);
      });
  std::vector<PermutationRow> told;
  told.reserve(chosen.size());
  for (const std::size_t at : chosen) told.push_back(std::move(rows[at]));
  rows = std::move(told);
  report.omitted.clear();
  for (auto& [function, row] : omitted) report.omitted.push_back(std::move(row));
  return report;
}

}  // namespace memoscape::inline v0

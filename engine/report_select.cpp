// Which permutations a report tells one by one, and the sums of those that it does not.
#include <algorithm>
#include <map>

#include "memoscape/report.hpp"

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

double saved_per_byte(const PermutationRow& row) noexcept {
  const double shared =
      row.sharers > 1 ? static_cast<double>(row.shared_value) / static_cast<double>(row.sharers)
                      : 0;
  return static_cast<double>(row.saved.count()) /
         std::max(static_cast<double>(row.bytes.total()) + shared, 1.0);
}

namespace {

// "slider Minutes" is asked for by that, or as "Minutes".
bool names(std::string_view wanted, std::string_view variable) {
  const std::size_t space = variable.find(' ');
  return wanted == variable ||
         (space != std::string_view::npos && wanted == variable.substr(space + 1));
}

bool matches(const PermutationRow& row, const ReportOptions& options) {
  if (!options.function.empty() && row.function != options.function) return false;
  if (row.bytes.total() < options.min_bytes || row.age < options.min_age) return false;
  return std::all_of(options.reads.begin(), options.reads.end(), [&](const ReadText& wanted) {
    return std::any_of(row.reads.begin(), row.reads.end(), [&](const ReadText& read) {
      return names(wanted.variable, read.variable) &&
             (wanted.value.empty() || wanted.value == read.value);
    });
  });
}

// What is sorted by, largest first.
double rank(const PermutationRow& row, ReportOrder order) {
  switch (order) {
    case ReportOrder::bytes:
      return static_cast<double>(row.bytes.total());
    case ReportOrder::saved:
      return static_cast<double>(row.saved.count());
    case ReportOrder::saved_per_byte:
      return saved_per_byte(row);
    case ReportOrder::waste:
      return -saved_per_byte(row);
    case ReportOrder::hits:
      return static_cast<double>(row.hits);
    case ReportOrder::age:
      return static_cast<double>(row.age.count());
  }
  return 0;
}

void add(OmittedRow& sum, const PermutationRow& row) {
  ++sum.permutations;
  sum.bytes += row.bytes;
  sum.hits += row.hits;
  sum.compute += row.compute;
  sum.saved += row.saved;
  if (row.hits != 0) return;
  ++sum.never_hit;
  sum.never_hit_bytes += row.bytes.total();
}

}  // namespace

Report select(Report report, const ReportOptions& options) {
  std::map<std::string, OmittedRow> omitted;
  for (OmittedRow& row : report.omitted) omitted[row.function] = row;
  const auto omit = [&](const PermutationRow& row) {
    OmittedRow& sum = omitted[row.function];
    sum.function = row.function;
    add(sum, row);
  };

  std::vector<PermutationRow>& rows = report.permutations;
  const auto others = std::stable_partition(
      rows.begin(), rows.end(), [&](const PermutationRow& row) { return matches(row, options); });
  std::for_each(others, rows.end(), omit);
  rows.erase(others, rows.end());

  std::stable_sort(rows.begin(), rows.end(), [&](const PermutationRow& a, const PermutationRow& b) {
    const double left = rank(a, options.order);
    const double right = rank(b, options.order);
    return left != right ? left > right : a.bytes.total() > b.bytes.total();
  });
  if (options.max_permutations != 0 && rows.size() > options.max_permutations) {
    const auto rest = rows.begin() + static_cast<std::ptrdiff_t>(options.max_permutations);
    std::for_each(rest, rows.end(), omit);
    rows.erase(rest, rows.end());
  }
  report.omitted.clear();
  for (auto& [function, row] : omitted) report.omitted.push_back(std::move(row));
  return report;
}

}  // namespace memoscape::inline v0

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

// The first one of each row, to sort by.
struct Ranked {
  double rank;
  std::uint64_t bytes;
  std::size_t at;
};

// Positions of the rows in this order.
template <class RowAt>
std::vector<Ranked> ranked(std::size_t count, const RowAt& row_at, ReportOrder order) {
  std::vector<Ranked> all;
  all.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const PermutationRow& row = row_at(i);
    all.push_back({rank(row, order), row.bytes.total(), i});
  }
  std::sort(all.begin(), all.end(), [](const Ranked& a, const Ranked& b) {
    if (a.rank != b.rank) return a.rank > b.rank;
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.at < b.at;
  });
  return all;
}

}  // namespace

namespace detail {

void sort_rows(std::vector<const PermutationRow*>& rows, ReportOrder order) {
  std::vector<const PermutationRow*> sorted;
  sorted.reserve(rows.size());
  const auto row_at = [&](std::size_t i) -> const PermutationRow& { return *rows[i]; };
  for (const Ranked& one : ranked(rows.size(), row_at, order)) sorted.push_back(rows[one.at]);
  rows = std::move(sorted);
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

  const auto row_at = [&](std::size_t i) -> const PermutationRow& { return rows[i]; };
  const std::vector<Ranked> order = ranked(rows.size(), row_at, options.order);
  const std::size_t kept =
      options.max_permutations == 0 ? rows.size() : std::min(rows.size(), options.max_permutations);
  for (std::size_t i = kept; i < order.size(); ++i) omit(rows[order[i].at]);
  std::vector<PermutationRow> chosen;
  chosen.reserve(kept);
  for (std::size_t i = 0; i < kept; ++i) chosen.push_back(std::move(rows[order[i].at]));
  rows = std::move(chosen);
  report.omitted.clear();
  for (auto& [function, row] : omitted) report.omitted.push_back(std::move(row));
  return report;
}

}  // namespace memoscape::inline v0

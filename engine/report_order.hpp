// Which permutations a report tells one by one, and in which order.
//
// A Row is a PermutationRow, or what has its figures by the same names.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

#include "memoscape/report.hpp"

namespace memoscape::inline v0::detail {

template <class Row>
double saved_by_byte(const Row& row) noexcept {
  const double shared =
      row.sharers > 1 ? static_cast<double>(row.shared_value) / static_cast<double>(row.sharers)
                      : 0;
  return static_cast<double>(row.saved.count()) /
         std::max(static_cast<double>(row.bytes.total()) + shared, 1.0);
}

// What is sorted by, largest first.
template <class Row>
double rank(const Row& row, ReportOrder order) noexcept {
  switch (order) {
    case ReportOrder::bytes:
      return static_cast<double>(row.bytes.total());
    case ReportOrder::saved:
      return static_cast<double>(row.saved.count());
    case ReportOrder::saved_per_byte:
      return saved_by_byte(row);
    case ReportOrder::waste:
      return -saved_by_byte(row);
    case ReportOrder::hits:
      return static_cast<double>(row.hits);
    case ReportOrder::age:
      return static_cast<double>(row.age.count());
  }
  return 0;
}

// The first ones first; of equal ones the larger. Stable. `at(row)`: a Row.
template <class T, class At>
void sort_rows(std::vector<T>& rows, ReportOrder order, const At& at) {
  struct Ranked {
    double rank;
    std::uint64_t bytes;
    std::size_t place;
  };
  std::vector<Ranked> all;
  all.reserve(rows.size());
  for (const T& row : rows) {
    all.push_back({rank(at(row), order), at(row).bytes.total(), all.size()});
  }
  std::sort(all.begin(), all.end(), [](const Ranked& a, const Ranked& b) {
    if (a.rank != b.rank) return a.rank > b.rank;
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.place < b.place;
  });
  std::vector<T> sorted;
  sorted.reserve(rows.size());
  for (const Ranked& one : all) sorted.push_back(rows[one.place]);
  rows = std::move(sorted);
}

template <class Row>
void add_to(OmittedRow& sum, const Row& row) noexcept {
  ++sum.permutations;
  sum.bytes += row.bytes;
  sum.hits += row.hits;
  sum.compute += row.compute;
  sum.saved += row.saved;
  if (row.hits != 0) return;
  ++sum.never_hit;
  sum.never_hit_bytes += row.bytes.total();
}

// Of so many rows, the places of those that are told, in their order; `omit(row)` is called for the
// others. `matches`: whether it has the function and reads that are asked for.
template <class RowAt, class Matches, class Omit>
std::vector<std::size_t> choose_rows(std::size_t count, const ReportOptions& options,
                                     const RowAt& row_at, const Matches& matches,
                                     const Omit& omit) {
  std::vector<std::size_t> chosen;
  chosen.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& row = row_at(i);
    const bool is_asked_for =
        row.bytes.total() >= options.min_bytes && row.age >= options.min_age && matches(row);
    if (is_asked_for)
      chosen.push_back(i);
    else
      omit(row);
  }
  sort_rows(chosen, options.order, row_at);
  if (options.max_permutations == 0 || chosen.size() <= options.max_permutations) return chosen;
  for (std::size_t i = options.max_permutations; i < chosen.size(); ++i) omit(row_at(chosen[i]));
  chosen.resize(options.max_permutations);
  return chosen;
}

// Whether the reads are all that options ask for.
bool reads_match(const std::vector<ReadText>& reads, const ReportOptions& options);

// "largest first"
std::string_view heading_of(ReportOrder order) noexcept;

}  // namespace memoscape::inline v0::detail

// From a snapshot to the rows of a report: everything readable is made here, outside the mutex.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/snapshot.hpp"
#include "memoscape/report.hpp"

namespace memoscape::inline v0::detail {

// Complexity: linear in the number of functions.
Totals copy_totals(const EngineCore& core, const Locked&);
// Arguments and reads in a line, up to about 200 bytes, for traces. Requires: the mutex.
std::string label_of(const Permutation& permutation);

// A snapshot of all entries, as rows; their permutations can be told apart for as long as it lives.
// What is being computed when it is made is not kept: the snapshot has all that will be there of
// what began before.
class PinnedRows {
 public:
  explicit PinnedRows(std::shared_ptr<EngineCore> core);
  PinnedRows(const PinnedRows&) = delete;
  PinnedRows& operator=(const PinnedRows&) = delete;
  ~PinnedRows();
  const std::vector<PermutationRow>& rows() const noexcept { return rows_; }
  const std::vector<Permutation*>& permutations() const noexcept { return permutations_; }

 private:
  void unpin() noexcept;

  std::shared_ptr<EngineCore> core_;
  std::vector<PermutationRow> rows_;
  std::vector<Permutation*> permutations_;
};

// The same as `select` of the whole report, but what is not told is not made readable either.
Report make_report(const EngineCore& core, const ReportOptions& options);

}  // namespace memoscape::inline v0::detail

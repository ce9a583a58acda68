// From the store to the rows of a report: what is needed is copied under the mutex, everything
// readable is made of it outside.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/store.hpp"
#include "memoscape/report.hpp"

namespace memoscape::inline v0::detail {

// An entry as copied under the mutex.
struct RawRow {
  Permutation* permutation;  // compared, never read, after the mutex is released
  FunctionPtr function;
  const Space* space;  // for grouping only
  std::uint64_t session;
  std::shared_ptr<const std::string> key;  // of the space: all of its rows have the same
  std::vector<PathStep> path;
  EntryBytes bytes;
  BytesSource source;
  std::uint64_t peak;
  std::uint64_t shared_value;
  std::uint64_t sharers;
  std::uint64_t media;
  std::uint64_t hits;
  std::uint64_t followers;
  std::chrono::nanoseconds compute;
  Clock::time_point finished;
  Clock::time_point expiry;
  Digest digest;
  bool has_digest;
};

// Complexity: linear in the number of argument tuples.
Totals copy_totals(const EngineCore& core, const Locked&);
std::vector<RawRow> copy_rows(const EngineCore& core, const Locked&);
// Arguments and reads in a line, up to about 200 bytes, for traces. Requires: the mutex.
std::string label_of(const Permutation& permutation);
// `arguments`: describe(*raw.key).
PermutationRow readable(const RawRow& raw, Clock::time_point now, std::string_view arguments);

// A snapshot of all entries, as rows; their permutations can be told apart for as long as it lives.
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

Report make_report(const EngineCore& core);

}  // namespace memoscape::inline v0::detail

// Report: what an engine holds, per permutation, and what it did. A plain value.
//
// Identities: lookups = hits + misses + abandoned in every row, and each total is the sum of its
// parts: charged bytes = permutations + nodes + shared. What runs under way have not merged yet is
// not in it.
//
// Thread-safety: a value type.
//
//   ms::Report report = engine.report();
//   std::fputs(ms::to_text(report).c_str(), stdout);
//   for (const ms::PermutationRow& row : report.permutations) use(row.id, row.bytes.total());
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "memoscape/config.hpp"
#include "memoscape/limits.hpp"

namespace memoscape::inline v0 {

// data: an immutable value. resource: one shared object that everybody may change.
enum class Kind : std::uint8_t { data, resource };
// Who shares the entries of a function.
enum class Scope : std::uint8_t { engine, session };
// Where the bytes of a value come from: heap_bytes, with_cost, Run::arena.
enum class BytesSource : std::uint8_t { traversal, declared, arena };
// XXH3-128, in canonical byte order.
using Digest = std::array<unsigned char, 16>;

MEMOSCAPE_API std::string_view to_string(Kind kind) noexcept;
MEMOSCAPE_API std::string_view to_string(Scope scope) noexcept;
MEMOSCAPE_API std::string_view to_string(BytesSource source) noexcept;

// What was counted since the engine or the function began.
struct Counters {
  std::uint64_t lookups = 0;      // calls
  std::uint64_t hits = 0;         // answered without executing, followers included
  std::uint64_t followers = 0;    // of the hits: answered by an execution in progress
  std::uint64_t misses = 0;       // executions
  std::uint64_t abandoned = 0;    // neither: stopped, refused, or failed while waiting
  std::uint64_t stored = 0;       // executions whose result was kept
  std::uint64_t failed = 0;       // executions that ended by an exception
  std::uint64_t tainted = 0;      // executions that read a fired trigger: never kept
  std::uint64_t discarded = 0;    // executions not kept: cleared meanwhile, or the engine threw
  std::uint64_t oversize = 0;     // results that alone exceed a limit: never kept
  std::uint64_t divergences = 0;  // an input that the engine cannot see changed the path
  // Spent in executions. Of one inside another the time is in both, so a total may count it twice.
  std::chrono::nanoseconds compute{0};
  // What the hits would have taken if nothing were cached.
  std::chrono::nanoseconds saved{0};

  // Entries removed, by cause.
  std::uint64_t evicted_bytes = 0;     // for max_bytes
  std::uint64_t evicted_entries = 0;   // for max_entries
  std::uint64_t expired = 0;           // ttl
  std::uint64_t cleared = 0;           // clear, remove, a new version, the end of a session
  std::uint64_t invalidated = 0;       // validate said no
  std::uint64_t diverged = 0;          // freed by a divergence
  std::uint64_t ended_with_inner = 0;  // built on an entry that ended

  Counters& operator+=(const Counters& other) noexcept;
  bool operator==(const Counters&) const = default;
};

// The bytes that an entry is charged for, at the allocator's usable size.
struct EntryBytes {
  std::uint64_t value = 0;
  std::uint64_t recording = 0;
  std::uint64_t key = 0;  // its own edge, node, bookkeeping and share of the index

  std::uint64_t total() const noexcept { return value + recording + key; }
  EntryBytes& operator+=(const EntryBytes& other) noexcept;
  bool operator==(const EntryBytes&) const = default;
};

// A state read with its value, readable. A password is shown as a digest.
struct ReadText {
  std::string variable;  // "slider Minutes", "state user", "query page"
  std::string value;
};

struct PermutationRow {
  std::string id;  // 16 hex digits; stable across processes
  std::string function;
  std::string arguments;  // readable
  std::vector<ReadText> reads;
  std::uint64_t session = 0;  // of a session-scoped function; 0: shared by all
  EntryBytes bytes;
  BytesSource source = BytesSource::traversal;
  std::uint64_t peak = 0;  // the most that its arena held while it was made; 0: no arena
  // Of a value that is one buffer for several permutations: its size, which is not in `bytes` but
  // on the shared line, and how many share it. 0 and 1: not shared.
  std::uint64_t shared_value = 0;
  std::uint64_t sharers = 1;
  // Of media, tables and long texts that its own recording shows: each is kept once, on the shared
  // line, whoever else shows it.
  std::uint64_t media = 0;
  std::uint64_t hits = 0;
  std::uint64_t followers = 0;
  // Of one execution, the cached calls in it as if they were not cached.
  std::chrono::nanoseconds compute{0};
  std::chrono::nanoseconds saved{0};
  std::chrono::nanoseconds age{0};
  std::chrono::nanoseconds expires_in{0};  // 0: never
  Digest digest{};                         // of the value, when its type can be encoded
};

struct ArgumentsRow {
  std::string function;
  std::string arguments;
  std::uint64_t session = 0;
  std::uint64_t permutations = 0;
  EntryBytes bytes;         // of its permutations
  std::uint64_t nodes = 0;  // bytes of the inner nodes that its permutations share
};

struct WidgetRow {
  std::string function;
  std::string variable;
  std::uint64_t distinct_values = 0;
  std::uint64_t permutations = 0;  // that read it
  std::uint64_t bytes = 0;         // charged to those
  // Whether two permutations that differ in nothing else have different values.
  enum class Effect : std::uint8_t { unknown, never_changed, changed } effect = Effect::unknown;
};

struct FunctionRow {
  std::string name;
  std::string version;
  Kind kind = Kind::data;
  Scope scope = Scope::engine;
  bool allow_widgets = false;
  Limits limits;
  std::uint64_t permutations = 0;
  EntryBytes bytes;
  std::uint64_t nodes = 0;
  // Of its entries, in full: values that are shared, and media. Engine-wide they are charged once.
  std::uint64_t shared_values = 0;
  Counters counters;            // since it was registered
  std::uint64_t gone_hits = 0;  // of the hits: of entries that are no longer there
};

struct Totals {
  std::uint64_t permutations = 0;
  std::uint64_t charged = 0;  // what max_bytes limits: entries + nodes + shared
  std::uint64_t entries = 0;  // the sum of the permutations' bytes
  std::uint64_t nodes = 0;    // inner nodes of all state spaces
  // Values that several permutations share, media, definitions of reads, and recordings that
  // entries still replay though the permutation they belong to is gone.
  std::uint64_t shared = 0;
  std::uint64_t media = 0;  // of `shared`: media, tables and long texts on pages, each kept once
  // What all that is kept once would cost beside, if it were not. So `charged` would be
  // charged + saved_by_sharing without sharing.
  std::uint64_t saved_by_sharing = 0;
  std::uint64_t held = 0;  // evicted values that a Ref or share() still holds; not charged
  std::uint64_t under_construction = 0;  // executions in progress; not charged
  std::uint64_t fixed = 0;               // the engine, its functions and sessions; not charged
  std::uint64_t advisor = 0;             // the sample of calls that advise() draws on; not charged
  std::uint64_t release_errors = 0;      // exceptions thrown by on_release
  std::uint64_t rejected_values = 0;     // preset values that did not fit
  Counters counters;                     // the sum over functions, those that are gone included
};

// What the options of a report left out, by function.
struct OmittedRow {
  std::string function;
  std::uint64_t permutations = 0;
  std::uint64_t never_hit = 0;  // of the permutations
  std::uint64_t never_hit_bytes = 0;
  EntryBytes bytes;
  std::uint64_t hits = 0;
  std::chrono::nanoseconds compute{0};
  std::chrono::nanoseconds saved{0};
};

struct MEMOSCAPE_API Report {
  Limits limits;
  Totals totals;
  std::vector<FunctionRow> functions;        // by name
  std::vector<ArgumentsRow> arguments;       // by bytes, largest first
  std::vector<PermutationRow> permutations;  // as ReportOptions says: by bytes, largest first
  std::vector<WidgetRow> widgets;            // by function and variable
  std::vector<OmittedRow> omitted;           // by function; empty: all permutations are there
};

// Which permutations come first.
enum class ReportOrder : std::uint8_t {
  bytes,           // the largest
  saved,           // what saved most time
  saved_per_byte,  // what is worth its bytes most
  waste,           // what is worth its bytes least; of those, the largest
  hits,            // what was used most
  age,             // the oldest
};
MEMOSCAPE_API std::string_view to_string(ReportOrder order) noexcept;

// Which permutations a report tells one by one. The sums and the other rows are always of all.
struct ReportOptions {
  std::size_t max_permutations = 0;  // the first ones; 0: all
  ReportOrder order = ReportOrder::bytes;
  std::string function = {};  // only of this one; empty: of all
  std::uint64_t min_bytes = 0;
  std::chrono::nanoseconds min_age{0};
  // Only those that read all of these: the variable as in the report, or a widget's label alone;
  // the value as in the report, or empty for any.
  std::vector<ReadText> reads = {};
};

// A report of fewer permutations.
MEMOSCAPE_API Report select(Report report, const ReportOptions& options);

// Time that a byte has saved, in nanoseconds; of a value that several share it counts its part.
MEMOSCAPE_API double saved_per_byte(const PermutationRow& row) noexcept;

struct ReportTextOptions {
  std::size_t max_rows = 20;               // per table; 0: all
  ReportOrder order = ReportOrder::bytes;  // of the permutations
};

// What stands out, one sentence each, what matters most first.
MEMOSCAPE_API std::vector<std::string> findings(const Report& report,
                                                const ReportTextOptions& options = {});

// The report for a terminal of 80 columns, what matters first.
MEMOSCAPE_API std::string to_text(const Report& report, const ReportTextOptions& options = {});

}  // namespace memoscape::inline v0

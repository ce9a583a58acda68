// The report as text for a terminal of 80 columns: what it comes to, what stands out, then tables.
//
// Invariants: no line is wider than kTableWidth; what comes from users is escaped; the same report
// gives the same text.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/report_order.hpp"
#include "engine/text_table.hpp"
#include "memoscape/bytes.hpp"
#include "memoscape/detail/terminal.hpp"

namespace memoscape::inline v0 {

namespace detail {

namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kMaxName = 40;  // of a name in a sentence

const char* was(std::uint64_t number) { return number == 1 ? " was " : " were "; }

// A name in a sentence.
std::string named(std::string_view name) { return '"' + cut(escaped(name), kMaxName) + '"'; }

template <class T>
std::vector<const T*> sorted_by_bytes(const std::vector<T>& rows, auto bytes) {
  std::vector<const T*> sorted;
  sorted.reserve(rows.size());
  for (const T& row : rows) sorted.push_back(&row);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const T* a, const T* b) { return bytes(*a) > bytes(*b); });
  return sorted;
}

class Writer {
 public:
  Writer(const Report& report, const ReportTextOptions& options)
      : report_(report), max_rows_(options.max_rows), order_(options.order) {}

  std::vector<std::string> findings() && {
    find_all();
    return std::move(findings_);
  }

  std::string text() && {
    if (report_.functions.empty() && report_.permutations.empty() &&
        report_.totals.counters.lookups == 0) {
      append_empty();
      return std::move(out_);
    }
    append_head();
    append_findings();
    append_functions();
    append_permutations();
    append_widgets();
    append_bytes();
    return std::move(out_);
  }

 private:
  bool limited() const noexcept {
    return report_.limits.max_bytes != 0 && report_.limits.max_bytes != kDefaultMaxBytes;
  }
  std::size_t shown(std::size_t rows) const noexcept {
    return max_rows_ == 0 ? rows : std::min(rows, max_rows_);
  }

  void title(std::string_view text) { out_.append("\n").append(text).append("\n"); }
  void finding(std::string text) { findings_.push_back(std::move(text)); }
  void append_bullets() {
    for (const std::string& one : findings_) append_sentences("- ", one, out_);
  }
  void more(std::size_t rows) { out_ += "  ... " + grouped(rows) + " more\n"; }
  void more(std::size_t rows, std::uint64_t bytes) {
    out_ += "  ... " + grouped(rows) + " more: " + readable_bytes(bytes) + "\n";
  }

  void append_empty() {
    append_sentences("",
                     "Nothing is cached: there is no cached function" +
                         (limited() ? ". The limit is " + readable_bytes(report_.limits.max_bytes)
                                    : std::string(", and no limit")) +
                         ".",
                     out_);
    append_trouble();
    append_bullets();
  }

  void append_head() {
    const Totals& totals = report_.totals;
    const Counters& counters = totals.counters;
    std::string memory = readable_bytes(totals.charged) + " charged";
    if (limited()) {
      memory = readable_bytes(totals.charged) + " of " + readable_bytes(report_.limits.max_bytes) +
               " charged (" + percent(totals.charged, report_.limits.max_bytes) + " %)";
    }
    append_sentences("", memory + " for " + several(totals.permutations, "permutation") + ".",
                     out_);
    if (counters.lookups == 0) {
      append_sentences("", "No calls yet.", out_);
      return;
    }
    append_sentences("",
                     several(counters.lookups, "call") + ": " + several(counters.hits, "hit") +
                         " (" + percent(counters.hits, counters.lookups) + " %) saved " +
                         duration(counters.saved) + ", " + several(counters.misses, "execution") +
                         " took " + duration(counters.compute) + ".",
                     out_);
  }

  // --- findings ---

  void append_findings() {
    find_all();
    if (findings_.empty()) return;
    out_ += '\n';
    append_bullets();
  }

  void find_all() {
    add_idle_widgets();
    add_sharing();
    add_sources();
    add_never_hit();
    add_evictions();
    add_not_kept();
    append_trouble();
  }

  void add_idle_widgets() {
    std::vector<const WidgetRow*> idle;
    for (const WidgetRow* row :
         sorted_by_bytes(report_.widgets, [](const WidgetRow& widget) { return widget.bytes; })) {
      if (row->effect != WidgetRow::Effect::never_changed || row->distinct_values < 2) continue;
      idle.push_back(row);
    }
    const std::size_t told = shown(idle.size());
    for (std::size_t i = 0; i < told; ++i) {
      finding(
          named(idle[i]->variable) + " multiplies the permutations of " + named(idle[i]->function) +
          " and never changed the value: " + several(idle[i]->distinct_values, "value") + ", " +
          several(idle[i]->permutations, "permutation") + ", " + readable_bytes(idle[i]->bytes) +
          ". Create it outside of the function if what it shows does not need it.");
    }
    if (told < idle.size()) {
      finding("So " + (idle.size() - told == 1 ? std::string("does") : std::string("do")) + ' ' +
              several(idle.size() - told, "more widget") + ".");
    }
  }

  void add_sharing() {
    if (report_.totals.saved_by_sharing == 0) return;
    finding("Equal values are kept once: that saves " +
            readable_bytes(report_.totals.saved_by_sharing) + ".");
  }

  // Bytes of values are measured by traversal, if nothing is said.
  void add_sources() {
    std::uint64_t declared = 0;
    std::uint64_t in_arenas = 0;
    for (const PermutationRow& row : report_.permutations) {
      if (row.source == BytesSource::declared) ++declared;
      if (row.source == BytesSource::arena) ++in_arenas;
    }
    const auto add = [&](std::uint64_t number, const char* what) {
      if (number != 0) finding("Bytes of " + several(number, "value") + ": " + what);
    };
    add(declared, "declared by the function.");
    add(in_arenas, "counted by an arena.");
  }

  void add_never_hit() {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    for (const PermutationRow& row : report_.permutations) {
      if (row.hits != 0) continue;
      ++entries;
      bytes += row.bytes.total();
    }
    std::uint64_t all = report_.permutations.size();
    for (const OmittedRow& row : report_.omitted) {
      all += row.permutations;
      entries += row.never_hit;
      bytes += row.never_hit_bytes;
    }
    if (entries == 0) return;
    finding(grouped(entries) + " of " + several(all, "permutation") + was(entries) +
            "never hit: " + readable_bytes(bytes) + ".");
  }

  void add_evictions() {
    const Counters& counters = report_.totals.counters;
    const std::array<std::pair<std::uint64_t, std::string_view>, 7> causes{
        {{counters.evicted_bytes, "by max_bytes"},
         {counters.evicted_entries, "by max_entries"},
         {counters.expired, "by ttl"},
         {counters.cleared, "by clear"},
         {counters.invalidated, "by validate"},
         {counters.diverged, "by divergence"},
         {counters.ended_with_inner, "with an inner entry"}}};
    std::uint64_t all = 0;
    std::string list;
    for (const auto& [number, cause] : causes) {
      if (number == 0) continue;
      all += number;
      list += (list.empty() ? "" : ", ") + grouped(number) + ' ' + std::string(cause);
    }
    if (all == 0) return;
    finding(several(all, "permutation") + was(all) + "removed: " + list + ".");
  }

  void add_not_kept() {
    const auto add = [&](std::uint64_t Counters::*counter, std::string_view thing,
                         std::string_view what) {
      const std::uint64_t number = report_.totals.counters.*counter;
      if (number != 0) finding(several(number, thing) + of_functions(counter) + std::string(what));
    };
    add(&Counters::oversize, "result",
        " larger than max_bytes: returned, not kept. Raise the limit or return less.");
    add(&Counters::divergences, "divergence",
        ": the path changed though arguments and state did not. Pass what the function looks at "
        "as an argument, or read it through the run.");
    add(&Counters::failed, "execution", " ended by an exception, which is not kept.");
    add(&Counters::tainted, "execution",
        " answered a click: every click executes, and nothing is kept.");
    add(&Counters::discarded, "execution",
        " came to nothing that is kept: cleared meanwhile, or an error of a rule.");
    add(&Counters::abandoned, "call", " abandoned: stopped, refused, or failed while waiting.");
    add(&Counters::followers, "hit", " answered by an execution that was in progress.");
  }

  // Where to look: the function that counted most, and how many others did, too.
  std::string of_functions(std::uint64_t Counters::*counter) const {
    const FunctionRow* most = nullptr;
    std::uint64_t functions = 0;
    for (const FunctionRow& row : report_.functions) {
      if (row.counters.*counter == 0) continue;
      ++functions;
      if (most == nullptr || row.counters.*counter > most->counters.*counter) most = &row;
    }
    if (most == nullptr) return {};  // it was removed
    std::string of = " of " + named(most->name);
    if (functions > 1) of += " and " + several(functions - 1, "other function");
    return of;
  }

  void append_trouble() {
    const Totals& totals = report_.totals;
    if (totals.release_errors != 0) {
      finding("on_release threw " + several(totals.release_errors, "time") +
              ": what it was to release may have leaked.");
    }
    if (totals.rejected_values != 0) {
      finding(several(totals.rejected_values, "preset value") +
              " did not fit the widget: the default was used.");
    }
    if (totals.held != 0) {
      finding(readable_bytes(totals.held) +
              " of values that were removed are still held by a Ref or a shared pointer.");
    }
  }

  // --- tables ---

  void append_functions() {
    if (report_.functions.empty()) return;
    const auto bytes = [](const FunctionRow& row) { return row.bytes.total() + row.nodes; };
    const auto rows = sorted_by_bytes(report_.functions, bytes);
    title("Functions, largest first");
    Table table({{"name", Align::elided},
                 {"kind", Align::left},
                 {"permutations"},
                 {"bytes"},
                 {"hits"},
                 {"misses"},
                 {"hit %"},
                 {"saved"}});
    const std::size_t told = shown(rows.size());
    std::uint64_t rest = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const FunctionRow& row = *rows[i];
      if (i >= told) {
        rest += bytes(row);
        continue;
      }
      table.add({escaped(row.name), std::string(to_string(row.kind)), count(row.permutations),
                 readable_bytes(bytes(row)), count(row.counters.hits), count(row.counters.misses),
                 percent(row.counters.hits, row.counters.lookups), duration(row.counters.saved)});
    }
    table.append_to(out_);
    if (told < rows.size()) more(rows.size() - told, rest);
  }

  void append_permutations() {
    if (report_.permutations.empty()) return;
    std::vector<const PermutationRow*> rows;
    for (const PermutationRow& row : report_.permutations) rows.push_back(&row);
    sort_rows(rows, order_,
              [](const PermutationRow* row) -> const PermutationRow& { return *row; });
    title("Permutations, " + std::string(heading_of(order_)));
    Table table({{"id", Align::elided}, {"bytes"}, {"hits"}, {"compute"}, {"saved"}});
    const std::size_t told = shown(rows.size());
    std::uint64_t others = rows.size() - told;
    std::uint64_t rest = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const PermutationRow& row = *rows[i];
      if (i >= told) {
        rest += row.bytes.total();
        continue;
      }
      table.add({escaped(row.id), readable_bytes(row.bytes.total()), count(row.hits),
                 duration(row.compute), duration(row.saved)},
                call_lines(row));
    }
    for (const OmittedRow& row : report_.omitted) {
      others += row.permutations;
      rest += row.bytes.total();
    }
    table.append_to(out_);
    if (others > 0) more(others, rest);
  }

  static std::string_view effect_text(WidgetRow::Effect effect) {
    switch (effect) {
      case WidgetRow::Effect::unknown:
        return "unknown";
      case WidgetRow::Effect::never_changed:
        return "never changed";
      case WidgetRow::Effect::changed:
        return "changed";
    }
    return {};
  }

  void append_widgets() {
    if (report_.widgets.empty()) return;
    // One permutation counts for each widget that it read: bytes cannot be summed here.
    const auto rows =
        sorted_by_bytes(report_.widgets, [](const WidgetRow& widget) { return widget.bytes; });
    title("Widgets, by the bytes of the permutations that read them");
    Table table({{"function", Align::elided},
                 {"variable", Align::elided},
                 {"values"},
                 {"permutations"},
                 {"bytes"},
                 {"effect", Align::left}});
    const std::size_t told = shown(rows.size());
    for (std::size_t i = 0; i < told; ++i) {
      const WidgetRow& row = *rows[i];
      table.add({escaped(row.function), escaped(row.variable), count(row.distinct_values),
                 count(row.permutations), readable_bytes(row.bytes),
                 std::string(effect_text(row.effect))});
    }
    table.append_to(out_);
    if (told < rows.size()) more(rows.size() - told);
  }

  void append_bytes() {
    const Totals& totals = report_.totals;
    EntryBytes entries;
    for (const PermutationRow& row : report_.permutations) entries += row.bytes;
    for (const OmittedRow& row : report_.omitted) entries += row.bytes;
    title("Bytes");
    Table table({{"part", Align::left}, {"exact"}, {"about"}, {"", Align::left}});
    const auto add = [&](std::string_view part, std::uint64_t bytes, std::string_view note = {}) {
      table.add({std::string(part), grouped(bytes), readable_bytes(bytes), std::string(note)});
    };
    add("values", entries.value);
    add("recordings", entries.recording);
    add("keys", entries.key);
    add("nodes", totals.nodes);
    add("shared", totals.shared);
    if (totals.media != 0) add("  of it media", totals.media);
    add("= charged", totals.charged);
    if (totals.saved_by_sharing != 0) {
      add("without sharing", totals.charged + totals.saved_by_sharing, "not charged");
    }
    add("held", totals.held, "not charged");
    add("under construction", totals.under_construction, "not charged");
    add("fixed", totals.fixed, "not charged");
    if (totals.advisor != 0) add("advisor", totals.advisor, "not charged");
    table.append_to(out_);
  }

  const Report& report_;
  std::size_t max_rows_;
  ReportOrder order_;
  std::vector<std::string> findings_;
  std::string out_;
};

}  // namespace
}  // namespace detail

std::vector<std::string> findings(const Report& report, const ReportTextOptions& options) {
  return detail::Writer(report, options).findings();
}

std::string to_text(const Report& report, const ReportTextOptions& options) {
  return detail::Writer(report, options).text();
}

}  // namespace memoscape::inline v0

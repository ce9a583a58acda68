// memoscape diff: what grew between two reports. Permutations are matched by their ids, which are
// the same in every process.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <unordered_map>

#include "engine/text_table.hpp"
#include "engine/tool/commands.hpp"
#include "engine/tool/console.hpp"
#include "engine/tool/documents.hpp"
#include "memoscape/bytes.hpp"
#include "memoscape/detail/terminal.hpp"

namespace tool {

namespace ms = memoscape;
using ms::detail::Align;
using ms::detail::escaped;
using ms::detail::Table;

namespace {

std::int64_t difference(std::uint64_t before, std::uint64_t after) {
  return static_cast<std::int64_t>(after - before);
}
std::uint64_t magnitude(std::int64_t change) {
  return change < 0 ? 0 - static_cast<std::uint64_t>(change) : static_cast<std::uint64_t>(change);
}
std::string with_sign(std::int64_t change, std::string text) {
  if (change == 0) return "0";
  return (change > 0 ? '+' : '-') + std::move(text);
}
std::string bytes_text(std::int64_t change) {
  return with_sign(change, ms::readable_bytes(magnitude(change)));
}
std::string count_text(std::int64_t change) {
  return with_sign(change, ms::detail::count(magnitude(change)));
}
std::string time_change(std::int64_t nanoseconds) {
  return with_sign(nanoseconds,
                   ms::detail::duration(std::chrono::nanoseconds(static_cast<std::int64_t>(
                       std::min(magnitude(nanoseconds), ~std::uint64_t{0} >> 1)))));
}

// As eviction counts it: of a value that several share, a part.
std::uint64_t bytes_of(const ms::PermutationRow& row) {
  return row.bytes.total() + (row.sharers > 1 ? row.shared_value / row.sharers : 0);
}

struct Sums {
  std::uint64_t permutations = 0;
  std::uint64_t bytes = 0;
  std::uint64_t hits = 0;
  std::int64_t saved = 0;
};

struct FunctionChange {
  Sums before;
  Sums after;
};

struct Change {
  const ms::PermutationRow* before = nullptr;
  const ms::PermutationRow* after = nullptr;

  std::int64_t bytes() const {
    return difference(before == nullptr ? 0 : bytes_of(*before),
                      after == nullptr ? 0 : bytes_of(*after));
  }
  std::int64_t hits() const {
    return difference(before == nullptr ? 0 : before->hits, after == nullptr ? 0 : after->hits);
  }
  std::int64_t saved() const {
    return difference(before == nullptr ? 0 : static_cast<std::uint64_t>(before->saved.count()),
                      after == nullptr ? 0 : static_cast<std::uint64_t>(after->saved.count()));
  }
  std::int64_t by(std::string_view what) const {
    return what == "hits" ? hits() : what == "saved" ? saved() : bytes();
  }
  std::string_view what() const {
    if (before == nullptr) return "new";
    if (after == nullptr) return "gone";
    return bytes() > 0 ? "grew" : bytes() < 0 ? "shrank" : "used";
  }
  const ms::PermutationRow& row() const { return after == nullptr ? *before : *after; }
};

class Diff {
 public:
  Diff(const ms::ReportDocument& before, const ms::ReportDocument& after,
       const DiffCommand& command)
      : before_(before), after_(after), command_(command) {}

  std::string text() {
    append_head();
    append_functions();
    append_permutations();
    return std::move(out_);
  }

 private:
  bool asked_for(const std::string& function) const {
    return command_.function.empty() || function == command_.function;
  }
  std::size_t shown(std::size_t rows) const {
    return command_.top == 0 ? rows : std::min(rows, command_.top);
  }
  void more(std::size_t rows) {
    if (rows > 0) out_ += "  ... " + ms::detail::grouped(rows) + " more\n";
  }

  void append_head() {
    const ms::Totals& was = before_.report.totals;
    const ms::Totals& is = after_.report.totals;
    out_ += "From " + time_text(before_.made_at) + " to " + time_text(after_.made_at) + "\n";
    Table table({{"", Align::left}, {"before"}, {"after"}, {"change"}});
    const auto bytes = [&](std::string name, std::uint64_t a, std::uint64_t b) {
      table.add({std::move(name), ms::readable_bytes(a), ms::readable_bytes(b),
                 bytes_text(difference(a, b))});
    };
    const auto counts = [&](std::string name, std::uint64_t a, std::uint64_t b) {
      table.add({std::move(name), ms::detail::count(a), ms::detail::count(b),
                 count_text(difference(a, b))});
    };
    bytes("charged", was.charged, is.charged);
    bytes("entries", was.entries, is.entries);
    bytes("nodes", was.nodes, is.nodes);
    bytes("shared", was.shared, is.shared);
    bytes("held", was.held, is.held);
    counts("permutations", was.permutations, is.permutations);
    counts("hits", was.counters.hits, is.counters.hits);
    counts("misses", was.counters.misses, is.counters.misses);
    counts("evicted", was.counters.evicted_bytes + was.counters.evicted_entries,
           is.counters.evicted_bytes + is.counters.evicted_entries);
    table.append_to(out_);
    if (is.counters.lookups < was.counters.lookups) {
      note(
          "The second report counts fewer calls: it is of another process, or the older one. "
          "Bytes can be compared, what was counted cannot.");
    }
    if (!before_.report.omitted.empty() || !after_.report.omitted.empty()) {
      note(
          "Not all permutations are told one by one in these reports: one that is told in one of "
          "them alone looks new, or gone.");
    }
  }

  void note(std::string_view text) {
    out_ += '\n';
    ms::detail::append_sentences("", text, out_);
  }

  void append_functions() {
    std::map<std::string, FunctionChange> changes;
    const auto add = [&](const ms::Report& report, Sums FunctionChange::*side) {
      for (const ms::FunctionRow& row : report.functions) {
        if (!asked_for(row.name)) continue;
        changes[row.name].*side = {.permutations = row.permutations,
                                   .bytes = row.bytes.total() + row.nodes,
                                   .hits = row.counters.hits,
                                   .saved = row.counters.saved.count()};
      }
    };
    add(before_.report, &FunctionChange::before);
    add(after_.report, &FunctionChange::after);
    std::vector<const std::pair<const std::string, FunctionChange>*> rows;
    rows.reserve(changes.size());
    for (const auto& one : changes) rows.push_back(&one);
    const auto grown = [](const FunctionChange& one) {
      return difference(one.before.bytes, one.after.bytes);
    };
    std::stable_sort(rows.begin(), rows.end(),
                     [&](auto* a, auto* b) { return grown(a->second) > grown(b->second); });
    if (rows.empty()) return;
    out_ += "\nFunctions, what grew most first\n";
    Table table(
        {{"name", Align::elided}, {"bytes"}, {"change"}, {"permutations"}, {"hits"}, {"saved"}});
    const std::size_t told = shown(rows.size());
    for (std::size_t i = 0; i < told; ++i) {
      const auto& [name, one] = *rows[i];
      table.add({escaped(name), ms::readable_bytes(one.after.bytes), bytes_text(grown(one)),
                 count_text(difference(one.before.permutations, one.after.permutations)),
                 count_text(difference(one.before.hits, one.after.hits)),
                 time_change(difference(static_cast<std::uint64_t>(one.before.saved),
                                        static_cast<std::uint64_t>(one.after.saved)))});
    }
    table.append_to(out_);
    more(rows.size() - told);
  }

  void append_permutations() {
    std::unordered_map<std::string_view, Change> by_id;
    const auto add = [&](const ms::Report& report, const ms::PermutationRow* Change::*side) {
      for (const ms::PermutationRow& row : report.permutations) {
        if (asked_for(row.function)) by_id[row.id].*side = &row;
      }
    };
    add(before_.report, &Change::before);
    add(after_.report, &Change::after);
    std::vector<Change> changes;
    for (const auto& [id, change] : by_id) {
      if (change.bytes() != 0 || change.hits() != 0) changes.push_back(change);
    }
    std::sort(changes.begin(), changes.end(), [&](const Change& a, const Change& b) {
      const std::int64_t left = a.by(command_.by);
      const std::int64_t right = b.by(command_.by);
      return left != right ? left > right : a.row().id < b.row().id;
    });
    if (changes.empty()) {
      note("No permutation changed.");
      return;
    }
    out_ += "\nPermutations, what grew most first\n";
    Table table(
        {{"", Align::left}, {"id", Align::elided}, {"bytes"}, {"change"}, {"hits"}, {"saved"}});
    const std::size_t told = shown(changes.size());
    for (std::size_t i = 0; i < told; ++i) {
      const Change& one = changes[i];
      const std::uint64_t now = one.after == nullptr ? 0 : bytes_of(*one.after);
      table.add({std::string(one.what()), escaped(one.row().id), ms::readable_bytes(now),
                 bytes_text(one.bytes()), count_text(one.hits()), time_change(one.saved())},
                ms::detail::call_lines(one.row()));
    }
    table.append_to(out_);
    more(changes.size() - told);
  }

  const ms::ReportDocument& before_;
  const ms::ReportDocument& after_;
  const DiffCommand& command_;
  std::string out_;
};

}  // namespace

void run(const DiffCommand& command) {
  const ms::ReportDocument before = read_document(command.before);
  check_interrupt();
  const ms::ReportDocument after = read_document(command.after);
  check_interrupt();
  print(Diff(before, after, command).text());
}

}  // namespace tool

// The report as a value: rows, sums and what the widgets do to the values.
#include "memoscape/report.hpp"

#include <tsl/robin_map.h>
#include <tsl/robin_set.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/report_order.hpp"
#include "engine/report_rows.hpp"
#include "memoscape/detail/allocated.hpp"
#include "memoscape/detail/terminal.hpp"
#include "memoscape/encode.hpp"

namespace memoscape::inline v0 {

namespace detail {

namespace {

std::string hex(const Digest& digest, std::size_t bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) {
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

std::string variable_name(const StateRead& read) {
  switch (read.variable()) {
    case StateRead::Variable::widget:
      return std::string(read.definition().kind->name) + " " +
             (read.name().empty() ? read.definition().key : read.name());
    case StateRead::Variable::session_state:
      return "state " + read.name();
    case StateRead::Variable::query:
      return "query " + read.name();
  }
  return {};
}

bool is_secret(const StateRead& read) {
  const bool* secret = read.definition().attributes["secret"].get_if<bool>();
  return secret != nullptr && *secret;
}

// A form is registered like a widget, but nobody reads a value from it.
bool is_form(const StateRead& read) {
  return read.is_widget() && std::string_view(read.definition().kind->name) == "form";
}

std::string value_text(const StateRead& read, std::string_view value) {
  if (is_secret(read)) return "secret:" + hex(digest128(value), 4);
  return describe(value);
}

using Path = std::vector<const Snapshot::Step*>;

std::vector<ReadText> texts_of(const Snapshot& snapshot, const Path& path) {
  std::vector<ReadText> texts;
  texts.reserve(path.size());
  for (const Snapshot::Step* step : path) {
    const StateRead& read = snapshot.read_of(*step);
    if (is_form(read)) continue;
    texts.push_back({variable_name(read), value_text(read, step->value.view())});
  }
  return texts;
}

void encode_step(Encoder& encoder, const Snapshot& snapshot, const Snapshot::Step& step) {
  encode_value(encoder, std::string_view(snapshot.read_of(step).bytes()));
  encode_value(encoder, step.value.view());
}

std::string id_of(const Snapshot& snapshot, const Snapshot::Tuple& tuple, const Path& path) {
  const FunctionSpec& spec = snapshot.function_of(tuple).spec;
  Encoder encoder;
  encode_value(encoder, tuple.session);
  encode_value(encoder, std::string_view(spec.name));
  encode_value(encoder, std::string_view(spec.version));
  encode_value(encoder, tuple.key.view());
  for (const Snapshot::Step* step : path) encode_step(encoder, snapshot, *step);
  return hex(digest128(encoder.view()), 8);
}

// `arguments`: of its tuple, readable.
PermutationRow readable(const Snapshot& snapshot, const Snapshot::Entry& entry,
                        std::string_view arguments) {
  const Snapshot::Tuple& tuple = snapshot.tuples[entry.tuple];
  const Path path = snapshot.path_of(entry);
  PermutationRow row;
  row.id = id_of(snapshot, tuple, path);
  row.function = snapshot.function_of(tuple).spec.name;
  row.arguments = arguments;
  row.reads = texts_of(snapshot, path);
  row.session = tuple.session;
  row.bytes = entry.bytes;
  row.source = entry.source;
  row.peak = entry.peak;
  row.shared_value = entry.shared_value;
  row.sharers = entry.sharers;
  row.media = entry.media;
  row.hits = entry.hits;
  row.followers = entry.followers;
  row.compute = entry.compute;
  row.saved = entry.saved;
  row.age = entry.age;
  if (entry.expiry != Clock::time_point::max()) {
    row.expires_in = std::max<std::chrono::nanoseconds>(entry.expiry - snapshot.now,
                                                        std::chrono::nanoseconds{1});
  }
  row.digest = entry.digest;
  return row;
}

// --- what the widgets do to the values ---

// Digests that can be added up, and taken out again.
Hash128 sum_of(const Encoder& encoder) {
  const Digest digest = digest128(encoder.view());
  Hash128 sum;
  std::memcpy(&sum.low, digest.data(), sizeof sum.low);
  std::memcpy(&sum.high, digest.data() + sizeof sum.low, sizeof sum.high);
  return sum;
}
Hash128 plus(const Hash128& a, const Hash128& b) noexcept {
  return {a.low + b.low, a.high + b.high};
}
Hash128 minus(const Hash128& a, const Hash128& b) noexcept {
  return {a.low - b.low, a.high - b.high};
}

// Of one variable of a function.
struct WidgetSums {
  tsl::robin_set<std::string_view> values;
  std::uint64_t permutations = 0;
  std::uint64_t bytes = 0;
  // By everything else that the permutation depends on: one value seen there, and its digest.
  tsl::robin_map<Hash128, std::pair<std::string_view, const Digest*>, FoldHash> others;
  bool compared = false;
  bool changed = false;
};

class Widgets {
 public:
  explicit Widgets(const Snapshot& snapshot) : snapshot_(snapshot) {
    steps_.reserve(snapshot.steps.size());
    for (std::size_t i = 0; i < snapshot.tuples.size(); ++i) add_tuple(i);
    for (const Snapshot::Entry& entry : snapshot.entries) add_entry(entry);
  }

  std::vector<WidgetRow> rows() const {
    std::vector<WidgetRow> rows;
    rows.reserve(sums_.size());
    for (const auto& [name, sums] : sums_) {
      if (sums.permutations == 0) continue;
      rows.push_back({.function = name.first,
                      .variable = name.second,
                      .distinct_values = sums.values.size(),
                      .permutations = sums.permutations,
                      .bytes = sums.bytes,
                      .effect = !sums.compared ? WidgetRow::Effect::unknown
                                : sums.changed ? WidgetRow::Effect::changed
                                               : WidgetRow::Effect::never_changed});
    }
    return rows;
  }

 private:
  // Of a read in a function.
  struct Known {
    WidgetSums* sums = nullptr;  // null: of a form
    Hash128 read;                // its digest, without a value
  };
  // Beside each step of the snapshot.
  struct Step {
    WidgetSums* sums;
    Hash128 path;           // of the tuple, and of all reads and values down to this one
    Hash128 without_value;  // to be added to the sum of a path, for the same without this value
    bool is_counted = false;
  };

  void add_tuple(std::size_t at) {
    const Snapshot::Tuple& tuple = snapshot_.tuples[at];
    const bool is_last = at + 1 == snapshot_.tuples.size();
    const std::size_t end = is_last ? snapshot_.steps.size() : snapshot_.tuples[at + 1].first_step;
    if (tuple.first_step == end) return;
    Encoder encoder;
    encode_value(encoder, tuple.session);
    encode_value(encoder, tuple.key.view());
    const Hash128 root = sum_of(encoder);
    for (std::size_t i = tuple.first_step; i < end; ++i) {
      const Snapshot::Step& step = snapshot_.steps[i];
      const Known& known = known_of(tuple.function, step.read);
      Encoder with_value;
      encode_step(with_value, snapshot_, step);
      const Hash128 own = sum_of(with_value);
      const Hash128& above = step.above == Snapshot::kRoot ? root : steps_[step.above].path;
      steps_.push_back({known.sums, plus(above, own), minus(known.read, own)});
    }
  }

  // Names are made once for each, not for each permutation.
  const Known& known_of(std::uint32_t function, std::uint32_t number) {
    const auto [found, is_new] =
        known_.try_emplace((std::uint64_t{function} << 32) | number, Known());
    Known& known = found.value();
    if (!is_new) return known;
    const StateRead& read = *snapshot_.reads[number];
    Encoder encoder;
    encode_value(encoder, std::string_view(read.bytes()));
    known.read = sum_of(encoder);
    if (!is_form(read)) {
      known.sums = &sums_[{snapshot_.functions[function]->spec.name, variable_name(read)}];
    }
    return known;
  }

  void add_entry(const Snapshot::Entry& entry) {
    for (std::uint32_t at = entry.step; at != Snapshot::kRoot; at = snapshot_.steps[at].above) {
      Step& step = steps_[at];
      if (step.sums == nullptr) continue;
      WidgetSums& sums = *step.sums;
      const std::string_view value = snapshot_.steps[at].value.view();
      if (!step.is_counted) sums.values.insert(value);
      step.is_counted = true;
      ++sums.permutations;
      sums.bytes += entry.bytes.total();
      if (!entry.has_digest) continue;
      const Hash128 context = plus(steps_[entry.step].path, step.without_value);
      const auto [seen, is_new] = sums.others.try_emplace(context, value, &entry.digest);
      if (is_new || seen->second.first == value) continue;
      sums.compared = true;
      sums.changed = sums.changed || *seen->second.second != entry.digest;
    }
  }

  const Snapshot& snapshot_;
  std::map<std::pair<std::string, std::string>, WidgetSums> sums_;  // by function and variable
  tsl::robin_map<std::uint64_t, Known> known_;                      // by numbers of both
  std::vector<Step> steps_;
};

FunctionRow copy_function(const Function& function) {
  FunctionRow row;
  row.name = function.spec.name;
  row.version = function.spec.version;
  row.kind = function.spec.kind;
  row.scope = function.spec.scope;
  row.allow_widgets = function.spec.allow_widgets;
  row.limits = function.limits;
  row.permutations = function.entries;
  row.bytes = function.bytes;
  row.nodes = function.node_bytes;
  row.shared_values = function.shared_bytes;
  row.counters = function.counters;
  return row;
}

constexpr std::uint64_t kMapNode = 80;  // of std::map<std::string, FunctionPtr>

std::uint64_t fixed_bytes(const EngineCore& core) {
  std::uint64_t bytes = allocated(sizeof(EngineCore));
  for (const auto& [name, function] : core.functions) {
    bytes += allocated(sizeof(Function)) + allocated(kMapNode) + heap_bytes(name) +
             heap_bytes(function->spec.name) + heap_bytes(function->spec.version) +
             heap_bytes(function->spec.spinner);
  }
  if (core.tracer != nullptr) bytes += core.tracer->heap_bytes();
  bytes += core.spare_nodes.most_bytes() + core.spare_permutations.most_bytes();
  return bytes + table_slack(core) + core.ledger->session_bytes.load(std::memory_order_relaxed);
}

std::uint64_t flight_bytes(const EngineCore& core) {
  std::uint64_t bytes = 0;
  core.flights.for_each([&](const Flight& flight) {
    if (!flight.function->live) return;
    bytes += allocated(sizeof(Flight)) + heap_bytes(flight.key);
    if (flight.arena) bytes += allocated(sizeof(Arena)) + flight.arena->live();
    for (const PathStep& step : flight.reads.view()) {
      bytes += sizeof(PathStep) + heap_bytes(step.value);
    }
  });
  return bytes;
}

}  // namespace

Totals copy_totals(const EngineCore& core, const Locked&) {
  Totals totals;
  totals.permutations = core.entries;
  totals.charged = core.charged();
  totals.entries = core.bytes.total();
  totals.nodes = core.node_bytes;
  totals.shared = core.shared_bytes;
  totals.media = core.media_bytes;
  totals.saved_by_sharing = core.unshared_bytes;
  totals.held = core.ledger->held.load(std::memory_order_relaxed);
  totals.release_errors = core.ledger->release_errors.load(std::memory_order_relaxed);
  totals.rejected_values = core.ledger->rejected_values.load(std::memory_order_relaxed);
  totals.fixed = fixed_bytes(core);
  totals.advisor = core.advisor.heap_bytes();
  totals.counters = core.gone;
  for (const auto& [name, function] : core.functions) {
    totals.counters += function->counters;
  }
  totals.under_construction = flight_bytes(core);
  return totals;
}

std::string label_of(const Permutation& permutation) {
  constexpr std::size_t kMost = 200;
  std::string reads;
  const Node* node = &permutation;
  for (; !node->is_root(); node = node->parent()) {
    const StateRead& read = *node->parent()->read();
    if (is_form(read)) continue;
    reads.insert(0, "; " + cut(variable_name(read), kMost) + '=' +
                        cut(value_text(read, node->edge.view()), kMost));
  }
  return cut(cut(describe(node->edge.view()), kMost) + reads, kMost);
}

PinnedRows::PinnedRows(std::shared_ptr<EngineCore> core) : core_(std::move(core)) {
  const Snapshot snapshot(*core_, [&](const Snapshot& copied, const Locked&) {
    constexpr std::size_t kAhead = 8;
    permutations_.reserve(copied.entries.size());
    for (std::size_t i = 0; i < copied.entries.size(); ++i) {
      if (i + kAhead < copied.entries.size())
        prefetch(&copied.entries[i + kAhead].permutation->pins);
      ++copied.entries[i].permutation->pins;
      permutations_.push_back(copied.entries[i].permutation);
    }
    core_->close_flights([](const Flight&) { return true; });
  });
  try {
    rows_.reserve(snapshot.entries.size());
    for (const Snapshot::Entry& entry : snapshot.entries) {
      rows_.push_back(readable(snapshot, entry, describe(snapshot.tuples[entry.tuple].key.view())));
    }
  } catch (...) {
    unpin();
    throw;
  }
}

PinnedRows::~PinnedRows() { unpin(); }

void PinnedRows::unpin() noexcept {
  auto next = permutations_.begin();
  core_->in_steps([&](Locked& locked, std::size_t most) {
    for (; most > 0 && next != permutations_.end(); --most) core_->unpin(locked, **next++);
    return next != permutations_.end();
  });
}

namespace {

std::vector<ArgumentsRow> arguments_of(const Snapshot& snapshot) {
  std::vector<ArgumentsRow> rows;
  rows.reserve(snapshot.tuples.size());
  for (const Snapshot::Tuple& tuple : snapshot.tuples) {
    ArgumentsRow& row = rows.emplace_back();
    row.function = snapshot.function_of(tuple).spec.name;
    row.arguments = describe(tuple.key.view());
    row.session = tuple.session;
    row.nodes = tuple.nodes;
  }
  for (const Snapshot::Entry& entry : snapshot.entries) {
    ArgumentsRow& row = rows[entry.tuple];
    ++row.permutations;
    row.bytes += entry.bytes;
  }
  return rows;
}

// Functions come by name, so that is the order of what is equal otherwise.
void tell_permutations(const Snapshot& snapshot, const ReportOptions& options, Report& report) {
  using Entry = Snapshot::Entry;
  std::vector<OmittedRow> omitted(snapshot.functions.size());
  const std::vector<std::size_t> chosen = choose_rows(
      snapshot.entries.size(), options,
      [&](std::size_t at) -> const Entry& { return snapshot.entries[at]; },
      [&](const Entry& entry) {
        return (options.function.empty() ||
                options.function == snapshot.function_of(entry).spec.name) &&
               (options.reads.empty() ||
                reads_match(texts_of(snapshot, snapshot.path_of(entry)), options));
      },
      [&](const Entry& entry) { add_to(omitted[snapshot.tuples[entry.tuple].function], entry); });
  report.permutations.reserve(chosen.size());
  for (const std::size_t at : chosen) {
    const Entry& entry = snapshot.entries[at];
    report.permutations.push_back(
        readable(snapshot, entry, report.arguments[entry.tuple].arguments));
  }
  for (std::size_t i = 0; i < omitted.size(); ++i) {
    if (omitted[i].permutations == 0) continue;
    omitted[i].function = snapshot.functions[i]->spec.name;
    report.omitted.push_back(std::move(omitted[i]));
  }
}

}  // namespace

Report make_report(const EngineCore& core, const ReportOptions& options) {
  Report report;
  const Snapshot snapshot(core, [&](const Snapshot& copied, const Locked& locked) {
    report.limits = core.limits;
    report.totals = copy_totals(core, locked);
    report.functions.reserve(copied.functions.size());
    for (const FunctionPtr& function : copied.functions) {
      report.functions.push_back(copy_function(*function));
    }
  });
  std::vector<std::uint64_t> hits_there(snapshot.functions.size());
  for (const Snapshot::Entry& entry : snapshot.entries) {
    hits_there[snapshot.tuples[entry.tuple].function] += entry.hits;
  }
  for (std::size_t i = 0; i < hits_there.size(); ++i) {
    FunctionRow& row = report.functions[i];
    row.gone_hits = row.counters.hits - hits_there[i];
  }
  report.arguments = arguments_of(snapshot);
  tell_permutations(snapshot, options, report);
  report.widgets = Widgets(snapshot).rows();
  std::stable_sort(report.arguments.begin(), report.arguments.end(),
                   [](const ArgumentsRow& a, const ArgumentsRow& b) {
                     return a.bytes.total() != b.bytes.total() ? a.bytes.total() > b.bytes.total()
                                                               : a.function < b.function;
                   });
  return report;
}

}  // namespace detail
}  // namespace memoscape::inline v0

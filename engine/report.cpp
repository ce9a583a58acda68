// The report as a value: rows, sums and what the widgets do to the values.
#include "memoscape/report.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

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

std::string value_text(const PathStep& step) {
  if (is_secret(*step.read)) return "secret:" + hex(digest128(step.value), 4);
  return describe(step.value);
}

std::string id_of(const FunctionSpec& spec, std::uint64_t session, std::string_view key,
                  const std::vector<PathStep>& path) {
  Encoder encoder;
  encode_value(encoder, session);
  encode_value(encoder, std::string_view(spec.name));
  encode_value(encoder, std::string_view(spec.version));
  encode_value(encoder, key);
  for (const PathStep& step : path) {
    encode_value(encoder, std::string_view(step.read->bytes()));
    encode_value(encoder, std::string_view(step.value));
  }
  return hex(digest128(encoder.view()), 8);
}

struct WidgetSums {
  std::unordered_set<std::string_view> values;
  std::uint64_t permutations = 0;
  std::uint64_t bytes = 0;
  // By everything else that the permutation depends on: one value seen there, and its digest.
  std::unordered_map<Digest, std::pair<std::string_view, Digest>, DigestHash> others;
  bool compared = false;
  bool changed = false;
};

// What else a permutation depends on: its space, and its path without this step.
Digest context_of(const RawRow& raw, std::size_t without) {
  Encoder encoder;
  encode_value(encoder, raw.session);
  encode_value(encoder, std::string_view(*raw.key));
  for (std::size_t i = 0; i < raw.path.size(); ++i) {
    encode_value(encoder, std::string_view(raw.path[i].read->bytes()));
    if (i != without) encode_value(encoder, std::string_view(raw.path[i].value));
  }
  return digest128(encoder.view());
}

std::vector<WidgetRow> widget_rows(const std::vector<RawRow>& raws) {
  std::map<std::pair<std::string, std::string>, WidgetSums> sums;
  // Names are made once for each definition, not for each permutation.
  std::map<std::pair<const Function*, const StateRead*>, WidgetSums*> sums_of;
  for (const RawRow& raw : raws) {
    for (std::size_t i = 0; i < raw.path.size(); ++i) {
      const PathStep& step = raw.path[i];
      if (is_form(*step.read)) continue;
      WidgetSums*& known = sums_of[{raw.function.get(), &*step.read}];
      if (known == nullptr) known = &sums[{raw.function->spec.name, variable_name(*step.read)}];
      WidgetSums& sum = *known;
      sum.values.insert(step.value);
      ++sum.permutations;
      sum.bytes += raw.bytes.total();
      if (!raw.has_digest) continue;
      const auto [seen, fresh] = sum.others.try_emplace(context_of(raw, i), step.value, raw.digest);
      if (fresh || seen->second.first == step.value) continue;
      sum.compared = true;
      sum.changed = sum.changed || seen->second.second != raw.digest;
    }
  }
  std::vector<WidgetRow> rows;
  rows.reserve(sums.size());
  for (const auto& [name, sum] : sums) {
    rows.push_back({.function = name.first,
                    .variable = name.second,
                    .distinct_values = sum.values.size(),
                    .permutations = sum.permutations,
                    .bytes = sum.bytes,
                    .effect = !sum.compared ? WidgetRow::Effect::unknown
                              : sum.changed ? WidgetRow::Effect::changed
                                            : WidgetRow::Effect::never_changed});
  }
  return rows;
}

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

struct SpaceCopy {
  std::string function;
  std::string key;
  std::uint64_t session;
  std::uint64_t nodes;
  const Space* space;
};

constexpr std::uint64_t kMapNode = 80;  // of std::map<std::string, FunctionPtr>

std::uint64_t fixed_bytes(const EngineCore& core) {
  std::uint64_t bytes = allocated(sizeof(EngineCore));
  for (const auto& [name, function] : core.functions) {
    bytes += allocated(sizeof(Function)) + allocated(kMapNode) + heap_bytes(name) +
             heap_bytes(function->spec.name) + heap_bytes(function->spec.version) +
             heap_bytes(function->spec.spinner);
  }
  if (core.tracer != nullptr) bytes += core.tracer->heap_bytes();
  bytes += core.spare_nodes.most_bytes() + core.spare_spaces.most_bytes() +
           core.spare_permutations.most_bytes();
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

namespace {

using SharedKey = std::shared_ptr<const std::string>;

// The read that leads to a node, and its value.
PathStep step_to(const Node& node) {
  return {node.parent->read()->shared_from_this(), std::string(node.edge.view())};
}

RawRow copy_row(const Permutation& permutation, const FunctionPtr& function, const SharedKey& key) {
  const Space& space = space_of(*permutation.node.get());
  RawRow raw{.permutation = const_cast<Permutation*>(&permutation),
             .function = function,
             .space = &space,
             .session = space.session(),
             .key = key,
             .path = {},
             .bytes = permutation.bytes(),
             .source = permutation.box->source,
             .peak = permutation.box->arena ? permutation.box->arena->peak() : 0,
             .shared_value = permutation.value_bytes == 0 ? permutation.box->bytes : 0,
             .sharers = permutation.box->keeper().count,
             .media = content_bytes(*permutation.recording),
             .hits = permutation.hits,
             .followers = permutation.followers,
             .compute = permutation.compute(),
             .finished = permutation.finished,
             .expiry = permutation.expiry.get(),
             .digest = permutation.box->digest,
             .has_digest = permutation.box->has_digest};
  std::size_t steps = 0;
  for (const Node* node = permutation.node; node->parent != nullptr; node = node->parent) ++steps;
  raw.path.resize(steps);
  for (const Node* node = permutation.node; node->parent != nullptr; node = node->parent) {
    raw.path[--steps] = step_to(*node);
  }
  return raw;
}

}  // namespace

std::vector<RawRow> copy_rows(const EngineCore& core, const Locked&) {
  std::vector<RawRow> raws;
  raws.reserve(core.entries);
  for (const auto& [name, function] : core.functions) {
    for (const Space* space = function->spaces.first(); space != nullptr;
         space = function->spaces.next(*space)) {
      const auto key = std::make_shared<const std::string>(space->key());
      for_each_leaf(*space, [&, &owner = function](const Permutation& leaf) {
        if (leaf.is_entry()) raws.push_back(copy_row(leaf, owner, key));
      });
    }
  }
  return raws;
}

std::string label_of(const Permutation& permutation) {
  constexpr std::size_t kMost = 200;
  std::string reads;
  for (const Node* node = permutation.node; node->parent != nullptr; node = node->parent) {
    const PathStep step = step_to(*node);
    if (is_form(*step.read)) continue;
    reads.insert(0,
                 "; " + cut(variable_name(*step.read), kMost) + '=' + cut(value_text(step), kMost));
  }
  return cut(cut(describe(space_of(*permutation.node.get()).key()), kMost) + reads, kMost);
}

PermutationRow readable(const RawRow& raw, Clock::time_point now, std::string_view arguments) {
  PermutationRow row;
  row.id = id_of(raw.function->spec, raw.session, *raw.key, raw.path);
  row.function = raw.function->spec.name;
  row.arguments = arguments;
  row.reads.reserve(raw.path.size());
  for (const PathStep& step : raw.path) {
    if (!is_form(*step.read)) row.reads.push_back({variable_name(*step.read), value_text(step)});
  }
  row.session = raw.session;
  row.bytes = raw.bytes;
  row.source = raw.source;
  row.peak = raw.peak;
  row.shared_value = raw.shared_value;
  row.sharers = raw.sharers;
  row.media = raw.media;
  row.hits = raw.hits;
  row.followers = raw.followers;
  row.compute = raw.compute;
  row.saved = raw.compute * static_cast<std::int64_t>(raw.hits);
  row.age = now - raw.finished;
  if (raw.expiry != Clock::time_point::max()) {
    row.expires_in =
        std::max<std::chrono::nanoseconds>(raw.expiry - now, std::chrono::nanoseconds{1});
  }
  row.digest = raw.digest;
  return row;
}

PinnedRows::PinnedRows(std::shared_ptr<EngineCore> core) : core_(std::move(core)) {
  std::vector<RawRow> raws;
  {
    const Locked locked(*core_);
    raws = copy_rows(*core_, locked);
    permutations_.reserve(raws.size());
    for (const RawRow& raw : raws) {
      ++raw.permutation->pins;
      permutations_.push_back(raw.permutation);
    }
  }
  const auto now = core_->clock->now();
  try {
    rows_.reserve(raws.size());
    for (const RawRow& raw : raws) rows_.push_back(readable(raw, now, describe(*raw.key)));
  } catch (...) {
    unpin();
    throw;
  }
}

PinnedRows::~PinnedRows() { unpin(); }

void PinnedRows::unpin() noexcept {
  Locked locked(*core_);
  for (Permutation* permutation : permutations_) core_->unpin(locked, *permutation);
}

Report make_report(const EngineCore& core) {
  Report report;
  std::vector<RawRow> raws;
  std::vector<SpaceCopy> spaces;
  {
    const Locked locked(core);
    raws = copy_rows(core, locked);
    report.limits = core.limits;
    report.totals = copy_totals(core, locked);
    for (const auto& [name, function] : core.functions) {
      report.functions.push_back(copy_function(*function));
      for (const Space* space = function->spaces.first(); space != nullptr;
           space = function->spaces.next(*space)) {
        spaces.push_back(
            {name, std::string(space->key()), space->session(), space->node_bytes, space});
      }
    }
  }
  const auto now = core.clock->now();
  std::unordered_map<const Space*, std::size_t> row_of;
  for (const SpaceCopy& space : spaces) {
    row_of.emplace(space.space, report.arguments.size());
    ArgumentsRow& row = report.arguments.emplace_back();
    row.function = space.function;
    row.arguments = describe(space.key);
    row.session = space.session;
    row.nodes = space.nodes;
  }
  const auto larger = [](const auto& a, const auto& b) {
    return a.bytes.total() != b.bytes.total() ? a.bytes.total() > b.bytes.total()
                                              : a.function < b.function;
  };
  // Functions come by name, so of equal sizes the order is that of functions already.
  std::vector<const RawRow*> in_order;
  in_order.reserve(raws.size());
  for (const RawRow& raw : raws) in_order.push_back(&raw);
  std::stable_sort(in_order.begin(), in_order.end(), [](const RawRow* a, const RawRow* b) {
    return a->bytes.total() > b->bytes.total();
  });
  std::unordered_map<std::string_view, std::uint64_t> hits_there;
  report.permutations.reserve(raws.size());
  for (const RawRow* raw : in_order) {
    ArgumentsRow& row = report.arguments[row_of.at(raw->space)];
    report.permutations.push_back(readable(*raw, now, row.arguments));
    ++row.permutations;
    row.bytes += raw->bytes;
    hits_there[raw->function->spec.name] += raw->hits;
  }
  for (FunctionRow& row : report.functions) {
    const auto there = hits_there.find(row.name);
    row.gone_hits = row.counters.hits - (there == hits_there.end() ? 0 : there->second);
  }
  report.widgets = widget_rows(raws);
  std::stable_sort(report.arguments.begin(), report.arguments.end(), larger);
  return report;
}

}  // namespace detail
}  // namespace memoscape::inline v0

// A report as OpenMetrics 1.0 text: series of the engine and of each function. A permutation is no
// series: there may be a million of them.
#include <array>
#include <charconv>
#include <chrono>

#include "memoscape/detail/terminal.hpp"
#include "memoscape/report_formats.hpp"

namespace memoscape::inline v0 {

namespace {

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

std::string number(double value) {
  std::array<char, 40> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end.ptr};
}
std::string number(std::uint64_t value) { return std::to_string(value); }
std::string number(std::chrono::nanoseconds time) {
  return number(std::chrono::duration<double>(time).count());
}

// Labels that differ stay different: what is cut off is told by a hash (FNV-1a).
std::string label_value(std::string_view text) {
  constexpr std::size_t kMost = 200;
  std::string visible = detail::escaped(text);
  if (detail::text_width(visible) > kMost) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : visible) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    visible = detail::cut(std::move(visible), kMost) + '#' + std::to_string(hash);
  }
  std::string out;
  for (const char c : visible) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

class Writer {
 public:
  // Begins a family. A unit must be the end of the name.
  void family(std::string_view name, std::string_view type, std::string_view unit,
              std::string_view help) {
    name_ = name;
    const auto line = [&](std::string_view what, std::string_view text) {
      out_.append("# ").append(what).append(" memoscape_cache_").append(name).append(" ");
      out_.append(text).append("\n");
    };
    line("TYPE", type);
    if (!unit.empty()) line("UNIT", unit);
    line("HELP", help);
  }
  // A sample of the last family.
  void sample(std::string_view suffix, const Labels& labels, const auto& value) {
    out_.append("memoscape_cache_").append(name_).append(suffix);
    std::string_view before = "{";
    for (const auto& [label, text] : labels) {
      out_.append(before).append(label).append("=\"").append(label_value(text)).append("\"");
      before = ",";
    }
    if (!labels.empty()) out_ += '}';
    out_.append(" ").append(number(value)).append("\n");
  }
  std::string text() && { return std::move(out_) + "# EOF\n"; }

 private:
  std::string_view name_;
  std::string out_;
};

void write_counters(Writer& out, const Report& report) {
  out.family("gets", "counter", "", "Calls, by what came of them.");
  for (const FunctionRow& row : report.functions) {
    out.sample("_total", {{"function", row.name}, {"result", "hit"}}, row.counters.hits);
    out.sample("_total", {{"function", row.name}, {"result", "miss"}}, row.counters.misses);
    out.sample("_total", {{"function", row.name}, {"result", "abandoned"}}, row.counters.abandoned);
  }
  out.family("puts", "counter", "", "Executions whose result was kept.");
  for (const FunctionRow& row : report.functions) {
    out.sample("_total", {{"function", row.name}}, row.counters.stored);
  }
  out.family("not_kept", "counter", "", "Executions whose result was not kept, by cause.");
  for (const FunctionRow& row : report.functions) {
    const std::array<std::pair<std::string_view, std::uint64_t>, 4> causes{
        {{"failed", row.counters.failed},
         {"trigger", row.counters.tainted},
         {"discarded", row.counters.discarded},
         {"oversize", row.counters.oversize}}};
    for (const auto& [cause, count] : causes) {
      out.sample("_total", {{"function", row.name}, {"cause", cause}}, count);
    }
  }
  out.family("evictions", "counter", "", "Permutations removed, by cause.");
  for (const FunctionRow& row : report.functions) {
    const std::array<std::pair<std::string_view, std::uint64_t>, 7> causes{
        {{"max_bytes", row.counters.evicted_bytes},
         {"max_entries", row.counters.evicted_entries},
         {"ttl", row.counters.expired},
         {"clear", row.counters.cleared},
         {"validate", row.counters.invalidated},
         {"divergence", row.counters.diverged},
         {"inner", row.counters.ended_with_inner}}};
    for (const auto& [cause, count] : causes) {
      out.sample("_total", {{"function", row.name}, {"cause", cause}}, count);
    }
  }
  out.family("load_seconds", "summary", "seconds", "Executions, and the time that they took.");
  for (const FunctionRow& row : report.functions) {
    out.sample("_count", {{"function", row.name}}, row.counters.misses);
    out.sample("_sum", {{"function", row.name}}, row.counters.compute);
  }
  out.family("saved_seconds", "counter", "seconds", "Time that hits would have taken.");
  for (const FunctionRow& row : report.functions) {
    out.sample("_total", {{"function", row.name}}, row.counters.saved);
  }
}

void write_sizes(Writer& out, const Report& report) {
  out.family("entries", "gauge", "", "Permutations that are kept.");
  for (const FunctionRow& row : report.functions) {
    out.sample("", {{"function", row.name}}, row.permutations);
  }
  out.family("size_bytes", "gauge", "bytes", "Bytes charged to a function, by part.");
  for (const FunctionRow& row : report.functions) {
    out.sample("", {{"function", row.name}, {"part", "value"}}, row.bytes.value);
    out.sample("", {{"function", row.name}, {"part", "recording"}}, row.bytes.recording);
    out.sample("", {{"function", row.name}, {"part", "key"}}, row.bytes.key);
    out.sample("", {{"function", row.name}, {"part", "nodes"}}, row.nodes);
  }
}

void write_totals(Writer& out, const Report& report) {
  const auto gauge = [&](std::string_view name, std::uint64_t bytes, std::string_view help) {
    out.family(name, "gauge", "bytes", help);
    out.sample("", {}, bytes);
  };
  const Totals& totals = report.totals;
  gauge("charged_bytes", totals.charged, "What max_bytes limits: entries, nodes, shared.");
  gauge("shared_bytes", totals.shared, "Charged once for several permutations.");
  gauge("held_bytes", totals.held, "Removed values that the application still holds.");
  gauge("under_construction_bytes", totals.under_construction, "Executions in progress.");
  gauge("fixed_bytes", totals.fixed, "The engine, its functions and sessions.");
  gauge("advisor_bytes", totals.advisor, "The sample of calls that advice is drawn from.");
  const bool limited = report.limits.max_bytes != 0 && report.limits.max_bytes != kDefaultMaxBytes;
  if (limited) gauge("limit_bytes", report.limits.max_bytes, "max_bytes of the engine.");
  if (report.limits.max_entries == 0) return;
  out.family("limit_entries", "gauge", "", "max_entries of the engine.");
  out.sample("", {}, report.limits.max_entries);
}

}  // namespace

std::string to_openmetrics(const ReportDocument& document) {
  Writer out;
  write_counters(out, document.report);
  write_sizes(out, document.report);
  write_totals(out, document.report);
  return std::move(out).text();
}

}  // namespace memoscape::inline v0

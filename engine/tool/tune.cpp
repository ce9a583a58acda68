// memoscape tune: what limits would have brought for the calls of a trace, and which one to choose.
#include <algorithm>
#include <cmath>
#include <set>

#include "engine/replay.hpp"
#include "engine/text_table.hpp"
#include "engine/tool/commands.hpp"
#include "engine/tool/console.hpp"
#include "memoscape/bytes.hpp"
#include "memoscape/detail/terminal.hpp"
#include "memoscape/report_formats.hpp"

namespace tool {

namespace ms = memoscape;
using ms::AdviceCurve;
using ms::AdvicePoint;
using ms::detail::Align;
using ms::detail::Calls;
using ms::detail::escaped;
using ms::detail::Table;

namespace {

constexpr std::size_t kPoints = 48;
constexpr std::size_t kFunctionPoints = 24;
constexpr std::size_t kMostFunctions = 32;  // those that need most
constexpr std::size_t kRows = 16;           // of a printed curve

ms::Eviction eviction_of(std::string_view name) {
  for (const ms::Eviction one : {ms::Eviction::lru, ms::Eviction::s3fifo}) {
    if (to_string(one) == name) return one;
  }
  return ms::Eviction::gdsf;
}

// Each permutation at its largest, and at its mean cost.
Calls calls_of(const simulation::Trace& trace) {
  Calls calls;
  calls.items.resize(trace.objects);
  std::vector<double> times(trace.objects);
  std::vector<double> costs(trace.objects);
  calls.calls.reserve(trace.requests.size());
  for (const simulation::Request& request : trace.requests) {
    Calls::Item& item = calls.items[request.object];
    item.bytes = std::max(item.bytes, request.bytes);
    times[request.object] += request.times;
    costs[request.object] += static_cast<double>(request.cost.count()) * request.times;
    calls.calls.push_back({.item = request.object, .times = request.times});
  }
  for (std::size_t i = 0; i < calls.items.size(); ++i) {
    Calls::Item& item = calls.items[i];
    item.key = (i + 1) * 0x9e3779b97f4a7c15u;  // as random as a hash is
    item.cost = std::chrono::nanoseconds(std::llround(costs[i] / times[i]));
    if (!trace.function_of.empty()) item.function = trace.function_of[i];
    calls.all_calls += times[i];
    calls.all_cost += static_cast<double>(item.cost.count()) * times[i];
  }
  return calls;
}

// The functions that need most bytes.
std::vector<std::uint32_t> largest_functions(const simulation::Trace& trace, const Calls& calls) {
  std::vector<std::pair<double, std::uint32_t>> needs;
  needs.reserve(trace.functions.size());
  for (std::uint32_t i = 0; i < trace.functions.size(); ++i) needs.emplace_back(0, i);
  for (const Calls::Item& item : calls.items) {
    if (!needs.empty()) needs[item.function].first += static_cast<double>(item.bytes);
  }
  std::sort(needs.rbegin(), needs.rend());
  needs.resize(std::min(needs.size(), kMostFunctions));
  std::vector<std::uint32_t> functions;
  functions.reserve(needs.size());
  for (const auto& [bytes, function] : needs) functions.push_back(function);
  return functions;
}

// Rows of a curve that are enough to see its shape, and the marked ones.
std::vector<std::size_t> chosen_rows(const AdviceCurve& curve, bool all) {
  std::set<std::size_t> rows;
  for (std::size_t i = 0; i < curve.points.size(); ++i) {
    const std::uint64_t limit = curve.points[i].max_bytes;
    if (all || limit == curve.knee || limit == curve.recommended) rows.insert(i);
  }
  const std::size_t last = curve.points.size() - 1;
  for (std::size_t i = 0; !all && i < kRows; ++i) rows.insert(last * i / (kRows - 1));
  return {rows.begin(), rows.end()};
}

std::string bar(double part) {
  constexpr double kWidth = 16;
  return std::string(static_cast<std::size_t>(std::llround(std::clamp(part, 0.0, 1.0) * kWidth)),
                     '#');
}

std::string share(double part) { return ms::detail::decimal(100 * part); }

std::string seconds_text(double seconds) {
  return ms::detail::duration(std::chrono::nanoseconds(std::llround(std::min(seconds, 1e9) * 1e9)));
}

void append_curve(const AdviceCurve& curve, double hours, double all_cost, bool all,
                  std::string& out) {
  Table table({{"max_bytes"},
               {"hit %"},
               {"recomputed %"},
               {hours > 0 ? "per hour" : "in all"},
               {"time saved", Align::left},
               {"", Align::left}});
  for (const std::size_t i : chosen_rows(curve, all)) {
    const AdvicePoint& point = curve.points[i];
    std::string mark = point.max_bytes == curve.knee ? "knee" : "";
    if (point.max_bytes == curve.recommended)
      mark += mark.empty() ? "recommended" : ", recommended";
    table.add(
        {ms::readable_bytes(point.max_bytes), share(point.hit_ratio), share(point.cost_ratio),
         seconds_text(hours > 0 ? point.seconds_per_hour : point.cost_ratio * all_cost * 1e-9),
         bar(1 - point.cost_ratio), std::move(mark)});
  }
  table.append_to(out);
}

std::string verdict(const AdviceCurve& curve) {
  return "Recommended: max_bytes = " + ms::detail::grouped(curve.recommended) + " (" +
         ms::readable_bytes(curve.recommended) + "). It loses " +
         ms::detail::decimal(100 * curve.loses) +
         " % of the time that no limit would save. Past the knee, at " +
         ms::readable_bytes(curve.knee) + ", a byte brings less than on average.";
}

class Tune {
 public:
  Tune(const TuneCommand& command, const simulation::Trace& trace)
      : command_(command),
        trace_(trace),
        calls_(calls_of(trace)),
        hours_(std::chrono::duration<double, std::ratio<3600>>(trace.span).count()),
        functions_(largest_functions(trace, calls_)) {
    policies_ = command.policies;
    if (policies_.empty()) policies_ = {std::string(to_string(ms::Eviction::gdsf))};
  }

  void draw() {
    const std::size_t limits = command_.limits.empty() ? kPoints : command_.limits.size();
    Progress progress("replaying", policies_.size() * limits + functions_.size() * kFunctionPoints);
    std::size_t done = 0;
    const auto step = [&] { progress.step(++done); };
    for (const std::string& policy : policies_) {
      curves_.push_back(draw_curve(calls_, {.limits = command_.limits,
                                            .points = kPoints,
                                            .eviction = eviction_of(policy),
                                            .hours = hours_,
                                            .step = step}));
    }
    for (const std::uint32_t function : functions_) {
      AdviceCurve curve = draw_curve(calls_,
                                     {.points = kFunctionPoints,
                                      .eviction = eviction_of(policies_[0]),
                                      .hours = hours_,
                                      .step = step},
                                     &function);
      curve.function = trace_.functions[function];
      of_functions_.push_back(std::move(curve));
    }
  }

  std::string text() const {
    std::string out;
    ms::detail::append_sentences("", summary(trace_), out);
    for (std::size_t i = 0; i < policies_.size(); ++i) {
      out += "\nWith " + policies_[i] + ", what a limit would have brought\n";
      append_curve(curves_[i], hours_, calls_.all_cost, !command_.limits.empty(), out);
      if (!command_.limits.empty()) continue;
      out += '\n';
      ms::detail::append_sentences("", verdict(curves_[i]), out);
    }
    append_functions(out);
    return out;
  }

  ms::Advice advice() const {
    ms::Advice advice;
    advice.engine = curves_[0];
    for (std::size_t i = 1; i < curves_.size(); ++i) {
      advice.functions.push_back(curves_[i]);
      advice.functions.back().function = "all, with " + policies_[i];
    }
    advice.functions.insert(advice.functions.end(), of_functions_.begin(), of_functions_.end());
    advice.confidence = trace_.calls() < 1000 ? ms::Confidence::low : ms::Confidence::high;
    advice.why = "Replayed with " + policies_[0] + ": " + summary(trace_);
    advice.calls = trace_.calls();
    advice.tracked = trace_.objects;
    advice.permutations = trace_.objects;
    advice.span = trace_.span;
    return advice;
  }

 private:
  void append_functions(std::string& out) const {
    if (of_functions_.size() < 2) return;
    out += "\nFunctions, each as if it were alone\n";
    Table table({{"name", Align::elided}, {"all of it"}, {"knee"}, {"recommended"}, {"loses %"}});
    for (const AdviceCurve& curve : of_functions_) {
      table.add({escaped(curve.function), ms::readable_bytes(curve.needed),
                 ms::readable_bytes(curve.knee), ms::readable_bytes(curve.recommended),
                 ms::detail::decimal(100 * curve.loses)});
    }
    table.append_to(out);
    if (trace_.functions.size() > of_functions_.size()) {
      out += "  ... " + ms::detail::grouped(trace_.functions.size() - of_functions_.size()) +
             " more\n";
    }
  }

  const TuneCommand& command_;
  const simulation::Trace& trace_;
  Calls calls_;
  double hours_;
  std::vector<std::uint32_t> functions_;
  std::vector<std::string> policies_;
  std::vector<AdviceCurve> curves_;  // by policy
  std::vector<AdviceCurve> of_functions_;
};

}  // namespace

void run(const TuneCommand& command) {
  TuneCommand sorted = command;
  std::sort(sorted.limits.begin(), sorted.limits.end());
  const simulation::Trace trace = read(command.input);
  check_interrupt();
  Tune tune(sorted, trace);
  tune.draw();
  print(tune.text());
  if (command.html.empty()) return;
  ms::write_report(command.html, {.report = {}, .advice = tune.advice(), .title = trace.name});
}

}  // namespace tool

// memoscape simulate: policies side by side, on the calls of a trace.
#include "engine/simulation/simulate.hpp"

#include <algorithm>
#include <cstdio>

#include "engine/text_table.hpp"
#include "engine/tool/commands.hpp"
#include "engine/tool/console.hpp"
#include "memoscape/bytes.hpp"

namespace tool {

namespace ms = memoscape;
using ms::detail::Align;
using ms::detail::Table;
using simulation::Contender;
using simulation::Outcome;

namespace {

struct Limit {
  std::uint64_t bytes = 0;
  std::string name;
};

std::vector<Limit> limits_of(const SimulateCommand& command, std::uint64_t all) {
  std::vector<Limit> limits;
  for (const std::uint64_t bytes : command.limits) {
    limits.push_back({bytes, ms::readable_bytes(bytes)});
  }
  std::vector<double> percents = command.percents;
  if (percents.empty() && limits.empty()) percents = {1, 5, 20, 50};
  for (const double percent : percents) {
    const auto bytes = static_cast<std::uint64_t>(static_cast<double>(all) * percent / 100);
    limits.push_back({std::max<std::uint64_t>(bytes, 1),
                      ms::readable_bytes(bytes) + ", " + ms::detail::decimal(percent) + " %"});
  }
  std::stable_sort(limits.begin(), limits.end(),
                   [](const Limit& a, const Limit& b) { return a.bytes < b.bytes; });
  return limits;
}

std::vector<const Contender*> chosen(const std::vector<std::string>& names) {
  std::vector<const Contender*> all;
  for (const Contender& one : simulation::policies()) {
    if (names.empty() || std::find(names.begin(), names.end(), one.name) != names.end()) {
      all.push_back(&one);
    }
  }
  return all;
}

// Three digits: 0.716.
std::string against(const Outcome& outcome, const Outcome& first) {
  const auto least = static_cast<double>(std::max<std::int64_t>(first.recomputed.count(), 1));
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(outcome.recomputed.count()) / least);
  return text;
}

}  // namespace

void run(const SimulateCommand& command) {
  const simulation::Trace trace = read(command.input);
  check_interrupt();
  const auto next = simulation::next_uses(trace);
  const std::vector<Limit> limits = limits_of(command, trace.unique_bytes());
  const std::vector<const Contender*> policies = chosen(command.policies);
  const std::size_t requests = trace.requests.size();
  std::string out;
  ms::detail::append_sentences("", summary(trace), out);
  Progress progress("simulating", limits.size() * policies.size() * requests);
  std::size_t done = 0;
  for (const Limit& limit : limits) {
    out += "\nWith a limit of " + limit.name + "\n";
    const std::string relative = "x " + std::string(policies[0]->name);
    Table table({{"policy", Align::left},
                 {"hit %"},
                 {"byte hit %"},
                 {"recomputation"},
                 {relative},
                 {"", Align::elided}});
    std::vector<Outcome> outcomes;
    for (const Contender* one : policies) {
      outcomes.push_back(simulate(trace, next, *one, limit.bytes,
                                  [&](std::size_t now) { progress.step(done + now); }));
      done += requests;
      const Outcome& outcome = outcomes.back();
      table.add({std::string(one->name), ms::detail::percent(outcome.hits, outcome.requests),
                 ms::detail::percent(outcome.hit_bytes, outcome.bytes),
                 ms::detail::duration(outcome.recomputed), against(outcome, outcomes[0]),
                 std::string(one->what)});
    }
    table.append_to(out);
  }
  print(out);
}

}  // namespace tool

#include "bench/gates.hpp"

#include "bench/measure.hpp"

namespace bench {

namespace {

constexpr std::string_view kMany = "ours, 64 widgets";
constexpr std::string_view k3x16 = "unchanged, 3 widgets, 16 calls";
constexpr std::string_view k3x1 = "unchanged, 3 widgets, 1 call";
constexpr std::string_view kChanged = "another permutation each call, 1e3";
constexpr std::string_view kZipf = "the same, 1e5, Zipf 0.99";
constexpr std::string_view kOne = "one of 64 calls changed per run";
constexpr std::string_view kPlain3 = "plain memoization, 1e3";
constexpr std::string_view kPlain5 = "plain memoization, 1e5";
constexpr std::string_view kNew = "new session, first hit";
constexpr std::string_view kMiss3 = "miss that evicts one, 1e3";
constexpr std::string_view kMiss5 = "miss that evicts one, 1e5";
constexpr std::string_view kMiss6 = "miss that evicts one, 1e6";
constexpr std::string_view kBytes = "engine bytes per permutation";
constexpr std::string_view kCompile1 = "compile, functions: 1";
constexpr std::string_view kCompile50 = "compile, functions: 50";
constexpr std::string_view kHot = "one hot permutation";
constexpr std::string_view kHot2 = "one hot permutation, 2 threads";
constexpr std::string_view kSpread = "spread keys";

constexpr std::string_view kByFloor = "times the floor";
constexpr std::string_view kByPeer = "times HyperClockCache (HCC), ready key";
constexpr std::string_view kByWidgets = "64 widgets against 3";
constexpr std::string_view kByThreads = "two threads";
constexpr std::string_view kPlainly = "ns, bytes, seconds";

Gate to_floor(std::string_view subject, double gate, double stretch) {
  return {kByFloor, subject, Gate::Figure::ratio, subject, kOurs, subject, kFloor, gate, stretch};
}

Gate to_peer(std::string_view subject, double gate, double stretch) {
  return {kByPeer, subject, Gate::Figure::ratio, subject, kOurs, subject, kHyperClock,
          gate,    stretch};
}

Gate to_few(std::string_view row, std::string_view subject) {
  return {kByWidgets, row, Gate::Figure::ratio, subject, kMany, subject, kOurs, 1.15, 1.0};
}

Gate share(std::string_view row, std::string_view subject, double gate, double stretch) {
  return {kByThreads, row, Gate::Figure::share, subject, kOurs, subject, kFloor, gate, stretch};
}

Gate absolute(std::string_view subject, double gate, double stretch) {
  return {kPlainly, subject, Gate::Figure::absolute, subject, kOurs, {}, {}, gate, stretch};
}

double median_of(std::string_view subject, std::string_view who) {
  const Series* series = find_series(subject, who);
  return series == nullptr ? 0 : median(series->samples);
}

double scaling_of(std::string_view subject, std::string_view who) {
  const std::string name(subject);
  return ratio(median_of(name + ", 1 thread", who), median_of(name + ", 2 threads", who));
}

Verdict::Met met(const Gate& gate, double figure) {
  if (figure == 0) return Verdict::Met::unmeasured;
  const auto reached = [&](double wanted) {
    return gate.at_least() ? figure >= wanted : figure <= wanted;
  };
  if (reached(gate.stretch)) return Verdict::Met::stretch;
  return reached(gate.gate) ? Verdict::Met::gate : Verdict::Met::no;
}

Verdict judge_one(const Gate& gate) {
  const auto of = gate.figure == Gate::Figure::share ? scaling_of : median_of;
  Verdict verdict{.gate = &gate, .ours = of(gate.subject, gate.ours)};
  if (gate.figure == Gate::Figure::absolute) {
    verdict.figure = verdict.ours;
  } else {
    verdict.reference = of(gate.reference_subject, gate.reference);
    // 0 when either was not measured.
    const double quotient = ratio(verdict.ours, verdict.reference);
    verdict.figure = gate.figure == Gate::Figure::gain ? ratio(1, quotient) : quotient;
  }
  verdict.met = met(gate, verdict.figure);
  return verdict;
}

}  // namespace

const std::vector<Gate>& all_gates() {
  static const std::vector<Gate> gates = {
      // at most:                gate, stretch
      to_floor(k3x16, 1.2, 0.9),
      to_floor(k3x1, 2.4, 1.6),
      to_floor(kChanged, 6, 4),
      to_floor(kZipf, 7, 5),
      to_floor(kOne, 2, 1.4),
      to_floor(kPlain3, 4.5, 3),
      to_floor(kPlain5, 4.5, 3),
      to_few("unchanged, 1 call", k3x1),
      to_few("unchanged, 16 calls", k3x16),
      to_peer(k3x16, 0.4, 0.3),
      to_peer(kChanged, 2, 1.2),
      to_peer(kZipf, 2.8, 1.6),
      absolute(kNew, 1500, 700),
      absolute(kMiss3, 1300, 800),
      absolute(kMiss5, 2100, 1200),
      absolute(kMiss6, 2700, 1600),
      absolute(kBytes, 136, 112),
      absolute(kCompile1, 1.5, 0.9),
      absolute(kCompile50, 3.5, 2.5),
      // at least:
      share("one hot permutation: scaling", kHot, 0.92, 0.98),
      share("spread keys: scaling", kSpread, 0.95, 1.0),
      {kByThreads, "one hot permutation: HCC / ours", Gate::Figure::gain, kHot2, kOurs, kHot2,
       kHyperClock, 2, 4},
  };
  return gates;
}

std::vector<Verdict> judge() {
  std::vector<Verdict> verdicts;
  for (const Gate& gate : all_gates()) verdicts.push_back(judge_one(gate));
  return verdicts;
}

std::string_view to_string(Verdict::Met met) noexcept {
  switch (met) {
    case Verdict::Met::unmeasured:
      return "-";
    case Verdict::Met::no:
      return "no";
    case Verdict::Met::gate:
      return "yes";
    case Verdict::Met::stretch:
      return "stretch";
  }
  return "";
}

std::string_view to_string(Gate::Figure figure) noexcept {
  switch (figure) {
    case Gate::Figure::absolute:
      return "absolute";
    case Gate::Figure::ratio:
      return "ours / reference";
    case Gate::Figure::gain:
      return "reference / ours";
    case Gate::Figure::share:
      return "our scaling / the reference's";
  }
  return "";
}

}  // namespace bench

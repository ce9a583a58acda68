// What the advisor says: curves of the whole engine and of its functions, and how sure they are.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "engine/store.hpp"
#include "memoscape/bytes.hpp"

namespace memoscape::inline v0 {

namespace detail {

namespace {

constexpr std::size_t kFunctionPoints = 24;
constexpr std::size_t kMostCurves = 32;  // of functions: those that need most
constexpr double kFewCalls = 1000;

// One standard error of the hit ratios: two halves of the sample differ by about twice as much.
double error_of(const Calls& calls, const AdviceCurve& curve, Eviction eviction) {
  CurveOptions options{.limits = {}, .eviction = eviction};
  for (std::size_t i = 1; i <= 6; ++i) {
    options.limits.push_back(std::max<std::uint64_t>(curve.needed * i / 7, 1));
  }
  const AdviceCurve lower = draw_curve(Advisor::half_of(calls, false), options);
  const AdviceCurve upper = draw_curve(Advisor::half_of(calls, true), options);
  double squares = 0;
  const std::size_t points = std::min(lower.points.size(), upper.points.size());
  for (std::size_t i = 0; i < points; ++i) {
    squares += std::pow((lower.points[i].hit_ratio - upper.points[i].hit_ratio) / 2, 2);
  }
  return points == 0 ? 0 : std::sqrt(squares / static_cast<double>(points));
}

void judge(Advice& advice, const Advisor::Sample& sample) {
  constexpr double kSure = 0.01;
  constexpr double kFair = 0.03;
  if (advice.calls == 0) {
    advice.why = "No calls were seen yet.";
    return;
  }
  std::string seen = "Drawn from " + std::to_string(advice.calls) + " calls of ";
  if (sample.exact) {
    seen += std::to_string(advice.tracked) + " permutations, all of which were tracked";
  } else {
    seen += "about " + std::to_string(advice.permutations) + " permutations, of which " +
            std::to_string(advice.tracked) + " were tracked";
  }
  advice.confidence = advice.error <= kSure   ? Confidence::high
                      : advice.error <= kFair ? Confidence::fair
                                              : Confidence::low;
  if (static_cast<double>(advice.calls) < kFewCalls) {
    advice.confidence = Confidence::low;
    seen += "; these are few calls";
  }
  if (!sample.from_start) seen += "; older calls were forgotten";
  advice.why = seen + '.';
}

void add_functions(Advice& advice, const Advisor::Sample& sample,
                   const std::map<std::uint64_t, std::string>& names, CurveOptions options) {
  std::vector<std::pair<double, std::uint32_t>> needs;  // bytes, function
  for (std::uint32_t i = 0; i < sample.functions.size(); ++i) needs.emplace_back(0, i);
  for (const Calls::Item& item : sample.calls.items) {
    needs[item.function].first += static_cast<double>(item.bytes) * item.weight;
  }
  std::sort(needs.rbegin(), needs.rend());
  options.points = kFunctionPoints;
  for (std::size_t i = 0; i < std::min(needs.size(), kMostCurves); ++i) {
    const auto name = names.find(sample.functions[needs[i].second]);
    if (name == names.end()) continue;  // it is no more
    AdviceCurve curve = draw_curve(sample.calls, options, &needs[i].second);
    curve.function = name->second;
    advice.functions.push_back(std::move(curve));
  }
  std::sort(advice.functions.begin(), advice.functions.end(),
            [](const AdviceCurve& a, const AdviceCurve& b) { return a.function < b.function; });
}

}  // namespace

Advice make_advice(EngineCore& core) {
  Advisor::Sample sample;
  std::map<std::uint64_t, std::string> names;
  core.take_in_hits();
  {
    const Locked locked(core);
    sample = core.advisor.sample();
    for (const auto& [name, function] : core.functions) names.emplace(function->uid, name);
  }
  using Hours = std::chrono::duration<double, std::ratio<3600>>;
  const CurveOptions options{.eviction = core.eviction, .hours = Hours(sample.span).count()};
  Advice advice;
  advice.engine = draw_curve(sample.calls, options);
  advice.calls = sample.called;
  advice.tracked = sample.calls.items.size();
  advice.span = sample.span;
  double permutations = 0;
  for (const Calls::Item& item : sample.calls.items) permutations += item.weight;
  advice.permutations = static_cast<std::uint64_t>(std::llround(permutations));
  if (!sample.exact) advice.error = error_of(sample.calls, advice.engine, core.eviction);
  judge(advice, sample);
  add_functions(advice, sample, names, options);
  return advice;
}

}  // namespace detail

Advice Engine::advise() const { return detail::make_advice(*core_); }

}  // namespace memoscape::inline v0

// What an engine advises, and the curves that its advice is drawn from.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/replay.hpp"
#include "tests/harness.hpp"

namespace memoscape::testing {
namespace {

using namespace std::chrono_literals;

TEST(Advice, IsDrawnFromTheCallsOfAnEngine) {
  World w;
  EXPECT_EQ(w.engine.advise().confidence, ms::Confidence::none);
  EXPECT_EQ(w.engine.advise().engine.recommended, 0U);
  auto f = w.engine.cache_data("f", [&w](int n) {
    w.clock.advance(10ms);
    return std::string(10'000, static_cast<char>(n));
  });
  for (int round = 0; round < 3; ++round) {
    for (int n = 0; n < 20; ++n) w.run([&](ms::Run& run) { f(run, n); });
    w.clock.advance(1s);
  }
  const ms::Advice advice = w.engine.advise();
  EXPECT_EQ(advice.calls, 60U);
  EXPECT_EQ(advice.tracked, 20U);
  EXPECT_EQ(advice.permutations, 20U);
  EXPECT_EQ(advice.span, 3s + 19 * 10ms);             // since the first of them ended
  EXPECT_EQ(advice.confidence, ms::Confidence::low);  // few calls
  ASSERT_FALSE(advice.engine.points.empty());
  const ms::AdvicePoint& most = advice.engine.points.back();
  EXPECT_NEAR(most.hit_ratio, 40.0 / 60, 1e-9);
  EXPECT_NEAR(most.cost_ratio, 20.0 / 60, 1e-9);
  EXPECT_GT(advice.engine.needed, 200'000U);
  EXPECT_LE(advice.engine.recommended, most.max_bytes);
  ASSERT_EQ(advice.functions.size(), 1U);
  EXPECT_EQ(advice.functions[0].function, "f");
  EXPECT_GT(w.engine.totals().advisor, 0U);
}

// A value that two entries have counts for each in part, from the next use on.
TEST(Advice, KnowsWhoSharesAValueSince) {
  World w;
  const auto make = [](int) { return std::string(100'000, 'x'); };
  auto f = w.engine.cache_data("f", make);
  auto g = w.engine.cache_data("g", make);
  w.run([&](ms::Run& run) { f(run, 1); });
  EXPECT_GT(w.engine.advise().engine.needed, 100'000U);
  w.run([&](ms::Run& run) { g(run, 1); });
  w.run([&](ms::Run& run) { f(run, 1); });
  EXPECT_GT(w.engine.advise().engine.needed, 100'000U);
  EXPECT_LT(w.engine.advise().engine.needed, 110'000U);
  g.clear();
  w.run([&](ms::Run& run) { f(run, 1); });
  EXPECT_GT(w.engine.advise().engine.needed, 150'000U);  // as if `g` were called again
}

// Calls each of so many permutations of a function, and then as many again, some of them often.
void call_each(World& w, const char* name, int permutations) {
  auto f = w.engine.cache_data(name, [&w](int n) {
    w.clock.advance(1ms);
    return n;
  });
  w.run([&](ms::Run& run) {
    for (int i = 0; i < permutations; ++i) f(run, i);
    for (int i = 0; i < permutations; ++i) f(run, i * 31 % permutations * i % permutations);
  });
}

TEST(Advice, SaysWhatItIsDrawnFromAndHowSureItIs) {
  World w;
  EXPECT_EQ(w.engine.advise().why, "No calls were seen yet.");
  call_each(w, "few", 250);
  EXPECT_EQ(w.engine.advise().confidence, ms::Confidence::low);
  EXPECT_EQ(w.engine.advise().why,
            "Drawn from 500 calls of 250 permutations, all of which were tracked; these are few "
            "calls.");
  call_each(w, "more", 250);
  const ms::Advice exact = w.engine.advise();
  EXPECT_EQ(exact.confidence, ms::Confidence::high);
  EXPECT_EQ(exact.error, 0);
  EXPECT_EQ(exact.why, "Drawn from 1000 calls of 500 permutations, all of which were tracked.");
  EXPECT_EQ(exact.functions.size(), 2U);
  w.engine.remove("more");
  ASSERT_EQ(w.engine.advise().functions.size(), 1U);
  EXPECT_EQ(w.engine.advise().functions[0].function, "few");
}

TEST(Advice, OfASampleSaysItsError) {
  for (const ms::Eviction eviction : {ms::Eviction::gdsf, ms::Eviction::lru}) {
    World w({.eviction = eviction});
    call_each(w, "many", 9'000);
    const ms::Advice sampled = w.engine.advise();
    EXPECT_LT(sampled.tracked, 9'000U);
    EXPECT_NEAR(static_cast<double>(sampled.permutations), 9'000, 500);
    EXPECT_GT(sampled.error, 0);
    EXPECT_NE(sampled.confidence, ms::Confidence::none);
    EXPECT_EQ(sampled.why, "Drawn from 18000 calls of about " +
                               std::to_string(sampled.permutations) + " permutations, of which " +
                               std::to_string(sampled.tracked) + " were tracked.");
  }
}

TEST(Advice, ConfidenceHasAName) {
  EXPECT_EQ(to_string(ms::Confidence::none), "none");
  EXPECT_EQ(to_string(ms::Confidence::low), "low");
  EXPECT_EQ(to_string(ms::Confidence::fair), "fair");
  EXPECT_EQ(to_string(ms::Confidence::high), "high");
}

// Two functions, worked out by hand: 0 has a small item that is called ten times, and 1 a large one
// that is called twice.
detail::Calls two_functions() {
  detail::Calls calls;
  calls.items = {{.key = 1, .bytes = 100, .cost = 10ms, .function = 0},
                 {.key = 2, .bytes = 900, .cost = 500us, .function = 1}};
  calls.calls = {{0, 4}, {1, 1}, {0, 1}, {1, 1}, {0, 5}};
  calls.all_calls = 12;
  calls.all_cost = 101e6;
  return calls;
}

TEST(Curve, RecommendsTheLeastLimitThatLosesNextToNothing) {
  const ms::AdviceCurve curve =
      detail::draw_curve(two_functions(), {.limits = {50, 100, 1'000}, .hours = 2});
  EXPECT_EQ(curve.needed, 1'000U);
  ASSERT_EQ(curve.points.size(), 3U);
  EXPECT_DOUBLE_EQ(curve.points[0].hit_ratio, 0);  // what is larger than the limit is never kept
  EXPECT_DOUBLE_EQ(curve.points[0].cost_ratio, 1);
  EXPECT_DOUBLE_EQ(curve.points[1].hit_ratio, 9. / 12);
  EXPECT_DOUBLE_EQ(curve.points[1].cost_ratio, 11. / 101);
  EXPECT_DOUBLE_EQ(curve.points[2].hit_ratio, 10. / 12);
  EXPECT_DOUBLE_EQ(curve.points[2].cost_ratio, 10.5 / 101);
  EXPECT_DOUBLE_EQ(curve.points[2].seconds_per_hour, 0.0105 / 2);
  EXPECT_EQ(curve.recommended, 100U);
  EXPECT_NEAR(curve.loses, 0.5 / 90.5, 1e-12);
  EXPECT_EQ(curve.knee, 100U);
}

TEST(Curve, OfAFunctionIsDrawnFromItsCallsAlone) {
  const std::uint32_t large = 1;
  const ms::AdviceCurve curve = detail::draw_curve(two_functions(), {.limits = {500, 900}}, &large);
  EXPECT_EQ(curve.needed, 900U);
  ASSERT_EQ(curve.points.size(), 2U);
  EXPECT_DOUBLE_EQ(curve.points[0].hit_ratio, 0);
  EXPECT_DOUBLE_EQ(curve.points[1].hit_ratio, 0.5);
  EXPECT_DOUBLE_EQ(curve.points[1].cost_ratio, 0.5);
  EXPECT_EQ(curve.points[1].seconds_per_hour, 0);  // no time is known
  EXPECT_EQ(curve.recommended, 900U);
  EXPECT_EQ(curve.loses, 0);
}

TEST(Curve, BeginsWithWhatWasCachedBefore) {
  detail::Calls calls = two_functions();
  calls.items[0].known_before = true;
  calls.warm_up = 2;  // the first call of each
  calls.all_calls = 7;
  calls.all_cost = 60.5e6;
  const ms::AdviceCurve curve = detail::draw_curve(calls, {.limits = {100, 1'000}});
  EXPECT_DOUBLE_EQ(curve.points[0].hit_ratio, 6. / 7);
  EXPECT_DOUBLE_EQ(curve.points[0].cost_ratio, 0.5 / 60.5);
  EXPECT_DOUBLE_EQ(curve.points[1].hit_ratio, 1);
  EXPECT_DOUBLE_EQ(curve.points[1].cost_ratio, 0);
}

TEST(Curve, CountsAnItemForAsManyAsItStandsFor) {
  for (const ms::Eviction eviction : {ms::Eviction::gdsf, ms::Eviction::lru}) {
    detail::Calls calls = two_functions();
    calls.items[1].weight = 3;
    calls.all_calls = 10 + 8;  // 3 x 2 was not quite what they were
    calls.all_cost = 100e6 + 8 * 500e3;
    const ms::AdviceCurve curve =
        detail::draw_curve(calls, {.limits = {100, 2'000, 2'800}, .eviction = eviction});
    EXPECT_EQ(curve.needed, 2'800U);
    EXPECT_DOUBLE_EQ(curve.points[0].hit_ratio, 9. / 18);
    EXPECT_DOUBLE_EQ(curve.points[2].hit_ratio, (9. + 4) / 18);
    EXPECT_DOUBLE_EQ(curve.points[2].cost_ratio, (10 + 2.) / 104);
  }
}

TEST(Curve, HasEachLimitOnce) {
  detail::Calls calls;
  calls.items = {{.key = 1, .bytes = 9, .cost = 1ms}};
  calls.calls = {{0, 2}};
  calls.all_calls = 2;
  calls.all_cost = 2e6;
  const ms::AdviceCurve curve = detail::draw_curve(calls, {});
  EXPECT_EQ(curve.points.size(), 9U);
  for (std::size_t i = 0; i < curve.points.size(); ++i) {
    EXPECT_EQ(curve.points[i].max_bytes, i + 1);
  }
}

TEST(Curve, OfNothingHasNoPoints) {
  EXPECT_TRUE(detail::draw_curve({}, {}).points.empty());
  EXPECT_TRUE(detail::draw_curve({}, {.limits = {5}}).points.empty());
  ms::AdviceCurve empty;
  detail::recommend(empty);
  EXPECT_EQ(empty.recommended, 0U);
}

TEST(Curve, IsDrawnAtLimitsThatAscendToAllThatIsNeeded) {
  int steps = 0;
  const ms::AdviceCurve curve =
      detail::draw_curve(two_functions(), {.points = 10, .step = [&] { ++steps; }});
  EXPECT_EQ(static_cast<std::size_t>(steps), curve.points.size());
  EXPECT_EQ(curve.points.back().max_bytes, 1'000U);
  EXPECT_LE(curve.points.front().max_bytes, 5U);  // where curves bend
  EXPECT_TRUE(
      std::is_sorted(curve.points.begin(), curve.points.end(),
                     [](const auto& a, const auto& b) { return a.max_bytes < b.max_bytes; }));
}

}  // namespace
}  // namespace memoscape::testing

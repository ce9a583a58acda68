// The advisor against the truth: what it says of limits, and what the simulation of the same calls
// under those limits gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "bench/eviction/simulate.hpp"
#include "bench/eviction/workloads.hpp"
#include "engine/advisor.hpp"
#include "engine/simulation/random.hpp"
#include "tests/harness.hpp"

namespace memoscape::testing {
namespace {

using namespace std::chrono_literals;
using bench::eviction::Outcome;
using bench::eviction::Trace;
using detail::Advisor;

std::uint64_t key_of(std::uint32_t object) { return (object + 1) * 0x9e3779b97f4a7c15u; }

void note_all(Advisor& advisor, const Trace& trace) {
  for (const auto& request : trace.requests) {
    advisor.note({.key = key_of(request.object),
                  .function = 1,
                  .bytes = request.bytes,
                  .cost = request.cost});
  }
}

double cost_ratio(const Trace& trace, const Outcome& outcome) {
  return static_cast<double>(outcome.recomputed.count()) /
         static_cast<double>(trace.total_cost().count());
}

class OnWorkload : public ::testing::TestWithParam<std::string> {};

// At every fourth of the 100 limits that the bar speaks of; with ADVISOR_GRID=all in the
// environment at all of them, which takes a minute.
std::uint64_t grid_step() {
  const char* grid = std::getenv("ADVISOR_GRID");
  return grid != nullptr && std::string_view(grid) == "all" ? 1 : 4;
}

TEST_P(OnWorkload, TheAdvisorIsNearTheTruthAndItsLimitLosesLittle) {
  const Trace trace = bench::eviction::make_workload(GetParam(), {});
  const auto next = next_uses(trace);
  ms::ManualClock clock;
  Advisor advisor(clock);
  note_all(advisor, trace);
  EXPECT_LE(advisor.heap_bytes(), Advisor::kMostBytes);
  const Advisor::Sample sample = advisor.sample();
  EXPECT_LE(sample.calls.items.size(), Advisor::kMostKeys);
  EXPECT_EQ(sample.called, trace.requests.size());

  const auto& gdsf = bench::eviction::contender("gdsf");
  detail::CurveOptions options;
  const std::uint64_t step = grid_step();
  for (std::uint64_t percent = step; percent <= 100; percent += step) {
    options.limits.push_back(trace.unique_bytes() * percent / 100);
  }
  const ms::AdviceCurve curve = detail::draw_curve(sample.calls, options);
  double hits = 0;
  double costs = 0;
  for (const ms::AdvicePoint& point : curve.points) {
    const Outcome truth = simulate(trace, next, gdsf, point.max_bytes);
    hits += std::abs(truth.hit_ratio() - point.hit_ratio);
    costs += std::abs(cost_ratio(trace, truth) - point.cost_ratio);
  }
  const auto points = static_cast<double>(curve.points.size());
  EXPECT_LE(hits / points, 0.01);
  EXPECT_LE(costs / points, 0.015);

  const ms::AdviceCurve advice = detail::draw_curve(sample.calls, {});
  const Outcome recommended = simulate(trace, next, gdsf, advice.recommended);
  const Outcome unlimited = simulate(trace, next, gdsf, trace.unique_bytes());
  EXPECT_GE(1 - cost_ratio(trace, recommended), 0.98 * (1 - cost_ratio(trace, unlimited)))
      << "recommended " << advice.recommended << " of " << trace.unique_bytes();
}

INSTANTIATE_TEST_SUITE_P(Advisor, OnWorkload,
                         ::testing::Values("zipf", "scan", "loop", "drift", "mixed", "walks"),
                         [](const auto& one) { return one.param; });

TEST(Advisor, IsExactBelowItsNumberOfKeys) {
  const Trace trace = bench::eviction::make_workload("walks", {.requests = 20'000});
  ASSERT_LT(trace.objects, Advisor::kMostKeys);
  ms::ManualClock clock;
  Advisor advisor(clock);
  note_all(advisor, trace);
  const Advisor::Sample sample = advisor.sample();
  EXPECT_TRUE(sample.exact);
  EXPECT_EQ(sample.calls.items.size(), trace.objects);
  const std::uint64_t all = trace.unique_bytes();
  const Outcome truth = simulate(trace, next_uses(trace), bench::eviction::contender("gdsf"), all);
  const ms::AdviceCurve curve = detail::draw_curve(sample.calls, {.limits = {all}});
  EXPECT_DOUBLE_EQ(curve.points[0].hit_ratio, truth.hit_ratio());
  EXPECT_EQ(curve.needed, all);
}

// Many permutations, of which few take most of the time.
Trace with_skewed_costs(std::uint64_t seed) {
  constexpr std::size_t kObjects = 60'000;
  simulation::Random random(seed);
  const simulation::Zipf rank(kObjects, 0.8);
  std::vector<simulation::Request> objects;
  for (std::uint32_t i = 0; i < kObjects; ++i) {
    objects.push_back({.object = i,
                       .bytes = static_cast<std::uint64_t>(random.log_normal(16e3, 1)) + 1,
                       .cost = random.log_normal(1ms, 2.5)});
  }
  Trace trace;
  trace.name = "skewed";
  trace.objects = kObjects;
  for (int i = 0; i < 200'000; ++i) trace.requests.push_back(objects[rank(random)]);
  return trace;
}

// SHARDS: each permutation is as likely to be tracked as another, whatever it costs.
detail::Calls uniform_sample(const Trace& trace, std::size_t keys) {
  std::vector<bool> called(trace.objects);
  for (const auto& request : trace.requests) called[request.object] = true;
  const auto all = static_cast<double>(std::count(called.begin(), called.end(), true));
  const double probability = static_cast<double>(keys) / all;
  detail::Calls calls;
  std::vector<std::uint32_t> item_of(trace.objects, ~std::uint32_t{0});
  for (std::uint32_t i = 0; i < trace.objects; ++i) {
    simulation::Random random(key_of(i));
    if (!called[i] || random.unit() >= probability) continue;
    item_of[i] = static_cast<std::uint32_t>(calls.items.size());
    calls.items.push_back({.key = key_of(i), .weight = 1 / probability});
  }
  for (const auto& request : trace.requests) {
    calls.all_calls += 1;
    calls.all_cost += static_cast<double>(request.cost.count());
    const std::uint32_t at = item_of[request.object];
    if (at == ~std::uint32_t{0}) continue;
    calls.items[at].bytes = request.bytes;
    calls.items[at].cost = request.cost;
    calls.calls.push_back({at, 1});
  }
  return calls;
}

TEST(Advisor, IsNearerToTheTruthThanAUniformSampleWhenCostsAreSkewed) {
  double ours = 0;
  double uniform = 0;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const Trace trace = with_skewed_costs(seed);
    const auto next = next_uses(trace);
    ms::ManualClock clock;
    Advisor advisor(clock);
    note_all(advisor, trace);
    const detail::Calls sample = advisor.sample().calls;
    const detail::Calls other = uniform_sample(trace, sample.items.size());
    detail::CurveOptions options;
    for (std::uint64_t percent = 10; percent <= 100; percent += 10) {
      options.limits.push_back(trace.unique_bytes() * percent / 100);
    }
    const ms::AdviceCurve a = detail::draw_curve(sample, options);
    const ms::AdviceCurve b = detail::draw_curve(other, options);
    for (std::size_t i = 0; i < options.limits.size(); ++i) {
      const double truth = cost_ratio(
          trace, simulate(trace, next, bench::eviction::contender("gdsf"), options.limits[i]));
      ours += std::abs(a.points[i].cost_ratio - truth) / 30;
      uniform += std::abs(b.points[i].cost_ratio - truth) / 30;
    }
  }
  RecordProperty("ours", std::to_string(ours));
  RecordProperty("uniform", std::to_string(uniform));
  EXPECT_LT(ours, uniform / 2) << "ours " << ours << ", uniform " << uniform;
}

TEST(Advisor, ForgetsOldCallsAndKeepsItsBound) {
  ms::ManualClock clock;
  Advisor advisor(clock);
  for (std::uint32_t i = 0; i < 3'000'000; ++i) {
    advisor.note({.key = key_of(i % 20'000), .function = i % 3, .bytes = 100, .cost = 1ms});
    if (i % 50'000 == 0) {
      ASSERT_EQ(advisor.check(), "") << i;
    }
  }
  const Advisor::Sample sample = advisor.sample();
  EXPECT_FALSE(sample.exact);
  double items = 0;
  for (const auto& item : sample.calls.items) items += item.weight;
  EXPECT_NEAR(items, 20'000, 1'000);
}

TEST(Advisor, TakesInAllKeysAgainWhenItHasForgottenMost) {
  constexpr std::uint32_t kNew = 1'000;
  ms::ManualClock clock;
  Advisor advisor(clock);
  const auto note = [&](std::uint32_t i) {
    return advisor.note({.key = key_of(i), .function = 1, .bytes = 100, .cost = 1ms});
  };
  for (std::uint32_t i = 0; i < 100'000; ++i) note(i);
  EXPECT_GT(advisor.sample().calls.items.front().weight, 1) << "each counts for several";
  std::uint32_t tracked = 100'000;
  while (!Advisor::is_tracked(note(tracked))) ++tracked;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) note(tracked);  // all others are forgotten
  std::uint32_t taken = 0;
  for (std::uint32_t i = 0; i < kNew; ++i) taken += Advisor::is_tracked(note(200'000 + i)) ? 1U : 0;
  EXPECT_EQ(taken, kNew);
  EXPECT_EQ(advisor.check(), "");
}

TEST(Advisor, ForgetsKeysWithTheirLastCall) {
  constexpr std::uint32_t kCallsOfKey = 1000;
  ms::ManualClock clock;
  Advisor advisor(clock);
  for (std::uint32_t i = 0; i < 5'000'000; ++i) {
    advisor.note({.key = key_of(i / kCallsOfKey), .function = 1, .bytes = 100, .cost = 1ms});
    if (i % 50'000 == 0) {
      ASSERT_EQ(advisor.check(), "") << i;
    }
  }
  const Advisor::Sample sample = advisor.sample();
  EXPECT_TRUE(sample.exact);
  EXPECT_FALSE(sample.from_start);
  EXPECT_LT(sample.calls.items.size(), 5'000U);
  std::uint64_t calls = 0;
  for (const auto& call : sample.calls.calls) calls += call.times;
  EXPECT_NEAR(static_cast<double>(calls),
              static_cast<double>(sample.calls.items.size() * kCallsOfKey), 2.0 * kCallsOfKey);
}

// Notes calls of one key as a session does that remembers where it is, some at once.
std::uint64_t note_repeated(Advisor& advisor, const Advisor::Repeated& call, std::uint64_t times,
                            std::uint64_t at_once = 1) {
  std::uint64_t noted = 0;
  advisor.note_each_known([&](std::uint64_t epoch) -> Advisor::Repeats {
    if (noted == times || call.known.epoch != epoch) return {};
    const std::uint64_t more = std::min(times - noted, at_once);
    noted += more;
    return {.call = &call, .times = static_cast<std::uint32_t>(more)};
  });
  return noted;
}

// Of each call.
std::vector<std::uint32_t> items_of(const detail::Calls& calls) {
  std::vector<std::uint32_t> items;
  for (const detail::Calls::Call& call : calls.calls) {
    items.insert(items.end(), call.times, call.item);
  }
  return items;
}

void expect_same_calls(const Advisor& left, const Advisor& right) {
  const detail::Calls one = left.sample().calls;
  const detail::Calls other = right.sample().calls;
  EXPECT_DOUBLE_EQ(one.all_calls, other.all_calls);
  EXPECT_DOUBLE_EQ(one.all_cost, other.all_cost);
  EXPECT_EQ(items_of(one), items_of(other));
}

// Whether it is known where the key is, or not.
TEST(Advisor, TakesManyCallsAtOnceLikeOneAfterTheOther) {
  ms::ManualClock clock;
  Advisor one_by_one(clock);
  Advisor at_once(clock);
  std::map<std::uint64_t, Advisor::Slot> slots;
  for (std::uint32_t i = 0; i < 3'000; ++i) {
    Advisor::Call call{.key = key_of(i % 5), .function = 1, .bytes = 10, .cost = 1ms * (i % 5 + 1)};
    const std::uint32_t times = 1 + i * i % 41;
    for (std::uint32_t more = 0; more < times; ++more) one_by_one.note(call);
    call.times = times;
    if (i % 3 != 0) call.slot = slots[call.key];
    slots[call.key] = at_once.note(call);
    if (i % 500 == 0) {
      ASSERT_EQ(at_once.check(), "");
    }
  }
  EXPECT_EQ(at_once.check(), "");
  expect_same_calls(one_by_one, at_once);
}

TEST(Advisor, TakesCallsOfWhatIsKnownLikeAnyOther) {
  ms::ManualClock clock;
  Advisor told(clock);
  Advisor reminded(clock);
  const auto call_of = [](std::uint32_t i) {
    return Advisor::Call{.key = key_of(i), .function = 1, .bytes = 10, .cost = 1ms * (i + 1)};
  };
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const Advisor::Call call = call_of(i % 7 % 3);
    told.note(call);
    const Advisor::Slot slot = reminded.note(call);
    const Advisor::Repeated repeated{.known = reminded.known(slot), .cost = call.cost};
    const std::uint32_t more = i % 5 == 0 ? i % 59 : i % 3;
    for (std::uint32_t one = 0; one < more; ++one) told.note(call);
    const bool takes_all = i % 2 == 0 && reminded.note_known({.call = &repeated, .times = more});
    const std::uint64_t at_once = i % Advisor::kMostAtOnce + 1;
    auto noted = takes_all ? more : note_repeated(reminded, repeated, more, at_once);
    for (; noted < more; ++noted) reminded.note(call);
    if (i % 1'000 == 0) {
      ASSERT_EQ(reminded.check(), "");
    }
  }
  expect_same_calls(told, reminded);
}

// Of many of which some are tracked: whoever remembers what they are is not asked for them again.
TEST(Advisor, TellsTheSameWhoeverRemembersWhereKeysAre) {
  constexpr std::uint32_t kKeys = 30'000;
  ms::ManualClock clock;
  Advisor looks(clock);
  Advisor remembers(clock);
  std::vector<Advisor::Slot> slots(kKeys, Advisor::kNowhere);
  std::uint64_t random = 1;
  std::uint32_t untracked = 0;
  for (std::uint32_t i = 0; i < 300'000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const auto one = static_cast<std::uint32_t>((random >> 33) % kKeys);
    Advisor::Call call{.key = key_of(one),
                       .function = 1,
                       .bytes = one % 7 * 10,
                       .cost = 1us * (one % 13 + 1),
                       .times = one % 5 + 1};
    looks.note(call);
    call.slot = slots[one];
    slots[one] = remembers.note(call);
    if (!Advisor::is_tracked(slots[one])) ++untracked;
    if (i % 50'000 == 0) {
      ASSERT_EQ(remembers.check(), "");
    }
  }
  EXPECT_GT(untracked, 100'000U);
  expect_same_calls(looks, remembers);
}

TEST(Advisor, KnowsNothingOfAKeyAnyMoreWhenKeysWereDropped) {
  ms::ManualClock clock;
  Advisor advisor(clock);
  const Advisor::Call first{.key = key_of(0), .function = 1, .bytes = 10, .cost = 1ms};
  const Advisor::Repeated known{.known = advisor.known(advisor.note(first)), .cost = 1ms};
  EXPECT_EQ(note_repeated(advisor, known, 10), 10U);
  EXPECT_TRUE(advisor.note_known({.call = &known, .times = 10}));
  // Each key once: the first one goes, and its slot is another's.
  for (std::uint32_t i = 1; i < 1'000'000; ++i) {
    advisor.note({.key = key_of(i), .function = 1, .bytes = 10, .cost = 1ms});
  }
  EXPECT_EQ(note_repeated(advisor, known, 10), 0U);
  EXPECT_FALSE(advisor.note_known({.call = &known, .times = 10}));
  EXPECT_EQ(advisor.check(), "");
}

// When keys are dropped, chunks that fit into one become one: just full, too.
TEST(Advisor, FillsNoChunkWithMoreThanThereIsRoomFor) {
  std::size_t least = ~std::size_t{0};
  std::size_t most = 0;
  for (std::uint32_t more = 0; more < 120; ++more) {
    ms::ManualClock clock;
    Advisor advisor(clock);
    const auto note = [&](std::uint32_t i, std::uint32_t times = 1) {
      advisor.note({.key = key_of(i), .function = 1, .bytes = 10, .cost = 1ms, .times = times});
    };
    note(0, 100);  // it stays
    for (std::uint32_t i = 1; i < 9'300; ++i) note(i);
    for (std::uint32_t i = 0; i < more; ++i) note(0);
    for (std::uint32_t i = 9'300; i < 9'400; ++i) note(i);  // some are dropped
    ASSERT_EQ(advisor.check(), "") << more;
    least = std::min(least, advisor.heap_bytes());
    most = std::max(most, advisor.heap_bytes());
  }
  EXPECT_LT(least, most) << "some fill one, others do not";
}

TEST(Advisor, KnowsWhatWasCalledBeforeTheCallsItRemembers) {
  ms::ManualClock clock;
  Advisor advisor(clock);
  const auto note = [&](std::uint64_t key, std::uint32_t times) {
    advisor.note({.key = key, .function = 1, .bytes = 100, .cost = 1ms, .times = times});
  };
  for (int i = 0; i < 200; ++i) {
    clock.advance(1s);
    note(1, 1);
    note(2, 400'000);
  }
  note(3, 1);
  EXPECT_EQ(advisor.check(), "");
  const Advisor::Sample sample = advisor.sample();
  EXPECT_TRUE(sample.exact);
  EXPECT_FALSE(sample.from_start);
  std::map<std::uint64_t, bool> known_before;
  for (const auto& item : sample.calls.items) known_before[item.key] = item.known_before;
  EXPECT_EQ(known_before, (std::map<std::uint64_t, bool>{{1, true}, {2, true}, {3, false}}));
  EXPECT_GT(sample.calls.warm_up, 0U);
  EXPECT_LT(sample.called, 200U * 400'001);
  EXPECT_GT(sample.span, 10s);
  EXPECT_LT(sample.span, 200s);
}

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

TEST(Advisor, CountsFunctionsBeyondThoseItCanTellApartAsOne) {
  ms::ManualClock clock;
  Advisor advisor(clock);
  for (std::uint32_t i = 0; i < 1'100; ++i) {
    advisor.note({.key = key_of(i), .function = i, .bytes = 1, .cost = 1ms});
  }
  const Advisor::Sample sample = advisor.sample();
  ASSERT_EQ(sample.functions.size(), 1'024U);
  EXPECT_EQ(sample.functions.back(), 1'023U);
  EXPECT_EQ(sample.calls.items.at(5).function, 5U);
  EXPECT_EQ(sample.calls.items.at(1'099).function, 1'023U);
  advisor.note({.key = key_of(0), .function = 0, .times = 0});  // was not called
  EXPECT_EQ(advisor.sample().called, 1'100U);
  EXPECT_EQ(advisor.check(), "");
}

TEST(Advisor, TakesTheLastSizeAndCostOfAPermutation) {
  ms::ManualClock clock;
  Advisor advisor(clock);
  advisor.note({.key = 5, .function = 1, .bytes = 10, .cost = 1ms});
  advisor.note({.key = 5, .function = 1, .bytes = 20, .cost = 3ms, .times = 20});
  const detail::Calls calls = advisor.sample().calls;
  ASSERT_EQ(calls.items.size(), 1U);
  EXPECT_EQ(calls.items[0].bytes, 20U);
  EXPECT_EQ(calls.items[0].cost, 3ms);
  std::vector<std::uint32_t> times;
  for (const auto& call : calls.calls) times.push_back(call.times);
  EXPECT_EQ(times, (std::vector<std::uint32_t>{1, 16, 4}));
  EXPECT_DOUBLE_EQ(calls.all_calls, 21);
  EXPECT_DOUBLE_EQ(calls.all_cost, 61e6);
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

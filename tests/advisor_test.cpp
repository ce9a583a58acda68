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

}  // namespace
}  // namespace memoscape::testing

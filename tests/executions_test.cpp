// Which executions are kept: never those in which something was thrown and caught, and of two of
// one path the later one.
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

TEST(Executions, ThatCaughtWhatAnInnerCallThrewAreNotKept) {
  World w;
  bool fails = true;
  const auto inner = w.engine.cache_data("inner", [&](int n) {
    w.log.add("inner");
    if (fails) throw std::runtime_error("no luck");
    return n;
  });
  const auto outer = w.engine.cache_data("outer", [&, inner](ms::Run& run) {
    w.log.add("outer");
    try {
      return *inner(run, 1);
    } catch (const std::runtime_error&) {
      return -1;
    }
  });
  const auto call = [&] {
    int result = 0;
    w.engine.run([&](ms::Run& run) { result = *outer(run); });
    return result;
  };
  EXPECT_EQ(call(), -1);
  EXPECT_EQ(w.entries(), 0U);
  fails = false;
  EXPECT_EQ(call(), 1);
  EXPECT_EQ(call(), 1);
  EXPECT_EQ(w.log.take(), Lines("outer", "inner", "outer", "inner"));
}

TEST(Executions, InWhichAWidgetWasMisusedAreNotKept) {
  World w;
  const auto f = w.engine.cache_data("f",
                                     [&](ms::Run& run) {
                                       w.log.add("f");
                                       try {
                                         ms::slider(run, "upside down", 10, 0);
                                       } catch (const ms::UsageError&) {
                                         return -1;
                                       }
                                       return 1;
                                     },
                                     {.allow_widgets = true});
  for (int times = 0; times < 2; ++times) {
    w.engine.run([&](ms::Run& run) { EXPECT_EQ(*f(run), -1); });
  }
  EXPECT_EQ(w.log.take(), Lines("f", "f"));
  EXPECT_EQ(w.function("f").counters.discarded, 2U);
}

TEST(Executions, InWhichADefaultDidNotFitAreNotKept) {
  static constexpr ms::WidgetKind kPicky = {.name = "picky",
                                            .misfit = [](const ms::Definition&, const ms::Value&) {
                                              return std::string("nothing fits");
                                            }};
  World w;
  const auto f = w.engine.cache_data(
      "f",
      [&](ms::Run& run) {
        w.log.add("f");
        try {
          ms::Place(run).widget({.kind = &kPicky, .label = "picky", .initial = 1});
        } catch (const ms::UsageError&) {
          return -1;
        }
        return 1;
      },
      {.allow_widgets = true});
  for (int times = 0; times < 2; ++times) {
    w.engine.run([&](ms::Run& run) { EXPECT_EQ(*f(run), -1); });
  }
  EXPECT_EQ(w.log.take(), Lines("f", "f"));
}

// Entries that expire before those that are made afterwards: more than are freed when a result is
// stored.
void fill_with_expiring(World& w) {
  constexpr int kMany = 70;
  const auto old = w.engine.cache_data("old", [](int n) { return n; },
                                       {.limits = {.ttl = std::chrono::seconds(10)}});
  w.engine.run([&](ms::Run& run) {
    for (int n = 0; n < kMany; ++n) old(run, n);
  });
  w.clock.advance(std::chrono::seconds(1));
}

// Two executions of one path: the inner run is of another session, and cannot wait for the outer
// one, as that would be to wait for itself.
void execute_within_itself(std::chrono::seconds between, std::uint64_t expired,
                           std::uint64_t discarded, bool many = false) {
  World w;
  if (many) fill_with_expiring(w);
  bool first = true;
  const auto f = w.engine.cache_data("f",
                                     [&] {
                                       w.log.add("f");
                                       if (std::exchange(first, false)) {
                                         w.session(1).run(w.script);
                                         w.clock.advance(between);
                                       }
                                       return 1;
                                     },
                                     {.limits = {.ttl = std::chrono::seconds(10)}});
  w.script = [&](ms::Run& run) { w.show(run, *f(run)); };
  EXPECT_EQ(w.run(0), "text 1");
  EXPECT_EQ(w.log.take(), Lines("f", "f"));
  EXPECT_EQ(w.function("f").permutations, 1U);
  EXPECT_EQ(w.function("f").counters.expired, expired);
  EXPECT_EQ(w.function("f").counters.discarded, discarded);
  EXPECT_EQ(w.run(2), "text 1");
  EXPECT_EQ(w.log.take(), Lines());
}

TEST(Executions, OfOnePathLeaveTheLaterOne) {
  execute_within_itself(std::chrono::seconds(1), 0, 1);
}

TEST(Executions, WhoseTwinHasExpiredMeanwhileAreKept) {
  execute_within_itself(std::chrono::seconds(20), 1, 0);
  execute_within_itself(std::chrono::seconds(20), 1, 0, true);
}

// It is there still, as others expired before it.
TEST(Executions, BuiltOnWhatHasExpiredMeanwhileAreNotKept) {
  World w;
  fill_with_expiring(w);
  const auto inner = w.engine.cache_data("inner", [](int n) { return n; },
                                         {.limits = {.ttl = std::chrono::seconds(10)}});
  const auto outer = w.engine.cache_data("outer", [&, inner](ms::Run& run) {
    w.log.add("outer");
    const int result = *inner(run, 1);
    w.clock.advance(std::chrono::seconds(20));
    return result;
  });
  w.script = [&](ms::Run& run) { w.show(run, *outer(run)); };
  EXPECT_EQ(w.run(0), "text 1");
  EXPECT_EQ(w.function("outer").permutations, 0U);
  EXPECT_EQ(w.function("outer").counters.discarded, 1U);
  EXPECT_EQ(w.function("outer").counters.expired, 0U);
  w.verify();
  EXPECT_EQ(w.run(0), "text 1");
  EXPECT_EQ(w.log.take(), Lines("outer", "outer"));
}

}  // namespace
}  // namespace memoscape::testing

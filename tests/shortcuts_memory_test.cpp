// Which calls a session remembers, and for how long.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core_of.hpp"
#include "engine/store.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

// Calls that the first session remembers.
std::size_t remembered(World& w) {
  const ms::detail::Shortcuts* const first = ms::detail::core_of(w.engine)->shortcuts.first();
  return first == nullptr ? 0 : first->size();
}

// A call is remembered when it is answered for the second time.
void run_twice(World& w) {
  for (int run = 0; run < 2; ++run) w.session().run(w.script);
}

TEST(Shortcuts, SixteenTimesTheCallsOfARunAreRemembered) {
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  const auto remember = [&](int n) {
    w.script = [&](ms::Run& run) { f(run, n); };
    run_twice(w);
    return w.engine.totals().fixed;
  };
  constexpr std::uint64_t kLeast = 150;  // bytes of a shortcut
  const std::uint64_t one = remember(0);
  std::uint64_t all = one;
  for (int n = 1; n < 16; ++n) {
    const std::uint64_t more = remember(n);
    EXPECT_GE(more, all + kLeast) << n;
    all = more;
  }
  EXPECT_LT(remember(7), all + kLeast) << "it is remembered already";
  EXPECT_LT(remember(16), one + kLeast) << "what the last run did not call is forgotten";
  w.script = [](ms::Run&) {};
  run_twice(w);
  EXPECT_LE(w.engine.totals().fixed, one - kLeast) << "no call, none remembered";
  EXPECT_EQ(remembered(w), 0U);
}

TEST(Shortcuts, OfTheWholeScriptAreRememberedWhileFragmentsRunBetween) {
  constexpr int kCalls = 200;
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  const auto whole = [&](ms::Run& run) {
    for (int n = 0; n < kCalls; ++n) f(run, n);
  };
  int last = 0;
  const auto fragment = [&](ms::Run& run) { f(run, ++last % 3); };
  for (int i = 0; i < 2; ++i) w.session().run(whole);
  for (int i = 0; i < 10; ++i) {
    for (int more = 0; more < 3; ++more) w.session().run(fragment);
    EXPECT_EQ(remembered(w), 0U + kCalls);
    w.session().run(whole);
  }
  for (int more = 0; more < 100; ++more) w.session().run(fragment);
  EXPECT_LE(remembered(w), 3U) << "it has not run for long";
}

// Then the shortcuts for them would seldom be used, and the table of what was called would be large
// for good.
TEST(Shortcuts, ArgumentsAtRandomAreNotTakenForKnownOnesAfterARunOfVeryMany) {
  constexpr int kMany = 5'000;
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  w.session().run([&](ms::Run& run) {
    for (int n = 0; n < kMany; ++n) f(run, n);
  });
  const std::uint64_t large = w.engine.totals().fixed;
  int next = 0;
  const auto few = [&](ms::Run& run) {
    for (int i = 0; i < 10; ++i) f(run, next++ * 7 % kMany);
  };
  for (int i = 0; i < 150; ++i) w.session().run(few);
  const std::size_t then = remembered(w);
  for (int i = 0; i < 150; ++i) w.session().run(few);
  EXPECT_LE(remembered(w), then);
  EXPECT_LT(w.engine.totals().fixed, large);
  EXPECT_TRUE(w.engine.check().empty());
}

// What the function has captured goes with the last shortcut, at the latest.
TEST(Shortcuts, OfAFunctionThatWasRemovedAreForgottenByTheNextRun) {
  for (const bool within : {false, true}) {
    World w;
    auto captured = std::make_shared<int>(1);
    const std::weak_ptr<int> watched = captured;
    const auto other = w.engine.cache_data("other", [] { return 1; });
    {
      const auto f = w.engine.cache_resource(
          "f", [] { return 1; }, {.on_release = [captured = std::move(captured)](int&) {}});
      for (int i = 0; i < 3; ++i) {
        w.session().run([&](ms::Run& run) {
          f(run), other(run);
          if (within && i == 2) w.engine.remove("f");
        });
      }
    }
    if (!within) w.engine.remove("f");
    EXPECT_FALSE(watched.expired());
    w.session().run([&](ms::Run& run) { other(run); });
    EXPECT_TRUE(watched.expired()) << within;
  }
}

}  // namespace
}  // namespace memoscape::testing

// The rules of limits and clears (L, M) that the scenarios leave.
#include <algorithm>
#include <functional>
#include <initializer_list>
#include <memory>
#include <random>
#include <string>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

using std::chrono::seconds;

// A function of one argument and one widget, whose value takes about 20 kB.
auto text_of(auto cache, World& w, std::string_view name, CommonOptions options = {}) {
  options.allow_widgets = true;
  return cache(
      w, name,
      [&w, name = std::string(name)](ms::Run& run, int argument) {
        const int n = ms::slider(run, name + std::to_string(argument), 0, 99, 0);
        w.log.add(name, argument, n);
        return std::string(10'000, 'x') + std::to_string(n);
      },
      options);
}

// Executes or hits `f(argument)` with its slider at n.
void visit(World& w, auto& f, int argument, int n) {
  w.session().preset(f.name() + std::to_string(argument), n);
  w.run([&](ms::Run& run) { f(run, argument); });
  w.run([](ms::Run&) {});  // the slider is at its default again
}

TEST(Limits, OfBytesAreNeverExceeded) {
  both_kinds([](auto cache) {
    World w({.limits = {.max_bytes = 60'000}});
    auto f = text_of(cache, w, "f");
    auto g = text_of(cache, w, "g", {.limits = {.max_bytes = 30'000}});
    for (int n = 0; n < 20; ++n) {
      visit(w, f, n % 3, n);
      visit(w, g, n % 3, n);
      const ms::Report report = w.engine.report();
      EXPECT_LE(report.totals.charged, 60'000U);
      EXPECT_LE(w.function("g").bytes.total() + w.function("g").nodes, 30'000U);
    }
    EXPECT_GT(w.function("f").counters.evicted_bytes, 0U);
    EXPECT_GT(w.function("g").counters.evicted_bytes, 0U);
    EXPECT_EQ(w.engine.report().totals.held, 0U);
  });
}

TEST(Limits, OfAFunctionAreSetByItsName) {
  World w;
  auto f = text_of(AsData{}, w, "f");
  for (int n = 0; n < 5; ++n) visit(w, f, 0, n);
  EXPECT_EQ(w.function("f").permutations, 5U);
  w.engine.set_limits("f", {.max_entries = 2});
  EXPECT_EQ(w.function("f").permutations, 2U);
  EXPECT_EQ(f.limits().max_entries, 2U);
  EXPECT_EQ(message_of<ms::UsageError>([&] { w.engine.set_limits("g", {}); }),
            "there is no cached function \"g\" to set limits of");
}

// What the outer replays stays charged when the entry that it came from makes room.
TEST(Limits, HoldWhenRoomForAnOuterIsMadeByEvictingItsInner) {
  for (std::uint64_t max_bytes = 8'000; max_bytes < 14'000; max_bytes += 100) {
    World w({.limits = {.max_bytes = max_bytes}});
    auto inner = w.engine.cache_data("inner", [](ms::Run& run) {
      ms::text(run, std::string(8'000, 'x'));
      return 1;
    });
    auto outer = w.engine.cache_data("outer", [=](ms::Run& run) { return *inner(run) + 1; });
    w.run([&](ms::Run& run) { outer(run); });
    ASSERT_LE(w.engine.report().totals.charged, max_bytes);
  }
}

TEST(Limits, AreReachedInTheOrderOfUse) {
  both_kinds([](auto cache) {
    World w({.eviction = ms::Eviction::lru});
    auto f = text_of(cache, w, "f", {.limits = {.max_entries = 3}});
    for (const int n : {1, 2, 3, 1, 4}) visit(w, f, 0, n);  // 2 was used least recently
    w.log.take();
    for (const int n : {1, 3, 4}) visit(w, f, 0, n);
    EXPECT_EQ(w.log.take(), Lines());
    visit(w, f, 0, 2);
    EXPECT_EQ(w.log.take(), Lines("f 0 2"));
  });
}

// What shortcuts have answered is not told yet, and counts all the same.
TEST(Limits, KnowWhatWasUsedByShortcuts) {
  World w({.eviction = ms::Eviction::lru});
  auto f = w.engine.cache_data("f", [&w](int n) {
    w.log.add("f", n);
    return n;
  });
  const auto call = [&](int user, int n) { w.run(user, [&](ms::Run& run) { f(run, n); }); };
  for (int i = 0; i < 3; ++i) call(0, 1);
  call(1, 2);
  call(0, 1);
  w.engine.set_limits({.max_entries = 1});
  call(2, 1);
  EXPECT_EQ(w.log.take(), Lines("f 1", "f 2"));
}

// The same when the store comes near to a limit that it has: what was used before counts.
TEST(Limits, KnowWhatWasUsedByShortcutsBeforeTheStoreWasFull) {
  World w({.limits = {.max_entries = 8}, .eviction = ms::Eviction::lru});
  auto f = w.engine.cache_data("f", [&w](int n) {
    w.log.add("f", n);
    return n;
  });
  const auto call = [&](int user, std::initializer_list<int> all) {
    w.run(user, [&](ms::Run& run) {
      for (const int n : all) f(run, n);
    });
  };
  call(0, {1, 2, 3, 4});
  call(0, {1});
  call(0, {2, 3, 4});
  call(0, {1});  // by a shortcut, so 2 was used least recently
  call(1, {5, 6, 7, 8, 9});
  w.log.take();
  call(2, {1});
  EXPECT_EQ(w.log.take(), Lines());
  call(2, {2});
  EXPECT_EQ(w.log.take(), Lines("f 2"));
}

// The policy of a function orders its entries as that of an engine that has no others.
TEST(Limits, OfAFunctionEvictWhatThoseOfTheEngineWould) {
  for (const ms::Eviction eviction : {ms::Eviction::lru, ms::Eviction::s3fifo}) {
    Lines executed[2];
    for (const bool of_function : {false, true}) {
      const ms::Limits limits{.max_entries = 20};
      World w({.limits = of_function ? ms::Limits{} : limits, .eviction = eviction});
      auto f = w.engine.cache_data("f",
                                   [&w](int n) {
                                     w.log.add("f", n);
                                     return n;
                                   },
                                   {.limits = of_function ? limits : ms::Limits{}});
      std::mt19937 random(7);
      for (int i = 0; i < 2'000; ++i) {
        const unsigned most = 1 + random() % 60;
        const int n = static_cast<int>(random() % most);  // small ones more often
        w.run([&](ms::Run& run) { EXPECT_EQ(*f(run, n), n); });
      }
      executed[of_function ? 1 : 0] = w.log.take();
    }
    EXPECT_EQ(executed[0], executed[1]) << ms::to_string(eviction);
  }
}

TEST(Limits, TakeEffectAtOnceWhenTheyChange) {
  both_kinds([](auto cache) {
    World w;
    auto f = text_of(cache, w, "f");
    auto g = text_of(cache, w, "g");
    for (int n = 0; n < 10; ++n) visit(w, f, n % 2, n);
    for (int n = 0; n < 10; ++n) visit(w, g, n % 2, n);
    EXPECT_EQ(w.entries(), 20U);
    f.set_limits({.max_entries = 4});
    EXPECT_EQ(w.function("f").permutations, 4U);
    EXPECT_EQ(w.function("f").counters.evicted_entries, 6U);
    w.engine.set_limits({.max_entries = 6});
    EXPECT_EQ(w.entries(), 6U);
    EXPECT_EQ(w.engine.limits().max_entries, 6U);
    visit(w, g, 0, 10);
    EXPECT_EQ(w.entries(), 6U);
    w.engine.set_limits({.max_bytes = 30'000});
    EXPECT_LE(w.engine.report().totals.charged, 30'000U);
    EXPECT_EQ(w.entries(), 1U);
    w.engine.set_limits({.ttl = seconds(60)});
    w.clock.advance(seconds(60));
    EXPECT_EQ(w.engine.sweep(), 1U);
    EXPECT_EQ(w.engine.report().totals.charged, 0U);
    visit(w, g, 0, 1);
    w.clock.advance(seconds(30));
    g.set_limits({.ttl = seconds(30)});
    EXPECT_EQ(w.entries(), 0U);
    w.engine.set_limits({.max_bytes = 1});
    visit(w, g, 0, 1);
    EXPECT_EQ(w.entries(), 0U);
    EXPECT_EQ(w.function("g").counters.oversize, 1U);
  });
}

// A function that has no limit has no order of its own: it is made when the limit is set.
TEST(Limits, OfAFunctionThatAreSetLaterKnowWhatWasUsedBefore) {
  World w({.eviction = ms::Eviction::lru});
  auto f = w.engine.cache_data("f", [&](ms::Run&, int n) {
    w.log.add("f", n);
    return n;
  });
  auto g = w.engine.cache_data("g", [](ms::Run&, int n) { return n; });
  const auto call = [&](int n) { w.session().run([&](ms::Run& run) { f(run, n), g(run, n); }); };
  for (const int n : {1, 2, 3, 1}) call(n);
  EXPECT_EQ(w.log.take(), Lines("f 1", "f 2", "f 3"));
  f.set_limits({.max_entries = 2});
  for (const int n : {3, 1}) call(n);
  EXPECT_EQ(w.log.take(), Lines()) << "2 was used least recently";
  w.verify();
  f.set_limits({});
  for (const int n : {2, 3, 1}) call(n);
  EXPECT_EQ(w.log.take(), Lines("f 2"));
}

TEST(Limits, LetAnOversizeValueThroughAndKeepTheOthers) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&w](std::size_t size) {
                       w.log.add("f", size);
                       return std::string(size, 'x');
                     },
                     {.limits = {.max_bytes = 20'000}});
      return [=, &w](ms::Run& run) {
        for (const std::size_t size : {1'000, 50'000, 1'000}) w.show(run, f(run, size)->size());
      };
    });
    EXPECT_EQ(twin.run(), "text 1000, text 50000, text 1000");
    EXPECT_EQ(twin.run(), "text 1000, text 50000, text 1000");
    EXPECT_EQ(twin.log(), Lines("f 1000", "f 50000", "f 50000"));
    EXPECT_EQ(twin.cached().function("f").counters.oversize, 2U);
  });
}

TEST(Limits, CountHeldValuesUntilTheyAreGone) {
  both_kinds([](auto cache) {
    World w;
    auto f = cache(w, "f", [](int n) { return std::string(10'000, 'x') + std::to_string(n); },
                   {.limits = {.max_entries = 1}});
    const auto held = [&] { return w.engine.report().totals.held; };
    std::shared_ptr<const std::string> kept;
    w.run([&](ms::Run& run) {
      {
        auto pin = f(run, 1);
        EXPECT_EQ(held(), 0U);
        f(run, 2);
        EXPECT_GT(held(), 10'000U);
        EXPECT_EQ(pin->size(), 10'001U);
      }
      EXPECT_EQ(held(), 0U);
      kept = f(run, 2).share();
      f(run, 3);
    });
    EXPECT_GT(held(), 10'000U);
    kept.reset();
    EXPECT_EQ(held(), 0U);
  });
}

TEST(Limits, CountAResultWhoseInnerExpiredMeanwhileAsDiscarded) {
  World w({.limits = {.ttl = std::chrono::seconds(1)}});
  auto inner = w.engine.cache_data("inner", [] { return 1; });
  auto outer = w.engine.cache_data("outer", [&w, inner](ms::Run& run) {
    const int value = *inner(run);
    w.clock.advance(std::chrono::seconds(2));
    return value;
  });
  w.run([&](ms::Run& run) { outer(run); });
  EXPECT_EQ(w.function("outer").counters.discarded, 1U);
  EXPECT_EQ(w.function("outer").permutations, 0U);
}

// What is left of an inner that was evicted, while something is built on it, counts as well.
TEST(Limits, OfBytesHoldForWhatIsLeftOfEvictedEntriesToo) {
  both_kinds([](auto cache) {
    World w;
    auto inner = cache(w, "inner", [](int n) { return std::string(1'000, static_cast<char>(n)); });
    auto outer = cache(w, "outer", [=](ms::Run& run, int n) { return inner(run, n)->size(); });
    w.run([&](ms::Run& run) { outer(run, 1), outer(run, 2); });
    EXPECT_EQ(w.entries(), 4U);
    w.engine.set_limits("inner", {.max_bytes = 1});
    EXPECT_EQ(w.charged("inner"), 0U);
    EXPECT_EQ(w.entries(), 0U);  // what is built on it ended with it
    w.verify();
  });
}

TEST(Limits, OfTheEngineThatAreSetWhileAFunctionExecutesHoldAtOnce) {
  World w;
  auto inner = w.engine.cache_data("inner", [](int n) { return std::string(1'000, char(n)); });
  auto outer = w.engine.cache_data("outer", [&, inner](ms::Run& run) {
    const std::size_t size = inner(run, 1)->size();
    w.engine.set_limits({.max_bytes = 1});
    EXPECT_LE(w.charged(), 1U);
    w.verify();
    return size;
  });
  w.run([&](ms::Run& run) { w.show(run, *outer(run)); });
  EXPECT_EQ(summary(w.page), "text 1000");
  EXPECT_EQ(w.entries(), 0U);
}

// A limit that is set later, and a value that turns out to be shared: with each policy.
TEST(Limits, OfAFunctionKnowWhatIsStoredWithEachPolicy) {
  for (const ms::Eviction eviction :
       {ms::Eviction::gdsf, ms::Eviction::lru, ms::Eviction::s3fifo}) {
    World w({.limits = {.max_entries = 12}, .eviction = eviction});
    auto f = w.engine.cache_data("f", [&w](int n) {
      w.clock.advance(std::chrono::milliseconds(1));
      return std::string(1'000, static_cast<char>('a' + n % 2));
    });
    const auto call_all = [&](int count) {
      w.run([&](ms::Run& run) {
        for (int n = 0; n < count; ++n) f(run, n);
      });
    };
    call_all(10);
    call_all(10);
    f.set_limits({.max_entries = 6});
    EXPECT_EQ(w.entries(), 6U);
    w.verify();
    call_all(20);
    EXPECT_EQ(w.entries(), 6U);
    f.set_limits({});
    call_all(20);
    EXPECT_EQ(w.entries(), 12U);
  }
}

// What was stored before the function had limits is known by the same key when it comes back: it is
// not the next to go then.
TEST(Limits, OfAFunctionKnowWhatComesBackThatWasThereBefore) {
  World w({.eviction = ms::Eviction::s3fifo});
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  const auto call = [&](int n) { w.run([&](ms::Run& run) { f(run, n); }); };
  const auto is_stored = [&](int n) {
    const ms::Report report = w.engine.report();
    return std::ranges::any_of(report.permutations, [&](const ms::PermutationRow& row) {
      return row.arguments == std::to_string(n);
    });
  };
  for (int n = 0; n < 20; ++n) call(n);
  f.set_limits({.max_entries = 15});
  int evicted = 0;
  while (is_stored(evicted)) ++evicted;
  call(evicted);
  for (int n = 20; n < 40; ++n) call(n);
  EXPECT_TRUE(is_stored(evicted));
  EXPECT_EQ(w.entries(), 15U);
}

TEST(Limits, OfAFunctionTakeTheLargestOfThoseThatCostTheSameFirst) {
  for (const bool set_later : {false, true}) {
    SCOPED_TRACE(set_later);
    World w;
    const ms::Limits limits = {.max_entries = 20};
    auto f = w.engine.cache_data("f",
                                 [&w](int n) {
                                   w.clock.advance(std::chrono::milliseconds(1));
                                   return std::string(n == 7 ? 100'000 : 100, static_cast<char>(n));
                                 },
                                 {.limits = set_later ? ms::Limits() : limits});
    w.run([&](ms::Run& run) {
      for (int n = 0; n < 20; ++n) f(run, n);
      EXPECT_GT(w.charged("f"), 100'000U);
      f(run, 20);
    });
    f.set_limits(limits);
    EXPECT_EQ(w.function("f").counters.evicted_entries, 1U);
    EXPECT_LT(w.charged("f"), 100'000U);
  }
}

TEST(Limits, OfAFunctionThatAreSetLaterKeepWhatWasUsedMost) {
  constexpr int kEntries = 32;
  constexpr int kUsed = kEntries / 4;
  World w;
  auto f = w.engine.cache_data("f", [&](int n) {
    w.clock.advance(std::chrono::milliseconds(1));
    return n;
  });
  for (int round = 0; round < 4; ++round) {
    w.run([&](ms::Run& run) {
      for (int n = 0; n < kEntries; ++n) {
        if (round == 0 || n % 4 == 1) f(run, n);
      }
    });
  }
  EXPECT_EQ(w.engine.totals().counters.hits, 3U * kUsed);  // no session knows of more
  f.set_limits({.max_entries = kUsed});
  const auto kept = w.engine.report().permutations;
  EXPECT_EQ(std::ranges::count(kept, 3U, &ms::PermutationRow::hits), kUsed);
}

TEST(Limits, OfAFunctionKeepWhatCostMost) {
  constexpr int kEntries = 32;
  constexpr int kDear = kEntries / 4;
  const auto is_dear = [](int n) { return n % 4 == 1; };
  for (const bool set_later : {false, true}) {
    SCOPED_TRACE(set_later);
    World w;
    const ms::Limits limits = {.max_entries = kDear + 1};
    auto f = w.engine.cache_data("f",
                                 [&](int n) {
                                   using std::chrono::milliseconds;
                                   w.clock.advance(milliseconds(is_dear(n) ? 1'000 : 1));
                                   return n;
                                 },
                                 {.limits = set_later ? ms::Limits() : limits});
    w.run([&](ms::Run& run) {
      for (int n = 0; n < kEntries; ++n) f(run, n);
    });
    f.set_limits(limits);
    const auto kept = w.engine.report().permutations;
    EXPECT_EQ(kept.size(), kDear + 1U);
    EXPECT_EQ(std::ranges::count(kept, std::chrono::seconds(1), &ms::PermutationRow::compute),
              kDear);
  }
}

// The outer one is looked at first, and again when the time of what it is built on is known.
TEST(Limits, OfTimeThatChangeReachAnOuterThatHasNoneOfItsOwn) {
  using std::chrono::milliseconds;
  World w;
  std::function<int(ms::Run&, int)> self;
  auto f = w.engine.cache_data("f", [&](ms::Run& run, int n) {
    const int inner = n == 2 ? self(run, 1) : 0;
    w.clock.advance(milliseconds(1'000));
    return inner + n;
  });
  self = [&](ms::Run& run, int n) { return *f(run, n); };
  w.run([&](ms::Run& run) { f(run, 2); });
  // Beyond all time for the outer, which is a second younger, and not for the inner.
  f.set_limits({.ttl = ms::Clock::time_point::max() - w.clock.now() + milliseconds(500)});
  w.verify();
  const ms::Report report = w.engine.report();
  ASSERT_EQ(report.permutations.size(), 2U);
  EXPECT_GT(report.permutations[0].expires_in, std::chrono::hours(24));
  EXPECT_EQ(report.permutations[0].expires_in, report.permutations[1].expires_in);
}

auto kept_for_ten_seconds(World& w) {
  return w.engine.cache_data("f",
                             [&w] {
                               w.log.add("f");
                               return 1;
                             },
                             {.limits = {.ttl = std::chrono::seconds(10)}});
}

// Time stands still while a run looks at it, and no longer: what the run before saw is of no use.
TEST(Limits, OfTimeAreReadAnewInEachRun) {
  World w;
  auto f = kept_for_ten_seconds(w);
  w.run([&](ms::Run& run) { f(run); });
  w.clock.advance(std::chrono::seconds(20));
  w.run([](ms::Run&) {});  // sweeps what has expired: nothing is left that expires
  EXPECT_EQ(w.entries(), 0U);
  w.clock.advance(std::chrono::seconds(100));
  w.run([&](ms::Run& run) {
    f(run);
    w.clock.advance(std::chrono::seconds(20));
    f(run);
  });
  EXPECT_EQ(w.log.take(), Lines("f", "f", "f"));
}

// Its own sweep leaves nothing that expires; then something does again.
TEST(Limits, OfTimeAreReadAnewWhenNothingWasLeftThatExpires) {
  using std::chrono::seconds;
  World w;
  auto f = kept_for_ten_seconds(w);
  w.run([&](ms::Run& run) { f(run); });
  w.clock.advance(seconds(20));
  w.run([&](ms::Run& run) {
    EXPECT_EQ(w.entries(), 0U);
    w.clock.advance(seconds(100));
    f(run);
    w.clock.advance(seconds(20));
    f(run);
  });
  EXPECT_EQ(w.log.take(), Lines("f", "f", "f"));
}

// Nothing expires when a run begins; then another session stores what does.
TEST(Limits, OfTimeAreReadAnewWhenAnotherSessionStores) {
  using std::chrono::seconds;
  World w;
  auto f = kept_for_ten_seconds(w);
  const auto call = [&](ms::Run& run) { f(run); };
  w.run(0, call);
  w.clock.advance(seconds(20));
  w.run(0, [](ms::Run&) {});
  w.clock.advance(seconds(100));
  w.run(0, [&](ms::Run& run) {
    w.session(1).run(call);
    w.clock.advance(seconds(20));
    f(run);
  });
  EXPECT_EQ(w.log.take(), Lines("f", "f", "f"));
}

// The miss sweeps what has expired, and with it all that stood for its arguments.
TEST(Limits, OfTimeMayTakeTheLastOfItsArgumentsFromACallThatMisses) {
  World w;
  const auto f = w.engine.cache_data("f",
                                     [&w](ms::Run& run, int argument) {
                                       const int n = ms::slider(run, "n", 0, 9);
                                       w.log.add("f", argument, n);
                                       return argument + n;
                                     },
                                     {.allow_widgets = true, .limits = {.ttl = seconds(60)}});
  w.run([&](ms::Run& run) { f(run, 1); });
  w.session().set("n", 2);
  w.run([&](ms::Run& run) {
    w.clock.advance(seconds(61));  // what is stored expires after the run has begun
    EXPECT_EQ(*f(run, 1), 3);
  });
  w.run([&](ms::Run& run) { EXPECT_EQ(*f(run, 1), 3); });
  EXPECT_EQ(w.log.lines(), Lines("f 1 0", "f 1 2"));
}

TEST(Clears, TakeExactlyWhatTheyName) {
  both_kinds([](auto cache) {
    World w;
    auto f = text_of(cache, w, "f");
    auto g = text_of(cache, w, "g");
    auto other = w.engine.cache_data("other", [] { return 1; });
    auto shared = w.engine.cache_resource("shared", [] { return 1; });
    const auto fill = [&] {
      for (int n = 0; n < 6; ++n) {
        visit(w, f, n % 2, n);
        visit(w, g, n % 2, n);
      }
      w.run([&](ms::Run& run) { other(run), shared(run); });
      EXPECT_EQ(w.entries(), 14U);
    };
    const auto left = [&] {
      std::string text;
      for (const auto& row : w.engine.report().functions) {
        text += row.name + " " + std::to_string(row.permutations) + " ";
      }
      return text;
    };
    fill();
    f.clear(1);
    EXPECT_EQ(left(), "f 3 g 6 other 1 shared 1 ");
    f.clear(7);  // nothing there
    f.clear();
    EXPECT_EQ(left(), "f 0 g 6 other 1 shared 1 ");
    fill();
    w.engine.clear(decltype(cache)::kKind);
    EXPECT_EQ(left(), decltype(cache)::kKind == ms::Kind::data ? "f 0 g 0 other 0 shared 1 "
                                                               : "f 0 g 0 other 1 shared 0 ");
    fill();
    EXPECT_EQ(w.engine.clear_if([](const ms::PermutationRow& row) {
      return !row.reads.empty() && row.reads[0].value == "3";
    }),
              2U);
    EXPECT_EQ(left(), "f 5 g 5 other 1 shared 1 ");
    fill();
    const std::string id = w.engine.report().permutations[0].id;
    EXPECT_TRUE(w.engine.clear_permutation(id));
    EXPECT_FALSE(w.engine.clear_permutation(id));
    EXPECT_FALSE(w.engine.clear_permutation("nothing"));
    EXPECT_EQ(w.entries(), 13U);
    w.engine.clear();
    EXPECT_EQ(left(), "f 0 g 0 other 0 shared 0 ");
    EXPECT_EQ(w.engine.report().totals.charged, 0U);
    EXPECT_EQ(w.engine.report().totals.held, 0U);
  });
}

}  // namespace
}  // namespace memoscape::testing

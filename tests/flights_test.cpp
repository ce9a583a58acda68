// Executions in progress and the store's mutex: an execution begins, reads, hits and ends without
// waiting for it.
#include "engine/flights.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <functional>
#include <latch>
#include <map>
#include <memoscape/memoscape.hpp>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core_of.hpp"
#include "harness.hpp"
#include "memoscape/detail/schedule.hpp"

namespace memoscape::testing {
namespace {

using ms::detail::EngineCore;
using ms::detail::Locked;

// Waits that do not end are for the test runner to notice.
TEST(Flights, BeginReadAndHitWhileAnotherThreadHasTheStore) {
  World w;
  bool is_held = false;
  std::latch passed{1};
  auto inner = w.engine.cache_data("inner", [](int n) { return n; });
  auto outer = w.engine.cache_data("outer",
                                   [&](ms::Run& run, int n) {
                                     const int most = ms::slider(run, "Most", 0, 9, 5);
                                     const int sum = *inner(run, 1) + most + n;
                                     if (is_held) passed.count_down();
                                     return sum;
                                   },
                                   {.allow_widgets = true});
  ms::Session& user = w.session();
  user.run([&](ms::Run& run) { outer(run, 1); });  // what is read is known from here on
  std::optional<Locked> held(*ms::detail::core_of(w.engine));
  is_held = true;
  int sum = 0;
  std::thread other([&] { user.run([&](ms::Run& run) { sum = *outer(run, 2); }); });
  passed.wait();
  held.reset();
  other.join();
  EXPECT_EQ(sum, 8);
  EXPECT_EQ(w.engine.totals().counters.hits, 1U);
}

TEST(Flights, EndWhileAnotherThreadHasTheStore) {
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  ms::Session& user = w.session();
  user.run([](ms::Run&) {});  // has a page from here on
  EngineCore& core = *ms::detail::core_of(w.engine);
  std::optional<Locked> held(core);
  std::thread other([&] { user.run([&](ms::Run& run) { EXPECT_EQ(*f(run, 1), 1); }); });
  other.join();
  EXPECT_EQ(core.entries, 0U);
  held.reset();  // who has the store looks when it is released
  EXPECT_EQ(core.entries, 1U);
}

// What an execution got from one whose result is not kept is in no tree: a clear must reach it all
// the same (C6).
TEST(Flights, BuiltOnWhatIsTooLargeAreNotJoinedAfterAClear) {
  World w;
  std::atomic<bool> leads{true};
  std::latch has_inner{1};
  std::latch cleared{1};
  auto inner = w.engine.cache_data("inner", [](int n) { return std::string(1000, char(n)); },
                                   {.limits = {.max_bytes = 100}});
  auto outer = w.engine.cache_data("outer", [&](ms::Run& run) {
    const std::size_t size = inner(run, 'a')->size();
    w.log.add("outer");
    if (leads.exchange(false)) {
      has_inner.count_down();
      cleared.wait();
    }
    return size;
  });
  w.session(0);
  w.session(1);
  std::thread leader([&] { w.session(0).run([&](ms::Run& run) { outer(run); }); });
  has_inner.wait();
  inner.clear();
  w.session(1).run([&](ms::Run& run) { outer(run); });
  EXPECT_EQ(w.log.lines(), Lines("outer", "outer"));
  cleared.count_down();
  leader.join();
}

TEST(Flights, BuiltOnWhatTheyFollowedAreNotJoinedAfterItWasCleared) {
  World w;
  EngineCore& core = *ms::detail::core_of(w.engine);
  std::atomic<bool> leads{true};
  std::atomic<bool> is_first{true};
  std::latch begun{1};
  std::latch cleared{1};
  std::latch has_inner{1};
  std::latch done{1};
  auto inner = w.engine.cache_data("inner", [&](int n) {
    if (leads.exchange(false)) {
      begun.count_down();
      cleared.wait();
    }
    return n;
  });
  auto outer = w.engine.cache_data("outer", [&](ms::Run& run) {
    const int got = *inner(run, 1);
    w.log.add("outer");
    if (is_first.exchange(false)) {
      has_inner.count_down();
      done.wait();
    }
    return got;
  });
  for (int i = 0; i < 3; ++i) w.session(i);
  std::thread leader([&] { w.session(0).run([&](ms::Run& run) { inner(run, 1); }); });
  begun.wait();
  std::thread follower([&] { w.session(1).run([&](ms::Run& run) { outer(run); }); });
  while (!core.flights.is_any_followed()) std::this_thread::yield();
  inner.clear();
  cleared.count_down();
  has_inner.wait();
  w.session(2).run([&](ms::Run& run) { outer(run); });
  EXPECT_EQ(w.log.lines(), Lines("outer", "outer"));
  done.count_down();
  leader.join();
  follower.join();
}

TEST(Flights, AroundACallThatIsNotCachedAreNotJoinedAfterAClear) {
  World w;
  w.session(0);
  w.session(1);
  bool is_first = true;
  std::optional<ms::Cached<const int>> outer;
  const auto source = w.engine.cache_data("source", [] { return 1; });
  const auto inner = w.engine.cache_data("inner", [&](ms::Run& run) {
    if (!std::exchange(is_first, false)) return *source(run);
    w.engine.set_caching(ms::Caching::on);
    const int got = *source(run);
    source.clear();
    std::thread([&] { w.session(1).run([&](ms::Run& run) { (*outer)(run); }); }).join();
    return got;
  });
  outer = w.engine.cache_data("outer", [&](ms::Run& run) {
    w.log.add("outer");
    if (is_first) w.engine.set_caching(ms::Caching::off);
    return *inner(run);
  });
  w.session(0).run([&](ms::Run& run) { (*outer)(run); });
  EXPECT_EQ(w.log.take(), Lines("outer", "outer"));
  w.session(0).run([&](ms::Run& run) { (*outer)(run); });  // that of the other session is kept
  EXPECT_EQ(w.log.take(), Lines());
}

// What the next check of a value on this thread does first; null: nothing.
thread_local const std::function<void()>* g_ask = nullptr;
constexpr ms::WidgetKind kAsking{.name = "asking",
                                 .misfit = [](const ms::Definition&, const ms::Value&) {
                                   if (const auto* ask = std::exchange(g_ask, nullptr)) (*ask)();
                                   return std::string();
                                 }};

bool is_followed(EngineCore& core, std::string_view name) {
  bool found = false;
  core.flights.for_each([&](const ms::detail::Flight& flight) {
    found = found || (flight.function->spec.name == name && flight.followers > 0);
  });
  return found;
}

TEST(Flights, CountAFollowerThatIsStoppedAsNoHit) {
  World w;
  EngineCore& core = *ms::detail::core_of(w.engine);
  std::latch executing{1};
  std::latch has_left{1};
  const auto f = w.engine.cache_data("f", [&] {
    executing.count_down();
    has_left.wait();
    return 1;
  });
  ms::Session& leader = w.session(0);
  ms::Session& follower = w.session(1);
  std::thread leads([&] { leader.run([&](ms::Run& run) { f(run); }); });
  executing.wait();
  ms::Page page;
  std::thread follows([&] {
    page = follower.run([&](ms::Run& run) {
      f(run);
      ms::text(run, "not reached");
    });
  });
  while (!is_followed(core, "f")) std::this_thread::yield();
  follower.stop();
  follows.join();
  EXPECT_EQ(summary(page), "");
  EXPECT_EQ(page.error(), nullptr);
  has_left.count_down();
  leads.join();
  const ms::Counters counters = w.function("f").counters;
  EXPECT_EQ(counters.abandoned, 1U);
  EXPECT_EQ(counters.misses, 1U);
  EXPECT_EQ(counters.hits, 0U);
  EXPECT_EQ(counters.lookups, 2U);
}

// A thread that follows `first` is asked whether a value fits, and follows `second` for that, in
// another run. Whom it waits for is known again afterwards, else the last call would wait for it.
TEST(Flights, AreFollowedByWhoFollowsAlready) {
  World w;
  EngineCore& core = *ms::detail::core_of(w.engine);
  for (int i = 0; i < 4; ++i) w.session(i);
  const std::thread::id leader_id = std::this_thread::get_id();
  std::latch second_begun{1};
  std::latch second_ends{1};
  std::latch is_back{1};
  std::optional<ms::Cached<const int>> top;
  const auto second = w.engine.cache_data("second", [&] {
    second_begun.count_down();
    second_ends.wait();
    return 2;
  });
  std::thread follower;
  const auto first =
      w.engine.cache_data("first",
                          [&](ms::Run& run) {
                            follower = std::thread([&] {
                              const std::function<void()> ask = [&] {
                                w.session(2).run([&](ms::Run& other) { second(other); });
                                is_back.count_down();
                              };
                              g_ask = &ask;
                              w.session(1).run([&](ms::Run& its) { EXPECT_EQ(*(*top)(its), 1); });
                            });
                            while (!is_followed(core, "first")) std::this_thread::yield();
                            ms::Place(run).widget({.kind = &kAsking, .label = "n", .initial = 0});
                            while (!is_followed(core, "second")) std::this_thread::yield();
                            second_ends.count_down();
                            is_back.wait();
                            EXPECT_EQ(*(*top)(run), 0);
                            return 1;
                          },
                          {.allow_widgets = true});
  top = w.engine.cache_data("top",
                            [&](ms::Run& run) {
                              const bool leads = std::this_thread::get_id() == leader_id;
                              w.log.add(leads ? "leader's top" : "follower's top");
                              return leads ? 0 : *first(run);
                            },
                            {.allow_widgets = true});
  w.session(1).preset("n", 0);
  std::thread third([&] { w.session(3).run([&](ms::Run& run) { second(run); }); });
  second_begun.wait();
  w.session(0).run([&](ms::Run& run) { EXPECT_EQ(*first(run), 1); });
  third.join();
  follower.join();
  EXPECT_EQ(w.log.lines(), Lines("follower's top", "leader's top"));
}

// Whoever would not wait for the store finds it taken.
class Taken final : public ms::detail::Schedule {
 public:
  Taken() { set(this); }
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;
  ~Taken() override { set(nullptr); }
  void reached() noexcept override {}
  bool finds_taken() noexcept override { return true; }
};

struct HandedIn : ::testing::Test {
  HandedIn() {
    w.session().run([](ms::Run&) {});
  }  // the session has a page from here on
  EngineCore& core() { return *ms::detail::core_of(w.engine); }
  void run(int n) {
    w.session().run([&](ms::Run& run) { f(run, n); });
  }

  World w;
  std::atomic<int> executions{0};
  ms::Cached<const int, int> f = w.engine.cache_data("f", [this](int n) {
    ++executions;
    if (n < 0) throw std::invalid_argument("less than nothing");
    return n;
  });
};

TEST_F(HandedIn, IsSettledBeforeAnythingElse) {
  {
    const Taken taken;
    run(1);
    run(2);
    EXPECT_EQ(core().handed_in_count, 2U);
    EXPECT_EQ(core().entries, 0U);
    run(-1);
  }
  const ms::Totals totals = w.engine.totals();
  EXPECT_EQ(totals.permutations, 2U);
  EXPECT_EQ(totals.counters.misses, 3U);
  EXPECT_EQ(totals.counters.failed, 1U);
  EXPECT_EQ(core().handed_in_count, 0U);
  run(1);
  run(2);
  EXPECT_EQ(executions, 3);
}

TEST_F(HandedIn, IsFoundByWhoCallsAgain) {
  const Taken taken;
  w.session().run([&](ms::Run& run) { EXPECT_EQ(*f(run, 1) + *f(run, 1), 2); });
  EXPECT_EQ(executions, 1);
  EXPECT_EQ(w.engine.totals().counters.followers, 1U);
}

TEST_F(HandedIn, IsNotKeptWhenItIsClearedMeanwhile) {
  {
    Locked locked(core());
    std::thread other([this] { run(1); });
    other.join();
    core().clear_function(locked, *core().functions.find("f")->second);
  }
  EXPECT_EQ(w.engine.totals().permutations, 0U);
  EXPECT_EQ(w.engine.totals().counters.discarded, 1U);
  run(1);
  EXPECT_EQ(executions, 2);
}

TEST_F(HandedIn, IsNotKeptWhenItsFunctionWasRemovedMeanwhile) {
  const Taken taken;
  run(1);
  w.engine.remove("f");
  EXPECT_EQ(w.engine.totals().permutations, 0U);
}

TEST_F(HandedIn, IsAtMostSoMuch) {
  const Taken taken;
  for (std::size_t n = 1; n <= EngineCore::kMostHandedIn; ++n) {
    run(static_cast<int>(n));
    EXPECT_EQ(core().handed_in_count, n);
  }
  run(0);  // waits for the store, and settles the others
  EXPECT_EQ(core().handed_in_count, 0U);
  EXPECT_EQ(w.engine.totals().permutations, EngineCore::kMostHandedIn + 1);
}

// Calls back once when it is asked for the time.
class AskedClock final : public ms::Clock {
 public:
  time_point now() const noexcept override {
    if (const auto asked = std::exchange(when_asked, nullptr)) asked();
    return {};
  }
  mutable std::function<void()> when_asked;
};

// Notes how many are handed in when it is destroyed.
struct Watcher {
  Watcher(EngineCore& engine, std::size_t& most_seen) : core(&engine), most(&most_seen) {}
  Watcher(Watcher&& other) noexcept : core(std::exchange(other.core, nullptr)), most(other.most) {}
  Watcher(const Watcher&) = delete;
  ~Watcher() {
    if (core != nullptr) *most = std::max<std::size_t>(*most, core->handed_in_count);
  }
  std::size_t heap_bytes() const { return 0; }

  EngineCore* core;
  std::size_t* most;
};

// The store asks for the time now and then while a result is stored: then another one is handed in.
TEST(HandedInMeanwhile, DoesNotWaitForWhatIsDestroyed) {
  AskedClock clock;
  ms::Engine engine({.limits = {.max_entries = 1}, .clock = &clock});
  EngineCore& core = *ms::detail::core_of(engine);
  std::size_t waiting = 0;
  std::latch has_begun{1};
  std::latch may_end{1};
  auto make = engine.cache_data("make", [&](int) { return Watcher(core, waiting); });
  auto last = engine.cache_data("last", [&](int n) {
    has_begun.count_down();
    may_end.wait();
    return n;
  });
  ms::Session session(engine);
  ms::Session other(engine);
  session.run([](ms::Run&) {});
  other.run([](ms::Run&) {});
  std::thread thread([&] { other.run([&](ms::Run& run) { last(run, 1); }); });
  has_begun.wait();
  bool was_asked = false;
  for (int n = 0; !was_asked; ++n) {
    {
      const Taken taken;
      session.run([&](ms::Run& run) { make(run, n); });
    }
    clock.when_asked = [&] {
      was_asked = n > 0;  // there is something to be destroyed
      if (!was_asked) return;
      may_end.count_down();
      thread.join();
    };
    core.look_for_handed_in();
    clock.when_asked = nullptr;
    ASSERT_EQ(core.handed_in_count, 0U);
  }
  EXPECT_EQ(waiting, 0U);
  EXPECT_EQ(engine.check(), "");
}

// All of them find the store taken, and room to hand in, before the first does.
class TakenAtOnce final : public ms::detail::Schedule {
 public:
  TakenAtOnce(EngineCore& core, int threads) : core_(core), all_(threads) { set(this); }
  TakenAtOnce(const TakenAtOnce&) = delete;
  TakenAtOnce& operator=(const TakenAtOnce&) = delete;
  ~TakenAtOnce() override { set(nullptr); }
  void reached() noexcept override {}
  bool finds_taken() noexcept override {
    static thread_local bool is_first = true;
    if (std::exchange(is_first, false)) {
      all_.arrive_and_wait();
    } else {  // it has handed in
      const std::scoped_lock lock(mutex_);
      most_ = std::max<std::size_t>(most_, core_.handed_in_count);
    }
    return true;
  }
  std::size_t most() const { return most_; }

 private:
  EngineCore& core_;
  std::barrier<> all_;
  std::mutex mutex_;
  std::size_t most_ = 0;
};

TEST_F(HandedIn, IsAtMostSoMuchOfManyThreadsAtOnce) {
  constexpr int kThreads = static_cast<int>(EngineCore::kMostHandedIn) + 4;
  for (int i = 0; i < kThreads; ++i) w.session(i).run([](ms::Run&) {});
  TakenAtOnce schedule(core(), kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i] { w.session(i).run([&](ms::Run& run) { f(run, i); }); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(schedule.most(), 0U);
  EXPECT_LE(schedule.most(), EngineCore::kMostHandedIn);
  EXPECT_EQ(w.engine.totals().permutations, std::uint64_t{kThreads});
}

// It is in memory, and in no limit: with its arguments, what it shows, and what it read.
TEST_F(HandedIn, IsNothingLarge) {
  constexpr int kLarge = 1 + static_cast<int>(EngineCore::kMostHandedInBytes);
  const auto xs = [](int n) { return std::string(static_cast<std::size_t>(n), 'x'); };
  auto text = w.engine.cache_data("text", xs);
  auto size = w.engine.cache_data("size", [](const std::string& of) { return of.size(); });
  auto shown = w.engine.cache_data("shown", [&](ms::Run& run, int n) {
    ms::text(run, xs(n));
    return n;
  });
  auto read = w.engine.cache_data(
      "read", [](ms::Run& run, int n) { return run.state("text", "") == std::to_string(n); });
  const std::map<std::string, std::function<void(ms::Run&, int)>> calls{
      {"value", [&](ms::Run& run, int n) { text(run, n); }},
      {"arguments", [&](ms::Run& run, int n) { size(run, xs(n)); }},
      {"shown", [&](ms::Run& run, int n) { shown(run, n); }},
      {"read", [&](ms::Run& run, int n) {
         run.set_state("text", xs(n));
         read(run, n);
       }}};
  for (const auto& one : calls) {
    SCOPED_TRACE(one.first);
    const Taken taken;
    w.session().run([&](ms::Run& run) {
      one.second(run, 1000);
      EXPECT_EQ(core().handed_in_count, 1U);
      one.second(run, kLarge);
      EXPECT_EQ(core().handed_in_count, 0U);  // it waited for the store, and settled the other one
    });
  }
}

TEST_F(HandedIn, IsNothingThatAnotherExecutionIsBuiltOn) {
  auto outer = w.engine.cache_data("outer", [&](ms::Run& run) { return *f(run, 1) + 1; });
  {
    const Taken taken;
    w.session().run([&](ms::Run& run) { outer(run); });
    EXPECT_EQ(core().handed_in_count, 1U);
  }
  EXPECT_EQ(w.engine.totals().permutations, 2U);
  f.clear();
  EXPECT_EQ(w.engine.totals().permutations, 0U);
}

}  // namespace
}  // namespace memoscape::testing

// Many sessions on many threads over a tiny key space, with everything that can go on beside them.
// Each value is compared with what the function gives uncached. Run it under ThreadSanitizer, too.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <memory>
#include <memoscape/memoscape.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "prove/interleaving.hpp"

namespace ms = memoscape;

namespace {

// A generator of its own per thread, so that a seed gives the same choices everywhere.
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : state_(seed * 2862933555777941757ull + 3037000493ull) {}
  int below(int n) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<int>(state_ % static_cast<std::uint64_t>(n));
  }

 private:
  std::uint64_t state_;
};

int expected_inner(int argument) { return argument * 7 + 1; }
int expected_outer(int argument, bool wide, int width) {
  return expected_inner(argument) * 100 + (wide ? width : -1);
}

struct App {
  ms::ManualClock clock;
  ms::Engine engine{
      {.limits = {.max_entries = 12, .ttl = std::chrono::seconds(60)}, .clock = &clock}};
  std::atomic<int> released{0};
  std::atomic<int> made{0};

  ms::Cached<int, int> inner = engine.cache_resource("inner",
                                                     [this](ms::Run& run, int argument) {
                                                       ++made;
                                                       ms::text(run, "inner");
                                                       return expected_inner(argument);
                                                     },
                                                     {.on_release = [this](int&) { ++released; }});
  ms::Cached<const int, int> outer =
      engine.cache_data("outer",
                        [this](ms::Run& run, int argument) {
                          const bool wide = ms::checkbox(run, "wide");
                          const int base = *inner(run, argument);
                          const int width = wide ? ms::slider(run, "width", 0, 3, 1) : 0;
                          ms::text(run, "outer");
                          return base * 100 + (wide ? width : -1);
                        },
                        {.allow_widgets = true});
};

void visit(App& app, std::uint64_t seed, int steps, std::atomic<int>& wrong) {
  Choices choices(seed);
  auto session = std::make_unique<ms::Session>(app.engine);
  for (int step = 0; step < steps; ++step) {
    const int argument = step / 16 % 2;
    std::string before;
    int got = 0;
    const ms::Page page = session->run([&](ms::Run& run) { got = *app.outer(run, argument); });
    const ms::PageNode* wide = page.find("checkbox", "wide");
    const ms::PageNode* width = page.find("slider", "width");
    const bool is_wide = wide != nullptr && wide->value() == ms::Value(true);
    const int at = width == nullptr ? 0 : static_cast<int>(*width->value().get_if<std::int64_t>());
    if (page.error() != nullptr || got != expected_outer(argument, is_wide, at) ||
        page.all("text").size() != 2) {
      ++wrong;
    }
    // Most runs find the state of the last one: these go by shortcuts.
    if (choices.below(4) == 0) session->set("wide", choices.below(2) == 1);
    if (width != nullptr && choices.below(4) == 0) session->set("width", choices.below(4));
    switch (choices.below(40)) {
      case 0:
        app.engine.clear();
        break;
      case 1:
        app.inner.clear(argument);
        break;
      case 2:
        app.outer.set_limits({.max_entries = 1u + static_cast<unsigned>(choices.below(6))});
        break;
      case 3:
        app.engine.set_limits({.max_bytes = 4000, .max_entries = 12});
        break;
      case 4:
        app.engine.set_limits({.max_entries = 12, .ttl = std::chrono::seconds(60)});
        break;
      case 5:
        app.clock.advance(std::chrono::seconds(25));
        break;
      case 6:
        session = std::make_unique<ms::Session>(app.engine);
        break;
      case 7:
        app.engine.clear_if([](const ms::PermutationRow& row) { return row.hits > 2; });
        break;
      case 8:
        (void)app.engine.report();
        break;
      default:
        break;
    }
  }
}

}  // namespace

// Two threads that are about to follow each other: neither sleeps yet, and each must see that the
// other one has joined.
TEST(Threads, ThatCallInACircleMeetTheErrorInEveryInterleaving) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    ms::Engine engine;
    std::optional<ms::Cached<const int>> f;
    const auto g = engine.cache_data("g", [&f](ms::Run& run) { return *(*f)(run); });
    f.emplace(engine.cache_data("f", [&g](ms::Run& run) { return *g(run); }));
    std::array<ms::Session, 2> sessions{ms::Session(engine), ms::Session(engine)};
    std::array<ms::Page, 2> pages;
    {
      prove::Interleaving turns(seed, 2);
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < 2; ++i) {
        threads.emplace_back([&, i] {
          const prove::Interleaving::Part part(turns, i);
          pages[i] = sessions[i].run([&](ms::Run& run) { i == 0 ? (*f)(run) : g(run); });
        });
      }
    }
    for (const ms::Page& page : pages) {
      ASSERT_NE(page.error(), nullptr) << "seed " << seed;
      EXPECT_THROW(std::rethrow_exception(page.error()), ms::RecursiveCallError) << "seed " << seed;
    }
    EXPECT_EQ(engine.check(), "");
  }
}

TEST(Threads, EveryValueIsTheUncachedOneWhateverGoesOnBeside) {
  constexpr int kThreads = 8;
  App app;
  std::atomic<int> wrong{0};
  for (int round = 0; round < 5; ++round) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back(
          [&, i] { visit(app, static_cast<std::uint64_t>(round * kThreads + i + 1), 200, wrong); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(app.engine.check(), "");
  }
  EXPECT_EQ(wrong, 0);
  app.engine.clear();
  EXPECT_EQ(app.made, app.released);
}

TEST(Threads, OnePermutationExecutesOnceForAllThatWantIt) {
  constexpr int kThreads = 16;
  ms::Engine engine;
  std::atomic<int> executions{0};
  std::atomic<int> arrived{0};
  const auto slow = engine.cache_data("slow",
                                      [&](ms::Run& run) {
                                        ++executions;
                                        const int value = ms::slider(run, "x", 0, 9, 4);
                                        while (arrived < kThreads)
                                          std::this_thread::yield();  // all have begun their run
                                        return value;
                                      },
                                      {.allow_widgets = true});
  std::atomic<int> sum{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      engine.run([&](ms::Run& run) {
        ++arrived;
        sum += *slow(run);
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(executions, 1);
  EXPECT_EQ(sum, 4 * kThreads);
  EXPECT_EQ(engine.report().totals.counters.hits, kThreads - 1u);
  EXPECT_EQ(engine.check(), "");
}

// More calls than are asked at a time; two ask at once, and each is told of all.
TEST(Threads, ThatAskForTotalsAreToldOfAllHitsThatWereMadeBefore) {
  constexpr int kSessions = 100;
  constexpr int kCalls = 10;
  ms::Engine engine;
  const auto f = engine.cache_data("f", [](int argument) { return argument; });
  std::vector<std::unique_ptr<ms::Session>> sessions;
  for (int i = 0; i < kSessions; ++i) sessions.push_back(std::make_unique<ms::Session>(engine));
  std::uint64_t lookups = 0;
  for (int round = 0; round < 6; ++round) {
    for (const auto& session : sessions) {
      session->run([&](ms::Run& run) {
        for (int i = 0; i < kCalls; ++i) f(run, i);
      });
      lookups += kCalls;
    }
    std::barrier both(2);
    const auto ask = [&] {
      both.arrive_and_wait();
      const ms::Counters counters = engine.totals().counters;
      EXPECT_EQ(counters.hits, lookups - kCalls);
      EXPECT_EQ(counters.misses, static_cast<std::uint64_t>(kCalls));
    };
    std::jthread other(ask);
    ask();
    other.join();
    EXPECT_EQ(engine.check(), "");
    if (round == 3) sessions.resize(kSessions / 3);
  }
}

TEST(Threads, StoppingASessionWakesItWhileItFollowsAnother) {
  ms::Engine engine;
  std::barrier inside(2);
  std::atomic<bool> finish{false};
  const auto slow = engine.cache_data("slow", [&](ms::Run&) {
    inside.arrive_and_wait();
    while (!finish) std::this_thread::yield();
    return 1;
  });
  std::thread leader([&] { engine.run([&](ms::Run& run) { slow(run); }); });
  inside.arrive_and_wait();
  ms::Session follower(engine);
  std::atomic<bool> returned{false};
  std::thread waiter([&] {
    const ms::Page page = follower.run([&](ms::Run& run) { slow(run); });
    EXPECT_EQ(page.error(), nullptr);  // a stop is no error
    returned = true;
  });
  // Until the stop has reached the run it may not have begun: stopping is repeated, not timed.
  while (!returned) follower.stop();
  waiter.join();
  finish = true;
  leader.join();
  EXPECT_EQ(engine.check(), "");
}

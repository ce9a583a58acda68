// The rules of keys (K) and of concurrent and recursive calls (C) that the scenarios leave.
#include <atomic>
#include <deque>
#include <functional>
#include <latch>
#include <limits>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

struct Airport {
  std::string name;
  int rows(ms::Run& run, int factor) const {
    return factor * ms::slider(run, "rows of " + name, 0, 9, 3);
  }
  std::size_t length() const { return name.size(); }
};

TEST(Keys, OfMemberFunctionsHoldTheObject) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto rows = cache(w, "rows", &Airport::rows, {.allow_widgets = true});
      auto length = cache(w, "length", &Airport::length);
      return [=, &w](ms::Run& run) {
        w.show(run, *rows(run, Airport{"SEA"}, 2));
        w.show(run, *rows(run, Airport{"LAX"}, 2));
        w.show(run, *length(run, Airport{"SEA"}));
      };
    });
    const std::string page = "slider rows of SEA=3, text 6, slider rows of LAX=3, text 6, text 3";
    EXPECT_EQ(twin.run(), page);
    EXPECT_EQ(twin.run(), page);
    EXPECT_EQ(twin.cached().function("rows").counters.misses, 2U);
    EXPECT_EQ(twin.cached().function("rows").counters.hits, 2U);
    EXPECT_EQ(twin.cached().function("length").counters.misses, 1U);
  });
}

int free_function(ms::Run&, int n) { return n + 1; }

TEST(Keys, HoldArgumentsExactlyAndIgnoreTheIgnored) {
  Twin twin([](World& w) {
    auto number = w.engine.cache_data("number", [&w](double x, const std::string& s) {
      w.log.add("number", x, s);
      return x;
    });
    auto ignoring = w.engine.cache_data("ignoring", [&w](int n, const ms::Ignored<int>& other) {
      w.log.add("ignoring", n, *other);
      return n;
    });
    auto free = w.engine.cache_data("free", &free_function);
    return [=, &w](ms::Run& run) {
      const double nan = std::numeric_limits<double>::quiet_NaN();
      number(run, 0.0, "");
      number(run, -0.0, "");
      number(run, nan, "");
      number(run, -nan, "");
      number(run, 0.0, std::string("\0", 1));
      ignoring(run, 1, 2);
      ignoring(run, 1, 3);
      w.show(run, *free(run, 1));
      w.show(run, *free(run, 1));
    };
  });
  EXPECT_EQ(twin.run(), "text 2, text 2");
  EXPECT_EQ(twin.log().all.size(), 5U);
  EXPECT_EQ(twin.cached().function("number").permutations, 4U);
  EXPECT_EQ(twin.cached().function("ignoring").permutations, 1U);
  EXPECT_EQ(twin.cached().function("free").permutations, 1U);
}

TEST(Functions, HaveOneLiveNameEach) {
  World w;
  const auto one = [] { return 1; };
  message_of<ms::UsageError>([&] { w.engine.cache_data("", one); });
  message_of<ms::UsageError>([&] { w.engine.cache_data("\xFF", one); });
  message_of<ms::UsageError>([&] { w.engine.remove("f"); });
  auto f = w.engine.cache_data("f", one);
  EXPECT_EQ(f.name(), "f");
  const std::string why = message_of<ms::UsageError>([&] { w.engine.cache_data("f", one); });
  EXPECT_TRUE(names(why, "f")) << why;
  message_of<ms::UsageError>([&] { w.engine.cache_resource("f", one); });
  w.run([&](ms::Run& run) { f(run); });  // what was refused changed nothing
  EXPECT_EQ(w.entries(), 1U);
  w.engine.remove("f");
  EXPECT_EQ(w.entries(), 0U);
  message_of<ms::UsageError>([&] { w.engine.remove("f"); });
  w.run([&](ms::Run& run) { message_of<ms::StaleFunctionError>([&] { f(run); }); });
  auto again = w.engine.cache_resource("f", one);
  w.run([&](ms::Run& run) { again(run); });
  EXPECT_EQ(w.function("f").counters.misses, 1U);
}

TEST(Functions, RefuseANegativeTtl) {
  using std::chrono::seconds;
  message_of<ms::UsageError>([] { ms::Engine({.limits = {.ttl = seconds(-1)}}); });
  World w;
  const auto one = [] { return 1; };
  message_of<ms::UsageError>(
      [&] { w.engine.cache_data("f", one, {.limits = {.ttl = seconds(-1)}}); });
  auto f = w.engine.cache_data("f", one, {.limits = {.ttl = seconds(5)}});  // the name is free
  message_of<ms::UsageError>([&] { f.set_limits({.ttl = seconds(-1)}); });
  message_of<ms::UsageError>([&] { w.engine.set_limits({.ttl = seconds(-1)}); });
  EXPECT_EQ(f.limits().ttl, seconds(5));
  EXPECT_EQ(w.engine.limits().ttl, seconds(0));
}

TEST(Functions, OutliveTheirEngineAsStaleHandlesOnly) {
  auto engine = std::make_unique<ms::Engine>();
  auto f = engine->cache_data("f", [] { return std::string("kept"); });
  std::shared_ptr<const std::string> kept;
  ms::Session session(*engine);
  session.run([&](ms::Run& run) { kept = f(run).share(); });
  engine.reset();
  EXPECT_EQ(*kept, "kept");
  const ms::Page page = session.run([&](ms::Run& run) { f(run); });
  EXPECT_TRUE(ended_by<ms::StaleFunctionError>(page)) << summary(page);
}

TEST(Functions, ExecutingWhileTheyAreReplacedReturnUnstored) {
  both_kinds([](auto cache) {
    World w;
    std::function<void()> replace = [] {};
    auto f = cache(w, "f",
                   [&](ms::Run&) {
                     replace();
                     return 1;
                   },
                   {.version = "1"});
    auto outer = w.engine.cache_data("outer", [&](ms::Run& run) { return *f(run); });
    replace = [&] { cache(w, "f", [] { return 2; }, {.version = "2"}); };
    EXPECT_EQ(w.run([&](ms::Run& run) { w.show(run, *outer(run)); }), "text 1");
    EXPECT_EQ(w.entries(), 0U);
    w.run([&](ms::Run& run) { message_of<ms::StaleFunctionError>([&] { f(run); }); });
  });
}

TEST(Calls, ThroughAHandleThatIsStaleAreRefusedWithCachingOff) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f", [&w] {
        w.log.add("f");
        return 1;
      });
      w.engine.remove("f");
      return [=](ms::Run& run) { f(run); };
    });
    EXPECT_TRUE(contains(twin.run(), "removed"));
    EXPECT_TRUE(ended_by<ms::StaleFunctionError>(twin.plain().page));
    EXPECT_EQ(twin.plain().log.lines(), Lines());
    EXPECT_EQ(twin.plain().engine.totals().counters.abandoned, 1U);
    EXPECT_EQ(twin.plain().engine.totals().counters, twin.cached().engine.totals().counters);
  });
}

// Under no lock: what a function captured may use the engine in its destructor.
TEST(Functions, MayUseTheEngineWhenTheyAreDestroyed) {
  World w;
  std::uint64_t entries = 99;
  const auto captured = [&] {
    return std::shared_ptr<void>(nullptr, [&](void*) { entries = w.engine.totals().permutations; });
  };
  w.engine.cache_data("f", [one = captured()] { return 1; });
  w.engine.remove("f");
  EXPECT_EQ(entries, 0U);
  {
    auto f = w.engine.cache_data("f", [one = captured()] { return 1; });
    auto g = w.engine.cache_data("g", [] { return 1; });
    w.run([&](ms::Run& run) { f(run), g(run); });
    w.engine.remove("f");
  }
  EXPECT_EQ(entries, 1U);
}

TEST(Functions, ThatWereRemovedAreFreedWithTheLastRunThatUsesTheirEntries) {
  both_kinds([](auto cache) {
    World w;
    auto captured = std::make_shared<int>(1);
    const std::weak_ptr<int> watched = captured;
    {
      auto f = cache(w, "f", [captured] { return *captured; });
      captured.reset();
      w.run([&](ms::Run& run) { f(run); });
      w.run([&](ms::Run& run) {
        w.show(run, *f(run));  // a hit, which the run remembers
        w.engine.remove("f");
      });
    }
    EXPECT_TRUE(watched.expired());
  });
}

TEST(Calls, ThatReachThemselvesAreRecursive) {
  both_kinds([](auto cache) {
    // Owned here: a function that owned a handle to itself would never be freed.
    std::deque<std::function<int(ms::Run&, int)>> selves;
    Twin twin([&](World& w) {
      auto* self = &selves.emplace_back();
      auto f = cache(w, "f", [&w, self](ms::Run& run, int n) {
        w.log.add("f", n);
        return (*self)(run, n);
      });
      // f(3) calls f(2), f(1), f(0); f(-1) calls itself; f(-2) calls f(-3), which calls f(-2).
      *self = [f](ms::Run& run, int n) {
        if (n == 0) return 0;
        return n > 0 ? *f(run, n - 1) + n : *f(run, n == -3 ? -2 : n == -2 ? -3 : n);
      };
      return [=, &w](ms::Run& run) {
        w.show(run, *f(run, 3));
        const std::string why = message_of<ms::RecursiveCallError>([&] { f(run, -1); });
        EXPECT_TRUE(names(why, "f")) << why;
        message_of<ms::RecursiveCallError>([&] { f(run, -2); });
      };
    });
    EXPECT_EQ(twin.run(), "text 6");
    EXPECT_EQ(twin.log(), Lines("f 3", "f 2", "f 1", "f 0", "f -1", "f -2", "f -3"));
    EXPECT_EQ(twin.run(), "text 6");
    EXPECT_EQ(twin.log(), Lines("f -1", "f -2", "f -3"));
    EXPECT_EQ(twin.entries(), 4U);
    EXPECT_EQ(twin.cached().function("f").counters.abandoned, 4U);
    EXPECT_EQ(twin.cached().function("f").counters.failed, 6U);
  });
}

// From its creation on, a widget with a key is the entry of that name: what reads the entry, makes
// the widget and calls itself reaches another permutation, cached and uncached.
TEST(Calls, ThatReachAnotherOfTheirPermutationsAreNotRecursive) {
  both_kinds([](auto cache) {
    std::deque<std::function<int(ms::Run&)>> selves;
    Twin twin([&](World& w) {
      auto* self = &selves.emplace_back();
      auto f = cache(w, "f",
                     [&w, self](ms::Run& run) {
                       w.log.add("f");
                       const int entry = run.state<int>("k");
                       if (entry != 0) return entry;
                       return 10 + ms::slider(run, "s", 0, 3, 1, {.key = "k"}) + (*self)(run);
                     },
                     {.allow_widgets = true});
      *self = [f](ms::Run& run) { return *f(run); };
      return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
    });
    EXPECT_EQ(twin.run(), "slider s=1, text 12");
    EXPECT_EQ(twin.log(), Lines("f", "f"));
    EXPECT_EQ(twin.run(), "text 1");  // the widget is the entry, still, and goes with this run
    EXPECT_EQ(twin.log(), Lines());
    EXPECT_EQ(twin.run(), "slider s=1, text 12");
    EXPECT_EQ(twin.log(), Lines());
    EXPECT_EQ(twin.entries(), 2U);
  });
}

// Whether what it calls is executed, or a hit that makes a widget and reads an entry at once.
TEST(Calls, ThatReachThemselvesAreRecursiveAfterAHitThatReadsAnEntry) {
  both_kinds([](auto cache) {
    std::deque<std::function<int(ms::Run&)>> selves;
    Twin twin([&](World& w) {
      auto* self = &selves.emplace_back();
      auto g = cache(w, "g",
                     [&w](ms::Run& run) {
                       w.log.add("g");
                       return ms::slider(run, "s", 0, 3, 1, {.key = "k"}) + run.state<int>("n");
                     },
                     {.allow_widgets = true});
      auto f = cache(w, "f",
                     [&w, g, self](ms::Run& run) {
                       w.log.add("f");
                       return *g(run) + (*self)(run);
                     },
                     {.allow_widgets = true});
      *self = [f](ms::Run& run) { return *f(run); };
      return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
    });
    EXPECT_TRUE(contains(twin.run(0), "reached itself"));
    EXPECT_EQ(twin.log(), Lines("f", "g"));
    EXPECT_TRUE(contains(twin.run(1), "reached itself"));
    EXPECT_EQ(twin.log(), Lines("f"));
  });
}

// A leader and followers: `body` executes while `count` more calls have begun.
struct Crowd {
  explicit Crowd(World& world) : w(world) {}
  void run(int users, const std::function<void(ms::Run&)>& script) {
    for (int i = 0; i < users; ++i) w.session(i);
    pages.resize(static_cast<std::size_t>(users));
    std::vector<std::jthread> threads;
    for (int i = 0; i < users; ++i) {
      threads.emplace_back([this, &script, i] {
        pages[static_cast<std::size_t>(i)] = w.sessions.at(i)->run(script);
      });
    }
  }
  World& w;
  std::vector<ms::Page> pages;
};

TEST(Flights, HandTheirExceptionToFollowersAndForgetIt) {
  both_kinds([](auto cache) {
    World w;
    std::latch called(8);
    auto f = cache(w, "f", [&]() -> int {
      w.log.add("f");
      called.wait();
      throw std::runtime_error("no luck");
    });
    Crowd crowd(w);
    crowd.run(8, [&](ms::Run& run) {
      called.count_down();
      f(run);
    });
    for (const ms::Page& page : crowd.pages) EXPECT_EQ(page.error_text(), "no luck");
    const ms::Counters counters = w.function("f").counters;
    EXPECT_EQ(counters.failed, w.log.size());
    EXPECT_EQ(counters.failed + counters.abandoned, 8U);
    EXPECT_EQ(w.entries(), 0U);
  });
}

TEST(Flights, PassOnWhenTheLeaderIsStopped) {
  both_kinds([](auto cache) {
    World w;
    std::latch called(8);
    auto f = cache(w, "f", [&](ms::Run& run) {
      called.wait();
      if (w.log.size() == 0) {
        w.log.add("stopped");
        run.stop();
      }
      w.log.add("f");
      return 7;
    });
    Crowd crowd(w);
    crowd.run(8, [&](ms::Run& run) {
      called.count_down();
      ms::write(run, *f(run));
    });
    int empty = 0;
    for (const ms::Page& page : crowd.pages) {
      EXPECT_EQ(page.error(), nullptr);
      const std::string shown = summary(page);
      empty += shown.empty() ? 1 : 0;
      EXPECT_TRUE(shown.empty() || shown == "text 7") << shown;
    }
    EXPECT_EQ(empty, 1);
    EXPECT_EQ(w.log.take(), Lines("stopped", "f"));
  });
}

TEST(Flights, LetAStoppedFollowerGo) {
  World w;
  std::latch following(1);
  std::latch follower_left(1);
  auto f = w.engine.cache_data("f", [&] {
    following.count_down();
    follower_left.wait();
    return 1;
  });
  w.session(0);
  ms::Session& follower = w.session(1);
  const std::jthread leader([&] { w.sessions.at(0)->run([&](ms::Run& run) { f(run); }); });
  following.wait();
  std::stop_source source;
  source.request_stop();
  const ms::Page page = follower.run([&](ms::Run& run) { f(run); }, source.get_token());
  EXPECT_EQ(summary(page), "");
  follower_left.count_down();
}

TEST(Flights, ThatBeganBeforeAClearAreNotJoinedAfterIt) {
  World w;
  std::latch executing(1);
  std::latch cleared_call_done(1);
  std::atomic<int> source{1};
  auto f = w.engine.cache_data("f", [&] {
    const int value = source;
    w.log.add("f", value);
    if (value == 1) {
      executing.count_down();
      cleared_call_done.wait();
    }
    return value;
  });
  w.session(0);
  w.session(1);
  ms::Page old;
  {
    const std::jthread leader(
        [&] { old = w.sessions.at(0)->run([&](ms::Run& run) { ms::write(run, *f(run)); }); });
    executing.wait();
    source = 2;
    f.clear();
    EXPECT_EQ(w.run(1, [&](ms::Run& run) { ms::write(run, *f(run)); }), "text 2");
    cleared_call_done.count_down();
  }
  EXPECT_EQ(summary(old), "text 1");
  EXPECT_EQ(w.run(1, [&](ms::Run& run) { ms::write(run, *f(run)); }), "text 2");
  EXPECT_EQ(w.log.take(), Lines("f 1", "f 2"));
}

// Two functions that call each other, begun at opposite ends by two threads.
TEST(Flights, NeverWaitInACycle) {
  World w;
  std::latch both(2);
  std::function<int(ms::Run&, bool)> call;
  std::atomic<int> executions{0};
  const auto body = [&](ms::Run& run, bool other) {
    if (++executions <= 2) both.arrive_and_wait();
    // Down to the other one, once.
    if (executions <= 2) return call(run, other);
    return 1;
  };
  auto a = w.engine.cache_data("a", [&](ms::Run& run) { return body(run, true); });
  auto b = w.engine.cache_data("b", [&](ms::Run& run) { return body(run, false); });
  call = [&](ms::Run& run, bool other) { return other ? *b(run) : *a(run); };
  Crowd crowd(w);
  std::atomic<int> user{0};
  crowd.run(2, [&](ms::Run& run) { ms::write(run, user++ == 0 ? *a(run) : *b(run)); });
  for (const ms::Page& page : crowd.pages) EXPECT_EQ(summary(page), "text 1");
}

// The fallback is a part of the definition of a read, as a widget's default is.
TEST(Calls, TellReadsOfDifferentFallbacksApart) {
  Twin twin([](World& w) {
    auto f = w.engine.cache_data("f",
                                 [&w](ms::Run& run) {
                                   const int n = ms::slider(run, "n", 0, 9, 1);
                                   w.log.add("f", n);
                                   return n * 10 + run.state("x", n);
                                 },
                                 {.allow_widgets = true});
    return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
  });
  twin.run();
  twin.set("n", 2);
  EXPECT_EQ(twin.run(), "slider n=2, text 22");
  EXPECT_EQ(twin.log(), Lines("f 1", "f 2"));
  for (const int n : {1, 2}) {
    twin.set("n", n);
    twin.run();
  }
  EXPECT_EQ(twin.log(), Lines());
}

// The entries of one engine hold it, those of the other one a copy, until it is free again.
TEST(Calls, OfTwoEnginesMayReadByTheSameObject) {
  const ms::StateReadPtr city = ms::StateRead::of_query("city");
  World a;
  World b;
  const auto make = [&](World& w) {
    return w.engine.cache_data("f", [&w, city](ms::Run& run) {
      w.log.add("f", run.read(city).value.is_null());
      return 1;
    });
  };
  const auto in_a = make(a);
  const auto in_b = make(b);
  // Two users call it.
  const auto use = [](World& w, const auto& f) {
    for (const int user : {0, 1}) w.run(user, [&](ms::Run& run) { f(run); });
    w.verify();
    return w.log.take();
  };
  EXPECT_EQ(use(a, in_a), Lines("f 1"));
  EXPECT_EQ(use(b, in_b), Lines("f 1"));
  in_a.clear();
  EXPECT_EQ(use(b, in_b), Lines());
  in_b.clear();
  EXPECT_EQ(use(b, in_b), Lines("f 1"));
  EXPECT_EQ(use(a, in_a), Lines("f 1"));
  EXPECT_EQ(use(b, in_b), Lines());
}

// However often each of them is read, and by whatever name.
TEST(Calls, HaveEachOfManyReadsOnceInTheirPath) {
  constexpr int kMany = 50;
  World w;
  const auto inner = w.engine.cache_data(
      "inner", [](ms::Run& run, int i) { return run.state<int>("entry " + std::to_string(i), i); });
  const auto f =
      w.engine.cache_data("f",
                          [&](ms::Run& run) {
                            w.log.add("f");
                            int sum = 0;
                            for (int round = 0; round < 2; ++round) {
                              for (int i = 0; i < kMany; ++i) {
                                const std::string number = std::to_string(i);
                                if (round == 0)
                                  sum += ms::slider(run, "slider", 0, 9, {.key = "key " + number});
                                sum += run.state<int>("key " + number);  // the value of that slider
                                sum += run.state<int>("entry " + number, i);
                                sum += *inner(run, i);
                                sum += run.query("query " + number) == "x" ? 1 : 0;
                              }
                            }
                            return sum;
                          },
                          {.allow_widgets = true});
  w.script = [&](ms::Run& run) { w.show(run, *f(run)); };
  w.run();
  EXPECT_EQ(w.log.take(), Lines("f"));
  for (const ms::PermutationRow& row : w.engine.report({.function = "f"}).permutations) {
    EXPECT_EQ(row.reads.size(), 3U * kMany);
  }
  // Each of them counts, the last as well as the first.
  for (const int i : {0, 31, 32, kMany - 1}) {
    const std::string number = std::to_string(i);
    w.session().set("key " + number, 1);
    w.run();
    w.session().set_state("entry " + number, 100);
    w.run();
    w.session().set_query("query " + number, "x");
    w.run();
    EXPECT_EQ(w.log.take(), Lines("f", "f", "f")) << i;
    w.run();
    EXPECT_EQ(w.log.take(), Lines()) << i;
  }
}

}  // namespace
}  // namespace memoscape::testing

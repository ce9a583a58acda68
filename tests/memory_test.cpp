// Rules M4 and L1 under many threads; what is freed is given back; value types that misbehave while
// others use the engine.
#include <atomic>
#include <functional>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

constexpr int kThreads = 8;

// Runs `body(thread)` on eight threads at once, and `meanwhile` on this one until all have ended.
void in_parallel(const std::function<void(int)>& body, const std::function<void()>& meanwhile) {
  std::latch start(kThreads);
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      body(i);
      --running;
    });
  }
  while (running > 0) meanwhile();
  for (std::thread& thread : threads) thread.join();
}

// Values of 0 to 8 kB, some of them equal, with a picture.
std::string value_of(int n) { return std::string(static_cast<std::size_t>(n % 9) * 1'000, 'x'); }

TEST(Limit, IsNeverExceededByEightThreads) {
  both_kinds([](auto cache) {
    constexpr std::uint64_t kLimit = 100'000;
    constexpr std::uint64_t kOwn = 40'000;
    World w({.limits = {.max_bytes = kLimit}});
    const auto function = [](ms::Run& run, int n) {
      const int more = ms::slider(run, "more", 0, 3, 0, {.key = "more" + std::to_string(n)});
      ms::image(run, ms::Media{"a.png", "image/png", std::string(2'000, 'a' + n % 3)});
      return value_of(n + more);
    };
    auto f = cache(w, "f", function, {.allow_widgets = true});
    auto g = cache(w, "g", function, {.allow_widgets = true, .limits = {.max_bytes = kOwn}});
    const auto outer = w.engine.cache_data("outer", [=](ms::Run& run, int n) { return *f(run, n); },
                                           {.allow_widgets = true});
    std::atomic<std::uint64_t> limit{kLimit};
    int looks = 0;
    in_parallel(
        [&](int thread) {
          ms::Session session(w.engine);
          for (int i = 0; i < 150; ++i) {
            const int n = (i * 7 + thread) % 40;
            session.preset("more" + std::to_string(n), i % 4);
            session.run([&](ms::Run& run) {
              EXPECT_LE(outer(run, n)->size(), 8'000U);
              EXPECT_LE(g(run, n + 100)->size(), 8'000U);
            });
            // The limit may have been lowered after it was read, but not raised.
            EXPECT_LE(w.charged(), kLimit);
          }
        },
        [&] {
          const ms::Report report = w.engine.report();
          EXPECT_LE(report.totals.charged, report.limits.max_bytes);
          for (const ms::FunctionRow& row : report.functions) {
            const std::uint64_t bytes = row.bytes.total() + row.nodes + row.shared_values;
            EXPECT_LE(bytes, row.name == "g" ? kOwn : kLimit) << row.name;
          }
          limit = ++looks % 2 == 0 ? kLimit : kLimit / 2;
          w.engine.set_limits({.max_bytes = limit});
          EXPECT_LE(w.charged(), limit);
        });
    EXPECT_GT(w.function("f").counters.evicted_bytes, 0U);
    EXPECT_GT(w.function("g").counters.evicted_bytes, 0U);
    w.sessions.clear();
    w.engine.clear();
    EXPECT_EQ(w.charged(), 0U);
  });
}

// A tree of ten branches of ten: what is cleared takes its own branch with it, and nothing else.
TEST(Memory, OfEmptyBranchesIsFreed) {
  World w;
  auto f = w.engine.cache_data("f",
                               [](ms::Run& run) {
                                 const int a = ms::slider(run, "a", 0, 9, 0);
                                 const int b = ms::slider(run, "b" + std::to_string(a), 0, 9, 0);
                                 return a * 10 + b;
                               },
                               {.allow_widgets = true});
  const auto visit = [&](int a, int b) {
    w.session().preset("a", a);
    w.session().preset("b" + std::to_string(a), b);
    w.run([&](ms::Run& run) { EXPECT_EQ(*f(run), a * 10 + b); });
  };
  visit(0, 0);
  const std::uint64_t one = w.charged();
  std::vector<std::uint64_t> after_branch;
  for (int a = 0; a < 10; ++a) {
    for (int b = 0; b < 10; ++b) visit(a, b);
    after_branch.push_back(w.charged());
  }
  EXPECT_EQ(w.entries(), 100U);
  for (int a = 9; a > 0; --a) {
    EXPECT_EQ(w.charged(), after_branch[static_cast<std::size_t>(a)]);
    EXPECT_EQ(w.engine.clear_if([&](const ms::PermutationRow& row) {
      return row.reads[0].value == std::to_string(a);
    }),
              10U);
    w.verify();
  }
  EXPECT_EQ(w.engine.clear_if([](const auto& row) { return row.reads[1].value != "0"; }), 9U);
  EXPECT_EQ(w.charged(), one);
  w.engine.clear();
  EXPECT_EQ(w.charged(), 0U);
}

// Tables that grew in a burst are made smaller again, however the entries went.
TEST(Memory, OfTheTablesIsGivenBackAfterABurst) {
  const std::vector<std::function<void(ms::Engine&)>> ends = {
      [](ms::Engine& engine) { engine.clear(); },
      [](ms::Engine& engine) { engine.set_limits({.max_entries = 10}); },
      [](ms::Engine& engine) { engine.set_limits({.max_bytes = 10'000}); },
      [](ms::Engine& engine) { engine.set_limits({.ttl = std::chrono::nanoseconds(1)}); },
  };
  for (const auto& end : ends) {
    World w;
    auto f = w.engine.cache_data("f",
                                 [](ms::Run& run, int n) {
                                   ms::slider(run, "s" + std::to_string(n), 0, 9, 0);
                                   ms::image(run, ms::Media{"", "", std::to_string(n)});
                                   return std::to_string(n);
                                 },
                                 {.allow_widgets = true});
    const auto fill = [&](int from, int to) {
      ms::Session(w.engine).run([&](ms::Run& run) {
        for (int n = from; n < to; ++n) f(run, n);
      });
    };
    fill(0, 10);
    const std::uint64_t few = w.engine.totals().fixed;
    fill(10, 20'000);
    w.clock.advance(std::chrono::seconds(1));
    end(w.engine);
    EXPECT_LE(w.entries(), 10U);
    EXPECT_LT(w.engine.totals().fixed, few + 200'000);  // a thousand places each
    fill(30'000, 30'002);
  }
}

TEST(Memory, OfASessionsEntriesGoesWithIt) {
  World w;
  auto f = w.engine.cache_data("f",
                               [](ms::Run& run, int n) {
                                 ms::image(run, ms::Media{"", "", std::string(1'000, 'x')});
                                 return std::string(1'000, 'x') + std::to_string(n);
                               },
                               {.scope = ms::Scope::session});
  const auto script = [&](ms::Run& run) {
    for (int n = 0; n < 10; ++n) f(run, n);
  };
  w.run(0, script);
  const std::uint64_t one = w.charged();
  for (int i = 1; i < 20; ++i) w.run(i, script);
  EXPECT_EQ(w.entries(), 200U);
  EXPECT_GT(w.engine.totals().fixed, 0U);
  for (int i = 1; i < 20; ++i) w.sessions.erase(i);
  EXPECT_EQ(w.charged(), one);
  w.sessions.clear();
  EXPECT_EQ(w.charged(), 0U);
}

// --- values that misbehave while others use the engine ---

struct Trouble {
  ms::Engine* engine = nullptr;
  int n = 0;
  std::string text = {};

  Trouble(ms::Engine* e, int number) : engine(e), n(number), text(value_of(number)) {}
  Trouble(Trouble&& other) noexcept
      : engine(std::exchange(other.engine, nullptr)), n(other.n), text(std::move(other.text)) {}
  Trouble& operator=(Trouble&&) = delete;
  ~Trouble() {
    if (engine == nullptr) return;
    if (n % 5 == 0) engine->clear_if([](const ms::PermutationRow& row) { return row.hits == 0; });
    if (n % 5 == 1) (void)engine->report();
    if (n % 5 == 2) engine->sweep();
  }
  std::size_t heap_bytes() const {
    if (n % 11 == 7) throw std::runtime_error("cannot be measured");
    return n % 11 == 8 ? ~std::size_t{0} : ms::heap_bytes(text);
  }
  friend void encode(ms::Encoder& encoder, const Trouble& value) {
    if (value.n % 11 == 9) throw std::runtime_error("cannot be encoded");
    encoder.add(value.text);
  }
};

TEST(Memory, SurvivesValuesThatMisbehaveOnEightThreads) {
  World w({.limits = {.max_bytes = 30'000}});
  const auto f = w.engine.cache_data("f", [&](ms::Run&, int n) { return Trouble(&w.engine, n); });
  in_parallel(
      [&](int thread) {
        for (int i = 0; i < 200; ++i) {
          const int n = (i * 3 + thread) % 55;
          const ms::Page page =
              w.engine.run([&](ms::Run& run) { EXPECT_EQ(f(run, n)->text, value_of(n)); });
          const std::string expected = n % 11 == 7   ? "cannot be measured"
                                       : n % 11 == 9 ? "cannot be encoded"
                                                     : "";
          EXPECT_EQ(page.error_text(), expected) << n;
          EXPECT_LE(w.charged(), 30'000U);
        }
      },
      [&] { EXPECT_LE(w.charged(), 30'000U); });
  EXPECT_GT(w.function("f").counters.oversize, 0U);
  EXPECT_GT(w.function("f").counters.failed, 0U);
  w.engine.clear();
  EXPECT_EQ(w.charged(), 0U);
  EXPECT_EQ(w.engine.totals().held, 0U);
}

}  // namespace
}  // namespace memoscape::testing

// Rule M1: what the report counts against what the allocator handed out. A binary of its own, as it
// replaces operator new.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <latch>
#include <memory>
#include <memoscape/memoscape.hpp>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "engine/tracer.hpp"
#include "sanitized.hpp"

namespace ms = memoscape;

namespace {

std::atomic<std::uint64_t> allocated_bytes{0};

void* counted_new(std::size_t bytes, std::size_t alignment = 0) {
  void* memory = alignment == 0 ? std::malloc(bytes) : std::aligned_alloc(alignment, bytes);
  if (memory == nullptr) throw std::bad_alloc();
  allocated_bytes += malloc_usable_size(memory);
  return memory;
}

void counted_delete(void* memory) noexcept {
  if (memory == nullptr) return;
  allocated_bytes -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t bytes) { return counted_new(bytes); }
void* operator new[](std::size_t bytes) { return counted_new(bytes); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted_new(bytes, static_cast<std::size_t>(alignment));
}
// This, and what is freed by size and alignment: like the standard's own; a sanitizer's would not
// come here.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return counted_new(bytes);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { counted_delete(memory); }
void operator delete[](void* memory) noexcept { counted_delete(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { counted_delete(memory); }
void operator delete(void* memory, std::size_t) noexcept { counted_delete(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  counted_delete(memory);
}
void operator delete[](void* memory, std::size_t) noexcept { counted_delete(memory); }

namespace {

struct Case {
  const char* name;
  std::size_t value_bytes;
  bool with_page = false;  // widgets and elements, or plain memoization
  ms::Kind kind = ms::Kind::data;
  ms::Scope scope = ms::Scope::engine;
  std::size_t media_bytes = 0;  // of a picture of its own
};

class Accounting : public ::testing::TestWithParam<Case> {};

double error_of(std::uint64_t counted, std::uint64_t real) {
  return static_cast<double>(counted) / static_cast<double>(real) - 1;
}

// What the system says that the process has in memory.
std::uint64_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  in >> all >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// No two are equal.
std::string text_of(int n, std::size_t bytes) {
  std::string text(bytes, 'x');
  text.replace(0, 8, std::to_string(10'000'000 + n));
  return text;
}

// Stores `entries` entries by calls from runs; session-scoped ones in sessions of a thousand each.
void fill(ms::Engine& engine, const Case& one, int entries,
          std::vector<std::unique_ptr<ms::Session>>& sessions) {
  const auto function = [one](ms::Run& run, int n) {
    if (one.with_page) {
      ms::slider(run, "first", 0, 9, n % 10);
      ms::checkbox(run, "second");
      ms::text(run, "computed");
    }
    if (one.media_bytes != 0) {
      ms::image(run, ms::Media{"a.png", "image/png", text_of(n, one.media_bytes)});
    }
    return text_of(n, one.value_bytes);
  };
  const auto call_all = [&](const auto& f) {
    for (int n = 0; n < entries; ++n) {
      if (one.scope == ms::Scope::engine) {
        engine.run([&](ms::Run& run) { f(run, n); });
        continue;
      }
      if (n % 1'000 == 0) sessions.push_back(std::make_unique<ms::Session>(engine));
      sessions.back()->run([&](ms::Run& run) { f(run, n); });
    }
  };
  if (one.kind == ms::Kind::data) {
    call_all(engine.cache_data("f", function, {.allow_widgets = true, .scope = one.scope}));
  } else {
    call_all(engine.cache_resource("f", function, {.allow_widgets = true, .scope = one.scope}));
  }
}

}  // namespace

TEST_P(Accounting, IsWithinFivePercentOfTheAllocatorAtAHundredThousandEntries) {
#ifdef SANITIZED
  GTEST_SKIP() << "a sanitizer's allocator has other chunks than the one that is counted";
#endif
  constexpr int kEntries = 100'000;
  const std::uint64_t before = allocated_bytes;
  {
    ms::Engine engine({.limits = {.max_bytes = 0}});
    std::vector<std::unique_ptr<ms::Session>> sessions;
    malloc_trim(0);  // what is free already would hide what comes
    const std::uint64_t resident = resident_bytes();
    fill(engine, GetParam(), kEntries, sessions);
    const ms::Totals totals = engine.totals();
    EXPECT_EQ(totals.permutations, static_cast<std::uint64_t>(kEntries));
    const std::uint64_t counted =
        totals.charged + totals.fixed + totals.advisor + totals.under_construction + totals.held;
    const std::uint64_t real = allocated_bytes - before;
    EXPECT_NEAR(error_of(counted, real), 0, 0.05) << counted << " counted, " << real << " real";
    // RSS has the headers of the allocator's chunks and its free ones, too: not compared.
    std::printf("%s: counted %llu, allocated %llu, %+.2f %%, RSS %+lld\n", GetParam().name,
                static_cast<unsigned long long>(counted), static_cast<unsigned long long>(real),
                100 * error_of(counted, real),
                static_cast<long long>(resident_bytes()) - static_cast<long long>(resident));
    engine.clear();
    EXPECT_EQ(engine.totals().charged, 0u);
  }
  EXPECT_LT(allocated_bytes - before, 1024u) << "an engine gives everything back";
}

INSTANTIATE_TEST_SUITE_P(
    Values, Accounting,
    ::testing::Values(Case{"small", 16}, Case{"small_resource", 16, false, ms::Kind::resource},
                      Case{"small_page", 16, true},
                      Case{"small_of_sessions", 16, true, ms::Kind::data, ms::Scope::session},
                      Case{"medium", 1000, true},
                      Case{"medium_resource_of_sessions", 1000, true, ms::Kind::resource,
                           ms::Scope::session},
                      Case{"media", 16, false, ms::Kind::data, ms::Scope::engine, 500},
                      Case{"large", 8000, true},
                      Case{"large_resource", 8000, false, ms::Kind::resource}),
    [](const auto& info) { return std::string(info.param.name); });

namespace {

struct Dashboard {
  const char* name;
  std::size_t calls;
  std::size_t widgets;  // of each call
  int runs;
};

class SessionAccounting : public ::testing::TestWithParam<Dashboard> {};

}  // namespace

// Sessions that see what others have computed: all they take is their own.
TEST_P(SessionAccounting, IsWithinFivePercentOfTheAllocator) {
#ifdef SANITIZED
  GTEST_SKIP() << "a sanitizer's allocator has other chunks than the one that is counted";
#endif
  constexpr std::size_t kSessions = 100;
  const Dashboard one = GetParam();
  ms::Engine engine({.limits = {.max_bytes = 0}});
  const auto f = engine.cache_data(
      "f",
      [&](ms::Run& run, std::size_t call) {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < one.widgets; ++i) {
          sum += ms::slider(run, "slider " + std::to_string(call * one.widgets + i), 0, 9);
        }
        return sum;
      },
      {.allow_widgets = true});
  const auto run_all = [&](ms::Session& session) {
    for (int i = 0; i < one.runs; ++i) {
      session.run([&](ms::Run& run) {
        for (std::size_t call = 0; call < one.calls; ++call) f(run, call);
      });
    }
  };
  ms::Session first(engine);
  run_all(first);
  const std::uint64_t before = allocated_bytes;
  const std::uint64_t fixed = engine.totals().fixed;
  std::vector<std::unique_ptr<ms::Session>> sessions;
  sessions.reserve(kSessions);
  for (std::size_t i = 0; i < kSessions; ++i) {
    sessions.push_back(std::make_unique<ms::Session>(engine));
    run_all(*sessions.back());
  }
  const std::uint64_t counted = engine.totals().fixed - fixed;
  const std::uint64_t real = allocated_bytes - before;
  EXPECT_NEAR(error_of(counted, real), 0, 0.05) << counted << " counted, " << real << " real";
  std::printf("%s: %llu bytes a session, counted %+.2f %%\n", one.name,
              static_cast<unsigned long long>(real / kSessions), 100 * error_of(counted, real));
  sessions.clear();
  EXPECT_EQ(engine.totals().fixed, fixed);
}

INSTANTIATE_TEST_SUITE_P(Dashboards, SessionAccounting,
                         ::testing::Values(Dashboard{"new", 0, 0, 0}, Dashboard{"empty", 0, 0, 2},
                                           Dashboard{"plain_calls", 64, 0, 4},
                                           Dashboard{"one_run", 16, 3, 1},
                                           Dashboard{"several_runs", 16, 3, 4},
                                           Dashboard{"large", 64, 4, 4}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Memory, StaysWithinTheLimitWhileOneRunIsBusyForLong) {
  constexpr std::uint64_t kLimit = 4 << 20;
  constexpr std::size_t kValue = 100'000;
  ms::ManualClock clock;  // all cost the same: one that took long would not be evicted
  ms::Engine engine({.limits = {.max_bytes = kLimit}, .clock = &clock});
  const auto value = engine.cache_data("value", [](ms::Run&, int n) {
    std::string text(kValue, 'x');
    text.replace(0, 8, std::to_string(10'000'000 + n));
    return text;
  });
  std::latch inside(1);
  std::latch finish(1);
  const auto busy = engine.cache_data("busy", [&](ms::Run& run) {
    const ms::Ref<const std::string> pinned = value(run, -1);
    inside.count_down();
    finish.wait();
    return pinned->size();
  });
  std::thread sleeper([&] { engine.run([&](ms::Run& run) { busy(run); }); });
  inside.wait();

  // Two sessions each keep hold of what they saw last, until it is evicted.
  const std::uint64_t before = allocated_bytes;
  constexpr int kCalls = static_cast<int>(100 * kLimit / kValue);
  std::atomic<std::uint64_t> most{0};
  const auto churn = [&](int first) {
    ms::Session session(engine);
    for (int n = first; n < first + kCalls; ++n) {
      session.run([&](ms::Run& run) { value(run, n); });
      session.run([&](ms::Run& run) { value(run, n); });
      std::uint64_t seen = most;
      const std::uint64_t now = allocated_bytes - before;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
    }
  };
  std::thread other(churn, kCalls);
  churn(0);
  other.join();
  // What is pinned was allocated before; each thread makes a value, and its encoding, while the
  // others are still there.
  EXPECT_LT(most, kLimit + 2 * 4 * kValue);
  EXPECT_GT(most, kLimit / 2);
  EXPECT_GE(engine.totals().held, kValue) << "the pinned one was evicted, and is still there";
  finish.count_down();
  sleeper.join();
  EXPECT_EQ(engine.totals().held, 0u);
  EXPECT_EQ(engine.check(), "");
}

// A pipe that nobody reads and that breaks: what waited to be written has no use any more.
TEST(Memory, OfATraceThatEndedEarlyIsGivenBack) {
  constexpr std::uint64_t kWaiting = 3 << 20;
  const std::string path = ::testing::TempDir() + "memoscape-pipe-" + std::to_string(getpid());
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  ms::ManualClock clock;
  ms::detail::Tracer tracer(path, {}, clock);
  const std::uint64_t before = allocated_bytes;
  std::uint64_t key = 0;
  while (tracer.status().lost == 0) {
    key += 0x9e3779b97f4a7c15u;
    tracer.note({.key = key, .bytes = 1'000'000}, "f", [] { return std::string(); });
  }
  EXPECT_GT(allocated_bytes, before + kWaiting);
  close(reader);
  while (tracer.status().error.empty()) std::this_thread::yield();
  EXPECT_LT(allocated_bytes, before + kWaiting / 4);
  EXPECT_LT(tracer.heap_bytes(), kWaiting);
  std::remove(path.c_str());
}

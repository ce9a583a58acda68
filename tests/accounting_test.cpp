// Rule M1: what the report counts against what the allocator handed out. A binary of its own, as it
// replaces operator new.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <latch>
#include <memoscape/memoscape.hpp>
#include <new>
#include <string>
#include <thread>

namespace ms = memoscape;

namespace {

std::atomic<std::uint64_t> allocated_bytes{0};

void* counted_new(std::size_t bytes) {
  void* memory = std::malloc(bytes);
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
void operator delete(void* memory) noexcept { counted_delete(memory); }
void operator delete[](void* memory) noexcept { counted_delete(memory); }
void operator delete(void* memory, std::size_t) noexcept { counted_delete(memory); }
void operator delete[](void* memory, std::size_t) noexcept { counted_delete(memory); }

namespace {

struct Sizes {
  const char* name;
  std::size_t value_bytes;
  bool with_page;  // widgets and elements, or plain memoization
};

class Accounting : public ::testing::TestWithParam<Sizes> {};

double error_of(std::uint64_t counted, std::uint64_t real) {
  return static_cast<double>(counted) / static_cast<double>(real) - 1;
}

}  // namespace

TEST_P(Accounting, IsWithinFivePercentOfTheAllocatorAtAHundredThousandEntries) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's allocator has other chunks than the one that is counted";
#endif
  constexpr int kEntries = 100'000;
  const std::uint64_t before = allocated_bytes;
  {
    ms::Engine engine({.limits = {.max_bytes = 0}});
    const std::size_t bytes = GetParam().value_bytes;
    const bool with_page = GetParam().with_page;
    const auto f = engine.cache_data(
        "f",
        [bytes, with_page](ms::Run& run, int n) {
          if (with_page) {
            ms::slider(run, "first", 0, 9, n % 10);
            ms::checkbox(run, "second");
            ms::text(run, "computed");
          }
          std::string value(bytes, 'x');
          value.replace(0, 8, std::to_string(10'000'000 + n));  // no two are equal
          return value;
        },
        {.allow_widgets = true});
    for (int i = 0; i < kEntries; ++i) {
      engine.run([&](ms::Run& run) { f(run, i); });
    }
    const ms::Totals totals = engine.totals();
    EXPECT_EQ(totals.permutations, static_cast<std::uint64_t>(kEntries));
    const std::uint64_t counted =
        totals.charged + totals.fixed + totals.under_construction + totals.held;
    const std::uint64_t real = allocated_bytes - before;
    EXPECT_NEAR(error_of(counted, real), 0, 0.05) << counted << " counted, " << real << " real";
    std::printf("%s: counted %llu, allocated %llu, %+.2f %%\n", GetParam().name,
                static_cast<unsigned long long>(counted), static_cast<unsigned long long>(real),
                100 * error_of(counted, real));

    engine.clear();
    EXPECT_EQ(engine.totals().charged, 0u);
  }
  EXPECT_LT(allocated_bytes - before, 1024u) << "an engine gives everything back";
}

INSTANTIATE_TEST_SUITE_P(Values, Accounting,
                         ::testing::Values(Sizes{"small", 16, false}, Sizes{"small_page", 16, true},
                                           Sizes{"medium", 1000, true}, Sizes{"large", 4000, true}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Memory, StaysWithinTheLimitWhileOneRunIsBusyForLong) {
  constexpr std::uint64_t kLimit = 4 << 20;
  constexpr std::size_t kValue = 100'000;
  ms::Engine engine({.limits = {.max_bytes = kLimit}});
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

  const std::uint64_t before = allocated_bytes;
  std::uint64_t most = 0;
  for (int n = 0; n < static_cast<int>(100 * kLimit / kValue); ++n) {
    engine.run([&](ms::Run& run) { value(run, n); });
    most = std::max<std::uint64_t>(most, allocated_bytes - before);
  }
  // What is pinned was allocated before; one value is made while the others are still there.
  EXPECT_LT(most, kLimit + 4 * kValue);
  EXPECT_GE(engine.totals().held, kValue) << "the pinned one was evicted, and is still there";
  finish.count_down();
  sleeper.join();
  EXPECT_EQ(engine.totals().held, 0u);
  EXPECT_EQ(engine.check(), "");
}

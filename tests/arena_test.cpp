// Rule M2: the arena counts what a value costs; the report names where each figure comes from.
#include <algorithm>
#include <latch>
#include <memory_resource>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

// Nothing can see through it: it knows its cells by a pointer.
class Mesh {
 public:
  Mesh(std::pmr::memory_resource& memory, std::size_t bytes)
      : memory_(&memory), bytes_(bytes), cells_(memory.allocate(bytes)) {}
  Mesh(Mesh&& other) noexcept
      : memory_(other.memory_),
        bytes_(other.bytes_),
        cells_(std::exchange(other.cells_, nullptr)) {}
  Mesh& operator=(Mesh&&) = delete;
  ~Mesh() {
    if (cells_ != nullptr) memory_->deallocate(cells_, bytes_);
  }

 private:
  std::pmr::memory_resource* memory_;
  std::size_t bytes_;
  void* cells_;
};

ms::PermutationRow row_of(const World& w, std::string_view name) {
  for (const ms::PermutationRow& row : w.engine.report().permutations) {
    if (row.function == name) return row;
  }
  ADD_FAILURE() << name << " is not stored";
  return {};
}

TEST(Arena, CountsWhatNoTraversalSees) {
  both_kinds([](auto cache) {
    World w;
    auto f = cache(w, "f", [](ms::Run& run, int n) {
      return ms::in_arena(Mesh(run.arena(), static_cast<std::size_t>(n)));
    });
    auto g = cache(w, "g", [](ms::Run& run) { return ms::in_arena(Mesh(run.arena(), 1)); });
    w.run([&](ms::Run& run) { f(run, 10'000), g(run); });
    const ms::PermutationRow row = row_of(w, "f");
    EXPECT_EQ(row.source, ms::BytesSource::arena);
    EXPECT_EQ(row.peak, ms::allocated(10'000));
    EXPECT_EQ(row.bytes.value - row_of(w, "g").bytes.value,
              ms::allocated(10'000) - ms::allocated(1));
    f.clear();
    EXPECT_EQ(w.entries(), 1U);
    EXPECT_EQ(w.engine.totals().held, 0U);
  });
}

TEST(Arena, KnowsThePeakAndWhatIsLeft) {
  World w;
  auto f = w.engine.cache_data("f", [](ms::Run& run) {
    { std::pmr::vector<char> scratch(50'000, 'x', &run.arena()); }
    return std::pmr::vector<char>(10'000, 'x', &run.arena());
  });
  w.run([&](ms::Run& run) { EXPECT_EQ(f(run)->size(), 10'000U); });
  const ms::PermutationRow row = row_of(w, "f");
  EXPECT_EQ(row.source, ms::BytesSource::arena);
  EXPECT_EQ(row.peak, ms::allocated(50'000));
  EXPECT_GE(row.bytes.value, 10'000U);
  EXPECT_LT(row.bytes.value, 11'000U);
}

TEST(Arena, CountsTheAllocationsOfAllThreads) {
  World w;
  auto f = w.engine.cache_data("f", [](ms::Run& run) {
    std::pmr::memory_resource& memory = run.arena();
    std::pmr::vector<std::pmr::vector<char>> parts(4, &memory);
    std::vector<std::thread> threads;
    for (auto& part : parts) {
      threads.emplace_back([&part] {
        for (int i = 0; i < 10'000; ++i) part.push_back('x');
      });
    }
    for (std::thread& thread : threads) thread.join();
    return parts;
  });
  w.run([&](ms::Run& run) {
    std::size_t expected = ms::allocated(4 * sizeof(std::pmr::vector<char>));
    const auto parts = f(run);
    for (const auto& part : *parts) expected += ms::allocated(part.capacity());
    EXPECT_EQ(row_of(w, "f").source, ms::BytesSource::arena);
    EXPECT_GE(row_of(w, "f").bytes.value, expected);
    EXPECT_LE(row_of(w, "f").bytes.value, expected + 500);
  });
}

// A copy of a std::pmr container lands on the default resource: a traversal still sees it.
TEST(Arena, NeverCountsNothingForWhatWasCopiedOutOfIt) {
  World w;
  auto f = w.engine.cache_data("f", [](ms::Run& run) {
    const std::pmr::string text(10'000, 'x', &run.arena());
    return std::pmr::string(text);
  });
  w.run([&](ms::Run& run) { f(run); });
  EXPECT_EQ(row_of(w, "f").source, ms::BytesSource::traversal);
  EXPECT_GE(row_of(w, "f").bytes.value, 10'000U);
}

TEST(Arena, AddsToADeclaredCost) {
  World w;
  auto f = w.engine.cache_resource(
      "f", [](ms::Run& run) { return ms::with_cost(Mesh(run.arena(), 10'000), 500'000); });
  w.run([&](ms::Run& run) { f(run); });
  EXPECT_EQ(row_of(w, "f").source, ms::BytesSource::declared);
  EXPECT_GE(row_of(w, "f").bytes.value, 510'000U);
}

TEST(Arena, ThatWasNotTakenIsAnErrorWithTheCure) {
  World w;
  auto f = w.engine.cache_data("f", [] { return ms::in_arena(1); });
  w.run([&](ms::Run& run) { f(run); });
  EXPECT_TRUE(ended_by<ms::UsageError>(w.page));
  const std::string why = w.page.error_text();
  EXPECT_TRUE(names(why, "f") && contains(why, "run.arena()")) << why;
  EXPECT_EQ(w.entries(), 0U);
}

TEST(Arena, IsTheDefaultResourceInAScript) {
  World w;
  w.run([&](ms::Run& run) { EXPECT_EQ(&run.arena(), std::pmr::get_default_resource()); });
}

TEST(Arena, OutlivesItsValueWhileMemoryOfItIsInUse) {
  World w;
  auto f = w.engine.cache_resource(
      "f", [](ms::Run& run) { return std::pmr::vector<char>(10'000, 'x', &run.arena()); });
  std::optional<std::pmr::vector<char>> taken;
  w.run([&](ms::Run& run) { taken.emplace(std::move(*f(run))); });
  f.clear();
  EXPECT_EQ(taken->size(), 10'000U);
  taken->resize(100'000);
  taken.reset();  // a leak, or a use after free, is for the sanitizer to see
}

TEST(Arena, ShowsWhatIsUnderConstruction) {
  World w;
  std::latch inside(1), finish(1);
  auto f = w.engine.cache_data("f", [&](ms::Run& run) {
    std::pmr::vector<char> cells(1'000'000, 'x', &run.arena());
    inside.count_down();
    finish.wait();
    return cells;
  });
  std::thread thread([&] { w.session().run([&](ms::Run& run) { f(run); }); });
  inside.wait();
  EXPECT_GE(w.engine.totals().under_construction, 1'000'000U);
  EXPECT_EQ(w.engine.totals().charged, 0U);
  finish.count_down();
  thread.join();
  EXPECT_EQ(w.engine.totals().under_construction, 0U);
  EXPECT_GE(w.engine.totals().charged, 1'000'000U);
}

TEST(Arena, IsGivenBackWhenTheFunctionThrows) {
  World w;
  auto f = w.engine.cache_data("f", [](ms::Run& run) -> std::pmr::vector<char> {
    const std::pmr::vector<char> cells(1'000, 'x', &run.arena());
    throw std::runtime_error("no");
  });
  EXPECT_EQ(w.run([&](ms::Run& run) { f(run); }), "exception no");
  EXPECT_EQ(w.engine.totals().under_construction, 0U);
}

TEST(Arena, GivesAlignedMemoryAndEqualsItselfAlone) {
  World w;
  auto f = w.engine.cache_data("f", [](ms::Run& run) {
    std::pmr::memory_resource& arena = run.arena();
    EXPECT_TRUE(arena.is_equal(run.arena()));
    EXPECT_FALSE(arena.is_equal(*std::pmr::get_default_resource()));
    void* memory = arena.allocate(100, 64);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % 64, 0U);
    arena.deallocate(memory, 100, 64);
    return std::pmr::vector<char>(10'000, 'x', &arena);
  });
  w.run([&](ms::Run& run) { EXPECT_EQ(f(run)->size(), 10'000U); });
  EXPECT_GE(w.charged(), 10'000U);
}

}  // namespace
}  // namespace memoscape::testing

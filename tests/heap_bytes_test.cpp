// Rule M2: heap_bytes agrees with what the allocator says. Replaces operator new, so this is a
// binary of its own.
#include "memoscape/heap_bytes.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <any>
#include <array>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "sanitized.hpp"

namespace {

std::atomic<std::size_t> live_bytes{0};

std::size_t usable_size(void* block) {
#if defined(SANITIZED)
  return memoscape::allocated(malloc_usable_size(block));
#else
  return malloc_usable_size(block);
#endif
}

void* counted_allocation(std::size_t size) {
  void* block = std::malloc(size);
  if (block == nullptr) std::abort();
  live_bytes += usable_size(block);
  return block;
}

void counted_release(void* block) noexcept {
  if (block == nullptr) return;
  live_bytes -= usable_size(block);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) { return counted_allocation(size); }
void* operator new[](std::size_t size) { return counted_allocation(size); }
void operator delete(void* block) noexcept { counted_release(block); }
void operator delete[](void* block) noexcept { counted_release(block); }
void operator delete(void* block, std::size_t) noexcept { counted_release(block); }
void operator delete[](void* block, std::size_t) noexcept { counted_release(block); }

namespace ms = memoscape;

namespace {

struct Schema {
  std::vector<std::string> names;
  std::map<std::string, int> index;
};

struct Table {
  std::string title;
  std::vector<std::vector<double>> columns;
  std::shared_ptr<const Schema> schema;
  std::optional<std::unique_ptr<Schema>> own;
  std::variant<int, std::string> note;
  std::array<std::string, 2> labels;
};

struct Tree {
  std::string name;
  std::vector<Tree> children;
};

class Image {
 public:
  std::size_t heap_bytes() const { return 1'000; }

 private:
  [[maybe_unused]] unsigned char* pixels_ = nullptr;
};

class LargerImage : public Image {
 private:
  std::vector<int> more_;
};

class Graph {
 public:
  std::size_t heap_bytes(ms::HeapVisitor& visitor) const { return visitor.bytes(nodes_, nodes_); }

 private:
  std::shared_ptr<Schema> nodes_ = std::make_shared<Schema>();
};

class Handle {
 private:
  [[maybe_unused]] void* handle_ = nullptr;
};
std::size_t heap_bytes(ms::HeapVisitor&, const Handle&) { return 77; }
class LargerHandle : public Handle {};

class Foreign {
 private:
  [[maybe_unused]] void* handle_ = nullptr;
};

struct HoldsView {
  std::string_view view;
};
struct HoldsReference {
  const std::string& text;
};
struct Shape {
  virtual ~Shape() = default;
};
struct Circle final : Shape {
  std::size_t heap_bytes() const { return 0; }
  double radius = 1;
};

}  // namespace

template <>
struct memoscape::HeapBytes<Foreign> {
  static std::size_t of(HeapVisitor&, const Foreign&) { return 5; }
};

namespace {

static_assert(ms::Measurable<Table> && ms::Measurable<Tree> && ms::Measurable<const Table>);
static_assert(ms::Measurable<std::unique_ptr<Circle>> && ms::Measurable<std::vector<Foreign>>);
static_assert(!ms::Measurable<LargerImage> && !ms::Measurable<LargerHandle>);
static_assert(!ms::Measurable<HoldsView> && !ms::Measurable<HoldsReference>);
static_assert(!ms::Measurable<int*> && !ms::Measurable<std::span<int>>);
static_assert(!ms::Measurable<std::vector<const char*>> && !ms::Measurable<std::any>);
static_assert(!ms::Measurable<std::unique_ptr<Shape>> && !ms::Measurable<std::shared_ptr<Shape>>);
static_assert(!ms::Measurable<std::unique_ptr<int[]>> && !ms::Measurable<std::shared_ptr<void>>);
static_assert(!ms::Measurable<std::unique_ptr<int, void (*)(int*)>>);
static_assert(!ms::Measurable<std::function<void()>> && !ms::Measurable<std::weak_ptr<int>>);

// Does it on a heap in which nobody has left holes. A block that fills one is 16 bytes larger than
// need be when what would be left of the hole is too small for a block.
void on_a_whole_heap(const std::function<void()>& body) {
#if defined(__GLIBC__)
  malloc_trim(0);  // unites what was freed
#endif
  std::thread(body).join();  // a thread has a heap of its own
}

// Within 5 % of what making the value took from the allocator.
template <class Make>
void expect_measured(Make make) {
  on_a_whole_heap([&] {
    const std::size_t before = live_bytes;
    const auto value = make();
    const auto counted = static_cast<double>(live_bytes - before);
    const auto measured = static_cast<double>(ms::heap_bytes(value));
    EXPECT_NEAR(measured, counted, 0.05 * counted);
  });
}

std::string text(int i) { return std::string(static_cast<std::size_t>(i % 60), 'x'); }

TEST(Allocated, IsTheUsableSizeOfMalloc) {
  EXPECT_EQ(ms::allocated(0), 0u);
#if defined(__GLIBC__) && !defined(SANITIZED)
  on_a_whole_heap([] {
    for (std::size_t size = 1; size < 5'000; ++size) {
      void* block = std::malloc(size);
      ASSERT_EQ(ms::allocated(size), malloc_usable_size(block)) << size;
      std::free(block);
    }
  });
#endif
}

TEST(HeapBytes, ValuesWithoutHeapAreZero) {
  EXPECT_EQ(ms::heap_bytes(5), 0u);
  EXPECT_EQ(ms::heap_bytes(std::string("short")), 0u);
  EXPECT_EQ(ms::heap_bytes(std::vector<int>()), 0u);
  EXPECT_EQ(ms::heap_bytes(std::optional<std::vector<int>>()), 0u);
  EXPECT_EQ(ms::heap_bytes(std::shared_ptr<int>()), 0u);
  EXPECT_EQ(ms::heap_bytes(std::chrono::seconds(5)), 0u);
  EXPECT_EQ(ms::heap_bytes(std::pair(1, 2.0)), 0u);
}

TEST(HeapBytes, AgreesWithTheAllocatorForStringsAndVectors) {
  expect_measured([] { return std::string(100, 'x'); });
  expect_measured([] { return std::u16string(100, u'x'); });
  expect_measured([] { return std::vector<int>(1'001); });
  expect_measured([] { return std::vector<bool>(10'001); });
  expect_measured([] {
    std::vector<std::string> value;
    for (int i = 0; i < 1'000; ++i) value.push_back(text(i));
    return value;
  });
}

TEST(HeapBytes, AgreesWithTheAllocatorForTrees) {
  expect_measured([] {
    std::map<int, std::string> value;
    for (int i = 0; i < 1'000; ++i) value[i] = text(i);
    return value;
  });
  expect_measured([] {
    std::set<char> value;
    for (char c = 'a'; c <= 'z'; ++c) value.insert(c);
    return value;
  });
  expect_measured([] { return std::multimap<int, double>{{1, 1}, {1, 2}, {2, 3}}; });
}

TEST(HeapBytes, AgreesWithTheAllocatorForHashTables) {
  expect_measured([] {
    std::unordered_map<std::string, int> value;
    for (int i = 0; i < 1'000; ++i) value[std::to_string(i) + text(i)] = i;
    return value;
  });
  expect_measured([] {
    std::unordered_map<int, double> value;
    for (int i = 0; i < 1'000; ++i) value[i] = i;
    return value;
  });
  expect_measured([] {
    std::unordered_set<int> value;
    for (int i = 0; i < 1'000; ++i) value.insert(i);
    return value;
  });
  expect_measured([] { return std::unordered_set<int>(); });
}

TEST(HeapBytes, AgreesWithTheAllocatorForListsAndDeques) {
  expect_measured([] { return std::list<std::string>(500, std::string(40, 'x')); });
  expect_measured([] { return std::list<int>(500); });
  expect_measured([] { return std::forward_list<double>(500); });
  expect_measured([] { return std::deque<int>(); });
  expect_measured([] { return std::deque<int>(10'000); });
  expect_measured([] {
    std::deque<std::array<double, 100>> value;
    for (int i = 0; i < 300; ++i) value.emplace_back();
    return value;
  });
  expect_measured([] {
    std::deque<std::string> value;
    for (int i = 0; i < 3'000; ++i) value.push_back(text(i));
    return value;
  });
}

TEST(HeapBytes, CountsASharedObjectOnce) {
  expect_measured([] {
    const auto shared = std::make_shared<std::vector<int>>(10'000);
    return std::pair(shared, shared);
  });
  expect_measured([] {
    std::vector<std::shared_ptr<const std::string>> value;
    for (int i = 0; i < 1'000; ++i) {
      value.push_back(i % 2 == 0 ? std::make_shared<std::string>(text(i)) : value.back());
    }
    return value;
  });
}

TEST(HeapBytes, AgreesWithTheAllocatorForSmartPointers) {
  expect_measured([] {
    return std::make_unique<Schema>(Schema{{"long enough for the heap"}, {}});
  });
  expect_measured([] { return std::make_unique<Circle>(); });
  expect_measured([] { return std::make_shared<double>(1); });
}

TEST(HeapBytes, AgreesWithTheAllocatorForNestedAggregates) {
  expect_measured([] {
    Table table;
    table.title = std::string(80, 't');
    table.columns.assign(12, std::vector<double>(365));
    auto schema = std::make_shared<Schema>();
    for (int i = 0; i < 12; ++i) {
      schema->names.push_back(text(20 + i));
      schema->index[text(20 + i)] = i;
    }
    table.own = std::make_unique<Schema>(*schema);
    table.schema = std::move(schema);
    table.note = std::string(50, 'n');
    table.labels = {"short", std::string(50, 'l')};
    return table;
  });
  expect_measured([] {
    Tree tree{"root", {}};
    for (int i = 0; i < 50; ++i) tree.children.push_back({text(i), {{text(i), {}}}});
    return tree;
  });
}

TEST(HeapBytes, AgreesWithTheAllocatorForPaths) {
  expect_measured([] { return std::filesystem::path("file"); });
  expect_measured([] { return std::filesystem::path("/usr/share/a-rather-long-name/file.csv"); });
}

TEST(HeapBytes, AsksTheTypeFirst) {
  EXPECT_EQ(ms::heap_bytes(Image()), 1'000u);
  EXPECT_EQ(ms::heap_bytes(std::array<Image, 3>()), 3'000u);
  EXPECT_EQ(ms::heap_bytes(Handle()), 77u);
  EXPECT_EQ(ms::heap_bytes(Foreign()), 5u);
  EXPECT_EQ(ms::heap_bytes(Graph()), ms::heap_bytes(std::make_shared<Schema>()));
}

TEST(HeapVisitor, KnowsWhatItHasSeen) {
  ms::HeapVisitor visitor;
  std::vector<int> objects(5'000);
  for (const int& object : objects) EXPECT_TRUE(visitor.first_visit(&object));
  for (const int& object : objects) EXPECT_FALSE(visitor.first_visit(&object));
  EXPECT_FALSE(visitor.first_visit(nullptr));
}

}  // namespace

// Rule K2: encodings are canonical and prefix-free.
#include "memoscape/encode.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "anything.hpp"

namespace ms = memoscape;

namespace outside {

// A type whose namespace is "not ours": encoded by specialization.
class Colour {
 public:
  explicit Colour(int rgb) : rgb_(rgb) {}
  int rgb() const { return rgb_; }

 private:
  int rgb_;
};

}  // namespace outside

template <>
struct memoscape::Encode<outside::Colour> {
  static void to(Encoder& encoder, const outside::Colour& colour) { encoder.add(colour.rgb()); }
};

namespace {

using memoscape::testing::Anything;
using memoscape::testing::Random;
using memoscape::testing::random_text;
using memoscape::testing::random_thing;

// Encoded by a hidden friend; no default constructor.
class Airport {
 public:
  explicit Airport(std::string code) : code_(std::move(code)) {}
  friend void encode(ms::Encoder& encoder, const Airport& airport) { encoder.add(airport.code_); }

 private:
  std::string code_;
};

// Writes no count: only the frame keeps its values apart.
class Digits {
 public:
  explicit Digits(std::vector<int> digits) : digits_(std::move(digits)) {}
  friend void encode(ms::Encoder& encoder, const Digits& digits) {
    for (int digit : digits.digits_) encoder.add(digit);
  }

 private:
  std::vector<int> digits_;
};

template <class T>
class Grid {
 public:
  explicit Grid(T cell) : cell_(cell) {}
  const T& cell() const { return cell_; }

 private:
  T cell_;
};
template <class T>
void encode(ms::Encoder& encoder, const Grid<T>& grid) {
  encoder.add(grid.cell());
}

class SmallGrid : public Grid<int> {
 public:
  SmallGrid() : Grid(1) {}

 private:
  [[maybe_unused]] int extra_ = 0;
};

class Terminal : public Airport {
 public:
  Terminal() : Airport("SEA") {}

 private:
  [[maybe_unused]] int gate_ = 0;
};

struct ConvertsToAirport {
  operator Airport() const { return Airport(name); }
  const char* const& name;
};

enum class Season : short { kWinter = -1, kSummer = 1 };

struct Point {
  int x = 0;
  int y = 0;
};

struct Query {
  Airport origin;
  int grid[2][2] = {{1, 2}, {3, 4}};
  char code[4] = {'S', 'E', 'A', '\0'};
  std::optional<Point> where;
  Season season = Season::kSummer;
};

struct Tree {
  std::string name;
  std::vector<Tree> children;
};

struct WithLogger {
  int x;
  ms::Ignored<std::function<void()>> log;
};

struct BitFields {
  unsigned low : 3;
  unsigned high : 5;
};

struct Nothing {};

struct PointInSpace : Point {
  int z;
};
struct NamedList : std::vector<int> {
  std::string name;
};
struct HoldsReference {
  int& number;
};
struct HoldsConstReference {
  const int& number;
};
struct HoldsPointer {
  int* number;
};
union Either {
  int number;
  float real;
};
// Looks like a container, and holds more than its elements.
template <class T>
class Labelled {
 public:
  using value_type = T;
  const T* begin() const { return items_.data(); }
  const T* end() const { return items_.data() + items_.size(); }
  std::size_t size() const { return items_.size(); }

 private:
  std::string label_;
  std::vector<T> items_;
};
struct Fields32 {
  char a[3];
  int b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z;
  std::string aa, bb, cc, dd, ee, ff;
};
struct Fields33 {
  Fields32 all;
  int b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z;
  int aa, bb, cc, dd, ee, ff, gg;
};

static_assert(ms::Encodable<Query> && ms::Encodable<Tree> && ms::Encodable<Nothing>);
static_assert(ms::Encodable<const Query&> && ms::Encodable<Grid<int>>);
static_assert(ms::Encodable<outside::Colour> && ms::Encodable<std::vector<outside::Colour>>);
static_assert(ms::Encodable<WithLogger> && ms::Encodable<Fields32> && ms::Encodable<BitFields>);
static_assert(ms::detail::kFieldCount<Query> == 5);
static_assert(ms::detail::kFieldCount<Fields32> == 32);

// An encoder for a base class or reached by a conversion would drop fields.
static_assert(!ms::Encodable<Terminal> && !ms::Encodable<SmallGrid>);
static_assert(!ms::Encodable<ConvertsToAirport>);
static_assert(!ms::Encodable<std::map<int, std::optional<Terminal>>>);
static_assert(!ms::Encodable<PointInSpace> && !ms::Encodable<NamedList>);
static_assert(!ms::Encodable<Labelled<int>>);
static_assert(!ms::Encodable<HoldsReference> && !ms::Encodable<HoldsConstReference>);
static_assert(!ms::Encodable<HoldsPointer> && !ms::Encodable<Either> && !ms::Encodable<Fields33>);
static_assert(!ms::Encodable<int*> && !ms::Encodable<void (*)()> && !ms::Encodable<void*>);
static_assert(!ms::Encodable<std::vector<int*>> && !ms::Encodable<std::shared_ptr<void>>);
static_assert(!ms::Encodable<std::unique_ptr<int[]>> && !ms::Encodable<std::function<void()>>);
static_assert(!ms::Encodable<std::vector<ms::Ignored<int>>>);

// Requires: the values differ pairwise.
template <class T>
void expect_prefix_free(const std::vector<T>& values) {
  std::vector<std::string> encodings;
  for (const T& value : values) encodings.push_back(ms::encoded(value));
  // After sorting, a prefix is directly before something that it begins.
  std::sort(encodings.begin(), encodings.end());
  for (std::size_t i = 1; i < encodings.size(); ++i) {
    ASSERT_FALSE(encodings[i].starts_with(encodings[i - 1]))
        << ms::describe(encodings[i - 1]) << " begins " << ms::describe(encodings[i]);
  }
}

TEST(Encode, NoEncodingOfManyGeneratedValuesBeginsAnother) {
  Random random(1);
  std::set<std::vector<Anything>> values;
  while (values.size() < 5'000) {
    std::vector<Anything> list(random() % 4);
    for (Anything& item : list) item = random_thing(random);
    values.insert(std::move(list));
  }
  expect_prefix_free(std::vector(values.begin(), values.end()));
}

TEST(Encode, NoArgumentListSharesBytesWithAnother) {
  Random random(2);
  std::set<std::pair<std::string, std::string>> lists;
  while (lists.size() < 3'000) lists.emplace(random_text(random), random_text(random));
  std::set<std::string> keys;
  for (const auto& [first, second] : lists) {
    ms::Encoder encoder;
    encoder.add(first, second);
    keys.emplace(encoder.view());
  }
  EXPECT_EQ(keys.size(), lists.size());
}

TEST(Encode, TwoStringsNeverShareBytesWithOneJoined) {
  using List = std::vector<std::string>;
  expect_prefix_free<List>({{}, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"ab", ""}, {"", "ab"}});
  EXPECT_NE(ms::encoded(std::pair<std::string, std::string>("ab", "c")),
            ms::encoded(std::pair<std::string, std::string>("a", "bc")));
}

TEST(Encode, IntegersOfAllSizesAreExactAndPrefixFree) {
  std::set<std::int64_t> values;
  for (int bits = 0; bits < 63; ++bits) {
    for (std::int64_t near = -2; near <= 2; ++near) {
      values.insert((std::int64_t{1} << bits) + near);
      values.insert(-(std::int64_t{1} << bits) + near);
    }
  }
  values.insert(
      {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()});
  expect_prefix_free(std::vector(values.begin(), values.end()));
  for (std::int64_t value : values) {
    EXPECT_EQ(ms::describe(ms::encoded(value)), std::to_string(value));
  }
}

TEST(Encode, AnIntegerHasOneEncodingWhateverItsType) {
  EXPECT_EQ(ms::encoded(5), ms::encoded(std::uint64_t{5}));
  EXPECT_EQ(ms::encoded(-5), ms::encoded(std::int8_t{-5}));
  EXPECT_NE(ms::encoded(-1), ms::encoded(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_EQ(ms::encoded(Season::kWinter), ms::encoded(-1));
}

TEST(Encode, ASmallNumberWrittenInPlaceIsTheSame) {
  for (std::uint64_t number = 0; number < 0x5000; ++number) {
    std::array<char, 3> place{};
    const ms::Encoder::Small small = ms::Encoder::small(number);
    if (small.size == 0) {
      EXPECT_GT(ms::encoded(number).size(), place.size());
      continue;
    }
    small.write(place.data());
    ASSERT_EQ(std::string_view(place.data(), small.size), ms::encoded(number));
  }
}

TEST(Encode, AllNansAreOne) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(ms::encoded(nan), ms::encoded(-nan));
  EXPECT_EQ(ms::encoded(nan), ms::encoded(std::nan("77")));
  EXPECT_EQ(ms::encoded(std::nanf("3")), ms::encoded(-std::nanf("5")));
  EXPECT_EQ(ms::encoded(std::nanl("3")), ms::encoded(-std::nanl("5")));
  EXPECT_NE(ms::encoded(nan), ms::encoded(std::numeric_limits<double>::infinity()));
}

TEST(Encode, FloatsDifferWhenTheirBitsDiffer) {
  EXPECT_NE(ms::encoded(0.0), ms::encoded(-0.0));
  EXPECT_NE(ms::encoded(0.0f), ms::encoded(-0.0f));
  EXPECT_NE(ms::encoded(0.0L), ms::encoded(-0.0L));
  EXPECT_NE(ms::encoded(1.0), ms::encoded(std::nextafter(1.0, 2.0)));
  EXPECT_EQ(ms::encoded(1.5L), ms::encoded(1.5L));
}

TEST(Encode, TextIsTheSameInEveryForm) {
  const std::string text = "SEA";
  EXPECT_EQ(ms::encoded(text), ms::encoded("SEA"));
  EXPECT_EQ(ms::encoded(text), ms::encoded(std::string_view("SEA")));
  EXPECT_EQ(ms::encoded(text), ms::encoded(text.c_str()));
  EXPECT_EQ(ms::describe(ms::encoded(static_cast<const char*>(nullptr))), "none");
}

TEST(Encode, ACharArrayIsEncodedToItsEnd) {
  struct Code {
    char bytes[4];
  };
  EXPECT_NE(ms::encoded(Code{{'a', '\0', 'b', '\0'}}), ms::encoded(Code{{'a', '\0', 'c', '\0'}}));
  EXPECT_NE(ms::encoded(Code{{'a', 'b', 'c', '\0'}}), ms::encoded(Code{{'a', 'b', 'c', 'd'}}));
}

TEST(Encode, UnorderedContainersAreFreeOfOrder) {
  std::unordered_map<std::string, int> forward;
  std::unordered_map<std::string, int> backward(1'024);
  for (int i = 0; i < 300; ++i) forward[std::to_string(i)] = i;
  for (int i = 299; i >= 0; --i) backward[std::to_string(i)] = i;
  EXPECT_EQ(ms::encoded(forward), ms::encoded(backward));
  backward["7"] = 8;
  EXPECT_NE(ms::encoded(forward), ms::encoded(backward));

  std::unordered_set<int> odd{1, 3, 5};
  std::unordered_set<int> reversed(97);
  for (int i : {5, 3, 1}) reversed.insert(i);
  EXPECT_EQ(ms::encoded(odd), ms::encoded(reversed));
  EXPECT_EQ(ms::encoded(std::unordered_multiset<int>{1, 2, 1}),
            ms::encoded(std::unordered_multiset<int>{2, 1, 1}));
}

TEST(Encode, OrderedContainersKeepTheirOrder) {
  EXPECT_NE(ms::encoded(std::vector{1, 2}), ms::encoded(std::vector{2, 1}));
  const std::string expected = ms::encoded(std::vector{1, 2});
  EXPECT_EQ(ms::encoded(std::list{1, 2}), expected);
  EXPECT_EQ(ms::encoded(std::deque{1, 2}), expected);
  EXPECT_EQ(ms::encoded(std::forward_list{1, 2}), expected);
  EXPECT_EQ(ms::encoded(std::set{2, 1}), expected);
  EXPECT_EQ(ms::encoded(std::array{1, 2}), expected);
  const std::vector<int> items{1, 2};
  EXPECT_EQ(ms::encoded(std::span<const int>(items)), expected);
  EXPECT_EQ(ms::describe(ms::encoded(std::vector<bool>{true, false})), "[true, false]");
}

TEST(Encode, AUsersEncoderThatWritesNoCountIsFramed) {
  using Pair = std::pair<Digits, Digits>;
  EXPECT_NE(ms::encoded(Pair(Digits({1}), Digits({2, 3}))),
            ms::encoded(Pair(Digits({1, 2}), Digits({3}))));
  EXPECT_NE(ms::encoded(Digits(std::vector<int>(200, 1))),
            ms::encoded(Digits(std::vector<int>(201, 1))));
  EXPECT_EQ(ms::describe(ms::encoded(Digits(std::vector<int>(200, 1))), 12), "(1, 1, 1,...");
}

TEST(Encode, EmptyAndPresentAndNestedOptionalsDiffer) {
  using Nested = std::optional<std::optional<int>>;
  expect_prefix_free<Nested>({Nested(), Nested(std::optional<int>()), Nested(0), Nested(1)});
}

TEST(Encode, AlternativesOfEqualValueDiffer) {
  using Both = std::variant<int, long, std::monostate>;
  expect_prefix_free<Both>({Both(5), Both(5L), Both(std::monostate())});
}

TEST(Encode, SmartPointersAreEncodedByPointee) {
  EXPECT_EQ(ms::encoded(std::make_shared<Point>(Point{1, 2})),
            ms::encoded(std::make_unique<Point>(Point{1, 2})));
  EXPECT_NE(ms::encoded(std::make_shared<int>(1)), ms::encoded(std::make_shared<int>(2)));
  EXPECT_NE(ms::encoded(std::make_shared<int>(0)), ms::encoded(std::shared_ptr<int>()));
}

TEST(Encode, EveryFieldOfAnAggregateCounts) {
  const Query query{.origin = Airport("SEA"), .where = {}};
  Query other = query;
  EXPECT_EQ(ms::encoded(query), ms::encoded(other));
  other.grid[1][1] = 5;
  EXPECT_NE(ms::encoded(query), ms::encoded(other));
  other = query;
  other.code[3] = 'X';
  EXPECT_NE(ms::encoded(query), ms::encoded(other));
  other = query;
  other.season = Season::kWinter;
  EXPECT_NE(ms::encoded(query), ms::encoded(other));
  other = query;
  other.origin = Airport("PDX");
  EXPECT_NE(ms::encoded(query), ms::encoded(other));
  EXPECT_EQ(ms::describe(ms::encoded(BitFields{3, 9})), "(3, 9)");
}

TEST(Encode, RecursiveAggregatesAreEncodedWhole) {
  const Tree a{"a", {{"b", {}}, {"c", {}}}};
  const Tree b{"a", {{"b", {{"c", {}}}}}};
  EXPECT_NE(ms::encoded(a), ms::encoded(b));
  EXPECT_EQ(ms::describe(ms::encoded(a)), R"(("a", [("b", []), ("c", [])]))");
}

TEST(Encode, IgnoredLeavesNoTrace) {
  EXPECT_EQ(ms::encoded(ms::Ignored<int>(1)), "");
  int logger = 0;
  ms::Ignored ignored(logger);
  static_assert(std::is_same_v<decltype(ignored), ms::Ignored<int&>>);
  static_assert(std::is_same_v<decltype(ms::Ignored(5)), ms::Ignored<int>>);
  static_assert(ms::is_ignored_v<ms::Ignored<int&>> && !ms::is_ignored_v<int>);
  *ignored = 7;
  EXPECT_EQ(logger, 7);
  EXPECT_EQ(ms::describe(ms::encoded(WithLogger{4, std::function<void()>()})), "(4)");
}

TEST(Encode, SecretsAreExactInKeysAndDigestsInReports) {
  const std::string a = ms::encoded(ms::Secret<std::string>{"hunter2"});
  const std::string b = ms::encoded(ms::Secret<std::string>{"hunter3"});
  EXPECT_NE(a, b);
  EXPECT_EQ(ms::describe(a).size(), std::string("secret:01234567").size());
  EXPECT_TRUE(ms::describe(a).starts_with("secret:"));
  EXPECT_EQ(ms::describe(a).find("hunter"), std::string::npos);
  EXPECT_NE(ms::describe(a), ms::describe(b));
}

TEST(Encode, AFingerprintIsSmallAndTellsValuesApart) {
  std::vector<int> huge(100'000, 1);
  const std::string before = ms::encoded(ms::Fingerprint<const std::vector<int>&>{huge});
  EXPECT_LT(before.size(), 32u);
  EXPECT_EQ(before, ms::encoded(ms::Fingerprint(huge)));
  huge.back() = 2;
  EXPECT_NE(before, ms::encoded(ms::Fingerprint(huge)));
  EXPECT_EQ(ms::describe(before).size(), std::string("digest:01234567").size());
}

TEST(Encode, SpecializationServesTypesOfOthers) {
  EXPECT_NE(ms::encoded(outside::Colour(1)), ms::encoded(outside::Colour(2)));
  EXPECT_EQ(ms::describe(ms::encoded(Grid(3))), "(3)");
}

TEST(Encode, AnEncoderGrowsBeyondItsInlineBuffer) {
  ms::Encoder encoder;
  std::string expected;
  for (int i = 0; i < 5'000; ++i) {
    encoder.add(i);
    expected += ms::encoded(i);
  }
  EXPECT_EQ(encoder.view(), expected);
  encoder.clear();
  EXPECT_EQ(encoder.view(), "");
  const std::string text(100'000, 'x');
  encoder.add(text);
  EXPECT_EQ(encoder.view(), ms::encoded(text));
}

}  // namespace

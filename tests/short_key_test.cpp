// Short keys: they are what an Encoder writes, and answer the calls that those bytes would.
#include "memoscape/detail/short_key.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "engine/packed_bytes.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

using ms::detail::PackedBytes;

constexpr int kRunsToRepeat = 4;  // executes; is looked up; by shortcuts; on the track

// The key of so many numbers as an Encoder writes it, and in two registers.
void expect_same_key(const std::vector<std::int64_t>& numbers) {
  ms::detail::ShortKey key;
  ms::Encoder encoder;
  for (const std::int64_t number : numbers) {
    ASSERT_TRUE(key.add(number));
    encoder.add(number);
  }
  EXPECT_TRUE(PackedBytes(encoder.view()).packed_view().is(key));
  const std::string same(encoder.view());
  EXPECT_EQ(key.size(), same.size());
  EXPECT_FALSE(PackedBytes(same + '\0').packed_view().is(key));
  if (same.empty()) return;
  EXPECT_FALSE(PackedBytes(same.substr(1)).packed_view().is(key));
  for (std::size_t i = 0; i < same.size(); ++i) {
    std::string other = same;
    ++other[i];
    EXPECT_FALSE(PackedBytes(other).packed_view().is(key)) << i;
  }
}

TEST(ShortKey, IsTheEncodingOfItsNumbers) {
  const std::vector<std::int64_t> some = {0, 1, 0x7f, 0x80, 0x1234, 0x3fff};
  expect_same_key({});
  for (const std::int64_t a : some) {
    expect_same_key({a});
    for (const std::int64_t b : some) {
      expect_same_key({a, b});
      for (const std::int64_t c : some) {
        expect_same_key({a, b, c});
        for (const std::int64_t d : some) expect_same_key({a, b, c, d});
      }
    }
  }
}

TEST(ShortKey, TakesSmallNumbersOnly) {
  ms::detail::ShortKey key;
  EXPECT_FALSE(key.add(-1));
  EXPECT_FALSE(key.add(std::int8_t{-1}));
  EXPECT_FALSE(key.add(0x4000));
  EXPECT_FALSE(key.add(std::uint64_t{1} << 32));
  EXPECT_FALSE(key.add(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(key.size(), 0U);
  EXPECT_TRUE(key.add('a'));
  EXPECT_TRUE(PackedBytes(ms::encoded('a')).packed_view().is(key));

  enum class Color { red };
  using Key = ms::detail::ShortKey;
  static_assert(Key::kMayBeOf<> && Key::kMayBeOf<int, char, std::uint64_t, short>);
  static_assert(!Key::kMayBeOf<int, int, int, int, int> && !Key::kMayBeOf<bool>);
  static_assert(!Key::kMayBeOf<double> && !Key::kMayBeOf<std::string> && !Key::kMayBeOf<Color>);
}

// What is longer than the object holds is somewhere else, and no short key is like it.
TEST(ShortKey, IsNotOneOfMoreThanItHolds) {
  ms::detail::ShortKey key;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(key.add(0x3fff));
  const PackedBytes longer(std::string(13, 'x'));
  EXPECT_FALSE(longer.packed_view().is(key));
  EXPECT_FALSE(longer.packed_view().is(ms::detail::ShortKey{}));
}

// Short keys are compared in registers, others as bytes: each call gets what is its own, on the
// track and where it leaves it.
TEST(ShortKey, IsToldFromOtherArguments) {
  World w;
  enum class Color { red, green };
  const auto none = w.engine.cache_data("none", [] { return 7; });
  const auto one = w.engine.cache_data("one", [](std::int64_t a) { return a; });
  const auto four = w.engine.cache_data("four", [](int a, unsigned b, short c, std::int64_t d) {
    return std::vector<std::int64_t>{a, b, c, d};
  });
  const auto five = w.engine.cache_data("five", [](int a, int b, int c, int d, int e) {
    return std::vector<int>{a, b, c, d, e};
  });
  const auto text = w.engine.cache_data("text", [](std::string a) { return a; });
  const auto other = w.engine.cache_data("other", [](bool a, double b, Color c, char d) {
    return std::make_tuple(a, b, c == Color::red, d);
  });
  std::int64_t n = 0;
  w.script = [&](ms::Run& run) {
    const int small = static_cast<int>(n % 20'000);
    EXPECT_EQ(*none(run), 7);
    EXPECT_EQ(*one(run, n), n);
    EXPECT_EQ(*four(run, 1, 200, static_cast<short>(small), n),
              (std::vector<std::int64_t>{1, 200, static_cast<short>(small), n}));
    EXPECT_EQ(*five(run, 1, 2, 3, 4, small), (std::vector<int>{1, 2, 3, 4, small}));
    EXPECT_EQ(*text(run, std::to_string(n)), std::to_string(n));
    const bool even = n % 2 == 0;
    EXPECT_EQ(*other(run, even, 0.5, even ? Color::red : Color::green, 'x'),
              std::make_tuple(even, 0.5, even, 'x'));
    EXPECT_EQ(*none(run), 7);
  };
  const std::vector<std::int64_t> all = {0,      1,  127,    128,           300,     0x3fff,
                                         0x4000, -1, 70'000, 1'000'000'000, 5 << 20, 2};
  for (const std::int64_t first : all) {
    for (const std::int64_t next : all) {
      n = first;
      for (int i = 0; i < kRunsToRepeat; ++i) w.session().run(w.script);
      n = next;
      w.session().run(w.script);
    }
  }
}

}  // namespace
}  // namespace memoscape::testing

// Numbers that are encoded at once are encoded as they are one by one.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <span>
#include <type_traits>
#include <vector>

#include "memoscape/encode.hpp"

namespace memoscape::testing {
namespace {

namespace ms = memoscape;

template <class T>
class ManyNumbers : public ::testing::Test {};
using Numbers =
    ::testing::Types<float, double, char, signed char, unsigned char, short, unsigned short, int,
                     unsigned, long, unsigned long, long long, unsigned long long>;
TYPED_TEST_SUITE(ManyNumbers, Numbers);

// Of every magnitude that the type has, and of either sign.
template <class T>
T draw_number(std::mt19937_64& random) {
  const std::uint64_t bits = random();
  const auto magnitude = static_cast<unsigned>(random() % (8 * sizeof(T)));
  if constexpr (std::is_floating_point_v<T>) {
    T value{};
    const auto pattern = random() % 4 == 0 ? ~std::uint64_t{0} << magnitude : bits;
    std::memcpy(&value, &pattern, sizeof value);
    return value;
  } else {
    const auto edge = (std::uint64_t{1} << magnitude) - random() % 2;
    const auto value = static_cast<T>(random() % 2 == 0 ? edge : bits >> (63 - magnitude));
    return random() % 2 == 0 ? value : static_cast<T>(~value);
  }
}

// A deque is encoded one by one.
TYPED_TEST(ManyNumbers, AtOnceAreTheSameAsOneByOne) {
  std::mt19937_64 random(1);
  for (std::size_t count = 0; count < 300; ++count) {
    std::vector<TypeParam> numbers(count);
    for (TypeParam& number : numbers) number = draw_number<TypeParam>(random);
    ms::Encoder at_once;
    ms::Encoder one_by_one;
    for (std::size_t before = random() % 4; before > 0; --before) {
      at_once.none();
      one_by_one.none();
    }
    at_once.add(numbers, true);
    one_by_one.add(std::deque<TypeParam>(numbers.begin(), numbers.end()), true);
    ASSERT_EQ(at_once.view(), one_by_one.view()) << count;
    if (count != 7) continue;
    std::array<TypeParam, 7> array;
    std::copy(numbers.begin(), numbers.end(), array.begin());
    EXPECT_EQ(ms::encoded(array), ms::encoded(numbers));
    EXPECT_EQ(ms::encoded(std::span<TypeParam>(array)), ms::encoded(numbers));
  }
}

}  // namespace
}  // namespace memoscape::testing

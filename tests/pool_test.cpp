// Pools: objects lie together, and what one leaves is for the next.
#include "widgets/pool.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace memoscape::testing {
namespace {

struct alignas(64) Wide {
  Wide() noexcept { ++alive; }
  Wide(const Wide&) = delete;
  Wide& operator=(const Wide&) = delete;
  ~Wide() { --alive; }

  static inline int alive = 0;
  std::uint64_t number = 7;
};

using Pool = detail::Pool<Wide>;

TEST(Pool, MakesObjectsThatLieTogether) {
  Pool pool;
  std::vector<Pool::Ptr> all;
  std::set<const Wide*> places;
  for (int i = 0; i < 300; ++i) {
    all.push_back(pool.make());
    places.insert(all.back().get());
    EXPECT_EQ(all.back()->number, 7U);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(all.back().get()) % alignof(Wide), 0U);
  }
  EXPECT_EQ(places.size(), all.size());
  EXPECT_EQ(Wide::alive, 300);
  int neighbours = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    neighbours += all[i].get() == all[i - 1].get() + 1 ? 1 : 0;
  }
  EXPECT_GE(neighbours, 280);
  EXPECT_GE(pool.bytes(), 300 * sizeof(Wide));
  EXPECT_LE(pool.bytes(), 400 * sizeof(Wide));
  all.clear();
  EXPECT_EQ(Wide::alive, 0);
}

TEST(Pool, TakesFewForFew) {
  Pool pool;
  EXPECT_EQ(pool.bytes(), 0U);
  const Pool::Ptr one = pool.make();
  EXPECT_LE(pool.bytes(), 4 * sizeof(Wide));
}

TEST(Pool, UsesWhatIsFreedAgain) {
  Pool pool;
  std::vector<Pool::Ptr> all;
  for (int i = 0; i < 100; ++i) all.push_back(pool.make());
  const std::uint64_t bytes = pool.bytes();
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < all.size(); i += 3) all[i] = nullptr;
    EXPECT_EQ(Wide::alive, 66);
    for (std::size_t i = 0; i < all.size(); i += 3) {
      all[i] = pool.make();
      EXPECT_EQ(all[i]->number, 7U);
      all[i]->number = 8;
    }
  }
  EXPECT_EQ(pool.bytes(), bytes);
}

}  // namespace
}  // namespace memoscape::testing

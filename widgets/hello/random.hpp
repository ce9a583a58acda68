// Random: numbers that are the same on every platform, which std::distributions are not.
//
// Thread-safety: one thread at a time.
//
//   hello::Random random(42);
//   std::uint32_t die = 1 + random.below(6);
#pragma once

#include <cstdint>

namespace hello {

// PCG32 (XSH RR 64/32): O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
// Algorithms for Random Number Generation", 2014.
class Random {
 public:
  // Different streams of one seed are independent.
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) noexcept
      : increment_((stream << 1) | 1) {
    next();
    state_ += seed;
    next();
  }

  std::uint32_t next() noexcept {
    const std::uint64_t old = state_;
    state_ = old * 6364136223846793005u + increment_;
    const auto mixed = static_cast<std::uint32_t>(((old >> 18) ^ old) >> 27);
    const auto rotation = static_cast<std::uint32_t>(old >> 59);
    return (mixed >> rotation) | (mixed << ((32 - rotation) & 31));
  }

  // Uniform in [0, limit), without bias: Lemire, "Fast Random Integer Generation in an Interval",
  // 2019. Requires: limit > 0.
  std::uint32_t below(std::uint32_t limit) noexcept {
    std::uint64_t product = std::uint64_t{next()} * limit;
    if (static_cast<std::uint32_t>(product) < limit) {
      const std::uint32_t threshold = (0u - limit) % limit;
      while (static_cast<std::uint32_t>(product) < threshold) {
        product = std::uint64_t{next()} * limit;
      }
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

 private:
  std::uint64_t state_ = 0;
  std::uint64_t increment_;
};

}  // namespace hello

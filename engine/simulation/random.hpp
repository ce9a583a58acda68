// Random: numbers that are the same on each run.
//
// Thread-safety: one thread at a time.
//
//   Random random(42);
//   std::uint64_t die = 1 + random.below(6);
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace simulation {

// SplitMix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // In [0, 1).
  double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }
  // In [0, limit). Requires: 0 < limit < 2^53.
  std::uint64_t below(std::uint64_t limit) noexcept {
    return static_cast<std::uint64_t>(unit() * static_cast<double>(limit));
  }
  bool one_in(std::uint64_t n) noexcept { return below(n) == 0; }
  // Standard normal: Box and Muller, 1958.
  double normal() noexcept {
    return std::sqrt(-2 * std::log(1 - unit())) * std::cos(2 * std::numbers::pi * unit());
  }
  double log_normal(double median, double sigma) noexcept {
    return median * std::exp(sigma * normal());
  }
  std::chrono::nanoseconds log_normal(std::chrono::nanoseconds median, double sigma) noexcept {
    return std::chrono::nanoseconds(
        std::llround(log_normal(static_cast<double>(median.count()), sigma)));
  }
  // Each order of magnitude is as likely as another.
  double log_uniform(double low, double high) noexcept {
    return low * std::pow(high / low, unit());
  }

 private:
  std::uint64_t state_;
};

// Ranks from 0 to n - 1; the probability of rank r is proportional to 1 / (r + 1)^exponent.
class Zipf {
 public:
  Zipf(std::size_t n, double exponent) {
    double sum = 0;
    for (std::size_t r = 0; r < n; ++r) {
      sums_.push_back(sum += std::pow(static_cast<double>(r + 1), -exponent));
    }
  }
  std::size_t operator()(Random& random) const {
    const auto place =
        std::upper_bound(sums_.begin(), sums_.end() - 1, random.unit() * sums_.back());
    return static_cast<std::size_t>(place - sums_.begin());
  }

 private:
  std::vector<double> sums_;
};

}  // namespace simulation

// What greedy dual size frequency goes by (gdsf.cpp), for those that evict by the same rule.
#pragma once

#include <algorithm>

#include "engine/policy.hpp"

namespace memoscape::inline v0::detail {

// More uses tell little of the future, and what was popular once would stay too long.
inline constexpr std::uint32_t kMostUses = 6;

inline std::uint32_t counted_uses(const PolicyHook& entry, std::uint32_t times) noexcept {
  return std::min(entry.uses + std::min(times, kMostUses), kMostUses);
}

// Nanoseconds that a byte of it saves: a priority is this above the age.
inline double worth(const PolicyHook& entry) noexcept {
  constexpr std::chrono::nanoseconds kLeastCost = std::chrono::microseconds(1);
  const auto cost = static_cast<double>(std::max(entry.cost, kLeastCost).count());
  const auto bytes = static_cast<double>(std::max<std::uint64_t>(entry.bytes, 1));
  return cost * entry.uses / bytes;
}

}  // namespace memoscape::inline v0::detail

// Sizes in bytes: literals that cannot overflow unseen, and sizes as text.
//
// Thread-safety: pure functions.
//
//   using namespace memoscape::literals;
//   ms::Engine engine({.limits = {.max_bytes = 4_GiB}});   // 4u << 30 would be 0: no limit
//   std::puts(ms::readable_bytes(12'897'485).c_str());     // 12.3 MiB
#pragma once

#include <cstdint>
#include <string>

#include "memoscape/config.hpp"

namespace memoscape::inline v0 {

namespace detail {

void this_size_does_not_fit_64_bits();  // not constexpr: to call it is a compile error

consteval unsigned long long shifted(unsigned long long count, int bits) {
  if (count > (~0ull >> bits)) this_size_does_not_fit_64_bits();
  return count << bits;
}

}  // namespace detail

inline namespace literals {

consteval unsigned long long operator""_B(unsigned long long n) { return n; }
consteval unsigned long long operator""_KiB(unsigned long long n) { return detail::shifted(n, 10); }
consteval unsigned long long operator""_MiB(unsigned long long n) { return detail::shifted(n, 20); }
consteval unsigned long long operator""_GiB(unsigned long long n) { return detail::shifted(n, 30); }
consteval unsigned long long operator""_TiB(unsigned long long n) { return detail::shifted(n, 40); }

}  // namespace literals

// "512 B", "12.3 MiB": one decimal from 1 KiB on.
MEMOSCAPE_API std::string readable_bytes(std::uint64_t bytes);

}  // namespace memoscape::inline v0

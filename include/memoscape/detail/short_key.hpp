// ShortKey: an encoded key of a few small numbers, or of none, in two registers. Most calls have
// one, and most of these repeat one of the run before: they are compared without having been
// written.
//
// Thread-safety: a value type.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "memoscape/encode.hpp"

namespace memoscape::inline v0::detail {

// What is encoded as an integer.
template <class T>
inline constexpr bool is_number_v =
    std::is_integral_v<T> && !std::is_same_v<T, bool> && sizeof(T) <= sizeof(std::uint64_t) &&
    !exact_adl::Found<T> && !HasEncodeSpecialization<T>;

class ShortKey {
  static constexpr std::size_t kMost = 4;  // of up to three bytes each

 public:
  // Whether arguments of these types may have one.
  template <class... Args>
  static constexpr bool kMayBeOf = sizeof...(Args) == 0 ||
                                   (std::endian::native == std::endian::little &&
                                    sizeof...(Args) <= kMost && (is_number_v<Args> && ...));

  // False: the number is not small, and nothing was done. Requires: less than kMost were added.
  bool add(std::integral auto number) noexcept {
    const auto small = Encoder::small(static_cast<std::uint64_t>(number));
    if (small.size == 0) return false;
    const auto bytes = std::uint64_t{small.bytes};
    const std::uint64_t bit = 32 + 8 * size();
    if (bit < 64) {
      words_[0] |= bytes << bit;
      if (bit > 32) words_[1] |= bytes >> (64 - bit);
    } else {
      words_[1] |= bytes << (bit - 64);
    }
    words_[0] += small.size;
    return true;
  }
  // A size of 32 bits, and twelve bytes, of which those behind it are 0.
  const std::array<std::uint64_t, 2>& words() const noexcept { return words_; }
  std::uint64_t size() const noexcept { return words_[0] & 0xffffffffu; }
  std::string_view view() const noexcept {  // valid for as long as this
    return {reinterpret_cast<const char*>(words_.data()) + sizeof(std::uint32_t), size()};
  }

 private:
  std::array<std::uint64_t, 2> words_{};
};

}  // namespace memoscape::inline v0::detail

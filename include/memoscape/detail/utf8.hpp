// UTF-8: strict checks for text from outside. No surrogates, no overlong forms, nothing above
// U+10FFFF.
//
// Thread-safety: pure functions.
//
//   if (!detail::is_valid_utf8(typed)) return "it is not valid UTF-8";
//   if (detail::utf8_length(typed) > 40) return "it is too long";
#pragma once

#include <cstddef>
#include <string_view>

#include "memoscape/config.hpp"

namespace memoscape::inline v0::detail {

// Bytes of the valid UTF-8 sequence that `text` begins with; 0: it begins with none.
MEMOSCAPE_API std::size_t utf8_sequence(std::string_view text) noexcept;

// Whether all of `text` is valid UTF-8. Complexity: linear.
MEMOSCAPE_API bool is_valid_utf8(std::string_view text) noexcept;

// Code points in `text`; a byte that belongs to no valid sequence counts as one.
MEMOSCAPE_API std::size_t utf8_length(std::string_view text) noexcept;

}  // namespace memoscape::inline v0::detail

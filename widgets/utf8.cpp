#include "memoscape/detail/utf8.hpp"

namespace memoscape::inline v0::detail {

// Table 3-7 of the Unicode Standard: which second bytes each first byte allows.
std::size_t utf8_sequence(std::string_view text) noexcept {
  const auto is_within = [&](std::size_t i, unsigned char low, unsigned char high) {
    return i < text.size() && static_cast<unsigned char>(text[i]) >= low &&
           static_cast<unsigned char>(text[i]) <= high;
  };
  const auto continues = [&](std::size_t i) { return is_within(i, 0x80, 0xbf); };
  if (is_within(0, 0x00, 0x7f)) return 1;
  if (is_within(0, 0xc2, 0xdf)) return continues(1) ? 2 : 0;
  if (is_within(0, 0xe0, 0xef)) {
    const unsigned char low = is_within(0, 0xe0, 0xe0) ? 0xa0 : 0x80;   // no overlong forms
    const unsigned char high = is_within(0, 0xed, 0xed) ? 0x9f : 0xbf;  // no surrogates
    return is_within(1, low, high) && continues(2) ? 3 : 0;
  }
  if (is_within(0, 0xf0, 0xf4)) {
    const unsigned char low = is_within(0, 0xf0, 0xf0) ? 0x90 : 0x80;   // no overlong forms
    const unsigned char high = is_within(0, 0xf4, 0xf4) ? 0x8f : 0xbf;  // up to U+10FFFF
    return is_within(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

bool is_valid_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t utf8_length(std::string_view text) noexcept {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    text.remove_prefix(length == 0 ? 1 : length);
    ++count;
  }
  return count;
}

}  // namespace memoscape::inline v0::detail

// format: text with values in it, where the pattern is checked against the arguments by the
// compiler.
//
// `{}` takes the next argument; `{:.2}` and `{:.2f}` show a floating-point one with that many
// decimals (at most 99); `{{` and `}}` are braces. Floating-point numbers are otherwise as short as
// reads back equal. No locale. A pattern is always a constant: text from users is an argument.
//
// Thread-safety: a pure function.
//
//   ms::format("{} flights", n);                    // 42 flights
//   ms::format("{:.1f} % of {{{}}}", 12.345, "x");  // 12.3 % of {x}
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "memoscape/config.hpp"

namespace memoscape::inline v0 {

namespace detail {

template <class T>
inline constexpr bool kIsCharacterOfAnotherKind =
    std::same_as<T, wchar_t> || std::same_as<T, char8_t> || std::same_as<T, char16_t> ||
    std::same_as<T, char32_t>;

template <class T>
concept Formattable = std::floating_point<T> ||
                      (std::integral<T> && sizeof(T) <= 8 && !kIsCharacterOfAnotherKind<T>) ||
                      (!std::same_as<T, std::nullptr_t> &&
                       std::convertible_to<const T&, std::string_view>);

// One argument without its type. Refers to the text it was made of.
struct FormatArgument {
  enum class Kind { kBool, kChar, kSigned, kUnsigned, kFloat, kDouble, kLongDouble, kText };

  template <Formattable T>
  FormatArgument(const T& value) noexcept {
    if constexpr (std::same_as<T, bool>) {
      kind = Kind::kBool, flag = value;
    } else if constexpr (std::same_as<T, char>) {
      kind = Kind::kChar, character = value;
    } else if constexpr (std::signed_integral<T>) {
      kind = Kind::kSigned, signed_integer = value;
    } else if constexpr (std::unsigned_integral<T>) {
      kind = Kind::kUnsigned, unsigned_integer = value;
    } else if constexpr (std::same_as<T, float>) {
      kind = Kind::kFloat, single_number = value;
    } else if constexpr (std::same_as<T, double>) {
      kind = Kind::kDouble, number = value;
    } else if constexpr (std::same_as<T, long double>) {
      kind = Kind::kLongDouble, long_number = value;
    } else if constexpr (std::is_pointer_v<T>) {
      kind = Kind::kText, text = value == nullptr ? std::string_view() : std::string_view(value);
    } else {
      kind = Kind::kText, text = value;
    }
  }

  Kind kind;
  union {
    bool flag;
    char character;
    std::int64_t signed_integer;
    std::uint64_t unsigned_integer;
    float single_number;
    double number;
    long double long_number;
    std::string_view text;
  };
};

// Not constexpr: to reach one of these while a pattern is checked is a compile error that shows its
// name.
void format_pattern_has_fewer_placeholders_than_arguments();
void format_pattern_has_more_placeholders_than_arguments();
void format_pattern_has_an_unpaired_brace_to_be_doubled();
void format_placeholder_must_be_empty_or_like_colon_dot_2();
void format_decimals_are_for_floating_point_arguments();

// What a placeholder asks for; `length` counts its braces, and 0 means that it is malformed.
struct Placeholder {
  std::size_t length = 0;
  int decimals = -1;  // -1: shortest
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Requires: text begins with a brace.
constexpr Placeholder parse_placeholder(std::string_view text) {
  const std::size_t close = text.find('}');
  if (close == std::string_view::npos) return {};
  std::string_view inside = text.substr(1, close - 1);
  if (inside.empty()) return {.length = 2};
  if (inside.ends_with('f')) inside.remove_suffix(1);
  if (!inside.starts_with(":.") || inside.size() < 3 || inside.size() > 4) return {};
  int decimals = 0;
  for (char c : inside.substr(2)) {
    if (!is_digit(c)) return {};
    decimals = decimals * 10 + (c - '0');
  }
  return {.length = close + 1, .decimals = decimals};
}

// Requires: the pattern was checked against arguments of these kinds.
MEMOSCAPE_API std::string format_arguments(std::string_view pattern,
                                           const FormatArgument* arguments);

}  // namespace detail

// A pattern that fits arguments of types Args. Refers to its text.
template <class... Args>
class FormatString {
 public:
  template <class Text>
  requires std::convertible_to<const Text&, std::string_view>
  consteval FormatString(const Text& text) : text_(text) { check(); }

  constexpr std::string_view text() const noexcept { return text_; }

 private:
  consteval void check() const {
    constexpr std::array<bool, sizeof...(Args) + 1> kFloating{std::floating_point<Args>..., false};
    std::size_t used = 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c != '{' && c != '}') continue;
      if (i + 1 < text_.size() && text_[i + 1] == c) {
        ++i;
        continue;
      }
      if (c == '}') detail::format_pattern_has_an_unpaired_brace_to_be_doubled();
      const detail::Placeholder placeholder = detail::parse_placeholder(text_.substr(i));
      if (placeholder.length == 0) detail::format_placeholder_must_be_empty_or_like_colon_dot_2();
      if (used == sizeof...(Args)) detail::format_pattern_has_more_placeholders_than_arguments();
      if (placeholder.decimals >= 0 && !kFloating[used]) {
        detail::format_decimals_are_for_floating_point_arguments();
      }
      ++used;
      i += placeholder.length - 1;
    }
    if (used < sizeof...(Args)) detail::format_pattern_has_fewer_placeholders_than_arguments();
  }

  std::string_view text_;
};

// The pattern with its placeholders replaced by the arguments, in order.
// Throws: std::bad_alloc only.
template <class... Args>
std::string format(FormatString<std::type_identity_t<Args>...> pattern, const Args&... args) {
  static_assert((detail::Formattable<std::decay_t<Args>> && ...),
                "memoscape: format() takes bool, integers, floating-point numbers, char and text. "
                "Cure: convert the argument to text first.");
  const std::array<detail::FormatArgument, sizeof...(Args) + 1> arguments{
      detail::FormatArgument(static_cast<const std::decay_t<const Args&>&>(args))..., false};
  return detail::format_arguments(pattern.text(), arguments.data());
}

}  // namespace memoscape::inline v0

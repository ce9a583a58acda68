// Fills the placeholders of a checked pattern. The pattern is checked when the caller is compiled,
// so there is no error to report here.
#include "memoscape/format.hpp"

#include <array>
#include <charconv>

namespace memoscape::inline v0::detail {
namespace {

template <class Number, class... Format>
void append_number(std::string& out, Number number, Format... format) {
  // The longest: a long double of 4,933 digits with 99 decimals.
  std::array<char, 5'040> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, format...);
  out.append(digits.data(), end.ptr);
}

template <class Number>
void append_floating(std::string& out, Number number, int decimals) {
  if (decimals < 0) {
    append_number(out, number);
  } else {
    append_number(out, number, std::chars_format::fixed, decimals);
  }
}

void append(std::string& out, const FormatArgument& argument, int decimals) {
  using Kind = FormatArgument::Kind;
  switch (argument.kind) {
    case Kind::kBool:
      out += argument.flag ? "true" : "false";
      break;
    case Kind::kChar:
      out += argument.character;
      break;
    case Kind::kSigned:
      append_number(out, argument.signed_integer);
      break;
    case Kind::kUnsigned:
      append_number(out, argument.unsigned_integer);
      break;
    case Kind::kFloat:
      append_floating(out, argument.single_number, decimals);
      break;
    case Kind::kDouble:
      append_floating(out, argument.number, decimals);
      break;
    case Kind::kLongDouble:
      append_floating(out, argument.long_number, decimals);
      break;
    case Kind::kText:
      out += argument.text;
      break;
  }
}

}  // namespace

std::string format_arguments(std::string_view pattern, const FormatArgument* arguments) {
  std::string out;
  out.reserve(pattern.size() + 16);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c != '{' && c != '}') {
      out += c;
    } else if (i + 1 < pattern.size() && pattern[i + 1] == c) {
      out += c;
      ++i;
    } else {
      const Placeholder placeholder = parse_placeholder(pattern.substr(i));
      append(out, *arguments++, placeholder.decimals);
      i += placeholder.length - 1;
    }
  }
  return out;
}

}  // namespace memoscape::inline v0::detail

#include "memoscape/detail/terminal.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "memoscape/detail/utf8.hpp"

namespace memoscape::inline v0::detail {

namespace {

constexpr std::size_t kQuotedWidth = 60;
constexpr char kHexDigits[] = "0123456789abcdef";

// The code point of a valid sequence.
char32_t code_point(std::string_view sequence) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
  switch (sequence.size()) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1fu) << 6 | (byte(1) & 0x3fu);
    case 3:
      return (byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu);
    default:
      return (byte(0) & 0x07u) << 18 | (byte(1) & 0x3fu) << 12 | (byte(2) & 0x3fu) << 6 |
             (byte(3) & 0x3fu);
  }
}

// Whether it would move the cursor, or turn the text around it (Unicode's Cc and bidi controls).
bool is_control(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void append_hex(char32_t number, std::string& out) {
  std::string digits;
  do {
    digits.push_back(kHexDigits[number & 15]);
    number >>= 4;
  } while (number != 0);
  if (digits.size() < 2) digits.push_back('0');
  out.append(digits.rbegin(), digits.rend());
}

void append_escape(char32_t c, std::string& out) {
  if (c == U'\n') {
    out += "\\n";
  } else if (c == U'\t') {
    out += "\\t";
  } else if (c == U'\r') {
    out += "\\r";
  } else if (c < 0x80) {
    out += "\\x";
    append_hex(c, out);
  } else {
    out += "\\u{";
    append_hex(c, out);
    out += '}';
  }
}

// Appends one line, escaped already, broken at spaces.
void append_broken(std::string_view line, std::size_t width, std::string& out) {
  std::size_t used = 0;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' ', 1), line.size());
    std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    const std::size_t columns = text_width(word);
    if (used != 0 && used + columns > width) {
      out += '\n';
      used = 0;
      if (word.starts_with(' ')) word.remove_prefix(1);
    }
    out += word;
    used += columns;
  }
  out += '\n';
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) {
      out += "\\x";
      append_hex(static_cast<unsigned char>(text[0]), out);
      text.remove_prefix(1);
      continue;
    }
    const char32_t c = code_point(text.substr(0, length));
    if (is_control(c)) {
      append_escape(c, out);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string quoted(std::string_view text) {
  return '"' + cut(escaped(text.substr(0, 4 * kQuotedWidth)), kQuotedWidth) + '"';
}

std::size_t text_width(std::string_view text) noexcept { return utf8_length(text); }

std::string cut(std::string text, std::size_t width) {
  if (text_width(text) <= width) return text;
  const std::size_t kept = width > 3 ? width - 3 : 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    bytes += std::max<std::size_t>(1, utf8_sequence(std::string_view(text).substr(bytes)));
  }
  text.resize(bytes);
  return text += "...";
}

void append_wrapped(std::string_view text, std::size_t width, std::string& out) {
  while (true) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    append_broken(escaped(text.substr(0, end)), width, out);
    if (end == text.size()) return;
    text.remove_prefix(end + 1);
  }
}

void append_repeated(std::string_view text, std::size_t count, std::string& out) {
  for (std::size_t i = 0; i < count; ++i) out += text;
}

std::string readable(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  if (number == 0) return "0";
  char digits[64];
  const double size = std::fabs(number);
  if (size < 1e-4 || size >= 1e15) {
    const auto end =
        std::to_chars(digits, digits + sizeof digits, number, std::chars_format::general, 6).ptr;
    return std::string(digits, end);
  }
  const int decimals = std::max(0, 5 - static_cast<int>(std::floor(std::log10(size))));
  const auto end =
      std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed, decimals).ptr;
  std::string text(digits, end);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

std::string readable(const Value& value) {
  if (const double* number = value.get_if<double>()) return readable(*number);
  if (const std::string* text = value.get_if<std::string>()) return escaped(*text);
  if (const bool* flag = value.get_if<bool>()) return *flag ? "true" : "false";
  if (const std::int64_t* number = value.get_if<std::int64_t>()) return std::to_string(*number);
  if (const Value::List* list = value.get_if<Value::List>()) {
    std::string out;
    for (const Value& item : *list) {
      if (!out.empty()) out += ", ";
      out += readable(item);
    }
    return out;
  }
  return escaped(to_text(value));
}

}  // namespace memoscape::inline v0::detail

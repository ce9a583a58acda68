#include "text.hpp"

#include <array>
#include <charconv>

namespace hello {

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

std::string fixed(double number, int digits) {
  std::array<char, 400> buffer{};  // holds the largest double
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                    std::chars_format::fixed, digits);
  return std::string(buffer.data(), result.ptr);
}

std::string printable(std::string_view text, std::size_t max_length) {
  std::string line(text.substr(0, max_length));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  if (text.size() > max_length) line += "...";
  return line;
}

}  // namespace hello

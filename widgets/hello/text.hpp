// Small things about text: numbers for people, and foreign text for messages.
//
// Thread-safety: pure functions.
//
//   hello::grouped(1234567);    // "1,234,567"
//   hello::fixed(2.345, 1);     // "2.3"
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hello {

std::string grouped(std::uint64_t number);
// `digits` after the point.
std::string fixed(double number, int digits);
// `text` for a message: one line without control characters, cut at `max_length`.
std::string printable(std::string_view text, std::size_t max_length = 60);

}  // namespace hello

#include "widgets/iso_time.hpp"

namespace memoscape::inline v0::detail {

namespace {

constexpr int kMostYears = 9999;

void append_digits(unsigned number, int width, std::string& out) {
  const std::string digits = std::to_string(number);
  out.append(static_cast<std::size_t>(width) - digits.size(), '0');
  out += digits;
}

// The number that stands at `begin` in exactly `width` digits; -1: none does.
int digits_at(std::string_view text, std::size_t begin, std::size_t width) {
  int number = 0;
  for (const char c : text.substr(begin, width)) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

bool is_date(std::chrono::year_month_day date) {
  const int year = static_cast<int>(date.year());
  return date.ok() && year >= 1 && year <= kMostYears;
}

bool is_time(std::chrono::seconds time) {
  return time >= std::chrono::seconds(0) && time < std::chrono::hours(24);
}

std::string date_text(std::chrono::year_month_day date) {
  std::string text;
  append_digits(static_cast<unsigned>(static_cast<int>(date.year())), 4, text);
  text += '-';
  append_digits(static_cast<unsigned>(date.month()), 2, text);
  text += '-';
  append_digits(static_cast<unsigned>(date.day()), 2, text);
  return text;
}

std::string time_text(std::chrono::seconds time) {
  const auto seconds = static_cast<unsigned>(time.count());
  std::string text;
  append_digits(seconds / 3600, 2, text);
  text += ':';
  append_digits(seconds / 60 % 60, 2, text);
  text += ':';
  append_digits(seconds % 60, 2, text);
  return text;
}

std::optional<std::chrono::year_month_day> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = digits_at(text, 0, 4);
  const int month = digits_at(text, 5, 2);
  const int day = digits_at(text, 8, 2);
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  return is_date(date) ? std::optional(date) : std::nullopt;
}

std::optional<std::chrono::seconds> parse_time(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const int hours = digits_at(text, 0, 2);
  const int minutes = digits_at(text, 3, 2);
  const int seconds = digits_at(text, 6, 2);
  const bool fits =
      hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60;
  if (!fits) return std::nullopt;
  return std::chrono::hours(hours) + std::chrono::minutes(minutes) + std::chrono::seconds(seconds);
}

}  // namespace memoscape::inline v0::detail

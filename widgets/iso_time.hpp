// Dates and times of day as text, as ISO 8601 writes them: "2026-01-02", "13:45:00". Texts of one
// kind stand in the order of what they mean.
//
// Thread-safety: pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace memoscape::inline v0::detail {

// Requires: a date that exists, of the years 1 to 9999.
std::string date_text(std::chrono::year_month_day date);
// Requires: 0 to 24 h, 24 h excluded.
std::string time_text(std::chrono::seconds time);

// Nothing for what is not exactly of that form, or does not exist.
std::optional<std::chrono::year_month_day> parse_date(std::string_view text);
std::optional<std::chrono::seconds> parse_time(std::string_view text);

bool is_date(std::chrono::year_month_day date);
bool is_time(std::chrono::seconds time);

}  // namespace memoscape::inline v0::detail

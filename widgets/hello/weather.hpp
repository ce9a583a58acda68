// Weather: a table of daily observations, read from a CSV and indexed by month and weather kind.
//
// Thread-safety: a table is immutable once read; the functions may be called from any thread.
//
//   hello::Table table = hello::load_table("");              // the built-in Seattle data
//   for (hello::DayIndex day : table.in_month(12)) use(table.days()[day].rain_mm);
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hello {

using DayIndex = std::uint16_t;
inline constexpr std::size_t kMaxDays = 65'536;
inline constexpr std::size_t kMaxWeatherKinds = 32;

struct Day {
  std::chrono::year_month_day date;
  double rain_mm = 0;
  double temp_max_c = 0;
  double temp_min_c = 0;
  double wind_m_s = 0;
  std::uint8_t weather = 0;  // index into Table::weather_kinds

  bool operator==(const Day&) const = default;
};

// Its message is one line: "FILE:LINE: what is wrong", or "FILE: ..." for the whole file.
class CsvError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Table {
 public:
  // `days` are in order of date; each one's `weather` is below the number of kinds.
  Table(std::vector<Day> days, std::vector<std::string> weather_kinds);

  const std::vector<Day>& days() const noexcept { return days_; }
  // In alphabetical order.
  const std::vector<std::string>& weather_kinds() const noexcept { return weather_kinds_; }

  // The days of a month (1 to 12), or of a weather kind, in order of date.
  std::span<const DayIndex> in_month(unsigned month) const { return by_month_.at(month - 1); }
  std::span<const DayIndex> with_weather(std::string_view kind) const;  // empty: no such kind

  std::size_t heap_bytes() const;

 private:
  std::vector<Day> days_;
  std::vector<std::string> weather_kinds_;
  std::array<std::vector<DayIndex>, 12> by_month_;
  std::vector<std::vector<DayIndex>> by_weather_;
};

// Reads a CSV with the columns date,precipitation,temp_max,temp_min,wind,weather. Lines may end by
// CR LF. `name` stands for the file in errors. Throws: CsvError.
Table parse_table(std::string_view csv, std::string_view name);
// Reads a file; the built-in data when `file` is empty. Throws: CsvError.
Table load_table(const std::string& file);

// NOAA's daily weather for Seattle, 2012 to 2015 (data/README.md), compiled in.
std::string_view built_in_csv() noexcept;

}  // namespace hello

// Resample: thousands of synthetic years drawn from observed days, and what they tell about rain.
//
// A seasonal block bootstrap: a synthetic year is put together of blocks of seven successive days,
// each from a randomly chosen observed year at about the same time of the year. So wet spells and
// seasons stay what they are.
//
// Thread-safety: pure functions; equal input gives equal output.
//
//   hello::Resampled drawn = hello::resample(table, {.days = "winter", .years = 1000});
//   drawn.quantiles.rows();
#pragma once

#include <cstddef>
#include <cstdint>
#include <memoscape/page.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weather.hpp"

namespace hello {

enum class Measure : std::uint8_t { total_rain, wet_days };

inline constexpr std::string_view kAllDays = "all";
inline constexpr std::string_view kByWeather = "by weather";

// What to draw from, how much, and what to count.
struct Selection {
  std::string days = std::string(kAllDays);  // or spring, summer, autumn, winter, by weather
  std::vector<std::string> weather = {};     // the kinds, when by weather
  int years = 1000;
  Measure measure = Measure::total_rain;
  double wet_from_mm = 1.0;  // a day with as much rain is wet

  bool operator==(const Selection&) const = default;
};

// The choices of Selection::days.
std::vector<std::string> day_choices();

// One synthetic year.
struct YearSummary {
  double rain_mm = 0;
  double rainiest_day_mm = 0;
  double rainiest_month_mm = 0;  // the rainiest 30 days on end
  std::int32_t wet_days = 0;
  std::int32_t longest_dry_spell = 0;  // in days

  bool operator==(const YearSummary&) const = default;
};

struct Resampled {
  std::size_t days_per_year = 0;
  std::vector<DayIndex> days;      // the observed days that were drawn, year by year
  std::vector<YearSummary> years;  // empty when no observed day was selected
  memoscape::DataFrame course;     // of the measure in the course of a year: quantiles by day
  memoscape::DataFrame month;      // of the measure in the 30 days up to a day: quantiles by day
  memoscape::DataFrame quantiles;  // of the columns of `years`

  std::size_t heap_bytes() const;
};

Resampled resample(const Table& table, const Selection& selection);

// The q-quantile of ascending numbers, interpolated. Requires: not empty, 0 <= q <= 1.
double quantile(std::span<const double> sorted, double q);

}  // namespace hello

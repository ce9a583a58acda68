#include "resample.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memoscape/heap_bytes.hpp>
#include <numeric>
#include <utility>

#include "random.hpp"

namespace hello {
namespace {

constexpr std::uint64_t kDrawSeed = 20120101;  // of all draws: equal choices draw equal years
constexpr std::size_t kBlockDays = 7;
constexpr std::uint32_t kJitterDays = 15;  // how far from its place in the year a block may come
constexpr std::size_t kMonthDays = 30;

struct Season {
  std::string_view name;
  std::array<unsigned, 3> months;
};
constexpr std::array<Season, 4> kSeasons = {{{"spring", {3, 4, 5}},
                                             {"summer", {6, 7, 8}},
                                             {"autumn", {9, 10, 11}},
                                             {"winter", {12, 1, 2}}}};

// The selected days, in order of date.
std::vector<DayIndex> selected_days(const Table& table, const Selection& selection) {
  std::vector<DayIndex> days;
  const auto add = [&](std::span<const DayIndex> more) {
    days.insert(days.end(), more.begin(), more.end());
  };
  if (selection.days == kByWeather) {
    for (const std::string& kind : selection.weather) add(table.with_weather(kind));
  } else if (selection.days == kAllDays) {
    for (unsigned month = 1; month <= 12; ++month) add(table.in_month(month));
  } else {
    for (const Season& season : kSeasons) {
      if (season.name != selection.days) continue;
      for (const unsigned month : season.months) add(table.in_month(month));
    }
  }
  std::sort(days.begin(), days.end());
  return days;
}

// The same by observed year; years without such days are not there.
std::vector<std::span<const DayIndex>> by_year(const Table& table, std::span<const DayIndex> days) {
  std::vector<std::span<const DayIndex>> years;
  const auto year_of = [&](DayIndex day) { return table.days()[day].date.year(); };
  while (!days.empty()) {
    std::size_t count = 1;
    while (count < days.size() && year_of(days[count]) == year_of(days[0])) ++count;
    years.push_back(days.first(count));
    days = days.subspan(count);
  }
  return years;
}

void draw_year(Random& random, std::span<const std::span<const DayIndex>> observed,
               std::span<DayIndex> year) {
  for (std::size_t at = 0; at < year.size();) {
    const std::span<const DayIndex> source =
        observed[random.below(static_cast<std::uint32_t>(observed.size()))];
    const std::size_t length = source.size();
    // Adding whole lengths keeps the sum positive; the days before the first are the last ones.
    const std::size_t begin = at * length / year.size() + kJitterDays * length +
                              random.below(2 * kJitterDays + 1) - kJitterDays;
    for (std::size_t i = 0; i < kBlockDays && at < year.size(); ++i) {
      year[at++] = source[(begin + i) % length];
    }
  }
}

double measured(const Selection& selection, double rain_mm) {
  if (selection.measure == Measure::total_rain) return rain_mm;
  return rain_mm >= selection.wet_from_mm ? 1 : 0;
}

YearSummary summarize(std::span<const double> rain, double wet_from_mm) {
  YearSummary summary;
  double month = 0;
  std::int32_t dry_spell = 0;
  for (std::size_t i = 0; i < rain.size(); ++i) {
    const bool is_wet = rain[i] >= wet_from_mm;
    month += rain[i] - (i >= kMonthDays ? rain[i - kMonthDays] : 0);
    dry_spell = is_wet ? 0 : dry_spell + 1;
    summary.rain_mm += rain[i];
    summary.rainiest_day_mm = std::max(summary.rainiest_day_mm, rain[i]);
    summary.rainiest_month_mm = std::max(summary.rainiest_month_mm, month);
    summary.wet_days += is_wet ? 1 : 0;
    summary.longest_dry_spell = std::max(summary.longest_dry_spell, dry_spell);
  }
  return summary;
}

struct Band {
  const char* name;
  double q;
};
constexpr std::array<Band, 5> kCourseBands = {
    {{"5 %", 0.05}, {"25 %", 0.25}, {"50 %", 0.5}, {"75 %", 0.75}, {"95 %", 0.95}}};
constexpr std::array<Band, 7> kYearBands = {{{"5 %", 0.05},
                                             {"10 %", 0.1},
                                             {"25 %", 0.25},
                                             {"50 %", 0.5},
                                             {"75 %", 0.75},
                                             {"90 %", 0.9},
                                             {"95 %", 0.95}}};

// As much of a sort as the quantiles of the bands, which ascend, look at: each at two neighbours.
void sort_for(std::span<const Band> bands, std::span<double> numbers) {
  auto unsorted = numbers.begin();
  for (const Band& band : bands) {
    const double place = band.q * static_cast<double>(numbers.size() - 1);
    const auto below = numbers.begin() + static_cast<std::ptrdiff_t>(place);
    if (below >= unsorted) {
      std::nth_element(unsorted, below, numbers.end());
      unsorted = below + 1;
    }
    if (unsorted == below + 1 && unsorted != numbers.end()) {
      std::iter_swap(unsorted, std::min_element(unsorted, numbers.end()));
      ++unsorted;
    }
  }
}

// Quantiles over all years for each day of the year from `first_day` on. `numbers` holds a row for
// each of these days, with a number for each synthetic year.
memoscape::DataFrame bands_of(std::vector<double>& numbers, std::size_t years,
                              std::size_t first_day) {
  const std::size_t days = numbers.size() / years;
  std::array<std::vector<double>, kCourseBands.size()> bands;
  std::vector<std::int64_t> day_numbers(days);
  std::iota(day_numbers.begin(), day_numbers.end(), static_cast<std::int64_t>(first_day));
  for (std::size_t day = 0; day < days; ++day) {
    const std::span<double> row = std::span(numbers).subspan(day * years, years);
    sort_for(kCourseBands, row);
    for (std::size_t i = 0; i < bands.size(); ++i) {
      bands[i].push_back(quantile(row, kCourseBands[i].q));
    }
  }
  memoscape::DataFrame frame;
  frame.columns.push_back({"day", std::move(day_numbers)});
  for (std::size_t i = 0; i < bands.size(); ++i) {
    frame.columns.push_back({kCourseBands[i].name, std::move(bands[i])});
  }
  return frame;
}

template <class T>
memoscape::DataFrame::Column quantiles_of(std::span<const YearSummary> years, const char* name,
                                          T YearSummary::*member) {
  std::vector<double> sorted;
  sorted.reserve(years.size());
  for (const YearSummary& year : years) sorted.push_back(static_cast<double>(year.*member));
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int64_t> values;
  values.reserve(kYearBands.size());
  for (const Band& band : kYearBands) values.push_back(std::llround(quantile(sorted, band.q)));
  return {name, std::move(values)};
}

memoscape::DataFrame quantiles_of(std::span<const YearSummary> years) {
  std::vector<std::string> names;
  names.reserve(kYearBands.size());
  for (const Band& band : kYearBands) names.emplace_back(band.name);
  memoscape::DataFrame frame;
  frame.columns.push_back({"years below", std::move(names)});
  frame.columns.push_back(quantiles_of(years, "rain (mm)", &YearSummary::rain_mm));
  frame.columns.push_back(quantiles_of(years, "wet days", &YearSummary::wet_days));
  frame.columns.push_back(quantiles_of(years, "max day", &YearSummary::rainiest_day_mm));
  frame.columns.push_back(quantiles_of(years, "max 30 days", &YearSummary::rainiest_month_mm));
  frame.columns.push_back(quantiles_of(years, "dry spell", &YearSummary::longest_dry_spell));
  return frame;
}

}  // namespace

std::vector<std::string> day_choices() {
  std::vector<std::string> choices = {std::string(kAllDays)};
  for (const Season& season : kSeasons) choices.emplace_back(season.name);
  choices.emplace_back(kByWeather);
  return choices;
}

Resampled resample(const Table& table, const Selection& selection) {
  Resampled result;
  const std::vector<DayIndex> days = selected_days(table, selection);
  if (days.empty() || selection.years < 1) return result;
  const std::vector<std::span<const DayIndex>> observed = by_year(table, days);
  const std::size_t length = (days.size() + observed.size() / 2) / observed.size();
  const auto years = static_cast<std::size_t>(selection.years);

  result.days_per_year = length;
  result.days.resize(years * length);
  result.years.reserve(years);
  const std::size_t window = std::min(kMonthDays, length);
  std::vector<double> rain(length);
  std::vector<double> sums(length + 1);  // of the measure over the first days of a year
  std::vector<double> course(years * length);
  std::vector<double> month(years * (length + 1 - window));
  Random random(kDrawSeed);
  for (std::size_t year = 0; year < years; ++year) {
    const std::span<DayIndex> drawn = std::span(result.days).subspan(year * length, length);
    draw_year(random, observed, drawn);
    for (std::size_t i = 0; i < length; ++i) {
      rain[i] = table.days()[drawn[i]].rain_mm;
      sums[i + 1] = sums[i] + measured(selection, rain[i]);
      course[i * years + year] = sums[i + 1];
    }
    for (std::size_t i = window; i <= length; ++i) {
      month[(i - window) * years + year] = sums[i] - sums[i - window];
    }
    result.years.push_back(summarize(rain, selection.wet_from_mm));
  }
  result.course = bands_of(course, years, 1);
  result.month = bands_of(month, years, window);
  result.quantiles = quantiles_of(result.years);
  return result;
}

double quantile(std::span<const double> sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double weight = position - static_cast<double>(below);
  return sorted[below] + (sorted[above] - sorted[below]) * weight;
}

std::size_t Resampled::heap_bytes() const {
  return memoscape::heap_bytes(days) + memoscape::heap_bytes(years) + course.heap_bytes() +
         month.heap_bytes() + quantiles.heap_bytes();
}

}  // namespace hello

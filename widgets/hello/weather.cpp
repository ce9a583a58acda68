#include "weather.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <memoscape/heap_bytes.hpp>
#include <optional>
#include <utility>

#include "text.hpp"

namespace hello {
namespace {

constexpr std::string_view kHeader = "date,precipitation,temp_max,temp_min,wind,weather";
constexpr std::size_t kColumns = 6;
constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxWeatherLength = 32;
constexpr std::size_t kMaxFileName = 4096;

// Splits a text into lines, whatever they end by, and numbers them.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool next() {
    if (rest_.empty()) return false;
    const std::size_t end = rest_.find('\n');
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (line_.ends_with('\r')) line_.remove_suffix(1);
    ++number_;
    return true;
  }
  std::string_view line() const { return line_; }
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::string_view line_;
  std::size_t number_ = 0;
};

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::chrono::year_month_day> parse_date(std::string_view text) {
  const auto is_digit_at = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 10) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7 ? text[i] != '-' : !is_digit_at(i)) return std::nullopt;
  }
  const std::chrono::year_month_day date(
      std::chrono::year(*parse_number<int>(text.substr(0, 4))),
      std::chrono::month(*parse_number<unsigned>(text.substr(5, 2))),
      std::chrono::day(*parse_number<unsigned>(text.substr(8, 2))));
  return date.ok() ? std::optional(date) : std::nullopt;
}

// Reads the rows, and says of the first bad one what is wrong.
class Reader {
 public:
  Reader(std::string_view csv, std::string_view name) : lines_(csv), name_(name) {}

  Table read() {
    if (!lines_.next()) fail_file("is empty; its first line must be " + std::string(kHeader));
    if (lines_.line() != kHeader) {
      fail("the header must be " + std::string(kHeader) + ", not '" + printable(lines_.line()) +
           "'");
    }
    while (lines_.next()) read_row();
    if (days_.empty()) fail_file("has no rows after the header");
    return finish();
  }

 private:
  [[noreturn]] void fail_file(const std::string& what) const {
    throw CsvError(name_ + ": " + what);
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw CsvError(name_ + ":" + std::to_string(lines_.number()) + ": " + what);
  }

  void read_row() {
    const std::array<std::string_view, kColumns> cells = split();
    if (days_.size() == kMaxDays) fail("more than " + std::to_string(kMaxDays) + " rows");
    Day day;
    day.date = date(cells[0]);
    day.rain_mm = number("precipitation", cells[1]);
    day.temp_max_c = number("temp_max", cells[2]);
    day.temp_min_c = number("temp_min", cells[3]);
    day.wind_m_s = number("wind", cells[4]);
    day.weather = weather(cells[5]);
    if (day.rain_mm < 0) fail("precipitation '" + printable(cells[1]) + "' is negative");
    if (day.wind_m_s < 0) fail("wind '" + printable(cells[4]) + "' is negative");
    days_.push_back(day);
  }

  std::array<std::string_view, kColumns> split() const {
    std::array<std::string_view, kColumns> cells;
    std::string_view rest = lines_.line();
    if (rest.empty()) fail("the line is empty");
    std::size_t count = 0;
    for (bool more = true; more; ++count) {
      const std::size_t comma = rest.find(',');
      more = comma != std::string_view::npos;
      if (count < kColumns) cells[count] = rest.substr(0, comma);
      rest.remove_prefix(more ? comma + 1 : rest.size());
    }
    if (count != kColumns) {
      fail(std::to_string(count) + (count == 1 ? " column" : " columns") + ", where " +
           std::to_string(kColumns) + " are expected");
    }
    return cells;
  }

  std::chrono::year_month_day date(std::string_view cell) const {
    const std::optional<std::chrono::year_month_day> parsed = parse_date(cell);
    if (!parsed) fail("'" + printable(cell) + "' is not a date (YYYY-MM-DD)");
    if (!days_.empty() && *parsed <= days_.back().date) {
      fail("date " + std::string(cell) + " is not after the one before");
    }
    return *parsed;
  }

  double number(std::string_view column, std::string_view cell) const {
    const std::optional<double> parsed = parse_number<double>(cell);
    if (!parsed || !std::isfinite(*parsed)) {
      fail(std::string(column) + " '" + printable(cell) + "' is not a finite number");
    }
    return *parsed;
  }

  std::uint8_t weather(std::string_view cell) {
    const auto is_plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == ' ' || c == '-' || c == '_';
    };
    if (cell.empty() || cell.size() > kMaxWeatherLength ||
        !std::all_of(cell.begin(), cell.end(), is_plain)) {
      fail("weather '" + printable(cell) + "' is not 1 to " + std::to_string(kMaxWeatherLength) +
           " letters, digits, spaces, '-' or '_'");
    }
    const auto [found, is_new] =
        kinds_.try_emplace(std::string(cell), static_cast<std::uint8_t>(kinds_.size()));
    if (is_new && kinds_.size() > kMaxWeatherKinds) {
      fail("more than " + std::to_string(kMaxWeatherKinds) + " kinds of weather");
    }
    return found->second;
  }

  // Renumbers the kinds from order of appearance to alphabetical order.
  Table finish() {
    std::vector<std::string> names;
    std::vector<std::uint8_t> renumbered(kinds_.size());
    for (const auto& [kind, number] : kinds_) {
      renumbered[number] = static_cast<std::uint8_t>(names.size());
      names.push_back(kind);
    }
    for (Day& day : days_) day.weather = renumbered[day.weather];
    return Table(std::move(days_), std::move(names));
  }

  Lines lines_;
  std::string name_;
  std::vector<Day> days_;
  std::map<std::string, std::uint8_t, std::less<>> kinds_;
};

std::string read_file(const std::string& file) {
  const std::string name = printable(file, kMaxFileName);
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw CsvError(name + ": cannot be opened");
  std::string text(kMaxFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) throw CsvError(name + ": cannot be read");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kMaxFileBytes) throw CsvError(name + ": larger than 16 MiB");
  return text;
}

}  // namespace

Table::Table(std::vector<Day> days, std::vector<std::string> weather_kinds)
    : days_(std::move(days)),
      weather_kinds_(std::move(weather_kinds)),
      by_weather_(weather_kinds_.size()) {
  days_.shrink_to_fit();
  for (std::size_t i = 0; i < days_.size(); ++i) {
    const Day& day = days_[i];
    by_month_[static_cast<unsigned>(day.date.month()) - 1].push_back(static_cast<DayIndex>(i));
    by_weather_[day.weather].push_back(static_cast<DayIndex>(i));
  }
}

std::span<const DayIndex> Table::with_weather(std::string_view kind) const {
  const auto found = std::lower_bound(weather_kinds_.begin(), weather_kinds_.end(), kind);
  if (found == weather_kinds_.end() || *found != kind) return {};
  return by_weather_[static_cast<std::size_t>(found - weather_kinds_.begin())];
}

std::size_t Table::heap_bytes() const {
  std::size_t bytes = memoscape::heap_bytes(days_) + memoscape::heap_bytes(weather_kinds_) +
                      memoscape::heap_bytes(by_weather_);
  for (const std::vector<DayIndex>& days : by_month_) bytes += memoscape::heap_bytes(days);
  return bytes;
}

Table parse_table(std::string_view csv, std::string_view name) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (csv.starts_with(kByteOrderMark)) csv.remove_prefix(kByteOrderMark.size());
  return Reader(csv, printable(name, kMaxFileName)).read();
}

Table load_table(const std::string& file) {
  if (file.empty()) return parse_table(built_in_csv(), "the built-in data");
  return parse_table(read_file(file), file);
}

}  // namespace hello

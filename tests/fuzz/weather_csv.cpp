// The example app's weather table.
#include <cstdlib>

#include "tests/fuzz/fuzz.hpp"
#include "widgets/hello/weather.hpp"

// The data that is compiled into the app is not needed here.
std::string_view hello::built_in_csv() noexcept { return {}; }

void fuzz(std::string_view text) {
  try {
    const hello::Table table = hello::parse_table(text, "fuzz");
    for (const hello::Day& day : table.days()) {
      if (!day.date.ok() || day.weather >= table.weather_kinds().size()) std::abort();
    }
  } catch (const hello::CsvError&) {
  }
}

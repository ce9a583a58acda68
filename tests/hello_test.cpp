// The hello app: its CSV reader, its calculation, its command line, and its script on an engine.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memoscape/memoscape.hpp>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "widgets/hello/crowd.hpp"
#include "widgets/hello/explorer.hpp"
#include "widgets/hello/options.hpp"
#include "widgets/hello/random.hpp"
#include "widgets/hello/resample.hpp"
#include "widgets/hello/text.hpp"
#include "widgets/hello/weather.hpp"

namespace hello {
namespace {

namespace ms = memoscape;

const std::string kHeader = "date,precipitation,temp_max,temp_min,wind,weather\n";

std::string error_of(const std::string& csv) {
  try {
    parse_table(csv, "days.csv");
  } catch (const CsvError& error) {
    return error.what();
  }
  return "no error";
}

TEST(HelloCsv, NamesTheFileTheLineAndWhatIsWrong) {
  struct Case {
    std::string csv;
    std::string error;
  };
  const std::string good = "2012-01-01,1.5,3,-1,4.7,rain\n";
  const std::vector<Case> cases = {
      {"",
       "days.csv: is empty; its first line must be date,precipitation,temp_max,temp_min,wind,"
       "weather"},
      {"date,rain\n",
       "days.csv:1: the header must be date,precipitation,temp_max,temp_min,wind,"
       "weather, not 'date,rain'"},
      {kHeader, "days.csv: has no rows after the header"},
      {kHeader + "2012-01-01,1,2,3,4\n", "days.csv:2: 5 columns, where 6 are expected"},
      {kHeader + "2012-01-01\n", "days.csv:2: 1 column, where 6 are expected"},
      {kHeader + good + "2012-01-02,1,2,3,4,rain,5\n",
       "days.csv:3: 7 columns, where 6 are expected"},
      {kHeader + good + "\n2012-01-02,1,2,3,4,rain\n", "days.csv:3: the line is empty"},
      {kHeader + "2011-02-29,1,2,3,4,rain\n",
       "days.csv:2: '2011-02-29' is not a date (YYYY-MM-DD)"},
      {kHeader + "2012-1-1,1,2,3,4,rain\n", "days.csv:2: '2012-1-1' is not a date (YYYY-MM-DD)"},
      {kHeader + "2012/01/01,1,2,3,4,rain\n",
       "days.csv:2: '2012/01/01' is not a date (YYYY-MM-DD)"},
      {kHeader + good + good, "days.csv:3: date 2012-01-01 is not after the one before"},
      {kHeader + "2012-01-01,,2,3,4,rain\n", "days.csv:2: precipitation '' is not a finite number"},
      {kHeader + "2012-01-01,1,warm,3,4,rain\n",
       "days.csv:2: temp_max 'warm' is not a finite number"},
      {kHeader + "2012-01-01,1,2,nan,4,rain\n",
       "days.csv:2: temp_min 'nan' is not a finite number"},
      {kHeader + "2012-01-01,1,2,3,1e999,rain\n",
       "days.csv:2: wind '1e999' is not a finite number"},
      {kHeader + "2012-01-01,1,2,3,4 ,rain\n", "days.csv:2: wind '4 ' is not a finite number"},
      {kHeader + "2012-01-01,-1,2,3,4,rain\n", "days.csv:2: precipitation '-1' is negative"},
      {kHeader + "2012-01-01,1,2,3,-4,rain\n", "days.csv:2: wind '-4' is negative"},
      {kHeader + "2012-01-01,1,2,3,4,\n",
       "days.csv:2: weather '' is not 1 to 32 letters, digits, spaces, '-' or '_'"},
      {kHeader + "2012-01-01,1,2,3,4,\"rain\"\n",
       "days.csv:2: weather '\"rain\"' is not 1 to 32 letters, digits, spaces, '-' or '_'"},
      {kHeader + "2012-01-01,1,2,3,4,ra\x01in\n",
       "days.csv:2: weather 'ra?in' is not 1 to 32 letters, digits, spaces, '-' or '_'"},
  };
  for (const Case& test : cases) EXPECT_EQ(error_of(test.csv), test.error);
}

TEST(HelloCsv, RefusesMoreKindsOfWeatherThanAWidgetCanShow) {
  std::string csv = kHeader;
  for (std::size_t i = 0; i <= kMaxWeatherKinds; ++i) {
    csv += (i < 28 ? "2012-01-" : "2012-02-") + std::string(i % 28 < 9 ? "0" : "") +
           std::to_string(i % 28 + 1) + ",1,2,1,4,kind" + std::to_string(i) + "\n";
  }
  EXPECT_EQ(error_of(csv), "days.csv:34: more than 32 kinds of weather");
}

TEST(HelloCsv, SaysOfAFileThatItCannotBeOpened) {
  EXPECT_THROW(load_table("/no/such/file.csv"), CsvError);
  EXPECT_THROW(load_table("/"), CsvError);
}

TEST(HelloCsv, AcceptsWindowsLineEndsAByteOrderMarkAndNoLastLineEnd) {
  const Table table = parse_table(
      "\xEF\xBB\xBF"
      "date,precipitation,temp_max,temp_min,wind,weather\r\n"
      "2012-02-29,1.5,3,-1,4.7,snow\r\n"
      "2012-03-01,0,8,2,1,a sunny-day",
      "days.csv");
  ASSERT_EQ(table.days().size(), 2u);
  EXPECT_EQ(table.days()[0].temp_min_c, -1);
  EXPECT_EQ(table.weather_kinds(), (std::vector<std::string>{"a sunny-day", "snow"}));
  EXPECT_EQ(table.days()[0].weather, 1);
}

TEST(HelloCsv, TheBuiltInDataAreFourYearsIndexedByMonthAndWeather) {
  const Table table = load_table("");
  EXPECT_EQ(table.days().size(), 1461u);
  EXPECT_EQ(table.weather_kinds(),
            (std::vector<std::string>{"drizzle", "fog", "rain", "snow", "sun"}));
  std::size_t by_month = 0;
  for (unsigned month = 1; month <= 12; ++month) {
    by_month += table.in_month(month).size();
    for (const DayIndex day : table.in_month(month)) {
      EXPECT_EQ(static_cast<unsigned>(table.days()[day].date.month()), month);
    }
  }
  EXPECT_EQ(by_month, 1461u);
  EXPECT_EQ(table.with_weather("snow").size(), 26u);
  EXPECT_TRUE(table.with_weather("hail").empty());
  EXPECT_GE(table.heap_bytes(), 1461 * (sizeof(Day) + 2 * sizeof(DayIndex)));
}

TEST(HelloRandom, IsPcg32) {
  // From the output of the reference implementation's demo: seed 42, stream 54.
  Random random(42, 54);
  const std::array<std::uint32_t, 6> expected = {0xa15c02b7, 0x7b47f409, 0xba1d3330,
                                                 0x83d2f293, 0xbfa4784b, 0xcbed606e};
  for (const std::uint32_t number : expected) EXPECT_EQ(random.next(), number);
}

TEST(HelloResample, EqualSelectionsGiveEqualYears) {
  const Table table = load_table("");
  const Selection winter = {.days = "winter", .years = 500};
  const Resampled drawn = resample(table, winter);
  EXPECT_EQ(drawn.days, resample(table, winter).days);
  EXPECT_EQ(drawn.days_per_year, 90u);
  EXPECT_EQ(drawn.days.size(), 500u * 90u);
  const std::set<unsigned> months = {1, 2, 12};
  for (const DayIndex day : drawn.days) {
    ASSERT_TRUE(months.contains(static_cast<unsigned>(table.days()[day].date.month())));
  }
}

TEST(HelloResample, SyntheticYearsAreAsWetAsTheObservedOnes) {
  const Table table = load_table("");
  double observed = 0;
  for (const Day& day : table.days()) observed += day.rain_mm / 4;
  const Resampled drawn = resample(table, {.years = 2000});
  double mean = 0;
  for (const YearSummary& year : drawn.years) mean += year.rain_mm / 2000;
  EXPECT_NEAR(mean, observed, observed * 0.02);
}

TEST(HelloResample, CountsWetDaysFromTheThresholdOn) {
  const Table table = parse_table(kHeader +
                                      "2012-01-01,0,2,1,4,sun\n2012-01-02,5,2,1,4,rain\n"
                                      "2012-01-03,0.5,2,1,4,rain\n2012-01-04,0,2,1,4,sun\n",
                                  "days.csv");
  const Resampled drawn =
      resample(table, {.years = 1, .measure = Measure::wet_days, .wet_from_mm = 5});
  ASSERT_EQ(drawn.years.size(), 1u);
  EXPECT_EQ(drawn.years[0].wet_days, 1);
  EXPECT_EQ(drawn.years[0].rain_mm, 5.5);
  EXPECT_EQ(drawn.years[0].rainiest_month_mm, 5.5);
  EXPECT_EQ(std::get<std::vector<double>>(drawn.course.columns[3].values).back(), 1);
}

TEST(HelloResample, GivesNothingWhenNoDayIsSelected) {
  const Table table = load_table("");
  EXPECT_TRUE(resample(table, {.days = "by weather"}).years.empty());
  EXPECT_TRUE(resample(table, {.days = "by weather", .weather = {"hail"}}).years.empty());
}

TEST(HelloResample, QuantilesAreInterpolated) {
  const std::vector<double> numbers = {1, 2, 4};
  EXPECT_EQ(quantile(numbers, 0), 1);
  EXPECT_EQ(quantile(numbers, 0.5), 2);
  EXPECT_EQ(quantile(numbers, 0.75), 3);
  EXPECT_EQ(quantile(numbers, 1), 4);
}

TEST(HelloOptions, SizesAreBytesWithOrWithoutAUnit) {
  EXPECT_EQ(parse_size("1000"), 1000u);
  EXPECT_EQ(parse_size("64MiB"), 64u << 20);
  EXPECT_EQ(parse_size("512MB"), 512'000'000u);
  EXPECT_EQ(parse_size("0"), 0u);
  for (const char* bad : {"", "MB", "-1", "1.5GB", "64 MiB", "64mib", "18446744073709551616",
                          "17179869184GiB", "0x10"}) {
    EXPECT_EQ(parse_size(bad), std::nullopt) << bad;
  }
}

TEST(HelloText, IsForPeople) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(fixed(2.25, 1), "2.2");
  EXPECT_EQ(printable("a\nb\x7F"), "a?b?");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
}

// A file with 20 days of each of two years, so that an execution is quick.
std::string write_few_days() {
  std::string csv = kHeader;
  for (const char* year : {"2020", "2021"}) {
    for (int day = 10; day < 30; ++day) {
      const char* rest = day % 3 == 0 ? ",0,15,5,2,sun\n" : ",4.5,12,7,3,rain\n";
      csv += std::string(year) + "-10-" + std::to_string(day) + rest;
    }
  }
  std::string file =
      testing::TempDir() + "hello_test_few_days-" + std::to_string(getpid()) + ".csv";
  std::ofstream(file) << csv;
  return file;
}

// The script on an engine of its own; every test ends with the engine's own check.
class HelloExplorer : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(engine_.check(), "");
    EXPECT_EQ(plain_.check(), "");
    std::remove(file_.c_str());
  }

  std::string file_ = write_few_days();
  ms::Engine engine_;
  Explorer explorer_{engine_, file_};
  ms::Engine plain_{{.caching = ms::Caching::off}};
  Explorer uncached_{plain_, file_};
};

TEST_F(HelloExplorer, CreatesAWidgetOnlyInTheBranchThatNeedsIt) {
  ms::AppTest app(engine_, [this](ms::Run& run) { explorer_(run); });
  app.run();
  EXPECT_FALSE(app.has("multiselect", kWeather));
  EXPECT_FALSE(app.has("slider", kWetFrom));
  app.select(kDays, kByWeather).select(kCount, kWetDays).run();
  EXPECT_TRUE(app.has("multiselect", kWeather));
  EXPECT_TRUE(app.has("slider", kWetFrom));
  EXPECT_EQ(app.page().error_text(), "");
}

TEST_F(HelloExplorer, ExecutesOncePerDistinctPath) {
  Crowd crowd(engine_, explorer_, {.visitors = 6, .seed = 3});
  std::set<std::string> paths;
  while (!crowd.done()) {
    const ms::Page& page = crowd.interact();
    ASSERT_EQ(page.error_text(), "");
    paths.insert(path_on(page));
    ASSERT_EQ(explorer_.executions().resample, paths.size());
  }
  EXPECT_EQ(explorer_.executions().weather, 1u);
  EXPECT_GT(paths.size(), 20u);
  EXPECT_LT(paths.size(), crowd.interactions());
}

TEST_F(HelloExplorer, ANameThatItDoesNotReadExecutesNothing) {
  ms::Session alice(engine_);
  alice.run(explorer_);
  alice.set(kName, "Alice");
  const ms::Page page = alice.run(explorer_);
  EXPECT_EQ(explorer_.executions().resample, 1u);
  EXPECT_NE(page.find("text", "Hello, Alice!"), nullptr);
}

TEST_F(HelloExplorer, ShowsTheSamePagesWithCachingOff) {
  Crowd crowd(engine_, explorer_, {.visitors = 5, .seed = 5});
  Crowd other(plain_, uncached_, {.visitors = 5, .seed = 5});
  while (!crowd.done()) {
    const ms::Page& page = crowd.interact();
    const ms::Page& plain = other.interact();
    ASSERT_TRUE(page == plain) << to_text(page) << to_text(plain);
    ASSERT_EQ(to_text(page), to_text(plain));
  }
  EXPECT_TRUE(other.done());
  EXPECT_EQ(uncached_.executions().resample, other.interactions());
}

TEST_F(HelloExplorer, ShowsTheSamePagesWhenLimitsEvict) {
  engine_.set_limits({.max_bytes = 2'000'000});
  Crowd crowd(engine_, explorer_, {.visitors = 5, .seed = 5});
  Crowd other(plain_, uncached_, {.visitors = 5, .seed = 5});
  while (!crowd.done()) {
    ASSERT_EQ(to_text(crowd.interact()), to_text(other.interact()));
    ASSERT_LE(engine_.report().totals.charged, 2'000'000u);
  }
  EXPECT_GT(engine_.report().totals.counters.evicted_bytes, 0u);
}

TEST_F(HelloExplorer, SaysWhenNoDayIsSelected) {
  ms::AppTest app(engine_, [this](ms::Run& run) { explorer_(run); });
  app.run().select(kDays, kByWeather).run().select(kWeather, std::vector<std::string>{}).run();
  EXPECT_TRUE(app.has("error"));
  EXPECT_EQ(app.page().error_text(), "");
}

}  // namespace
}  // namespace hello

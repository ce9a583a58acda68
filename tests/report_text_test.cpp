#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "memoscape/bytes.hpp"
#include "memoscape/detail/terminal.hpp"
#include "memoscape/report.hpp"

namespace ms = memoscape;
using namespace ms::literals;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// Sums up what the parts of a hand-made report say.
void add_up(ms::Report& report) {
  ms::Totals& totals = report.totals;
  totals.permutations = report.permutations.size();
  totals.entries = 0;
  totals.nodes = 0;
  totals.counters = {};
  for (const ms::PermutationRow& row : report.permutations) totals.entries += row.bytes.total();
  for (ms::FunctionRow& function : report.functions) {
    function.bytes = {};
    function.permutations = 0;
    for (const ms::PermutationRow& row : report.permutations) {
      if (row.function != function.name) continue;
      function.bytes += row.bytes;
      ++function.permutations;
    }
    totals.nodes += function.nodes;
    totals.counters += function.counters;
  }
  totals.charged = totals.entries + totals.nodes + totals.shared;
}

ms::Report small_report() {
  ms::Report report;
  report.limits.max_bytes = 512_MiB;
  report.functions.resize(2);
  report.functions[0].name = "delayed";
  report.functions[0].nodes = 640;
  report.functions[0].counters = {
      .lookups = 10, .hits = 8, .misses = 2, .stored = 2, .compute = 60ms, .saved = 240ms};
  report.functions[1].name = "weather";
  report.functions[1].kind = ms::Kind::resource;
  report.functions[1].counters = {
      .lookups = 3, .hits = 2, .misses = 1, .stored = 1, .compute = 1s, .saved = 2s};
  report.functions[1].counters.evicted_bytes = 4;
  report.permutations.push_back({.id = "00000000000000a1",
                                 .function = "delayed",
                                 .arguments = "\"SEA\"",
                                 .reads = {{"slider Minutes", "60"}, {"state user", "\"ann\""}},
                                 .bytes = {2_MiB, 1000, 200},
                                 .hits = 8,
                                 .compute = 30ms,
                                 .saved = 240ms});
  report.permutations.push_back({.id = "00000000000000b2",
                                 .function = "delayed",
                                 .arguments = "\"SEA\"",
                                 .reads = {{"slider Minutes", "15"}, {"state user", "\"ann\""}},
                                 .bytes = {1_MiB, 1000, 200},
                                 .compute = 30ms});
  report.permutations.push_back({.id = "00000000000000c3",
                                 .function = "weather",
                                 .arguments = "",
                                 .reads = {},
                                 .bytes = {4096, 0, 100},
                                 .source = ms::BytesSource::declared,
                                 .hits = 2,
                                 .compute = 1s,
                                 .saved = 2s});
  report.widgets.push_back({.function = "delayed",
                            .variable = "slider Minutes",
                            .distinct_values = 2,
                            .permutations = 2,
                            .bytes = 3_MiB + 2400,
                            .effect = ms::WidgetRow::Effect::never_changed});
  report.totals.shared = 300;
  report.totals.held = 2048;
  report.totals.fixed = 5000;
  add_up(report);
  return report;
}

// A report where every text comes from somebody who means harm, and every number is large.
ms::Report hostile_report(const std::string& text, std::uint64_t number) {
  const std::chrono::nanoseconds time(static_cast<std::int64_t>(number >> 1));
  const ms::Counters counters{.lookups = number,
                              .hits = number,
                              .followers = number,
                              .misses = number,
                              .abandoned = number,
                              .stored = number,
                              .failed = number,
                              .tainted = number,
                              .discarded = number,
                              .oversize = number,
                              .divergences = number,
                              .compute = time,
                              .saved = time,
                              .evicted_bytes = number,
                              .evicted_entries = number,
                              .expired = number,
                              .cleared = number,
                              .invalidated = number,
                              .diverged = number,
                              .ended_with_inner = number};
  ms::Report report;
  report.limits.max_bytes = number;
  for (int i = 0; i < 3; ++i) {
    ms::FunctionRow& function = report.functions.emplace_back();
    function.name = text;
    function.kind = ms::Kind::resource;
    function.permutations = number;
    function.bytes.value = number;
    function.counters = counters;
    report.permutations.push_back({.id = text,
                                   .function = text,
                                   .arguments = text,
                                   .reads = {{text, text}, {"slider " + text, text}, {"", ""}},
                                   .session = number,
                                   .bytes = {number, 0, 0},
                                   .hits = i == 0 ? 0 : number,
                                   .compute = time,
                                   .saved = time});
    report.widgets.push_back({.function = text,
                              .variable = text,
                              .distinct_values = number,
                              .permutations = number,
                              .bytes = number,
                              .effect = ms::WidgetRow::Effect::never_changed});
  }
  report.totals = {.permutations = number,
                   .charged = number,
                   .entries = number,
                   .nodes = number,
                   .shared = number,
                   .held = number,
                   .under_construction = number,
                   .fixed = number,
                   .release_errors = number,
                   .rejected_values = number,
                   .counters = counters};
  return report;
}

std::uint64_t exact_number(std::string_view line) {
  std::uint64_t number = 0;
  for (char c : line.substr(0, 40)) {
    if (c >= '0' && c <= '9') number = 10 * number + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

}  // namespace

TEST(ReportText, NamesTheFunctionWhoseResultsAreNotKept) {
  ms::Report report = small_report();
  const auto said = [&](std::string_view text) {
    return ms::to_text(report).find(text) != std::string::npos;
  };
  report.totals.counters.failed = 9;
  EXPECT_TRUE(said("- 9 executions ended by an exception"));  // of one that was removed
  report.functions[1].counters.failed = 9;
  EXPECT_TRUE(said("- 9 executions of \"" + report.functions[1].name + "\" ended by an"));
  report.functions[0].counters.failed = 1;
  report.totals.counters.failed = 10;
  EXPECT_TRUE(said("- 10 executions of \"" + report.functions[1].name + "\" and 1 other function"));
}

TEST(ReportText, SaysFirstWhatMattersThenTheTables) {
  EXPECT_EQ(ms::to_text(small_report()), R"(3.0 MiB of 512.0 MiB charged (0.6 %) for 3 permutations.
13 calls: 10 hits (76.9 %) saved 2.2 s, 3 executions took 1.1 s.

- "slider Minutes" multiplies the permutations of "delayed" and never changed
  the value: 2 values, 2 permutations, 3.0 MiB. Create it outside of the
  function if what it shows does not need it.
- Bytes of 1 value: declared by the function.
- 1 of 3 permutations was never hit: 1.0 MiB.
- 4 permutations were removed: 4 by max_bytes.
- 2.0 KiB of values that were removed are still held by a Ref or a shared
  pointer.

Functions, largest first
  name     kind      permutations    bytes  hits  misses  hit %     saved
  delayed  data                 2  3.0 MiB     8       2   80.0  240.0 ms
  weather  resource             1  4.1 KiB     2       1   66.7     2.0 s

Permutations, largest first
  id                  bytes  hits  compute     saved
  00000000000000a1  2.0 MiB     8  30.0 ms  240.0 ms
    delayed("SEA"): Minutes=60, state user="ann"
  00000000000000b2  1.0 MiB     0  30.0 ms       0 s
    delayed("SEA"): Minutes=15, state user="ann"
  00000000000000c3  4.1 KiB     2    1.0 s     2.0 s
    weather()

Widgets, by the bytes of the permutations that read them
  function  variable        values  permutations    bytes  effect
  delayed   slider Minutes       2             2  3.0 MiB  never changed

Bytes
  part                    exact    about
  values              3,149,824  3.0 MiB
  recordings              2,000  2.0 KiB
  keys                      500    500 B
  nodes                     640    640 B
  shared                    300    300 B
  = charged           3,153,264  3.0 MiB
  held                    2,048  2.0 KiB  not charged
  under construction          0      0 B  not charged
  fixed                   5,000  4.9 KiB  not charged
)");
}

TEST(ReportText, OfAnEngineWithoutFunctionsIsOneLine) {
  EXPECT_EQ(ms::to_text(ms::Report{}),
            "Nothing is cached: there is no cached function, and no limit.\n");
  ms::Report limited;
  limited.limits.max_bytes = 1_GiB;
  EXPECT_EQ(ms::to_text(limited),
            "Nothing is cached: there is no cached function. The limit is 1.0 GiB.\n");
}

TEST(ReportText, TellsWhatWentWrongEvenWithoutFunctions) {
  ms::Report report;
  report.totals.release_errors = 1;
  EXPECT_NE(ms::to_text(report).find("on_release threw 1 time"), std::string::npos);
}

TEST(ReportText, TellsAtMostTwoLinesOfACall) {
  ms::Report report = small_report();
  report.permutations[0].reads.clear();
  for (int i = 0; i < 40; ++i) {
    report.permutations[0].reads.push_back({"slider of the station " + std::to_string(i), "60"});
  }
  const std::string text = ms::to_text(report);
  const std::size_t begin = text.find("  00000000000000a1");
  const std::size_t end = text.find("  00000000000000b2");
  ASSERT_LT(begin, end);
  const std::string told = text.substr(begin, end - begin);
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 3) << told;
  EXPECT_TRUE(told.ends_with(" ...\n")) << told;
}

TEST(ReportText, SumsUpTheRowsBeyondMaxRows) {
  ms::Report report = small_report();
  const std::string text = ms::to_text(report, {.max_rows = 1});
  EXPECT_NE(text.find("  ... 1 more: 4.1 KiB\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  ... 2 more: 1.0 MiB\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("00000000000000b2"), std::string::npos) << text;
  report.widgets.push_back(report.widgets[0]);
  EXPECT_NE(ms::to_text(report, {.max_rows = 1}).find("  ... 1 more\n"), std::string::npos);
}

TEST(ReportText, ShowsAllRowsWhenMaxRowsIsZero) {
  ms::Report report = small_report();
  for (int i = 0; i < 100; ++i) report.permutations.push_back(report.permutations[0]);
  add_up(report);
  EXPECT_NE(ms::to_text(report).find("more: "), std::string::npos);
  EXPECT_EQ(ms::to_text(report, {.max_rows = 0}).find("more: "), std::string::npos);
}

TEST(ReportText, BytesOfThePartsAddUpToCharged) {
  std::uint64_t sum = 0;
  bool in_bytes = false;
  bool compared = false;
  for (const std::string& line : lines_of(ms::to_text(small_report()))) {
    if (line == "Bytes") in_bytes = true;
    if (!in_bytes) continue;
    // The exact number ends where the rounded one begins, two columns on.
    const std::string exact = line.substr(0, 31);
    if (line.starts_with("  = charged")) {
      EXPECT_EQ(exact_number(exact), sum);
      compared = true;
      break;
    }
    sum += exact_number(exact);
  }
  EXPECT_TRUE(compared);
  EXPECT_EQ(sum, small_report().totals.charged);
}

TEST(ReportText, ReadsThatDoNotFitTakeASecondLine) {
  ms::Report report = small_report();
  std::vector<ms::ReadText>& reads = report.permutations[0].reads;
  reads.assign(4, {"slider Number of minutes", "12345"});
  const std::string text = ms::to_text(report);
  EXPECT_NE(text.find("    delayed(\"SEA\"): Number of minutes=12345, Number of minutes=12345,\n"
                      "      Number of minutes=12345, Number of minutes=12345\n"),
            std::string::npos)
      << text;
}

TEST(ReportText, LongValuesAreShortenedSoThatAllReadsAreSeen) {
  ms::Report report = small_report();
  const std::string list = R"(["January", "February", "March", "April", "May"])";
  report.permutations[0].reads = {{"multiselect A", list},
                                  {"multiselect B", list},
                                  {"multiselect C", list},
                                  {"multiselect D", list},
                                  {"checkbox Last", "true"}};
  const std::string text = ms::to_text(report);
  EXPECT_NE(
      text.find(
          "    delayed(\"SEA\"): A=[\"January\", \"February\"..., B=[\"January\", "
          "\"February\"...,\n"
          "      C=[\"January\", \"February\"..., D=[\"January\", \"February\"..., Last=true\n"),
      std::string::npos)
      << text;
}

TEST(ReportText, ReadsBeyondTheSecondLineAreElided) {
  ms::Report report = small_report();
  report.permutations[0].reads.assign(9, {"slider Number of minutes", "12345"});
  const std::string text = ms::to_text(report);
  EXPECT_NE(
      text.find(
          "      Number of minutes=12345, Number of minutes=12345, Number of minutes=123...\n"),
      std::string::npos)
      << text;
}

TEST(ReportText, DurationsAreReadable) {
  ms::Report report = small_report();
  const auto saved = [&](std::chrono::nanoseconds time) {
    report.totals.counters.saved = time;
    const std::string text = ms::to_text(report);
    const std::size_t begin = text.find(" saved ") + 7;
    return text.substr(begin, text.find(',', begin) - begin);
  };
  EXPECT_EQ(saved(0ns), "0 s");
  EXPECT_EQ(saved(850ns), "850 ns");
  EXPECT_EQ(saved(1200ns), "1.2 us");
  EXPECT_EQ(saved(3400us), "3.4 ms");
  EXPECT_EQ(saved(999'960us), "1.0 s");
  EXPECT_EQ(saved(5600ms), "5.6 s");
  EXPECT_EQ(saved(59'960ms), "1 min");
  EXPECT_EQ(saved(2min), "2 min");
  EXPECT_EQ(saved(90min), "1.5 h");
  EXPECT_EQ(saved(72h), "3 d");
}

TEST(ReportText, NeverRoundsToAllOrNothing) {
  ms::Report report = small_report();
  report.totals.counters.lookups = 100'000;
  report.totals.counters.hits = 99'999;
  EXPECT_NE(ms::to_text(report).find("(99.9 %)"), std::string::npos);
  report.totals.counters.hits = 1;
  EXPECT_NE(ms::to_text(report).find("1 hit (0.1 %)"), std::string::npos);
  report.totals.counters.hits = 100'000;
  EXPECT_NE(ms::to_text(report).find("(100.0 %)"), std::string::npos);
}

TEST(ReportText, NoLineIsWiderThanTheTerminalWhateverTheNames) {
  std::string long_utf8;
  for (int i = 0; i < 300; ++i) long_utf8 += "ü€𝄞";
  const std::vector<std::string> texts{
      "",
      "f",
      std::string(5000, 'x'),
      std::string(5000, ' '),
      long_utf8,
      std::string(300, '\0'),
      "\x1b[2J\r\n\t\x7f clear the screen",
      std::string(500, '\xff'),
      "\xe2\x80\xae turned around \xe2\x80\xae",
      "many words that one could break a line at, " + std::string(200, '-'),
  };
  for (const std::string& text : texts) {
    for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
      for (const std::size_t max_rows : {0, 1, 2}) {
        const std::string shown = ms::to_text(hostile_report(text, number), {.max_rows = max_rows});
        ASSERT_TRUE(shown.ends_with('\n'));
        for (const std::string& line : lines_of(shown)) {
          ASSERT_LE(ms::detail::text_width(line), 80u) << line;
          ASSERT_EQ(ms::detail::escaped(line), line);
          ASSERT_FALSE(line.ends_with(' ')) << '[' << line << ']';
        }
      }
    }
  }
}

TEST(ReportText, ANameHasTheRoomThatTheNumbersLeave) {
  ms::Report report = small_report();
  report.functions[0].name = std::string(200, 'n');
  std::size_t widest = 0;
  for (const std::string& line : lines_of(ms::to_text(report))) {
    if (line.find("nnn") == std::string::npos || line.find("  ") == std::string::npos) continue;
    widest = std::max(widest, ms::detail::text_width(line));
  }
  EXPECT_EQ(widest, 80U);
}

TEST(ReportText, IsTheSameForTheSameReport) {
  EXPECT_EQ(ms::to_text(small_report()), ms::to_text(small_report()));
}

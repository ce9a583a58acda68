// The formats of memoscape-report: what they say, what they refuse, and what hostile text does.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <semaphore>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "memoscape/report_formats.hpp"
#include "memoscape/report_writer.hpp"
#include "tests/harness.hpp"

namespace memoscape::testing {
namespace {

using namespace std::chrono_literals;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

const std::string kHostile =
    "</script><script>alert(1)</script><!-- \"quoted\" 'single' \\ & \n\r\t\x01\x7f "
    "\xE2\x80\xAE\xE2\x80\x8F @DATA@ =1+1";

// A program whose names, arguments and widget values are `text`.
ms::ReportDocument document_of(const std::string& text) {
  World w({.limits = {.max_bytes = 50'000'000}});
  auto f = w.engine.cache_data(text,
                               [](ms::Run& run, const std::string& argument) {
                                 const std::string typed = ms::text_area(run, "Label " + argument);
                                 return argument.size() + typed.size();
                               },
                               {.allow_widgets = true, .limits = {.ttl = 1h}});
  auto g = w.engine.cache_resource("plain", [](int n) { return std::string(1000, char(n)); });
  w.script = [&](ms::Run& run) { f(run, text), g(run, 1), g(run, 2), g(run, 1); };
  w.session().preset("Label " + text, text);
  w.run();
  w.clock.advance(1s);
  w.run();
  w.session().set("Label " + text, "other");
  w.run();
  return {.report = w.engine.report(), .advice = {}, .title = text, .made_at = 1'700'000'000};
}

ms::Advice some_advice() {
  ms::Advice advice;
  advice.engine = {.function = "",
                   .points = {{100, 0.25, 0.75, 3.5}, {1000, 0.5, 0.1, 0.25}},
                   .needed = 1000,
                   .knee = 400,
                   .recommended = 900,
                   .loses = 0.01};
  advice.functions = {{.function = "f"}};
  advice.confidence = ms::Confidence::fair;
  advice.why = "because";
  advice.error = 0.005;
  advice.calls = 12;
  advice.tracked = 3;
  advice.permutations = 4;
  advice.span = 5s;
  return advice;
}

std::string refusal(std::string_view json) {
  try {
    ms::read_report(json);
  } catch (const ms::FormatError& error) {
    return error.what();
  }
  return "";
}

TEST(ReportJson, ReadsWhatItWrites) {
  ms::ReportDocument written = document_of(kHostile);
  written.advice = some_advice();
  const std::string json = ms::to_json(written);
  const ms::ReportDocument read = ms::read_report(json);
  EXPECT_EQ(ms::to_json(read), json);
  EXPECT_EQ(broken_identities(read.report), "");
  EXPECT_EQ(ms::to_text(read.report), ms::to_text(written.report));
  EXPECT_EQ(read.title, kHostile);
  EXPECT_EQ(read.made_at, 1'700'000'000);
  ASSERT_TRUE(read.advice.has_value());
  EXPECT_EQ(read.advice->engine, written.advice->engine);
  EXPECT_EQ(read.advice->why, "because");
  ASSERT_EQ(read.report.permutations.size(), 4U);
  EXPECT_EQ(read.report.permutations[0].digest, written.report.permutations[0].digest);
}

TEST(ReportJson, OfTheFutureIsRefusedByItsVersion) {
  std::string json = ms::to_json(document_of("f"));
  const std::string version = "\"version\":1";
  json.replace(json.find(version), version.size(), "\"version\":2");
  EXPECT_EQ(refusal(json),
            "is a report of schema version 2; this memoscape reads versions up to 1");
}

TEST(ReportJson, WithUnknownFieldsIsRead) {
  std::string json = ms::to_json(document_of("f"));
  json.replace(json.find("\"totals\":{"), 10, "\"totals\":{\"news\":[1,{}],");
  EXPECT_EQ(refusal(json), "");
}

TEST(ReportJson, ThatIsForeignGivesOneLine) {
  const std::string good = ms::to_json(document_of("f"));
  const auto without = [&](std::string_view part, std::string_view instead) {
    std::string json = good;
    json.replace(json.find(part), part.size(), instead);
    return refusal(json);
  };
  EXPECT_EQ(refusal(""), "is empty");
  EXPECT_EQ(refusal("{}"), "is no memoscape report: it has no \"schema\": \"memoscape.report\"");
  EXPECT_EQ(refusal("[1, 2]"), refusal("{}"));
  EXPECT_TRUE(refusal("hello\n").starts_with("is no JSON")) << refusal("hello\n");
  EXPECT_TRUE(contains(refusal(std::string(100'000, '[')), "nests too deep"));
  EXPECT_EQ(without("\"charged\":", "\"charge\":"),
            "is no memoscape report: report.totals.charged is missing");
  EXPECT_EQ(without("\"charged\":", "\"charged\":-1,\"x\":"),
            "is no memoscape report: report.totals.charged is negative");
  EXPECT_EQ(without("\"charged\":", "\"charged\":0.5,\"x\":"),
            "is no memoscape report: report.totals.charged is no whole number");
  EXPECT_EQ(without("\"kind\":\"data\"", "\"kind\":\"dat\\n\""),
            "is no memoscape report: report.functions[0].kind is none of its values: \"dat\\n\"");
  EXPECT_EQ(without("\"compute_ns\":", "\"compute_ns\":9223372036854775808,\"x\":"),
            "is no memoscape report: report.totals.counters.compute_ns is too large");
}

// Not a fuzzer, but what every build checks: each prefix, and bytes changed here and there.
TEST(ReportJson, ThatIsDamagedIsReadOrRefusedButNeverCrashes) {
  const std::string good = ms::to_json(document_of("f"));
  for (std::size_t size = 0; size < good.size(); ++size) {
    const std::string why = refusal(good.substr(0, size));
    EXPECT_FALSE(why.empty() || contains(why, "\n")) << size << ": " << why;
  }
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string bad = good;
    for (int n = 0; n < 3; ++n) bad[random() % bad.size()] = static_cast<char>(random());
    EXPECT_FALSE(contains(refusal(bad), "\n"));
  }
}

TEST(ReportCsv, IsOneLineForEachPermutation) {
  const ms::ReportDocument document = document_of("f");
  const std::string csv = ms::to_csv(document);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);
  EXPECT_TRUE(csv.starts_with("id,function,arguments,reads,session,bytes,"));
  EXPECT_TRUE(contains(csv, "\"text_area Label f=\"\"other\"\"\"")) << csv;
}

TEST(ReportCsv, KeepsHostileTextInItsCell) {
  ms::ReportDocument document = document_of(kHostile);
  document.report.permutations[0].arguments = "=HYPERLINK(\"x\")";
  const std::string csv = ms::to_csv(document);
  EXPECT_TRUE(contains(csv, "\"'=HYPERLINK(\"\"x\"\")\"")) << csv;
  for (const char c : csv)
    EXPECT_TRUE(c == '\r' || c == '\n' || static_cast<unsigned char>(c) >= 32);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);
  EXPECT_FALSE(contains(csv, "\xE2\x80\xAE"));
}

TEST(ReportOpenMetrics, HasSeriesOfFunctionsAndEndsWithEof) {
  const std::string text = ms::to_openmetrics(document_of(kHostile));
  EXPECT_TRUE(text.ends_with("# EOF\n"));
  EXPECT_TRUE(contains(text, "memoscape_cache_gets_total{function=\"plain\",result=\"hit\"} 7\n"));
  EXPECT_TRUE(contains(text, "memoscape_cache_entries{function=\"plain\"} 2\n"));
  EXPECT_FALSE(contains(text, "\xE2\x80\xAE"));
}

TEST(ReportHtml, HoldsHostileTextOnlyAsData) {
  const std::string html = ms::to_html(document_of(kHostile));
  EXPECT_FALSE(contains(html, "alert(1)</script>"));
  EXPECT_FALSE(contains(html, "<script>alert"));
  EXPECT_FALSE(contains(html, "<!-- "));
  EXPECT_TRUE(contains(html, "\\u003c/script>\\u003cscript>alert(1)"));
  EXPECT_TRUE(contains(html, "&lt;/script>&lt;script>alert(1)"));  // the title
}

TEST(ReportHtml, AllowsItsOwnScriptsAndNothingElse) {
  const std::string html = ms::to_html(document_of("f"));
  EXPECT_TRUE(contains(html, "content=\"default-src 'none'; script-src 'sha256-"));
  for (const ms::ReportAsset& asset : ms::report_assets()) {
    EXPECT_TRUE(contains(html, asset.hash)) << asset.name;
  }
  EXPECT_FALSE(contains(html, "unsafe"));
  EXPECT_FALSE(contains(html, "connect-src"));
  EXPECT_FALSE(contains(html, "src=\""));
  const std::string live = ms::to_html(document_of("f"), {.live_url = "/report.json"});
  EXPECT_TRUE(contains(live, "; connect-src 'self'\""));
  EXPECT_TRUE(contains(live, "\"live_url\":\"/report.json\""));
}

TEST(ReportHtml, TellsTheTailOfEachFunctionAsOne) {
  const ms::ReportDocument document = document_of("f");
  const std::string html = ms::to_html(document, {.max_permutations = 1});
  const std::string begin = "id=\"memoscape-report\">";
  const std::size_t from = html.find(begin) + begin.size();
  const ms::ReportDocument shown =
      ms::read_report(html.substr(from, html.find("</script>", from) - from));
  ASSERT_EQ(shown.report.permutations.size(), 1U);
  std::uint64_t permutations = 1;
  std::uint64_t bytes = shown.report.permutations[0].bytes.total();
  for (const ms::OmittedRow& row : shown.report.omitted) {
    permutations += row.permutations;
    bytes += row.bytes.total();
  }
  EXPECT_EQ(permutations, document.report.totals.permutations);
  EXPECT_EQ(bytes, document.report.totals.entries);
}

TEST(ReportFormats, AreChosenByTheExtension) {
  EXPECT_EQ(ms::report_format_of("a.html")->name, "HTML");
  EXPECT_EQ(ms::report_format_of("a/b.json")->name, "JSON");
  EXPECT_EQ(ms::report_format_of("a.b"), nullptr);
  EXPECT_EQ(ms::report_format_of(""), nullptr);
  EXPECT_THROW(ms::write_report("/nowhere/report.xls", {}), ms::UsageError);
  EXPECT_THROW(ms::write_report("/nowhere/report.json", {}), std::system_error);
}

TEST(ReportFormats, WriteFilesWholeOrNotAtAll) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("memoscape-formats-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const std::string path = folder / "report.json";
  const ms::ReportDocument document = document_of("f");
  ms::write_report(path, document);
  ms::write_report(path, document);
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, ms::to_json(document));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
  std::filesystem::remove_all(folder);
}

// --- fewer permutations ---

void add(ms::OmittedRow& sum, const ms::PermutationRow& row) {
  ++sum.permutations;
  sum.bytes += row.bytes;
  sum.hits += row.hits;
  sum.compute += row.compute;
  sum.saved += row.saved;
  if (row.hits > 0) return;
  ++sum.never_hit;
  sum.never_hit_bytes += row.bytes.total();
}

TEST(Select, KeepsTheSumsOfWhatItLeavesOut) {
  const ms::Report all = document_of("f").report;
  std::map<std::string, ms::OmittedRow> expected;
  for (const ms::PermutationRow& row : all.permutations) {
    expected[row.function].function = row.function;
    add(expected[row.function], row);
  }
  for (const auto order :
       {ms::ReportOrder::bytes, ms::ReportOrder::saved, ms::ReportOrder::waste,
        ms::ReportOrder::saved_per_byte, ms::ReportOrder::hits, ms::ReportOrder::age}) {
    SCOPED_TRACE(to_string(order));
    ms::Report one = ms::select(all, {.max_permutations = 1, .order = order});
    ASSERT_EQ(one.permutations.size(), 1U);
    EXPECT_EQ(ms::to_text(one).substr(0, 60), ms::to_text(all).substr(0, 60));
    // What a report left out before stays in its sums.
    one = ms::select(ms::select(all, {.max_permutations = 3}),
                     {.max_permutations = 1, .order = order});
    std::map<std::string, ms::OmittedRow> sums;
    for (const ms::OmittedRow& row : one.omitted) sums[row.function] = row;
    add(sums[one.permutations[0].function], one.permutations[0]);
    for (const auto& [function, row] : expected) {
      SCOPED_TRACE(function);
      const ms::OmittedRow& sum = sums[function];
      EXPECT_EQ(sum.permutations, row.permutations);
      EXPECT_EQ(sum.bytes, row.bytes);
      EXPECT_EQ(sum.hits, row.hits);
      EXPECT_EQ(sum.compute, row.compute);
      EXPECT_EQ(sum.saved, row.saved);
      EXPECT_EQ(sum.never_hit, row.never_hit);
      EXPECT_EQ(sum.never_hit_bytes, row.never_hit_bytes);
    }
  }
}

// What is told of all, and of some, of an application that has something of everything.
TEST(Select, IsWhatAReportOfFewerPermutationsIs) {
  World w({.limits = {.max_bytes = 50'000'000}});
  const auto at = [](ms::Run& run, int n) {
    for (int i = 0; i < 3; ++i) n += ms::slider(run, "s" + std::to_string(i), 0, 9);
    return std::string(static_cast<std::size_t>(n), 'x');
  };
  const auto inner = w.engine.cache_data("inner", at, {.allow_widgets = true});
  const auto outer = w.engine.cache_data("outer",
                                         [inner](ms::Run& run, int n) {
                                           ms::selectbox(run, "s1", {"a", "b"}, {.key = "box"});
                                           return inner(run, n)->size();
                                         },
                                         {.allow_widgets = true, .limits = {.ttl = 1h}});
  const auto own = w.engine.cache_data(
      "own", [](ms::Run& run, int n) { return std::to_string(n + run.state<int>("n", 0)); },
      {.scope = ms::Scope::session});
  w.script = [&](ms::Run& run) {
    ms::checkbox(run, "outer") ? (void)outer(run, 1) : (void)inner(run, 2);
    own(run, 3);
  };
  w.run();
  for (int n = 0; n < 40; ++n) {
    w.session().set("outer", n % 3 == 0);
    w.run();
    w.session().set("s" + std::to_string(n % 3), n % 7);
    w.session().set_state("n", n / 10);
    w.clock.advance(std::chrono::seconds(n % 4));
    w.run();
  }
  inner.clear(1);  // what was built on it goes, too
  w.run();
  const ms::Report all = w.engine.report();
  ASSERT_GT(all.permutations.size(), 20U);
  ASSERT_TRUE(all.omitted.empty());
  EXPECT_EQ(broken_identities(all), "");
  std::vector<ms::ReportOptions> some = {{.function = "inner"},
                                         {.function = "none"},
                                         {.min_bytes = all.permutations[5].bytes.total()},
                                         {.min_age = 30s},
                                         {.reads = {{"s1", "3"}}},
                                         {.reads = {{"selectbox s1", ""}, {"s2", ""}}}};
  for (const auto order :
       {ms::ReportOrder::bytes, ms::ReportOrder::saved, ms::ReportOrder::waste,
        ms::ReportOrder::saved_per_byte, ms::ReportOrder::hits, ms::ReportOrder::age}) {
    for (const std::size_t most : {0U, 1U, 7U}) {
      some.push_back({.max_permutations = most, .order = order});
      some.push_back({.max_permutations = most, .order = order, .function = "inner"});
    }
  }
  for (const ms::ReportOptions& options : some) {
    SCOPED_TRACE(std::string(to_string(options.order)) + " " + options.function + " " +
                 std::to_string(options.max_permutations));
    EXPECT_EQ(ms::to_json({.report = w.engine.report(options), .made_at = 1}),
              ms::to_json({.report = ms::select(all, options), .made_at = 1}));
  }
}

TEST(ReportNames, AreThoseOfTheFormats) {
  EXPECT_EQ(to_string(ms::Kind::data), "data");
  EXPECT_EQ(to_string(ms::Kind::resource), "resource");
  EXPECT_EQ(to_string(ms::Scope::engine), "engine");
  EXPECT_EQ(to_string(ms::Scope::session), "session");
  EXPECT_EQ(to_string(ms::BytesSource::traversal), "traversal");
  EXPECT_EQ(to_string(ms::BytesSource::declared), "declared");
  EXPECT_EQ(to_string(ms::BytesSource::arena), "arena");
}

TEST(ReportJson, TellsWhereBytesComeFromAndWhoseEntriesTheyAre) {
  World w;
  auto f =
      w.engine.cache_data("f", [] { return ms::with_cost(1, 100); }, {.scope = ms::Scope::session});
  auto g = w.engine.cache_data(
      "g", [](ms::Run& run) { return std::pmr::vector<char>(1'000, 'x', &run.arena()); });
  w.run([&](ms::Run& run) { f(run), g(run); });
  const ms::ReportDocument written = {.report = w.engine.report(), .made_at = 1};
  const ms::ReportDocument read = ms::read_report(ms::to_json(written));
  EXPECT_EQ(ms::to_json(read), ms::to_json(written));
  EXPECT_EQ(read.report.functions.at(0).scope, ms::Scope::session);
  std::multiset<ms::BytesSource> sources;
  for (const ms::PermutationRow& row : read.report.permutations) sources.insert(row.source);
  EXPECT_EQ(sources, (std::multiset{ms::BytesSource::declared, ms::BytesSource::arena}));
}

TEST(ReportText, HeadsItsRowsByTheirOrder) {
  const ms::Report all = document_of("f").report;
  const std::vector<std::pair<ms::ReportOrder, std::string>> cases = {
      {ms::ReportOrder::bytes, "largest first"},
      {ms::ReportOrder::saved, "what saved most time first"},
      {ms::ReportOrder::saved_per_byte, "what is worth its bytes most first"},
      {ms::ReportOrder::waste, "what is worth its bytes least first"},
      {ms::ReportOrder::hits, "most used first"},
      {ms::ReportOrder::age, "oldest first"}};
  for (const auto& [order, heading] : cases) {
    EXPECT_TRUE(contains(ms::to_text(all, {.order = order}), "Permutations, " + heading))
        << heading;
  }
}

TEST(Select, SortsByWhatItIsAskedFor) {
  const auto named = [](const char* id, std::uint64_t bytes, int saved, std::uint64_t hits,
                        int age) {
    ms::PermutationRow row;
    row.id = id;
    row.function = "f";
    row.bytes.value = bytes;
    row.saved = std::chrono::seconds(saved);
    row.hits = hits;
    row.age = std::chrono::seconds(age);
    return row;
  };
  ms::Report report;
  report.permutations = {named("a", 100, 5, 9, 1), named("b", 300, 6, 2, 3),
                         named("c", 200, 4, 5, 2), named("d", 200, 4, 5, 2)};
  report.permutations[0].shared_value = 10'000;  // used by ten permutations
  report.permutations[0].sharers = 10;
  const auto order_of = [&](ms::ReportOrder order) {
    std::string ids;
    for (const auto& row : ms::select(report, {.order = order}).permutations) ids += row.id;
    return std::string(to_string(order)) + " " + ids;
  };
  EXPECT_EQ(order_of(ms::ReportOrder::bytes), "bytes bcda");
  EXPECT_EQ(order_of(ms::ReportOrder::saved), "saved bacd");
  EXPECT_EQ(order_of(ms::ReportOrder::saved_per_byte), "saved_per_byte bcda");
  EXPECT_EQ(order_of(ms::ReportOrder::waste), "waste abcd");
  EXPECT_EQ(order_of(ms::ReportOrder::hits), "hits acdb");
  EXPECT_EQ(order_of(ms::ReportOrder::age), "age bcda");
}

TEST(Select, SortsAndFilters) {
  const ms::Report all = document_of("f").report;
  const ms::Report plain = ms::select(all, {.function = "plain"});
  ASSERT_EQ(plain.permutations.size(), 2U);
  ASSERT_EQ(plain.omitted.size(), 1U);
  EXPECT_EQ(plain.omitted[0].function, "f");
  const ms::Report used = ms::select(all, {.order = ms::ReportOrder::hits});
  EXPECT_GE(used.permutations[0].hits, used.permutations[3].hits);
  EXPECT_GT(used.permutations[0].hits, 0U);
  const ms::Report other = ms::select(all, {.reads = {{"Label f", "\"other\""}}});
  ASSERT_EQ(other.permutations.size(), 1U);
  EXPECT_EQ(other.permutations[0].reads[0].value, "\"other\"");
  EXPECT_EQ(ms::select(all, {.reads = {{"Label f", ""}}}).permutations.size(), 2U);
  EXPECT_EQ(ms::select(all, {.reads = {{"Label g", ""}}}).permutations.size(), 0U);
  EXPECT_EQ(ms::select(all, {.min_bytes = 1'000'000}).permutations.size(), 0U);
  EXPECT_EQ(ms::select(all, {.min_age = 500ms}).permutations.size(), 3U);
}

// A file of its own for each test, and what was told of it.
struct Written {
  std::string path = ::testing::TempDir() + "memoscape-" + std::to_string(getpid()) + ".json";
  std::counting_semaphore<> reports{0};

  ~Written() { std::filesystem::remove(path); }
  ms::ReportWriterOptions options() {
    return {.path = path, .on_written = [this](const std::string& why) {
              {
                const std::scoped_lock lock(mutex_);
                last_error_ = why;
              }
              reports.release();
            }};
  }
  std::string error() {  // of the last one
    const std::scoped_lock lock(mutex_);
    return last_error_;
  }
  ms::ReportDocument read() const {
    std::ifstream in(path, std::ios::binary);
    const std::string json{std::istreambuf_iterator<char>(in), {}};
    return ms::read_report(json);
  }

 private:
  std::mutex mutex_;
  std::string last_error_;  // guarded by mutex_
};

TEST(ReportWriter, WritesWhenItIsAskedAndWhenASignalComes) {
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  w.run([&](ms::Run& run) { f(run, 1); });
  Written written;
  ms::ReportWriterOptions options = written.options();
  options.signal = SIGUSR1;
  options.title = "live";
  {
    ms::ReportWriter reports(w.engine, options);
    EXPECT_EQ(reports.status().written, 0U);
    reports.request();
    written.reports.acquire();
    EXPECT_EQ(written.read().report.permutations.size(), 1U);
    EXPECT_TRUE(written.read().advice.has_value());
    EXPECT_EQ(written.read().title, "live");
    w.run([&](ms::Run& run) { f(run, 2); });
    std::raise(SIGUSR1);
    written.reports.acquire();
    EXPECT_EQ(written.read().report.permutations.size(), 2U);
    EXPECT_EQ(reports.status().written, 2U);
    EXPECT_EQ(reports.status().error, "");
    EXPECT_TRUE(contains(
        message_of<ms::UsageError>([&] { const ms::ReportWriter second(w.engine, options); }),
        "another ReportWriter"));
  }
  struct sigaction now = {};
  sigaction(SIGUSR1, nullptr, &now);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
}

TEST(ReportWriter, WritesAgainAndAgain) {
  World w;
  Written written;
  ms::ReportWriterOptions options = written.options();
  options.every = 1ms;
  options.advice = false;
  const ms::ReportWriter reports(w.engine, options);
  for (int i = 0; i < 3; ++i) written.reports.acquire();
  EXPECT_FALSE(written.read().advice.has_value());
}

TEST(ReportWriter, TellsWhyAReportCouldNotBeWrittenAndGoesOn) {
  World w;
  Written written;
  ms::ReportWriterOptions options = written.options();
  options.path = "/nowhere/report.json";
  ms::ReportWriter reports(w.engine, options);
  for (int i = 0; i < 2; ++i) {
    reports.request();
    written.reports.acquire();
    EXPECT_TRUE(contains(written.error(), "/nowhere/report.json"));
    EXPECT_EQ(reports.status().error, written.error());
  }
  EXPECT_EQ(reports.status().written, 0U);
}

TEST(ReportWriter, RefusesWhatMakesNoSense) {
  World w;
  const auto refused = [&](const ms::ReportWriterOptions& options) {
    return message_of<ms::UsageError>([&] { const ms::ReportWriter one(w.engine, options); });
  };
  EXPECT_TRUE(contains(refused({.path = "report.xls"}), "tells its format"));
  EXPECT_TRUE(contains(refused({.path = "r.json", .every = -1s}), "Use 0"));
  EXPECT_TRUE(contains(refused({.path = "r.json", .signal = SIGKILL}), "cannot be caught"));
  EXPECT_TRUE(contains(refused({.path = "r.json", .signal = 1000}), "does not exist"));
}

}  // namespace
}  // namespace memoscape::testing

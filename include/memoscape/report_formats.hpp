// Formats: reports as JSON, CSV, OpenMetrics and a page of HTML. Needs the library
// memoscape-report.
//
// Whatever names, arguments and values hold, the output is well formed and harmless.
//
// Thread-safety: pure functions; `write_report` writes a file.
//
//   ms::write_report("report.html", {.report = engine.report(), .advice = engine.advise()});
//   ms::ReportDocument before = ms::read_report(json);
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "memoscape/advice.hpp"
#include "memoscape/config.hpp"
#include "memoscape/error.hpp"
#include "memoscape/report.hpp"

namespace memoscape::inline v0 {

// A report that travels: with what the advisor said and when it was made.
struct ReportDocument {
  Report report = {};
  std::optional<Advice> advice = {};
  std::string title = "memoscape";  // of the page
  std::int64_t made_at = 0;         // seconds since 1970; 0: now
};

// A file that is no report, or none that this version can read: one line, without the file's name.
class MEMOSCAPE_API FormatError : public Error {
 public:
  using Error::Error;
  ~FormatError() override;
};

// The version of the JSON schema, which engine/report/SCHEMA.md describes.
inline constexpr int kReportSchema = 1;

MEMOSCAPE_API std::string to_json(const ReportDocument& document);
// Throws: FormatError.
MEMOSCAPE_API ReportDocument read_report(std::string_view json);

// One line for each permutation.
MEMOSCAPE_API std::string to_csv(const ReportDocument& document);

// For Prometheus and its like: series per function, never per permutation.
MEMOSCAPE_API std::string to_openmetrics(const ReportDocument& document);

struct HtmlOptions {
  static constexpr std::size_t kMaxPermutations = 2000;
  // The largest are told one by one, the others of each function as one; 0: all one by one.
  std::size_t max_permutations = kMaxPermutations;
  // For a page that is served: where to fetch to_json() from, again and again; that of a report of
  // max_permutations is enough. Empty: the page shows what it holds, and makes no request.
  std::string live_url = {};
  unsigned refresh_seconds = 5;
  // Where to POST {"id": "..."} to clear an entry, and {"function": "...", "max_bytes": n,
  // "max_entries": n, "ttl_ns": n} to set limits (the engine's if there is no function). The answer
  // is the new to_json(), or a status of 400 or more with a message as text. Empty: not offered.
  std::string clear_url = {};
  std::string limits_url = {};
};

// One file, which needs no other: a treemap, tables and curves. Its policy (CSP) allows nothing but
// its own scripts, and requests to its own host when it is live.
MEMOSCAPE_API std::string to_html(const ReportDocument& document, const HtmlOptions& options = {});

// What the page is made of, for a server that has other pages beside it.
struct ReportAsset {
  std::string_view name;  // "report.css", "report.js", "treemap.js", "chart.js"
  std::string_view type;  // "text/css", "text/javascript"
  std::string_view content;
  std::string_view hash;  // for a CSP: 'sha256-...', quotes included
};
// The treemap and the curves are absent if they were not found when the library was built.
MEMOSCAPE_API std::span<const ReportAsset> report_assets();

// A format is one file and one line in the table in formats.cpp.
struct ReportFormat {
  std::string_view name;       // "JSON"
  std::string_view extension;  // ".json"
  std::string_view type;       // "application/json"
  std::string (*write)(const ReportDocument& document);
  // It tells no more of them one by one, so a report of so many is enough for it. 0: all.
  std::size_t max_permutations = 0;
};
MEMOSCAPE_API std::span<const ReportFormat> report_formats();
// By the extension of a path; null: there is none for it.
MEMOSCAPE_API const ReportFormat* report_format_of(std::string_view path);

// Writes in the format of the path's extension. Whoever reads the path at the same time sees either
// the old file or the new one. Throws: UsageError for an unknown extension; std::system_error.
MEMOSCAPE_API void write_report(const std::string& path, const ReportDocument& document);

}  // namespace memoscape::inline v0

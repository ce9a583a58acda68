// A consumer of the optional library memoscape-report: a report in each format, and read again.
#include <cstdio>
#include <memoscape/memoscape.hpp>
#include <memoscape/report_formats.hpp>
#include <string>

namespace ms = memoscape;

int main() {
  ms::Engine engine;
  auto square = engine.cache_data("square", [](int x) { return x * x; });
  engine.run([&](ms::Run& run) { square(run, 7); });
  const ms::ReportDocument document = {.report = engine.report()};
  const ms::ReportDocument again = ms::read_report(ms::to_json(document));
  bool is_refused = false;
  try {
    ms::read_report("{");
  } catch (const ms::FormatError&) {
    is_refused = true;
  }
  const bool is_right = is_refused && again.report.permutations.size() == 1 &&
                        again.report.permutations[0].function == "square" &&
                        ms::to_csv(document).find("square") != std::string::npos &&
                        ms::to_openmetrics(document).ends_with("# EOF\n") &&
                        ms::to_html(document).find("square") != std::string::npos;
  std::puts(is_right ? "memoscape: linked, and right" : "not so: a report in each format");
  return is_right ? 0 : 1;
}

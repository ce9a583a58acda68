// Prints the report of a small program with hostile names, in the format of an extension.
//
// Usage: report_sample EXTENSION
#include <cstdio>
#include <string>

#include "memoscape/memoscape.hpp"
#include "memoscape/report_formats.hpp"

namespace ms = memoscape;

int main(int argc, char** argv) {
  const ms::ReportFormat* format = argc == 2 ? ms::report_format_of(argv[1]) : nullptr;
  if (format == nullptr) return 2;
  ms::Engine engine({.limits = {.max_bytes = 1'000'000, .max_entries = 100}});
  const std::string names[] = {"plain",
                               "<script>alert(1)</script>",
                               "quote \" back \\ slash",
                               "line\nbreak\r\t\x01",
                               "\xE2\x80\xAEright to left",
                               std::string(1 << 20, 'x'),
                               std::string(1 << 20, 'x') + "y"};
  for (const std::string& name : names) {
    auto f = engine.cache_data(name, [](int n) { return n; });
    engine.run([&](ms::Run& run) {
      for (const int n : {1, 2, 1}) f(run, n);
    });
  }
  const std::string text = format->write({.report = engine.report(), .made_at = 1});
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}

// Reports as JSON: what is read is written so that it is read again the same, and every format can
// be made of it.
#include <cstdlib>

#include "memoscape/report_formats.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace ms = memoscape;

// The page's parts, which are made at build time, are not needed here.
namespace memoscape::inline v0::detail {
std::string_view page_skeleton() noexcept { return "@TITLE@@DATA@"; }
std::span<const ReportAsset> page_assets() noexcept { return {}; }
}  // namespace memoscape::inline v0::detail

void fuzz(std::string_view text) {
  try {
    const ms::ReportDocument document = ms::read_report(text);
    const std::string json = to_json(document);
    if (to_json(ms::read_report(json)) != json) std::abort();
    for (const ms::ReportFormat& format : ms::report_formats()) (void)format.write(document);
    (void)select(document.report, {.max_permutations = 1, .order = ms::ReportOrder::waste});
  } catch (const ms::FormatError&) {
  }
}

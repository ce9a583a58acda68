#include "memoscape/report.hpp"
namespace memoscape::inline v0 {
std::string to_text(const Report&, const ReportTextOptions&) { return {}; }
}  // namespace memoscape::inline v0

// Reports that the commands read.
#pragma once

#include <cstdint>
#include <string>

#include "memoscape/report_formats.hpp"

namespace tool {

// Throws: InputError.
memoscape::ReportDocument read_document(const std::string& file);
// "2026-01-31 12:00:00 UTC"
std::string time_text(std::int64_t seconds);

}  // namespace tool

// What embed_page.py compiles in.
#pragma once

#include <span>
#include <string_view>

#include "memoscape/report_formats.hpp"

namespace memoscape::inline v0::detail {

// The page, with places like @DATA@ to be filled.
std::string_view page_skeleton() noexcept;
std::span<const ReportAsset> page_assets() noexcept;

}  // namespace memoscape::inline v0::detail

// In which order a report tells its permutations.
#pragma once

#include <string_view>
#include <vector>

#include "memoscape/report.hpp"

namespace memoscape::inline v0::detail {

// The first ones first; of equal ones the larger. Stable.
void sort_rows(std::vector<const PermutationRow*>& rows, ReportOrder order);
// "largest first"
std::string_view heading_of(ReportOrder order) noexcept;

}  // namespace memoscape::inline v0::detail

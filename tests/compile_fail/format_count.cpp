// expect: format_pattern_has_fewer_placeholders_than_arguments
// expect: format_pattern_has_more_placeholders_than_arguments
// expect: format_pattern_has_an_unpaired_brace
// expect: format_placeholder_must_be_empty_or_like_colon_dot_2
// expect: format_decimals_are_for_floating_point_arguments
#include <string>

#include "memoscape/format.hpp"

std::string fewer(int n) { return memoscape::format("{} flights", n, n); }
std::string more(int n) { return memoscape::format("{} of {} flights", n); }
std::string unpaired(int n) { return memoscape::format("{} } flights", n); }
std::string malformed(int n) { return memoscape::format("{0} flights", n); }
std::string decimals(int n) { return memoscape::format("{:.1} flights", n); }

// Tables as text, for the elements and widgets that show one.
//
// Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "memoscape/page.hpp"

namespace memoscape::inline v0::detail {

inline constexpr std::size_t kRowsShown = 10;  // of a table on a page

// Appends the table, in lines of a page: as many columns as fit, and at most that many rows; and
// how many more there are.
void append_frame(const DataFrame& frame, std::size_t most_rows, std::string& out);

// Appends `text`, filled with spaces to `width` columns.
void append_padded(std::string_view text, std::size_t width, bool is_right, std::string& out);

void trim_right(std::string& text);

}  // namespace memoscape::inline v0::detail

// A session's widget values as text, and back.
//
//   {"memoscape_session": 1, "widgets": {"Minutes": 60, "Months": ["Jan", "Feb"]}}
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memoscape/value.hpp"

namespace memoscape::inline v0::detail {

// Values by the key or label of their widget.
using SavedWidgets = std::vector<std::pair<std::string, Value>>;

// Leaves out what JSON cannot hold.
std::string write_saved(const SavedWidgets& widgets);

// Throws: InvalidValueError, with the place in the text.
SavedWidgets read_saved(std::string_view text);

}  // namespace memoscape::inline v0::detail

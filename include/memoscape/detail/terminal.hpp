// Text for a terminal: escapes, widths, wrapping, readable numbers. What pages as text are made of.
//
// The same input gives the same bytes everywhere: no locale, no terminal size.
//
// Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "memoscape/config.hpp"
#include "memoscape/value.hpp"

namespace memoscape::inline v0::detail {

// Lines of text are broken here, so that they fit 80 columns when they are indented a little.
inline constexpr std::size_t kTextWidth = 76;

// `text` with control characters, direction marks and bytes that are not UTF-8 made visible.
MEMOSCAPE_API std::string escaped(std::string_view text);

// Escaped and in quotes, cut when it is long: for messages.
MEMOSCAPE_API std::string quoted(std::string_view text);

// Columns that `text` takes on a terminal: its code points.
MEMOSCAPE_API std::size_t text_width(std::string_view text) noexcept;

// `text` cut to `width` columns; three dots stand for what is missing.
MEMOSCAPE_API std::string cut(std::string text, std::size_t width);

// Appends `text`, escaped but for its line breaks, in lines of at most `width` columns where it has
// spaces to break at.
MEMOSCAPE_API void append_wrapped(std::string_view text, std::size_t width, std::string& out);

// Appends `text`, which is escaped already, `count` times.
MEMOSCAPE_API void append_repeated(std::string_view text, std::size_t count, std::string& out);

// A number with up to six significant digits, or all digits of its integer part: 0.3, 1234567.
MEMOSCAPE_API std::string readable(double number);

// A value as it is shown in the middle of a line: text without quotes, numbers as above; escaped.
MEMOSCAPE_API std::string readable(const Value& value);

}  // namespace memoscape::inline v0::detail

// What an element or a widget is, as JSON for the browser.
//
// Text from the script may be anything; what is no UTF-8 becomes U+FFFD. Media are links.
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "memoscape/page.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::web {

// Rows that are sent of a table; points that are sent of a line.
inline constexpr std::size_t kMostRows = 1000;
inline constexpr std::size_t kMostPoints = 4000;

// `link`: where the browser finds the medium that belongs to the element or widget; may be empty.
void append_element(const Element& element, std::string_view link, std::string& out);
// All of a widget but its value.
void append_definition(const StateRead& read, std::string_view link, std::string& out);
// A secret and the content of an upload are not sent back.
void append_widget_value(const StateRead& read, const Value& value, std::string& out);
void append_text(std::string_view text, std::string& out);

// The medium that an element shows, or a widget offers; null: none.
MediaPtr medium_of(const Element& element);
MediaPtr medium_of(const StateRead& read);

}  // namespace memoscape::inline v0::web

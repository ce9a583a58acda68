// What the families of widgets share: making a definition of options, and saying what is wrong.
//
// Thread-safety: as the Place they are given; the rest is pure.
#pragma once

#include <string>
#include <string_view>

#include "memoscape/detail/draft.hpp"
#include "memoscape/detail/terminal.hpp"
#include "memoscape/run.hpp"
#include "memoscape/state.hpp"
#include "memoscape/widget_options.hpp"

namespace memoscape::inline v0::detail {

// Throws a UsageError that begins with the kind and label of the widget, or of the element.
[[noreturn]] void throw_misuse(std::string_view kind, std::string_view label,
                               std::string_view problem);

// "it must be an integer, not a number 2.5".
std::string wrong_kind(std::string_view expected, const Value& value);

// The label as a page shows it, escaped; empty when it is not to be seen.
std::string shown_label(const Definition& definition);

// Appends "label: value" and marks the widget when a user cannot change it; one line.
void append_widget_line(const Definition& definition, std::string_view shown, std::string& out);

// Throws: UsageError inside a form, naming the cure.
void require_outside_form(const Place& place, std::string_view kind, std::string_view label,
                          std::string_view cure);

// Makes the widget. Throws: UsageError when its default does not fit; and as Place::widget.
const Value& make_widget(const Place& place, Draft&& draft);

}  // namespace memoscape::inline v0::detail

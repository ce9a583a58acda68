// What the families of widgets share: making a definition of options, and saying what is wrong.
//
// Thread-safety: as the Place they are given; the rest is pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>

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

// The definition of a widget, with what all options have in common.
template <class Options>
Definition define(const WidgetKind& kind, std::string_view label, Value initial,
                  const Options& options) {
  Definition definition = {.kind = &kind,
                           .label = std::string(label),
                           .key = options.key,
                           .on_change = options.on_change};
  definition.initial = std::move(initial);
  if constexpr (requires { options.help; }) {
    if (!options.help.empty()) definition.attributes.set("help", options.help);
  }
  if (options.disabled) definition.attributes.set("disabled", true);
  if constexpr (requires { options.label_visibility; }) {
    if (options.label_visibility != LabelVisibility::visible) {
      definition.attributes.set(
          "label_visibility",
          options.label_visibility == LabelVisibility::hidden ? "hidden" : "collapsed");
    }
  }
  return definition;
}

// Throws: UsageError inside a form, naming the cure.
void require_outside_form(const Place& place, std::string_view kind, std::string_view label,
                          std::string_view cure);

// Makes the widget. Throws: UsageError when its default does not fit; and as Place::widget.
const Value& make_widget(const Place& place, Definition definition);

}  // namespace memoscape::inline v0::detail

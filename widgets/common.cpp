#include "widgets/common.hpp"

#include "memoscape/error.hpp"

namespace memoscape::inline v0::detail {

void throw_misuse(std::string_view kind, std::string_view label, std::string_view problem) {
  throw UsageError(std::string(kind) + ' ' + quoted(label) + ": " + std::string(problem));
}

std::string wrong_kind(std::string_view expected, const Value& value) {
  std::string text = "it must be " + std::string(expected) + ", not " + value.kind();
  if (!value.is_null()) text += ' ' + cut(readable(value), 60);
  return text;
}

void append_widget_line(const Definition& definition, std::string_view shown, std::string& out) {
  out += escaped(definition.label);
  out += ": ";
  out += shown;
  if (!definition.attributes["disabled"].is_null()) out += " (disabled)";
  out += '\n';
}

const Value& make_widget(const Place& place, Definition definition) {
  if (definition.kind->misfit != nullptr) {
    const std::string problem = definition.kind->misfit(definition, definition.initial);
    if (!problem.empty()) {
      throw_misuse(definition.kind->name, definition.label, "the default does not fit: " + problem);
    }
  }
  return place.widget(std::move(definition)).value;
}

}  // namespace memoscape::inline v0::detail

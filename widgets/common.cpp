#include "widgets/common.hpp"

#include "memoscape/detail/run_host.hpp"
#include "memoscape/error.hpp"

namespace memoscape::inline v0::detail {

void throw_misuse(std::string_view kind, std::string_view label, std::string_view problem) {
  count_misuse();  // the execution that it happens in is not kept (rule E7)
  throw UsageError(std::string(kind) + ' ' + quoted(label) + ": " + std::string(problem));
}

std::string wrong_kind(std::string_view expected, const Value& value) {
  std::string text = "it must be " + std::string(expected) + ", not " + value.kind();
  if (!value.is_null()) text += ' ' + cut(readable(value), 60);
  return text;
}

std::string shown_label(const Definition& definition) {
  return definition.attributes["label_visibility"].is_null() ? escaped(definition.label) : "";
}

void append_widget_line(const Definition& definition, std::string_view shown, std::string& out) {
  const std::string label = shown_label(definition);
  if (!label.empty()) out += label + ": ";
  out += shown;
  if (!definition.attributes["disabled"].is_null()) out += " (disabled)";
  out += '\n';
}

void require_outside_form(const Place& place, std::string_view kind, std::string_view label,
                          std::string_view cure) {
  if (place.form().empty()) return;
  throw_misuse(kind, label,
               "it stands in the form " + quoted(place.form()) +
                   ", whose widgets wait for its submit button. Cure: " + std::string(cure));
}

}  // namespace memoscape::inline v0::detail

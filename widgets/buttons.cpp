#include "memoscape/buttons.hpp"

#include "widgets/common.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

// "No value" from outside means: not clicked.
Value trigger_normalize(const Definition&, Value value) {
  return value.is_null() ? Value(false) : std::move(value);
}

std::string trigger_misfit(const Definition&, const Value& value) {
  return value.get_if<bool>() != nullptr ? "" : detail::wrong_kind("true or false", value);
}

void trigger_text(const Definition& definition, const Value& value, std::string& out) {
  out += "[ " + detail::escaped(definition.label) + " ]";
  if (const bool* fired = value.get_if<bool>(); fired != nullptr && *fired) out += " (clicked)";
  if (!definition.attributes["disabled"].is_null()) out += " (disabled)";
  out += '\n';
}

bool make_trigger(const Place& place, const WidgetKind& kind, std::string_view label,
                  const ButtonOptions& options) {
  return *detail::make_widget(place, detail::define(kind, label, false, options)).get_if<bool>();
}

}  // namespace

namespace detail {

constinit const WidgetKind kButtonKind = {.name = "button",
                                          .nature = Nature::trigger,
                                          .normalize = trigger_normalize,
                                          .misfit = trigger_misfit,
                                          .to_text = trigger_text};
constinit const WidgetKind kFormSubmitButtonKind = {.name = "form_submit_button",
                                                    .nature = Nature::trigger,
                                                    .normalize = trigger_normalize,
                                                    .misfit = trigger_misfit,
                                                    .to_text = trigger_text};

}  // namespace detail

bool button(const Place& place, std::string_view label, const ButtonOptions& options) {
  if (!place.form().empty()) {
    detail::throw_misuse("button", label,
                         "it stands in the form " + detail::quoted(place.form()) +
                             ", whose widgets wait for its submit button. Cure: use "
                             "form_submit_button, or put the button outside the form");
  }
  return make_trigger(place, detail::kButtonKind, label, options);
}

bool form_submit_button(const Place& place, std::string_view label, const ButtonOptions& options) {
  if (place.form().empty()) {
    detail::throw_misuse("form_submit_button", label,
                         "it stands outside a form. Cure: pass the place that form() gave, or use "
                         "button");
  }
  return make_trigger(place, detail::kFormSubmitButtonKind, label, options);
}

}  // namespace memoscape::inline v0

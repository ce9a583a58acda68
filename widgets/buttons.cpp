#include "memoscape/buttons.hpp"

#include <memory>
#include <utility>

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

void append_trigger(const Definition& definition, const Value& value, std::string_view more,
                    std::string& out) {
  out += "[ " + detail::escaped(definition.label) + " ]" + std::string(more);
  if (const bool* fired = value.get_if<bool>(); fired != nullptr && *fired) out += " (clicked)";
  if (!definition.attributes["disabled"].is_null()) out += " (disabled)";
  out += '\n';
}

void trigger_text(const Definition& definition, const Value& value, std::string& out) {
  append_trigger(definition, value, {}, out);
}

void download_text(const Definition& definition, const Value& value, std::string& out) {
  const Media& file = **definition.attributes["file"].get_if<MediaPtr>();
  const std::string name = file.name.empty() ? "unnamed" : detail::escaped(file.name);
  append_trigger(definition, value,
                 " (" + name + ", " + std::to_string(file.bytes.size()) + " bytes)", out);
}

bool make_trigger(const Place& place, const WidgetKind& kind, std::string_view label,
                  const ButtonOptions& options) {
  detail::Draft draft(kind, label, false, options);
  return *detail::make_widget(place, std::move(draft)).get_if<bool>();
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
constinit const WidgetKind kDownloadButtonKind = {.name = "download_button",
                                                  .nature = Nature::trigger,
                                                  .normalize = trigger_normalize,
                                                  .misfit = trigger_misfit,
                                                  .to_text = download_text};

}  // namespace detail

bool button(const Place& place, std::string_view label, const ButtonOptions& options) {
  detail::require_outside_form(place, "button", label,
                               "use form_submit_button, or put the button outside the form");
  return make_trigger(place, detail::kButtonKind, label, options);
}

bool download_button(const Place& place, std::string_view label, MediaPtr file,
                     const ButtonOptions& options) {
  if (file == nullptr) {
    detail::throw_misuse("download_button", label, "the file is null. Cure: test for it first");
  }
  detail::require_outside_form(place, "download_button", label, "put it outside the form");
  detail::Draft draft(detail::kDownloadButtonKind, label, false, options);
  draft.add("file", std::move(file));
  return *detail::make_widget(place, std::move(draft)).get_if<bool>();
}

bool download_button(const Place& place, std::string_view label, Media file,
                     const ButtonOptions& options) {
  return download_button(place, label, std::make_shared<const Media>(std::move(file)), options);
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

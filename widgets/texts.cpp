#include "memoscape/texts.hpp"

#include <utility>

#include "memoscape/detail/utf8.hpp"
#include "widgets/common.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

// Always as many, so that they do not tell how long the secret is.
constexpr std::string_view kDots = "••••••••";

bool is_secret(const Definition& definition) { return !definition.attributes["secret"].is_null(); }

// Says nothing of the text itself: it may be a password.
std::string text_misfit(const Definition& definition, const Value& value) {
  const std::string* text = value.get_if<std::string>();
  if (text == nullptr) {
    return is_secret(definition) ? "it must be text" : detail::wrong_kind("text", value);
  }
  if (!detail::is_valid_utf8(*text)) return "it is not valid UTF-8";
  const std::int64_t* max_chars = definition.attributes["max_chars"].get_if<std::int64_t>();
  if (max_chars == nullptr) return {};
  const std::size_t length = detail::utf8_length(*text);
  if (length <= static_cast<std::size_t>(*max_chars)) return {};
  return "it has " + std::to_string(length) + " characters, and at most " +
         std::to_string(*max_chars) + " are allowed";
}

void text_input_text(const Definition& definition, const Value& value, std::string& out) {
  const std::string* text = value.get_if<std::string>();
  std::string shown;
  if (text == nullptr || text->empty()) {
    shown = detail::readable(definition.attributes["placeholder"]);
    if (definition.attributes["placeholder"].is_null()) shown.clear();
    if (!shown.empty()) shown = '(' + shown + ')';
  } else if (is_secret(definition)) {
    shown = kDots;
  } else {
    shown = detail::escaped(*text);
  }
  detail::append_widget_line(definition, '[' + shown + ']', out);
}

}  // namespace

namespace detail {

constinit const WidgetKind kTextInputKind = {
    .name = "text_input", .misfit = text_misfit, .to_text = text_input_text};

}  // namespace detail

std::string text_input(const Place& place, std::string_view label, const TextOptions& options) {
  Definition definition = detail::define(detail::kTextInputKind, label, options.value, options);
  if (options.max_chars != 0 && std::in_range<std::int64_t>(options.max_chars)) {
    definition.attributes.set("max_chars", options.max_chars);
  }
  if (!options.placeholder.empty()) definition.attributes.set("placeholder", options.placeholder);
  if (options.type == TextType::password) definition.attributes.set("secret", true);
  return *detail::make_widget(place, std::move(definition)).get_if<std::string>();
}

}  // namespace memoscape::inline v0

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

// Lines of a text area, each after a bar.
void text_area_text(const Definition& definition, const Value& value, std::string& out) {
  const std::string* text = value.get_if<std::string>();
  const bool is_empty = text == nullptr || text->empty();
  const Value& placeholder = definition.attributes["placeholder"];
  std::string shown = is_empty ? std::string() : *text;
  if (is_empty && !placeholder.is_null()) shown = '(' + *placeholder.get_if<std::string>() + ')';
  std::string heading = detail::shown_label(definition);
  if (!heading.empty()) heading += ':';
  if (!definition.attributes["disabled"].is_null()) heading += " (disabled)";
  if (!heading.empty()) out += heading + '\n';
  std::string lines;
  detail::append_wrapped(shown, detail::kTextWidth - 2, lines);
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = lines.find('\n', begin) + 1;
    out += (end - begin == 1 ? "|" : "| ") + lines.substr(begin, end - begin);
    begin = end;
  }
}

// No message is no value.
std::string chat_misfit(const Definition& definition, const Value& value) {
  if (value.is_null()) return {};
  if (const std::string* text = value.get_if<std::string>(); text != nullptr && text->empty()) {
    return "an empty message cannot be sent";
  }
  return text_misfit(definition, value);
}

void chat_text(const Definition& definition, const Value& value, std::string& out) {
  const std::string* text = value.get_if<std::string>();
  const std::string shown =
      text == nullptr ? '(' + detail::escaped(definition.label) + ')' : detail::escaped(*text);
  std::string line = "> " + shown;
  if (!definition.attributes["disabled"].is_null()) line += " (disabled)";
  detail::append_wrapped(line, detail::kTextWidth, out);
}

void set_max_chars(detail::Draft& draft, std::size_t max_chars) {
  if (max_chars != 0 && std::in_range<std::int64_t>(max_chars)) {
    draft.add("max_chars", max_chars);
  }
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
constinit const WidgetKind kTextAreaKind = {
    .name = "text_area", .misfit = text_misfit, .to_text = text_area_text};
constinit const WidgetKind kChatInputKind = {
    .name = "chat_input", .nature = Nature::trigger, .misfit = chat_misfit, .to_text = chat_text};

}  // namespace detail

std::string text_input(const Place& place, std::string_view label, const TextOptions& options) {
  detail::Draft draft(detail::kTextInputKind, label, options.value, options);
  set_max_chars(draft, options.max_chars);
  if (!options.placeholder.empty()) draft.add("placeholder", options.placeholder);
  if (options.type == TextType::password) draft.add("secret", true);
  return *detail::make_widget(place, std::move(draft)).get_if<std::string>();
}

std::string text_area(const Place& place, std::string_view label, const TextAreaOptions& options) {
  detail::Draft draft(detail::kTextAreaKind, label, options.value, options);
  set_max_chars(draft, options.max_chars);
  if (options.height != 0) draft.add("height", options.height);
  if (!options.placeholder.empty()) draft.add("placeholder", options.placeholder);
  return *detail::make_widget(place, std::move(draft)).get_if<std::string>();
}

std::optional<std::string> chat_input(const Place& place, std::string_view placeholder,
                                      const ChatOptions& options) {
  detail::require_outside_form(place, "chat_input", placeholder,
                               "use text_area, or put the chat_input outside the form");
  detail::Draft draft(detail::kChatInputKind, placeholder, {}, options);
  set_max_chars(draft, options.max_chars);
  return ValueOf<std::string>::from(detail::make_widget(place, std::move(draft)));
}

}  // namespace memoscape::inline v0

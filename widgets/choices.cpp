#include "memoscape/choices.hpp"

#include <algorithm>
#include <unordered_set>

#include "widgets/common.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

constexpr std::size_t kOptionsInMessage = 10;

const Value::List& options_of(const Definition& definition) {
  return *definition.attributes["options"].get_if<Value::List>();
}

std::string no_option(const Definition& definition, std::string_view text) {
  const Value::List& options = options_of(definition);
  std::string problem = detail::quoted(text) + " is none of its options: ";
  for (std::size_t i = 0; i < std::min(options.size(), kOptionsInMessage); ++i) {
    if (i != 0) problem += ", ";
    problem += detail::quoted(*options[i].get_if<std::string>());
  }
  if (options.size() > kOptionsInMessage) {
    problem += " and " + std::to_string(options.size() - kOptionsInMessage) + " more";
  }
  return problem;
}

bool is_option(const Definition& definition, const std::string& text) {
  const Value::List& options = options_of(definition);
  return std::any_of(options.begin(), options.end(),
                     [&](const Value& option) { return *option.get_if<std::string>() == text; });
}

std::string checkbox_misfit(const Definition&, const Value& value) {
  return value.get_if<bool>() != nullptr ? "" : detail::wrong_kind("true or false", value);
}

void checkbox_text(const Definition& definition, const Value& value, std::string& out) {
  const bool* on = value.get_if<bool>();
  out += on != nullptr && *on ? "[x] " : "[ ] ";
  out += detail::escaped(definition.label);
  if (!definition.attributes["disabled"].is_null()) out += " (disabled)";
  out += '\n';
}

std::string choice_misfit(const Definition& definition, const Value& value) {
  const std::string* text = value.get_if<std::string>();
  if (text == nullptr) return detail::wrong_kind("the text of an option", value);
  return is_option(definition, *text) ? "" : no_option(definition, *text);
}

void radio_text(const Definition& definition, const Value& value, std::string& out) {
  std::vector<std::string> marked;
  std::size_t width = detail::text_width(definition.label) + 1;
  for (const Value& option : options_of(definition)) {
    marked.push_back((option == value ? "(o) " : "( ) ") + detail::readable(option));
    width += 1 + detail::text_width(marked.back());
  }
  const bool one_line = width <= detail::kTextWidth;
  std::string shown;
  for (const std::string& option : marked) {
    if (!one_line) {
      shown += "\n  ";
    } else if (!shown.empty()) {
      shown += ' ';
    }
    shown += option;
  }
  detail::append_widget_line(definition, shown, out);
}

void selectbox_text(const Definition& definition, const Value& value, std::string& out) {
  detail::append_widget_line(definition, '[' + detail::readable(value) + " v]", out);
}

std::string multiselect_misfit(const Definition& definition, const Value& value) {
  const Value::List* selected = value.get_if<Value::List>();
  if (selected == nullptr) return detail::wrong_kind("a list of options", value);
  std::unordered_set<std::string_view> options;
  for (const Value& option : options_of(definition)) options.insert(*option.get_if<std::string>());
  std::unordered_set<std::string_view> seen;
  for (const Value& item : *selected) {
    const std::string* text = item.get_if<std::string>();
    if (text == nullptr) return detail::wrong_kind("a list of the texts of options", value);
    if (!options.contains(*text)) return no_option(definition, *text);
    if (!seen.insert(*text).second) return detail::quoted(*text) + " is selected twice";
  }
  return {};
}

void multiselect_text(const Definition& definition, const Value& value, std::string& out) {
  const std::string selected = detail::readable(value);
  detail::append_widget_line(definition, selected.empty() ? "(none)" : selected, out);
}

// Throws for what no list of options may be.
void check_options(std::string_view kind, std::string_view label,
                   const std::vector<std::string>& choices) {
  if (choices.empty()) {
    detail::throw_misuse(kind, label, "it has no options. Cure: pass at least one");
  }
  std::unordered_set<std::string_view> seen;
  for (const std::string& choice : choices) {
    if (!seen.insert(choice).second) {
      detail::throw_misuse(kind, label,
                           "the option " + detail::quoted(choice) +
                               " is there twice; its text is the value, so it must be unique");
    }
  }
}

std::string choose(const Place& place, const WidgetKind& kind, std::string_view label,
                   const std::vector<std::string>& choices, const ChoiceOptions& options) {
  check_options(kind.name, label, choices);
  if (options.index >= choices.size()) {
    detail::throw_misuse(kind.name, label,
                         "index " + std::to_string(options.index) + " is outside its " +
                             std::to_string(choices.size()) + " options");
  }
  Definition definition = detail::define(kind, label, choices[options.index], options);
  definition.attributes.set("options", choices);
  return *detail::make_widget(place, std::move(definition)).get_if<std::string>();
}

}  // namespace

namespace detail {

constinit const WidgetKind kCheckboxKind = {
    .name = "checkbox", .misfit = checkbox_misfit, .to_text = checkbox_text};
constinit const WidgetKind kRadioKind = {
    .name = "radio", .misfit = choice_misfit, .to_text = radio_text};
constinit const WidgetKind kSelectboxKind = {
    .name = "selectbox", .misfit = choice_misfit, .to_text = selectbox_text};
constinit const WidgetKind kMultiselectKind = {
    .name = "multiselect", .misfit = multiselect_misfit, .to_text = multiselect_text};

}  // namespace detail

bool checkbox(const Place& place, std::string_view label, const CheckboxOptions& options) {
  Definition definition = detail::define(detail::kCheckboxKind, label, options.value, options);
  return *detail::make_widget(place, std::move(definition)).get_if<bool>();
}

std::string radio(const Place& place, std::string_view label,
                  const std::vector<std::string>& choices, const ChoiceOptions& options) {
  return choose(place, detail::kRadioKind, label, choices, options);
}

std::string selectbox(const Place& place, std::string_view label,
                      const std::vector<std::string>& choices, const ChoiceOptions& options) {
  return choose(place, detail::kSelectboxKind, label, choices, options);
}

std::vector<std::string> multiselect(const Place& place, std::string_view label,
                                     const std::vector<std::string>& choices,
                                     const MultiselectOptions& options) {
  check_options(detail::kMultiselectKind.name, label, choices);
  Definition definition =
      detail::define(detail::kMultiselectKind, label, options.selected, options);
  definition.attributes.set("options", choices);
  const Value& value = detail::make_widget(place, std::move(definition));
  return *ValueOf<std::vector<std::string>>::from(value);
}

}  // namespace memoscape::inline v0

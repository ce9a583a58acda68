#include "memoscape/choices.hpp"

#include <optional>

#include "widgets/common.hpp"
#include "widgets/kinds.hpp"
#include "widgets/options.hpp"

namespace memoscape::inline v0 {

namespace {

std::string checkbox_misfit(const Definition&, const Value& value) {
  return value.get_if<bool>() != nullptr ? "" : detail::wrong_kind("true or false", value);
}

void append_switch(const Definition& definition, std::string_view shown, std::string& out) {
  out += shown;
  const std::string label = detail::shown_label(definition);
  if (!label.empty()) out += ' ' + label;
  if (!definition.attributes["disabled"].is_null()) out += " (disabled)";
  out += '\n';
}

void checkbox_text(const Definition& definition, const Value& value, std::string& out) {
  const bool* on = value.get_if<bool>();
  append_switch(definition, on != nullptr && *on ? "[x]" : "[ ]", out);
}

void toggle_text(const Definition& definition, const Value& value, std::string& out) {
  const bool* on = value.get_if<bool>();
  append_switch(definition, on != nullptr && *on ? "(-o)" : "(o-)", out);
}

void radio_text(const Definition& definition, const Value& value, std::string& out) {
  std::vector<std::string> marked;
  std::size_t width = detail::text_width(definition.label) + 1;
  for (const Value& option : detail::texts_of(definition)) {
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

void multiselect_text(const Definition& definition, const Value& value, std::string& out) {
  const Value& placeholder = definition.attributes["placeholder"];
  const Value::List* selected = value.get_if<Value::List>();
  std::string shown = selected != nullptr && !selected->empty() ? detail::readable(value)
                      : placeholder.is_null()                   ? "(none)"
                                              : '(' + detail::readable(placeholder) + ')';
  detail::append_widget_line(definition, shown, out);
}

// --- select_slider: one option, or two that make a range

std::optional<std::size_t> place_of(const Definition& definition, const Value& option) {
  const Value::List& options = detail::texts_of(definition);
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (options[i] == option) return i;
  }
  return std::nullopt;
}

std::string select_slider_misfit(const Definition& definition, const Value& value) {
  if (definition.initial.get_if<Value::List>() == nullptr) {
    return detail::option_misfit(definition, value);
  }
  const Value::List* ends = value.get_if<Value::List>();
  if (ends == nullptr || ends->size() != 2) {
    return detail::wrong_kind("a list of two options", value);
  }
  for (const Value& end : *ends) {
    if (std::string problem = detail::option_misfit(definition, end); !problem.empty()) {
      return problem;
    }
  }
  if (*place_of(definition, (*ends)[0]) <= *place_of(definition, (*ends)[1])) return {};
  return detail::quoted(detail::readable((*ends)[0])) + " stands after " +
         detail::quoted(detail::readable((*ends)[1]));
}

// The options' places as dots, what is chosen as o, what is between as -.
void select_slider_text(const Definition& definition, const Value& value, std::string& out) {
  const Value::List& options = detail::texts_of(definition);
  const Value::List* ends = value.get_if<Value::List>();
  const Value& low = ends == nullptr ? value : ends->front();
  const Value& high = ends == nullptr ? value : ends->back();
  std::string shown = detail::readable(low);
  if (ends != nullptr) shown += " .. " + detail::readable(high);
  const std::optional<std::size_t> from = place_of(definition, low);
  const std::optional<std::size_t> to = place_of(definition, high);
  constexpr std::size_t kMostDots = 40;
  if (from && to && options.size() <= kMostDots) {
    std::string dots(options.size(), '.');
    for (std::size_t i = *from; i <= *to; ++i) dots[i] = i == *from || i == *to ? 'o' : '-';
    shown += "  |" + dots + '|';
  }
  detail::append_widget_line(
      definition,
      shown + ' ' + detail::readable(options.front()) + ".." + detail::readable(options.back()),
      out);
}

std::string choose(const Place& place, const WidgetKind& kind, std::string_view label,
                   const std::vector<std::string>& choices, const ChoiceOptions& options) {
  detail::check_options(kind.name, label, choices);
  if (options.index >= choices.size()) {
    detail::throw_misuse(kind.name, label,
                         "index " + std::to_string(options.index) + " is outside its " +
                             std::to_string(choices.size()) + " options");
  }
  detail::Draft draft(kind, label, choices[options.index], options);
  draft.add("options", choices);
  return *detail::make_widget(place, std::move(draft)).get_if<std::string>();
}

}  // namespace

namespace detail {

constinit const WidgetKind kCheckboxKind = {
    .name = "checkbox", .misfit = checkbox_misfit, .to_text = checkbox_text};
constinit const WidgetKind kToggleKind = {
    .name = "toggle", .misfit = checkbox_misfit, .to_text = toggle_text};
constinit const WidgetKind kRadioKind = {
    .name = "radio", .misfit = option_misfit, .to_text = radio_text};
constinit const WidgetKind kSelectboxKind = {
    .name = "selectbox", .misfit = option_misfit, .to_text = selectbox_text};
constinit const WidgetKind kMultiselectKind = {
    .name = "multiselect", .misfit = selection_misfit, .to_text = multiselect_text};
constinit const WidgetKind kSelectSliderKind = {
    .name = "select_slider", .misfit = select_slider_misfit, .to_text = select_slider_text};

}  // namespace detail

bool toggle(const Place& place, std::string_view label, const CheckboxOptions& options) {
  detail::Draft draft(detail::kToggleKind, label, options.value, options);
  return *detail::make_widget(place, std::move(draft)).get_if<bool>();
}

bool checkbox(const Place& place, std::string_view label, const CheckboxOptions& options) {
  detail::Draft draft(detail::kCheckboxKind, label, options.value, options);
  return *detail::make_widget(place, std::move(draft)).get_if<bool>();
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
  return detail::select(place, detail::kMultiselectKind, label, choices, options);
}

std::string select_slider(const Place& place, std::string_view label,
                          const std::vector<std::string>& choices, const ChoiceOptions& options) {
  return choose(place, detail::kSelectSliderKind, label, choices, options);
}

Range<std::string> select_slider(const Place& place, std::string_view label,
                                 const std::vector<std::string>& choices,
                                 const Range<std::string>& selected, const ChoiceOptions& options) {
  detail::check_options("select_slider", label, choices);
  detail::Draft draft(detail::kSelectSliderKind, label, Value::List{selected.lo, selected.hi},
                      options);
  draft.add("options", choices);
  const Value& value = detail::make_widget(place, std::move(draft));
  const Value::List& ends = *value.get_if<Value::List>();
  return {*ends[0].get_if<std::string>(), *ends[1].get_if<std::string>()};
}

}  // namespace memoscape::inline v0

#include "widgets/options.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_set>
#include <utility>

#include "widgets/common.hpp"

namespace memoscape::inline v0::detail {

namespace {

constexpr std::size_t kOptionsInMessage = 10;

std::string no_option(const Definition& definition, std::string_view text) {
  const Value::List& options = texts_of(definition);
  std::string problem = quoted(text) + " is none of its options: ";
  for (std::size_t i = 0; i < std::min(options.size(), kOptionsInMessage); ++i) {
    if (i != 0) problem += ", ";
    problem += quoted(*options[i].get_if<std::string>());
  }
  if (options.size() > kOptionsInMessage) {
    problem += " and " + std::to_string(options.size() - kOptionsInMessage) + " more";
  }
  return problem;
}

}  // namespace

const Value::List& texts_of(const Definition& definition) {
  return *definition.attributes["options"].get_if<Value::List>();
}

void check_options(std::string_view kind, std::string_view label,
                   const std::vector<std::string>& choices) {
  if (choices.empty()) {
    throw_misuse(kind, label, "it has no options. Cure: pass at least one");
  }
  std::unordered_set<std::string_view> seen;
  for (const std::string& choice : choices) {
    if (!seen.insert(choice).second) {
      throw_misuse(kind, label,
                   "the option " + quoted(choice) +
                       " is there twice; its text is the value, so it must be unique");
    }
  }
}

std::string option_misfit(const Definition& definition, const Value& value) {
  const std::string* text = value.get_if<std::string>();
  if (text == nullptr) return wrong_kind("the text of an option", value);
  const Value::List& options = texts_of(definition);
  const bool known = std::find(options.begin(), options.end(), value) != options.end();
  return known ? "" : no_option(definition, *text);
}

std::string selection_misfit(const Definition& definition, const Value& value) {
  const Value::List* selected = value.get_if<Value::List>();
  if (selected == nullptr) return wrong_kind("a list of options", value);
  std::unordered_set<std::string_view> options;
  for (const Value& option : texts_of(definition)) options.insert(*option.get_if<std::string>());
  std::unordered_set<std::string_view> seen;
  for (const Value& item : *selected) {
    const std::string* text = item.get_if<std::string>();
    if (text == nullptr) return wrong_kind("a list of the texts of options", value);
    if (!options.contains(*text)) return no_option(definition, *text);
    if (!seen.insert(*text).second) return quoted(*text) + " is selected twice";
  }
  const std::int64_t* most = definition.attributes["max_selections"].get_if<std::int64_t>();
  if (most == nullptr || selected->size() <= static_cast<std::uint64_t>(*most)) return {};
  return std::to_string(selected->size()) + " options are selected, and at most " +
         std::to_string(*most) + " may be";
}

std::vector<std::string> select(const Place& place, const WidgetKind& kind, std::string_view label,
                                const std::vector<std::string>& choices,
                                const MultiselectOptions& options) {
  check_options(kind.name, label, choices);
  detail::Draft draft(kind, label, options.selected, options);
  draft.add("options", choices);
  if (options.max_selections != 0 && std::in_range<std::int64_t>(options.max_selections)) {
    draft.add("max_selections", options.max_selections);
  }
  if (!options.placeholder.empty()) draft.add("placeholder", options.placeholder);
  return *ValueOf<std::vector<std::string>>::from(make_widget(place, std::move(draft)));
}

}  // namespace memoscape::inline v0::detail

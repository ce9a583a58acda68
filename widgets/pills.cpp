#include "memoscape/pills.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "widgets/common.hpp"
#include "widgets/kinds.hpp"
#include "widgets/options.hpp"

namespace memoscape::inline v0 {

namespace {

bool has_several(const Definition& definition) {
  return definition.initial.get_if<Value::List>() != nullptr;
}

std::string pills_misfit(const Definition& definition, const Value& value) {
  if (has_several(definition)) return detail::selection_misfit(definition, value);
  return value.is_null() ? "" : detail::option_misfit(definition, value);
}

bool is_chosen(const Value& value, const Value& option) {
  const Value::List* several = value.get_if<Value::List>();
  if (several == nullptr) return value == option;
  return std::find(several->begin(), several->end(), option) != several->end();
}

// Options in a row, in lines of a page; what is chosen is marked.
void pills_text(const Definition& definition, const Value& value, std::string& out) {
  const bool is_bar = std::string_view(definition.kind->name) == "segmented_control";
  std::string shown;
  for (const Value& option : detail::texts_of(definition)) {
    const std::string text = detail::readable(option);
    const bool chosen = is_chosen(value, option);
    if (is_bar) {
      shown += (shown.empty() ? "|" : "") + std::string(chosen ? "*" : " ") + text + " |";
    } else {
      shown += (shown.empty() ? "" : " ") + std::string(chosen ? "(*" : "( ") + text + ')';
    }
  }
  std::string line;
  detail::append_widget_line(definition, shown, line);
  line.pop_back();
  detail::append_wrapped(line, detail::kTextWidth, out);
}

std::optional<std::string> choose(const Place& place, const WidgetKind& kind,
                                  std::string_view label, const std::vector<std::string>& choices,
                                  const PillsOptions& options) {
  detail::check_options(kind.name, label, choices);
  detail::Draft draft(kind, label, options.selected ? Value(*options.selected) : Value(), options);
  draft.add("options", choices);
  return ValueOf<std::string>::from(detail::make_widget(place, std::move(draft)));
}

// --- feedback

struct FeedbackKind {
  const char* name;
  int count;
};

FeedbackKind kind_of(FeedbackType type) {
  switch (type) {
    case FeedbackType::thumbs:
      return {"thumbs", 2};
    case FeedbackType::faces:
      return {"faces", 5};
    default:
      return {"stars", 5};
  }
}

std::int64_t count_of(const Definition& definition) {
  return *definition.attributes["count"].get_if<std::int64_t>();
}

std::string feedback_misfit(const Definition& definition, const Value& value) {
  if (value.is_null()) return {};
  const std::int64_t* number = value.get_if<std::int64_t>();
  if (number == nullptr) return detail::wrong_kind("an integer", value);
  if (*number >= 0 && *number < count_of(definition)) return {};
  return std::to_string(*number) + " is outside 0 to " + std::to_string(count_of(definition) - 1);
}

void feedback_text(const Definition& definition, const Value& value, std::string& out) {
  const std::int64_t* number = value.get_if<std::int64_t>();
  std::string shown = number == nullptr ? "(none)" : "";
  if (number != nullptr && count_of(definition) == 2) {
    shown = *number == 0 ? "thumb down" : "thumb up";
  } else if (number != nullptr) {
    shown = std::to_string(*number + 1) + " of " + std::to_string(count_of(definition)) + ' ' +
            detail::readable(definition.attributes["type"]);
  }
  detail::append_widget_line(definition, shown, out);
}

}  // namespace

namespace detail {

constinit const WidgetKind kPillsKind = {
    .name = "pills", .misfit = pills_misfit, .to_text = pills_text};
constinit const WidgetKind kSegmentedControlKind = {
    .name = "segmented_control", .misfit = pills_misfit, .to_text = pills_text};
constinit const WidgetKind kFeedbackKind = {
    .name = "feedback", .misfit = feedback_misfit, .to_text = feedback_text};

}  // namespace detail

std::optional<std::string> pills(const Place& place, std::string_view label,
                                 const std::vector<std::string>& choices,
                                 const PillsOptions& options) {
  return choose(place, detail::kPillsKind, label, choices, options);
}

std::vector<std::string> pills_multi(const Place& place, std::string_view label,
                                     const std::vector<std::string>& choices,
                                     const MultiselectOptions& options) {
  return detail::select(place, detail::kPillsKind, label, choices, options);
}

std::optional<std::string> segmented_control(const Place& place, std::string_view label,
                                             const std::vector<std::string>& choices,
                                             const PillsOptions& options) {
  return choose(place, detail::kSegmentedControlKind, label, choices, options);
}

std::vector<std::string> segmented_control_multi(const Place& place, std::string_view label,
                                                 const std::vector<std::string>& choices,
                                                 const MultiselectOptions& options) {
  return detail::select(place, detail::kSegmentedControlKind, label, choices, options);
}

std::optional<int> feedback(const Place& place, std::string_view label, FeedbackType type,
                            const FeedbackOptions& options) {
  const FeedbackKind kind = kind_of(type);
  detail::Draft draft(detail::kFeedbackKind, label, options.value ? Value(*options.value) : Value(),
                      options);
  draft.add("type", kind.name);
  draft.add("count", kind.count);
  return ValueOf<int>::from(detail::make_widget(place, std::move(draft)));
}

}  // namespace memoscape::inline v0

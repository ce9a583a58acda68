#include "memoscape/color_picker.hpp"

#include <utility>

#include "widgets/common.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

constexpr std::size_t kShort = 4;
constexpr std::size_t kLong = 7;

// Lower case, and six digits: two ways to write a colour are one value.
Value written_one_way(Value value) {
  const std::string* text = value.get_if<std::string>();
  if (text == nullptr || (text->size() != kShort && text->size() != kLong)) return value;
  std::string color = text->substr(0, 1);
  for (const char c : text->substr(1)) {
    const char digit = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    color.append(text->size() == kShort ? 2 : 1, digit);
  }
  return color;
}

Value color_normalize(const Definition&, Value value) { return written_one_way(std::move(value)); }

std::string color_misfit(const Definition&, const Value& value) {
  const std::string* text = value.get_if<std::string>();
  const bool fits = text != nullptr && text->size() == kLong && text->front() == '#' &&
                    text->find_first_not_of("0123456789abcdef", 1) == std::string::npos;
  return fits ? "" : detail::wrong_kind("a colour like #ff8800", value);
}

void color_text(const Definition& definition, const Value& value, std::string& out) {
  detail::append_widget_line(definition, '[' + detail::readable(value) + ']', out);
}

}  // namespace

namespace detail {

constinit const WidgetKind kColorPickerKind = {.name = "color_picker",
                                               .normalize = color_normalize,
                                               .misfit = color_misfit,
                                               .to_text = color_text};

}  // namespace detail

std::string color_picker(const Place& place, std::string_view label, const ColorOptions& options) {
  detail::Draft draft(detail::kColorPickerKind, label, written_one_way(options.value), options);
  return *detail::make_widget(place, std::move(draft)).get_if<std::string>();
}

}  // namespace memoscape::inline v0

#include "memoscape/text_elements.hpp"

#include <algorithm>

#include "memoscape/detail/terminal.hpp"
#include "widgets/common.hpp"
#include "widgets/json.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

constexpr std::size_t kDividerWidth = 60;

void plain_text(const Element& element, std::string& out) {
  detail::append_wrapped(element.text, detail::kTextWidth, out);
}

// A heading over a line as long as its longest line, with an empty line before it.
void underlined(const Element& element, std::string_view line, std::string& out) {
  if (!out.empty()) out += '\n';
  std::string heading;
  detail::append_wrapped(element.text, detail::kTextWidth, heading);
  std::size_t width = 0;
  for (std::size_t begin = 0; begin < heading.size();) {
    const std::size_t end = heading.find('\n', begin);
    width =
        std::max(width, detail::text_width(std::string_view(heading).substr(begin, end - begin)));
    begin = end + 1;
  }
  out += heading;
  detail::append_repeated(line, width, out);
  out += '\n';
}

void title_text(const Element& element, std::string& out) { underlined(element, "=", out); }
void header_text(const Element& element, std::string& out) { underlined(element, "-", out); }
void subheader_text(const Element& element, std::string& out) { underlined(element, "~", out); }

void divider_text(const Element&, std::string& out) {
  detail::append_repeated("─", kDividerWidth, out);
  out += '\n';
}

// Lines as they are, with their numbers if asked for; never broken.
void code_text(const Element& element, std::string& out) {
  const bool has_numbers = !element.attributes["line_numbers"].is_null();
  const auto lines =
      static_cast<std::size_t>(std::count(element.text.begin(), element.text.end(), '\n') + 1);
  const std::size_t width = std::to_string(lines).size();
  std::string_view text = element.text;
  for (std::size_t line = 1; line <= lines; ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (has_numbers) {
      const std::string number = std::to_string(line);
      out.append(width - number.size(), ' ');
      out += number + "  ";
    } else {
      out += "    ";
    }
    out += detail::escaped(text.substr(0, end)) + '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void emit_text(const Place& place, const ElementKind& kind, std::string_view text) {
  place.emit({.kind = &kind, .text = std::string(text)});
}

}  // namespace

namespace detail {

constinit const ElementKind kTextKind = {.name = "text", .to_text = plain_text};
constinit const ElementKind kTitleKind = {.name = "title", .to_text = title_text};
constinit const ElementKind kHeaderKind = {.name = "header", .to_text = header_text};
constinit const ElementKind kSubheaderKind = {.name = "subheader", .to_text = subheader_text};
constinit const ElementKind kMarkdownKind = {.name = "markdown", .to_text = plain_text};
constinit const ElementKind kCaptionKind = {.name = "caption", .to_text = plain_text};
constinit const ElementKind kCodeKind = {.name = "code", .to_text = code_text};
constinit const ElementKind kJsonKind = {.name = "json", .to_text = plain_text};
constinit const ElementKind kDividerKind = {.name = "divider", .to_text = divider_text};

void write_value(const Place& place, const Value& value) {
  if (const std::string* text = value.get_if<std::string>()) {
    emit_text(place, kMarkdownKind, *text);
  } else {
    emit_text(place, kTextKind, readable(value));
  }
}

}  // namespace detail

void text(const Place& place, std::string_view text) { emit_text(place, detail::kTextKind, text); }

void title(const Place& place, std::string_view text) {
  emit_text(place, detail::kTitleKind, text);
}

void header(const Place& place, std::string_view text) {
  emit_text(place, detail::kHeaderKind, text);
}

void subheader(const Place& place, std::string_view text) {
  emit_text(place, detail::kSubheaderKind, text);
}

void markdown(const Place& place, std::string_view text) {
  emit_text(place, detail::kMarkdownKind, text);
}

void caption(const Place& place, std::string_view text) {
  emit_text(place, detail::kCaptionKind, text);
}

void code(const Place& place, std::string_view text, const CodeOptions& options) {
  Element element = {.kind = &detail::kCodeKind, .text = std::string(text)};
  if (!options.language.empty()) element.attributes.set("language", options.language);
  if (options.line_numbers) element.attributes.set("line_numbers", true);
  place.emit(std::move(element));
}

void json(const Place& place, std::string_view text, const JsonOptions& options) {
  detail::Json parsed;
  const detail::JsonError error = detail::parse_json(text, {}, parsed);
  if (!error.problem.empty()) {
    detail::throw_misuse("json", text, "it is no JSON: " + error.problem);
  }
  place.emit({.kind = &detail::kJsonKind,
              .text = std::string(text),
              .attributes = {{"expanded", options.expanded}}});
}

void divider(const Place& place) { emit_text(place, detail::kDividerKind, {}); }

}  // namespace memoscape::inline v0

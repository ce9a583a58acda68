#include "widgets/web/node_json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <variant>

#include "memoscape/detail/utf8.hpp"
#include "widgets/json.hpp"

namespace memoscape::inline v0::web {

namespace {

void append_name(std::string_view name, std::string& out) {
  if (out.back() != '{') out += ',';
  append_text(name, out);
  out += ':';
}

void append_number(double number, std::string& out) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  char digits[40];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_value(const Value& value, std::string& out) {
  if (const std::string* text = value.get_if<std::string>()) {
    append_text(*text, out);
  } else if (const double* number = value.get_if<double>()) {
    append_number(*number, out);
  } else if (const Value::List* items = value.get_if<Value::List>()) {
    out += '[';
    for (const Value& item : *items) {
      if (&item != items->data()) out += ',';
      append_value(item, out);
    }
    out += ']';
  } else if (const MediaPtr* medium = value.get_if<MediaPtr>(); medium != nullptr && *medium) {
    out += '{';
    append_name("name", out);
    append_text((*medium)->name, out);
    append_name("bytes", out);
    out += std::to_string((*medium)->bytes.size()) + '}';
  } else if (!detail::append_json(value, out)) {
    append_text(to_text(value), out);
  }
}

// Every `step`-th row of the first `rows`.
void append_frame(const DataFrame& frame, std::size_t rows, std::size_t step, std::string& out) {
  out += "{\"rows\":" + std::to_string(frame.rows()) + ",\"step\":" + std::to_string(step) +
         ",\"columns\":[";
  for (const DataFrame::Column& column : frame.columns) {
    if (&column != frame.columns.data()) out += ',';
    out += "{\"name\":";
    append_text(column.name, out);
    constexpr const char* kTypes[] = {"number", "integer", "text"};
    out += std::string(",\"type\":\"") + kTypes[column.values.index()] + "\",\"cells\":[";
    const std::size_t end = std::min(rows, column.size());
    std::visit(
        [&](const auto& cells) {
          for (std::size_t row = 0; row < end; row += step) {
            if (row != 0) out += ',';
            append_value(Value(cells[row]), out);
          }
        },
        column.values);
    out += "]}";
  }
  out += "]}";
}

bool is_chart(const Element& element) {
  return std::string_view(element.kind->name).ends_with("_chart");
}

void append_attributes(const Attributes& attributes, std::string& out) {
  for (const Attribute& attribute : attributes) {
    if (attribute.value.get_if<MediaPtr>() != nullptr) continue;  // has a link
    append_name(attribute.name, out);
    if (const auto* frame = attribute.value.boxed_if<DataFramePtr>()) {
      append_frame(**frame, kMostRows, 1, out);
    } else {
      append_value(attribute.value, out);
    }
  }
}

void append_link(const MediaPtr& medium, std::string_view link, std::string& out) {
  if (medium == nullptr) return;
  append_name("link", out);
  append_text(link, out);
  append_name("file", out);
  append_value(Value(medium), out);
  append_name("mime", out);
  append_text(medium->type, out);
}

}  // namespace

void append_text(std::string_view text, std::string& out) {
  if (detail::is_valid_utf8(text)) return detail::append_json_text(text, out);
  std::string clean;
  while (!text.empty()) {
    const std::size_t good = detail::utf8_sequence(text);
    clean += good == 0 ? "\xEF\xBF\xBD" : text.substr(0, good);
    text.remove_prefix(std::max<std::size_t>(good, 1));
  }
  detail::append_json_text(clean, out);
}

void append_element(const Element& element, std::string_view link, std::string& out) {
  out += '{';
  if (!element.text.empty()) {
    append_name("text", out);
    append_text(element.text, out);
  }
  append_attributes(element.attributes, out);
  append_link(element.media, link, out);
  if (element.data != nullptr) {
    append_name("data", out);
    const std::size_t rows = element.data->rows();
    if (is_chart(element)) {
      append_frame(*element.data, rows,
                   std::max<std::size_t>(1, (rows + kMostPoints - 1) / kMostPoints), out);
    } else {
      append_frame(*element.data, kMostRows, 1, out);
    }
  }
  out += '}';
}

void append_definition(const StateRead& read, std::string_view link, std::string& out) {
  const Definition& definition = read.definition();
  out += '{';
  append_name("label", out);
  append_text(definition.label, out);
  if (!definition.key.empty()) {
    append_name("key", out);
    append_text(definition.key, out);
  }
  // Whether it is a range, or may be empty, is seen by the default.
  append_name("initial", out);
  append_widget_value(read, definition.initial, out);
  append_attributes(definition.attributes, out);
  append_link(medium_of(read), link, out);
  out += '}';
}

void append_widget_value(const StateRead& read, const Value& value, std::string& out) {
  const bool is_secret = !read.definition().attributes["secret"].is_null();
  if (is_secret) {
    out += "null";
  } else {
    append_value(value, out);
  }
}

MediaPtr medium_of(const Element& element) { return element.media; }

MediaPtr medium_of(const StateRead& read) {
  const MediaPtr* file = read.definition().attributes["file"].get_if<MediaPtr>();
  return file == nullptr ? nullptr : *file;
}

}  // namespace memoscape::inline v0::web

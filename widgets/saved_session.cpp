#include "widgets/saved_session.hpp"

#include <cstdint>

#include "memoscape/detail/terminal.hpp"
#include "memoscape/detail/utf8.hpp"
#include "memoscape/error.hpp"
#include "widgets/json.hpp"

namespace memoscape::inline v0::detail {

namespace {

constexpr std::string_view kVersionName = "memoscape_session";
constexpr std::int64_t kVersion = 1;
constexpr JsonLimits kLimits = {.max_bytes = std::size_t{4} << 20, .max_depth = 16};

[[noreturn]] void refuse(const std::string& problem) {
  throw InvalidValueError("the saved session cannot be restored: " + problem);
}

const Json* member(const Json& object, std::string_view name) {
  for (std::size_t i = 0; i < object.names.size(); ++i) {
    if (object.names[i] == name) return &object.items[i];
  }
  return nullptr;
}

}  // namespace

std::string write_saved(const SavedWidgets& widgets) {
  std::string text =
      "{\"" + std::string(kVersionName) + "\": " + std::to_string(kVersion) + ", \"widgets\": {";
  bool is_first = true;
  for (const auto& [name, value] : widgets) {
    std::string shown;
    if (!is_valid_utf8(name) || !append_json(value, shown)) continue;
    if (!is_first) text += ", ";
    is_first = false;
    append_json_text(name, text);
    text += ": " + shown;
  }
  return text + "}}";
}

SavedWidgets read_saved(std::string_view text) {
  Json json;
  const JsonError error = parse_json(text, kLimits, json);
  if (!error.problem.empty()) refuse(error.problem);
  const Json* version = member(json, kVersionName);
  const Json* widgets = member(json, "widgets");
  if (version == nullptr || !(version->scalar == Value(kVersion))) {
    refuse("\"memoscape_session\" is not " + std::to_string(kVersion));
  }
  if (widgets == nullptr || widgets->kind != Json::Kind::object) {
    refuse("\"widgets\" is no object");
  }
  for (const std::string& name : json.names) {
    if (name != kVersionName && name != "widgets") refuse(quoted(name) + " is not known");
  }
  SavedWidgets saved;
  for (std::size_t i = 0; i < widgets->names.size(); ++i) {
    const std::string& name = widgets->names[i];
    if (name.empty()) refuse("a widget has no name");
    Value value;
    if (!to_value(widgets->items[i], value)) {
      refuse("the value of " + quoted(name) + " has an object in it");
    }
    saved.emplace_back(name, std::move(value));
  }
  return saved;
}

}  // namespace memoscape::inline v0::detail

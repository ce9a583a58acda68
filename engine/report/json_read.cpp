// A report from JSON. Whatever the bytes are, the outcome is a report or a FormatError of one line.
#include <cmath>
#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>

#include "engine/report/fields.hpp"
#include "memoscape/detail/terminal.hpp"

namespace memoscape::inline v0 {

FormatError::~FormatError() = default;

namespace detail {

namespace {

using ParsedJson = nlohmann::json;

// Where a value stands in the document, for messages: a list up the stack.
struct JsonPlace {
  const JsonPlace* above = nullptr;
  std::string_view name;
  std::size_t index = 0;

  std::string text() const {
    if (above == nullptr) return {};
    if (name.empty()) return above->text() + '[' + std::to_string(index) + ']';
    const std::string before = above->text();
    return before.empty() ? std::string(name) : before + '.' + std::string(name);
  }
};

[[noreturn]] void fail(const JsonPlace& place, const std::string& what) {
  throw FormatError("is no memoscape report: " + place.text() + ' ' + what);
}

// Named before Reader, which would not find those of types of the standard library otherwise.
void read(const ParsedJson& json, const JsonPlace& place, std::chrono::nanoseconds& time);
void read(const ParsedJson& json, const JsonPlace& place, Digest& digest);
template <class T>
void read(const ParsedJson& json, const JsonPlace& place, std::optional<T>& field);
template <class T>
void read(const ParsedJson& json, const JsonPlace& place, std::vector<T>& rows);
template <class T>
void read(const ParsedJson& json, const JsonPlace& place, T& field);

// Calls fields() with itself to fill a value from an object. Fields that it does not know are left
// alone: a later version of the same schema may have more.
struct Reader {
  const ParsedJson& object;
  const JsonPlace& place;
  template <class T>
  void operator()(const char* name, T& field) {
    const JsonPlace here{.above = &place, .name = name};
    const auto found = object.find(name);
    if (found == object.end()) fail(here, "is missing");
    read(*found, here, field);
  }
};

void read(const ParsedJson& json, const JsonPlace& place, std::chrono::nanoseconds& time) {
  std::int64_t count = 0;
  read(json, place, count);
  time = std::chrono::nanoseconds(count);
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void read(const ParsedJson& json, const JsonPlace& place, Digest& digest) {
  digest = {};
  if (json.is_null()) return;
  const std::string* text = json.get_ptr<const std::string*>();
  if (text == nullptr || text->size() != 2 * digest.size()) fail(place, "is no digest");
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = digit((*text)[2 * i]);
    const int low = digit((*text)[2 * i + 1]);
    if (high < 0 || low < 0) fail(place, "is no digest");
    digest[i] = static_cast<unsigned char>(high * 16 + low);
  }
}

template <class T>
void read(const ParsedJson& json, const JsonPlace& place, std::optional<T>& field) {
  field.reset();
  if (!json.is_null()) read(json, place, field.emplace());
}

template <class T>
void read(const ParsedJson& json, const JsonPlace& place, std::vector<T>& rows) {
  if (!json.is_array()) fail(place, "is no list");
  rows.clear();
  rows.reserve(json.size());
  for (const ParsedJson& item : json) {
    const JsonPlace here{.above = &place, .name = {}, .index = rows.size()};
    read(item, here, rows.emplace_back());
  }
}

template <class T>
void read_integer(const ParsedJson& json, const JsonPlace& place, T& field) {
  if (json.is_number_unsigned()) {
    const auto number = json.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
      fail(place, "is too large");
    }
    field = static_cast<T>(number);
  } else if (json.is_number_integer()) {  // negative
    if constexpr (std::is_unsigned_v<T>) fail(place, "is negative");
    field = static_cast<T>(json.get<std::int64_t>());
  } else {
    fail(place, "is no whole number");
  }
}

template <class T>
void read_enum(const ParsedJson& json, const JsonPlace& place, T& field) {
  const std::string* text = json.get_ptr<const std::string*>();
  if (text == nullptr) fail(place, "is no text");
  for (const auto& [value, name] : EnumNames<T>::kAll) {
    if (name != *text) continue;
    field = value;
    return;
  }
  fail(place, "is none of its values: " + detail::quoted(*text));
}

template <class T>
void read(const ParsedJson& json, const JsonPlace& place, T& field) {
  if constexpr (std::same_as<T, bool>) {
    if (!json.is_boolean()) fail(place, "is neither true nor false");
    field = json.get<bool>();
  } else if constexpr (std::is_enum_v<T>) {
    read_enum(json, place, field);
  } else if constexpr (std::integral<T>) {
    read_integer(json, place, field);
  } else if constexpr (std::floating_point<T>) {
    if (!json.is_number() || !std::isfinite(json.get<T>())) fail(place, "is no number");
    field = json.get<T>();
  } else if constexpr (std::same_as<T, std::string>) {
    const std::string* text = json.get_ptr<const std::string*>();
    if (text == nullptr) fail(place, "is no text");
    field = *text;
  } else {
    if (!json.is_object()) fail(place, "is no object");
    Reader reader{json, place};
    fields(reader, field);
  }
}

// Throws: FormatError for what is not a report of this schema.
void check_schema(const ParsedJson& json) {
  if (!json.is_object() || !json.contains("schema") || json["schema"] != "memoscape.report") {
    throw FormatError("is no memoscape report: it has no \"schema\": \"memoscape.report\"");
  }
  const JsonPlace top;
  const JsonPlace here{.above = &top, .name = "version"};
  std::int64_t version = 0;
  if (!json.contains("version")) fail(here, "is missing");
  read(json["version"], here, version);
  if (version > kReportSchema) {
    throw FormatError("is a report of schema version " + std::to_string(version) +
                      "; this memoscape reads versions up to " + std::to_string(kReportSchema));
  }
  if (version < 1) fail(here, "is less than 1");
}

ParsedJson parsed(std::string_view text) {
  if (text.empty()) throw FormatError("is empty");
  // The parser's own nesting is bounded by memory alone; a report nests a few levels deep.
  constexpr int kMostLevels = 32;
  const auto shallow = [](int depth, ParsedJson::parse_event_t, const ParsedJson&) {
    if (depth > kMostLevels) throw FormatError("is no memoscape report: it nests too deep");
    return true;
  };
  try {
    return ParsedJson::parse(text, shallow);
  } catch (const ParsedJson::parse_error& error) {
    throw FormatError(std::string(error.byte > text.size() ? "ends too early" : "is no JSON") +
                      " (at byte " + std::to_string(error.byte) + " of " +
                      std::to_string(text.size()) + ")");
  } catch (const ParsedJson::exception& error) {
    throw FormatError("is no JSON: " + escaped(error.what()));
  }
}

}  // namespace
}  // namespace detail

ReportDocument read_report(std::string_view json) {
  const detail::ParsedJson parsed = detail::parsed(json);
  detail::check_schema(parsed);
  ReportDocument document;
  detail::read(parsed, detail::JsonPlace{}, document);
  return document;
}

}  // namespace memoscape::inline v0

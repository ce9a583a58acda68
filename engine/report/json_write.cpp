// A report as JSON. The fields are those of fields.hpp; for readers there are the findings, too.
#include <chrono>
#include <concepts>
#include <nlohmann/json.hpp>

#include "engine/report/fields.hpp"

namespace memoscape::inline v0 {

namespace detail {

namespace {

using Json = nlohmann::ordered_json;

std::string hex(const Digest& digest) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// Named before Writer, which would not find those of types of the standard library otherwise.
Json written(std::chrono::nanoseconds time);
Json written(const Digest& digest);
template <class T>
Json written(const std::optional<T>& field);
template <class T>
Json written(const std::vector<T>& rows);
template <class T>
Json written(const T& field);

// Calls fields() with itself to fill an object.
struct Writer {
  Json object = Json::object();
  template <class T>
  void operator()(const char* name, const T& field) {
    object[name] = written(field);
  }
};

Json written(std::chrono::nanoseconds time) { return time.count(); }
Json written(const Digest& digest) {
  // All zeros: the type of the value has no encoding, so there is none.
  return digest == Digest{} ? Json(nullptr) : Json(hex(digest));
}
template <class T>
Json written(const std::optional<T>& field) {
  return field ? written(*field) : Json(nullptr);
}
template <class T>
Json written(const std::vector<T>& rows) {
  Json array = Json::array();
  for (const T& row : rows) array.push_back(written(row));
  return array;
}

template <class T>
Json written(const T& field) {
  if constexpr (std::is_enum_v<T>) {
    for (const auto& [value, name] : EnumNames<T>::kAll) {
      if (value == field) return std::string(name);
    }
    return nullptr;
  } else if constexpr (std::is_arithmetic_v<T> || std::same_as<T, std::string>) {
    return field;
  } else {
    Writer writer;
    // The lists of fields serve the reader, too, which changes what it is given.
    fields(writer, const_cast<T&>(field));
    return std::move(writer.object);
  }
}

}  // namespace
}  // namespace detail

std::string to_json(const ReportDocument& document) {
  detail::Json json = {{"schema", "memoscape.report"}, {"version", kReportSchema}};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const detail::Json body = detail::written(document);
  for (const auto& [name, value] : body.items()) json[name] = value;
  if (document.made_at == 0) {
    json["made_at"] = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  }
  json["findings"] = findings(document.report);
  return json.dump(-1, ' ', false, detail::Json::error_handler_t::replace);
}

}  // namespace memoscape::inline v0

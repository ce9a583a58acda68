// A report as JSON. The fields are those of fields.hpp; for readers there are the findings, too.
#include <chrono>
#include <concepts>
#include <nlohmann/json.hpp>

#include "engine/report/fields.hpp"

namespace memoscape::inline v0 {

namespace detail {

namespace {

using OrderedJson = nlohmann::ordered_json;

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
OrderedJson written(std::chrono::nanoseconds time);
OrderedJson written(const Digest& digest);
template <class T>
OrderedJson written(const std::optional<T>& field);
template <class T>
OrderedJson written(const std::vector<T>& rows);
template <class T>
OrderedJson written(const T& field);

// Calls fields() with itself to fill an object.
struct Writer {
  OrderedJson object = OrderedJson::object();
  template <class T>
  void operator()(const char* name, const T& field) {
    object[name] = written(field);
  }
};

OrderedJson written(std::chrono::nanoseconds time) { return time.count(); }
OrderedJson written(const Digest& digest) {
  // All zeros: the type of the value has no encoding, so there is none.
  return digest == Digest{} ? OrderedJson(nullptr) : OrderedJson(hex(digest));
}
template <class T>
OrderedJson written(const std::optional<T>& field) {
  return field ? written(*field) : OrderedJson(nullptr);
}
template <class T>
OrderedJson written(const std::vector<T>& rows) {
  OrderedJson array = OrderedJson::array();
  for (const T& row : rows) array.push_back(written(row));
  return array;
}

template <class T>
OrderedJson written(const T& field) {
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
  detail::OrderedJson json = {{"schema", "memoscape.report"}, {"version", kReportSchema}};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const detail::OrderedJson body = detail::written(document);
  for (const auto& [name, value] : body.items()) json[name] = value;
  if (document.made_at == 0) {
    json["made_at"] = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  }
  json["findings"] = findings(document.report);
  return json.dump(-1, ' ', false, detail::OrderedJson::error_handler_t::replace);
}

}  // namespace memoscape::inline v0

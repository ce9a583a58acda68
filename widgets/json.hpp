// JSON, read strictly and written plainly: for saved sessions, for what the element json shows, and
// for what front ends and browsers tell each other.
//
// Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memoscape/value.hpp"

namespace memoscape::inline v0::detail {

// A JSON text as a tree. An object is `names` and `items` of equal length.
struct Json {
  enum class Kind { scalar, list, object } kind = Kind::scalar;
  Value scalar = {};  // null, bool, integer, number or text
  std::vector<std::string> names = {};
  std::vector<Json> items = {};
};

struct JsonLimits {
  std::size_t max_bytes = std::size_t{16} << 20;
  std::size_t max_depth = 64;
};

// What is wrong, and where: "at byte 17: ...".
struct JsonError {
  std::string problem = {};  // empty: nothing is
};

// Reads the whole text: no name twice in an object, valid UTF-8, no number out of range, nothing
// behind the end. A number without fraction and exponent is an integer.
MEMOSCAPE_API JsonError parse_json(std::string_view text, const JsonLimits& limits, Json& out);

// Appends a value; false, and nothing appended, for one that JSON cannot hold: media, objects,
// NaN and the infinities.
MEMOSCAPE_API bool append_json(const Value& value, std::string& out);
MEMOSCAPE_API void append_json_text(std::string_view text, std::string& out);

// A JSON tree without objects as a value; false: it has objects.
MEMOSCAPE_API bool to_value(const Json& json, Value& out);

}  // namespace memoscape::inline v0::detail

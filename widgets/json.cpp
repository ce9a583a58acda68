#include "widgets/json.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <unordered_set>

#include "memoscape/detail/terminal.hpp"
#include "memoscape/detail/utf8.hpp"
#include "memoscape/format.hpp"

namespace memoscape::inline v0::detail {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

void append_utf8(std::uint32_t c, std::string& out) {
  const auto byte = [&](std::uint32_t bits) { out += static_cast<char>(bits); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xc0 | c >> 6);
    byte(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    byte(0xe0 | c >> 12);
    byte(0x80 | (c >> 6 & 0x3f));
    byte(0x80 | (c & 0x3f));
  } else {
    byte(0xf0 | c >> 18);
    byte(0x80 | (c >> 12 & 0x3f));
    byte(0x80 | (c >> 6 & 0x3f));
    byte(0x80 | (c & 0x3f));
  }
}

// Recurses once per level, which is bounded.
class Reader {
 public:
  Reader(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  JsonError read(Json& out) {
    if (text_.size() > limits_.max_bytes) {
      return {"it has " + std::to_string(text_.size()) + " bytes, and at most " +
              std::to_string(limits_.max_bytes) + " are allowed"};
    }
    if (value(out, 0)) {
      skip_spaces();
      if (at_ != text_.size()) fail("there is something behind the end");
    }
    return {std::move(problem_)};
  }

 private:
  // The first problem counts. Gives false, for the caller to give on.
  bool fail(std::string_view problem) {
    if (problem_.empty()) problem_ = "at byte " + std::to_string(at_) + ": " + std::string(problem);
    return false;
  }
  bool is_at(char c) const noexcept { return at_ < text_.size() && text_[at_] == c; }
  bool take(char c) noexcept {
    if (!is_at(c)) return false;
    ++at_;
    return true;
  }
  void skip_spaces() noexcept {
    while (is_at(' ') || is_at('\n') || is_at('\t') || is_at('\r')) ++at_;
  }

  bool value(Json& out, std::size_t depth) {
    if (depth > limits_.max_depth) {
      return fail("it is nested deeper than " + std::to_string(limits_.max_depth));
    }
    skip_spaces();
    if (at_ == text_.size()) return fail("it ends where a value must be");
    switch (text_[at_]) {
      case '{':
        return object(out, depth);
      case '[':
        return list(out, depth);
      case '"': {
        std::string read;
        if (!string(read)) return false;
        out.scalar = std::move(read);
        return true;
      }
      case 't':
        return word("true", true, out);
      case 'f':
        return word("false", false, out);
      case 'n':
        return word("null", {}, out);
      default:
        return number(out);
    }
  }

  bool word(std::string_view name, Value meaning, Json& out) {
    if (!text_.substr(at_).starts_with(name)) return fail("there is no such value");
    at_ += name.size();
    out.scalar = std::move(meaning);
    return true;
  }

  bool list(Json& out, std::size_t depth) {
    out.kind = Json::Kind::list;
    ++at_;
    skip_spaces();
    if (take(']')) return true;
    while (true) {
      if (!value(out.items.emplace_back(), depth + 1)) return false;
      skip_spaces();
      if (take(']')) return true;
      if (!take(',')) return fail("a list goes on with , or ends with ]");
    }
  }

  bool object(Json& out, std::size_t depth) {
    out.kind = Json::Kind::object;
    ++at_;
    skip_spaces();
    if (take('}')) return true;
    std::unordered_set<std::string> seen;
    while (true) {
      skip_spaces();
      if (!is_at('"')) return fail("a name in quotes must be here");
      std::string name;
      if (!string(name)) return false;
      if (!seen.insert(name).second) return fail("the name " + quoted(name) + " is there twice");
      skip_spaces();
      if (!take(':')) return fail("a : must follow a name");
      out.names.push_back(std::move(name));
      if (!value(out.items.emplace_back(), depth + 1)) return false;
      skip_spaces();
      if (take('}')) return true;
      if (!take(',')) return fail("an object goes on with , or ends with }");
    }
  }

  bool string(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (!escape(out)) return false;
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20) return fail("a control character must be escaped");
      const std::size_t length = utf8_sequence(text_.substr(at_));
      if (length == 0) return fail("it is not valid UTF-8");
      out += text_.substr(at_, length);
      at_ += length;
    }
    return fail("it ends inside a text");
  }

  bool escape(std::string& out) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char name = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (const std::size_t i = kNames.find(name); i != std::string_view::npos) {
      at_ += 2;
      out += kMeanings[i];
      return true;
    }
    if (name != 'u') return fail("there is no such escape");
    std::uint32_t c = 0;
    if (!hex(c)) return false;
    if (c >= 0xdc00 && c < 0xe000) return fail("half of a surrogate pair");
    if (c >= 0xd800 && c < 0xdc00) {
      std::uint32_t low = 0;
      if (!text_.substr(at_).starts_with("\\u")) return fail("half of a surrogate pair");
      if (!hex(low)) return false;
      if (low < 0xdc00 || low >= 0xe000) return fail("half of a surrogate pair");
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(c, out);
    return true;
  }

  // The number behind \u.
  bool hex(std::uint32_t& out) {
    const std::string_view digits = text_.substr(at_).substr(2, 4);
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16).ptr;
    if (digits.size() != 4 || end != digits.data() + 4) return fail("\\u needs four hex digits");
    at_ += 6;
    return true;
  }

  // The grammar of JSON is stricter than from_chars.
  bool number(Json& out) {
    std::size_t end = at_;
    const auto digits = [&] {
      const std::size_t begin = end;
      while (end < text_.size() && is_digit(text_[end])) ++end;
      return end - begin;
    };
    const auto is_one_of = [&](std::string_view set) {
      return end < text_.size() && set.find(text_[end]) != std::string_view::npos;
    };
    if (is_one_of("-")) ++end;
    const std::size_t first = end;
    const std::size_t whole = digits();
    if (whole == 0) return fail("there is no such value");
    if (whole > 1 && text_[first] == '0') return fail("a number begins with 0");
    bool is_integer = true;
    if (is_one_of(".")) {
      is_integer = false;
      ++end;
      if (digits() == 0) return fail("a digit must follow the point");
    }
    if (is_one_of("eE")) {
      is_integer = false;
      ++end;
      if (is_one_of("+-")) ++end;
      if (digits() == 0) return fail("a digit must be in the exponent");
    }
    const char* const begin = text_.data() + at_;
    if (is_integer) {
      std::int64_t integer = 0;
      if (std::from_chars(begin, text_.data() + end, integer).ec != std::errc()) {
        return fail("an integer is out of range");
      }
      out.scalar = integer;
    } else {
      double real = 0;
      const auto [last, error] = std::from_chars(begin, text_.data() + end, real);
      if (error != std::errc() || !std::isfinite(real)) return fail("a number is out of range");
      out.scalar = real;
    }
    at_ = end;
    return true;
  }

  std::string_view text_;
  JsonLimits limits_;
  std::size_t at_ = 0;
  std::string problem_;
};

}  // namespace

JsonError parse_json(std::string_view text, const JsonLimits& limits, Json& out) {
  return Reader(text, limits).read(out);
}

void append_json_text(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHexDigits[static_cast<unsigned char>(c) >> 4];
      out += kHexDigits[static_cast<unsigned char>(c) & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

bool append_json(const Value& value, std::string& out) {
  const std::size_t size = out.size();
  if (value.is_null()) {
    out += "null";
  } else if (const bool* flag = value.get_if<bool>()) {
    out += *flag ? "true" : "false";
  } else if (const std::int64_t* integer = value.get_if<std::int64_t>()) {
    out += std::to_string(*integer);
  } else if (const double* real = value.get_if<double>(); real != nullptr && std::isfinite(*real)) {
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, *real).ptr;
    out.append(digits, end);
    // So that it comes back as a number, not as an integer.
    if (out.find_first_of(".e", size) == std::string::npos) out += ".0";
  } else if (const std::string* text = value.get_if<std::string>();
             text != nullptr && is_valid_utf8(*text)) {
    append_json_text(*text, out);
  } else if (const Value::List* items = value.get_if<Value::List>()) {
    out += '[';
    for (const Value& item : *items) {
      if (out.back() != '[') out += ", ";
      if (!append_json(item, out)) {
        out.resize(size);
        return false;
      }
    }
    out += ']';
  } else {
    return false;
  }
  return true;
}

bool to_value(const Json& json, Value& out) {
  switch (json.kind) {
    case Json::Kind::scalar:
      out = json.scalar;
      return true;
    case Json::Kind::object:
      return false;
    default:
      break;
  }
  Value::List items;
  for (const Json& item : json.items) {
    if (!to_value(item, items.emplace_back())) return false;
  }
  out = std::move(items);
  return true;
}

}  // namespace memoscape::inline v0::detail

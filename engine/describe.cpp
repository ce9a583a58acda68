// Encodings and sizes as text for people.
//
// Invariants: whatever the bytes, each step consumes at least one, nothing is read past their end,
// the text stops growing soon after the limit, and recursion is bounded.
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <cstring>
#include <limits>
#include <optional>

#include "memoscape/bytes.hpp"
#include "memoscape/encode.hpp"

namespace memoscape::inline v0 {
namespace {

constexpr int kMaxDepth = 64;
constexpr std::string_view kMalformedText = "malformed";

enum class Outcome {
  kDone,
  kFull,       // the text is longer than wanted, or too deep: it will be cut
  kMalformed,  // the bytes are not an encoding
};

template <class Number, class... Format>
void append_number(std::string& out, Number number, Format... format) {
  std::array<char, 64> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, format...);
  out.append(digits.data(), end.ptr);
}

void append_padded(std::string& out, std::uint64_t number, std::size_t width) {
  const std::size_t start = out.size();
  append_number(out, number);
  const std::size_t length = out.size() - start;
  if (length < width) out.insert(start, width - length, '0');
}

void append_hex(std::string& out, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// A character, or a byte that begins none (then `valid` is false).
struct Character {
  std::size_t size = 1;
  std::uint32_t code = 0;
  bool valid = false;
};

Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, lead, true};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  std::uint32_t code = lead & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(text[i])) return {};
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kSmallest[size] || code > 0x10ffff || surrogate) return {};
  return {size, code, true};
}

// Control characters, and those that reorder or break a line: they could forge a report.
bool is_harmful(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200e && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

// The escape of a character that has a short one, else nothing.
std::string_view short_escape(std::uint32_t code) {
  switch (code) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return {};
  }
}

class Describer {
 public:
  Describer(std::string_view bytes, std::size_t max_chars) : rest_(bytes), max_chars_(max_chars) {}

  std::string describe() {
    const Outcome outcome = list_to_end(0);
    if (outcome == Outcome::kMalformed) out_ = kMalformedText;
    cut(outcome == Outcome::kFull);
    return std::move(out_);
  }

 private:
  bool full() const { return out_.size() > max_chars_; }

  void cut(bool elide) {
    constexpr std::string_view kDots = "...";
    if (!elide && !full()) return;
    if (max_chars_ < kDots.size()) {
      out_.assign(kDots.substr(0, max_chars_));
      return;
    }
    if (out_.size() > max_chars_ - kDots.size()) {
      std::size_t end = max_chars_ - kDots.size();
      while (end > 0 && is_continuation(out_[end])) --end;
      out_.resize(end);
    }
    out_ += kDots;
  }

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_[0]);
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1) return std::nullopt;
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) {
        if (byte == 0 && shift > 0) return std::nullopt;  // not the shortest form
        return value;
      }
    }
    return std::nullopt;
  }

  std::optional<std::string_view> take(std::uint64_t count) {
    if (count > rest_.size()) return std::nullopt;
    const std::string_view bytes = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(bytes.size());
    return bytes;
  }
  std::optional<std::string_view> take_counted() {
    const std::optional<std::uint64_t> count = varint();
    return count ? take(*count) : std::nullopt;
  }

  template <class Bits>
  std::optional<Bits> little_endian() {
    const std::optional<std::string_view> bytes = take(sizeof(Bits));
    if (!bytes) return std::nullopt;
    Bits bits = 0;
    for (std::size_t i = sizeof(Bits); i-- > 0;) {
      bits = static_cast<Bits>(bits << 8 | static_cast<unsigned char>((*bytes)[i]));
    }
    return bits;
  }

  Outcome done(std::string_view text) {
    out_ += text;
    return full() ? Outcome::kFull : Outcome::kDone;
  }

  // All that is left, as values separated by commas.
  Outcome list_to_end(int depth) {
    for (bool first = true; !rest_.empty(); first = false) {
      if (!first) out_ += ", ";
      const Outcome outcome = value(depth);
      if (outcome != Outcome::kDone) return outcome;
    }
    return Outcome::kDone;
  }

  Outcome value(int depth) {
    if (rest_.empty()) return Outcome::kMalformed;
    if (depth > kMaxDepth || full()) return Outcome::kFull;
    const auto tag = static_cast<Tag>(rest_[0]);
    rest_.remove_prefix(1);
    switch (tag) {
      case Tag::kNone:
        return done("none");
      case Tag::kFalse:
        return done("false");
      case Tag::kTrue:
        return done("true");
      case Tag::kUnsigned:
      case Tag::kNegative:
        return integer(tag);
      case Tag::kFloat:
      case Tag::kDouble:
      case Tag::kLongDouble:
        return number(tag);
      case Tag::kText:
        return text();
      case Tag::kSome:
        return value(depth + 1);
      case Tag::kSequence:
        return counted("[", "]", ", ", 1, depth);
      case Tag::kTuple:
        return counted("(", ")", ", ", 1, depth);
      case Tag::kMap:
        return counted("{", "}", ": ", 2, depth);
      case Tag::kAlternative:
        return varint() ? value(depth + 1) : Outcome::kMalformed;
      case Tag::kObject:
        return object(depth);
      case Tag::kDuration:
        return duration(depth);
      case Tag::kTime:
      case Tag::kTimePoint:
        return time(tag, depth);
      case Tag::kDate:
        return date();
      case Tag::kSecret:
        return secret();
      case Tag::kDigest:
        return digest();
    }
    return Outcome::kMalformed;
  }

  Outcome integer(Tag tag) {
    const std::optional<std::uint64_t> magnitude = varint();
    if (!magnitude) return Outcome::kMalformed;
    if (tag == Tag::kUnsigned) {
      append_number(out_, *magnitude);
    } else {
      if (*magnitude >> 63 != 0) return Outcome::kMalformed;
      append_number(out_, static_cast<std::int64_t>(~*magnitude));
    }
    return done({});
  }

  Outcome number(Tag tag) {
    if (tag == Tag::kFloat) {
      const std::optional<std::uint32_t> bits = little_endian<std::uint32_t>();
      if (!bits) return Outcome::kMalformed;
      append_number(out_, std::bit_cast<float>(*bits));
    } else if (tag == Tag::kDouble) {
      const std::optional<std::uint64_t> bits = little_endian<std::uint64_t>();
      if (!bits) return Outcome::kMalformed;
      append_number(out_, std::bit_cast<double>(*bits));
    } else {
      const std::optional<std::string_view> bytes = take_counted();
      if (!bytes || bytes->empty() || bytes->size() > sizeof(long double)) {
        return Outcome::kMalformed;
      }
      long double value = 0;
      std::memcpy(&value, bytes->data(), bytes->size());
      append_number(out_, static_cast<double>(value));  // the bits may be no valid long double
    }
    return done({});
  }

  Outcome text() {
    const std::optional<std::string_view> bytes = take_counted();
    if (!bytes) return Outcome::kMalformed;
    out_ += '"';
    for (std::string_view left = *bytes; !left.empty() && !full();) {
      const Character character = first_character(left);
      const std::string_view raw = left.substr(0, character.size);
      const std::string_view escape = short_escape(character.code);
      if (character.valid && !escape.empty()) {
        out_ += escape;
      } else if (character.valid && !is_harmful(character.code)) {
        out_ += raw;
      } else {
        for (char c : raw) {
          out_ += "\\x";
          append_hex(out_, {&c, 1});
        }
      }
      left.remove_prefix(character.size);
    }
    return done("\"");
  }

  // `group` values belong to one item and are separated by `inner`.
  Outcome counted(std::string_view open, std::string_view close, std::string_view inner, int group,
                  int depth) {
    const std::optional<std::uint64_t> count = varint();
    if (!count) return Outcome::kMalformed;
    out_ += open;
    for (std::uint64_t i = 0; i < *count; ++i) {
      if (i != 0) out_ += ", ";
      for (int part = 0; part < group; ++part) {
        if (part != 0) out_ += inner;
        const Outcome outcome = value(depth + 1);
        if (outcome != Outcome::kDone) return outcome;
      }
    }
    return done(close);
  }

  // A user's encoder may write values or anything else.
  Outcome object(int depth) {
    const std::optional<std::string_view> bytes = take_counted();
    if (!bytes) return Outcome::kMalformed;
    const std::size_t start = out_.size();
    const std::string_view after = rest_;
    rest_ = *bytes;
    out_ += '(';
    const Outcome outcome = list_to_end(depth + 1);
    rest_ = after;
    if (outcome == Outcome::kFull) return outcome;
    if (outcome == Outcome::kDone) return done(")");
    out_.resize(start);
    out_ += "0x";
    append_hex(out_, bytes->substr(0, max_chars_ < bytes->size() ? max_chars_ : bytes->size()));
    return done({});
  }

  struct Unit {
    std::uint64_t numerator;
    std::uint64_t denominator;
  };

  std::optional<Unit> unit() {
    const std::optional<std::uint64_t> numerator = varint();
    const std::optional<std::uint64_t> denominator = varint();
    if (!numerator || !denominator || *numerator == 0 || *denominator == 0) return std::nullopt;
    return Unit{*numerator, *denominator};
  }

  void append_unit(Unit unit) {
    struct Named {
      Unit unit;
      std::string_view name;
    };
    constexpr std::array kNamed{
        Named{{1, 1'000'000'000}, "ns"}, Named{{1, 1'000'000}, "us"},
        Named{{1, 1'000}, "ms"},         Named{{1, 1}, "s"},
        Named{{60, 1}, "min"},           Named{{3'600, 1}, "h"},
        Named{{86'400, 1}, "d"},
    };
    for (const Named& named : kNamed) {
      if (named.unit.numerator == unit.numerator && named.unit.denominator == unit.denominator) {
        out_ += named.name;
        return;
      }
    }
    out_ += " x ";
    append_number(out_, unit.numerator);
    if (unit.denominator != 1) {
      out_ += '/';
      append_number(out_, unit.denominator);
    }
    out_ += " s";
  }

  Outcome duration(int depth) {
    const std::optional<Unit> period = unit();
    if (!period) return Outcome::kMalformed;
    const Outcome outcome = value(depth + 1);
    if (outcome != Outcome::kDone) return outcome;
    append_unit(*period);
    return done({});
  }

  // An integer value if one comes next; else nothing is consumed.
  std::optional<std::int64_t> next_integer() {
    const std::string_view before = rest_;
    if (!rest_.empty()) {
      const auto tag = static_cast<Tag>(rest_[0]);
      rest_.remove_prefix(1);
      const bool negative = tag == Tag::kNegative;
      if (tag == Tag::kUnsigned || negative) {
        const std::optional<std::uint64_t> magnitude = varint();
        if (magnitude && *magnitude >> 63 == 0) {
          return static_cast<std::int64_t>(negative ? ~*magnitude : *magnitude);
        }
      }
    }
    rest_ = before;
    return std::nullopt;
  }

  Outcome time(Tag tag, int depth) {
    const std::string_view before = rest_;
    if (rest_.empty() || static_cast<Tag>(rest_[0]) != Tag::kDuration) return Outcome::kMalformed;
    rest_.remove_prefix(1);
    if (tag == Tag::kTime) {
      const std::optional<Unit> period = unit();
      const std::optional<std::int64_t> count = period ? next_integer() : std::nullopt;
      if (count && append_calendar_time(*count, *period)) return done({});
    }
    rest_ = before;
    out_ += "epoch + ";
    return value(depth + 1);
  }

  // False, with nothing appended, if that is beyond the years 0 to 9999 or in an odd unit.
  bool append_calendar_time(std::int64_t count, Unit unit) {
    constexpr std::int64_t kFarthest = 253'402'300'799;  // the last second of 9999
    constexpr std::int64_t kFirst = -62'167'219'200;     // the first of 0000
    constexpr std::uint64_t kFinest = 1'000'000'000;
    if (unit.denominator > kFinest || unit.numerator > 31'556'952) return false;
    if (unit.numerator != 1 && unit.denominator != 1) return false;
    const auto numerator = static_cast<std::int64_t>(unit.numerator);
    const auto denominator = static_cast<std::int64_t>(unit.denominator);
    std::int64_t seconds = count / denominator;
    std::int64_t fraction = count % denominator;
    if (fraction < 0) {
      fraction += denominator;
      --seconds;
    }
    if (seconds > kFarthest / numerator || seconds < kFirst / numerator) return false;
    seconds *= numerator;
    std::size_t digits = 0;
    for (std::int64_t power = 1; power < denominator; power *= 10) ++digits;
    std::int64_t power = 1;
    for (std::size_t i = 0; i < digits; ++i) power *= 10;
    if (power != denominator) return false;

    const auto since = std::chrono::seconds(seconds);
    const auto day = std::chrono::floor<std::chrono::days>(since);
    append_date(std::chrono::year_month_day(std::chrono::sys_days(day)));
    const auto of_day = static_cast<std::uint64_t>((since - day).count());
    if (of_day == 0 && fraction == 0) return true;
    out_ += ' ';
    append_padded(out_, of_day / 3'600, 2);
    out_ += ':';
    append_padded(out_, of_day / 60 % 60, 2);
    out_ += ':';
    append_padded(out_, of_day % 60, 2);
    if (fraction != 0) {
      out_ += '.';
      append_padded(out_, static_cast<std::uint64_t>(fraction), digits);
    }
    return true;
  }

  void append_date(std::chrono::year_month_day day) {
    const int year = static_cast<int>(day.year());
    if (year < 0) out_ += '-';
    append_padded(out_, static_cast<std::uint64_t>(year < 0 ? -year : year), 4);
    out_ += '-';
    append_padded(out_, static_cast<unsigned>(day.month()), 2);
    out_ += '-';
    append_padded(out_, static_cast<unsigned>(day.day()), 2);
  }

  Outcome date() {
    const std::optional<std::int64_t> year = next_integer();
    const std::optional<std::int64_t> month = next_integer();
    const std::optional<std::int64_t> day = next_integer();
    if (!year || !month || !day) return Outcome::kMalformed;
    if (*year < -32'768 || *year > 32'767 || *month < 0 || *month > 255 || *day < 0 || *day > 255) {
      return Outcome::kMalformed;
    }
    append_date({std::chrono::year(static_cast<int>(*year)),
                 std::chrono::month(static_cast<unsigned>(*month)),
                 std::chrono::day(static_cast<unsigned>(*day))});
    return done({});
  }

  Outcome secret() {
    const std::optional<std::string_view> bytes = take_counted();
    if (!bytes) return Outcome::kMalformed;
    const std::array<unsigned char, 16> digest = digest128(*bytes);
    out_ += "secret:";
    append_hex(out_, {reinterpret_cast<const char*>(digest.data()), 4});
    return done({});
  }

  Outcome digest() {
    const std::optional<std::uint64_t> length = varint();
    const std::optional<std::string_view> bytes = length ? take(16) : std::nullopt;
    if (!bytes) return Outcome::kMalformed;
    out_ += "digest:";
    append_hex(out_, bytes->substr(0, 4));
    return done({});
  }

  std::string_view rest_;
  std::size_t max_chars_;
  std::string out_;
};

}  // namespace

std::string describe(std::string_view encoded_bytes, std::size_t max_chars) {
  return Describer(encoded_bytes, max_chars).describe();
}

std::string readable_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> kUnits{" KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
  std::string out;
  if (bytes < 1024) {
    append_number(out, bytes);
    return out + " B";
  }
  double amount = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  // 1023.95 would be shown as 1024.0.
  while (amount >= 1023.95 && unit + 1 < kUnits.size()) {
    amount /= 1024;
    ++unit;
  }
  append_number(out, amount, std::chars_format::fixed, 1);
  return out.append(kUnits[unit]);
}

}  // namespace memoscape::inline v0

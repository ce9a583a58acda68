// Value: what a widget, a session-state entry or an attribute of an element holds.
//
// A closed set of kinds, so that values can be checked, compared, encoded, shown and sent; and
// `boxed` for session state of any encodable type.
//
// Thread-safety: a value type; what it shares (media, boxes) is immutable.
//
//   ms::Value minutes = 60;
//   ms::Value months = ms::Value::List{"Jan", "Feb"};
//   ms::Value edits = ms::Value::list(ms::Value::list("delete", 3));  // a list of one list
//   if (const std::int64_t* n = minutes.get_if<std::int64_t>()) use(*n);
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memoscape/encode.hpp"

namespace memoscape::inline v0 {

// An image, a sound, an uploaded file. Stored once per content.
struct Media {
  std::string name;   // file name, may be empty
  std::string type;   // MIME type
  std::string bytes;  // the content

  bool operator==(const Media&) const = default;
};
using MediaPtr = std::shared_ptr<const Media>;

namespace detail {

// The address of type_tag<T> tells types apart without RTTI.
template <class T>
inline constexpr char type_tag = 0;

struct Boxed {
  std::shared_ptr<const void> object;
  const void* type = nullptr;  // &type_tag<T>
  std::string encoded;         // canonical encoding: equality and keys
};

}  // namespace detail

class MEMOSCAPE_API Value {
 public:
  // Not for a list whose only item is a list: List{List{1, 2}} is that for some compilers and a
  // copy of the inner one for others (C++ core issue 2137), and List{{1, 2}} is a copy for all. See
  // `list`.
  using List = std::vector<Value>;
  using Box = std::shared_ptr<const detail::Boxed>;

  // Null: "no value". Not defaulted: g++ 12 would delete it, for the members of the union.
  // NOLINTNEXTLINE(modernize-use-equals-default)
  Value() noexcept {}
  template <std::same_as<bool> T>
  Value(T value) noexcept : kind_(Kind::flag) {
    flag_ = value;  // in a word that is 0, so that it is copied like a number
  }
  // A number, if it is above the greatest int64.
  template <std::integral T>
  requires(!std::same_as<T, bool>) Value(T value)
  noexcept : kind_(Kind::integer), integer_(static_cast<std::int64_t>(value)) {
    if constexpr (std::unsigned_integral<T> && sizeof(T) >= sizeof integer_) {
      if (integer_ < 0) *this = static_cast<double>(value);
    }
  }
  template <std::floating_point T>
  Value(T value) noexcept : kind_(Kind::number), number_(static_cast<double>(value)) {}
  // Null, if the pointer is.
  Value(const char* text) {
    if (text != nullptr) *this = Value(std::string(text));
  }
  Value(std::nullptr_t) noexcept : Value() {}
  Value(std::string_view text) : Value(std::string(text)) {}
  Value(std::string text) noexcept : kind_(Kind::text), text_(std::move(text)) {}
  Value(List items) noexcept : kind_(Kind::list), list_(std::move(items)) {}
  Value(const std::vector<std::string>& items) : Value(List(items.begin(), items.end())) {}
  Value(MediaPtr media) noexcept : kind_(Kind::media), media_(std::move(media)) {}

  Value(const Value& other) {
    if (other.is_plain())
      copy_plain(other);
    else
      copy(other);
  }
  Value(Value&& other) noexcept {
    if (other.is_plain())
      copy_plain(other);
    else
      move(other);
  }
  Value& operator=(const Value& other) {
    if (is_plain() && other.is_plain())
      copy_plain(other);
    else
      *this = Value(other);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    if (this == &other) return *this;
    destroy();
    if (other.is_plain())
      copy_plain(other);
    else
      move(other);
    return *this;
  }
  ~Value() { destroy(); }

  // A list of these, whatever they are: list(list(1, 2)) is a list of one list.
  template <std::convertible_to<Value>... Items>
  static Value list(Items&&... items) {
    List values;
    values.reserve(sizeof...(items));
    (values.push_back(std::forward<Items>(items)), ...);
    return values;
  }
  // Any encodable type, for session state.
  template <Encodable T>
  static Value boxed(T object) {
    auto box = std::make_shared<detail::Boxed>();
    box->type = &detail::type_tag<T>;
    box->encoded = memoscape::encoded(object);
    box->object = std::make_shared<const T>(std::move(object));
    return Value(Box(std::move(box)));
  }

  bool is_null() const noexcept { return kind_ == Kind::null; }
  // Nothing, a bool or a number: owns nothing.
  bool is_plain() const noexcept { return kind_ <= Kind::number; }
  template <class T>
  const T* get_if() const noexcept {
    if constexpr (std::same_as<T, bool>) return kind_ == Kind::flag ? &flag_ : nullptr;
    if constexpr (std::same_as<T, std::int64_t>) {
      return kind_ == Kind::integer ? &integer_ : nullptr;
    }
    if constexpr (std::same_as<T, double>) return kind_ == Kind::number ? &number_ : nullptr;
    if constexpr (std::same_as<T, std::string>) return kind_ == Kind::text ? &text_ : nullptr;
    if constexpr (std::same_as<T, List>) return kind_ == Kind::list ? &list_ : nullptr;
    if constexpr (std::same_as<T, MediaPtr>) return kind_ == Kind::media ? &media_ : nullptr;
    if constexpr (std::same_as<T, Box>) return kind_ == Kind::box ? &box_ : nullptr;
  }
  template <class T>
  const T* boxed_if() const noexcept {
    const Box* box = get_if<Box>();
    return box != nullptr && (*box)->type == &detail::type_tag<T>
               ? static_cast<const T*>((*box)->object.get())
               : nullptr;
  }
  // bool, integer, number, text, list, media, object, or null: for messages.
  const char* kind() const noexcept;

  // Equal kinds and equal content (numbers by their bits, so NaN equals NaN).
  friend bool operator==(const Value& a, const Value& b) {
    if (a.kind_ != b.kind_) return false;
    if (a.kind_ == Kind::integer) return a.integer_ == b.integer_;
    if (a.kind_ == Kind::flag) return a.flag_ == b.flag_;
    return a.kind_ == Kind::null || same_content(a, b);
  }
  // Appends the canonical encoding (rule K2); an int state and an int argument encode alike.
  friend MEMOSCAPE_API void encode(Encoder& encoder, const Value& value);
  // Readable, in one line, for pages and reports.
  friend MEMOSCAPE_API std::string to_text(const Value& value);
  // Bytes on the heap.
  std::size_t heap_bytes() const;

 private:
  enum class Kind : std::uint8_t { null, flag, integer, number, text, list, media, box };

  explicit Value(Box box) noexcept : kind_(Kind::box), box_(std::move(box)) {}

  void copy_plain(const Value& other) noexcept {
    static_assert(sizeof integer_ == sizeof number_);
    kind_ = other.kind_;
    std::memcpy(&integer_, &other.integer_, sizeof integer_);  // or the number, the flag, or 0
  }
  void destroy() noexcept {
    if (!is_plain()) destroy_owned();
  }
  // Of what is not plain; `this` owns nothing before, and `other` keeps its kind.
  void copy(const Value& other);
  void move(Value& other) noexcept;
  void destroy_owned() noexcept;
  // Requires: of one kind, which is none of the first three.
  static bool same_content(const Value& a, const Value& b);

  Kind kind_ = Kind::null;
  union {
    bool flag_;
    std::int64_t integer_ = 0;
    double number_;
    std::string text_;
    List list_;
    MediaPtr media_;
    Box box_;
  };
};

MEMOSCAPE_API void encode(Encoder& encoder, const Value& value);
MEMOSCAPE_API std::string to_text(const Value& value);

// A Value encodes like what it holds: an int state and an int argument are the same bytes.
template <>
inline constexpr bool kEncodesOneFrame<Value> = true;

// How a C++ type becomes a Value and comes back. `from` gives nullopt when the kind does not fit.
template <class T>
struct ValueOf {
  static Value to(T value) { return Value::boxed(std::move(value)); }
  static std::optional<T> from(const Value& value) {
    const T* object = value.boxed_if<T>();
    return object == nullptr ? std::nullopt : std::optional<T>(*object);
  }
};
template <std::integral T>
struct ValueOf<T> {
  static Value to(T value) {
    if constexpr (std::same_as<T, bool>)
      return Value(value);
    else
      return Value(static_cast<std::int64_t>(value));
  }
  static std::optional<T> from(const Value& value) {
    if constexpr (std::same_as<T, bool>) {
      const bool* flag = value.get_if<bool>();
      return flag == nullptr ? std::nullopt : std::optional<T>(*flag);
    } else {
      const std::int64_t* number = value.get_if<std::int64_t>();
      if (number == nullptr || static_cast<std::int64_t>(static_cast<T>(*number)) != *number) {
        return std::nullopt;
      }
      return static_cast<T>(*number);
    }
  }
};
template <std::floating_point T>
struct ValueOf<T> {
  static Value to(T value) { return Value(value); }
  static std::optional<T> from(const Value& value) {
    const double* number = value.get_if<double>();
    return number == nullptr ? std::nullopt : std::optional<T>(static_cast<T>(*number));
  }
};
template <>
struct ValueOf<std::string> {
  static Value to(std::string value) { return Value(std::move(value)); }
  static std::optional<std::string> from(const Value& value) {
    const std::string* text = value.get_if<std::string>();
    return text == nullptr ? std::nullopt : std::optional<std::string>(*text);
  }
};
// Text that somebody else owns becomes text of its own, and does not come back as it was.
template <class T>
concept BorrowedText =
    std::same_as<T, const char*> || std::same_as<T, char*> || std::same_as<T, std::string_view>;
template <BorrowedText T>
struct ValueOf<T> {
  static Value to(T text) { return Value(text); }
};
template <>
struct ValueOf<Value> {
  static Value to(Value value) { return value; }
  static std::optional<Value> from(const Value& value) { return value; }
};
template <class T>
struct ValueOf<std::vector<T>> {
  static Value to(const std::vector<T>& values) {
    Value::List list;
    list.reserve(values.size());
    for (const T& value : values) list.push_back(ValueOf<T>::to(value));
    return Value(std::move(list));
  }
  static std::optional<std::vector<T>> from(const Value& value) {
    const Value::List* list = value.get_if<Value::List>();
    if (list == nullptr) return std::nullopt;
    std::vector<T> values;
    values.reserve(list->size());
    for (const Value& item : *list) {
      std::optional<T> converted = ValueOf<T>::from(item);
      if (!converted) return std::nullopt;
      values.push_back(std::move(*converted));
    }
    return values;
  }
};

// A named Value: a bound of a slider, the delta of a metric. Names are string literals.
struct Attribute {
  std::string_view name;
  Value value;
};

// A short ordered list of attributes.
class MEMOSCAPE_API Attributes {
 public:
  Attributes() = default;
  Attributes(std::initializer_list<Attribute> items) : items_(items) {}

  void set(std::string_view name, Value value);
  // The value, or a null Value. Complexity: linear in the number of attributes.
  const Value& operator[](std::string_view name) const noexcept;

  auto begin() const noexcept { return items_.begin(); }
  auto end() const noexcept { return items_.end(); }
  bool empty() const noexcept { return items_.empty(); }
  // Whether these are the same, in the same order.
  bool are(std::span<const Attribute> others) const;
  std::size_t heap_bytes() const;

  friend MEMOSCAPE_API bool operator==(const Attributes& a, const Attributes& b);
  friend MEMOSCAPE_API void encode(Encoder& encoder, const Attributes& attributes);

 private:
  std::vector<Attribute> items_;
};

}  // namespace memoscape::inline v0

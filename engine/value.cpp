#include "memoscape/value.hpp"

#include <algorithm>
#include <bit>
#include <charconv>

#include "memoscape/detail/allocated.hpp"
#include "memoscape/heap_bytes.hpp"

namespace memoscape::inline v0 {

const char* Value::kind() const noexcept {
  static constexpr const char* kNames[] = {"nothing", "a bool", "an integer", "a number",
                                           "text",    "a list", "media",      "an object"};
  return kNames[data_.index()];
}

bool operator==(const Value& a, const Value& b) {
  if (a.data_.index() != b.data_.index()) return false;
  if (const double* x = a.get_if<double>()) {
    return std::bit_cast<std::uint64_t>(*x) == std::bit_cast<std::uint64_t>(*b.get_if<double>());
  }
  if (const MediaPtr* x = a.get_if<MediaPtr>()) {
    const MediaPtr& y = *b.get_if<MediaPtr>();
    return *x == y || (*x != nullptr && y != nullptr && **x == *y);
  }
  if (const Value::Box* x = a.get_if<Value::Box>()) {
    const Value::Box& y = *b.get_if<Value::Box>();
    return *x == y || ((*x)->type == y->type && (*x)->encoded == y->encoded);
  }
  return a.data_ == b.data_;
}

void encode(Encoder& encoder, const Value& value) {
  struct Writer {
    Encoder& encoder;
    void operator()(std::monostate) const { detail::encode_value(encoder, std::monostate{}); }
    void operator()(bool flag) const { detail::encode_value(encoder, flag); }
    void operator()(std::int64_t number) const { detail::encode_value(encoder, number); }
    void operator()(double number) const { detail::encode_value(encoder, number); }
    void operator()(const std::string& text) const { detail::encode_value(encoder, text); }
    void operator()(const Value::List& items) const { detail::encode_value(encoder, items); }
    void operator()(const MediaPtr& media) const {
      if (media == nullptr) return (*this)(std::monostate{});
      detail::encode_value(encoder, std::tie(media->name, media->type, media->bytes));
    }
    void operator()(const Value::Box& box) const {
      encoder.raw(box->encoded.data(), box->encoded.size());
    }
  };
  std::visit(Writer{encoder}, value.data_);
}

std::string to_text(const Value& value) {
  struct Reader {
    std::string operator()(std::monostate) const { return "none"; }
    std::string operator()(bool flag) const { return flag ? "yes" : "no"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const {
      char buffer[32];
      const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
      return std::string(buffer, end);
    }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const Value::List& items) const {
      std::string out;
      for (const Value& item : items) {
        if (!out.empty()) out += ", ";
        out += to_text(item);
      }
      return out;
    }
    std::string operator()(const MediaPtr& media) const {
      if (media == nullptr) return "none";
      return (media->name.empty() ? media->type : media->name) + " (" +
             std::to_string(media->bytes.size()) + " B)";
    }
    std::string operator()(const Value::Box& box) const { return describe(box->encoded); }
  };
  return std::visit(Reader{}, value.data_);
}

std::size_t Value::heap_bytes() const {
  if (const auto* text = get_if<std::string>()) return memoscape::heap_bytes(*text);
  if (const auto* items = get_if<List>()) {
    std::size_t bytes = allocated(items->capacity() * sizeof(Value));
    for (const Value& item : *items) bytes += item.heap_bytes();
    return bytes;
  }
  if (const auto* media = get_if<MediaPtr>(); media != nullptr && *media != nullptr) {
    return allocated(sizeof(Media)) + memoscape::heap_bytes((*media)->bytes);
  }
  if (const auto* box = get_if<Box>()) {
    return allocated(sizeof(detail::Boxed)) + memoscape::heap_bytes((*box)->encoded);
  }
  return 0;
}

void Attributes::set(const char* name, Value value) {
  for (Attribute& item : items_) {
    if (std::string_view(item.name) != name) continue;
    item.value = std::move(value);
    return;
  }
  items_.push_back({name, std::move(value)});
}

const Value& Attributes::operator[](std::string_view name) const noexcept {
  static const Value kNull;
  for (const Attribute& item : items_) {
    if (item.name == name) return item.value;
  }
  return kNull;
}

std::size_t Attributes::heap_bytes() const {
  std::size_t bytes = allocated(items_.capacity() * sizeof(Attribute));
  for (const Attribute& item : items_) bytes += item.value.heap_bytes();
  return bytes;
}

bool operator==(const Attributes& a, const Attributes& b) {
  return std::equal(a.items_.begin(), a.items_.end(), b.items_.begin(), b.items_.end(),
                    [](const Attribute& x, const Attribute& y) {
                      return std::string_view(x.name) == y.name && x.value == y.value;
                    });
}

void encode(Encoder& encoder, const Attributes& attributes) {
  detail::encode_value(encoder, static_cast<std::uint64_t>(attributes.items_.size()));
  for (const Attribute& item : attributes.items_) {
    detail::encode_value(encoder, std::string_view(item.name));
    encode(encoder, item.value);
  }
}

}  // namespace memoscape::inline v0

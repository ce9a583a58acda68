#include "memoscape/value.hpp"

#include <algorithm>
#include <bit>
#include <charconv>

#include "engine/hash.hpp"
#include "memoscape/detail/allocated.hpp"
#include "memoscape/heap_bytes.hpp"

namespace memoscape::inline v0 {

const char* Value::kind() const noexcept {
  static constexpr const char* kNames[] = {"nothing", "a bool", "an integer", "a number",
                                           "text",    "a list", "media",      "an object"};
  return kNames[static_cast<std::size_t>(kind_)];
}

void Value::copy(const Value& other) {
  switch (other.kind_) {
    case Kind::text:
      std::construct_at(&text_, other.text_);
      break;
    case Kind::list:
      std::construct_at(&list_, other.list_);
      break;
    case Kind::media:
      std::construct_at(&media_, other.media_);
      break;
    case Kind::box:
      std::construct_at(&box_, other.box_);
      break;
    default:
      copy_plain(other);
      return;
  }
  kind_ = other.kind_;
}

void Value::move(Value& other) noexcept {
  switch (other.kind_) {
    case Kind::text:
      std::construct_at(&text_, std::move(other.text_));
      break;
    case Kind::list:
      std::construct_at(&list_, std::move(other.list_));
      break;
    case Kind::media:
      std::construct_at(&media_, std::move(other.media_));
      break;
    case Kind::box:
      std::construct_at(&box_, std::move(other.box_));
      break;
    default:
      copy_plain(other);
      return;
  }
  kind_ = other.kind_;
}

void Value::destroy_owned() noexcept {
  switch (kind_) {
    case Kind::text:
      std::destroy_at(&text_);
      break;
    case Kind::list:
      std::destroy_at(&list_);
      break;
    case Kind::media:
      std::destroy_at(&media_);
      break;
    case Kind::box:
      std::destroy_at(&box_);
      break;
    default:
      break;
  }
}

bool Value::same_content(const Value& a, const Value& b) {
  switch (a.kind_) {
    case Kind::null:
    case Kind::flag:
    case Kind::integer:
      break;
    case Kind::number:
      return std::bit_cast<std::uint64_t>(a.number_) == std::bit_cast<std::uint64_t>(b.number_);
    case Kind::text:
      return a.text_ == b.text_;
    case Kind::list:
      return a.list_ == b.list_;
    case Kind::media:
      return a.media_ == b.media_ ||
             (a.media_ != nullptr && b.media_ != nullptr && *a.media_ == *b.media_);
    case Kind::box:
      return a.box_ == b.box_ ||
             (a.box_->type == b.box_->type && a.box_->encoded == b.box_->encoded);
  }
  return false;
}

void encode(Encoder& encoder, const Value& value) {
  using Kind = Value::Kind;
  switch (value.kind_) {
    case Kind::null:
      return encoder.none();
    case Kind::flag:
      return encoder.boolean(value.flag_);
    case Kind::integer:
      return encoder.integer(value.integer_);
    case Kind::number:
      return encoder.number(value.number_);
    case Kind::text:
      return encoder.text(value.text_);
    case Kind::list:
      return detail::encode_value(encoder, value.list_);
    case Kind::media:
      if (value.media_ == nullptr) return encoder.none();
      return detail::encode_value(
          encoder, std::tie(value.media_->name, value.media_->type, value.media_->bytes));
    case Kind::box:
      return encoder.raw(value.box_->encoded.data(), value.box_->encoded.size());
  }
}

std::string to_text(const Value& value) {
  using Kind = Value::Kind;
  switch (value.kind_) {
    case Kind::null:
      return "none";
    case Kind::flag:
      return value.flag_ ? "yes" : "no";
    case Kind::integer:
      return std::to_string(value.integer_);
    case Kind::number: {
      char buffer[32];
      const auto end = std::to_chars(buffer, buffer + sizeof buffer, value.number_).ptr;
      return std::string(buffer, end);
    }
    case Kind::text:
      return value.text_;
    case Kind::list: {
      std::string out;
      for (const Value& item : value.list_) {
        if (!out.empty()) out += ", ";
        out += to_text(item);
      }
      return out;
    }
    case Kind::media:
      if (value.media_ == nullptr) return "none";
      return (value.media_->name.empty() ? value.media_->type : value.media_->name) + " (" +
             std::to_string(value.media_->bytes.size()) + " B)";
    case Kind::box:
      return describe(value.box_->encoded);
  }
  return {};
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

void Attributes::set(std::string_view name, Value value) {
  for (Attribute& item : items_) {
    if (item.name != name) continue;
    item.value = std::move(value);
    return;
  }
  if (items_.empty()) items_.reserve(4);  // of a slider: bounds and step
  items_.push_back({name, std::move(value)});
}

const Value& Attributes::operator[](std::string_view name) const noexcept {
  static const Value kNull;
  for (const Attribute& item : items_) {
    if (detail::same_bytes(item.name, name)) return item.value;
  }
  return kNull;
}

std::size_t Attributes::heap_bytes() const {
  std::size_t bytes = allocated(items_.capacity() * sizeof(Attribute));
  for (const Attribute& item : items_) bytes += item.value.heap_bytes();
  return bytes;
}

bool Attributes::are(std::span<const Attribute> others) const {
  if (items_.size() != others.size()) return false;
  const Attribute* other = others.data();
  for (const Attribute& one : items_) {
    if (one.name.size() != other->name.size()) return false;
    const bool is_same_literal = one.name.data() == other->name.data();  // mostly
    if (!is_same_literal && one.name != other->name) return false;
    if (!(one.value == other->value)) return false;
    ++other;
  }
  return true;
}

bool operator==(const Attributes& a, const Attributes& b) { return a.are(b.items_); }

void encode(Encoder& encoder, const Attributes& attributes) {
  detail::encode_value(encoder, static_cast<std::uint64_t>(attributes.items_.size()));
  for (const Attribute& item : attributes.items_) {
    detail::encode_value(encoder, item.name);
    encode(encoder, item.value);
  }
}

}  // namespace memoscape::inline v0

// Encoding: a value as bytes, so that a call has an exact key.
//
// Canonical: equal values give equal bytes. Prefix-free: every value is framed by a tag and, where
// its extent varies, a length or a count; so no two values of one type share bytes and no encoding
// is the beginning of another. An encoder is looked for in this order:
//   1. `void encode(memoscape::Encoder&, const T&)` beside T, for exactly T: one for a base class
//      would drop the derived fields and give wrong hits, so it is refused;
//   2. a specialization of memoscape::Encode<T>;
//   3. built-ins: numbers, enums, text, optional, variant, pair, tuple, arrays, containers of the
//      standard library (unordered ones free of order), chrono, filesystem::path, smart pointers
//      (by pointee), aggregates of such.
// A type without an encoding does not compile, and the message names the cures. Encoding recurses
// along pointers: a chain of many thousands of them needs an encoder of its own.
//
// Thread-safety: an Encoder is used by one thread; the functions are pure.
//
//   struct Query { std::string origin; int minutes; };             // nothing to declare
//   void encode(ms::Encoder& e, const Matrix& m) { e.add(m.rows(), m.cells()); }
//   std::string key = ms::encoded(Query{"SEA", 15});
//   std::puts(ms::describe(key).c_str());                          // ("SEA", 15)
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "memoscape/config.hpp"

namespace memoscape::inline v0 {

// The first byte of every encoding. Stored keys hold these numbers: never reuse one.
enum class Tag : unsigned char {
  kNone = 1,  // null pointer, empty optional, monostate
  kFalse = 2,
  kTrue = 3,
  kUnsigned = 4,      // varint n: the integer n
  kNegative = 5,      // varint n: the integer -1 - n
  kFloat = 6,         // 4 bytes, little-endian
  kDouble = 7,        // 8 bytes, little-endian
  kLongDouble = 8,    // varint length, bytes
  kText = 9,          // varint length, bytes
  kSome = 10,         // value: what an optional or a smart pointer holds
  kSequence = 11,     // varint count, values
  kMap = 12,          // varint count, keys and values in turn
  kTuple = 13,        // varint count, values
  kAlternative = 14,  // varint index, value
  kObject = 15,       // varint length, what a user's encoder wrote
  kDuration = 16,     // varint numerator, varint denominator, count
  kTime = 17,         // duration since 1970: a point of std::chrono::system_clock
  kTimePoint = 18,    // duration since the epoch of another clock
  kDate = 19,         // year, month, day as integers
  kSecret = 20,       // varint length, value
  kDigest = 21,       // varint length, 16 bytes: length and digest128 of an encoding
};

namespace detail {

template <class T, class... Ts>
concept OneOf = (std::same_as<T, Ts> || ...);
// Of which many can be encoded at once.
template <class T>
concept Number = OneOf<T, float, double, char, signed char, unsigned char, short, unsigned short,
                       int, unsigned, long, unsigned long, long long, unsigned long long>;

}  // namespace detail

// Writes encodings one after the other into a buffer that is inline while it is small.
class MEMOSCAPE_API Encoder {
 public:
  Encoder() noexcept : data_(inline_) {}
  ~Encoder() {
    if (capacity_ != kInline) delete[] data_;
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  // Appends the encodings of the values; what a user's encoder calls for its members.
  template <class... Ts>
  void add(const Ts&... values);

  // One framed value each.
  void none() { tag(Tag::kNone); }
  void boolean(bool value) { tag(value ? Tag::kTrue : Tag::kFalse); }
  void integer(std::int64_t value) {
    if (value >= 0)
      unsigned_integer(static_cast<std::uint64_t>(value));
    else
      long_integer(Tag::kNegative, ~static_cast<std::uint64_t>(value));
  }
  void unsigned_integer(std::uint64_t value) {
    const Small number = small(value);
    if (number.size == 0 || capacity_ - size_ < 4) return long_integer(Tag::kUnsigned, value);
    // In one piece: who compares keys reads more than a byte at once, and would wait for several.
    char bytes[4];
    for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<char>(number.bytes >> (8 * i));
    std::memcpy(data_ + size_, bytes, sizeof bytes);
    size_ += number.size;
  }
  // The same for a small number: its two or three bytes, the first one lowest; else none.
  struct Small {
    std::uint32_t bytes = 0;
    std::uint32_t size = 0;

    constexpr void write(char* to) const noexcept {
      for (std::uint32_t i = 0; i < size; ++i) to[i] = static_cast<char>(bytes >> (8 * i));
    }
  };
  static constexpr Small small(std::uint64_t value) noexcept {
    if (value >= 0x4000) return {};
    const auto digits = static_cast<std::uint32_t>(value);
    const std::uint32_t is_long = digits >= 0x80 ? 1 : 0;  // not guessed
    const std::uint32_t varint = (digits & 0x7f) + (is_long << 7) + ((digits & 0x3f80) << 1);
    return {static_cast<std::uint32_t>(Tag::kUnsigned) + (varint << 8), 2 + is_long};
  }
  // By bits, except that all NaNs are one.
  void number(float value);
  void number(double value);
  void number(long double value);
  // The same for each of them, one after the other: 0.4 to 4 ns each.
  template <detail::Number T>
  void numbers(const T* first, std::size_t count);
  void text(std::string_view value) {
    tag(Tag::kText);
    varint(value.size());
    raw(value.data(), value.size());
  }

  // Frames: the caller appends that many values (of a map: keys and values in turn) after them.
  void begin_sequence(std::size_t count) { counted(Tag::kSequence, count); }
  void begin_map(std::size_t count) { counted(Tag::kMap, count); }
  void begin_tuple(std::size_t count) { counted(Tag::kTuple, count); }
  void begin_alternative(std::size_t index) { counted(Tag::kAlternative, index); }

  // A frame by length: whatever is appended until end_frame(position) is inside.
  std::size_t begin_frame(Tag kind) {
    tag(kind);
    tag(Tag{});  // room for the length
    return size_;
  }
  void end_frame(std::size_t position) {
    const std::size_t length = size_ - position;
    if (length < 0x80) {
      data_[position - 1] = static_cast<char>(length);
    } else {
      end_long_frame(position);
    }
  }

  // The pieces of a frame. A user's encoder is inside a frame already and may write anything.
  void tag(Tag value) {
    if (size_ == capacity_) grow(1);
    data_[size_++] = static_cast<char>(value);
  }
  void varint(std::uint64_t value) {
    if (value < 0x80) {
      tag(static_cast<Tag>(value));
    } else if (value < 0x4000) {
      tag(static_cast<Tag>(value | 0x80));
      tag(static_cast<Tag>(value >> 7));
    } else {
      long_varint(value);
    }
  }
  void raw(const void* bytes, std::size_t count) {
    if (count > capacity_ - size_) grow(count);
    if (count != 0) std::memcpy(data_ + size_, bytes, count);
    size_ += count;
  }

  // Sorts the parts that begin at `start` and end at each of `ends`: order-free containers.
  void sort_parts(std::size_t start, const std::vector<std::size_t>& ends);

  // What was written. Valid until the next write.
  std::string_view view() const noexcept { return {data_, size_}; }
  std::size_t size() const noexcept { return size_; }
  // Forgets what was written, keeps the buffer.
  void clear() noexcept { size_ = 0; }

 private:
  void counted(Tag kind, std::size_t count) {
    tag(kind);
    varint(count);
  }
  void grow(std::size_t at_least);
  void long_varint(std::uint64_t value);
  void long_integer(Tag kind, std::uint64_t value);
  void end_long_frame(std::size_t position);

  static constexpr std::size_t kInline = 256;

  // What is written and read right after should not lie across two cache lines: so the first two,
  // which are initialized in one piece, are together, and short keys are aligned.
  std::size_t size_ = 0;
  std::size_t capacity_ = kInline;
  char* data_;
  // Deliberately not initialized: an Encoder is made on every call.
  alignas(2 * sizeof(void*)) char inline_[kInline];
};

// Specialize with `static void to(Encoder&, const T&)` for types whose namespace is not yours.
template <class T>
struct Encode {};

// Specialize as true for a T whose own encoder writes exactly one framed value: no frame is put
// around it, so that it encodes like that value.
template <class T>
inline constexpr bool kEncodesOneFrame = false;

// 128 bits that tell encodings apart in reports and for Fingerprint. Stable across processes.
MEMOSCAPE_API std::array<unsigned char, 16> digest128(std::string_view bytes);

// Encodings as readable text for reports, at most max_chars bytes long and cut at a character.
// Bytes that are not encodings give "malformed"; never throws but for lack of memory.
MEMOSCAPE_API std::string describe(std::string_view encoded_bytes, std::size_t max_chars = 60);

// An argument that is not part of the key: a logger, a connection. Ignored<T&> holds a reference.
template <class T>
struct Ignored {
  T value;

  constexpr Ignored(T object) : value(std::move(object)) {}
  constexpr T& get() noexcept { return value; }
  constexpr const T& get() const noexcept { return value; }
  constexpr T& operator*() noexcept { return value; }
  constexpr const T& operator*() const noexcept { return value; }
  constexpr T* operator->() noexcept { return std::addressof(value); }
  constexpr const T* operator->() const noexcept { return std::addressof(value); }
};
template <class T>
struct Ignored<T&> {
  T& value;

  constexpr Ignored(T& object) noexcept : value(object) {}
  constexpr T& get() const noexcept { return value; }
  constexpr T& operator*() const noexcept { return value; }
  constexpr T* operator->() const noexcept { return std::addressof(value); }
};
template <class T>
Ignored(T&&) -> Ignored<T>;  // of a variable: a reference; of a temporary: the value

template <class T>
inline constexpr bool is_ignored_v = false;
template <class T>
inline constexpr bool is_ignored_v<Ignored<T>> = true;
template <class T>
inline constexpr bool is_ignored_v<const T> = is_ignored_v<T>;

// An argument that is part of the key, exactly, and that reports show as a digest only.
template <class T>
struct Secret {
  T value;

  constexpr Secret(T object) : value(std::forward<T>(object)) {}
};
template <class T>
Secret(T) -> Secret<T>;

// A huge argument of which the key holds a 128-bit digest instead of the encoding: equality is
// then that of the digests. Fingerprint<const T&> holds a reference.
template <class T>
struct Fingerprint {
  T value;

  constexpr Fingerprint(T object) : value(std::forward<T>(object)) {}
};
template <class T>  // of a variable: a reference; of a temporary: the value
Fingerprint(T&&)
    ->Fingerprint<
        std::conditional_t<std::is_lvalue_reference_v<T>, const std::remove_reference_t<T>&, T>>;

namespace detail {

template <class T, class... Outer>
consteval bool encodable();
template <class T>
void encode_value(Encoder& encoder, const T& value);

}  // namespace detail

// Has an encoding, all parts included. For a reference: what it refers to.
template <class T>
concept Encodable = detail::encodable<std::remove_cvref_t<T>>();

template <class... Ts>
void Encoder::add(const Ts&... values) {
  (detail::encode_value(*this, values), ...);
}

// The encoding of one value. Throws: std::bad_alloc, and what a user's encoder throws.
template <class T>
std::string encoded(const T& value) {
  Encoder encoder;
  detail::encode_value(encoder, value);
  return std::string(encoder.view());
}

}  // namespace memoscape::inline v0

#include "memoscape/detail/encode_builtins.hpp"  // defines what is declared above

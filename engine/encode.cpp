// The parts of Encoder that need not be in every caller.
//
// Invariants: [0, size_) is written and size_ <= capacity_; data_ is inline_ or owned; a length or
// count has one form only, the shortest.
#include "memoscape/encode.hpp"

#include <algorithm>
#include <bit>
#include <concepts>
#include <limits>
#include <type_traits>

namespace memoscape::inline v0 {
namespace {

// Each gives the end of what it wrote.
template <class Bits>
char* write_little_endian(char* to, Bits bits) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(to, &bits, sizeof bits);  // compilers make several pieces of a loop
  } else {
    for (std::size_t i = 0; i < sizeof bits; ++i) to[i] = static_cast<char>(bits >> (8 * i));
  }
  return to + sizeof bits;
}

// NaN is told by its bits: a comparison would fall to -ffast-math.
char* write(char* to, float value) noexcept {
  auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) bits = 0x7fc00000u;
  *to = static_cast<char>(Tag::kFloat);
  return write_little_endian(to + 1, bits);
}

char* write(char* to, double value) noexcept {
  auto bits = std::bit_cast<std::uint64_t>(value);
  if ((bits & 0x7fffffffffffffffu) > 0x7ff0000000000000u) bits = 0x7ff8000000000000u;
  *to = static_cast<char>(Tag::kDouble);
  return write_little_endian(to + 1, bits);
}

char* write_varint(char* to, std::uint64_t value) noexcept {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}

// A varint in one piece, without a guess how long it is.
struct Digits {
  // Requires: value < kEnd.
  explicit Digits(std::uint64_t value) noexcept {
    size = (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
    // Seven bits in each byte: those of the upper half are moved by four, and so on.
    value = (value & 0xfffffff) | (value & 0xfffffff0000000) << 4;
    value = (value & 0x3fff00003fff) | (value & 0xfffc0000fffc000) << 2;
    value = (value & 0x7f007f007f007f) | (value & 0x3f803f803f803f80) << 1;
    const std::uint64_t all_but_last = (std::uint64_t{1} << 8 * (size - 1)) - 1;
    bytes = value | (0x8080808080808080 & all_but_last);
  }
  static constexpr std::uint64_t kEnd = std::uint64_t{1} << 56;

  std::uint64_t bytes;  // the first one lowest
  std::size_t size;
};

// Apart: small numbers need no registers for it.
[[gnu::noinline]] char* write_large(char* to, std::uint64_t value) noexcept {
  if (value >= Digits::kEnd) return write_varint(to, value);
  const Digits digits(value);
  write_little_endian(to, digits.bytes);
  return to + digits.size;
}

// Neither the sign nor, of small ones, the length is guessed.
template <std::integral T>
char* write(char* to, T value) noexcept {
  static_assert(static_cast<int>(Tag::kNegative) == static_cast<int>(Tag::kUnsigned) + 1);
  const std::uint64_t sign = value < T{} ? 1 : 0;
  const std::uint64_t number = static_cast<std::uint64_t>(value) ^ (0 - sign);
  const Encoder::Small small = Encoder::small(number);
  if (small.size == 0) {
    *to = static_cast<char>(static_cast<std::uint64_t>(Tag::kUnsigned) + sign);
    return write_large(to + 1, number);
  }
  write_little_endian(to, small.bytes + static_cast<std::uint32_t>(sign));
  return to + small.size;
}

// What one takes at most, and what writing the last one touches beyond that.
template <class T>
constexpr std::size_t kMostBytes = 1 +
                                   (std::is_integral_v<T> ? (8 * sizeof(T) + 6) / 7 : sizeof(T));
constexpr std::size_t kTouched = sizeof(Digits::bytes);

struct Varint {
  explicit Varint(std::uint64_t value)
      : size(static_cast<std::size_t>(write_varint(bytes, value) - bytes)) {}
  char bytes[10];
  std::size_t size;
};

}  // namespace

void Encoder::number(float value) { numbers(&value, 1); }
void Encoder::number(double value) { numbers(&value, 1); }

template <detail::Number T>
void Encoder::numbers(const T* first, std::size_t count) {
  constexpr std::size_t kAtOnce = 16;  // so that some dozens of small ones stay inline
  while (count > 0) {
    const std::size_t some = std::min(count, kAtOnce);
    // Then for all: what of that is not written takes no memory.
    if (capacity_ - size_ < some * kMostBytes<T> + kTouched) {
      grow(count * kMostBytes<T> + kTouched);
    }
    char* to = data_ + size_;
    for (std::size_t i = 0; i < some; ++i) to = write(to, first[i]);
    size_ = static_cast<std::size_t>(to - data_);
    first += some;
    count -= some;
  }
}

template void Encoder::numbers(const float*, std::size_t);
template void Encoder::numbers(const double*, std::size_t);
template void Encoder::numbers(const char*, std::size_t);
template void Encoder::numbers(const signed char*, std::size_t);
template void Encoder::numbers(const unsigned char*, std::size_t);
template void Encoder::numbers(const short*, std::size_t);
template void Encoder::numbers(const unsigned short*, std::size_t);
template void Encoder::numbers(const int*, std::size_t);
template void Encoder::numbers(const unsigned*, std::size_t);
template void Encoder::numbers(const long*, std::size_t);
template void Encoder::numbers(const unsigned long*, std::size_t);
template void Encoder::numbers(const long long*, std::size_t);
template void Encoder::numbers(const unsigned long long*, std::size_t);

void Encoder::number(long double value) {
  constexpr int kDigits = std::numeric_limits<long double>::digits;
  if constexpr (kDigits == std::numeric_limits<double>::digits) {
    return number(static_cast<double>(value));
  } else {
    // The x87 format has 10 bytes, the rest of the object is padding.
    constexpr std::size_t kBytes = kDigits == 64 ? 10 : sizeof(long double);
    if (value != value) value = std::numeric_limits<long double>::quiet_NaN();
    tag(Tag::kLongDouble);
    varint(kBytes);
    raw(&value, kBytes);
  }
}

void Encoder::sort_parts(std::size_t start, const std::vector<std::size_t>& ends) {
  if (ends.size() < 2) return;
  const std::string copy(data_ + start, size_ - start);
  std::vector<std::string_view> parts;
  parts.reserve(ends.size());
  std::size_t begin = start;
  for (std::size_t end : ends) {
    parts.push_back(std::string_view(copy).substr(begin - start, end - begin));
    begin = end;
  }
  std::sort(parts.begin(), parts.end());
  size_ = start;
  for (std::string_view part : parts) raw(part.data(), part.size());
}

void Encoder::grow(std::size_t at_least) {
  const std::size_t capacity = std::max(capacity_ * 2, size_ + at_least);
  char* data = new char[capacity];
  std::memcpy(data, data_, size_);
  if (data_ != inline_) delete[] data_;
  data_ = data;
  capacity_ = capacity;
}

void Encoder::long_integer(Tag kind, std::uint64_t value) {
  tag(kind);
  varint(value);
}

void Encoder::long_varint(std::uint64_t value) {
  if (value >= Digits::kEnd || capacity_ - size_ < kTouched) {
    const Varint varint(value);
    raw(varint.bytes, varint.size);
    return;
  }
  const Digits digits(value);
  write_little_endian(data_ + size_, digits.bytes);
  size_ += digits.size;
}

void Encoder::end_long_frame(std::size_t position) {
  const std::size_t length = size_ - position;
  const Varint varint(length);
  raw(varint.bytes, varint.size - 1);  // makes room; the bytes do not matter yet
  std::memmove(data_ + position - 1 + varint.size, data_ + position, length);
  std::memcpy(data_ + position - 1, varint.bytes, varint.size);
}

}  // namespace memoscape::inline v0

// The parts of Encoder that need not be in every caller.
//
// Invariants: [0, size_) is written and size_ <= capacity_; data_ is inline_ or owned; a length or
// count has one form only, the shortest.
#include "memoscape/encode.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace memoscape::inline v0 {
namespace {

template <class Bits>
void append_little_endian(Encoder& encoder, Bits bits) {
  unsigned char bytes[sizeof(Bits)];
  for (unsigned char& byte : bytes) {
    byte = static_cast<unsigned char>(bits & 0xff);
    bits = static_cast<Bits>(bits >> 8);
  }
  encoder.raw(bytes, sizeof bytes);
}

struct Varint {
  explicit Varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
    bytes[size++] = static_cast<char>(value);
  }
  char bytes[10];
  std::size_t size = 0;
};

}  // namespace

// NaN is told by its bits: a comparison would fall to -ffast-math.
void Encoder::number(float value) {
  std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) bits = 0x7fc00000u;
  tag(Tag::kFloat);
  append_little_endian(*this, bits);
}

void Encoder::number(double value) {
  std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
  if ((bits & 0x7fffffffffffffffu) > 0x7ff0000000000000u) bits = 0x7ff8000000000000u;
  tag(Tag::kDouble);
  append_little_endian(*this, bits);
}

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
  constexpr std::uint64_t kMost = std::uint64_t{1} << 56;  // of eight digits
  if (value >= kMost || capacity_ - size_ < sizeof value) {
    const Varint varint(value);
    raw(varint.bytes, varint.size);
    return;
  }
  // In one piece, as short ones are.
  std::uint64_t digits = 0;
  unsigned bits = 0;
  for (; value >= 0x80; value >>= 7, bits += 8) digits |= ((value & 0x7f) | 0x80) << bits;
  digits |= value << bits;
  char bytes[sizeof digits];
  for (std::size_t i = 0; i < sizeof bytes; ++i) bytes[i] = static_cast<char>(digits >> (8 * i));
  std::memcpy(data_ + size_, bytes, sizeof bytes);
  size_ += bits / 8 + 1;
}

void Encoder::end_long_frame(std::size_t position) {
  const std::size_t length = size_ - position;
  const Varint varint(length);
  raw(varint.bytes, varint.size - 1);  // makes room; the bytes do not matter yet
  std::memmove(data_ + position - 1 + varint.size, data_ + position, length);
  std::memcpy(data_ + position - 1, varint.bytes, varint.size);
}

}  // namespace memoscape::inline v0

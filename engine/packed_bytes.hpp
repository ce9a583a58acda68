// PackedBytes: bytes that are short mostly, of which there are many: the edges of nodes, the keys
// of shortcuts. Up to twelve are in the 16 bytes of the object itself.
//
// Thread-safety: a value type.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <string_view>
#include <utility>

#include "engine/hash.hpp"
#include "memoscape/detail/allocated.hpp"
#include "memoscape/detail/short_key.hpp"

namespace memoscape::inline v0::detail {

// Owns nothing: of bytes that are in the object, or belong to the PackedBytes it is a copy of.
class PackedView {
 public:
  PackedView() = default;

  std::string_view view() const noexcept { return {data(), size_}; }
  bool is(std::string_view bytes) const noexcept { return same_bytes(view(), bytes); }
  bool is(const ShortKey& key) const noexcept {
    std::array<std::uint64_t, 2> words;
    std::memcpy(&words, this, sizeof words);
    return words[0] == key.words()[0] && words[1] == key.words()[1];
  }

 protected:
  const char* data() const noexcept {
    if (is_short()) return place_;
    const char* far;
    std::memcpy(&far, place_, sizeof far);
    return far;
  }

  bool is_short() const noexcept { return size_ <= sizeof place_; }

  std::uint32_t size_ = 0;
  char place_[12] = {};  // the bytes, and 0 behind them; or where they are
};
static_assert(sizeof(PackedView) == sizeof(ShortKey));

class PackedBytes : private PackedView {
 public:
  PackedBytes() = default;
  explicit PackedBytes(std::string_view bytes) { set(bytes); }
  // Requires: it is empty. Throws: std::bad_alloc, also for more than 2 GiB: what is charged for it
  // counts in 32 bits.
  void set(std::string_view bytes) {
    if (bytes.size() > std::numeric_limits<std::int32_t>::max()) throw std::bad_alloc();
    size_ = static_cast<std::uint32_t>(bytes.size());
    if (is_short()) {
      copy_few_bytes(place_, bytes);
      return;
    }
    char* const to = new char[bytes.size()];
    std::memcpy(place_, &to, sizeof to);
    bytes.copy(to, bytes.size());
  }
  PackedBytes(PackedBytes&& other) noexcept { swap(other); }
  PackedBytes& operator=(PackedBytes&& other) noexcept {
    swap(other);
    return *this;
  }
  PackedBytes(const PackedBytes&) = delete;
  PackedBytes& operator=(const PackedBytes&) = delete;
  ~PackedBytes() {
    if (!is_short()) delete[] data();
  }

  using PackedView::view;
  PackedView packed_view() const noexcept { return *this; }  // valid for as long as this
  std::uint64_t heap_bytes() const noexcept { return is_short() ? 0 : allocated(size_); }

 private:
  void swap(PackedBytes& other) noexcept {
    std::swap(static_cast<PackedView&>(*this), static_cast<PackedView&>(other));
  }
};
static_assert(sizeof(PackedBytes) == 16);

}  // namespace memoscape::inline v0::detail

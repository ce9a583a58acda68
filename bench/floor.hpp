// The floor: what any memoization of these keys has to pay. XXH3-128 of the full encoded key (the
// function, the arguments and the values on the path) and one find in a tsl::robin_map of as many
// keys. Keys are stored back to back, as a path's values would be gathered.
#pragma once

#define XXH_INLINE_ALL
#include <tsl/robin_map.h>
#include <xxhash.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

struct Digest128 {
  std::uint64_t low;
  std::uint64_t high;
  auto operator<=>(const Digest128&) const = default;
};

// The low half: a digest is as good as random.
struct LowHalf {
  std::size_t operator()(const Digest128& digest) const noexcept { return digest.low; }
};

class Floor {
 public:
  void add(std::string_view key) {
    begins_.push_back(bytes_.size());
    bytes_ += key;
    index_.emplace(hash(key), static_cast<std::uint32_t>(index_.size()));
  }

  // The position of the key that was added as number `i`.
  std::uint32_t find(std::size_t i) const noexcept { return index_.find(hash(key(i)))->second; }

  Digest128 digest(std::size_t i) const noexcept { return hash(key(i)); }

  std::size_t size() const noexcept { return begins_.size(); }
  double key_bytes() const noexcept {
    return static_cast<double>(bytes_.size()) / static_cast<double>(begins_.size());
  }

 private:
  static Digest128 hash(std::string_view key) noexcept {
    const XXH128_hash_t raw = XXH3_128bits(key.data(), key.size());
    return {raw.low64, raw.high64};
  }
  std::string_view key(std::size_t i) const noexcept {
    const std::size_t end = i + 1 < begins_.size() ? begins_[i + 1] : bytes_.size();
    return std::string_view(bytes_).substr(begins_[i], end - begins_[i]);
  }

  std::string bytes_;
  std::vector<std::size_t> begins_;
  tsl::robin_map<Digest128, std::uint32_t, LowHalf> index_;
};

}  // namespace bench

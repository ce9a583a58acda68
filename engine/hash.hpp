// Hashing: XXH3-128 with a secret of the engine's own, so that nobody can prepare keys that
// collide; and the plain digest for ids that must be stable across processes. Of the former 64 bits
// are kept, as it only narrows a search.
//
// Source of the algorithm: XXH3 by Yann Collet (xxHash, BSD-2). hash.cpp is the only file that
// sees it.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "memoscape/report.hpp"

namespace memoscape::inline v0::detail {

struct Node;

struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const Hash128&) const = default;
};

// For tables of digests: spreads those whose low or high bits are all equal, of a word or of both.
struct FoldHash {
  std::size_t operator()(const Hash128& hash) const noexcept {
    const std::uint64_t folded = hash.low ^ (hash.high * 0x9e3779b97f4a7c15ull);
    return static_cast<std::size_t>(folded ^ (folded >> 32));
  }
};

// What a HashIndex knows of a hash.
inline std::uint32_t short_of(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

struct DigestHash {
  std::size_t operator()(const Digest& digest) const noexcept {
    std::size_t bits;
    static_assert(sizeof bits <= sizeof digest);
    std::memcpy(&bits, digest.data(), sizeof bits);
    return bits;
  }
};

// For keys and values on edges, which are short mostly: a call of memcmp takes longer.
// Requires: at most 16 bytes.
inline bool same_few_bytes(const char* a, const char* b, std::size_t size) noexcept {
  const auto same = [&]<class Word>(Word, std::size_t offset) {
    Word left;
    Word right;
    std::memcpy(&left, a + offset, sizeof left);
    std::memcpy(&right, b + offset, sizeof right);
    return left == right;
  };
  if (size < 4) {
    if (size >= 2) return same(std::uint16_t{}, 0) && same(std::uint16_t{}, size - 2);
    return size == 0 || *a == *b;
  }
  if (size < 8) return same(std::uint32_t{}, 0) && same(std::uint32_t{}, size - 4);
  return same(std::uint64_t{}, 0) && same(std::uint64_t{}, size - 8);
}
inline bool same_bytes(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  return a.size() <= 16 ? same_few_bytes(a.data(), b.data(), a.size()) : a == b;
}

// Likewise. Requires: at most 16 bytes.
inline void copy_few_bytes(char* to, std::string_view bytes) noexcept {
  const auto copy = [&]<class Word>(Word word, std::size_t offset) {
    std::memcpy(&word, bytes.data() + offset, sizeof word);
    std::memcpy(to + offset, &word, sizeof word);
  };
  const std::size_t size = bytes.size();
  if (size < 4) {
    if (size >= 2) {
      copy(std::uint16_t{}, 0);
      copy(std::uint16_t{}, size - 2);
    } else if (size == 1) {
      *to = bytes[0];
    }
  } else if (size < 8) {
    copy(std::uint32_t{}, 0);
    copy(std::uint32_t{}, size - 4);
  } else {
    copy(std::uint64_t{}, 0);
    copy(std::uint64_t{}, size - 8);
  }
}

// The hash of a path: of where it begins, and of the bytes that lead on, in their order. So that of
// the node where it ends is known without a look at those between.
struct PathHash {
  std::uint32_t root = 0;
  std::uint32_t values = 0;
  std::uint32_t end() const noexcept { return root ^ values; }
};

class KeyHasher {
 public:
  // Null: XXH3-128 with a random secret.
  explicit KeyHasher(Digest (*replacement)(std::string_view));
  std::uint64_t hash_bytes(std::string_view bytes) const noexcept;
  // The hash of a call, of the numbers of the function and, if its entries are of one, the session.
  std::uint64_t of_call(std::uint64_t function, std::uint64_t session,
                        std::string_view key) const noexcept {
    return with(hash_bytes(key), function + session * kOdd);
  }
  // Of the path that has not left its root, which is told by where it is.
  PathHash path_from(const Node* root) const noexcept {
    return {.root = short_of(with(0, reinterpret_cast<std::uintptr_t>(root))), .values = 0};
  }
  // `value`: the hash of its bytes.
  void extend(PathHash& path, std::uint64_t value) const noexcept {
    path.values = short_of(with(value, path.values));
  }

 private:
  // Equal bytes with different numbers must not meet in one bucket. The number needs no secret:
  // equality is decided by what it stands for, and the bytes.
  std::uint64_t with(std::uint64_t hash, std::uint64_t number) const noexcept {
    return replacement_ == nullptr ? hash ^ (number * kOdd) : hash;
  }
  std::uint64_t hash_long(std::string_view bytes) const noexcept;

  static constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15ull;
  static constexpr std::size_t kSecretBytes = 192;
  std::array<unsigned char, kSecretBytes> secret_;
  Digest (*replacement_)(std::string_view);
};

}  // namespace memoscape::inline v0::detail

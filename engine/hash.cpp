#include "engine/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <bit>
#include <cstring>
#include <random>

#include "memoscape/encode.hpp"

namespace memoscape::inline v0 {

Digest digest128(std::string_view bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  Digest digest;
  static_assert(sizeof canonical.digest == sizeof digest);
  std::memcpy(digest.data(), canonical.digest, digest.size());
  return digest;
}

namespace detail {

KeyHasher::KeyHasher(Digest (*replacement)(std::string_view)) : replacement_(replacement) {
  static_assert(kSecretBytes >= XXH3_SECRET_SIZE_MIN);
  std::random_device entropy;
  for (std::size_t i = 0; i < kSecretBytes; i += sizeof(std::uint32_t)) {
    const std::uint32_t word = entropy();
    std::memcpy(secret_.data() + i, &word, sizeof word);
  }
}

// Mostly they are short, so what is not is a function of its own. Flattened, as otherwise g++ makes
// one of the library's, and computes the half that is not used, too.
[[gnu::flatten]] std::uint64_t KeyHasher::hash_bytes(std::string_view bytes) const noexcept {
  constexpr std::size_t kShort = 16;
  if (bytes.size() > kShort || replacement_ != nullptr) return hash_long(bytes);
  return XXH3_128bits_withSecret(bytes.data(), bytes.size(), secret_.data(), secret_.size()).low64;
}

[[gnu::noinline]] std::uint64_t KeyHasher::hash_long(std::string_view bytes) const noexcept {
  if (replacement_ != nullptr) {
    const auto [low, high] = std::bit_cast<Hash128>(replacement_(bytes));
    return low ^ (high * kOdd);
  }
  return XXH3_128bits_withSecret(bytes.data(), bytes.size(), secret_.data(), secret_.size()).low64;
}

}  // namespace detail
}  // namespace memoscape::inline v0

#include "engine/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

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

Hash128 KeyHasher::hash_bytes(std::string_view bytes) const noexcept {
  Hash128 hash;
  if (replacement_ != nullptr) {
    const Digest digest = replacement_(bytes);
    std::memcpy(&hash.low, digest.data(), sizeof hash.low);
    std::memcpy(&hash.high, digest.data() + sizeof hash.low, sizeof hash.high);
    return hash;
  }
  const XXH128_hash_t raw =
      XXH3_128bits_withSecret(bytes.data(), bytes.size(), secret_.data(), secret_.size());
  hash.low = raw.low64;
  hash.high = raw.high64;
  return hash;
}

}  // namespace detail
}  // namespace memoscape::inline v0

// A hash for engines that counts how often this thread has hashed. Lookups hash what they look for.
#pragma once

#include <string_view>

#include "memoscape/memoscape.hpp"

namespace memoscape::testing {

inline thread_local int hashed = 0;
inline Digest counting_hash(std::string_view bytes) {
  ++hashed;
  return digest128(bytes);
}

}  // namespace memoscape::testing

// What the allocator sets aside for a request, so that charged bytes are those of the process.
//
// Thread-safety: a pure function.
#pragma once

#include <cstddef>

namespace memoscape::inline v0 {

// The usable size of malloc(bytes); 0 for 0. glibc on 64 bits: chunks are multiples of 16 of which
// 8 are the header's, at least 32. Above the mmap threshold whole pages are given; that is not
// modelled, as the threshold moves and the difference is below 4 %.
constexpr std::size_t allocated(std::size_t bytes) noexcept {
  if (bytes == 0) return 0;
  const std::size_t usable = ((bytes + 8 + 15) & ~std::size_t{15}) - 8;
  return usable < 24 ? 24 : usable;
}

}  // namespace memoscape::inline v0

// What containers take beside the objects in them, at the allocator's usable size.
//
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <utility>

#include "memoscape/detail/allocated.hpp"

namespace memoscape::inline v0::detail {

template <class Vector>
std::uint64_t buffer_bytes(const Vector& vector) noexcept {
  using Item = typename Vector::value_type;
  return allocated(vector.capacity() * sizeof(Item));  // NOLINT(bugprone-sizeof-expression): some
                                                       // are pointers
}

// Of a tsl::robin_map, which keeps the value and, beside it, the distance from home and a part of
// the hash.
template <class Map>
std::uint64_t table_bytes(const Map& map) noexcept {
  using Bucket = std::pair<typename Map::value_type, std::uint64_t>;
  return allocated(map.bucket_count() * sizeof(Bucket));
}

}  // namespace memoscape::inline v0::detail

// Memory before changes: what may fail for lack of memory is reserved first, so that the steps that
// change something cannot fail halfway.
#pragma once

#include <algorithm>
#include <cstddef>

namespace memoscape::inline v0::detail {

// Makes room for `count` more. Complexity: constant on average per element that is added later.
template <class Vector>
void reserve_more(Vector& vector, std::size_t count = 1) {
  if (vector.capacity() - vector.size() >= count) return;
  vector.reserve(std::max<std::size_t>(vector.size() + count, 2 * vector.capacity()));
}

}  // namespace memoscape::inline v0::detail

// Counted: a value that tells how many of its kind there are.
#pragma once

#include <cstddef>

namespace memoscape::testing {

struct Counted {
  inline static int alive = 0;
  int value;
  explicit Counted(int v) : value(v) { ++alive; }
  Counted(Counted&& other) noexcept : value(other.value) { ++alive; }
  Counted(const Counted&) = delete;
  ~Counted() { --alive; }
  std::size_t heap_bytes() const { return 0; }
};

}  // namespace memoscape::testing

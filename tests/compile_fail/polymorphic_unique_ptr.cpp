// expect: NoHeapBytesFor<std::unique_ptr<Shape
// expect: memoscape: a smart pointer to a polymorphic base .* hides the size of what it owns
// expect: make the pointee's class final
// expect: return memoscape::with_cost\(value, bytes\)
// expect: specialize memoscape::HeapBytes<T>
#include <memory>

#include "memoscape/heap_bytes.hpp"

struct Shape {
  virtual ~Shape() = default;
};

std::size_t cost(const std::unique_ptr<Shape>& shape) { return memoscape::heap_bytes(shape); }

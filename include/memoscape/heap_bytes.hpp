// heap_bytes: the bytes on the heap that a value owns beyond sizeof, at the allocator's usable
// size.
//
// A type is measured by the first of these that it has:
//   1. a member `std::size_t heap_bytes() const` or `heap_bytes(memoscape::HeapVisitor&) const`;
//   2. `std::size_t heap_bytes(memoscape::HeapVisitor&, const T&)` beside T, for exactly T;
//   3. a specialization of memoscape::HeapBytes<T>;
//   4. built-ins: numbers, enums, containers and smart pointers of the standard library (what
//      several shared_ptr share counts once), optional, variant, pair, tuple, arrays, chrono,
//      filesystem::path, aggregates of such.
// What cannot be seen through (raw pointers, spans, views, pointers to a polymorphic base, opaque
// handles) does not compile, and the message names the cures. Measuring recurses along pointers: a
// chain of many thousands of them needs a heap_bytes of its own.
//
// Thread-safety: a HeapVisitor is used by one thread; the value must not change meanwhile.
//
//   struct Table { std::vector<double> cells; std::shared_ptr<const Schema> schema; };
//   std::size_t bytes = ms::heap_bytes(table);
//   class Image { public: std::size_t heap_bytes() const { return ms::allocated(size_); } ... };
//   std::size_t heap_bytes(ms::HeapVisitor& visitor, const Graph& g) { return visitor.bytes(g.n); }
#pragma once

#include <cstddef>
#include <vector>

#include "memoscape/config.hpp"
#include "memoscape/detail/allocated.hpp"

namespace memoscape::inline v0 {

// One traversal: remembers which shared objects it has counted.
class MEMOSCAPE_API HeapVisitor {
 public:
  // The bytes on the heap owned by the values, apart from shared objects counted before.
  template <class... Ts>
  std::size_t bytes(const Ts&... values);

  // True the first time it is asked about that address. Complexity: amortized constant.
  bool first_visit(const void* shared);

 private:
  std::vector<const void*> slots_;  // open addressing; the size is 0 or a power of two
  std::size_t used_ = 0;
};

// Specialize with `static std::size_t of(HeapVisitor&, const T&)` for types that are not yours.
template <class T>
struct HeapBytes {};

namespace detail {

template <class T, class... Outer>
consteval bool measurable();
template <class T>
std::size_t measure(HeapVisitor& visitor, const T& value);

}  // namespace detail

// Can be measured, all parts included.
template <class T>
concept Measurable = detail::measurable<T>();

// The bytes on the heap owned by the value, beyond sizeof(T). Complexity: linear in the number of
// objects that may own memory; a vector of numbers is constant.
template <class T>
std::size_t heap_bytes(const T& value) {
  HeapVisitor visitor;
  return visitor.bytes(value);
}

template <class... Ts>
std::size_t HeapVisitor::bytes(const Ts&... values) {
  return (std::size_t{0} + ... + detail::measure(*this, values));
}

}  // namespace memoscape::inline v0

#include "memoscape/detail/heap_builtins.hpp"  // defines what is declared above

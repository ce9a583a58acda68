// expect: NoHeapBytesFor<std::basic_string_view<char> ?>
// expect: memoscape: the heap bytes of this type .* cannot be seen from outside
// expect: return memoscape::with_cost\(value, bytes\)
// expect: a member `std::size_t heap_bytes\(\) const`
// expect: specialize memoscape::HeapBytes<T>
#include <string_view>
#include <vector>

#include "memoscape/heap_bytes.hpp"

struct Row {
  int id;
  std::string_view name;
};

std::size_t cost(const std::vector<Row>& rows) { return memoscape::heap_bytes(rows); }

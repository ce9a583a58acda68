// expect: memoscape: this callable has no single const signature
// expect: give a generic lambda concrete parameter types
// expect: pick one overload
#include "memoscape/memoscape.hpp"

namespace ms = memoscape;

void twice(ms::Engine& engine) {
  engine.cache_data("twice", [](ms::Run&, auto n) { return n * 2; });
}

// expect: memoscape: this callable has no single const signature
// expect: drop `mutable`
#include "memoscape/memoscape.hpp"

namespace ms = memoscape;

void count(ms::Engine& engine) {
  engine.cache_data("count", [n = 0](ms::Run&) mutable { return ++n; });
}

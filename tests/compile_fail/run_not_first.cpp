// expect: Parameter<memoscape::(v0::)?Run ?&>
// expect: memoscape: the Run& of a cached function must be its first parameter
// expect: move it to the front
#include "memoscape/memoscape.hpp"

namespace ms = memoscape;

void load(ms::Engine& engine) {
  engine.cache_data("load", [](int n, ms::Run&) { return n; });
}

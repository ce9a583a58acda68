// expect: memoscape: a cached function must return a value
// expect: return what it computes, or call it uncached
#include "memoscape/memoscape.hpp"

namespace ms = memoscape;

void show(ms::Engine& engine) {
  engine.cache_data("show", [](ms::Run& run, int n) { ms::write(run, n); });
  engine.cache_resource("show it", [](ms::Run& run, int n) { ms::write(run, n); });
}

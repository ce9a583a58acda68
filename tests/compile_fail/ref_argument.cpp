// expect: Parameter<const memoscape::(v0::)?Ref<const int> ?&>
// expect: Parameter<memoscape::(v0::)?Place>
// expect: memoscape: Run, Ref and page handles belong to one run and cannot be arguments
// expect: pass the value itself, and the run as the first parameter
// expect: memoscape: Ref and page handles belong to one run and cannot be cached
// expect: return the value itself, or ref.share\(\)
#include "memoscape/memoscape.hpp"

namespace ms = memoscape;

void size(ms::Engine& engine, const ms::Cached<const int>& load) {
  engine.cache_data("size", [](const ms::Ref<const int>& table) { return *table; });
  engine.cache_data("draw", [](ms::Run&, ms::Place) { return 0; });
  engine.cache_data("forward", [load](ms::Run& run) { return load(run); });
}

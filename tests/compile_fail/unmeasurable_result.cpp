// expect: app::Texture
// expect: memoscape: the bytes of this value cannot be measured
// expect: std::size_t heap_bytes\(\) const
// expect: specialize memoscape::HeapBytes<T>
// expect: memoscape::with_cost\(value, bytes\)
// expect: memoscape::in_arena\(value\)
#include "memoscape/memoscape.hpp"

namespace ms = memoscape;

namespace app {
struct Texture {
  unsigned* pixels;
};
}  // namespace app

void load(ms::Engine& engine) {
  engine.cache_resource("load", [](ms::Run&, int) { return app::Texture{nullptr}; });
}

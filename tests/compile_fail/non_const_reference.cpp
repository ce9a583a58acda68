// expect: Parameter<app::Logger ?&>
// expect: memoscape: a non-const reference cannot be part of a key
// expect: memoscape::Ignored<T&>
#include "memoscape/memoscape.hpp"

namespace ms = memoscape;

namespace app {
struct Logger {
  int lines = 0;
};
}  // namespace app

void load(ms::Engine& engine) {
  engine.cache_data("load", [](ms::Run&, app::Logger& logger) { return ++logger.lines; });
}

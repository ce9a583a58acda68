// expect: NoEncodingFor<app::Connection>
// expect: memoscape: this type .* has no encoding for a cache key
// expect: specialize memoscape::Encode<T>
// expect: memoscape::Ignored<T>
#include "memoscape/memoscape.hpp"

namespace ms = memoscape;

namespace app {
class Connection {
 public:
  int rows() const { return handle_; }

 private:
  int handle_ = 0;
};
}  // namespace app

int rows(ms::Engine& engine, ms::Run& run, const app::Connection& connection) {
  auto load = engine.cache_data("load", [](const app::Connection& c) { return c.rows(); });
  return *load(run, connection);
}

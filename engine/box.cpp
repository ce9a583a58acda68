#include "memoscape/detail/box.hpp"

#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

Box::Box(const char* type) noexcept : type_(type) { ::new (keeper_) Keeper(); }
Box::~Box() { keeper().~Keeper(); }

void Box::finish() noexcept {
  const Keeper& kept = keeper();
  if (const Aftercare* aftercare = kept.aftercare.get()) {
    if (aftercare->on_release) {
      try {
        aftercare->on_release(object);
      } catch (...) {
        // Nobody is left to tell: it is counted, and the report shows it.
        aftercare->ledger->release_errors.fetch_add(1, std::memory_order_relaxed);
      }
    }
    if (kept.held.load(std::memory_order_relaxed)) {
      aftercare->ledger->held.fetch_sub(bytes, std::memory_order_relaxed);
    }
  }
  delete this;
}

}  // namespace memoscape::inline v0::detail

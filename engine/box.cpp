#include "memoscape/detail/box.hpp"

#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

Box::Box(const char* type) noexcept : type_(type) {}
Box::~Box() = default;

void Box::finish() noexcept {
  if (keeper != nullptr) {
    if (keeper->on_release != nullptr) {
      try {
        (*keeper->on_release)(object);
      } catch (...) {
        // Nobody is left to tell: it is counted, and the report shows it.
        keeper->ledger->release_errors.fetch_add(1, std::memory_order_relaxed);
      }
    }
    if (keeper->held.load(std::memory_order_relaxed)) {
      keeper->ledger->held.fetch_sub(bytes, std::memory_order_relaxed);
    }
  }
  delete this;
}

}  // namespace memoscape::inline v0::detail

// Ref: what a cached call returns. A pin: while it lives the value does, evicted or not.
//
// Give it a name before you walk through its value, or keep a reference to that: a Ref without one
// lives to the end of its expression, and `for (const Row& row : *rows(run))` goes on without it.
// clang warns of most of these (-Wdangling); g++ 12 does not.
//
// Thread-safety: one thread at a time. It belongs to the run that made the call and must not
// outlive it; `share` gives a shared_ptr that may.
//
//   ms::Ref<const Table> table = delayed(run, "SEA");
//   draw(*table);
//   std::shared_ptr<const Table> kept = table.share();
#pragma once

#include <memory>
#include <utility>

#include "memoscape/config.hpp"
#include "memoscape/detail/pin.hpp"

namespace memoscape::inline v0 {

// `T` is const for data; a resource is one shared object that everybody may change.
template <class T>
class Ref {
 public:
  explicit Ref(detail::Pin pin) noexcept : pin_(std::move(pin)) {}
  Ref(Ref&&) noexcept = default;
  Ref& operator=(Ref&&) noexcept = default;
  Ref(const Ref&) = delete;
  Ref& operator=(const Ref&) = delete;

  T& operator*() const noexcept MEMOSCAPE_LIFETIME_BOUND { return *get(); }
  T* operator->() const noexcept MEMOSCAPE_LIFETIME_BOUND { return get(); }
  T* get() const noexcept MEMOSCAPE_LIFETIME_BOUND { return static_cast<T*>(pin_.object()); }

  // Keeps the value beyond the run; the report counts an evicted one as held until it is gone.
  std::shared_ptr<T> share() const {
    auto keep = std::make_shared<detail::BoxPtr>(pin_.share());
    return std::shared_ptr<T>(std::move(keep), get());
  }

 private:
  detail::Pin pin_;
};

}  // namespace memoscape::inline v0

// Box: where a cached value lives, counted by the references to it. Part of the typed shell; the
// engine sees boxes only.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "memoscape/arena.hpp"
#include "memoscape/config.hpp"
#include "memoscape/detail/allocated.hpp"
#include "memoscape/encode.hpp"
#include "memoscape/heap_bytes.hpp"
#include "memoscape/report.hpp"

namespace memoscape::inline v0 {

// A value with the memory it costs where no traversal can see it (GPU memory, a mapping, a handle).
// A cached function that returns one keeps the value and charges `bytes` beside its own size, and
// what the arena of its run counted, if it took one.
template <class T>
struct WithCost {
  T value;
  std::uint64_t bytes;
};
template <class T>
WithCost<T> with_cost(T value, std::uint64_t bytes) {
  return {std::move(value), bytes};
}

namespace detail {

struct Keeper;  // engine side: who shares the value, and what is done when it goes

// Thread-safety: references may be added and dropped from any thread.
class MEMOSCAPE_API Box {
 public:
  Box(const Box&) = delete;
  Box& operator=(const Box&) = delete;

  void add_reference() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  // The last one releases and destroys: user code, never under a lock.
  void drop_reference() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) finish();
  }

  // Tells the types of boxes apart.
  const char* type() const noexcept { return type_; }

  Digest digest{};  // of the value's encoding
  ArenaPtr arena;   // that the execution took; null: none

  // Adds to `bytes`; a sum beyond all memory stays the largest number, and is never kept.
  void charge(std::uint64_t more) noexcept {
    bytes = more > ~bytes ? ~std::uint64_t{0} : bytes + more;
  }
  // Whether nothing but the arena knows what the value costs.
  virtual bool needs_arena() const noexcept = 0;
  // Sets bytes, source and, for data that can be encoded, the digest. User code.
  virtual void measure(Kind kind) = 0;
  // Whether the other one holds a value of the same type and the same canonical encoding: then one
  // of them can serve for both. User code. Requires: both have a digest.
  virtual bool same_value(const Box& other) const = 0;

  Keeper& keeper() noexcept;
  const Keeper& keeper() const noexcept;

 private:
  void finish() noexcept;

  // Made and destroyed with the box, in memory of its own: a value is one allocation.
  static constexpr std::size_t kKeeperBytes = 56;
  alignas(std::uint64_t) std::byte keeper_[kKeeperBytes];
  const char* const type_;

 public:
  std::uint64_t bytes = 0;  // usable size of the box and all it owns

 private:
  // What a hit looks at, beside the value itself.
  std::atomic<std::uint32_t> references_{1};

 public:
  BytesSource source = BytesSource::traversal;
  bool has_digest = false;
  void* object = nullptr;

 protected:
  explicit Box(const char* type) noexcept;
  virtual ~Box();
};

// An owning reference to a box.
class BoxPtr {
 public:
  BoxPtr() = default;
  explicit BoxPtr(Box* adopted) noexcept : box_(adopted) {}
  static BoxPtr reference_to(Box& box) noexcept {
    box.add_reference();
    return BoxPtr(&box);
  }
  BoxPtr(const BoxPtr& other) noexcept : box_(other.box_) {
    if (box_ != nullptr) box_->add_reference();
  }
  BoxPtr(BoxPtr&& other) noexcept : box_(std::exchange(other.box_, nullptr)) {}
  BoxPtr& operator=(BoxPtr other) noexcept {
    std::swap(box_, other.box_);
    return *this;
  }
  ~BoxPtr() {
    if (box_ != nullptr) box_->drop_reference();
  }
  Box* get() const noexcept { return box_; }
  Box* release() noexcept { return std::exchange(box_, nullptr); }
  Box* operator->() const noexcept { return box_; }
  explicit operator bool() const noexcept { return box_ != nullptr; }

 private:
  Box* box_ = nullptr;
};

template <class R>
struct Cost {
  using type = R;
};
template <class T>
struct Cost<InArena<T>> {
  using type = T;
};
template <class T>
struct Cost<WithCost<T>> {
  using type = T;
};
// What is kept of a result of type R.
template <class R>
using cached_type_t = typename Cost<R>::type;

template <class R>
class BoxOf final : public Box {
 public:
  using T = cached_type_t<R>;
  static constexpr bool kDeclared = std::is_same_v<R, WithCost<T>>;
  static constexpr bool kInArena = std::is_same_v<R, InArena<T>>;

  explicit BoxOf(R&& result) : Box(&kType), value_(take(result)) {
    object = &value_;
    if constexpr (kDeclared) declared_ = result.bytes;
  }

  bool same_value(const Box& other) const override {
    if constexpr (Encodable<T>) {
      if (other.type() != &kType) return false;
      const T& its = static_cast<const BoxOf&>(other).value_;
      Encoder encoder;
      encode_value(encoder, value_);
      Encoder encoder_of_its;
      encode_value(encoder_of_its, its);
      return encoder.view() == encoder_of_its.view();
    } else {
      return false;
    }
  }

  bool needs_arena() const noexcept override { return kInArena; }

  void measure(Kind kind) override {
    charge(allocated(sizeof(BoxOf)));
    if (arena) charge(allocated(sizeof(Arena)));
    charge(owned());
    if constexpr (Encodable<T>) {
      if (kind != Kind::data) return;
      Encoder encoder;
      encode_value(encoder, value_);
      digest = digest128(encoder.view());
      has_digest = true;
    }
  }

 private:
  static constexpr char kType = 0;

  // A value may use the arena in part: then a traversal that sees more is right.
  std::uint64_t owned() {
    const std::uint64_t counted = arena ? arena->live() : 0;
    source = kDeclared ? BytesSource::declared : BytesSource::arena;
    if constexpr (kDeclared) {
      return declared_ > ~counted ? ~std::uint64_t{0} : declared_ + counted;
    } else if constexpr (kInArena) {
      return counted;
    } else {
      const std::uint64_t seen = heap_bytes(std::as_const(value_));
      if (seen > counted || !arena) source = BytesSource::traversal;
      return std::max(seen, counted);
    }
  }

  static T&& take(R& result) noexcept {
    if constexpr (kDeclared || kInArena)
      return std::move(result.value);
    else
      return std::move(result);
  }

  struct Nothing {};
  T value_;
  [[no_unique_address]] std::conditional_t<kDeclared, std::uint64_t, Nothing> declared_{};
};

template <class R>
constexpr bool check_measurable() {
  constexpr bool measurable =
      BoxOf<R>::kDeclared || BoxOf<R>::kInArena || Measurable<cached_type_t<R>>;
  static_assert(measurable,
                "memoscape: the bytes of this value cannot be measured. Cures: give it a member "
                "std::size_t heap_bytes() const, specialize memoscape::HeapBytes<T>, return "
                "memoscape::with_cost(value, bytes) to declare what it costs, or let it allocate "
                "from run.arena() and return memoscape::in_arena(value)");
  return measurable;
}

}  // namespace detail
}  // namespace memoscape::inline v0

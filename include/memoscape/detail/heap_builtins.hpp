// How heap_bytes.hpp measures a type, and the built-in measures.
//
// NodeOf sizes are those of libstdc++, which libc++ differs from by at most a word per node.
//
// Thread-safety: pure functions.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "memoscape/detail/from_std.hpp"
#include "memoscape/detail/reflect.hpp"
#include "memoscape/heap_bytes.hpp"

namespace memoscape::inline v0 {

template <class T>
struct Secret;

}  // namespace memoscape::inline v0

namespace memoscape::inline v0::detail {

// Deduces the class that declares the member; fails, and so accepts, if it is overloaded.
template <class T, class Owner, class Member>
requires(sizeof(Owner) != sizeof(T)) void smaller_owner(Member Owner::*);

// A member inherited by a larger class leaves out what that class added.
template <class T>
concept InheritsMeasure = requires {
  smaller_owner<T>(&T::heap_bytes);
};

template <class T>
concept HasPlainMember = std::is_class_v<T> && requires(const T& value) {
  { value.heap_bytes() } -> std::convertible_to<std::size_t>;
  requires !InheritsMeasure<T>;
};
template <class T>
concept HasVisitorMember = std::is_class_v<T> && requires(const T& value, HeapVisitor& visitor) {
  { value.heap_bytes(visitor) } -> std::convertible_to<std::size_t>;
  requires !InheritsMeasure<T>;
};

// As for encoders: only a function for exactly T beats the fallback.
namespace exact_heap_adl {

struct NoMeasure {};
template <class T>
NoMeasure heap_bytes(HeapVisitor&, const T&);

template <class T>
concept Found = requires(HeapVisitor& visitor, const T& value) {
  { heap_bytes(visitor, value) } -> std::convertible_to<std::size_t>;
};

template <class T>
std::size_t call(HeapVisitor& visitor, const T& value) {
  return heap_bytes(visitor, value);
}

}  // namespace exact_heap_adl

template <class T>
concept HasHeapSpecialization = requires(HeapVisitor& visitor, const T& value) {
  { HeapBytes<T>::of(visitor, value) } -> std::convertible_to<std::size_t>;
};

template <class T>
concept CustomHeap = HasPlainMember<T> || HasVisitorMember<T> || exact_heap_adl::Found<T> ||
    HasHeapSpecialization<T>;

// kKnown, ok: as for BuiltIn in encode_builtins.hpp. flat: owns nothing, without looking.
template <class T>
struct Heap {
  static constexpr bool kKnown = false;
  static consteval bool flat() { return false; }
  template <class...>
  static consteval bool ok() {
    return false;
  }
};

template <class T, class... Outer>
consteval bool measurable() {
  if constexpr (std::is_const_v<T>) {
    return measurable<std::remove_const_t<T>, Outer...>();
  } else if constexpr (std::is_void_v<T> || std::is_reference_v<T>) {
    return false;
  } else if constexpr (CustomHeap<T>) {
    return true;
  } else if constexpr ((std::same_as<T, Outer> || ...)) {
    return true;
  } else {
    return Heap<T>::template ok<Outer...>();
  }
}

template <class T>
consteval bool flat() {
  using Plain = std::remove_const_t<T>;
  if constexpr (CustomHeap<Plain>) {
    return false;
  } else {
    return Heap<Plain>::flat();
  }
}

struct FlatHeap {
  static constexpr bool kKnown = true;
  static consteval bool flat() { return true; }
  template <class...>
  static consteval bool ok() {
    return true;
  }
  template <class T>
  static std::size_t of(HeapVisitor&, const T&) {
    return 0;
  }
};

// Holds its parts in itself.
template <class... Parts>
struct InPlace {
  static constexpr bool kKnown = true;
  static consteval bool flat() { return (detail::flat<Parts>() && ...); }
  template <class... Outer>
  static consteval bool ok() {
    return (measurable<Parts, Outer...>() && ...);
  }
};

// Holds its parts on the heap.
template <class... Parts>
struct OnHeap {
  static constexpr bool kKnown = true;
  static consteval bool flat() { return false; }
  template <class... Outer>
  static consteval bool ok() {
    return (measurable<Parts, Outer...>() && ...);
  }
};

template <class Range>
std::size_t measure_items(HeapVisitor& visitor, const Range& range) {
  using Element = std::remove_cvref_t<decltype(*std::begin(range))>;
  std::size_t bytes = 0;
  if constexpr (!flat<Element>()) {
    for (const auto& item : range) bytes += measure(visitor, item);
  }
  return bytes;
}

// Standard classes that hold neither heap nor pointers, told by name as their headers are heavy.
template <class T>
concept FlatStandard = std::is_class_v<T> &&
    (std::is_empty_v<T> || named<T>("std::chrono::") || named<T>("std::complex<") ||
     named<T>("std::bitset<") || named<T>("std::mutex") || named<T>("std::shared_mutex") ||
     named<T>("std::recursive_mutex") || named<T>("std::once_flag") ||
     named<T>("std::atomic_flag") || (named<T>("std::atomic<") && requires {
       requires std::is_arithmetic_v<typename T::value_type>;
     }));

template <class T>
requires(std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_null_pointer_v<T> ||
         FlatStandard<T>) struct Heap<T> : FlatHeap {
};

template <class Char, class Traits, class Allocator>
struct Heap<std::basic_string<Char, Traits, Allocator>> : OnHeap<> {
  static std::size_t of(HeapVisitor&, const std::basic_string<Char, Traits, Allocator>& value) {
    const auto inside = reinterpret_cast<std::uintptr_t>(&value);
    const auto text = reinterpret_cast<std::uintptr_t>(value.data());
    if (text >= inside && text < inside + sizeof value) return 0;  // the small buffer
    return allocated((value.capacity() + 1) * sizeof(Char));
  }
};

template <class T, class Allocator>
struct Heap<std::vector<T, Allocator>> : OnHeap<T> {
  static std::size_t of(HeapVisitor& visitor, const std::vector<T, Allocator>& value) {
    return allocated(value.capacity() * sizeof(T)) + measure_items(visitor, value);
  }
};
template <class Allocator>
struct Heap<std::vector<bool, Allocator>> : OnHeap<> {
  static std::size_t of(HeapVisitor&, const std::vector<bool, Allocator>& value) {
    return allocated(value.capacity() / 8);
  }
};

template <class T, std::size_t N>
struct Heap<T[N]> : InPlace<T> {
  static std::size_t of(HeapVisitor& visitor, const T (&value)[N]) {
    return measure_items(visitor, value);
  }
};
template <class T, std::size_t N>
struct Heap<std::array<T, N>> : InPlace<T> {
  static std::size_t of(HeapVisitor& visitor, const std::array<T, N>& value) {
    return measure_items(visitor, value);
  }
};
template <class T>
struct Heap<std::optional<T>> : InPlace<T> {
  static std::size_t of(HeapVisitor& visitor, const std::optional<T>& value) {
    return value ? measure(visitor, *value) : 0;
  }
};
template <class... Ts>
struct Heap<std::variant<Ts...>> : InPlace<Ts...> {
  static std::size_t of(HeapVisitor& visitor, const std::variant<Ts...>& value) {
    if (value.valueless_by_exception()) return 0;
    return std::visit([&](const auto& held) { return measure(visitor, held); }, value);
  }
};
template <class A, class B>
struct Heap<std::pair<A, B>> : InPlace<A, B> {
  static std::size_t of(HeapVisitor& visitor, const std::pair<A, B>& value) {
    return measure(visitor, value.first) + measure(visitor, value.second);
  }
};
template <class... Ts>
struct Heap<std::tuple<Ts...>> : InPlace<Ts...> {
  static std::size_t of(HeapVisitor& visitor, const std::tuple<Ts...>& value) {
    return std::apply([&](const auto&... part) { return visitor.bytes(part...); }, value);
  }
};

template <class T>
struct Heap<Secret<T>> : InPlace<T> {
  static std::size_t of(HeapVisitor& visitor, const Secret<T>& value) {
    return measure(visitor, value.value);
  }
};

// The pointee may be of a derived, larger class.
template <class T>
inline constexpr bool kHidesDerived = std::is_polymorphic_v<T> && !std::is_final_v<T>;

template <class T>
concept Pointee = !std::is_array_v<T> && !std::is_void_v<T> && !kHidesDerived<T>;

template <class T>
requires(Pointee<T>) struct Heap<std::unique_ptr<T>> : OnHeap<T> {
  static std::size_t of(HeapVisitor& visitor, const std::unique_ptr<T>& value) {
    return value == nullptr ? 0 : allocated(sizeof(T)) + measure(visitor, *value);
  }
};

// As made by make_shared: two words of control block before the object.
template <class T>
struct SharedBlock {
  void* control[2];
  alignas(T) unsigned char object[sizeof(T)];
};
template <class T>
requires(Pointee<T>) struct Heap<std::shared_ptr<T>> : OnHeap<T> {
  static std::size_t of(HeapVisitor& visitor, const std::shared_ptr<T>& value) {
    if (value == nullptr || !visitor.first_visit(value.get())) return 0;
    return allocated(sizeof(SharedBlock<T>)) + measure(visitor, *value);
  }
};

template <class T>
concept StdContainer = std::is_class_v<T> && kFromStd<T> && requires(const T& container) {
  typename T::value_type;
  typename T::allocator_type;
  container.begin() != container.end();
};
template <class T>
concept HashContainer = StdContainer<T> && requires {
  typename T::hasher;
};
template <class T>
concept TreeContainer = StdContainer<T> && !HashContainer<T> && requires {
  typename T::key_compare;
};
template <class T>
concept ForwardList = StdContainer<T> && requires(const T& container) {
  container.before_begin();
};
template <class T>
concept Deque = StdContainer<T> && requires(const T& container, T& target) {
  container[0];
  target.pop_front();
};
template <class T>
concept LinkedList = StdContainer<T> && !Deque<T> && requires(const T& container, T& target) {
  container.size();
  target.pop_front();
};

template <std::size_t Words, class T, bool WordAfter = false>
struct NodeOf {
  void* before[Words];
  alignas(T) unsigned char value[sizeof(T)];
};
template <std::size_t Words, class T>
struct NodeOf<Words, T, true> {
  void* before[Words];
  alignas(T) unsigned char value[sizeof(T)];
  std::size_t hash;
};

// libstdc++ keeps the hash in the node unless it is cheap to compute again.
template <class T>
constexpr bool keeps_hash() {
#if defined(__GLIBC__)
  using Hash = typename T::hasher;
  return !std::__is_fast_hash<Hash>::value ||
         !std::is_nothrow_invocable_v<const Hash&, const typename T::key_type&>;
#else
  return true;
#endif
}

template <HashContainer T>
struct Heap<T> : OnHeap<typename T::value_type> {
  static std::size_t of(HeapVisitor& visitor, const T& value) {
    constexpr std::size_t kNode = sizeof(NodeOf<1, typename T::value_type, keeps_hash<T>()>);
    const std::size_t buckets = value.bucket_count() > 1 ? value.bucket_count() : 0;
    return allocated(buckets * sizeof(void*)) + value.size() * allocated(kNode) +
           measure_items(visitor, value);
  }
};
template <TreeContainer T>
struct Heap<T> : OnHeap<typename T::value_type> {
  static std::size_t of(HeapVisitor& visitor, const T& value) {
    return value.size() * allocated(sizeof(NodeOf<4, typename T::value_type>)) +
           measure_items(visitor, value);
  }
};
template <LinkedList T>
struct Heap<T> : OnHeap<typename T::value_type> {
  static std::size_t of(HeapVisitor& visitor, const T& value) {
    return value.size() * allocated(sizeof(NodeOf<2, typename T::value_type>)) +
           measure_items(visitor, value);
  }
};
template <ForwardList T>
struct Heap<T> : OnHeap<typename T::value_type> {
  static std::size_t of(HeapVisitor& visitor, const T& value) {
    std::size_t count = 0;
    for (auto item = value.begin(); item != value.end(); ++item) ++count;
    return count * allocated(sizeof(NodeOf<1, typename T::value_type>)) +
           measure_items(visitor, value);
  }
};
template <Deque T>
struct Heap<T> : OnHeap<typename T::value_type> {
  static std::size_t of(HeapVisitor& visitor, const T& value) {
#if defined(_LIBCPP_VERSION)
    constexpr std::size_t kBlock = 4096;
#else
    constexpr std::size_t kBlock = 512;
#endif
    constexpr std::size_t kItem = sizeof(typename T::value_type);
    constexpr std::size_t kPerBlock = kItem < kBlock ? kBlock / kItem : 1;
    const std::size_t blocks = value.size() / kPerBlock + 1;
    const std::size_t map = blocks + 2 < 8 ? 8 : blocks + 2;
    return allocated(map * sizeof(void*)) + blocks * allocated(kPerBlock * kItem) +
           measure_items(visitor, value);
  }
};

// The text, and for several components a list of them, each a path with its place in the text.
template <PathLike T>
struct Heap<T> : OnHeap<> {
  static std::size_t of(HeapVisitor& visitor, const T& value) {
    std::size_t bytes = measure(visitor, value.native());
    std::size_t components = 0;
    for (const T& component : value) {
      bytes += measure(visitor, component.native());
      ++components;
    }
    if (components < 2) return measure(visitor, value.native());
    return bytes + allocated(sizeof(void*) + components * (sizeof(T) + sizeof(void*)));
  }
};

template <class List>
struct HeapOfFields;
template <class... Ts>
struct HeapOfFields<Types<Ts...>> : InPlace<std::remove_const_t<Ts>...> {};

template <class T>
concept AggregateOnHeap = std::is_class_v<T> && !FlatStandard<T> && kReflectable<T>;

template <AggregateOnHeap T>
struct Heap<T> {
  static constexpr bool kKnown = true;
  static consteval bool flat() { return HeapOfFields<FieldTypes<T>>::flat(); }
  template <class... Outer>
  static consteval bool ok() {
    return HeapOfFields<FieldTypes<T>>::template ok<T, Outer...>();
  }
  static std::size_t of(HeapVisitor& visitor, const T& value) {
    return with_fields(value, [&](auto, const auto&... field) { return visitor.bytes(field...); });
  }
};

template <class T>
inline constexpr bool kOwnsPolymorphic = false;
template <class T>
inline constexpr bool kOwnsPolymorphic<std::unique_ptr<T>> = kHidesDerived<T>;
template <class T>
inline constexpr bool kOwnsPolymorphic<std::shared_ptr<T>> = kHidesDerived<T>;

// Its name in the compiler's output tells the type.
template <class T>
struct NoHeapBytesFor {
  static_assert(!kOwnsPolymorphic<T>,
                "memoscape: a smart pointer to a polymorphic base (see NoHeapBytesFor<T>) hides "
                "the size of what it owns. Cures: (1) make the pointee's class final, with a "
                "member `std::size_t heap_bytes() const`; (2) declare the cost of the value: "
                "return memoscape::with_cost(value, bytes), or such a member in the class that "
                "holds the pointer; (3) specialize memoscape::HeapBytes<T>; (4) allocate it from "
                "run.arena() and return memoscape::in_arena(value).");
  static_assert(kOwnsPolymorphic<T>,
                "memoscape: the heap bytes of this type (see NoHeapBytesFor<T>) cannot be seen "
                "from outside. Cures: (1) declare the cost of the value: return "
                "memoscape::with_cost(value, bytes), or a member `std::size_t heap_bytes() const` "
                "in exactly that class; "
                "(2) write `std::size_t heap_bytes(memoscape::HeapVisitor&, const T&)` beside T; "
                "(3) specialize memoscape::HeapBytes<T>; (4) hold an owning container instead of a "
                "pointer or a view; (5) allocate it from run.arena() and return "
                "memoscape::in_arena(value).");
};

template <class T>
std::size_t measure(HeapVisitor& visitor, const T& value) {
  if constexpr (HasVisitorMember<T>) {
    return value.heap_bytes(visitor);
  } else if constexpr (HasPlainMember<T>) {
    return value.heap_bytes();
  } else if constexpr (exact_heap_adl::Found<T>) {
    return exact_heap_adl::call(visitor, value);
  } else if constexpr (HasHeapSpecialization<T>) {
    return HeapBytes<T>::of(visitor, value);
  } else if constexpr (Heap<T>::kKnown) {
    return Heap<T>::of(visitor, value);
  } else {
    return sizeof(NoHeapBytesFor<T>);
  }
}

}  // namespace memoscape::inline v0::detail

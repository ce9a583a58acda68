// How encode.hpp finds the encoder of a type, and the built-in encoders.
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
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "memoscape/detail/from_std.hpp"
#include "memoscape/detail/reflect.hpp"
#include "memoscape/encode.hpp"

namespace memoscape::inline v0 {
namespace detail {

// An encoder counts only if it is for exactly T. The fallback matches T exactly, so it wins over
// one that needs a conversion (to a base, to another type) and loses to one that does not: a
// function is preferred to a template, and a more specialized template to a less specialized one.
namespace exact_adl {

struct NoEncoder {};
template <class T>
NoEncoder encode(Encoder&, const T&);

template <class T>
concept Found = requires(Encoder& encoder, const T& value) {
  encode(encoder, value);
  requires !std::same_as<decltype(encode(encoder, value)), NoEncoder>;
};

}  // namespace exact_adl

// With ordinary overload resolution: only for the choice of an error message.
namespace any_adl {

void encode() = delete;

template <class T>
concept Found = requires(Encoder& encoder, const T& value) {
  encode(encoder, value);
};

}  // namespace any_adl

template <class T>
concept HasEncodeSpecialization = requires(Encoder& encoder, const T& value) {
  Encode<T>::to(encoder, value);
};

template <class T>
concept StdRange = std::is_class_v<T> && !PathLike<T> && requires(const T& range) {
  typename T::value_type;
  ++range.begin() != range.end();
  requires kFromStd<T>;
};

template <class T>
concept KnownAggregate = std::is_class_v<T> && !PathLike<T> && !StdRange<T> && kReflectable<T>;

// kKnown: the shape is known; a part may still be unknown. ok<Outer...>(): all parts are known
// too, where the aggregates Outer are being looked at already (types may be recursive).
template <class T>
struct BuiltIn {
  static constexpr bool kKnown = false;
  template <class...>
  static consteval bool ok() {
    return false;
  }
};

template <class T, class... Outer>
consteval bool encodable() {
  if constexpr (std::is_void_v<T>) {
    return false;
  } else if constexpr (exact_adl::Found<T> || HasEncodeSpecialization<T>) {
    return true;
  } else if constexpr ((std::same_as<T, Outer> || ...)) {
    return true;
  } else {
    return BuiltIn<T>::template ok<Outer...>();
  }
}

// A part that must leave bytes, so that it can be counted.
template <class T, class... Outer>
consteval bool encodable_element() {
  return !is_ignored_v<T> && encodable<std::remove_cv_t<T>, Outer...>();
}

template <class T>
void encode_value(Encoder& encoder, const T& value);

template <class T>
void encode_custom(Encoder& encoder, const T& value) {
  if constexpr (exact_adl::Found<T>) {
    encode(encoder, value);
  } else {
    Encode<T>::to(encoder, value);
  }
}

struct Leaf {
  static constexpr bool kKnown = true;
  template <class...>
  static consteval bool ok() {
    return true;
  }
};

template <class... Parts>
struct Whole {
  static constexpr bool kKnown = true;
  template <class... Outer>
  static consteval bool ok() {
    return (encodable_element<Parts, Outer...>() && ...);
  }
};

template <>
struct BuiltIn<bool> : Leaf {
  static void to(Encoder& encoder, bool value) { encoder.boolean(value); }
};
template <std::integral T>
requires(sizeof(T) <= 8) struct BuiltIn<T> : Leaf {
  static void to(Encoder& encoder, T value) {
    if constexpr (std::is_signed_v<T>) {
      encoder.integer(value);
    } else {
      encoder.unsigned_integer(value);
    }
  }
};
template <std::floating_point T>
struct BuiltIn<T> : Leaf {
  static void to(Encoder& encoder, T value) { encoder.number(value); }
};
template <class T>
requires std::is_enum_v<T>
struct BuiltIn<T> : Leaf {
  static void to(Encoder& encoder, T value) {
    BuiltIn<std::underlying_type_t<T>>::to(encoder, static_cast<std::underlying_type_t<T>>(value));
  }
};
template <>
struct BuiltIn<std::nullptr_t> : Leaf {
  static void to(Encoder& encoder, std::nullptr_t) { encoder.none(); }
};
template <>
struct BuiltIn<std::monostate> : Leaf {
  static void to(Encoder& encoder, std::monostate) { encoder.none(); }
};
template <>
struct BuiltIn<std::nullopt_t> : Leaf {
  static void to(Encoder& encoder, std::nullopt_t) { encoder.none(); }
};

template <class Traits, class Allocator>
struct BuiltIn<std::basic_string<char, Traits, Allocator>> : Leaf {
  static void to(Encoder& encoder, std::string_view value) { encoder.text(value); }
};
template <class Traits>
struct BuiltIn<std::basic_string_view<char, Traits>> : Leaf {
  static void to(Encoder& encoder, const std::basic_string_view<char, Traits>& value) {
    encoder.text({value.data(), value.size()});
  }
};
template <class T>
requires std::same_as<T, const char*> || std::same_as<T, char*>
struct BuiltIn<T> : Leaf {
  static void to(Encoder& encoder, const char* value) {
    value == nullptr ? encoder.none() : encoder.text(value);
  }
};
// All of the array, but for one terminator at its end: a literal encodes like its text.
template <std::size_t N>
struct BuiltIn<char[N]> : Leaf {
  static void to(Encoder& encoder, const char (&value)[N]) {
    encoder.text({value, value[N - 1] == '\0' ? N - 1 : N});
  }
};
template <class T>
void encode_items(Encoder& encoder, const T* first, std::size_t count) {
  if constexpr (Number<T> && !HasEncodeSpecialization<T>) {
    encoder.numbers(first, count);
  } else {
    for (std::size_t i = 0; i < count; ++i) encode_value(encoder, first[i]);
  }
}
template <class T, std::size_t N>
struct BuiltIn<T[N]> : Whole<T> {
  static void to(Encoder& encoder, const T (&value)[N]) {
    encoder.begin_sequence(N);
    encode_items(encoder, value, N);
  }
};
template <class T, std::size_t N>
struct BuiltIn<std::array<T, N>> : Whole<T> {
  static void to(Encoder& encoder, const std::array<T, N>& value) {
    encoder.begin_sequence(N);
    encode_items(encoder, value.data(), N);
  }
};

template <class T>
struct BuiltIn<std::optional<T>> : Whole<T> {
  static void to(Encoder& encoder, const std::optional<T>& value) {
    if (!value) return encoder.none();
    encoder.tag(Tag::kSome);
    encode_value(encoder, *value);
  }
};
template <class... Ts>
struct BuiltIn<std::variant<Ts...>> : Whole<Ts...> {
  static void to(Encoder& encoder, const std::variant<Ts...>& value) {
    if (value.valueless_by_exception()) return encoder.none();
    encoder.begin_alternative(value.index());
    std::visit([&](const auto& held) { encode_value(encoder, held); }, value);
  }
};

// What is pointed to counts, not where: the pointer's address differs from run to run.
template <class Pointer, class T>
struct SmartPointer : Whole<T> {
  static void to(Encoder& encoder, const Pointer& value) {
    if (value == nullptr) return encoder.none();
    encoder.tag(Tag::kSome);
    encode_value(encoder, *value);
  }
};
template <class T, class Deleter>
requires(!std::is_array_v<T>) struct BuiltIn<std::unique_ptr<T, Deleter>>
    : SmartPointer<std::unique_ptr<T, Deleter>, T> {
};
template <class T>
requires(!std::is_array_v<T>) struct BuiltIn<std::shared_ptr<T>>
    : SmartPointer<std::shared_ptr<T>, T> {
};

template <class... Ts>
struct Fields {
  static constexpr bool kKnown = true;
  static constexpr std::size_t kWritten = (std::size_t{!is_ignored_v<Ts>} + ... + 0);

  template <class... Outer>
  static consteval bool ok() {
    return (encodable<std::remove_cv_t<Ts>, Outer...>() && ...);
  }
  template <class... Us>
  static void write(Encoder& encoder, const Us&... fields) {
    encoder.begin_tuple(kWritten);
    (encode_value(encoder, fields), ...);
  }
};

template <class A, class B>
struct BuiltIn<std::pair<A, B>> : Fields<std::remove_reference_t<A>, std::remove_reference_t<B>> {
  static void to(Encoder& encoder, const std::pair<A, B>& value) {
    BuiltIn::write(encoder, value.first, value.second);
  }
};
template <class... Ts>
struct BuiltIn<std::tuple<Ts...>> : Fields<std::remove_reference_t<Ts>...> {
  static void to(Encoder& encoder, const std::tuple<Ts...>& value) {
    std::apply([&](const auto&... part) { BuiltIn::write(encoder, part...); }, value);
  }
};

template <class List>
struct FieldsOf;
template <class... Ts>
struct FieldsOf<Types<Ts...>> : Fields<Ts...> {};

template <KnownAggregate T>
struct BuiltIn<T> {
  static constexpr bool kKnown = true;

  template <class... Outer>
  static consteval bool ok() {
    return FieldsOf<FieldTypes<T>>::template ok<T, Outer...>();
  }
  static void to(Encoder& encoder, const T& value) {
    with_fields(value, [&](auto types, const auto&... field) {
      FieldsOf<decltype(types)>::write(encoder, field...);
    });
  }
};

template <class T>
concept MapLike = requires {
  typename T::mapped_type;
};
template <class T>
concept Unordered = requires {
  typename T::hasher;
};

template <StdRange T>
struct BuiltIn<T> {
  static constexpr bool kKnown = true;
  using Item = std::remove_cv_t<typename T::value_type>;

  template <class... Outer>
  static consteval bool ok() {
    if constexpr (MapLike<T>) {
      return encodable_element<typename T::key_type, Outer...>() &&
             encodable_element<typename T::mapped_type, Outer...>();
    } else {
      return encodable_element<Item, Outer...>();
    }
  }

  static void to(Encoder& encoder, const T& value) {
    const std::size_t count = size_of(value);
    if constexpr (MapLike<T>) {
      encoder.begin_map(count);
    } else {
      encoder.begin_sequence(count);
    }
    if constexpr (Unordered<T>) {
      const std::size_t start = encoder.size();
      std::vector<std::size_t> ends;
      ends.reserve(count);
      for (const auto& item : value) {
        item_to(encoder, item);
        ends.push_back(encoder.size());
      }
      encoder.sort_parts(start, ends);
    } else if constexpr (requires {
                           { value.data() } -> std::convertible_to<const Item*>;
                         }) {
      encode_items(encoder, value.data(), count);
    } else {
      for (const auto& item : value) item_to(encoder, item);
    }
  }

 private:
  static void item_to(Encoder& encoder, const Item& item) {
    if constexpr (MapLike<T>) {
      encode_value(encoder, item.first);
      encode_value(encoder, item.second);
    } else {
      encode_value(encoder, item);
    }
  }
  static std::size_t size_of(const T& value) {
    if constexpr (requires { value.size(); }) {
      return value.size();
    } else {
      std::size_t count = 0;
      for (auto item = value.begin(); item != value.end(); ++item) ++count;
      return count;
    }
  }
};

template <PathLike T>
struct BuiltIn<T> : Leaf {
  static void to(Encoder& encoder, const T& value) { encode_value(encoder, value.native()); }
};

template <class Rep, class Period>
struct BuiltIn<std::chrono::duration<Rep, Period>> : Whole<Rep> {
  static void to(Encoder& encoder, const std::chrono::duration<Rep, Period>& value) {
    encoder.tag(Tag::kDuration);
    encoder.varint(static_cast<std::uint64_t>(Period::num));
    encoder.varint(static_cast<std::uint64_t>(Period::den));
    encode_value(encoder, value.count());
  }
};
template <class Clock, class Duration>
struct BuiltIn<std::chrono::time_point<Clock, Duration>> : Whole<Duration> {
  static void to(Encoder& encoder, const std::chrono::time_point<Clock, Duration>& value) {
    const bool wall = std::is_same_v<Clock, std::chrono::system_clock>;
    encoder.tag(wall ? Tag::kTime : Tag::kTimePoint);
    encode_value(encoder, value.time_since_epoch());
  }
};
template <>
struct BuiltIn<std::chrono::year> : Leaf {
  static void to(Encoder& encoder, std::chrono::year value) {
    encoder.integer(static_cast<int>(value));
  }
};
template <class T>
requires std::same_as<T, std::chrono::month> || std::same_as<T, std::chrono::day>
struct BuiltIn<T> : Leaf {
  static void to(Encoder& encoder, T value) {
    encoder.unsigned_integer(static_cast<unsigned>(value));
  }
};
template <>
struct BuiltIn<std::chrono::weekday> : Leaf {
  static void to(Encoder& encoder, std::chrono::weekday value) {
    encoder.unsigned_integer(value.c_encoding());
  }
};
template <>
struct BuiltIn<std::chrono::year_month_day> : Leaf {
  static void to(Encoder& encoder, std::chrono::year_month_day value) {
    encoder.tag(Tag::kDate);
    encoder.integer(static_cast<int>(value.year()));
    encoder.unsigned_integer(static_cast<unsigned>(value.month()));
    encoder.unsigned_integer(static_cast<unsigned>(value.day()));
  }
};
template <>
struct BuiltIn<std::chrono::year_month> : Leaf {
  static void to(Encoder& encoder, std::chrono::year_month value) {
    encoder.begin_tuple(2);
    BuiltIn<std::chrono::year>::to(encoder, value.year());
    BuiltIn<std::chrono::month>::to(encoder, value.month());
  }
};
template <>
struct BuiltIn<std::chrono::month_day> : Leaf {
  static void to(Encoder& encoder, std::chrono::month_day value) {
    encoder.begin_tuple(2);
    BuiltIn<std::chrono::month>::to(encoder, value.month());
    BuiltIn<std::chrono::day>::to(encoder, value.day());
  }
};

template <class T>
struct BuiltIn<Ignored<T>> : Leaf {
  static void to(Encoder&, const Ignored<T>&) {}
};
template <class T>
struct BuiltIn<Secret<T>> : Whole<std::remove_reference_t<T>> {
  static void to(Encoder& encoder, const Secret<T>& value) {
    const std::size_t frame = encoder.begin_frame(Tag::kSecret);
    encode_value(encoder, value.value);
    encoder.end_frame(frame);
  }
};
template <class T>
struct BuiltIn<Fingerprint<T>> : Whole<std::remove_reference_t<T>> {
  static void to(Encoder& encoder, const Fingerprint<T>& value) {
    Encoder whole;
    encode_value(whole, value.value);
    const std::array<unsigned char, 16> digest = digest128(whole.view());
    encoder.tag(Tag::kDigest);
    encoder.varint(whole.size());
    encoder.raw(digest.data(), digest.size());
  }
};

// Its name in the compiler's output tells the type.
template <class T>
struct NoEncodingFor {
  static constexpr bool kOnlyByConversion = any_adl::Found<T>;
  static_assert(!kOnlyByConversion,
                "memoscape: the only encode() for this type (see NoEncodingFor<T>) is one for a "
                "base class or for a type it converts to; that would drop fields from the key. "
                "Cure: write `void encode(memoscape::Encoder&, const T&)` for exactly T beside T.");
  static_assert(kOnlyByConversion,
                "memoscape: this type (see NoEncodingFor<T>) has no encoding for a cache key. "
                "Cures: (1) make it an aggregate of encodable members, at most 32, without base "
                "classes and references; (2) write `void encode(memoscape::Encoder&, const T&)` "
                "beside T; (3) specialize memoscape::Encode<T>; (4) wrap the parameter in "
                "memoscape::Ignored<T> to leave it out of the key.");
};

template <class T>
void encode_value(Encoder& encoder, const T& value) {
  if constexpr (exact_adl::Found<T> || HasEncodeSpecialization<T>) {
    if constexpr (kEncodesOneFrame<T>) {
      encode_custom(encoder, value);
    } else {
      const std::size_t frame = encoder.begin_frame(Tag::kObject);
      encode_custom(encoder, value);
      encoder.end_frame(frame);
    }
  } else if constexpr (BuiltIn<T>::kKnown) {
    BuiltIn<T>::to(encoder, value);
  } else {
    static_cast<void>(sizeof(NoEncodingFor<T>));
  }
}

}  // namespace detail

}  // namespace memoscape::inline v0

// The fields of an aggregate, without macros: counted by aggregate initialization, reached by
// structured bindings. Up to 32 fields; no base classes, no reference members, no unions.
//
// Thread-safety: pure functions.
//
//   struct Point { int x, y; };
//   static_assert(detail::kReflectable<Point>);
//   detail::with_fields(point, [](auto, const auto&... field) { (print(field), ...); });
#pragma once

#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

namespace memoscape::inline v0::detail {

template <class... Ts>
struct Types {};

inline constexpr std::size_t kMaxFields = 32;
inline constexpr std::size_t kMaxInitializers = 48;  // nested C arrays count by their elements
inline constexpr std::size_t kNotReflectable = ~std::size_t{0};

// Converts to every type but T itself. Never called, but clang wants what it mentions defined.
template <class T>
struct AnythingBut {
  template <class U>
  requires(!std::is_same_v<U, T>) operator U() const { std::terminate(); }
};

// Converts only to proper bases of T: it initializes the first element only if that is a base.
template <class T>
struct OnlyBaseOf {
  template <class U>
  requires(std::is_base_of_v<U, T> && !std::is_same_v<U, T>) operator U() const {
    std::terminate();
  }
};

struct Unrelated {};

template <class T, std::size_t>
using Repeat = T;

// A first field that takes anything (like std::any) is not mistaken for a base.
template <class T>
inline constexpr bool kHasBase = requires {
  T{OnlyBaseOf<T>{}};
}
&&!requires { T{Unrelated{}}; };

// N times `{}`, then the Tail. Each `{}` initializes exactly one field, whatever its type: no
// elision into nested arrays.
template <class T, std::size_t N, class... Tail>
constexpr bool takes_empties() {
  if constexpr (N == 0) {
    return requires { T{Tail{}...}; };
  } else if constexpr (N == 1) {
    return requires { T{{}, Tail{}...}; };
  } else if constexpr (N == 2) {
    return requires { T{{}, {}, Tail{}...}; };
  } else if constexpr (N == 3) {
    return requires { T{{}, {}, {}, Tail{}...}; };
  } else if constexpr (N == 4) {
    return requires { T{{}, {}, {}, {}, Tail{}...}; };
  } else if constexpr (N == 5) {
    return requires { T{{}, {}, {}, {}, {}, Tail{}...}; };
  } else if constexpr (N == 6) {
    return requires { T{{}, {}, {}, {}, {}, {}, Tail{}...}; };
  } else if constexpr (N == 7) {
    return requires { T{{}, {}, {}, {}, {}, {}, {}, Tail{}...}; };
  } else if constexpr (N == 8) {
    return requires { T{{}, {}, {}, {}, {}, {}, {}, {}, Tail{}...}; };
  } else if constexpr (N == 9) {
    return requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...}; };
  } else if constexpr (N == 10) {
    return requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...}; };
  } else if constexpr (N == 11) {
    return requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...}; };
  } else if constexpr (N == 12) {
    return requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...}; };
  } else if constexpr (N == 13) {
    return requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...}; };
  } else if constexpr (N == 14) {
    return requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...}; };
  } else if constexpr (N == 15) {
    return requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...}; };
  } else if constexpr (N == 16) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 17) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 18) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 19) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 20) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 21) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 22) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},       {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 23) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 24) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},       {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 25) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 26) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},       {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 27) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 28) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},       {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 29) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 30) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},       {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 31) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 32) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},       {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else if constexpr (N == 33) {
    return requires {
      T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, Tail{}...};
    };
  } else {
    return false;
  }
}

// The largest N in [low, high) that the fields accept; takes_empties is monotonic.
template <class T, std::size_t Low, std::size_t High>
constexpr std::size_t count_by_empties() {
  if constexpr (High - Low == 1) {
    return Low;
  } else if constexpr (constexpr std::size_t kMiddle = (Low + High) / 2;
                       takes_empties<T, kMiddle>()) {
    return count_by_empties<T, kMiddle, High>();
  } else {
    return count_by_empties<T, Low, kMiddle>();
  }
}

// Unless some field has no default constructor.
template <class T>
constexpr std::size_t count_if_all_empty() {
  if constexpr (takes_empties<T, 0>()) {
    constexpr std::size_t kCount = count_by_empties<T, 0, kMaxFields + 2>();
    return takes_empties<T, kCount, AnythingBut<T>>() ? kNotReflectable : kCount;
  } else {
    return kNotReflectable;
  }
}

template <class T, std::size_t... Before, std::size_t... After>
constexpr bool takes_empty_between(std::index_sequence<Before...>, std::index_sequence<After...>) {
  return requires {
    T{Repeat<AnythingBut<T>, Before>{}..., {}, Repeat<AnythingBut<T>, After>{}...};
  };
}

template <class T, std::size_t... I>
constexpr bool takes_anythings(std::index_sequence<I...>) {
  return requires { T{Repeat<AnythingBut<T>, I>{}...}; };
}

// The slow way, for aggregates with a member that has no default constructor.
template <class T, std::size_t N = 1, bool Found = false>
constexpr std::size_t count_initializers() {
  if constexpr (N > kMaxInitializers) {
    return kNotReflectable;
  } else if constexpr (takes_anythings<T>(std::make_index_sequence<N>{})) {
    return count_initializers<T, N + 1, true>();
  } else if constexpr (Found) {
    return N - 1;
  } else {
    return count_initializers<T, N + 1, false>();
  }
}

// How many of the Total initializers the field that starts at Position takes: over 1 for C arrays.
template <class T, std::size_t Total, std::size_t Position, std::size_t Width = 1>
constexpr std::size_t width_at() {
  if constexpr (Position + Width > Total) {
    return 1;  // not `{}`-initializable at all, so not an array of what is
  } else if constexpr (takes_empty_between<T>(
                           std::make_index_sequence<Position>{},
                           std::make_index_sequence<Total - Position - Width>{})) {
    return Width;
  } else {
    return width_at<T, Total, Position, Width + 1>();
  }
}

template <class T, std::size_t Total, std::size_t Position = 0>
constexpr std::size_t count_by_widths() {
  if constexpr (Position >= Total) {
    return 0;
  } else {
    return 1 + count_by_widths<T, Total, Position + width_at<T, Total, Position>()>();
  }
}

template <class T>
constexpr std::size_t count_fields() {
  if constexpr (!std::is_class_v<T> || !std::is_aggregate_v<T>) {
    return kNotReflectable;
  } else if constexpr (requires { sizeof(std::tuple_size<T>); }) {
    return kNotReflectable;  // structured bindings would not see the fields
  } else if constexpr (std::is_empty_v<T>) {
    return 0;
  } else if constexpr (kHasBase<T>) {
    return kNotReflectable;
  } else if constexpr (constexpr std::size_t kCount = count_if_all_empty<T>();
                       kCount != kNotReflectable) {
    return kCount > kMaxFields ? kNotReflectable : kCount;
  } else {
    constexpr std::size_t kTotal = count_initializers<T>();
    if constexpr (kTotal == kNotReflectable) {
      return kNotReflectable;
    } else {
      constexpr std::size_t kFields = count_by_widths<T, kTotal>();
      return kFields > kMaxFields ? kNotReflectable : kFields;
    }
  }
}

template <class T>
inline constexpr std::size_t kFieldCount = count_fields<T>();

// Returns f(Types<declared types, const>{}, fields...).
template <class T, class F>
constexpr decltype(auto) bind_fields(const T& value, F&& f) {
  constexpr std::size_t kCount = kFieldCount<T>;
  if constexpr (kCount == 1) {
    const auto& [v0] = value;
    return f(Types<decltype(v0)>{}, v0);
  } else if constexpr (kCount == 2) {
    const auto& [v0, v1] = value;
    return f(Types<decltype(v0), decltype(v1)>{}, v0, v1);
  } else if constexpr (kCount == 3) {
    const auto& [v0, v1, v2] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2)>{}, v0, v1, v2);
  } else if constexpr (kCount == 4) {
    const auto& [v0, v1, v2, v3] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3)>{}, v0, v1, v2, v3);
  } else if constexpr (kCount == 5) {
    const auto& [v0, v1, v2, v3, v4] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4)>{}, v0, v1,
             v2, v3, v4);
  } else if constexpr (kCount == 6) {
    const auto& [v0, v1, v2, v3, v4, v5] = value;
    return f(
        Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4), decltype(v5)>{},
        v0, v1, v2, v3, v4, v5);
  } else if constexpr (kCount == 7) {
    const auto& [v0, v1, v2, v3, v4, v5, v6] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6)>{},
             v0, v1, v2, v3, v4, v5, v6);
  } else if constexpr (kCount == 8) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7)>{},
             v0, v1, v2, v3, v4, v5, v6, v7);
  } else if constexpr (kCount == 9) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8);
  } else if constexpr (kCount == 10) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9);
  } else if constexpr (kCount == 11) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10] = value;
    return f(
        Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4), decltype(v5),
              decltype(v6), decltype(v7), decltype(v8), decltype(v9), decltype(v10)>{},
        v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10);
  } else if constexpr (kCount == 12) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9),
                   decltype(v10), decltype(v11)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11);
  } else if constexpr (kCount == 13) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9),
                   decltype(v10), decltype(v11), decltype(v12)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12);
  } else if constexpr (kCount == 14) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9),
                   decltype(v10), decltype(v11), decltype(v12), decltype(v13)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13);
  } else if constexpr (kCount == 15) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9),
                   decltype(v10), decltype(v11), decltype(v12), decltype(v13), decltype(v14)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14);
  } else if constexpr (kCount == 16) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15] = value;
    return f(
        Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4), decltype(v5),
              decltype(v6), decltype(v7), decltype(v8), decltype(v9), decltype(v10), decltype(v11),
              decltype(v12), decltype(v13), decltype(v14), decltype(v15)>{},
        v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15);
  } else if constexpr (kCount == 17) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16] = value;
    return f(
        Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4), decltype(v5),
              decltype(v6), decltype(v7), decltype(v8), decltype(v9), decltype(v10), decltype(v11),
              decltype(v12), decltype(v13), decltype(v14), decltype(v15), decltype(v16)>{},
        v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16);
  } else if constexpr (kCount == 18) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17] =
        value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9),
                   decltype(v10), decltype(v11), decltype(v12), decltype(v13), decltype(v14),
                   decltype(v15), decltype(v16), decltype(v17)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17);
  } else if constexpr (kCount == 19) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9),
                   decltype(v10), decltype(v11), decltype(v12), decltype(v13), decltype(v14),
                   decltype(v15), decltype(v16), decltype(v17), decltype(v18)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18);
  } else if constexpr (kCount == 20) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18, v19] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9),
                   decltype(v10), decltype(v11), decltype(v12), decltype(v13), decltype(v14),
                   decltype(v15), decltype(v16), decltype(v17), decltype(v18), decltype(v19)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18,
             v19);
  } else if constexpr (kCount == 21) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18, v19, v20] = value;
    return f(
        Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4), decltype(v5),
              decltype(v6), decltype(v7), decltype(v8), decltype(v9), decltype(v10), decltype(v11),
              decltype(v12), decltype(v13), decltype(v14), decltype(v15), decltype(v16),
              decltype(v17), decltype(v18), decltype(v19), decltype(v20)>{},
        v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18, v19,
        v20);
  } else if constexpr (kCount == 22) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18, v19, v20, v21] = value;
    return f(
        Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4), decltype(v5),
              decltype(v6), decltype(v7), decltype(v8), decltype(v9), decltype(v10), decltype(v11),
              decltype(v12), decltype(v13), decltype(v14), decltype(v15), decltype(v16),
              decltype(v17), decltype(v18), decltype(v19), decltype(v20), decltype(v21)>{},
        v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18, v19,
        v20, v21);
  } else if constexpr (kCount == 23) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18, v19, v20, v21, v22] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9),
                   decltype(v10), decltype(v11), decltype(v12), decltype(v13), decltype(v14),
                   decltype(v15), decltype(v16), decltype(v17), decltype(v18), decltype(v19),
                   decltype(v20), decltype(v21), decltype(v22)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18,
             v19, v20, v21, v22);
  } else if constexpr (kCount == 24) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18, v19, v20, v21, v22, v23] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9),
                   decltype(v10), decltype(v11), decltype(v12), decltype(v13), decltype(v14),
                   decltype(v15), decltype(v16), decltype(v17), decltype(v18), decltype(v19),
                   decltype(v20), decltype(v21), decltype(v22), decltype(v23)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18,
             v19, v20, v21, v22, v23);
  } else if constexpr (kCount == 25) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18, v19, v20, v21, v22, v23, v24] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9),
                   decltype(v10), decltype(v11), decltype(v12), decltype(v13), decltype(v14),
                   decltype(v15), decltype(v16), decltype(v17), decltype(v18), decltype(v19),
                   decltype(v20), decltype(v21), decltype(v22), decltype(v23), decltype(v24)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18,
             v19, v20, v21, v22, v23, v24);
  } else if constexpr (kCount == 26) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18, v19, v20, v21, v22, v23, v24, v25] = value;
    return f(
        Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4), decltype(v5),
              decltype(v6), decltype(v7), decltype(v8), decltype(v9), decltype(v10), decltype(v11),
              decltype(v12), decltype(v13), decltype(v14), decltype(v15), decltype(v16),
              decltype(v17), decltype(v18), decltype(v19), decltype(v20), decltype(v21),
              decltype(v22), decltype(v23), decltype(v24), decltype(v25)>{},
        v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18, v19,
        v20, v21, v22, v23, v24, v25);
  } else if constexpr (kCount == 27) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18, v19, v20, v21, v22, v23, v24, v25, v26] = value;
    return f(
        Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4), decltype(v5),
              decltype(v6), decltype(v7), decltype(v8), decltype(v9), decltype(v10), decltype(v11),
              decltype(v12), decltype(v13), decltype(v14), decltype(v15), decltype(v16),
              decltype(v17), decltype(v18), decltype(v19), decltype(v20), decltype(v21),
              decltype(v22), decltype(v23), decltype(v24), decltype(v25), decltype(v26)>{},
        v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18, v19,
        v20, v21, v22, v23, v24, v25, v26);
  } else if constexpr (kCount == 28) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18, v19, v20, v21, v22, v23, v24, v25, v26, v27] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9),
                   decltype(v10), decltype(v11), decltype(v12), decltype(v13), decltype(v14),
                   decltype(v15), decltype(v16), decltype(v17), decltype(v18), decltype(v19),
                   decltype(v20), decltype(v21), decltype(v22), decltype(v23), decltype(v24),
                   decltype(v25), decltype(v26), decltype(v27)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18,
             v19, v20, v21, v22, v23, v24, v25, v26, v27);
  } else if constexpr (kCount == 29) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18, v19, v20, v21, v22, v23, v24, v25, v26, v27, v28] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9),
                   decltype(v10), decltype(v11), decltype(v12), decltype(v13), decltype(v14),
                   decltype(v15), decltype(v16), decltype(v17), decltype(v18), decltype(v19),
                   decltype(v20), decltype(v21), decltype(v22), decltype(v23), decltype(v24),
                   decltype(v25), decltype(v26), decltype(v27), decltype(v28)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18,
             v19, v20, v21, v22, v23, v24, v25, v26, v27, v28);
  } else if constexpr (kCount == 30) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18, v19, v20, v21, v22, v23, v24, v25, v26, v27, v28, v29] = value;
    return f(Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4),
                   decltype(v5), decltype(v6), decltype(v7), decltype(v8), decltype(v9),
                   decltype(v10), decltype(v11), decltype(v12), decltype(v13), decltype(v14),
                   decltype(v15), decltype(v16), decltype(v17), decltype(v18), decltype(v19),
                   decltype(v20), decltype(v21), decltype(v22), decltype(v23), decltype(v24),
                   decltype(v25), decltype(v26), decltype(v27), decltype(v28), decltype(v29)>{},
             v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18,
             v19, v20, v21, v22, v23, v24, v25, v26, v27, v28, v29);
  } else if constexpr (kCount == 31) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18, v19, v20, v21, v22, v23, v24, v25, v26, v27, v28, v29, v30] = value;
    return f(
        Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4), decltype(v5),
              decltype(v6), decltype(v7), decltype(v8), decltype(v9), decltype(v10), decltype(v11),
              decltype(v12), decltype(v13), decltype(v14), decltype(v15), decltype(v16),
              decltype(v17), decltype(v18), decltype(v19), decltype(v20), decltype(v21),
              decltype(v22), decltype(v23), decltype(v24), decltype(v25), decltype(v26),
              decltype(v27), decltype(v28), decltype(v29), decltype(v30)>{},
        v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18, v19,
        v20, v21, v22, v23, v24, v25, v26, v27, v28, v29, v30);
  } else if constexpr (kCount == 32) {
    const auto& [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17,
                 v18, v19, v20, v21, v22, v23, v24, v25, v26, v27, v28, v29, v30, v31] = value;
    return f(
        Types<decltype(v0), decltype(v1), decltype(v2), decltype(v3), decltype(v4), decltype(v5),
              decltype(v6), decltype(v7), decltype(v8), decltype(v9), decltype(v10), decltype(v11),
              decltype(v12), decltype(v13), decltype(v14), decltype(v15), decltype(v16),
              decltype(v17), decltype(v18), decltype(v19), decltype(v20), decltype(v21),
              decltype(v22), decltype(v23), decltype(v24), decltype(v25), decltype(v26),
              decltype(v27), decltype(v28), decltype(v29), decltype(v30), decltype(v31)>{},
        v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18, v19,
        v20, v21, v22, v23, v24, v25, v26, v27, v28, v29, v30, v31);
  } else {
    static_cast<void>(value);
    return f(Types<>{});
  }
}

struct ReturnTypes {
  template <class T, class... Fields>
  constexpr T operator()(T types, const Fields&...) const {
    return types;
  }
};

template <class T>
using FieldTypes = decltype(bind_fields(std::declval<const T&>(), ReturnTypes{}));

template <class... Ts>
constexpr bool any_reference(Types<Ts...>) {
  return (std::is_reference_v<Ts> || ...);
}

template <class T>
constexpr bool reflectable() {
  if constexpr (kFieldCount<T> == kNotReflectable) {
    return false;
  } else {
    return !any_reference(FieldTypes<T>{});
  }
}

template <class T>
inline constexpr bool kReflectable = reflectable<T>();

// Calls f(Types<declared types, const>{}, fields...) and returns what it returns.
template <class T, class F>
requires kReflectable<T>
constexpr decltype(auto) with_fields(const T& value, F&& f) { return bind_fields(value, f); }

}  // namespace memoscape::inline v0::detail

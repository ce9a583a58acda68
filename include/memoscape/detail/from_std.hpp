// Which types are the standard library's own, without including where they are defined.
//
// Thread-safety: pure functions.
#pragma once

#include <string_view>
#include <type_traits>

namespace memoscape::inline v0::detail {

// The name of T in the compiler's words; its place in the text is known.
template <class T>
constexpr std::string_view signature() {
#if defined(_MSC_VER) && !defined(__clang__)
  return __FUNCSIG__;
#else
  return __PRETTY_FUNCTION__;
#endif
}

// Is the name of T, apart from template arguments, in that namespace or is it that name?
template <class T>
constexpr bool named(std::string_view prefix) {
  const std::string_view text = signature<T>();
#if defined(_MSC_VER) && !defined(__clang__)
  const std::size_t start = text.find("signature<");
  const std::string_view name = text.substr(text.find(' ', start) + 1);
#else
  const std::string_view name = text.substr(text.find("T = ") + 4);
#endif
  return name.starts_with(prefix);
}

// A class derived from a standard one, or one that only looks like it, may hold more than its
// elements: it is not from std.
template <class T>
inline constexpr bool kFromStd = named<T>("std::");

template <class T>
concept PathLike = std::is_class_v<T> && requires(const T& path) {
  path.native();
  path.lexically_normal();
  requires kFromStd<T>;
};

}  // namespace memoscape::inline v0::detail

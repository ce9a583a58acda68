// Lists of options of any type, as the texts that choices hold.
//
// Thread-safety: pure functions, as far as the caller's display function is.
#pragma once

#include <concepts>
#include <cstddef>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "memoscape/format.hpp"

namespace memoscape::inline v0::detail {

// Anything to iterate over that gives strings, views or literals; not a string itself. A vector of
// strings needs no conversion.
template <class R>
concept OptionRange = std::ranges::input_range<R> &&
                      !std::same_as<std::remove_cvref_t<R>, std::vector<std::string>> &&
                      std::convertible_to<std::ranges::range_reference_t<R>, std::string_view>;

template <OptionRange R>
std::vector<std::string> option_texts(R&& range) {
  std::vector<std::string> texts;
  if constexpr (std::ranges::sized_range<R>) {
    texts.reserve(static_cast<std::size_t>(std::ranges::size(range)));
  }
  for (auto&& option : range) texts.emplace_back(std::string_view(option));
  return texts;
}

// Options of any type with a function that gives the text of each.
template <class R, class Display>
concept DisplayedBy = std::ranges::forward_range<R> &&
    std::is_invocable_r_v<std::string, Display&, std::ranges::range_reference_t<R>>;

// Options that are numbers, which need no such function.
template <class R>
concept NumberRange =
    std::ranges::forward_range<R> && std::is_arithmetic_v<std::ranges::range_value_t<R>>;

struct DisplayNumber {
  template <class T>
  std::string operator()(const T& number) const {
    return format("{}", number);
  }
};

template <class R, class Display>
std::vector<std::string> displayed(R&& range, Display& display) {
  std::vector<std::string> texts;
  for (auto&& option : range) texts.emplace_back(display(option));
  return texts;
}

// The option whose text is `text`. Requires: there is one.
template <class R>
std::ranges::range_value_t<R> option_of(R&& range, const std::vector<std::string>& texts,
                                        std::string_view text) {
  auto option = std::ranges::begin(range);
  for (auto shown = texts.begin(); *shown != text; ++shown) ++option;
  return *option;
}

template <class R>
std::vector<std::ranges::range_value_t<R>> options_of(R&& range,
                                                      const std::vector<std::string>& texts,
                                                      const std::vector<std::string>& chosen) {
  std::vector<std::ranges::range_value_t<R>> options;
  for (const std::string& text : chosen) options.push_back(option_of(range, texts, text));
  return options;
}

}  // namespace memoscape::inline v0::detail

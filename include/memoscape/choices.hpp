// Choices: widgets whose value is on or off, or one or some of a list of options.
//
// The value is the text of an option, never its index: it stays right when the list changes, and
// the default is used when the option is gone.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   std::string origin = ms::selectbox(run, "Origin", {"SEA", "PDX"}, {.index = 1});
//   if (ms::checkbox(run, "Only some months")) {
//     std::vector<std::string> months = ms::multiselect(run, "Months", kMonths);
//   }
#pragma once

#include <concepts>
#include <cstddef>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "memoscape/callback.hpp"
#include "memoscape/run.hpp"

namespace memoscape::inline v0 {

struct CheckboxOptions {
  bool value = false;       // the default
  std::string key = {};     // names the widget; empty: kind, label and definition do
  std::string help = {};    // shown on demand
  bool disabled = false;    // shown, but a user cannot change it
  Callback on_change = {};  // called after a change, before the run
};

struct ChoiceOptions {
  std::size_t index = 0;    // of the default among the options
  std::string key = {};     // names the widget; empty: kind, label and definition do
  std::string help = {};    // shown on demand
  bool disabled = false;    // shown, but a user cannot change it
  Callback on_change = {};  // called after a change, before the run
};

struct MultiselectOptions {
  std::vector<std::string> selected = {};  // the default; each must be an option
  std::string key = {};                    // names the widget; empty: kind, label, definition do
  std::string help = {};                   // shown on demand
  bool disabled = false;                   // shown, but a user cannot change it
  Callback on_change = {};                 // called after a change, before the run
};

namespace detail {

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

}  // namespace detail

// On or off.
MEMOSCAPE_API bool checkbox(const Place& place, std::string_view label,
                            const CheckboxOptions& options = {});

// One of the options, all of them in sight.
// Throws: UsageError for no options, an option twice, or an index outside; and as Place::widget.
MEMOSCAPE_API std::string radio(const Place& place, std::string_view label,
                                const std::vector<std::string>& choices,
                                const ChoiceOptions& options = {});
template <detail::OptionRange R>
std::string radio(const Place& place, std::string_view label, R&& choices,
                  const ChoiceOptions& options = {}) {
  return radio(place, label, detail::option_texts(choices), options);
}

// One of the options, in a list that opens. Throws: as radio.
MEMOSCAPE_API std::string selectbox(const Place& place, std::string_view label,
                                    const std::vector<std::string>& choices,
                                    const ChoiceOptions& options = {});
template <detail::OptionRange R>
std::string selectbox(const Place& place, std::string_view label, R&& choices,
                      const ChoiceOptions& options = {}) {
  return selectbox(place, label, detail::option_texts(choices), options);
}

// Any number of the options, in the order in which the user chose them.
// Throws: UsageError for no options, an option twice, or a default that is none of them or there
// twice; and as Place::widget.
MEMOSCAPE_API std::vector<std::string> multiselect(const Place& place, std::string_view label,
                                                   const std::vector<std::string>& choices,
                                                   const MultiselectOptions& options = {});
template <detail::OptionRange R>
std::vector<std::string> multiselect(const Place& place, std::string_view label, R&& choices,
                                     const MultiselectOptions& options = {}) {
  return multiselect(place, label, detail::option_texts(choices), options);
}

}  // namespace memoscape::inline v0

// Choices: widgets whose value is on or off, or one or some of a list of options.
//
// The value is the text of an option, never its index: it stays right when the list changes, and
// the default is used when the option is gone. Options of another type than text come with a
// function that displays them; their texts must differ, and what was chosen comes back as that
// type. Numbers display themselves.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   std::string origin = ms::selectbox(run, "Origin", {"SEA", "PDX"}, {.index = 1});
//   if (ms::checkbox(run, "Only some months")) {
//     std::vector<std::string> months = ms::multiselect(run, "Months", kMonths);
//   }
//   Airport hub = ms::radio(run, "Hub", airports, [](const Airport& a) { return a.name; });
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memoscape/callback.hpp"
#include "memoscape/detail/options.hpp"
#include "memoscape/run.hpp"
#include "memoscape/widget_options.hpp"

namespace memoscape::inline v0 {

struct CheckboxOptions {
  bool value = false;     // the default
  std::string key = {};   // names the widget; empty: kind, label and definition do
  std::string help = {};  // shown on demand
  bool disabled = false;  // shown, but a user cannot change it
  LabelVisibility label_visibility = LabelVisibility::visible;
  Callback on_change = {};  // called after a change, before the run
};

struct ChoiceOptions {
  std::size_t index = 0;  // of the default among the options
  std::string key = {};   // names the widget; empty: kind, label and definition do
  std::string help = {};  // shown on demand
  bool disabled = false;  // shown, but a user cannot change it
  LabelVisibility label_visibility = LabelVisibility::visible;
  Callback on_change = {};  // called after a change, before the run
};

struct MultiselectOptions {
  std::vector<std::string> selected = {};  // the default; each must be an option
  std::size_t max_selections = 0;          // 0: no limit
  std::string placeholder = {};            // shown while nothing is selected
  std::string key = {};                    // names the widget; empty: kind, label, definition do
  std::string help = {};                   // shown on demand
  bool disabled = false;                   // shown, but a user cannot change it
  LabelVisibility label_visibility = LabelVisibility::visible;
  Callback on_change = {};  // called after a change, before the run
};

// On or off.
MEMOSCAPE_API bool checkbox(const Place& place, std::string_view label,
                            const CheckboxOptions& options = {});

// On or off, as a switch.
MEMOSCAPE_API bool toggle(const Place& place, std::string_view label,
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
template <class R, class Display>
requires detail::DisplayedBy<R, Display> std::ranges::range_value_t<R> radio(
    const Place& place, std::string_view label, R&& choices, Display display,
    const ChoiceOptions& options = {}) {
  const std::vector<std::string> texts = detail::displayed(choices, display);
  return detail::option_of(choices, texts, radio(place, label, texts, options));
}
template <detail::NumberRange R>
std::ranges::range_value_t<R> radio(const Place& place, std::string_view label, R&& choices,
                                    const ChoiceOptions& options = {}) {
  return radio(place, label, choices, detail::DisplayNumber(), options);
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
template <class R, class Display>
requires detail::DisplayedBy<R, Display> std::ranges::range_value_t<R> selectbox(
    const Place& place, std::string_view label, R&& choices, Display display,
    const ChoiceOptions& options = {}) {
  const std::vector<std::string> texts = detail::displayed(choices, display);
  return detail::option_of(choices, texts, selectbox(place, label, texts, options));
}
template <detail::NumberRange R>
std::ranges::range_value_t<R> selectbox(const Place& place, std::string_view label, R&& choices,
                                        const ChoiceOptions& options = {}) {
  return selectbox(place, label, choices, detail::DisplayNumber(), options);
}

// Any number of the options, in the order in which the user chose them.
// Throws: UsageError for no options, an option twice, or a default that is none of them or there
// twice, more of them than max_selections; and as Place::widget.
MEMOSCAPE_API std::vector<std::string> multiselect(const Place& place, std::string_view label,
                                                   const std::vector<std::string>& choices,
                                                   const MultiselectOptions& options = {});
template <detail::OptionRange R>
std::vector<std::string> multiselect(const Place& place, std::string_view label, R&& choices,
                                     const MultiselectOptions& options = {}) {
  return multiselect(place, label, detail::option_texts(choices), options);
}
template <class R, class Display>
requires detail::DisplayedBy<R, Display> std::vector<std::ranges::range_value_t<R>> multiselect(
    const Place& place, std::string_view label, R&& choices, Display display,
    const MultiselectOptions& options = {}) {
  const std::vector<std::string> texts = detail::displayed(choices, display);
  return detail::options_of(choices, texts, multiselect(place, label, texts, options));
}
template <detail::NumberRange R>
std::vector<std::ranges::range_value_t<R>> multiselect(const Place& place, std::string_view label,
                                                       R&& choices,
                                                       const MultiselectOptions& options = {}) {
  return multiselect(place, label, choices, detail::DisplayNumber(), options);
}

// One of the options, which have an order, on a scale. Throws: as radio.
MEMOSCAPE_API std::string select_slider(const Place& place, std::string_view label,
                                        const std::vector<std::string>& choices,
                                        const ChoiceOptions& options = {});
template <detail::OptionRange R>
std::string select_slider(const Place& place, std::string_view label, R&& choices,
                          const ChoiceOptions& options = {}) {
  return select_slider(place, label, detail::option_texts(choices), options);
}
template <class R, class Display>
requires detail::DisplayedBy<R, Display> std::ranges::range_value_t<R> select_slider(
    const Place& place, std::string_view label, R&& choices, Display display,
    const ChoiceOptions& options = {}) {
  const std::vector<std::string> texts = detail::displayed(choices, display);
  return detail::option_of(choices, texts, select_slider(place, label, texts, options));
}
template <detail::NumberRange R>
std::ranges::range_value_t<R> select_slider(const Place& place, std::string_view label, R&& choices,
                                            const ChoiceOptions& options = {}) {
  return select_slider(place, label, choices, detail::DisplayNumber(), options);
}

// From one of the options to one that does not stand before it. `selected` holds the texts of the
// default, `options.index` is not used.
// Throws: as radio; UsageError for a default that is none of the options, or the wrong way round.
MEMOSCAPE_API Range<std::string> select_slider(const Place& place, std::string_view label,
                                               const std::vector<std::string>& choices,
                                               const Range<std::string>& selected,
                                               const ChoiceOptions& options = {});

}  // namespace memoscape::inline v0

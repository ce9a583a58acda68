// Pills: choices in a row of small buttons, where nothing may be chosen, and feedback.
//
// The value is the text of an option, as in choices.hpp, or nothing.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   if (std::optional<std::string> season = ms::pills(run, "Season", {"dry", "wet"}))
//   show(*season); std::vector<std::string> shown = ms::pills_multi(run, "Months", kMonths);
//   std::optional<int> stars = ms::feedback(run, "How was it?", ms::FeedbackType::stars);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memoscape/choices.hpp"

namespace memoscape::inline v0 {

struct PillsOptions {
  std::optional<std::string> selected = {};  // the default; must be an option
  std::string key = {};                      // names the widget; empty: kind, label, definition do
  std::string help = {};                     // shown on demand
  bool disabled = false;                     // shown, but a user cannot change it
  LabelVisibility label_visibility = LabelVisibility::visible;
  Callback on_change = {};  // called after a change, before the run
};

enum class FeedbackType : std::uint8_t {
  thumbs,  // 0 is down, 1 is up
  faces,   // 0 to 4, from sad to glad
  stars,   // 0 to 4, for one to five stars
};

struct FeedbackOptions {
  std::optional<int> value = {};  // the default
  std::string key = {};           // names the widget; empty: kind, label and definition do
  bool disabled = false;          // shown, but a user cannot change it
  Callback on_change = {};        // called after a change, before the run
};

// One of the options, or none.
// Throws: UsageError for no options, an option twice, or a default that is none of them; and as
// Place::widget.
MEMOSCAPE_API std::optional<std::string> pills(const Place& place, std::string_view label,
                                               const std::vector<std::string>& choices,
                                               const PillsOptions& options = {});
template <class R, class Display>
requires detail::DisplayedBy<R, Display> std::optional<std::ranges::range_value_t<R>> pills(
    const Place& place, std::string_view label, R&& choices, Display display,
    const PillsOptions& options = {}) {
  const std::vector<std::string> texts = detail::displayed(choices, display);
  const std::optional<std::string> text = pills(place, label, texts, options);
  if (!text) return std::nullopt;
  return detail::option_of(choices, texts, *text);
}

// Any number of the options, in the order in which the user chose them. Throws: as multiselect.
MEMOSCAPE_API std::vector<std::string> pills_multi(const Place& place, std::string_view label,
                                                   const std::vector<std::string>& choices,
                                                   const MultiselectOptions& options = {});

// The same as pills and pills_multi, as one bar.
MEMOSCAPE_API std::optional<std::string> segmented_control(const Place& place,
                                                           std::string_view label,
                                                           const std::vector<std::string>& choices,
                                                           const PillsOptions& options = {});
MEMOSCAPE_API std::vector<std::string> segmented_control_multi(
    const Place& place, std::string_view label, const std::vector<std::string>& choices,
    const MultiselectOptions& options = {});

// How the user liked it; nothing before they said.
// Throws: UsageError for a default outside; and as Place::widget.
MEMOSCAPE_API std::optional<int> feedback(const Place& place, std::string_view label,
                                          FeedbackType type = FeedbackType::thumbs,
                                          const FeedbackOptions& options = {});

}  // namespace memoscape::inline v0

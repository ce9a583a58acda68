// color_picker: a widget whose value is a colour, as "#rrggbb" in lower case.
//
// Thread-safety: as the Place it is given: one thread at a time.
//
//   std::string line = ms::color_picker(run, "Line", {.value = "#ff8800"});
#pragma once

#include <string>
#include <string_view>

#include "memoscape/callback.hpp"
#include "memoscape/run.hpp"
#include "memoscape/widget_options.hpp"

namespace memoscape::inline v0 {

struct ColorOptions {
  std::string value = "#000000";  // the default; "#rgb" is short for "#rrggbb"
  std::string key = {};           // names the widget; empty: kind, label and definition do
  std::string help = {};          // shown on demand
  bool disabled = false;          // shown, but a user cannot change it
  LabelVisibility label_visibility = LabelVisibility::visible;
  Callback on_change = {};  // called after a change, before the run
};

// A colour. Throws: UsageError for a default that is none; and as Place::widget.
MEMOSCAPE_API std::string color_picker(const Place& place, std::string_view label,
                                       const ColorOptions& options = {});

}  // namespace memoscape::inline v0

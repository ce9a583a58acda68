// What the options of many widgets have in common beside their strings and flags.
//
// Thread-safety: plain values.
//
//   ms::text_input(run, "Name", {.label_visibility = ms::LabelVisibility::hidden});
//   ms::Range<int> minutes = ms::slider(run, "Minutes", 0, 180, {15, 60});
#pragma once

#include <cstdint>

namespace memoscape::inline v0 {

// A label names its widget, seen or not.
enum class LabelVisibility : std::uint8_t {
  visible,
  hidden,     // not seen, its room stays
  collapsed,  // not seen, and no room for it
};

// From lo to hi, both included.
template <class T>
struct Range {
  T lo;
  T hi;

  bool operator==(const Range&) const = default;
};

}  // namespace memoscape::inline v0

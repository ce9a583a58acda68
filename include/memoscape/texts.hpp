// Texts: widgets whose value is text that a user typed. Always valid UTF-8.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   std::string name = ms::text_input(run, "Name", {.value = "Ann", .max_chars = 40});
//   std::string word = ms::text_input(run, "Password", {.type = ms::TextType::password});
//   if (name.empty()) ms::warning(run, "A name, please");
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "memoscape/callback.hpp"
#include "memoscape/run.hpp"

namespace memoscape::inline v0 {

enum class TextType : std::uint8_t {
  plain,
  password,  // dots on the page, a digest in reports
};

struct TextOptions {
  std::string value = {};           // the default
  std::size_t max_chars = 0;        // in Unicode code points; 0: no limit
  std::string placeholder = {};     // shown while the text is empty
  TextType type = TextType::plain;  // password: shown as dots
  std::string key = {};             // names the widget; empty: kind, label and definition do
  std::string help = {};            // shown on demand
  bool disabled = false;            // shown, but a user cannot change it
  Callback on_change = {};          // called after a change, before the run
};

// One line of text.
// Throws: UsageError for a default that is too long or not UTF-8; and as Place::widget.
MEMOSCAPE_API std::string text_input(const Place& place, std::string_view label,
                                     const TextOptions& options = {});

}  // namespace memoscape::inline v0

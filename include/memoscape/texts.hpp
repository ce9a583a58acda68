// Texts: widgets whose value is text that a user typed. Always valid UTF-8.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   std::string name = ms::text_input(run, "Name", {.value = "Ann", .max_chars = 40});
//   std::string word = ms::text_input(run, "Password", {.type = ms::TextType::password});
//   std::string notes = ms::text_area(run, "Notes", {.placeholder = "What happened?"});
//   if (std::optional<std::string> said = ms::chat_input(run, "Say something")) answer(run, *said);
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "memoscape/callback.hpp"
#include "memoscape/run.hpp"
#include "memoscape/widget_options.hpp"

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
  LabelVisibility label_visibility = LabelVisibility::visible;
  Callback on_change = {};  // called after a change, before the run
};

struct TextAreaOptions {
  std::string value = {};        // the default
  std::size_t max_chars = 0;     // in Unicode code points; 0: no limit
  std::uint32_t height = 0;      // in pixels; 0: about three lines
  std::string placeholder = {};  // shown while the text is empty
  std::string key = {};          // names the widget; empty: kind, label and definition do
  std::string help = {};         // shown on demand
  bool disabled = false;         // shown, but a user cannot change it
  LabelVisibility label_visibility = LabelVisibility::visible;
  Callback on_change = {};  // called after a change, before the run
};

struct ChatOptions {
  std::size_t max_chars = 0;  // in Unicode code points; 0: no limit
  std::string key = {};       // names the widget; empty: kind, label and definition do
  bool disabled = false;      // shown, but a user cannot change it
  Callback on_change = {};    // called after a message was sent, before the run
};

// One line of text.
// Throws: UsageError for a default that is too long or not UTF-8; and as Place::widget.
MEMOSCAPE_API std::string text_input(const Place& place, std::string_view label,
                                     const TextOptions& options = {});

// Some lines of text. Throws: as text_input.
MEMOSCAPE_API std::string text_area(const Place& place, std::string_view label,
                                    const TextAreaOptions& options = {});

// The message that was sent just before this run; nothing in any other run, so that a cached
// function that read a message is never stored (rule P7). `placeholder` is the label.
// Throws: UsageError inside a form; and as Place::widget.
MEMOSCAPE_API std::optional<std::string> chat_input(const Place& place,
                                                    std::string_view placeholder = "Your message",
                                                    const ChatOptions& options = {});

}  // namespace memoscape::inline v0

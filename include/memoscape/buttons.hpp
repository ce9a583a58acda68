// Buttons: widgets that are true in the one run that follows a click.
//
// A cached function that read a fired button is never stored and never shared: every click executes
// (rule P7).
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   if (ms::button(run, "Draw again")) draw(run);
//   ms::Place form = ms::form(run, "filters");
//   int rows = ms::number_input(form, "Rows", 10, {.min = 1});
//   if (ms::form_submit_button(form, "Apply")) apply(run, rows);
#pragma once

#include <string>
#include <string_view>

#include "memoscape/callback.hpp"
#include "memoscape/run.hpp"

namespace memoscape::inline v0 {

struct ButtonOptions {
  std::string key = {};     // names the widget; empty: kind, label and definition do
  std::string help = {};    // shown on demand
  bool disabled = false;    // shown, but a user cannot click it
  Callback on_change = {};  // called after a click, before the run
};

// True in the run after a click. Throws: UsageError inside a form; and as Place::widget does.
MEMOSCAPE_API bool button(const Place& place, std::string_view label,
                          const ButtonOptions& options = {});

// A button that gives the user a file; true in the run after a click. The file is a part of the
// definition: another content is another button, unless it has a key.
// Throws: UsageError for null and inside a form; and as Place::widget does.
MEMOSCAPE_API bool download_button(const Place& place, std::string_view label, MediaPtr file,
                                   const ButtonOptions& options = {});
MEMOSCAPE_API bool download_button(const Place& place, std::string_view label, Media file,
                                   const ButtonOptions& options = {});

// True in the run after a click, which also hands over the values of the form's other widgets.
// Throws: UsageError outside a form; and as Place::widget does.
MEMOSCAPE_API bool form_submit_button(const Place& place, std::string_view label,
                                      const ButtonOptions& options = {});

}  // namespace memoscape::inline v0

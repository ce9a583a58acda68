// Uploads: widgets whose value is content from the user's machine.
//
// Inside a cached function they throw UnsupportedWidgetError (rule W2): make them outside, and pass
// the content as an argument.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   if (ms::MediaPtr file = ms::file_uploader(run, "Flights", {.types = {"csv"}})) {
//     ms::dataframe(run, *parse_csv(run, file));  // a cached function
//   }
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "memoscape/callback.hpp"
#include "memoscape/run.hpp"
#include "memoscape/widget_options.hpp"

namespace memoscape::inline v0 {

struct UploadOptions {
  std::vector<std::string> types = {};                 // file name extensions, "csv"; empty: any
  std::uint64_t max_bytes = std::uint64_t{200} << 20;  // 0: no limit
  std::string key = {};   // names the widget; empty: kind, label and definition do
  std::string help = {};  // shown on demand
  bool disabled = false;  // shown, but a user cannot change it
  LabelVisibility label_visibility = LabelVisibility::visible;
  Callback on_change = {};  // called after a change, before the run
};

// A file; null: none yet. Throws: UnsupportedWidgetError, and as Place::widget.
MEMOSCAPE_API MediaPtr file_uploader(const Place& place, std::string_view label,
                                     const UploadOptions& options = {});

// A photo; null: none yet. Throws: as file_uploader.
MEMOSCAPE_API MediaPtr camera_input(const Place& place, std::string_view label,
                                    const UploadOptions& options = {});

// A sound from the microphone; null: none yet. Throws: as file_uploader.
MEMOSCAPE_API MediaPtr audio_input(const Place& place, std::string_view label,
                                   const UploadOptions& options = {});

}  // namespace memoscape::inline v0

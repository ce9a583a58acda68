// Media elements: images, sounds and films. The content is stored once, however many pages and
// recordings show it.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   ms::MediaPtr map = draw_map(run, "SEA");  // a cached function
//   ms::image(run, map, {.caption = "Seattle", .width = 640});
//   ms::audio(run, {.name = "rain.wav", .type = "audio/wav", .bytes = record()});
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "memoscape/run.hpp"

namespace memoscape::inline v0 {

struct ImageOptions {
  std::string caption = {};
  std::uint32_t width = 0;  // in pixels; 0: that of the image
};

// An image. Throws: UsageError for null.
MEMOSCAPE_API void image(const Place& place, MediaPtr picture, const ImageOptions& options = {});
MEMOSCAPE_API void image(const Place& place, Media picture, const ImageOptions& options = {});

struct PlayOptions {
  std::chrono::seconds start = std::chrono::seconds(0);  // where to begin
  bool loop = false;                                     // begin again at the end
  bool autoplay = false;                                 // begin without being asked
};

// A sound, and a film. Throws: UsageError for null, and for a MIME type of another family.
MEMOSCAPE_API void audio(const Place& place, MediaPtr sound, const PlayOptions& options = {});
MEMOSCAPE_API void audio(const Place& place, Media sound, const PlayOptions& options = {});
MEMOSCAPE_API void video(const Place& place, MediaPtr film, const PlayOptions& options = {});
MEMOSCAPE_API void video(const Place& place, Media film, const PlayOptions& options = {});

}  // namespace memoscape::inline v0

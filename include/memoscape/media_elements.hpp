// Media elements: images. The content is stored once, however many pages and recordings show it.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   ms::MediaPtr map = draw_map(run, "SEA");  // a cached function
//   ms::image(run, map, {.caption = "Seattle", .width = 640});
#pragma once

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

}  // namespace memoscape::inline v0

// The files that the browser gets, embedded by embed.py.
//
// Thread-safety: constants.
#pragma once

#include <span>
#include <string_view>

namespace memoscape::inline v0::web {

struct Asset {
  std::string_view path;  // "/app.js"
  std::string_view type;
  std::string_view etag;  // of the content, with its quotes
  std::string_view body;
  std::string_view gzip;  // the same, compressed
};

std::span<const Asset> assets() noexcept;

}  // namespace memoscape::inline v0::web

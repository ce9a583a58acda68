// Trace: a record of the calls that an engine answers, in files. Limits and policies are tried out
// on it with `memoscape tune` and `memoscape simulate`. engine/TRACE.md describes the files.
//
// A call is recorded when it is merged, so a hit costs nothing more. It is known by a number that
// tells nothing of its arguments; names of functions are in the files, and no other text unless
// `labels` asks for it. Files are written by a thread of their own: a slow or failing disk delays
// and harms no call.
//
// Thread-safety: value types.
//
//   engine.record("/var/tmp/app.trace", {.max_bytes = 64_MiB, .files = 4});
//   ...
//   ms::TraceStatus status = engine.stop_recording();
//   if (!status.error.empty()) std::fprintf(stderr, "%s\n", status.error.c_str());
#pragma once

#include <cstdint>
#include <string>

#include "memoscape/config.hpp"

namespace memoscape::inline v0 {

struct TraceOptions {
  // Of one file, at least kLeastTraceBytes. A full one becomes PATH.1, that one PATH.2 and so on.
  std::uint64_t max_bytes = std::uint64_t{64} << 20;
  unsigned files = 4;   // are kept, PATH included; the oldest is replaced. At least 1
  bool labels = false;  // also arguments and widget values, readable, each up to 200 bytes
};
inline constexpr std::uint64_t kLeastTraceBytes = std::uint64_t{1} << 18;

struct TraceStatus {
  std::string path;         // empty: nothing is recorded
  std::uint64_t calls = 0;  // written, or soon to be
  std::uint64_t lost = 0;   // calls that came while too many waited to be written
  std::uint64_t bytes = 0;  // written, to all files
  std::string error;        // why the recording ended early, in one line; empty: it did not
};

}  // namespace memoscape::inline v0

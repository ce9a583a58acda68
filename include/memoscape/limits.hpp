// Limits: how much may be kept, and for how long. Engine-wide and per function.
//
// Thread-safety: a value type.
//
//   ms::Engine engine({.limits = {.max_bytes = 512_MiB}});
//   flights.set_limits({.max_entries = 500, .ttl = 10min});
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "memoscape/config.hpp"

namespace memoscape::inline v0 {

// For an engine: a quarter of the memory available to the process (control groups are respected).
// For a function: no limit of its own.
inline constexpr std::uint64_t kDefaultMaxBytes = ~std::uint64_t{0};

// Limits never throw when reached: they evict or skip, and the report counts it, by cause.
struct Limits {
  std::uint64_t max_bytes = kDefaultMaxBytes;  // charged bytes; 0: no limit
  std::uint64_t max_entries = 0;               // permutations; 0: no limit
  std::chrono::nanoseconds ttl{0};             // from the end of the execution; 0: no limit

  bool operator==(const Limits&) const = default;
};

// What goes first when a limit is reached, in the engine and in each function.
enum class Eviction : std::uint8_t {
  gdsf,    // what saves least time per byte: time to compute x uses / bytes, with ageing
  lru,     // what was used least recently
  s3fifo,  // what was not used again soon after it came
};
MEMOSCAPE_API std::string_view to_string(Eviction eviction) noexcept;

}  // namespace memoscape::inline v0

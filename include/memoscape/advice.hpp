// Advice: what another limit would bring, drawn from a bounded sample of the engine's own calls.
//
// Thread-safety: value types.
//
//   const ms::Advice advice = engine.advise();
//   if (advice.confidence >= ms::Confidence::fair) use(advice.engine.recommended);
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "memoscape/config.hpp"

namespace memoscape::inline v0 {

// How far an advice can be relied on. none: too few calls were seen.
enum class Confidence : std::uint8_t { none, low, fair, high };
MEMOSCAPE_API std::string_view to_string(Confidence confidence) noexcept;

// What a limit of max_bytes would have brought for the calls that were seen.
struct AdvicePoint {
  std::uint64_t max_bytes = 0;
  double hit_ratio = 0;   // of the calls
  double cost_ratio = 0;  // of the time that all calls would take if nothing were cached
  // Of recomputation. An execution counts with the cached calls in it, as if they were not cached:
  // where functions are nested it is less.
  double seconds_per_hour = 0;

  bool operator==(const AdvicePoint&) const = default;
};

struct AdviceCurve {
  std::string function;                  // empty: the whole engine
  std::vector<AdvicePoint> points = {};  // by max_bytes; empty: it was not called
  std::uint64_t needed = 0;              // bytes of all that was called: more brings nothing
  std::uint64_t knee = 0;                // beyond it each byte brings less than on average
  std::uint64_t recommended = 0;         // as max_bytes; 0: nothing can be said
  // Of the time that an unlimited cache would save, the part that `recommended` loses.
  double loses = 0;

  bool operator==(const AdviceCurve&) const = default;
};

struct Advice {
  AdviceCurve engine;
  std::vector<AdviceCurve> functions;  // each as if it were alone; by name
  Confidence confidence = Confidence::none;
  std::string why;                   // how sure, in a sentence
  double error = 0;                  // of the hit ratios: about this much, one standard error
  std::uint64_t calls = 0;           // that it was drawn from
  std::uint64_t tracked = 0;         // permutations in the sample
  std::uint64_t permutations = 0;    // that were called: counted, or estimated when sampled
  std::chrono::nanoseconds span{0};  // in which the calls were made
};

}  // namespace memoscape::inline v0

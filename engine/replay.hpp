// Replay: calls that were made, replayed through the engine's own policies under any limit. What
// the advisor and the replay of traces have in common.
//
// Thread-safety: pure functions.
//
//   Replayed outcome = replay(calls, 64_MiB, Eviction::gdsf);
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "memoscape/advice.hpp"
#include "memoscape/limits.hpp"

namespace memoscape::inline v0::detail {

// Calls of permutations; those of a sample stand for others like them.
struct Calls {
  struct Item {
    std::uint64_t key = 0;
    std::uint64_t bytes = 0;
    std::chrono::nanoseconds cost{0};
    double weight = 1;  // how many it stands for
    std::uint32_t function = 0;
    bool known_before = false;  // it was called before the first of these calls
  };
  std::vector<Item> items;
  struct Call {
    std::uint32_t item;
    std::uint32_t times;
  };
  std::vector<Call> calls;
  std::size_t warm_up = 0;  // calls that are replayed and not counted

  // What was called in all, whatever is in the sample: known exactly. Of the calls that count.
  double all_calls = 0;
  double all_cost = 0;  // nanoseconds
};

struct Replayed {
  struct Sums {
    double calls = 0;
    double hits = 0;
    double cost = 0;        // nanoseconds, if nothing were cached
    double recomputed = 0;  // of which were spent
  };
  Sums certain;  // of items that stand for themselves alone
  Sums sampled;  // of the others, with their weights
};

// Complexity: linear in the calls. `function`: replays its calls only; null: all.
Replayed replay(const Calls& calls, std::uint64_t max_bytes, std::uint64_t max_entries,
                Eviction eviction, const std::uint32_t* function = nullptr);

// The curve at these limits, which are ascending, or else at `points` of them chosen to show its
// shape. `hours`: in which the calls were made.
struct CurveOptions {
  std::vector<std::uint64_t> limits = {};
  std::size_t points = 48;
  Eviction eviction = Eviction::gdsf;
  double hours = 0;
  std::function<void()> step = {};  // called after each point; may throw to end it
};
AdviceCurve draw_curve(const Calls& calls, const CurveOptions& options,
                       const std::uint32_t* function = nullptr);

// Fills in knee, recommended and loses from the points.
void recommend(AdviceCurve& curve);

}  // namespace memoscape::inline v0::detail

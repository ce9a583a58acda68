// The engine's default policy over a sample of its entries, for replays.
//
// The engine evicts the least of 64 entries that are all as likely as another. Where a tracked
// entry stands for several, it must be drawn as often as those would be: else what stands for many,
// which is what has little worth, would stay too long.
//
// Thread-safety: one thread at a time.
#pragma once

#include <memory>
#include <span>

#include "engine/policy.hpp"

namespace memoscape::inline v0::detail {

// `hooks` and `weights` go together: an entry is one of these hooks, and stands for as many.
// Both must outlive the policy.
std::unique_ptr<Policy> make_sampled_gdsf(std::span<const PolicyHook> hooks,
                                          std::span<const double> weights);

}  // namespace memoscape::inline v0::detail

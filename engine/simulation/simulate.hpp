// Replays a trace against a policy and a limit.
//
// Thread-safety: pure functions; a policy is used by one thread at a time.
//
//   Outcome outcome = simulate(trace, next_uses(trace), policies()[0], limit);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/policy.hpp"
#include "engine/simulation/trace.hpp"

namespace simulation {

using memoscape::detail::List;
using memoscape::detail::Policy;
using memoscape::detail::PolicyHook;

// What a policy may be told that the engine does not tell its own.
struct Setting {
  std::uint64_t limit = 0;           // bytes
  std::size_t entries = 0;           // about as many will fit
  const std::size_t* now = nullptr;  // the position in the trace
  const std::vector<std::size_t>* next_uses = nullptr;
};

struct Contender {
  std::string_view name;
  std::string_view what;
  std::unique_ptr<Policy> (*make)(const Setting& setting);
  bool sees_future = false;  // what is not asked for again is not even offered to it
};

template <memoscape::Eviction eviction>
std::unique_ptr<Policy> make_engines_own(const Setting&) {
  return memoscape::detail::make_policy(eviction);
}
std::unique_ptr<Policy> make_offline(const Setting& setting);  // offline.cpp

// The engine's own, LRU first, and one that knows the future.
std::span<const Contender> policies();

struct Outcome {
  std::uint64_t requests = 0;
  std::uint64_t hits = 0;
  std::uint64_t bytes = 0;      // requested
  std::uint64_t hit_bytes = 0;  // of which from the cache
  Cost recomputed{0};           // of all misses, the first of an object included

  double hit_ratio() const noexcept {
    return static_cast<double>(hits) / static_cast<double>(requests);
  }
  double byte_hit_ratio() const noexcept {
    return static_cast<double>(hit_bytes) / static_cast<double>(bytes);
  }
};

// Called now and then, with the number of requests that are done; may throw to end it.
using Progress = std::function<void(std::size_t)>;

// What is larger than the limit is not kept. Requires: `next` is next_uses(trace).
Outcome simulate(const Trace& trace, const std::vector<std::size_t>& next,
                 const Contender& contender, std::uint64_t limit, const Progress& progress = {});

}  // namespace simulation

// The policies that are compared: the engine's own, and some that only the simulation has.
//
// Thread-safety: pure functions; a policy is used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/policy.hpp"

namespace bench::eviction {

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

// LRU is the first: what the others are compared with.
std::span<const Contender> contenders();
// Requires: a name of `contenders`.
const Contender& contender(std::string_view name);

// One each, in a file of its own. A hook's key must be the object's number.
std::unique_ptr<Policy> make_fifo(const Setting& setting);
std::unique_ptr<Policy> make_lfu(const Setting& setting);
std::unique_ptr<Policy> make_sieve(const Setting& setting);
std::unique_ptr<Policy> make_wtinylfu(const Setting& setting);
std::unique_ptr<Policy> make_offline(const Setting& setting);

}  // namespace bench::eviction

// Proves one case: after every step the world that caches, its twin that does not, and the ideal
// cache must agree, and the engine's invariants must hold.
//
// Thread-safety: pure functions.
//
//   const std::string why = disproof(parse("main(widget.8.4) | run.0 set.0.0.3"));
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "prove/program.hpp"

namespace prove {

// What is wrong with the case, with the step; empty: nothing.
std::string disproof(const Case& one);

// The same with each of so many users on a thread of its own, and without the ideal cache. With
// `seed` one thread runs at a time, in turns that the seed decides; without, it may find nothing at
// one time, and something at another.
std::string disproof_on_threads(const Case& one, int users, std::optional<std::uint64_t> seed);

// A random case; the same for the same seed. `together`: for disproof_on_threads.
enum class Users : std::uint8_t { in_turn, together };
Case generate(std::uint64_t seed, Users users);

// The smallest case that can be made of one by leaving things out, so that it still fails.
Case shrink(const Case& one, const std::function<bool(const Case&)>& fails);

}  // namespace prove

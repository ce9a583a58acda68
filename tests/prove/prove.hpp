// Proves one case: after every step the world that caches, its twin that does not, and the ideal
// cache must agree, and the engine's invariants must hold.
//
// Thread-safety: pure functions.
//
//   const std::string why = disproof(parse("main(widget.8.4) | run.0 set.0.0.3"));
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "prove/program.hpp"

namespace prove {

// What is wrong with the case, with the step; empty: nothing.
std::string disproof(const Case& one);

// A random case; the same for the same seed.
Case generate(std::uint64_t seed);

// The smallest case that can be made of one by leaving things out, so that it still fails.
Case shrink(const Case& one, const std::function<bool(const Case&)>& fails);

}  // namespace prove

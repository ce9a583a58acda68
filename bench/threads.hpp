// Threads that begin together, each on a processor of its own or all on two.
#pragma once

#include <cstddef>
#include <functional>

namespace bench {

// Puts the calling thread on the processor number `i` of those it may use.
void pin_to(std::size_t i);
// The same for processors 0 to `count` - 1. Gives how many there are of these.
std::size_t pin_to_first(std::size_t count);

// ns of wall time that `threads` threads take to do `body(thread)`, all at once, from when the
// first begins to when the last has ended. Thread `i` is pinned to processor `i`: two threads that
// wake each other are otherwise often left on one.
double time_threads(std::size_t threads, const std::function<void(std::size_t)>& body);

}  // namespace bench

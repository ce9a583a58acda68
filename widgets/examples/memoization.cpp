// Plain memoization: a function of its arguments alone, called from anywhere.
//
// prints:
//   simulating 1000 steps
//   3.14
//   3.14
//   2 lookups, 1 hit
#include <cstdio>
#include <memoscape/memoscape.hpp>

namespace ms = memoscape;

int main() {
  ms::Engine engine;

  auto simulate = engine.cache_data("simulate", [](int steps) {
    std::printf("simulating %d steps\n", steps);
    return steps * 0.00314;
  });

  // A call needs a run: it is the context in which values are pinned and hits are counted.
  engine.run([&](ms::Run& run) {
    std::printf("%.2f\n", *simulate(run, 1000));
    std::printf("%.2f\n", *simulate(run, 1000));  // a hit: does not execute
  });

  const ms::Counters counters = engine.totals().counters;
  std::printf("%d lookups, %d hit\n", int(counters.lookups), int(counters.hits));
}

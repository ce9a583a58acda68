// Limits at run time: of the engine and of each function, changed while it works.
//
// prints:
//   10 entries
//   4 entries after max_entries = 4, 6 evicted
//   0 entries 61 s later
//   2 entries, within 1 MiB: yes
//   a value above the limit is returned and not kept: 0 entries
#include <chrono>
#include <cstdio>
#include <memoscape/memoscape.hpp>
#include <string>

namespace ms = memoscape;
using namespace ms::literals;
using namespace std::chrono_literals;

int main() {
  ms::ManualClock clock;
  ms::Engine engine({.limits = {.max_bytes = 64_MiB}, .clock = &clock});
  auto blob =
      engine.cache_data("blob", [](int kib) { return std::string(std::size_t(kib) << 10, 'x'); },
                        {.limits = {.ttl = 60s}});
  const auto entries = [&] { return int(engine.totals().permutations); };
  const auto fill = [&](int kib, int count) {
    engine.run([&](ms::Run& run) {
      for (int i = 0; i < count; ++i) blob(run, kib + i);
    });
  };

  fill(1, 10);
  std::printf("%d entries\n", entries());

  blob.set_limits({.max_entries = 4, .ttl = 60s});  // takes effect at once
  std::printf("%d entries after max_entries = 4, %d evicted\n", entries(),
              int(engine.totals().counters.evicted_entries));

  clock.advance(61s);
  engine.sweep();  // runs do this too, a few entries at a time
  std::printf("%d entries 61 s later\n", entries());

  engine.set_limits({.max_bytes = 1_MiB});
  fill(400, 3);
  std::printf("%d entries, within 1 MiB: %s\n", entries(),
              engine.totals().charged <= 1_MiB ? "yes" : "no");

  engine.clear();
  fill(2000, 1);
  std::printf("a value above the limit is returned and not kept: %d entries\n", entries());
}

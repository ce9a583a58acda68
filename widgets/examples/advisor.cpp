// Limits from evidence: what another max_bytes would have brought for the calls that were made.
//
// prints:
//   4000 calls, confidence: high
//   with 100 KiB: 0 % hits
//   with 1024 KiB: 50 % hits
//   with 10240 KiB: 50 % hits
//   recommended is less than 1 MiB, and loses 0 % of the time saved
//   set, it gives 50 % hits
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memoscape/memoscape.hpp>
#include <string>

namespace ms = memoscape;
using namespace ms::literals;
using namespace std::chrono_literals;

int main() {
  ms::ManualClock clock;  // so that this example prints the same each time
  ms::Engine engine({.limits = {.max_bytes = 64_MiB}, .clock = &clock});
  auto rain = engine.cache_data("rain", [&clock](int year) {
    clock.advance(50ms);  // stands for the work
    return std::string(10'000, 'x') + std::to_string(year);
  });

  // Half of the calls ask for one of ten years, the others for ever older ones.
  const auto visit = [&](int calls) {
    engine.run([&](ms::Run& run) {
      for (int i = 0; i < calls; ++i) rain(run, i % 2 == 0 ? 2012 + i / 2 % 10 : 2000 - i);
    });
  };
  const auto ratio = [](double part) { return int(std::lround(100 * part)); };
  visit(4000);

  const ms::Advice advice = engine.advise();
  std::printf("%d calls, confidence: %s\n", int(advice.calls),
              std::string(ms::to_string(advice.confidence)).c_str());
  for (const std::uint64_t limit : {100_KiB, 1_MiB, 10_MiB}) {
    for (const ms::AdvicePoint& point : advice.engine.points) {
      if (point.max_bytes < limit) continue;
      std::printf("with %d KiB: %d %% hits\n", int(limit / 1_KiB), ratio(point.hit_ratio));
      break;
    }
  }
  std::printf("recommended is %s than 1 MiB, and loses %d %% of the time saved\n",
              advice.engine.recommended < 1_MiB ? "less" : "more", ratio(advice.engine.loses));

  engine.set_limits({.max_bytes = advice.engine.recommended});
  const ms::Counters before = engine.totals().counters;
  visit(4000);
  const ms::Counters after = engine.totals().counters;
  std::printf("set, it gives %d %% hits\n",
              ratio(double(after.hits - before.hits) / double(after.lookups - before.lookups)));
}

// Misses. Timed are whole runs of 16 calls that all miss, store and evict one entry each, divided
// by the calls. The functions do nothing but create 3 sliders. The floor is what a lookup takes;
// the figure without a cache, executing alone.
#include "bench/measure.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

void miss_and_evict(benchmark::State& state) {
  constexpr std::size_t kCalls = 16;
  const auto entries = static_cast<std::uint64_t>(state.range(0));
  const DashboardOptions options{.functions = kCalls, .widgets = 3, .permutations = 1};
  Dashboard cached(options, {.limits = {.max_bytes = 0, .max_entries = entries}});
  Dashboard bare(options, {.limits = {.max_bytes = 0}, .caching = ms::Caching::off});
  ms::Session session(cached.engine());
  ms::Session uncached(bare.engine());
  std::int64_t argument = 0;
  for (std::uint64_t stored = 0; stored <= entries; stored += kCalls) {
    cached.run(session, argument++);
  }
  constexpr int kRuns = 16;
  compare(state,
          {.name = "miss that stores and evicts one, 3 widgets",
           .entries = static_cast<double>(entries),
           .key_bytes = cached.floor().key_bytes()},
          {.body =
               [&] {
                 for (int i = 0; i < kRuns; ++i) cached.run(session, argument++);
               },
           .calls = kRuns * kCalls},
          {},
          {.body =
               [&] {
                 for (int i = 0; i < kRuns; ++i) bare.run(uncached, argument++);
               },
           .calls = kRuns * kCalls});
  const ms::Counters counters = cached.engine().report().totals.counters;
  if (counters.hits != 0 || counters.evicted_entries == 0) state.SkipWithError("not all missed");
}
BENCHMARK(miss_and_evict)
    ->ArgName("entries")
    ->Arg(1000)
    ->Arg(100'000)
    ->UseManualTime()
    ->Iterations(60);

}  // namespace
}  // namespace bench

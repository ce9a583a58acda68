// Misses. Timed are whole runs of 16 calls that all miss, store and evict one entry each, divided
// by the calls. The functions do nothing but create 3 sliders. With a ttl, each entry expires,
// later than it is evicted. The figure without a cache is executing alone.
#include <algorithm>
#include <chrono>
#include <string>

#include "bench/measure.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

std::string name_of(std::uint64_t entries, bool expires) {
  const char* exponent = entries == 1000 ? "1e3" : entries == 100'000 ? "1e5" : "1e6";
  return (expires ? "the same with a ttl, " : "miss that evicts one, ") + std::string(exponent);
}

void miss_and_evict(benchmark::State& state) {
  constexpr std::size_t kCalls = 16;
  const auto entries = static_cast<std::uint64_t>(state.range(0));
  const bool expires = state.range(1) != 0;
  const DashboardOptions options{.functions = kCalls, .widgets = 3, .permutations = 1};
  ms::Limits limits{.max_bytes = 0, .max_entries = entries};
  if (expires) limits.ttl = std::chrono::hours(1);
  Dashboard cached(options, {.limits = limits});
  Dashboard bare(options, {.limits = {.max_bytes = 0}, .caching = ms::Caching::off});
  ms::Session session(cached.engine());
  ms::Session uncached(bare.engine());
  std::int64_t argument = 0;
  if (entries > 500'000) say("storing 1,000,000 entries");
  for (std::uint64_t stored = 0; stored <= entries; stored += kCalls) {
    cached.run(session, argument++);
  }
  constexpr int kRuns = 16;
  constexpr double kMade = kRuns * kCalls;
  const auto run_all = [&](Dashboard& dashboard, ms::Session& runs) {
    for (int i = 0; i < kRuns; ++i) dashboard.run(runs, argument++);
  };
  compare(state,
          {.name = name_of(entries, expires),
           .entries = static_cast<double>(entries),
           .key_bytes = cached.floor().key_bytes()},
          {{kOurs, {.body = [&] { run_all(cached, session); }, .calls = kMade}},
           {kNoCache, {.body = [&] { run_all(bare, uncached); }, .calls = kMade}}});
  const ms::Totals totals = cached.engine().totals();
  if (totals.counters.hits != 0 || totals.permutations != entries) {
    state.SkipWithError("not every call missed and evicted");
  }
}
BENCHMARK(miss_and_evict)
    ->ArgNames({"entries", "ttl"})
    ->Args({1000, 0})
    ->Args({100'000, 0})
    ->Args({1'000'000, 0})
    ->Args({1'000'000, 1})
    ->UseManualTime()
    ->Iterations(60);

}  // namespace
}  // namespace bench

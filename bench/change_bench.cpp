// Hits on changed state. Sliders are moved before each run, which is not timed; timed are whole
// runs of 64 calls (applying what was set, begin, calls, end and merge), divided by the calls.
#include <functional>

#include "bench/measure.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

constexpr std::size_t kFunctions = 64;

void compare_changed(benchmark::State& state, const std::string& name, Dashboard& cached,
                     const std::vector<std::uint32_t>& sample) {
  Dashboard bare(cached.options(), {.limits = {.max_bytes = 0}, .caching = ms::Caching::off});
  ms::Session session(cached.engine());
  ms::Session uncached(bare.engine());
  cached.run(session);
  bare.run(uncached);
  std::size_t at = 0;
  std::size_t floor_at = 0;
  std::size_t bare_at = 0;
  const auto move_all = [&](Dashboard& dashboard, ms::Session& moved, std::size_t& next) {
    for (std::size_t f = 0; f < kFunctions; ++f) {
      dashboard.move(moved, f, sample[next++ % sample.size()]);
    }
  };
  compare(
      state,
      {.name = name,
       .entries = static_cast<double>(cached.size()),
       .key_bytes = cached.floor().key_bytes()},
      {.body = [&] { cached.run(session); },
       .calls = kFunctions,
       .prepare = [&] { move_all(cached, session, at); }},
      {.body =
           [&] {
             for (std::size_t i = 0; i < 256 * kFunctions; ++i) {
               const std::size_t p = sample[floor_at++ % sample.size()];
               benchmark::DoNotOptimize(cached.floor().find(cached.position(i % kFunctions, p)));
             }
           },
       .calls = 256.0 * kFunctions},
      {.body = [&] { bare.run(uncached); },
       .calls = kFunctions,
       .prepare = [&] { move_all(bare, uncached, bare_at); }});
  cached.require_hits(state);
}

// Every call of the run meets another permutation than in the run before: 16 for each of 64
// functions.
void changed(benchmark::State& state) {
  Dashboard cached({.functions = kFunctions, .widgets = 3, .permutations = 16});
  cached.fill();
  // Steps, not draws: a draw would often be the permutation that is shown already.
  std::vector<std::uint32_t> sample = even_sample(15, kFunctions * 1024, 1);
  for (std::size_t i = kFunctions; i < sample.size(); ++i) {
    sample[i] = (sample[i - kFunctions] + 1 + sample[i]) % 16;
  }
  compare_changed(state, "another permutation each call", cached, sample);
}
BENCHMARK(changed)->UseManualTime()->Iterations(400);

// The same with 1,584 for each of 64 functions, drawn by Zipf's law for each function by itself (a
// run cannot call one function twice: its widgets would be there twice).
void changed_zipf(benchmark::State& state) {
  constexpr std::size_t kPermutations = 1584;
  Dashboard cached({.functions = kFunctions, .widgets = 3, .permutations = kPermutations});
  cached.fill();
  compare_changed(state, "the same, Zipf 0.99", cached,
                  zipf_sample(kPermutations, kFunctions * 1024, 2));
}
BENCHMARK(changed_zipf)->UseManualTime()->Iterations(400);

// Before each run the sliders of one function are moved; 63 calls meet what they met before.
void one_changed(benchmark::State& state) {
  Dashboard cached({.functions = kFunctions, .widgets = 3, .permutations = 16});
  cached.fill();
  ms::Session session(cached.engine());
  cached.run(session);
  std::size_t run = 0;
  compare(state,
          {.name = "one of 64 calls changed per run",
           .entries = static_cast<double>(cached.size()),
           .key_bytes = cached.floor().key_bytes()},
          {.body = [&] { cached.run(session); },
           .calls = kFunctions,
           .prepare =
               [&] {
                 cached.move(session, run % kFunctions, (run / kFunctions + 1) % 16);
                 ++run;
               }},
          {.body =
               [&] {
                 for (std::size_t i = 0; i < 256 * kFunctions; ++i) {
                   benchmark::DoNotOptimize(
                       cached.floor().find(cached.position(i % kFunctions, i % 16)));
                 }
               },
           .calls = 256.0 * kFunctions},
          {});
  cached.require_hits(state);
}
BENCHMARK(one_changed)->UseManualTime()->Iterations(400);

}  // namespace
}  // namespace bench

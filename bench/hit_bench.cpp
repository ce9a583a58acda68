// Hits on unchanged state. Timed are whole runs (begin, calls, end and merge) of a session whose
// widgets stay as they are; the figure is divided by the calls of a run.
#include <memory>

#include "bench/measure.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

constexpr std::size_t kEntries = 1024;

// Timed: a run of an empty script. What every run costs, whatever it calls.
void bare_run(benchmark::State& state) {
  constexpr int kRuns = 256;
  ms::Engine engine;
  ms::Session session(engine);
  compare(state, {.name = "bare run (per run)"},
          {.body =
               [&] {
                 for (int i = 0; i < kRuns; ++i) session.run([](ms::Run&) {});
               },
           .calls = kRuns},
          {}, {});
}
BENCHMARK(bare_run)->UseManualTime()->Iterations(100);

// Timed: runs that call `functions` functions with `widgets` sliders each, all of them hits.
void unchanged(benchmark::State& state) {
  const auto widgets = static_cast<std::size_t>(state.range(0));
  const auto calls = static_cast<std::size_t>(state.range(1));
  const std::size_t runs = 1024 / (calls * (widgets > 3 ? 8 : 1));
  const DashboardOptions options{
      .functions = calls, .widgets = widgets, .permutations = kEntries / calls};
  Dashboard cached(options);
  cached.fill();
  ms::Session session(cached.engine());
  Dashboard bare({.functions = calls, .widgets = widgets, .permutations = 1},
                 {.limits = {.max_bytes = 0}, .caching = ms::Caching::off});
  ms::Session uncached(bare.engine());
  const double made = static_cast<double>(runs * calls);

  compare(state,
          {.name = "unchanged, " + std::to_string(widgets) + " widgets, " + std::to_string(calls) +
                   (calls == 1 ? " call a run" : " calls a run"),
           .entries = static_cast<double>(cached.size()),
           .key_bytes = cached.floor().key_bytes()},
          {.body =
               [&] {
                 for (std::size_t i = 0; i < runs; ++i) cached.run(session);
               },
           .calls = made},
          {.body =
               [&] {
                 for (std::size_t i = 0; i < 16 * runs; ++i) {
                   for (std::size_t f = 0; f < calls; ++f) {
                     benchmark::DoNotOptimize(cached.floor().find(cached.position(f, 0)));
                   }
                 }
               },
           .calls = 16 * made},
          {.body = [&] { bare.run(uncached); }, .calls = static_cast<double>(calls)});
  cached.require_hits(state);
}
BENCHMARK(unchanged)
    ->ArgNames({"widgets", "calls"})
    ->ArgsProduct({{3, 64}, {1, 16}})
    ->UseManualTime()
    ->Iterations(60);

// Timed: the first run of a session that was made just before; all its calls hit what another
// session's defaults computed.
void new_session(benchmark::State& state) {
  constexpr std::size_t kCalls = 16;
  Dashboard cached({.functions = kCalls, .widgets = 3, .permutations = kEntries / kCalls});
  cached.fill();
  std::unique_ptr<ms::Session> session;
  compare(state,
          {.name = "new session, first hit, 16 calls a run",
           .entries = static_cast<double>(cached.size()),
           .key_bytes = cached.floor().key_bytes()},
          {.body = [&] { cached.run(*session); },
           .calls = kCalls,
           .prepare = [&] { session = std::make_unique<ms::Session>(cached.engine()); }},
          {.body =
               [&] {
                 for (std::size_t i = 0; i < 64 * kCalls; ++i) {
                   benchmark::DoNotOptimize(cached.floor().find(cached.position(i % kCalls, 0)));
                 }
               },
           .calls = 64.0 * kCalls},
          {});
  cached.require_hits(state);
}
BENCHMARK(new_session)->UseManualTime()->Iterations(400);

// Timed: runs with 64 calls of a function without widgets, with random arguments that were all
// computed before. The function only adds one: without a cache, that is a call through a pointer.
void plain(benchmark::State& state) {
  constexpr std::size_t kCalls = 64;
  const auto size = static_cast<std::size_t>(state.range(0));
  ms::Engine engine({.limits = {.max_bytes = 0}});
  const auto next = engine.cache_data("next", [](std::int64_t x) { return x + 1; });
  Floor floor;
  for (std::size_t i = 0; i < size; ++i) {
    ms::Encoder encoder;
    ms::detail::encode_value(encoder, std::string_view("next"));
    ms::detail::encode_value(encoder, static_cast<std::int64_t>(i));
    floor.add(encoder.view());
  }
  ms::Session session(engine);
  session.run([&](ms::Run& run) {
    for (std::size_t i = 0; i < size; ++i) next(run, static_cast<std::int64_t>(i));
  });
  constexpr std::size_t kSample = std::size_t{1} << 16;
  const std::vector<std::uint32_t> sample = even_sample(size, kSample, 7);
  std::size_t at = 0;
  std::size_t floor_at = 0;
  compare(state,
          {.name = "plain memoization, random arguments",
           .entries = static_cast<double>(size),
           .key_bytes = floor.key_bytes()},
          {.body =
               [&] {
                 for (int i = 0; i < 16; ++i) {
                   session.run([&](ms::Run& run) {
                     for (std::size_t c = 0; c < kCalls; ++c) {
                       benchmark::DoNotOptimize(*next(run, sample[at++ % kSample]));
                     }
                   });
                 }
               },
           .calls = 16.0 * kCalls},
          {.body =
               [&] {
                 for (int i = 0; i < 16384; ++i) {
                   benchmark::DoNotOptimize(floor.find(sample[floor_at++ % kSample]));
                 }
               },
           .calls = 16384},
          {});
}
BENCHMARK(plain)->ArgName("entries")->Arg(1000)->Arg(100'000)->UseManualTime()->Iterations(200);

}  // namespace
}  // namespace bench

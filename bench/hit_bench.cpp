// Hits on unchanged state. Timed are whole runs (begin, calls, end and merge) of a session whose
// widgets stay as they are; the figure is divided by the calls of a run.
#include <memory>

#include "bench/measure.hpp"
#include "bench/peers.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

constexpr std::size_t kEntries = 1024;

// Timed: a run of an empty script. What every run costs, whatever it calls.
void bare_run(benchmark::State& state) {
  constexpr int kRuns = 256;
  ms::Engine engine;
  ms::Session session(engine);
  compare(state, {"bare run (per run)"},
          {{kOurs,
            {.body =
                 [&] {
                   for (int i = 0; i < kRuns; ++i) session.run([](ms::Run&) {});
                 },
             .calls = kRuns}}});
}
BENCHMARK(bare_run)->UseManualTime()->Iterations(100);

// A dashboard whose session has seen everything once.
struct Seen {
  Seen(std::size_t widgets, std::size_t calls)
      : dashboard({.functions = calls, .widgets = widgets, .permutations = kEntries / calls}),
        session(dashboard.engine()) {
    dashboard.fill();
  }

  Dashboard dashboard;
  ms::Session session;
};

// Positions in the floor of what one run calls, `count` times.
std::vector<std::uint32_t> called(const Dashboard& dashboard, std::size_t count) {
  std::vector<std::uint32_t> positions;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t f = 0; f < dashboard.options().functions; ++f) {
      positions.push_back(static_cast<std::uint32_t>(dashboard.position(f, 0)));
    }
  }
  return positions;
}

std::string unchanged_name(std::size_t widgets, std::size_t calls) {
  return "unchanged, " + std::to_string(widgets) + " widgets, " + std::to_string(calls) +
         (calls == 1 ? " call" : " calls");
}

// Timed: runs that call `calls` functions with 3 sliders each, all of them hits; and the same with
// 64 sliders each, in turns.
void unchanged(benchmark::State& state) {
  const auto calls = static_cast<std::size_t>(state.range(0));
  const std::size_t runs = 1024 / calls;
  const auto made = static_cast<double>(runs * calls);
  Seen few(3, calls);
  Seen many(64, calls);
  const auto run_all = [&](Seen& seen) {
    return Timed{.body =
                     [&seen, runs] {
                       for (std::size_t i = 0; i < runs; ++i) seen.dashboard.run(seen.session);
                     },
                 .calls = made};
  };
  Dashboard bare({.functions = calls, .widgets = 3, .permutations = 1},
                 {.limits = {.max_bytes = 0}, .caching = ms::Caching::off});
  ms::Session uncached(bare.engine());
  Against against(few.dashboard.floor(), called(few.dashboard, 16 * runs), 16 * runs * calls);

  std::vector<Turn> turns{{kOurs, run_all(few)}};
  against.add_to(turns);
  turns.push_back(
      {kNoCache, {.body = [&] { bare.run(uncached); }, .calls = static_cast<double>(calls)}});
  turns.push_back({"ours, 64 widgets", run_all(many)});
  compare(state,
          {.name = unchanged_name(3, calls),
           .entries = static_cast<double>(few.dashboard.size()),
           .key_bytes = few.dashboard.floor().key_bytes()},
          turns);
  few.dashboard.require_hits(state);
  many.dashboard.require_hits(state);
}
BENCHMARK(unchanged)->ArgName("calls")->Arg(1)->Arg(16)->UseManualTime()->Iterations(60);

// Timed: the first run of a session that was made just before; all its calls hit what another
// session's defaults computed.
void new_session(benchmark::State& state) {
  constexpr std::size_t kCalls = 16;
  Dashboard cached({.functions = kCalls, .widgets = 3, .permutations = kEntries / kCalls});
  cached.fill();
  std::unique_ptr<ms::Session> session;
  Against against(cached.floor(), called(cached, 64), 64 * kCalls);
  std::vector<Turn> turns{
      {kOurs,
       {.body = [&] { cached.run(*session); },
        .calls = kCalls,
        .prepare = [&] { session = std::make_unique<ms::Session>(cached.engine()); }}}};
  against.add_to(turns);
  compare(state,
          {.name = "new session, first hit",
           .entries = static_cast<double>(cached.size()),
           .key_bytes = cached.floor().key_bytes()},
          turns);
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
  Against against(floor, sample, kSample / 4);
  std::size_t at = 0;
  std::vector<Turn> turns{{kOurs,
                           {.body =
                                [&] {
                                  for (int i = 0; i < 16; ++i) {
                                    session.run([&](ms::Run& run) {
                                      for (std::size_t c = 0; c < kCalls; ++c) {
                                        benchmark::DoNotOptimize(
                                            *next(run, sample[at++ % kSample]));
                                      }
                                    });
                                  }
                                },
                            .calls = 16.0 * kCalls}}};
  against.add_to(turns);
  compare(state,
          {.name = size == 1000 ? "plain memoization, 1e3" : "plain memoization, 1e5",
           .entries = static_cast<double>(size),
           .key_bytes = floor.key_bytes()},
          turns);
  if (engine.totals().counters.misses != size) state.SkipWithError("not all were hits");
}
BENCHMARK(plain)->ArgName("entries")->Arg(1000)->Arg(100'000)->UseManualTime()->Iterations(200);

}  // namespace
}  // namespace bench

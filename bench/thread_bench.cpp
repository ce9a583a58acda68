// Hits from two threads, each with a session of its own. Timed is from when all threads begin to
// when the last one has made its runs of 64 calls; the figure is divided by the calls of all
// threads, so perfect scaling halves it. The function reads three entries of session state, as
// these, unlike widgets, may be read by many calls of one run.
#ifdef __linux__
#include <sched.h>
#endif

#include <algorithm>
#include <barrier>
#include <chrono>
#include <functional>
#include <thread>

#include "bench/measure.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kCalls = 64;
constexpr std::size_t kRuns = 1000;
constexpr std::size_t kEntries = 1024;

// Puts the calling thread on the processor number `i` of those it may use: two threads that wake
// each other are otherwise often left on one.
void pin_to(std::size_t i) {
#ifdef __linux__
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed) || i-- != 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    return;
  }
#else
  static_cast<void>(i);
#endif
}

// ns of wall time that `threads` threads take to do `body(thread)`, all at once.
double time_threads(std::size_t threads, const std::function<void(std::size_t)>& body) {
  std::barrier<> begin(static_cast<std::ptrdiff_t>(threads));
  std::vector<Clock::time_point> began(threads);
  std::vector<Clock::time_point> ended(threads);
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < threads; ++i) {
    workers.emplace_back([&, i] {
      pin_to(i);
      begin.arrive_and_wait();
      began[i] = Clock::now();
      body(i);
      ended[i] = Clock::now();
    });
  }
  for (std::thread& worker : workers) worker.join();
  const std::chrono::duration<double, std::nano> took =
      *std::max_element(ended.begin(), ended.end()) - *std::min_element(began.begin(), began.end());
  return took.count();
}

void compare_threads(benchmark::State& state, const std::string& name,
                     const std::vector<std::uint32_t>& sample) {
  ms::Engine engine({.limits = {.max_bytes = 0}});
  const auto cached = engine.cache_data("sum", [](ms::Run& run, std::int64_t x) {
    return x + run.state("a", 1) + run.state("b", 2) + run.state("c", 3);
  });
  Floor floor;
  for (std::size_t i = 0; i < kEntries; ++i) {
    ms::Encoder encoder;
    ms::detail::encode_value(encoder, std::string_view("sum"));
    ms::detail::encode_value(encoder, static_cast<std::int64_t>(i));
    for (const int value : {1, 2, 3}) encode(encoder, ms::Value(value));
    floor.add(encoder.view());
  }
  engine.run([&](ms::Run& run) {
    for (std::size_t i = 0; i < kEntries; ++i) cached(run, static_cast<std::int64_t>(i));
  });
  ms::Session sessions[] = {ms::Session(engine), ms::Session(engine)};

  const auto hit = [&](std::size_t thread) {
    std::size_t at = thread * sample.size() / 2;
    for (std::size_t i = 0; i < kRuns; ++i) {
      sessions[thread].run([&](ms::Run& run) {
        for (std::size_t c = 0; c < kCalls; ++c) {
          benchmark::DoNotOptimize(*cached(run, sample[at++ % sample.size()]));
        }
      });
    }
  };
  constexpr std::size_t kFinds = 20 * kRuns * kCalls;
  const auto find = [&](std::size_t thread) {
    std::size_t at = thread * sample.size() / 2;
    for (std::size_t i = 0; i < kFinds; ++i) {
      benchmark::DoNotOptimize(floor.find(sample[at++ % sample.size()]));
    }
  };
  std::vector<double> ours[2];
  std::vector<double> floors[2];
  for (auto _ : state) {
    for (std::size_t threads : {1, 2}) {
      const auto n = static_cast<double>(threads);
      ours[threads - 1].push_back(time_threads(threads, hit) / (n * kRuns * kCalls));
      floors[threads - 1].push_back(time_threads(threads, find) / (n * kFinds));
    }
    state.SetIterationTime(ours[1].back() * 1e-9 * 2 * kRuns * kCalls);
  }
  Scaling scaling{.name = name, .ours = {}, .floor = {}};
  for (int i = 0; i < 2; ++i) {
    scaling.ours[i] = median(ours[i]);
    scaling.floor[i] = median(floors[i]);
  }
  state.counters["ns_per_call"] = scaling.ours[1];
  state.counters["x_floor"] = scaling.ours[1] / scaling.floor[1];
  add_figures({.name = name + ", 2 threads",
               .entries = kEntries,
               .key_bytes = floor.key_bytes(),
               .ours = scaling.ours[1],
               .floor = scaling.floor[1]});
  add_scaling(scaling);
}

// Both threads call for the same permutation.
void hot(benchmark::State& state) {
  compare_threads(state, "one hot permutation", std::vector<std::uint32_t>(64, 0));
}
BENCHMARK(hot)->UseManualTime()->Iterations(15);

// Both threads call for random ones of 1,024.
void spread(benchmark::State& state) {
  compare_threads(state, "spread keys", even_sample(kEntries, std::size_t{1} << 14, 3));
}
BENCHMARK(spread)->UseManualTime()->Iterations(15);

}  // namespace
}  // namespace bench

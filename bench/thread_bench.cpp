// Hits from two threads, each with a session of its own. Timed is from when all threads begin to
// when the last one has made its runs of 64 calls; the figure is divided by the calls of all
// threads, so perfect scaling halves it. The function reads three entries of session state, as
// these, unlike widgets, may be read by many calls of one run.
#include <functional>

#include "bench/measure.hpp"
#include "bench/peers.hpp"
#include "bench/threads.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

constexpr std::size_t kCalls = 64;
constexpr std::size_t kRuns = 1000;
constexpr std::size_t kEntries = 1024;
constexpr std::size_t kFinds = 20 * kRuns * kCalls;  // of the floor, by each thread
constexpr std::size_t kPeerFinds = std::size_t{1} << 17;

Floor make_floor() {
  Floor floor;
  for (std::size_t i = 0; i < kEntries; ++i) {
    ms::Encoder encoder;
    ms::detail::encode_value(encoder, std::string_view("sum"));
    ms::detail::encode_value(encoder, static_cast<std::int64_t>(i));
    for (const int value : {1, 2, 3}) encode(encoder, ms::Value(value));
    floor.add(encoder.view());
  }
  return floor;
}

// What a thread does, and the calls it makes.
struct Work {
  std::string_view who;
  double calls;
  std::function<void(std::size_t thread)> body;
};

// Finds all of `keys` again and again, from another one on in each thread. Requires: their number
// is a power of two.
Work work_of(Peer& peer, const std::vector<Digest128>& keys) {
  return {peer.name(), kPeerFinds, [&](std::size_t thread) {
            const std::span<const Digest128> all(keys);
            const std::size_t from = thread * keys.size() / 2;
            std::uint64_t sum = 0;
            for (std::size_t found = 0; found < kPeerFinds; found += keys.size()) {
              sum += peer.find_all(all.subspan(from));
              sum += peer.find_all(all.first(from));
            }
            benchmark::DoNotOptimize(sum);
          }};
}

void compare_threads(benchmark::State& state, const std::string& name,
                     const std::vector<std::uint32_t>& sample) {
  ms::Engine engine({.limits = {.max_bytes = 0}});
  const auto cached = engine.cache_data("sum", [](ms::Run& run, std::int64_t x) {
    return x + run.state("a", 1) + run.state("b", 2) + run.state("c", 3);
  });
  engine.run([&](ms::Run& run) {
    for (std::size_t i = 0; i < kEntries; ++i) cached(run, static_cast<std::int64_t>(i));
  });
  ms::Session sessions[] = {ms::Session(engine), ms::Session(engine)};
  const Floor floor = make_floor();

  std::vector<Work> works;
  works.push_back({kOurs, kRuns * kCalls, [&](std::size_t thread) {
                     std::size_t at = thread * sample.size() / 2;
                     for (std::size_t i = 0; i < kRuns; ++i) {
                       sessions[thread].run([&](ms::Run& run) {
                         for (std::size_t c = 0; c < kCalls; ++c) {
                           benchmark::DoNotOptimize(*cached(run, sample[at++ % sample.size()]));
                         }
                       });
                     }
                   }});
  works.push_back({kFloor, kFinds, [&](std::size_t thread) {
                     std::size_t at = thread * sample.size() / 2;
                     for (std::size_t i = 0; i < kFinds; ++i) {
                       benchmark::DoNotOptimize(floor.find(sample[at++ % sample.size()]));
                     }
                   }});
  const std::vector<Digest128> keys = ready_keys(floor, sample);
  const std::vector<std::unique_ptr<Peer>> peers = make_peers(kEntries);
  for (const std::unique_ptr<Peer>& peer : peers) {
    fill(*peer, floor);
    works.push_back(work_of(*peer, keys));
  }

  std::vector<std::vector<double>> samples[2];
  for (auto& by_work : samples) by_work.resize(works.size());
  for (auto _ : state) {
    for (std::size_t w = 0; w < works.size(); ++w) {
      for (std::size_t threads : {1, 2}) {
        samples[threads - 1][w].push_back(time_threads(threads, works[w].body) /
                                          (static_cast<double>(threads) * works[w].calls));
      }
    }
    state.SetIterationTime(samples[1][0].back() * 1e-9 * 2 * kRuns * kCalls);
  }
  for (int i = 0; i < 2; ++i) {
    const Subject subject{name + (i == 0 ? ", 1 thread" : ", 2 threads"), kEntries,
                          floor.key_bytes()};
    for (std::size_t w = 0; w < works.size(); ++w) {
      record({subject, std::string(works[w].who), std::move(samples[i][w])});
    }
  }
  if (engine.totals().counters.misses != kEntries) state.SkipWithError("not all were hits");
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

// Pauses, with more threads than cores: 8 threads that hit and one that writes share two
// processors. Each of the 8 makes runs of one call of a function of 1,024 permutations. The writer
// makes calls of the same function that miss and evict what the others are using (`max_entries` is
// 1,024), and each 4th time it clears a permutation in use instead. Every call is timed by itself,
// its run included; a call that finds its permutation gone executes, and counts as a hit all the
// same.
//
// A thread also pauses because another one has its processor. The floor, found by 8 threads beside
// one that allocates and sorts, shows how much of a pause that is. Alone: the same without the
// others.
//
// Beside a clear, lower limits, a new ttl or a report of 100,000 entries: calls of another
// function, which miss and evict one each, while another thread does that, once.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <thread>

#include "bench/measure.hpp"
#include "bench/threads.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kEntries = 1024;
constexpr std::size_t kReaders = 8;
constexpr std::size_t kProcessors = 2;
constexpr std::chrono::milliseconds kDuration{1500};

// What a thread does over and over: its n-th piece of work.
using Piece = std::function<void(std::size_t n)>;

// ns of each piece, of the first four million.
std::vector<double> time_pieces(const std::atomic<bool>& stop, const Piece& piece) {
  constexpr std::size_t kMost = 4'000'000;
  std::vector<std::uint32_t> taken;
  taken.reserve(kMost);
  for (std::size_t n = 0; !stop.load(std::memory_order_relaxed); ++n) {
    const auto began = Clock::now();
    piece(n);
    const auto took = std::chrono::nanoseconds(Clock::now() - began).count();
    const auto most = std::int64_t{std::numeric_limits<std::uint32_t>::max()};
    if (taken.size() < kMost) taken.push_back(static_cast<std::uint32_t>(std::min(took, most)));
  }
  return {taken.begin(), taken.end()};
}

// Records the pauses of threads that do their pieces at once, on two processors.
void take(const std::string& name, std::string_view who, const std::vector<Piece>& readers,
          const Piece& writer) {
  std::atomic<bool> stop{false};
  std::vector<std::vector<double>> taken(readers.size() + 1);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i <= readers.size(); ++i) {
    const Piece& piece = i < readers.size() ? readers[i] : writer;
    if (!piece) continue;
    threads.emplace_back([&, i] {
      pin_to_first(kProcessors);
      taken[i] = time_pieces(stop, i < readers.size() ? readers[i] : writer);
    });
  }
  std::this_thread::sleep_for(kDuration);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i <= readers.size(); ++i) {
    if (taken[i].empty()) continue;
    const char* what = i < readers.size() ? "hit" : "write";
    record({{std::string(what) + ", " + name, kEntries}, std::string(who), std::move(taken[i])});
  }
}

class Contention {
 public:
  Contention() {
    ms::Session session(engine_);
    session.run([&](ms::Run& run) {
      for (std::size_t i = 0; i < kEntries; ++i) cached_(run, static_cast<std::int64_t>(i));
    });
    for (std::size_t i = 0; i <= kReaders; ++i) {
      sessions_.push_back(std::make_unique<ms::Session>(engine_));
    }
  }

  Piece reader(std::size_t i) {
    return [this, i](std::size_t n) {
      const std::uint32_t key = sample_[(n + i * sample_.size() / kReaders) % sample_.size()];
      sessions_[i]->run([&](ms::Run& run) { benchmark::DoNotOptimize(*cached_(run, key)); });
    };
  }

  Piece writer() {
    return [this](std::size_t n) {
      if (n % 4 == 3) {
        cached_.clear(sample_[n % sample_.size()]);
        return;
      }
      const auto argument = static_cast<std::int64_t>(kEntries + n);
      sessions_[kReaders]->run(
          [&](ms::Run& run) { benchmark::DoNotOptimize(*cached_(run, argument)); });
    };
  }

 private:
  ms::Engine engine_{{.limits = {.max_bytes = 0, .max_entries = kEntries}}};
  ms::Cached<const std::int64_t, std::int64_t> cached_ =
      engine_.cache_data("sum", [](ms::Run& run, std::int64_t x) {
        return x + run.state("a", 1) + run.state("b", 2) + run.state("c", 3);
      });
  std::vector<std::uint32_t> sample_ = even_sample(kEntries, std::size_t{1} << 14, 3);
  std::vector<std::unique_ptr<ms::Session>> sessions_;
};

// Records the pauses of calls that miss while the engine does something to many entries.
void take_beside(const std::string& what, const std::function<void(ms::Engine& engine)>& act) {
  constexpr std::int64_t kMany = 100'000;
  ms::Engine engine({.limits = {.max_bytes = 0}});
  const auto many = engine.cache_data("many", [](std::int64_t x) { return x; });
  const auto few = engine.cache_data("few", [](std::int64_t x) { return x; },
                                     {.limits = {.max_entries = kEntries}});
  engine.run([&](ms::Run& run) {
    for (std::int64_t x = 0; x < kMany; ++x) many(run, x);
  });
  ms::Session session(engine);
  const Piece miss = [&](std::size_t n) {
    session.run([&](ms::Run& run) { few(run, static_cast<std::int64_t>(n)); });
  };
  std::atomic<bool> began{false};
  std::atomic<bool> stop{false};
  std::vector<double> taken;
  std::thread writer([&] {
    pin_to_first(kProcessors);
    for (std::size_t n = 0; n < 2 * kEntries; ++n) miss(n);
    began = true;
    taken = time_pieces(stop, [&](std::size_t n) { miss(2 * kEntries + n); });
  });
  while (!began) std::this_thread::yield();
  act(engine);
  stop = true;
  writer.join();
  record({{"write, beside " + what, kMany}, std::string(kOurs), std::move(taken)});
}

void pauses(benchmark::State& state) {
  const std::string crowded = "8 threads hit, 1 writes";
  for (auto _ : state) {
    const auto began = Clock::now();
    {
      Contention contention;
      take("alone", kOurs, {contention.reader(0)}, {});
    }
    {
      Contention contention;
      take("alone", kOurs, {}, contention.writer());
    }
    {
      Contention contention;
      std::vector<Piece> readers;
      for (std::size_t i = 0; i < kReaders; ++i) readers.push_back(contention.reader(i));
      take(crowded, kOurs, readers, contention.writer());
    }
    take_beside("a clear of 1e5", [](ms::Engine& engine) { engine.clear(); });
    take_beside("limits of half of 1e5",
                [](ms::Engine& engine) { engine.set_limits({.max_entries = 50'000}); });
    take_beside("a new ttl of 1e5", [](ms::Engine& engine) {
      engine.set_limits({.max_bytes = 0, .ttl = std::chrono::hours(1)});
    });
    take_beside("a report of 1e5", [](ms::Engine& engine) { (void)engine.report(); });
    Floor floor;
    for (std::size_t i = 0; i < kEntries; ++i)
      floor.add("a key of some bytes " + std::to_string(i));
    const std::vector<std::uint32_t> sample = even_sample(kEntries, std::size_t{1} << 14, 3);
    const std::vector<Piece> readers(kReaders, [&](std::size_t n) {
      for (std::size_t k = 0; k < 16; ++k) {
        benchmark::DoNotOptimize(floor.find(sample[(n + k) % sample.size()]));
      }
    });
    // Takes about as long as a write, so that it is preempted as often.
    take(crowded, kFloor, readers, [&](std::size_t n) {
      std::vector<std::uint32_t> few(sample.begin(), sample.begin() + 600);
      few[0] += static_cast<std::uint32_t>(n);
      std::sort(few.begin(), few.end());
      benchmark::DoNotOptimize(few.data());
    });
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - began).count());
  }
}
BENCHMARK(pauses)->UseManualTime()->Iterations(1);

}  // namespace
}  // namespace bench

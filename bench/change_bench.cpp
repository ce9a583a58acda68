// Hits on changed state. Sliders are moved before each run, which is not timed; timed are whole
// runs of 64 calls (applying what was set, begin, calls, end and merge), divided by the calls.
#include <functional>

#include "bench/measure.hpp"
#include "bench/peers.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

constexpr std::size_t kFunctions = 64;
constexpr std::size_t kBatch = 256 * kFunctions;  // finds of one sample

// A session of a dashboard whose sliders are all moved before each run, as `sample` says.
class Moved {
 public:
  Moved(Dashboard& dashboard, const std::vector<std::uint32_t>& sample)
      : dashboard_(dashboard), sample_(sample), session_(dashboard.engine()) {
    dashboard_.run(session_);
  }

  Timed timed() {
    return {.body = [this] { dashboard_.run(session_); },
            .calls = kFunctions,
            .prepare =
                [this] {
                  for (std::size_t f = 0; f < kFunctions; ++f) {
                    dashboard_.move(session_, f, sample_[at_++ % sample_.size()]);
                  }
                }};
  }

 private:
  Dashboard& dashboard_;
  const std::vector<std::uint32_t>& sample_;
  ms::Session session_;
  std::size_t at_ = 0;
};

// The positions in the floor of what `permutation(i)` says for the call number `i`.
std::vector<std::uint32_t> positions(const Dashboard& dashboard, std::size_t count,
                                     const std::function<std::size_t(std::size_t)>& permutation) {
  std::vector<std::uint32_t> list;
  list.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    list.push_back(static_cast<std::uint32_t>(dashboard.position(i % kFunctions, permutation(i))));
  }
  return list;
}

void compare_changed(benchmark::State& state, const std::string& name, Dashboard& cached,
                     const std::vector<std::uint32_t>& sample) {
  Dashboard bare(cached.options(), {.limits = {.max_bytes = 0}, .caching = ms::Caching::off});
  Moved ours(cached, sample);
  Moved uncached(bare, sample);
  Against against(cached.floor(),
                  positions(cached, sample.size(), [&](std::size_t i) { return sample[i]; }),
                  kBatch);
  std::vector<Turn> turns{{kOurs, ours.timed()}};
  against.add_to(turns);
  turns.push_back({kNoCache, uncached.timed()});
  compare(state,
          {.name = name,
           .entries = static_cast<double>(cached.size()),
           .key_bytes = cached.floor().key_bytes()},
          turns);
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
  compare_changed(state, "another permutation each call, 1e3", cached, sample);
}
BENCHMARK(changed)->UseManualTime()->Iterations(400);

// The same with 1,584 for each of 64 functions, drawn by Zipf's law for each function by itself (a
// run cannot call one function twice: its widgets would be there twice).
void changed_zipf(benchmark::State& state) {
  constexpr std::size_t kPermutations = 1584;
  Dashboard cached({.functions = kFunctions, .widgets = 3, .permutations = kPermutations});
  cached.fill();
  compare_changed(state, "the same, 1e5, Zipf 0.99", cached,
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
  Against against(cached.floor(), positions(cached, kBatch, [](std::size_t i) { return i % 16; }),
                  kBatch);
  std::vector<Turn> turns{{kOurs,
                           {.body = [&] { cached.run(session); },
                            .calls = kFunctions,
                            .prepare =
                                [&] {
                                  cached.move(session, run % kFunctions,
                                              (run / kFunctions + 1) % 16);
                                  ++run;
                                }}}};
  against.add_to(turns);
  compare(state,
          {.name = "one of 64 calls changed per run",
           .entries = static_cast<double>(cached.size()),
           .key_bytes = cached.floor().key_bytes()},
          turns);
  cached.require_hits(state);
}
BENCHMARK(one_changed)->UseManualTime()->Iterations(400);

}  // namespace
}  // namespace bench

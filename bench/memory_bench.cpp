// What the engine charges for a permutation beside what is the user's own: its value, its recording
// and its key.
//
// 64 functions of one argument read 3 sliders each and return a number that no other permutation
// has, so that no buffer is shared. They are stored until there are 1.2 million permutations. From
// 0.6 million on, at every 0.05 million, a sample is taken:
//
//   (Totals::charged - values - recordings) / Totals::permutations - key
//
// "values" and "recordings" are permutations times EntryBytes::value and EntryBytes::recording of
// one (all are alike: the report of the first 1,024 says so); "key" is the encoded argument and the
// three encoded values on the path, in full, though the tree stores a common beginning once. The
// figure is the mean of the 13 samples. As tables double somewhere between, it does not depend on
// where. The second row subtracts no key.
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "bench/measure.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

constexpr std::size_t kFunctions = 64;
constexpr std::int64_t kBase = 27;  // positions of a slider: 27^3 x 64 is more than 1.2 million
constexpr std::size_t kRuns = 18'750;
constexpr std::size_t kSteps = 12;  // of samples, from half of the runs to all

class Sliders {
 public:
  Sliders() {
    for (std::int64_t f = 0; f < static_cast<std::int64_t>(kFunctions); ++f) {
      std::vector<std::string> labels;
      for (int w = 0; w < 3; ++w) {
        labels.push_back("slider " + std::to_string(f) + "." + std::to_string(w));
      }
      labels_.push_back(labels);
      functions_.push_back(
          engine_.cache_data("function " + std::to_string(f),
                             [f, labels = std::move(labels)](ms::Run& run, std::int64_t argument) {
                               std::int64_t number = f * kBase + argument;
                               for (const std::string& label : labels) {
                                 number = number * kBase + ms::slider(run, label, 0, 100);
                               }
                               return number;
                             },
                             {.allow_widgets = true}));
    }
  }

  ms::Engine& engine() noexcept { return engine_; }

  // The permutations number `i` of all functions.
  void store(std::size_t i) {
    if (i != 0) move(static_cast<std::int64_t>(i));
    std::int64_t sum = 0;
    session_.run([&](ms::Run& run) {
      for (const auto& function : functions_) sum += *function(run, 0);
    });
    benchmark::DoNotOptimize(sum);
  }

  // Encoded bytes of the argument and of the values on the path of permutation number `i`.
  static std::size_t key_bytes(std::size_t i) {
    ms::Encoder encoder;
    ms::detail::encode_value(encoder, std::int64_t{0});
    for (int w = 0; w < 3; ++w) encode(encoder, ms::Value(digit(static_cast<std::int64_t>(i), w)));
    return encoder.view().size();
  }

 private:
  static std::int64_t digit(std::int64_t i, int slider) {
    for (int s = slider; s < 2; ++s) i /= kBase;  // the last slider moves fastest
    return i % kBase;
  }

  void move(std::int64_t i) {
    for (const std::vector<std::string>& labels : labels_) {
      for (int w = 0; w < 3; ++w) {
        const std::int64_t value = digit(i, w);
        if (value != digit(i - 1, w)) session_.set(labels[static_cast<std::size_t>(w)], value);
      }
    }
  }

  ms::Engine engine_{{.limits = {.max_bytes = 0}}};
  std::vector<std::vector<std::string>> labels_;
  std::vector<ms::Cached<const std::int64_t, std::int64_t>> functions_;
  ms::Session session_{engine_};
};

// Bytes of the value and the recording of one permutation. Throws if they are not all alike.
double user_bytes(const ms::Engine& engine) {
  const ms::Report report = engine.report();
  const ms::EntryBytes& first = report.permutations.at(0).bytes;
  for (const ms::PermutationRow& row : report.permutations) {
    if (row.bytes.value != first.value || row.bytes.recording != first.recording ||
        row.sharers != 1) {
      throw std::logic_error("memory_bench: permutations differ in what they hold");
    }
  }
  return static_cast<double>(first.value + first.recording);
}

void engine_bytes(benchmark::State& state) {
  Sliders sliders;
  std::size_t i = 0;
  for (; i < 16; ++i) sliders.store(i);
  const double user = user_bytes(sliders.engine());
  double keys = 0;
  std::vector<double> with_key;
  std::vector<double> without_key;
  for (std::size_t k = 0; k < i; ++k) keys += static_cast<double>(Sliders::key_bytes(k));
  say("storing 1,200,000 permutations");
  for (auto _ : state) {
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t step = 0; step <= kSteps; ++step) {
      for (; i < (kSteps + step) * kRuns / (2 * kSteps); ++i) {
        sliders.store(i);
        keys += static_cast<double>(Sliders::key_bytes(i));
      }
      const ms::Totals totals = sliders.engine().totals();
      const double bytes =
          static_cast<double>(totals.charged) / static_cast<double>(totals.permutations) - user;
      with_key.push_back(bytes);
      without_key.push_back(bytes - keys / static_cast<double>(i));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    state.SetIterationTime(took.count());
  }
  const auto mean = [](const std::vector<double>& samples) {
    return std::accumulate(samples.begin(), samples.end(), 0.0) /
           static_cast<double>(samples.size());
  };
  const double entries = kRuns * kFunctions;
  const double key = keys / kRuns;
  record({{"engine bytes per permutation", entries, key},
          std::string(kOurs),
          {mean(without_key)},
          "B"});
  record(
      {{"the same, key bytes included", entries, key}, std::string(kOurs), {mean(with_key)}, "B"});
}
BENCHMARK(engine_bytes)->UseManualTime()->Iterations(1);

}  // namespace
}  // namespace bench

#include "bench/workload.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <numeric>
#include <random>
#include <utility>

namespace bench {

Dashboard::Dashboard(const DashboardOptions& options, ms::EngineOptions engine)
    : options_(options), base_(1), engine_(engine), now_(options.functions, 0) {
  while (base_ * base_ * base_ < options_.permutations) ++base_;
  for (std::size_t f = 0; f < options_.functions; ++f) {
    std::vector<std::string> labels;
    for (std::size_t w = 0; w < options_.widgets; ++w) labels.push_back(label(f, w));
    functions_.push_back(
        engine_.cache_data("function " + std::to_string(f),
                           [labels = std::move(labels)](ms::Run& run, std::int64_t argument) {
                             std::int64_t sum = argument;
                             for (const std::string& label : labels)
                               sum += ms::slider(run, label, 0, 1000);
                             return sum;
                           },
                           {.allow_widgets = true}));
  }
  for (std::size_t p = 0; p < options_.permutations; ++p) {
    for (std::size_t f = 0; f < options_.functions; ++f) floor_.add(full_key(f, p));
  }
}

std::string Dashboard::label(std::size_t function, std::size_t slider) const {
  return "slider " + std::to_string(function) + "." + std::to_string(slider);
}

std::int64_t Dashboard::digit(std::size_t permutation, std::size_t slider) const noexcept {
  for (std::size_t i = 0; i < slider; ++i) permutation /= base_;
  return static_cast<std::int64_t>(permutation % base_);
}

std::string Dashboard::full_key(std::size_t function, std::size_t permutation) const {
  ms::Encoder encoder;
  ms::detail::encode_value(encoder, "function " + std::to_string(function));
  ms::detail::encode_value(encoder, std::int64_t{0});
  for (std::size_t w = 0; w < options_.widgets; ++w) {
    encode(encoder, ms::Value(w < 3 ? digit(permutation, w) : std::int64_t{0}));
  }
  return std::string(encoder.view());
}

void Dashboard::fill() {
  ms::Session session(engine_);
  run(session);
  const std::vector<std::size_t> start = now_;
  for (std::size_t p = 1; p < options_.permutations; ++p) {
    for (std::size_t f = 0; f < options_.functions; ++f) move(session, f, p);
    run(session);
  }
  now_ = start;
}

void Dashboard::run(ms::Session& session, std::int64_t argument) {
  std::int64_t sum = 0;
  const ms::Page page = session.run([&](ms::Run& run) {
    for (const Handle& function : functions_) sum += *function(run, argument);
  });
  if (page.error() != nullptr) std::rethrow_exception(page.error());
  benchmark::DoNotOptimize(sum);
}

void Dashboard::require_hits(benchmark::State& state) const {
  if (engine_.totals().counters.misses != size()) state.SkipWithError("not all were hits");
}

void Dashboard::move(ms::Session& session, std::size_t function, std::size_t permutation) {
  for (std::size_t w = 0; w < std::min<std::size_t>(options_.widgets, 3); ++w) {
    const std::int64_t value = digit(permutation, w);
    if (value != digit(now_[function], w)) session.set(label(function, w), value);
  }
  now_[function] = permutation;
}

std::vector<std::uint32_t> zipf_sample(std::size_t n, std::size_t count, std::uint64_t seed) {
  constexpr double kExponent = 0.99;
  std::mt19937_64 random(seed);
  std::vector<double> sums(n);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    sum += std::pow(static_cast<double>(i + 1), -kExponent);
    sums[i] = sum;
  }
  std::vector<std::uint32_t> spread(n);
  std::iota(spread.begin(), spread.end(), 0u);
  std::shuffle(spread.begin(), spread.end(), random);
  std::uniform_real_distribution<double> share(0, sum);
  std::vector<std::uint32_t> sample(count);
  for (std::uint32_t& one : sample) {
    const auto at = std::upper_bound(sums.begin(), sums.end(), share(random)) - sums.begin();
    one = spread[std::min(static_cast<std::size_t>(at), n - 1)];
  }
  return sample;
}

std::vector<std::uint32_t> even_sample(std::size_t n, std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::uint32_t> below(0, static_cast<std::uint32_t>(n - 1));
  std::vector<std::uint32_t> sample(count);
  for (std::uint32_t& one : sample) one = below(random);
  return sample;
}

}  // namespace bench

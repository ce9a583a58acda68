#include "bench/measure.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>

namespace bench {

namespace {

constexpr int kProfiledRepetitions = 50;
bool profiling = false;

std::vector<Series>& series_list() {
  static std::vector<Series> list;
  return list;
}

}  // namespace

double quantile(std::vector<double> samples, double part) {
  if (samples.empty()) return 0;
  const auto last = static_cast<double>(samples.size() - 1);
  const auto at = samples.begin() + static_cast<std::ptrdiff_t>(std::lround(part * last));
  std::nth_element(samples.begin(), at, samples.end());
  return *at;
}

double median(const std::vector<double>& samples) { return quantile(samples, 0.5); }

double ratio(double a, double b) noexcept { return b == 0 ? 0 : a / b; }

double time_once(const Timed& timed) {
  if (timed.prepare) timed.prepare();
  const auto began = std::chrono::steady_clock::now();
  timed.body();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - began;
  return took.count() / timed.calls;
}

void record(Series series) {
  for (Series& known : series_list()) {
    if (known.subject.name != series.subject.name || known.who != series.who) continue;
    known.samples.insert(known.samples.end(), series.samples.begin(), series.samples.end());
    return;
  }
  series_list().push_back(std::move(series));
}

const std::vector<Series>& all_series() { return series_list(); }

const Series* find_series(std::string_view name, std::string_view who) {
  for (const Series& series : series_list()) {
    if (series.subject.name == name && series.who == who) return &series;
  }
  return nullptr;
}

void compare(benchmark::State& state, const Subject& subject, const std::vector<Turn>& turns) {
  std::vector<std::vector<double>> samples(turns.size());
  for (const Turn& turn : turns) time_once(turn.timed);  // warms up
  for (auto _ : state) {
    for (int again = 1; profiling && again < kProfiledRepetitions; ++again) {
      time_once(turns[0].timed);
    }
    for (std::size_t i = 0; i < (profiling ? 1 : turns.size()); ++i) {
      samples[i].push_back(time_once(turns[i].timed));
    }
    state.SetIterationTime(samples[0].back() * turns[0].timed.calls * 1e-9);
  }
  for (std::size_t i = 0; i < turns.size(); ++i) {
    if (samples[i].empty()) continue;
    record({subject, std::string(turns[i].who), std::move(samples[i])});
  }
}

void set_profiling() noexcept { profiling = true; }

void say(const std::string& line) { std::fprintf(stderr, "  %s\n", line.c_str()); }

}  // namespace bench

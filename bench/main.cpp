// Runs the benchmarks, then prints all figures as tables in Markdown.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "bench/measure.hpp"

namespace bench {

namespace {

constexpr double kLeastScaling = 1.7;  // of the floor, where two cores are free

std::vector<Figures>& all_figures() {
  static std::vector<Figures> figures;
  return figures;
}

std::vector<Scaling>& all_scalings() {
  static std::vector<Scaling> scalings;
  return scalings;
}

std::string cell(double number, const char* pattern) {
  if (number == 0) return "-";
  char text[32];
  std::snprintf(text, sizeof text, pattern, number);
  return text;
}

double ratio(double a, double b) { return b == 0 ? 0 : a / b; }

void print_figures() {
  if (all_figures().empty()) return;
  std::printf("\nMedians, ns per call. Floor: XXH3-128 of the same key + robin_map find.\n\n");
  std::printf("| %-44s | %7s | %5s | %9s | %7s | %7s | %9s |\n", "bench", "entries", "key B", "ns",
              "floor", "x floor", "no cache");
  std::printf("|:%s|--------:|------:|----------:|--------:|--------:|----------:|\n",
              std::string(45, '-').c_str());
  for (const Figures& row : all_figures()) {
    std::printf("| %-44s | %7s | %5s | %9s | %7s | %7s | %9s |\n", row.name.c_str(),
                cell(row.entries, "%.0f").c_str(), cell(row.key_bytes, "%.0f").c_str(),
                cell(row.ours, "%.0f").c_str(), cell(row.floor, "%.1f").c_str(),
                cell(ratio(row.ours, row.floor), "%.1f").c_str(),
                cell(row.no_cache, "%.0f").c_str());
  }
}

void print_scalings() {
  if (all_scalings().empty()) return;
  std::printf(
      "\nMedians, ns of wall time per call, by threads. Share: our scaling / the floor's.\n\n");
  std::printf("| %-24s | %7s | %7s | %7s | %7s | %7s | %7s | %5s |\n", "bench", "1", "2", "scaling",
              "floor 1", "floor 2", "scaling", "share");
  std::printf("|:%s|--------:|--------:|--------:|--------:|--------:|--------:|------:|\n",
              std::string(25, '-').c_str());
  bool busy = false;
  for (const Scaling& row : all_scalings()) {
    const double ours = ratio(row.ours[0], row.ours[1]);
    const double floor = ratio(row.floor[0], row.floor[1]);
    busy = busy || floor < kLeastScaling;
    std::printf("| %-24s | %7.0f | %7.0f | %7.2f | %7.1f | %7.1f | %7.2f | %5.2f |\n",
                row.name.c_str(), row.ours[0], row.ours[1], ours, row.floor[0], row.floor[1], floor,
                ratio(ours, floor));
  }
  if (busy) {
    std::printf(
        "\nThe floor shares nothing and should scale by 2. It did not: the machine was busy, and "
        "this table says little about the engine.\n");
  }
}

}  // namespace

void add_figures(Figures figures) { all_figures().push_back(std::move(figures)); }
void add_scaling(Scaling scaling) { all_scalings().push_back(std::move(scaling)); }

double median(std::vector<double> samples) {
  if (samples.empty()) return 0;
  const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
  std::nth_element(samples.begin(), middle, samples.end());
  return *middle;
}

double time_once(const Timed& timed) {
  if (timed.prepare) timed.prepare();
  const auto began = std::chrono::steady_clock::now();
  timed.body();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - began;
  return took.count() / timed.calls;
}

void compare(benchmark::State& state, Figures figures, const Timed& ours, const Timed& floor,
             const Timed& no_cache) {
  std::vector<double> samples[3];
  const auto sample = [&](const Timed& timed, int i) {
    if (timed.body) samples[i].push_back(time_once(timed));
  };
  sample(ours, 0);  // warms up
  samples[0].clear();
  for (auto _ : state) {
    sample(ours, 0);
    state.SetIterationTime(samples[0].back() * ours.calls * 1e-9);
    sample(floor, 1);
    sample(no_cache, 2);
  }
  figures.ours = median(samples[0]);
  figures.floor = median(samples[1]);
  figures.no_cache = median(samples[2]);
  state.counters["ns_per_call"] = figures.ours;
  if (figures.floor != 0) state.counters["x_floor"] = figures.ours / figures.floor;
  add_figures(std::move(figures));
}

}  // namespace bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  bench::print_figures();
  bench::print_scalings();
  return 0;
}

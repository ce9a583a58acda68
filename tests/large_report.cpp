// A report of 100,000 permutations: how long it takes, whether hits go on meanwhile, and its page.
//
// Usage: large_report [FILE]
// Exit status: 0, or 1 if a bar is missed.
#include <ctime>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <string>
#include <thread>

#include "memoscape/memoscape.hpp"
#include "memoscape/report_formats.hpp"

namespace ms = memoscape;

namespace {

constexpr int kArguments = 1000;
constexpr int kPositions = 100;
constexpr double kMostMilliseconds = 200;

// Of this thread on a processor: what else runs on the machine does not count.
double milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

}  // namespace

int main(int argc, char** argv) {
  ms::Engine engine({.limits = {.max_bytes = 0}});
  const auto f = engine.cache_data(
      "resample",
      [](ms::Run& run, int n) {
        const int minutes = ms::slider(run, "Minutes", 0, kPositions, 0);
        return std::string(static_cast<std::size_t>(40 + n % 50), 'x') + std::to_string(minutes) +
               (ms::checkbox(run, "Only some") ? " of " : ": ") + std::to_string(n);
      },
      {.allow_widgets = true});
  ms::Session session(engine);
  for (int minutes = 0; minutes < kPositions; ++minutes) {
    session.preset("Minutes", minutes);
    // A widget is shown once in a run, so each call has a run of its own.
    for (int n = 0; n < kArguments; ++n) session.run([&](ms::Run& run) { f(run, n); });
  }

  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> hits{0};
  std::thread reader([&] {
    ms::Session other(engine);
    while (!stop) {
      other.run([&](ms::Run& run) { f(run, 7); });
      ++hits;
    }
  });
  while (hits == 0) std::this_thread::yield();
  const std::uint64_t before = hits;
  std::array<double, 5> took{};
  std::size_t permutations = 0;
  for (double& one : took) {
    const double began = milliseconds();
    permutations = engine.report().permutations.size();
    one = milliseconds() - began;
  }
  const std::uint64_t meanwhile = hits - before;
  stop = true;
  reader.join();
  std::sort(took.begin(), took.end());
  std::printf("%zu permutations: a report takes %.0f ms; %llu hits meanwhile\n", permutations,
              took[took.size() / 2], static_cast<unsigned long long>(meanwhile));
  if (argc == 2) ms::write_report(argv[1], {.report = engine.report(), .advice = engine.advise()});
  const bool met = permutations == std::size_t{kArguments} * kPositions &&
                   took[took.size() / 2] < kMostMilliseconds && meanwhile > took.size();
  return met ? 0 : 1;
}

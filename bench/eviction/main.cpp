// Replays traces or workloads through all policies and prints tables. See options.cpp for the help.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <system_error>

#include "bench/eviction/cost.hpp"
#include "bench/eviction/options.hpp"
#include "bench/eviction/simulate.hpp"
#include "memoscape/detail/terminal.hpp"

namespace bench::eviction {

namespace {

// The default policy's, of its time of recomputation against LRU's; and of the cost of evictions.
constexpr double kMeanBar = 0.74;
constexpr double kWorstBar = 1.01;
constexpr double kCostBar = 3;

constexpr std::array<std::size_t, 3> kSizes = {1'000, 100'000, 1'000'000};

double seconds(Cost cost) { return std::chrono::duration<double>(cost).count(); }

// On a terminal one line that changes; else one line at the end.
class Progress {
 public:
  Progress(std::string what, std::size_t all)
      : what_(std::move(what)), all_(all), live_(isatty(STDERR_FILENO) == 1) {
    step(0);
  }
  void step(std::size_t done) const {
    if (live_) {
      std::fprintf(stderr, "\r%s: %zu of %zu", what_.c_str(), done, all_);
      if (done == all_) std::fprintf(stderr, "\r\033[K");
    } else if (done == all_) {
      std::fprintf(stderr, "%s: done\n", what_.c_str());
    }
  }

 private:
  std::string what_;
  std::size_t all_;
  bool live_;
};

void make_equal(Trace& trace) {
  using namespace std::chrono_literals;
  for (Request& request : trace.requests) {
    request.bytes = 16'384;
    request.cost = 20ms;
  }
}

void print_table(const Trace& trace, const std::vector<Cell>& cells) {
  std::printf("\n%s: %zu requests, %zu objects, %.1f MB unique, %.1f s to compute all requests\n\n",
              trace.name.c_str(), trace.requests.size(), trace.objects,
              static_cast<double>(trace.unique_bytes()) / 1e6, seconds(trace.total_cost()));
  std::printf("| %6s | %-8s | %6s | %10s | %15s | %5s |\n", "limit", "policy", "hits", "byte hits",
              "recomputation s", "x LRU");
  std::printf("|-------:|:---------|-------:|-----------:|----------------:|------:|\n");
  for (const Cell& cell : cells) {
    std::printf("| %4g %% | %-8s | %6.3f | %10.3f | %15.3f | %5.3f |\n", cell.percent,
                cell.policy.data(), cell.outcome.hit_ratio(), cell.outcome.byte_hit_ratio(),
                seconds(cell.outcome.recomputed), cell.against_lru);
  }
  std::fflush(stdout);
}

// Gives whether the default meets its bars.
bool print_summary(const std::vector<Cell>& cells) {
  std::printf("\nTime of recomputation against LRU's, all of the above\n\n");
  std::printf("| %-8s | %-38s | %5s | %5s | %5s | %-20s |\n", "policy", "", "mean", "best", "worst",
              "worst at");
  std::printf("|:---------|:%s|------:|------:|------:|:---------------------|\n",
              std::string(39, '-').c_str());
  for (const Contender& one : contenders()) {
    const Summary summary = summarize(cells, one.name);
    char place[32];
    std::snprintf(place, sizeof place, ", %g %%", summary.worst->percent);
    const std::string worst_at = summary.worst->trace + place;
    std::printf("| %-8s | %-38s | %5.3f | %5.3f | %5.3f | %-20s |\n", one.name.data(),
                one.what.data(), summary.mean, summary.best->against_lru,
                summary.worst->against_lru, worst_at.c_str());
  }
  const Summary ours = summarize(cells, "gdsf");
  const bool met = ours.mean <= kMeanBar && ours.worst->against_lru <= kWorstBar;
  std::printf(
      "\ngdsf: geometric mean %.3f (bar %.2f), worst %.3f (bar %.2f): %s\nThe mean is the "
      "geometric one. The first computation of each object counts as well: nothing avoids it.\n",
      ours.mean, kMeanBar, ours.worst->against_lru, kWorstBar, met ? "met" : "MISSED");
  return met;
}

bool print_costs() {
  constexpr std::size_t kSamples = 31;
  std::printf("\nOne insert and one eviction, ns of processor time, by the number of entries\n\n");
  std::printf("| %-20s | %7s | %7s | %7s | %7s |\n", "", "1e3", "1e5", "1e6", "x 1e3");
  std::printf("|:---------------------|--------:|--------:|--------:|--------:|\n");
  const Progress progress("measuring evictions", 4 * kSizes.size());
  std::size_t done = 0;
  const auto row = [&](const std::string& what, const auto& measure) {
    std::array<double, kSizes.size()> ns{};
    for (std::size_t i = 0; i < kSizes.size(); ++i) {
      ns[i] = measure(kSizes[i]);
      progress.step(++done);
    }
    const double ratio = *std::max_element(ns.begin(), ns.end()) / ns[0];
    std::printf("| %-20s | %7.0f | %7.0f | %7.0f | %7.2f |\n", what.c_str(), ns[0], ns[1], ns[2],
                ratio);
    return ratio;
  };
  const double ratio = row("an engine's miss", [](std::size_t entries) {
    return engine_eviction_cost(entries, kSamples);
  });
  for (const char* name : {"gdsf", "lru", "s3fifo"}) {
    row(std::string("policy alone, ") + name,
        [&](std::size_t entries) { return eviction_cost(contender(name), entries, kSamples); });
  }
  const bool met = ratio <= kCostBar;
  std::printf(
      "\nan engine's miss: at most %g times as much as with 1e3 entries: %s\n"
      "A policy alone is measured with nothing between its evictions. What grows are the "
      "processor's cache misses;\nthe number of entries that are looked at does not.\n",
      kCostBar, met ? "met" : "MISSED");
  return met;
}

int run(const Options& options) {
  std::vector<std::string> names = options.traces;
  if (names.empty()) names = options.workloads;
  if (names.empty()) {
    for (const Workload& one : workloads()) names.emplace_back(one.name);
  }
  std::vector<Cell> all;
  for (const std::string& name : names) {
    Trace trace = options.traces.empty() ? make_workload(name, options.workload)
                                         : read_trace(name, options.read);
    trace.name = memoscape::detail::escaped(trace.name);
    if (options.equal) make_equal(trace);
    const Progress progress("simulating " + trace.name,
                            contenders().size() * options.percents.size());
    const std::vector<Cell> cells =
        compare(trace, options.percents, [&](std::size_t done) { progress.step(done); });
    print_table(trace, cells);
    all.insert(all.end(), cells.begin(), cells.end());
  }
  bool met = print_summary(all);
  if (options.cost) met = print_costs() && met;
  return options.check && !met ? 1 : 0;
}

int fail(int status, const char* why) {
  std::fprintf(stderr, "memoscape-eviction: %s\n", why);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse_options(argc, argv);
    if (options.action == Action::help) {
      std::fputs(help_text().data(), stdout);
      return 0;
    }
    const int status = run(options);
    if (std::fflush(stdout) != 0) return fail(1, "the output could not be written");
    return status;
  } catch (const OptionError& error) {
    std::fprintf(stderr, "memoscape-eviction: %s (try --help)\n", error.what());
    return 2;
  } catch (const TraceError& error) {
    return fail(2, error.what());
  } catch (const std::exception& error) {
    return fail(1, error.what());
  }
}

}  // namespace bench::eviction

int main(int argc, char** argv) { return bench::eviction::main(argc, argv); }

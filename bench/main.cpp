// Runs the benches, then prints what they say.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "bench/gates.hpp"
#include "bench/measure.hpp"
#include "bench/report.hpp"

namespace bench {

namespace {

constexpr const char* kUsage = R"(usage: ./dev bench [OPTIONS]

Times the engine beside the floor, its peers and the same script uncached, and
compares the ratios with the gates. About 50 seconds on two free cores.

  --json FILE                 also writes everything to FILE
  --strict                    exit status 1 when a gate is missed, or was not
                              measured though no filter is given
  --profile                   only ours, 50 times as long, for a profiler
  --benchmark_filter=REGEX    only some benches
  --benchmark_list_tests      prints their names
  --help                      this text

Other options of Google Benchmark are taken too. Exit status: 0 done, 1 failed,
2 wrong use.
)";

void print_usage() { std::fputs(kUsage, stdout); }

struct Options {
  std::string json;
  bool strict = false;
  bool wrong = false;
  std::vector<char*> rest;  // for Google Benchmark
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 0; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--strict") {
      options.strict = true;
    } else if (argument == "--profile") {
      set_profiling();
    } else if (argument.starts_with("--json=")) {
      options.json = argument.substr(7);
      options.wrong = options.wrong || options.json.empty();
    } else if (argument == "--json") {
      if (i + 1 < argc) options.json = argv[++i];
      options.wrong = options.wrong || options.json.empty();
    } else {
      options.rest.push_back(argv[i]);
    }
  }
  if (options.wrong) std::fputs("memoscape-bench: --json needs a file\n", stderr);
  return options;
}

// A line for each bench that has ended, on stderr.
class Progress : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double> took = now - last_;
    last_ = now;
    for (const Run& run : runs) {
      std::string name = run.benchmark_name();
      name = name.substr(0, name.find("/iterations:"));
      if (run.error_occurred) {
        failed_ = true;
        std::fprintf(stderr, "FAILED  %s: %s\n", name.c_str(), run.error_message.c_str());
      } else {
        std::fprintf(stderr, "%6.1f s  %s\n", took.count(), name.c_str());
      }
    }
  }

  bool failed() const noexcept { return failed_; }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  bool failed_ = false;
};

bool missed_a_gate(bool filtered) {
  const std::vector<Verdict> verdicts = judge();
  return std::any_of(verdicts.begin(), verdicts.end(), [&](const Verdict& verdict) {
    return verdict.met == Verdict::Met::no ||
           (verdict.met == Verdict::Met::unmeasured && !filtered);
  });
}

int run(int argc, char** argv) {
  Options options = parse(argc, argv);
  if (options.wrong) return 2;
  int rest = static_cast<int>(options.rest.size());
  benchmark::Initialize(&rest, options.rest.data(), &print_usage);
  if (benchmark::ReportUnrecognizedArguments(rest, options.rest.data())) return 2;
  const std::string filter = benchmark::GetBenchmarkFilter();
  Progress progress;
  if (benchmark::RunSpecifiedBenchmarks(&progress) == 0) return 1;
  benchmark::Shutdown();
  print_tables();
  if (!options.json.empty()) write_json(options.json, argc, argv);
  if (progress.failed()) return 1;
  return options.strict && missed_a_gate(!filter.empty() && filter != "all") ? 1 : 0;
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) {
  try {
    return bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "memoscape-bench: %s\n", error.what());
    return 1;
  }
}

// Options: the command line of memoscape-eviction.
//
// Thread-safety: one thread at a time (getopt keeps global state).
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bench/eviction/workloads.hpp"
#include "engine/simulation/trace.hpp"

namespace bench::eviction {

enum class Action : std::uint8_t { run, help };

struct Options {
  Action action = Action::run;
  std::vector<std::string> traces;     // files; none: the built-in workloads
  std::vector<std::string> workloads;  // names; none: all
  std::vector<double> percents = {1, 5, 20, 50};
  WorkloadOptions workload;
  ReadOptions read;
  bool equal = false;  // all objects weigh the same
  bool cost = true;    // measure what evictions cost
  bool check = false;  // the exit status says whether the bars are met
};

// A bad option, in one line.
struct OptionError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws: OptionError.
Options parse_options(int argc, char** argv);

std::string_view help_text() noexcept;

}  // namespace bench::eviction

// The commands of `memoscape`, without their command line. Each prints to the standard output.
//
// Thread-safety: one thread at a time.
// All throw: InputError for files that cannot be used, one line; std::system_error for output that
// cannot be written; Interrupted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/simulation/trace.hpp"
#include "memoscape/report.hpp"

namespace tool {

struct ReportCommand {
  std::string file;
  std::string html;             // write a page there; empty: print
  std::string format = "text";  // or the name of another format, for the standard output
  std::size_t top = 0;          // permutations; 0: as many as the format shows by itself
  memoscape::ReportOptions select = {};
};
void run(const ReportCommand& command);

// What grew from one report to another.
struct DiffCommand {
  std::string before;
  std::string after;
  std::size_t top = 20;  // rows of each table; 0: all
  std::string by = "bytes";
  std::string function;  // only of this one; empty: of all
};
void run(const DiffCommand& command);

struct TraceInput {
  std::vector<std::string> files;
  simulation::ReadOptions read = {};
};

// Curves, and what they recommend.
struct TuneCommand {
  TraceInput input;
  std::vector<std::string> policies;  // names; none: the default one
  std::vector<std::uint64_t> limits;  // bytes; none: as many as show the shape
  std::string html;                   // also as a page there; empty: not
};
void run(const TuneCommand& command);

// Policies side by side.
struct SimulateCommand {
  TraceInput input;
  std::vector<std::string> policies;  // names; none: all
  std::vector<std::uint64_t> limits;  // bytes
  std::vector<double> percents;       // limits, of the bytes of all that is called
};
void run(const SimulateCommand& command);

// Throws: InputError.
simulation::Trace read(const TraceInput& input);
// "12,345 calls of 678 permutations in 3.2 h, 45.6 MiB if all were kept." and what else is to say.
std::string summary(const simulation::Trace& trace);

}  // namespace tool

// The built-in workloads: traces made by a generator.
//
// Thread-safety: pure functions.
//
//   Trace trace = make_workload("zipf", {});
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/simulation/trace.hpp"

namespace bench::eviction {

using namespace simulation;  // traces and their replay, which the command `memoscape` has, too

struct WorkloadOptions {
  std::size_t requests = 200'000;  // about: walks end at the end of a run
  std::uint64_t seed = 1;
};

struct Workload {
  std::string_view name;
  std::string_view what;
  Trace (*make)(const WorkloadOptions& options);
};

std::span<const Workload> workloads();

// Requires: a name of `workloads`.
Trace make_workload(std::string_view name, const WorkloadOptions& options);

}  // namespace bench::eviction

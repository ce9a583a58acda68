// Traces as CSV.
#include <cstdlib>

#include "engine/simulation/trace.hpp"
#include "tests/fuzz/fuzz.hpp"

void fuzz(std::string_view text) {
  try {
    const simulation::Trace trace = simulation::parse_csv("fuzz", text);
    for (const simulation::Request& request : trace.requests) {
      if (request.object >= trace.objects || request.bytes == 0) std::abort();
    }
  } catch (const simulation::TraceError&) {
  }
}

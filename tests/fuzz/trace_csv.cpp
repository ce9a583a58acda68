// Traces as CSV.
#include <cstdlib>

#include "bench/eviction/trace.hpp"
#include "tests/fuzz/fuzz.hpp"

void fuzz(std::string_view text) {
  try {
    const bench::eviction::Trace trace = bench::eviction::parse_csv("fuzz", text);
    for (const bench::eviction::Request& request : trace.requests) {
      if (request.object >= trace.objects || request.bytes == 0) std::abort();
    }
  } catch (const bench::eviction::TraceError&) {
  }
}

// Traces that an engine records: whole files, and contents of a block with a right checksum.
#include <cstdlib>

#include "engine/simulation/trace.hpp"
#include "engine/trace_format.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

void read(std::string_view file, bool salvage) {
  try {
    const simulation::Trace trace = simulation::parse_memoscape("fuzz", file, {.salvage = salvage});
    if (trace.function_of.size() != trace.objects || trace.calls() == 0) std::abort();
    for (const simulation::Request& request : trace.requests) {
      if (request.object >= trace.objects || request.bytes == 0 || request.times == 0) std::abort();
      if (trace.function_of[request.object] >= trace.functions.size()) std::abort();
    }
  } catch (const simulation::TraceError&) {
  }
}

}  // namespace

void fuzz(std::string_view text) {
  read(text, false);
  read(text, true);
  namespace detail = memoscape::detail;
  const std::string block =
      std::string(detail::kTraceHeader) + detail::trace_frame(text) + std::string(text);
  read(block, false);
  read(block + block.substr(detail::kTraceHeader.size()), true);
}

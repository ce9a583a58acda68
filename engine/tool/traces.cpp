// What the commands that read traces have in common.
#include <system_error>

#include "engine/text_table.hpp"
#include "engine/tool/commands.hpp"
#include "engine/tool/console.hpp"
#include "memoscape/bytes.hpp"

namespace tool {

simulation::Trace read(const TraceInput& input) {
  try {
    return simulation::read_traces(input.files, input.read);
  } catch (const simulation::TraceError& error) {
    throw InputError(error.what());
  } catch (const std::system_error& error) {
    throw InputError(error.what());
  }
}

std::string summary(const simulation::Trace& trace) {
  using memoscape::detail::several;
  std::string text =
      several(trace.calls(), "call") + " of " + several(trace.objects, "permutation");
  if (trace.span.count() > 0) text += " in " + memoscape::detail::duration(trace.span);
  text += ", " + memoscape::readable_bytes(trace.unique_bytes()) + " if all were kept.";
  if (trace.lost > 0) {
    text += ' ' + several(trace.lost, "call") + " came too fast to be recorded, and " +
            (trace.lost == 1 ? "is" : "are") + " missing.";
  }
  return text;
}

}  // namespace tool

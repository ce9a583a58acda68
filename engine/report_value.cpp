// Reports and advice as values: names and sums. Alone, as readers of reports need no engine.
#include "memoscape/advice.hpp"
#include "memoscape/report.hpp"

namespace memoscape::inline v0 {

std::string_view to_string(Kind kind) noexcept { return kind == Kind::data ? "data" : "resource"; }
std::string_view to_string(Scope scope) noexcept {
  return scope == Scope::engine ? "engine" : "session";
}
std::string_view to_string(BytesSource source) noexcept {
  switch (source) {
    case BytesSource::declared:
      return "declared";
    case BytesSource::arena:
      return "arena";
    case BytesSource::traversal:
      break;
  }
  return "traversal";
}

Counters& Counters::operator+=(const Counters& other) noexcept {
  lookups += other.lookups;
  hits += other.hits;
  followers += other.followers;
  misses += other.misses;
  abandoned += other.abandoned;
  stored += other.stored;
  failed += other.failed;
  tainted += other.tainted;
  discarded += other.discarded;
  oversize += other.oversize;
  divergences += other.divergences;
  compute += other.compute;
  saved += other.saved;
  evicted_bytes += other.evicted_bytes;
  evicted_entries += other.evicted_entries;
  expired += other.expired;
  cleared += other.cleared;
  invalidated += other.invalidated;
  diverged += other.diverged;
  ended_with_inner += other.ended_with_inner;
  return *this;
}

EntryBytes& EntryBytes::operator+=(const EntryBytes& other) noexcept {
  value += other.value;
  recording += other.recording;
  key += other.key;
  return *this;
}

std::string_view to_string(Confidence confidence) noexcept {
  switch (confidence) {
    case Confidence::none:
      return "none";
    case Confidence::low:
      return "low";
    case Confidence::fair:
      return "fair";
    case Confidence::high:
      return "high";
  }
  return {};
}

}  // namespace memoscape::inline v0

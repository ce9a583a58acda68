// clear in all its forms (rules C6, L4): ends the entries, and closes the executions in progress
// that could bring a cleared value back. A closed flight returns to its caller and to those who
// follow it already, is not kept, and nobody joins it any more; so are the flights around it.
#include <vector>

#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

namespace {

void close_flights_of(Space& space) {
  for (Flight* flight = space.flights.first(); flight != nullptr;
       flight = space.flights.next(*flight)) {
    for (Flight* one = flight; one != nullptr; one = one->enclosing) one->closed = true;
  }
}

}  // namespace

void EngineCore::close_flights(Function& function) {
  for (Space* space = function.spaces.first(); space != nullptr;
       space = function.spaces.next(*space)) {
    close_flights_of(*space);
  }
}

void EngineCore::clear_arguments(Locked& locked, Function& function, std::string_view key) {
  // Of every session, when the function is session-scoped.
  clear_spaces(locked, function, [&](const Space& space) { return space.key() == key; });
}

void EngineCore::clear_space(Locked& locked, Space& space) {
  close_flights_of(space);
  end_subtree(locked, space.root, Cause::cleared);
  prune(locked, &space.root);
}

void EngineCore::clear_function(Locked& locked, Function& function) {
  clear_spaces(locked, function, [](const Space&) { return true; });
}

void EngineCore::clear_spaces(Locked& locked, Function& function, const auto& chosen) {
  // Ending the entries of one space can end, and remove, other spaces of the same function.
  std::vector<std::pair<std::uint64_t, std::string>> all;
  for (Space* space = function.spaces.first(); space != nullptr;
       space = function.spaces.next(*space)) {
    if (chosen(*space)) all.emplace_back(space->session, space->key());
  }
  for (const auto& [owner, key] : all) {
    if (Space* space = find_space(function, owner, key)) clear_space(locked, *space);
  }
}

void EngineCore::retire(Locked& locked, Function& function) {
  clear_function(locked, function);
  function.live = false;
  if (function.objects > 0) retired.push_back(function.shared_from_this());
  gone += function.counters;
  function.counters = {};
}

void EngineCore::end_session(std::uint64_t session) {
  Locked locked(*this);
  for (const auto& [name, function] : functions) {
    if (function->spec.scope != Scope::session) continue;
    clear_spaces(locked, *function, [&](const Space& space) { return space.session == session; });
  }
}

void EngineCore::close() {
  Locked locked(*this);
  while (!functions.empty()) {
    retire(locked, *functions.begin()->second);
    functions.erase(functions.begin());
  }
}

}  // namespace memoscape::inline v0::detail

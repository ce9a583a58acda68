// clear in all its forms (rules C6, L4): ends the entries, and closes the executions in progress
// that could bring a cleared value back. A closed flight returns to its caller and to those who
// follow it already, is not kept, and nobody joins it any more; so are the flights around it.
#include <utility>

#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

void EngineCore::clear_arguments(Locked& locked, Function& function, std::string_view key,
                                 std::uint64_t hashed) noexcept {
  close_flights(
      [&](const Flight& flight) { return flight.function == &function && flight.key == key; });
  if (function.spec.scope == Scope::session) {
    clear_trees(locked, function, [&](const Node& root) { return root.edge.view() == key; });
    return;
  }
  if (Node* root = find_root(&function, 0, key, hashed)) {
    end_subtree(locked, *root, Cause::cleared);
  }
}

// Ends the first entry of `first()`, a root or null, again and again: a root goes with its last
// one. At most as many as the function has now, so what comes meanwhile does not keep it from an
// end.
void EngineCore::clear_most_of(const Function& function, const auto& first) noexcept {
  std::uint64_t left = 0;
  bool begun = false;
  in_steps([&](Locked& locked, std::size_t most) {
    if (!std::exchange(begun, true)) left = function.entries;
    for (; most > 0 && left > 0; --most, --left) {
      const Node* node = first();
      if (node == nullptr) return false;
      while (const Node* child = node->first_child()) node = child;
      end(locked, *node->leaf(), Cause::cleared);
    }
    return left > 0;
  });
}

void EngineCore::clear_most(Function& function) noexcept {
  clear_most_of(function, [&] { return function.roots.first(); });
}

void EngineCore::clear_most(Function& function, std::string_view key,
                            std::uint64_t hashed) noexcept {
  if (function.spec.scope == Scope::session) return;
  clear_most_of(function, [&] { return find_root(&function, 0, key, hashed); });
}

void EngineCore::clear_most_if(FunctionRef<bool(const Function&)> chosen) noexcept {
  FunctionPtr one;
  for (;;) {
    FunctionPtr next;
    {
      const Locked locked(*this);
      const auto place = one == nullptr ? functions.begin() : functions.upper_bound(one->spec.name);
      if (place == functions.end()) return;
      next = place->second;
    }
    one = std::move(next);
    if (chosen(*one)) clear_most(*one);
  }
}

void EngineCore::clear_function(Locked& locked, Function& function) noexcept {
  close_flights([&](const Flight& flight) { return flight.function == &function; });
  clear_trees(locked, function, [](const Node&) { return true; });
}

void EngineCore::clear_trees(Locked& locked, Function& function, const auto& chosen) noexcept {
  // Ending the entries of one tree can end, and remove, other trees of the same function: so the
  // chosen ones come first in the list, and the first is cleared until it is none of them.
  Roots& roots = function.roots;
  for (Node* root = roots.first(); root != nullptr;) {
    Node* const next = roots.next(*root);
    root->passed = !chosen(*root);
    if (!root->passed) {
      roots.remove(*root);
      roots.push_front(*root);
    }
    root = next;
  }
  while (!roots.empty() && !roots.first()->passed) {
    end_subtree(locked, *roots.first(), Cause::cleared);
  }
}

void EngineCore::retire(Locked& locked, Function& function) noexcept {
  function.live = false;  // before flights are closed: none begins afterwards
  clear_function(locked, function);
  removed.fetch_add(1, std::memory_order_relaxed);
  if (function.objects > 0) function.next = std::exchange(retired, function.shared_from_this());
  gone += function.counters;
}

void EngineCore::end_session(std::uint64_t session) noexcept {
  Locked locked(*this);
  close_flights([&](const Flight& flight) { return flight.session == session; });
  for (;;) {
    const auto its = of_sessions.find(session);
    if (its == of_sessions.end()) return;
    end_subtree(locked, *its->second.first()->root, Cause::cleared);
  }
}

void EngineCore::close() noexcept {
  decltype(functions) closed;  // freed after the mutex is released
  Locked locked(*this);
  for (const auto& [name, function] : functions) retire(locked, *function);
  closed.swap(functions);
}

}  // namespace memoscape::inline v0::detail

// Entries and ghosts: storing, evicting, ending, and what is built on what (rule P8).
//
// Two ways out of the store:
// - evicted: the value goes; the identity stays as a ghost while something is built on it;
// - ended (expired, cleared, refused by validate, diverged): the identity goes, and with it, at
//   once, everything built on it.
// Chains of dependents can be long, so everything here works off lists and never recurses.
#include <algorithm>
#include <cassert>
#include <utility>

#include "engine/store.hpp"
#include "memoscape/detail/allocated.hpp"

namespace memoscape::inline v0::detail {

namespace {

void count_cause(Counters& counters, Cause cause) {
  switch (cause) {
    case Cause::max_bytes:
      ++counters.evicted_bytes;
      break;
    case Cause::max_entries:
      ++counters.evicted_entries;
      break;
    case Cause::expired:
      ++counters.expired;
      break;
    case Cause::cleared:
      ++counters.cleared;
      break;
    case Cause::invalidated:
      ++counters.invalidated;
      break;
    case Cause::diverged:
      ++counters.diverged;
      break;
    case Cause::inner_ended:
      ++counters.ended_with_inner;
      break;
    case Cause::replaced:
      break;
  }
}

}  // namespace

std::uint64_t permutation_charge(const Permutation& permutation) noexcept {
  std::uint64_t bytes =
      node_charge(permutation) + kPolicyShare +
      (permutation.expiry.get() == Permutation::TimePoint::max() ? 0 : ExpiryQueue::kShare);
  if (permutation.ties == nullptr) return bytes;
  bytes += allocated(sizeof(Ties)) + allocated(permutation.inner().size_bytes());
  if (permutation.function_hook() != nullptr) {
    bytes += allocated(sizeof(FunctionHook)) + kPolicyShare;
  }
  return bytes;
}

bool EngineCore::make_room(Locked& locked, Policy& order, const Limits& limit,
                           const std::uint64_t& entries_now, const auto& charged_now) noexcept {
  for (;;) {
    const bool bytes_over = exceeds(charged_now(), limit.max_bytes);
    const bool entries_over = limit.max_entries != 0 && entries_now > limit.max_entries;
    if (!bytes_over && !entries_over) return true;
    PolicyHook* victim = order.victim();
    if (victim == nullptr) return false;
    evict(locked, entry_of(order, *victim), bytes_over ? Cause::max_bytes : Cause::max_entries);
  }
}

void Permutation::keep(const BoxPtr& its_box, const RecordingPtr& its_recording) noexcept {
  its_box->add_reference();
  const bool shows = its_recording != nullptr;
  shows_in_main = shows && its_recording->in_main;
  shows_in_sidebar = shows && its_recording->in_sidebar;
  shows_contents = shows && !its_recording->contents.empty();
  if (shows) its_recording->self = its_recording;
  recording = its_recording.get();
  box = its_box.get();
}

BoxPtr Permutation::give_box() noexcept {
  BoxPtr given(box);
  box = nullptr;
  return given;
}

const Recording* Permutation::give_recording() noexcept {
  const Recording* const given = recording;
  recording = nullptr;
  return given;
}

bool EngineCore::store(Locked& locked, Permutation& permutation, Flight& flight) noexcept {
  assert(!permutation.is_entry());
  Function& function = *permutation.function;
  if (flight.equal && flight.equal->keeper().count > 0) std::swap(flight.box, flight.equal);
  const std::uint64_t value = flight.box->bytes;
  const Recording* const shown = flight.recording.get();
  const std::uint64_t page = shown == nullptr ? 0 : shown->own_bytes + content_bytes(*shown);
  const std::uint64_t whole = value + page + permutation.key_bytes;
  if (whole < value || exceeds(whole, limits.max_bytes) ||
      exceeds(whole, function.limits.max_bytes)) {
    ++function.counters.oversize;
    return false;
  }
  begin_change();
  watch_crowding(locked, function, whole);
  look_ahead(&function, 5);
  // Charged first, and then room is made: what it shares or replays is not charged twice, and
  // stays charged when the entry it belonged to is evicted. The mutex hides the moment between. It
  // is no victim itself, as no policy knows it yet.
  permutation.keep(flight.box, flight.recording);
  charge_value(permutation);
  const bool room = (function.policy == nullptr ||
                     make_room(locked, *function.policy, function.limits, function.entries,
                               [&] { return function.charged(); })) &&
                    make_room(locked, *policy, limits, entries, [&] { return charged(); });
  if (!room) {
    uncharge_value(permutation);
    // Not the last references: the flight has them.
    permutation.give_box();
    if (const Recording* given = permutation.give_recording()) given->self = nullptr;
    ++function.counters.oversize;
    return false;
  }
  add_to_policies(permutation);
  ++function.counters.stored;
  return true;
}

void EngineCore::charge_value(Permutation& permutation) noexcept {
  Function& function = *permutation.function;
  charge_nodes(function, -static_cast<std::int64_t>(permutation.key_bytes));
  if (const Recording* const recording = permutation.recording) {
    charge_recording(*recording, function);
    permutation.recording_bytes = Permutation::fitting(recording->own_bytes);
  }
  add_sharer(permutation);
  const EntryBytes charged = permutation.bytes();
  function.bytes += charged;
  bytes += charged;
  ++function.entries;
  ++entries;
}

void EngineCore::uncharge_value(Permutation& permutation) noexcept {
  Function& function = *permutation.function;
  remove_sharer(permutation);
  const EntryBytes charged = permutation.bytes();
  for (EntryBytes* sum : {&function.bytes, &bytes}) {
    sum->value -= charged.value;
    sum->recording -= charged.recording;
    sum->key -= charged.key;
  }
  --function.entries;
  --entries;
  charge_nodes(function, static_cast<std::int64_t>(permutation.key_bytes));
  permutation.has_value_alone = false;
  permutation.recording_bytes = 0;
  if (const Recording* recording = permutation.recording) uncharge_recording(*recording, function);
}

void EngineCore::take_value(Locked& locked, Permutation& permutation, Cause cause) noexcept {
  Function& function = *permutation.function;
  begin_change();
  count_cause(function.counters, cause);
  call_in_leases(locked, permutation);
  remove_from_policies(permutation);
  uncharge_value(permutation);
  Keeper& keeper = permutation.box->keeper();
  if (keeper.count == 0) {
    keeper.held.store(true, std::memory_order_relaxed);
    ledger->held.fetch_add(permutation.box->bytes, std::memory_order_relaxed);
  }
  // A lookup takes references only to what it has pinned before this change. Through another entry
  // that had the value, too.
  const bool may_be_taken = permutation.pins != 0 || keeper.was_shared;
  FreedValues& freed = may_be_taken ? locked.freed.values : locked.values;
  freed.add(permutation.give_box());
  if (const Recording* recording = permutation.give_recording()) freed.add(*recording);
}

void EngineCore::call_in_leases(Locked& locked, Permutation& permutation) noexcept {
  while (StoreLease* lease = permutation.leases.first()) {
    lease->leave();
    locked.leases.called_in.push_back(*lease);
    lease->call_in();
    lease->page_called_in = std::exchange(lease->page, nullptr);
    if (lease->page_called_in != nullptr) lease->page_called_in->call_in();
  }
}

void EngineCore::call_in_all_leases(Locked& locked) noexcept {
  for (Shortcuts* one = shortcuts.first(); one != nullptr; one = shortcuts.next(*one)) {
    one->call_in_leases(locked);
  }
}

void EngineCore::evict(Locked& locked, Permutation& permutation, Cause cause) noexcept {
  take_value(locked, permutation, cause);
  WorkList work;
  work.push_back(permutation);
  remove_if_idle(locked, work);
}

void EngineCore::remove_if_idle(Locked& locked, WorkList& work) noexcept {
  while (Permutation* ghost = work.pop_front()) {
    const bool idle = ghost->in_tree && !ghost->is_entry() && ghost->dependents.empty() &&
                      ghost->builders == 0 && !ghost->kept;
    if (!idle) continue;
    unbuild(*ghost, work);
    drop(locked, *ghost);
  }
}

// Takes a ghost out of its tree.
void EngineCore::drop(Locked& locked, Permutation& permutation) noexcept {
  if (permutation.expiry.get() != Permutation::TimePoint::max()) expiries.erase(permutation);
  charge_nodes(*permutation.function,
               -static_cast<std::int64_t>(std::exchange(permutation.key_bytes, 0)));
  take_out(locked, permutation);
  prune(locked, permutation.parent());
  if (permutation.pins == 0 && permutation.builders == 0) {
    free_permutation(locked, permutation);
  }
}

void EngineCore::end(Locked& locked, Permutation& permutation, Cause cause) noexcept {
  WorkList ending;
  WorkList idle;
  permutation.ended = true;
  ending.push_back(permutation);
  for (Permutation* one = ending.first(); one != nullptr; one = ending.next(*one)) {
    for (Dependency* edge = one->dependents.first(); edge != nullptr;
         edge = one->dependents.next(*edge)) {
      if (edge->outer->ended) continue;
      edge->outer->ended = true;
      ending.push_back(*edge->outer);
    }
    if (one->is_entry()) {
      take_value(locked, *one, one == &permutation ? cause : Cause::inner_ended);
    }
  }
  for (Permutation* one = ending.first(); one != nullptr; one = ending.next(*one)) {
    unbuild(*one, idle);
  }
  while (Permutation* one = ending.pop_front()) {
    if (one->in_tree) drop(locked, *one);
    if (one->builders > 0) close_builders(*one);
  }
  remove_if_idle(locked, idle);
}

// Nobody joins an execution that has used what has ended.
void EngineCore::close_builders(const Permutation& permutation) noexcept {
  close_flights([&](const Flight& flight) {
    const auto& inner = flight.built_on;
    return std::find(inner.begin(), inner.end(), &permutation) != inner.end();
  });
}

void EngineCore::end_subtree(Locked& locked, Node& top, Cause cause) noexcept {
  if (top.is_leaf) return end(locked, *top.leaf(), cause);
  top.kept = true;
  // Ending one permutation may end others below `top` and free their nodes, so each is looked for
  // from the top again: the first leaf, a path down.
  while (Node* node = top.first_child()) {
    while (Node* first = node->first_child()) node = first;
    end(locked, *node->leaf(), cause);
  }
  top.kept = false;
  prune(locked, &top);
}

void EngineCore::recharge(Permutation& permutation) noexcept {
  const std::uint64_t now = permutation_charge(permutation);
  const std::uint64_t change = now - permutation.key_bytes;  // modulo 2^64
  permutation.key_bytes = Permutation::fitting(now);
  if (permutation.is_entry()) {
    permutation.function->bytes.key += change;
    bytes.key += change;
  } else {
    charge_nodes(*permutation.function, static_cast<std::int64_t>(change));
  }
}

void EngineCore::build_on(Permutation& outer, const std::vector<Permutation*>& inner) noexcept {
  const std::span<Dependency> edges = outer.inner();
  for (std::size_t i = 0; i < inner.size(); ++i) {
    edges[i].outer = &outer;
    edges[i].inner = inner[i];
    inner[i]->dependents.push_back(edges[i]);
  }
}

void EngineCore::unbuild(Permutation& outer, WorkList& idle) noexcept {
  if (outer.ties == nullptr) return;
  for (Dependency& edge : outer.inner()) {
    Permutation& inner = *edge.inner;
    inner.dependents.remove(edge);
    if (inner.dependents.empty() && !inner.is_entry() && !inner.ended) idle.push_back(inner);
  }
  outer.ties->inner.reset();
  outer.ties->inner_count = 0;
  if (outer.ties->empty()) outer.ties.reset();
}

void EngineCore::free_permutation(Locked& locked, Permutation& permutation) noexcept {
  if (permutation.freed) return;
  permutation.freed = true;
  Function& function = *permutation.function;
  locked.freed.permutations.push_back(permutation);
  if (--function.objects > 0 || function.live) return;
  FunctionPtr* place = &retired;
  while (*place != nullptr && place->get() != &function) place = &(*place)->next;
  if (*place == nullptr) return;
  FunctionPtr rest = std::move((*place)->next);
  locked.freed.add(std::exchange(*place, std::move(rest)));
}

void EngineCore::unpin(Locked& locked, Permutation& permutation) noexcept {
  assert(permutation.pins > 0);
  --permutation.pins;
  if (!permutation.in_tree && permutation.pins == 0 && permutation.builders == 0) {
    free_permutation(locked, permutation);
  }
}

void EngineCore::drop_builder(Locked& locked, Permutation& permutation) noexcept {
  assert(permutation.builders > 0);
  --permutation.builders;
  if (!permutation.in_tree) {
    if (permutation.pins == 0 && permutation.builders == 0) {
      free_permutation(locked, permutation);
    }
    return;
  }
  WorkList work;
  work.push_back(permutation);
  remove_if_idle(locked, work);
}

}  // namespace memoscape::inline v0::detail

// The store: all functions, state spaces and entries of one engine, under one mutex; and its
// flights.
//
// Locking. `mutex` guards everything that is not const or atomic. No user code runs under it:
// what an operation frees is collected in Locked::freed and destroyed after the mutex is released.
// Lookups read without it (readers.hpp): before what they read is changed, `begin_change` is
// called. The order of locks is: store, then those of flights (flights.hpp). A session's own mutex
// is never held across a call into the engine.
//
// Accounting. charged = entries + nodes + shared:
// - entries: EntryBytes of every permutation that has a value;
// - nodes: inner nodes and ghosts;
// - shared: values that are one buffer for several permutations, contents of recordings (media,
//   tables, long texts), definitions of reads, one per distinct definition, and recordings that are
//   still replayed by an entry after their own permutation is gone.
// Everything is charged at the allocator's usable size, when it is stored, and uncharged when it
// leaves the store, whoever still holds it; values still held then count as `held`.
#pragma once

#include <tsl/robin_map.h>

#include <atomic>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/advisor.hpp"
#include "engine/contents.hpp"
#include "engine/expiry_queue.hpp"
#include "engine/flights.hpp"
#include "engine/freed.hpp"
#include "engine/function.hpp"
#include "engine/hash.hpp"
#include "engine/hash_index.hpp"
#include "engine/locked.hpp"
#include "engine/mutex.hpp"
#include "engine/policy.hpp"
#include "engine/readers.hpp"
#include "engine/renewal.hpp"
#include "engine/shortcuts.hpp"
#include "engine/spares.hpp"
#include "engine/state_space.hpp"
#include "engine/stored_values.hpp"
#include "engine/tracer.hpp"
#include "memoscape/detail/call.hpp"
#include "memoscape/detail/function_ref.hpp"
#include "memoscape/engine.hpp"

namespace memoscape::inline v0::detail {

enum class Cause : std::uint8_t {
  max_bytes,
  max_entries,
  expired,
  cleared,
  invalidated,
  diverged,
  inner_ended,
  replaced,  // by a later execution of the same path: not counted
};

struct EngineCore;
class Places;

// The outcome of walking down a state space with the caller's state.
struct Walk {
  Permutation* permutation = nullptr;     // a live entry whose whole path agrees; null: none
  const StateRead* unresolved = nullptr;  // the walk needs this value, obtained without the lock

  bool is_absent() const noexcept { return permutation == nullptr && unresolved == nullptr; }
};
// The reads on the way, as the caller's session resolved them.
using Trail = boost::container::small_vector<const StateSource::Resolved*, 16>;

struct EngineCore : std::enable_shared_from_this<EngineCore> {
  explicit EngineCore(const EngineOptions& options);
  ~EngineCore();

  // Const after construction.
  const Clock* clock;
  const KeyHasher hash;
  const std::shared_ptr<Ledger> ledger = std::make_shared<Ledger>();

  std::atomic<Caching> caching;  // written under the mutex
  bool is_caching_off() const noexcept {
    return caching.load(std::memory_order_relaxed) == Caching::off;
  }
  // Hints for runs, written under the mutex. Whether any entry expires; whether so much is stored
  // that what is used more must be known at once: then runs merge at their end; how many functions
  // were removed, of which sessions may remember calls.
  std::atomic<bool> timed{false};
  std::atomic<bool> crowded{false};
  // Whether so much is stored, and room must be made, that what goes next is in no near cache.
  std::atomic<bool> looks_ahead{false};
  std::atomic<std::uint64_t> removed{0};

  // What calls look at, before, and what executions write, from here on, are in lines of their own.
  Flights flights;
  std::atomic<std::uint64_t> next_session{1};
  std::atomic<std::uint64_t> next_start{1};  // of executions
  std::atomic<std::uint64_t> clears{0};      // that have closed flights
  // Those to be settled by whoever has the mutex, the last first.
  mutable std::atomic<Flight*> handed_in{nullptr};
  mutable std::atomic<std::size_t> handed_in_count{0};
  static constexpr std::size_t kMostHandedIn = 16;
  // Of one of them. What is larger waits, as it is in memory and not in the limits meanwhile.
  static constexpr std::uint64_t kMostHandedInBytes = 65536;
  mutable Mutex mutex;
  mutable Readers readers;
  // To be called before anything is changed that lookups read: index, nodes, of permutations the
  // value, recording and expiry. Requires: the mutex.
  void begin_change() const noexcept { readers.begin_change(); }
  // Takes from it what lookups may meet that are under way, until the last of them closes. Both may
  // hold the mutex for a moment: `look_for_handed_in` afterwards, before anything is destroyed.
  void leave(Freed& freed) const noexcept;
  // Adds what was left to lookups, if no lookup can meet it any more.
  void take_left(Freed& freed) const noexcept;
  mutable std::atomic<bool> has_left{false};
  mutable std::atomic<std::uint64_t> left_epoch{0};  // written under the mutex
  // What is done to many entries is done a few at a time, as others must not wait for all of them,
  // nor what lookups find count for nothing that long: calls `step` until it gives false; it does
  // something to so many at most. Not under the mutex. Within a step, as user code may be called at
  // its end, all is done at once: it would go as deep as there are steps otherwise.
  void in_steps(FunctionRef<bool(Locked&, std::size_t most)> step) noexcept;
  // --- guarded by mutex ---
  Limits limits;
  std::map<std::string, FunctionPtr, std::less<>> functions;  // live ones, by name
  FunctionPtr retired;  // not live, but runs still refer to their permutations; by Function::next
  Counters gone;        // of functions that are no more
  // Of all sessions that have some: those whose hits were taken in last are last.
  List<Shortcuts, &Shortcuts::sibling> shortcuts;
  std::uint64_t rounds = 0;  // of those who ask for hits
  HashIndex<Node> index;
  StoredValues buffers;  // those with a digest
  mutable Freed left;    // to lookups that were under way when `left_epoch` ended
  // Of what was taken out last.
  mutable Spares<Inner, 8> spare_nodes;
  mutable Spares<Permutation, 2> spare_permutations;
  tsl::robin_map<std::size_t, std::unique_ptr<Interned>> interned;  // equal hashes are chained
  tsl::robin_map<std::uint64_t, SessionRoots> of_sessions;          // of those that have some
  ExpiryQueue expiries;
  tsl::robin_map<Digest, ContentPtr, DigestHash> contents;  // of charged recordings, the same way
  const Eviction eviction;
  std::unique_ptr<Policy> policy;
  Advisor advisor{*clock};
  std::unique_ptr<Tracer> tracer;  // null: nothing is recorded
  const Places* places = nullptr;  // of the result that is being stored
  std::uint64_t next_id = 1;
  EntryBytes bytes;
  std::uint64_t node_bytes = 0;
  std::uint64_t shared_bytes = 0;
  std::uint64_t media_bytes = 0;     // of shared_bytes: contents
  std::uint64_t unshared_bytes = 0;  // what shared values and contents would cost beside
  std::uint64_t entries = 0;

  std::uint64_t charged() const noexcept { return bytes.total() + node_bytes + shared_bytes; }

  // values.cpp
  // The stored value that equals a fresh one; null: there is none. It may leave the store
  // meanwhile, and cannot come back: then its keeper counts no entry. Calls user code: not under
  // the mutex.
  BoxPtr equal_value(const Box& fresh) const;
  // Requires: Places.
  void add_sharer(Permutation& permutation) noexcept;
  void remove_sharer(Permutation& permutation) noexcept;

  // eviction.cpp
  void add_to_policies(Permutation& permutation) noexcept;
  void use_in_policies(Permutation& permutation, std::uint32_t times) noexcept;
  // Tells the advisor, and a trace, of calls that used it.
  void advise_of(Permutation& permutation, std::uint32_t times) noexcept {
    const PolicyHook& hook = permutation;
    const bool done = tracer == nullptr && advisor.note_again(permutation.advised, hook.key,
                                                              hook.bytes, hook.cost, times);
    if (!done) advise_anew(permutation, times);
  }
  void advise_anew(Permutation& permutation, std::uint32_t times) noexcept;
  void remove_from_policies(Permutation& permutation) noexcept;
  // Which entry it is in this policy, the engine's or that of a function.
  Permutation& entry_of(const Policy& order, PolicyHook& hook) const noexcept {
    return &order == policy.get() ? static_cast<Permutation&>(hook)
                                  : *static_cast<FunctionHook&>(hook).permutation;
  }
  // Before `more` bytes are stored for a function: whether use must be known from here on.
  void watch_crowding(Locked&, const Function& function, std::uint64_t more) noexcept;
  // What goes for the next result of the function is brought into the cache: the entry, in the next
  // step what belongs to it, and so on up its tree.
  void look_ahead(const Function* function, std::size_t step) const noexcept {
    if (looks_ahead.load(std::memory_order_relaxed)) look_at_next(*function, step);
  }
  // The same without the mutex, unless somebody has it.
  void look_ahead_if_free(const Function* function, std::size_t step) const noexcept {
    if (looks_ahead.load(std::memory_order_relaxed)) look_if_free(*function, step);
  }
  // Takes in what all sessions have counted.
  void settle_shortcuts(Locked&) noexcept;
  // Those of a few that were not asked in this round. False: there are none.
  bool settle_some_shortcuts(Locked&, std::uint64_t round) noexcept;
  // All, without the mutex: a few sessions at a time, as others must not wait for all of them. What
  // they count meanwhile may be taken in or not.
  void take_in_hits() noexcept;

  // Of the value that was read; computed once for each value.
  std::uint64_t hash_of(const StateSource::Resolved& read) const noexcept {
    if (read.hash == 0) read.hash = hash.hash_bytes(read.state.bytes);
    return read.hash;
  }

  // The live function of that name, or null. Takes the mutex.
  FunctionPtr named(std::string_view name) const {
    const Locked locked(*this);
    const auto found = functions.find(name);
    return found == functions.end() ? nullptr : found->second;
  }

  // state_space.cpp
  // `function` is only compared.
  Node* find_root(const Function* function, std::uint64_t session, std::string_view key,
                  std::uint64_t hashed) const;
  // Requires: the mutex, or a lookup under way.
  Walk walk(const Node* root, StateSource& source, Trail& trail) const;
  // Several walks, of which it is known what they will meet if there is an answer, one step of each
  // in turn: while the memory of one is on its way, the others take their step. `session`: of the
  // caller, for functions whose entries belong to one. Requires: a lookup under way, after so many
  // changes.
  void walk_together(std::span<JointWalk> walks, std::uint64_t session,
                     std::uint64_t changes) const;
  // The leaf at the end of `path`, made when it is not there; its nodes are kept until
  // `release_path`. Null: an execution that started later found another read on this path.
  Permutation* insert_path(Locked&, Flight& flight);
  // `last`: an inner node, or a leaf that perhaps has left the tree.
  void release_path(Locked&, Node& last) noexcept;
  void prune(Locked&, Node* node) noexcept;  // removes empty inner nodes upwards
  void charge_nodes(Function& function, std::int64_t delta) noexcept;

  // entries.cpp. Storing needs what `keep` has reserved; nothing here fails.
  bool store(Locked&, Permutation& permutation, Flight& flight) noexcept;
  void evict(Locked&, Permutation& permutation, Cause cause) noexcept;
  // Ends it and everything built on it, directly or not.
  void end(Locked&, Permutation& permutation, Cause cause) noexcept;
  // All at and below a node, which goes, too. Requires: no insertion stands on it.
  void end_subtree(Locked&, Node& top, Cause cause) noexcept;
  void recharge(Permutation& permutation) noexcept;  // after its size or expiry changed
  // Requires: its ties have an edge for each.
  void build_on(Permutation& outer, const std::vector<Permutation*>& inner) noexcept;
  // What nothing is built on any more is put on the list.
  void unbuild(Permutation& outer, WorkList& idle) noexcept;
  void close_builders(const Permutation& permutation) noexcept;
  void remove_if_idle(Locked&, WorkList& work) noexcept;
  void unpin(Locked&, Permutation& permutation) noexcept;
  void drop_builder(Locked&, Permutation& permutation) noexcept;

  void free_permutation(Locked&, Permutation& permutation) noexcept;
  void call_in_leases(Locked&, Permutation& permutation) noexcept;
  void call_in_all_leases(Locked&) noexcept;

  // settle.cpp
  // An execution that has ended is counted, made an entry if it may be one, and handed to those who
  // follow. Gives the permutation, of which it, too, may be a builder: of `outer`, whose execution
  // is under way; null: of none.
  Permutation* settle(Locked&, Flight& flight, Flight* outer) noexcept;
  // Leaves that to whoever has the mutex. False: there is no room, or it is large.
  bool hand_in(const FlightPtr& flight, const FunctionPtr& function) noexcept;
  void settle_handed_in(Locked&) const noexcept;
  // To be called by who has released the mutex.
  void look_for_handed_in() const noexcept {
    if (is_any_handed_in()) settle_if_free();
  }
  // For who has released the mutex before, or will try to take it afterwards.
  bool is_any_handed_in() const noexcept {
#ifdef MEMOSCAPE_TSAN
    Flight* none = nullptr;
    return !handed_in.compare_exchange_strong(none, nullptr);
#else
    return handed_in.load() != nullptr;
#endif
  }

  // keep.cpp
  // Makes the result of a finished execution an entry. Null: it is not kept, not even as a ghost.
  // With `wanted`, the result counts one more builder. Throws: std::bad_alloc; then it is not kept,
  // and no entry has changed.
  Permutation* keep(Locked&, Flight& flight, bool wanted);

  // recordings.cpp
  // Charging requires: Places.
  void charge_recording(const Recording& recording, Function& owner) noexcept;
  void uncharge_recording(const Recording& recording, Function& owner) noexcept;

  // contents.cpp
  // Puts what is stored in the place of what is equal. Not under the mutex.
  void share_contents(Recording& recording) const;
  ContentPtr equal_content(const ContentPtr& fresh) const;
  // When a recording begins to be charged, and ends.
  void charge_contents(const Recording& recording) noexcept;
  void uncharge_contents(const Recording& recording) noexcept;
  // When it begins to belong to a permutation of the function, and ends.
  void use_contents(const Recording& recording, Function& function) noexcept;
  void leave_contents(const Recording& recording, Function& function) noexcept;

  // expiry.cpp
  // Requires: room in `expiries`, if it did not expire before and does from here on.
  void set_expiry(Permutation& permutation) noexcept;
  // After a ttl has changed, of one function or, if that is null, of the engine: brings what
  // expires up to date, in steps. For what there is no memory to expire later, that is now. Not
  // under the mutex.
  void renew_expiries(const Function* function) noexcept;
  std::uint64_t sweep(Locked&, Clock::time_point now, std::uint64_t most) noexcept;
  std::uint64_t sweep_all() noexcept;  // in steps; not under the mutex

  // limits.cpp
  void enforce_limits(Locked&) noexcept;
  // Before limits become these, of a function or, if that is null, of the engine: evicts what will
  // be above them, in steps, so that little is left for `enforce_limits`. Not under the mutex.
  void come_down(const Function* function, const Limits& to) noexcept;

  // Where to count what a function does: its own counters, or those of the functions that are gone.
  Counters& counters_of(Function& function) noexcept {
    return function.live ? function.counters : gone;
  }

  // clear.cpp
  void clear_function(Locked&, Function& function) noexcept;
  // Before that: ends most of its entries, in steps, so that little is left. Not under the mutex.
  void clear_most(Function& function) noexcept;
  void clear_most_if(FunctionRef<bool(const Function&)> chosen) noexcept;
  // `hashed` is that of a call whose entries all sessions share.
  void clear_arguments(Locked&, Function& function, std::string_view key,
                       std::uint64_t hashed) noexcept;
  void clear_most(Function& function, std::string_view key, std::uint64_t hashed) noexcept;
  void clear_trees(Locked&, Function& function, const auto& chosen) noexcept;
  // Nobody joins the chosen ones, and they are not kept.
  void close_flights(const auto& chosen) noexcept {
    ++clears;
    flights.for_each([&](Flight& flight) {
      if (flight.beyond_clears || chosen(flight)) flight.close();
    });
  }
  void clear_most_of(const Function& function, const auto& first) noexcept;
  void retire(Locked&, Function& function) noexcept;  // clears it for good
  void end_session(std::uint64_t session) noexcept;
  void close() noexcept;

  // The definition that nodes hold which have this read; one more does. Throws: std::bad_alloc.
  const StateRead& intern(const StateReadPtr& read);
  // Where nodes that hold this very object are counted; null: there are none.
  Interned* interned_as(const StateRead& read) const noexcept {
    const bool is_here = read.interning_.engine.load(std::memory_order_relaxed) == this;
    return is_here ? read.interning_.counted : nullptr;
  }
  // The definition that entries hold already, if it is the same; else this one. Takes the mutex.
  StateReadPtr interned_or(StateReadPtr fresh) const;
  void release_read(Locked&, const StateRead& read) noexcept;

 private:
  void look_at_next(const Function& function, std::size_t step) const noexcept;
  void look_if_free(const Function& function, std::size_t step) const noexcept;
  void settle_if_free() const noexcept;
  Interned* find_interned(const StateRead& read) const noexcept;
  bool claim(const StateRead& read) const noexcept;
  // `path`: to the child.
  Node* find_child(const Node& parent, std::string_view value, const PathHash& path) const;
  // Goes up a step from where it has come to, if it is the one that the walk takes there; else it
  // has no answer.
  static void confirm_step(JointWalk& walk, std::size_t depth) noexcept;
  Clock::time_point expiry_for(const Permutation& permutation) const noexcept;
  bool try_to_renew_expiry(Permutation& permutation) noexcept;
  void renew_expiry(Locked&, Permutation& first) noexcept;
  static void make_root(Node& made, const Flight& flight);
  void take_out(Locked&, Node& node) noexcept;  // of tree and index
  void forget_in_session(SessionRoot& root) noexcept;
  void drop(Locked&, Permutation& permutation) noexcept;
  void take_value(Locked&, Permutation& permutation, Cause cause) noexcept;
  void charge_value(Permutation& permutation) noexcept;
  void uncharge_value(Permutation& permutation) noexcept;
  void move_to_shared(Permutation& owner, const Keeper& keeper, std::uint64_t size) noexcept;
  void move_from_shared(Permutation& owner, const Keeper& keeper, std::uint64_t size) noexcept;
  void evict_above(Locked&, Policy& order, const Limits& limit, const std::uint64_t& entries_now,
                   const auto& charged_now, std::size_t& most) noexcept;
  bool make_room(Locked&, Policy& order, const Limits& limit, const std::uint64_t& entries_now,
                 const auto& charged_now) noexcept;
};

// limits.cpp. Gives a function a policy if limits, which it is to have next, need one, and takes it
// away if they need none. What that takes is mostly made before the mutex is taken.
class FunctionOrder {
 public:
  // Throws: std::bad_alloc.
  FunctionOrder(const EngineCore& core, const Function& function, const Limits& limits);
  // Throws: std::bad_alloc; nothing has changed then.
  void apply(Locked&, EngineCore& core, Function& function);

 private:
  bool is_limited_;
  std::vector<std::unique_ptr<FunctionHook>> hooks_;
  std::vector<std::unique_ptr<Ties>> ties_;
};

// What an entry is charged for its share of the tables: per node in the index, per value in that of
// values, per content in their table, at the usual load; per entry in a policy. What the tables
// really take beyond that is `table_slack`, on the report's line of fixed bytes.
inline constexpr std::uint64_t kNodeShare = 24;
inline constexpr std::uint64_t kValueShare = kNodeShare;
inline constexpr std::uint64_t kIndexShare = 64;
inline constexpr std::uint64_t kPolicyShare = 20;
std::uint64_t table_slack(const EngineCore& core);

// Tables start with room for a few, so that they do not come and go with every entry, and are made
// smaller after a burst. Complexity: linear when it shrinks, which is rare: constant on average.
inline constexpr std::size_t kFewEntries = 16;
template <class Map>
void give_back(Map& map) noexcept {
  if (map.bucket_count() <= 64 * kFewEntries || map.size() * 8 >= map.bucket_count()) return;
  try {
    map.rehash(0);
  } catch (const std::bad_alloc&) {
    // There is no memory for a smaller one: it stays as large as it was.
  }
}

// What is to be freed later.
inline HashTable::Outgrown give_back_places(HashTable& index) noexcept {
  if (index.bucket_count() <= 64 * kFewEntries || index.size() * 8 >= index.bucket_count()) {
    return {};
  }
  try {
    return index.shrink();
  } catch (const std::bad_alloc&) {
    return {};  // as above
  }
}

std::uint64_t node_charge(const Node& node) noexcept;
std::uint64_t permutation_charge(const Permutation& permutation) noexcept;
std::uint64_t policy_bytes(const Permutation& permutation) noexcept;  // for eviction
// The same for the same function, arguments, session and path, whatever became of the nodes.
std::uint64_t policy_key(std::uint64_t call, std::span<const PathStep> path) noexcept;
// All that a recording shows and is kept once per content; its part, if divided by who shows it.
std::uint64_t content_bytes(const Recording& recording) noexcept;
std::uint64_t content_part(const Recording& recording) noexcept;
// The shared line but for values and contents, counted anew: definitions, and recordings that
// outlived their permutation.
std::uint64_t shared_bytes(const EngineCore& core);
std::uint64_t orphaned_recording_bytes(const EngineCore& core);

// 0 and the function default mean none.
inline bool is_limit(std::uint64_t max_bytes) noexcept {
  return max_bytes != 0 && max_bytes != kDefaultMaxBytes;
}
inline bool exceeds(std::uint64_t bytes, std::uint64_t limit) noexcept {
  return is_limit(limit) && bytes > limit;
}
// Whether entries of a function can exceed them.
inline bool needs_policy(const Limits& limits) noexcept {
  return limits.max_entries != 0 || is_limit(limits.max_bytes);
}

// A quarter of the memory that the process may use; 0 when it cannot be told.
std::uint64_t default_max_bytes();

// What other limits would bring. Takes the mutex to copy the sample.
Advice make_advice(EngineCore& core);

// Everything that is wrong with the store, one line each.
std::string check_store(const EngineCore& core);

}  // namespace memoscape::inline v0::detail

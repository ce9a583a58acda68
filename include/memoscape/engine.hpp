// Engine: owns cached functions, entries and limits. One per process is usual, several are allowed.
//
// Ownership: sessions, handles (Cached) and shared values keep what they need alive; an engine may
// end before them. Calls through a handle after the engine's end throw StaleFunctionError.
//
// Thread-safety: all members may be called from any thread, also from inside cached functions,
// validators and destructors. No lock is held while user code runs.
//
//   ms::Engine engine({.limits = {.max_bytes = 512_MiB}});
//   auto square = engine.cache_data("square", [](ms::Run&, int x) { return x * x; });
//   ms::Page page = engine.run([&](ms::Run& run) { ms::write(run, *square(run, 7)); });
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "memoscape/advice.hpp"
#include "memoscape/clock.hpp"
#include "memoscape/detail/call.hpp"
#include "memoscape/limits.hpp"
#include "memoscape/page.hpp"
#include "memoscape/report.hpp"
#include "memoscape/session.hpp"
#include "memoscape/trace.hpp"

namespace memoscape::inline v0 {

// off: calls execute and nothing is stored; every error rule still applies.
enum class Caching : std::uint8_t { on, off };

struct EngineOptions {
  Limits limits = {};
  Caching caching = Caching::on;
  Eviction eviction = Eviction::gdsf;
  const Clock* clock = nullptr;  // null: the steady clock. It must outlive engine and sessions
  // For tests of collisions: replaces XXH3-128. Null: XXH3-128 with a secret of this engine's own.
  Digest (*hash)(std::string_view bytes) = nullptr;
};

// Options of a function that returns an immutable value.
struct DataOptions {
  bool allow_widgets = false;
  Limits limits = {};
  std::string version = {};     // another version of a live name replaces its entries
  Scope scope = Scope::engine;  // session: each session has its own entries
  std::string spinner = {};     // text while it executes; empty: "Running NAME ..."
  bool show_spinner = true;
};

// Options of a function that returns one shared object, which everybody may change.
template <class T>
struct ResourceOptions {
  bool allow_widgets = false;
  Limits limits = {};
  std::string version = {};
  Scope scope = Scope::engine;
  std::string spinner = {};
  bool show_spinner = true;
  // Runs on each hit, on the caller's thread; false drops the resource and executes again. If it
  // throws, the caller gets that and the entry stays.
  std::function<bool(const T&)> validate = {};
  // Gets each resource exactly once, when nothing holds it any more. Exceptions are counted.
  std::function<void(T&)> on_release = {};
};

// What clear_if is asked about: an entry of the report.
using PermutationPredicate = detail::FunctionRef<bool(const PermutationRow&)>;

namespace detail {
// What cache_data does for every function alike.
MEMOSCAPE_API FunctionPtr register_data(EngineCore& engine, std::string_view name,
                                        DataOptions options);
}  // namespace detail

class MEMOSCAPE_API Engine {
 public:
  // Throws: UsageError for a negative ttl.
  explicit Engine(EngineOptions options = {});
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  // Frees all entries; those that a Ref or a shared value holds, when it lets go.
  ~Engine();

  // Registers a function of `Run&` (first, or absent) and arguments; gives a handle to call it by.
  // Throws: UsageError for an empty or live name with the same version, a name that is not UTF-8,
  // a negative ttl.
  template <class F>
  auto cache_data(std::string_view name, F function, DataOptions options = {});
  template <class F>
  auto cache_resource(std::string_view name, F function,
                      ResourceOptions<detail::result_of_t<F>> options = {});
  // Ends a function: frees its entries; handles throw StaleFunctionError. Throws: UsageError for a
  // name that is not live.
  void remove(std::string_view name);

  // One pass of a script for nobody in particular: warm-up, command lines.
  Page run(Script script);

  // Limits are in force when this returns. What is above them goes some entries at a time, and so
  // does what expires by a new ttl; others have the store between. Throws: UsageError for a
  // negative ttl; std::bad_alloc. Complexity: of a new ttl: n log n in the nodes of the engine.
  void set_limits(const Limits& limits);
  // Of the cached function of that name. Throws: UsageError for a name that is not live, too.
  void set_limits(std::string_view function, const Limits& limits);
  Limits limits() const;
  // In force when this returns. Complexity: off: linear in the calls that sessions remember.
  void set_caching(Caching caching);
  Caching caching() const noexcept;

  // Frees entries, and all that was built on them, some at a time; executions in progress return to
  // their callers and are not kept. After a clear has returned no call gives a cleared value.
  void clear();
  void clear(Kind kind);
  // By the id in the report. Gives whether there was such an entry.
  bool clear_permutation(std::string_view id);
  // Frees all entries that `predicate` says yes to; gives their number. It runs outside all locks
  // on a snapshot. Requires: it does not throw half way if a partial clear is not acceptable:
  // it is asked about every entry before the first is freed.
  std::uint64_t clear_if(PermutationPredicate predicate);

  // Frees all expired entries now; gives their number. They are also freed a few at a time by runs.
  std::uint64_t sweep();

  // Of all permutations, or of some: the same as `select` of all, for less; of an application with
  // many, ask for those that somebody will look at. Complexity: linear in the number of entries.
  // Hits go on meanwhile; what is computed is stored once the figures are copied, some 0.1 us for
  // each entry.
  Report report(const ReportOptions& options = {}) const;
  // What other limits would bring for the calls that were made: they are replayed, from a sample of
  // at most 1 MB, under each of some 50 limits. No lock is held meanwhile, but it may take seconds.
  Advice advise() const;
  // Records the calls from now on, in files: see trace.hpp. What was recorded before this is ended.
  // Throws: UsageError for options that make no sense; std::system_error if there can be no file.
  void record(const std::string& path, const TraceOptions& options = {});
  // Ends it, when all is written; gives how it went.
  TraceStatus stop_recording();
  // How the recording under way is going.
  TraceStatus trace_status() const;
  // The totals of the report alone. Complexity: linear in the number of functions, and of calls
  // that sessions remember: these are asked a few at a time, and nobody waits for all.
  Totals totals() const;

  // Verifies every invariant. Gives what is wrong, one line each; empty: all is well.
  // Complexity: linear in all that the engine holds. For tests.
  std::string check() const;

 private:
  friend class Session;
  std::shared_ptr<detail::EngineCore> core_;
};

}  // namespace memoscape::inline v0

#include "memoscape/cached.hpp"  // IWYU pragma: export

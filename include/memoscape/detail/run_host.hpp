// The seam between a session and the engine: makes the session's runs, one at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>

#include "memoscape/config.hpp"
#include "memoscape/detail/function_ref.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0 {

class Run;

namespace detail {

struct EngineCore;
struct Recording;
struct RunCore;

// Of a session: whether a run is under way.
//
// Thread-safety: any thread.
class RunPhase {
 public:
  // False: a run is under way.
  bool claim() noexcept {
    Phase idle = Phase::idle;
    return phase_.compare_exchange_strong(idle, Phase::running, std::memory_order_acquire);
  }
  void release() noexcept { phase_.store(Phase::idle, std::memory_order_release); }
  // Asks the run under way to stop. False: there is none.
  bool stop() noexcept {
    Phase running = Phase::running;
    return phase_.compare_exchange_strong(running, Phase::stopping) || running == Phase::stopping;
  }
  bool is_stopping() const noexcept {
    return phase_.load(std::memory_order_relaxed) == Phase::stopping;
  }

 private:
  enum class Phase : std::uint8_t { idle, running, stopping };
  std::atomic<Phase> phase_{Phase::idle};
};

class MEMOSCAPE_API RunHost {
 public:
  // `repeated`: completed, and all that it did was to repeat the run before.
  enum class Ending : std::uint8_t { completed, repeated, stopped, restarted, failed };
  struct Outcome {
    std::shared_ptr<const Recording> recording;
    std::exception_ptr error;  // failed only
    Ending ending = Ending::completed;
  };

  RunHost(std::shared_ptr<EngineCore> engine, StateSource& source);
  RunHost(const RunHost&) = delete;
  RunHost& operator=(const RunHost&) = delete;
  ~RunHost();

  // An id for the entries of session-scoped functions; never 0, never used twice.
  static std::uint64_t new_scope(EngineCore& engine);
  // Frees the entries that belong to that scope.
  void end_scope(std::uint64_t scope);

  // Executes the script and gives what it put on the page.
  Outcome run(FunctionRef<void(Run&)> script);
  // Of the run under way: how many items it has put into the sidebar.
  std::size_t sidebar_items() const noexcept;
  // What a page shows when its run ended before the script began.
  static std::shared_ptr<const Recording> page_of(const std::exception_ptr& error);
  // Called on the thread of the run when a function begins or ends to execute, with the page so far
  // and the spinners of what executes. Null: nobody watches.
  void watch(std::function<void(const std::shared_ptr<const Recording>&)> watcher);

  // One run at a time, for all its restarts. False: another one is under way.
  bool claim() noexcept { return phase_.claim(); }
  void release() noexcept { phase_.release(); }
  // From any thread: asks the run under way to stop. False: there is none. `wake` lets it see so
  // when it waits for another one's execution.
  bool stop() noexcept { return phase_.stop(); }
  void wake() noexcept;

  void count_rejected_values(std::uint64_t count) noexcept;
  // What making runs takes. Complexity: constant.
  std::uint64_t bytes() const noexcept;
  // Bytes that the session takes: on the report's line of fixed bytes.
  void count_session_bytes(std::uint64_t before, std::uint64_t after) noexcept;

 private:
  Outcome run_anew(FunctionRef<void(Run&)> script);
  Outcome execute(FunctionRef<void(Run&)> script);
  Outcome end(Ending ending, std::exception_ptr error);

  std::shared_ptr<RunCore> core_;
  RunPhase& phase_;  // in it
};

// A widget or element was refused on this thread before a run heard of it: the executions under way
// are not kept (rule E7).
MEMOSCAPE_API void count_misuse() noexcept;

}  // namespace detail
}  // namespace memoscape::inline v0

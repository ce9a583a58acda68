// The seam between a session and the engine: makes the session's runs, one at a time.
#pragma once

#include <cstdint>
#include <exception>
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

class MEMOSCAPE_API RunHost {
 public:
  enum class Ending : std::uint8_t { completed, stopped, restarted, failed };
  struct Outcome {
    std::shared_ptr<const Recording> recording;
    std::exception_ptr error;  // failed only
    Ending ending;
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
  // What a page shows when its run ended before the script began.
  static std::shared_ptr<const Recording> page_of(const std::exception_ptr& error);
  // May be called from any thread.
  void stop() noexcept;
  void clear_stop() noexcept;

  void count_rejected_value() noexcept;
  // Bytes that the session's own state takes: on the report's line of fixed bytes.
  void count_session_bytes(std::uint64_t before, std::uint64_t after) noexcept;

 private:
  std::shared_ptr<RunCore> core_;
};

}  // namespace detail
}  // namespace memoscape::inline v0

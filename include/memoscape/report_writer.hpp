// ReportWriter: the report of a running application as a file, each so many seconds or when the
// process gets a signal. Needs the library memoscape-report.
//
// Whoever reads the file sees an old report or a new one, never a part. It is made and written by a
// thread of the writer's own, never within a signal handler.
//
// Ownership: the engine must outlive the writer, which ends when it is destroyed.
// Thread-safety: all members may be called from any thread.
//
//   ms::ReportWriter reports(engine, {.path = "/var/tmp/app.html", .every = 60s, .signal =
//   SIGUSR1});
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "memoscape/config.hpp"

namespace memoscape::inline v0 {

class Engine;

struct ReportWriterOptions {
  std::string path = {};              // its extension tells the format, as for write_report
  std::chrono::nanoseconds every{0};  // 0: not by time
  int signal = 0;                     // such as SIGUSR1; 0: none
  bool advice = true;                 // with the advisor's curves, which may take a second to draw
  std::string title = "memoscape";
  // Called after each report, on the writer's thread, with why it could not be written; empty: it
  // was. It must not throw.
  std::function<void(const std::string& error)> on_written = {};
};

class MEMOSCAPE_API ReportWriter {
 public:
  // Throws: UsageError for a path whose extension is no format's, a negative time, a signal that
  // cannot be caught or that another writer waits for; std::system_error.
  ReportWriter(const Engine& engine, ReportWriterOptions options);
  ReportWriter(const ReportWriter&) = delete;
  ReportWriter& operator=(const ReportWriter&) = delete;
  // Waits for the report that is being written; what the signal did before is as it was.
  ~ReportWriter();

  // Asks for a report now.
  void request() noexcept;

  struct Status {
    std::uint64_t written = 0;  // reports
    std::string error;          // of the last one; empty: it was written
  };
  Status status() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace memoscape::inline v0

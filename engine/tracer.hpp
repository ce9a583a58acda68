// Tracer: writes the calls that it is told of to a trace, in files that take turns.
//
// Ownership: the engine's, while it records.
// Thread-safety: all members may be called from any thread, but for `finish`: once, by the owner.
// `note` is called under the store's mutex: it takes the tracer's own one for the time that it
// takes to append some bytes, and never waits for a disk. A thread of the tracer's own writes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "engine/trace_format.hpp"
#include "memoscape/clock.hpp"
#include "memoscape/detail/function_ref.hpp"
#include "memoscape/trace.hpp"

namespace memoscape::inline v0::detail {

class Tracer {
 public:
  // Creates the file; one that is there becomes the newest of the older ones.
  // Throws: UsageError for options that make no sense; std::system_error.
  Tracer(std::string path, const TraceOptions& options, const Clock& clock);
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;
  ~Tracer() { finish(); }

  // `label` is called if one is wanted. Complexity: constant, and the label.
  void note(const TracedCall& call, std::string_view function_name,
            FunctionRef<std::string()> label) noexcept;

  // Writes what is left and closes the file. Waits for the disk.
  void finish() noexcept;
  TraceStatus status() const;
  std::size_t heap_bytes() const;

 private:
  struct Block {
    std::string bytes;
    bool begins_file = false;
  };

  class File {
   public:
    File() = default;
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { (void)close(); }
    bool close() noexcept;  // false: errno says why
    int number = -1;
  };

  void seal();
  void write_all();
  void write(const Block& block);
  void open();
  void rotate() const;
  void give_up(const char* why) noexcept;

  const std::string path_;
  const TraceOptions options_;
  const Clock& clock_;
  const Clock::time_point began_;

  // The writer's own.
  File file_;
  std::uint64_t size_ = 0;  // of the file

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  // --- guarded by mutex_ ---
  TraceEncoder encoder_;
  std::string open_;             // the block that is being filled
  std::deque<Block> pending_;    // to be written
  std::uint64_t waiting_ = 0;    // bytes of `pending_`
  std::uint64_t planned_ = 0;    // bytes of the file, once all that is pending is written
  std::uint64_t just_lost_ = 0;  // calls, since the last block was begun
  bool begins_file_ = false;     // the block that is being filled
  bool stopping_ = false;
  TraceStatus status_;
  // --- until here ---
  std::thread writer_;
};

}  // namespace memoscape::inline v0::detail

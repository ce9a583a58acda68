// Invariants:
// - Blocks are written in the order in which they were begun, each whole or not at all.
// - Which block begins a file is decided when it is begun, as what is in it depends on that.
// - No file is larger than the limit; what waits to be written takes at most kMostWaiting.
#include "engine/tracer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <new>
#include <system_error>
#include <utility>

#include "engine/no_signals.hpp"
#include "memoscape/detail/terminal.hpp"
#include "memoscape/error.hpp"

namespace memoscape::inline v0::detail {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBlock = std::size_t{1} << 16;
constexpr std::size_t kSlack = std::size_t{1} << 13;  // a block ends with the call that fills it
constexpr std::uint64_t kMostWaiting = std::uint64_t{1} << 22;
constexpr auto kSoon = 1s;  // until a block that is not full is written

[[noreturn]] void fail(const std::string& path) {
  throw std::system_error(errno, std::generic_category(), path);
}

void write_whole(int file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Tracer::Tracer(std::string path, const TraceOptions& options, const Clock& clock)
    : path_(std::move(path)), options_(options), clock_(clock), began_(clock.now()) {
  if (path_.empty()) throw UsageError("a trace needs the name of a file: engine.record(path)");
  if (options_.max_bytes < kLeastTraceBytes) {
    throw UsageError("max_bytes of a trace is " + std::to_string(options_.max_bytes) +
                     ". Give it at least " + std::to_string(kLeastTraceBytes) +
                     " (kLeastTraceBytes)");
  }
  if (options_.files == 0) {
    throw UsageError("a trace of 0 files would keep nothing. Give .files = 1 or more");
  }
  status_.path = path_;
  open();
  planned_ = size_;
  const NoSignals inherited;
  writer_ = std::thread([this] { write_all(); });
}

bool Tracer::File::close() noexcept {
  return number < 0 || ::close(std::exchange(number, -1)) == 0;
}

// --- told of calls ---

void Tracer::note(const TracedCall& call, std::string_view function_name,
                  FunctionRef<std::string()> label) noexcept {
  const std::scoped_lock lock(mutex_);
  if (!status_.error.empty()) return;
  const auto lose = [&] {
    status_.lost += call.times;
    just_lost_ += call.times;
  };
  if (waiting_ > kMostWaiting) return lose();
  try {
    const bool was_empty = open_.empty();
    if (was_empty) {
      const auto time =
          std::chrono::duration_cast<std::chrono::microseconds>(clock_.now() - began_);
      TraceEncoder::begin_block(time, std::exchange(just_lost_, 0), open_);
    }
    const bool labelled = options_.labels && encoder_.is_new(call);
    encoder_.call(call, function_name, labelled ? label() : std::string(), open_);
    status_.calls += call.times;
    if (open_.size() >= kBlock) seal();
    if (was_empty) wake_.notify_one();
  } catch (...) {  // no memory: what was begun cannot be told from what was finished
    open_.clear();
    encoder_.restart();
    begins_file_ = true;
    lose();
  }
}

// Ends the block that is being filled.
void Tracer::seal() {
  if (begins_file_) planned_ = kTraceHeader.size();
  planned_ += kTraceFrame + open_.size();
  waiting_ += open_.size();
  pending_.push_back({.bytes = std::exchange(open_, {}), .begins_file = begins_file_});
  begins_file_ = planned_ + kTraceFrame + kBlock + kSlack > options_.max_bytes;
  if (begins_file_) encoder_.restart();
  wake_.notify_one();
}

TraceStatus Tracer::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

std::size_t Tracer::heap_bytes() const {
  const std::scoped_lock lock(mutex_);
  return sizeof *this + TraceTable::kBytes + open_.capacity() + static_cast<std::size_t>(waiting_);
}

// --- the writer ---

void Tracer::write_all() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || !pending_.empty() || !open_.empty(); });
    if (pending_.empty()) {
      wake_.wait_for(lock, kSoon, [&] { return stopping_ || !pending_.empty(); });
    }
    try {
      if (pending_.empty() && !open_.empty()) seal();
      while (!pending_.empty()) {
        const Block block = std::move(pending_.front());
        pending_.pop_front();
        waiting_ -= block.bytes.size();
        lock.unlock();
        write(block);
        lock.lock();
        status_.bytes += kTraceFrame + block.bytes.size();
      }
    } catch (const std::exception& error) {
      if (!lock.owns_lock()) lock.lock();
      give_up(error.what());
      return;
    }
    if (stopping_ && open_.empty()) return;
  }
}

// Requires: mutex_.
void Tracer::give_up(const char* why) noexcept {
  try {
    status_.error = "the trace ended early: " + escaped(why);
  } catch (const std::bad_alloc&) {
    status_.error = "out of memory";  // short enough to need none
  }
  pending_.clear();
  open_.clear();
  waiting_ = 0;
}

void Tracer::write(const Block& block) {
  if (block.begins_file) open();
  try {
    write_whole(file_.number, trace_frame(block.bytes) + block.bytes, path_);
  } catch (...) {
    // What was written before stays readable.
    (void)!::ftruncate(file_.number, static_cast<off_t>(size_));
    throw;
  }
  size_ += kTraceFrame + block.bytes.size();
}

// Begins a file.
void Tracer::open() {
  if (!file_.close()) fail(path_);
  rotate();
  file_.number = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file_.number < 0) fail(path_);
  write_whole(file_.number, kTraceHeader, path_);
  size_ = kTraceHeader.size();
}

// PATH becomes PATH.1, that one PATH.2, and so on.
void Tracer::rotate() const {
  struct stat there {};
  if (::stat(path_.c_str(), &there) != 0 || !S_ISREG(there.st_mode)) return;
  const auto name = [&](unsigned i) { return i == 0 ? path_ : path_ + '.' + std::to_string(i); };
  for (unsigned i = options_.files - 1; i-- > 0;) {
    if (std::rename(name(i).c_str(), name(i + 1).c_str()) != 0 && errno != ENOENT) fail(name(i));
  }
}

void Tracer::finish() noexcept {
  if (!writer_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  writer_.join();
  if (!file_.close() && status_.error.empty()) {
    status_.error =
        "the trace ended early: " + escaped(path_) + ": " + std::generic_category().message(errno);
  }
}

}  // namespace memoscape::inline v0::detail

// Invariant: a signal's handler only writes a byte to a pipe; all else is done by the writer's
// thread.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/no_signals.hpp"
#include "memoscape/detail/terminal.hpp"
#include "memoscape/engine.hpp"
#include "memoscape/report_formats.hpp"
#include "memoscape/report_writer.hpp"

namespace memoscape::inline v0 {

namespace {

constexpr char kReport = 'r';
constexpr char kEnd = 'e';

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// Both ends give up rather than wait: a full pipe has a request in it already.
class Pipe {
 public:
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) fail("a pipe for reports");
    for (std::size_t i = 0; i < ends.size(); ++i) {
      // Above the standard ones, which a program may have closed.
      ends_[i] = ::fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
      ::close(ends[i]);
      if (ends_[i] >= 0) ::fcntl(ends_[i], F_SETFL, O_NONBLOCK);
    }
    if (ends_[0] < 0 || ends_[1] < 0) fail("a pipe for reports");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    for (const int end : ends_) {
      if (end >= 0) ::close(end);
    }
  }
  int reader() const noexcept { return ends_[0]; }
  void send(char what) const noexcept { (void)!::write(ends_[1], &what, 1); }
  // Forgets what was sent; gives whether it was anything.
  bool drain() const noexcept {
    std::array<char, 64> bytes{};
    bool any = false;
    while (::read(ends_[0], bytes.data(), bytes.size()) > 0) any = true;
    return any;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

// By signal: where its handler writes. Never freed: a handler may be running on any thread.
std::array<std::atomic<Pipe*>, NSIG> pipe_of;
std::array<std::atomic<bool>, NSIG> is_taken;

extern "C" void memoscape_report_signal(int signal) {
  const int before = errno;
  pipe_of[static_cast<std::size_t>(signal)].load()->send(kReport);
  errno = before;
}

// Where requests come from: the writer itself and, while it lives, a signal.
class Requests {
 public:
  explicit Requests(int signal) : signal_(signal) {
    if (signal == 0) {
      own_ = std::make_unique<Pipe>();
      return;
    }
    const std::string named = "signal " + std::to_string(signal);
    if (signal < 0 || signal >= NSIG) throw UsageError(named + " does not exist. Give SIGUSR1");
    if (is_taken[at()].exchange(true)) {
      throw UsageError(named + " is waited for by another ReportWriter. Give each its own");
    }
    try {
      if (pipe_of[at()] == nullptr) pipe_of[at()] = new Pipe();
      pipe().drain();
      struct sigaction action = {};
      action.sa_handler = memoscape_report_signal;
      action.sa_flags = static_cast<int>(SA_RESTART);
      if (::sigaction(signal, &action, &before_) != 0) {
        throw UsageError(named + " cannot be caught. Give SIGUSR1");
      }
    } catch (...) {
      is_taken[at()] = false;
      throw;
    }
  }
  Requests(const Requests&) = delete;
  Requests& operator=(const Requests&) = delete;
  ~Requests() {
    if (signal_ == 0) return;
    ::sigaction(signal_, &before_, nullptr);
    is_taken[at()] = false;
  }
  const Pipe& pipe() const { return own_ != nullptr ? *own_ : *pipe_of[at()]; }

 private:
  std::size_t at() const noexcept { return static_cast<std::size_t>(signal_); }

  int signal_;
  std::unique_ptr<Pipe> own_;
  struct sigaction before_ = {};
};

ReportWriterOptions checked(ReportWriterOptions options) {
  if (report_format_of(options.path) == nullptr) {
    throw UsageError("the name of a report tells its format: " + detail::quoted(options.path) +
                     " does not. Give one that ends with .html or .json");
  }
  if (options.every.count() < 0) throw UsageError("a report every negative time. Use 0 for never");
  return options;
}

}  // namespace

struct ReportWriter::State {
  State(const Engine& of, ReportWriterOptions given)
      : engine(of), options(checked(std::move(given))), requests(options.signal) {
    const detail::NoSignals inherited;
    thread = std::thread([this] { work(); });
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    ending = true;
    requests.pipe().send(kEnd);
    thread.join();
  }

  void work() {
    using SteadyClock = std::chrono::steady_clock;
    auto next = SteadyClock::now() + options.every;
    while (!ending) {
      const bool asked = wait_until(next);
      if (ending) return;
      const bool due = options.every.count() > 0 && SteadyClock::now() >= next;
      if (!asked && !due) continue;
      if (due) next = SteadyClock::now() + options.every;
      write();
    }
  }

  // Whether a report was asked for.
  bool wait_until(std::chrono::steady_clock::time_point next) const {
    int timeout = -1;
    if (options.every.count() > 0) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(next - std::chrono::steady_clock::now());
      timeout = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
    }
    pollfd waiting{.fd = requests.pipe().reader(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, timeout) <= 0) return false;
    return requests.pipe().drain();
  }

  void write() {
    std::string error;
    try {
      const std::size_t told = report_format_of(options.path)->max_permutations;
      ReportDocument document{.report = engine.report({.max_permutations = told}),
                              .title = options.title};
      if (options.advice) document.advice = engine.advise();
      write_report(options.path, document);
    } catch (const std::exception& thrown) {
      error = detail::escaped(thrown.what());
    }
    {
      const std::scoped_lock lock(mutex);
      status.error = error;
      if (error.empty()) ++status.written;
    }
    if (options.on_written) options.on_written(error);
  }

  const Engine& engine;
  const ReportWriterOptions options;
  const Requests requests;
  std::atomic<bool> ending{false};
  mutable std::mutex mutex;
  Status status;  // guarded by mutex
  std::thread thread;
};

ReportWriter::ReportWriter(const Engine& engine, ReportWriterOptions options)
    : state_(std::make_unique<State>(engine, std::move(options))) {}

ReportWriter::~ReportWriter() = default;

void ReportWriter::request() noexcept { state_->requests.pipe().send(kReport); }

ReportWriter::Status ReportWriter::status() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->status;
}

}  // namespace memoscape::inline v0

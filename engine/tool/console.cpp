#include "engine/tool/console.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <vector>

#include "memoscape/detail/terminal.hpp"

namespace tool {

namespace {

volatile std::sig_atomic_t interrupted = 0;

bool has_colours() {
  const char* no = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && (no == nullptr || *no == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second Ctrl-C ends at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void check_interrupt() {
  if (interrupted != 0) throw Interrupted();
}

std::string read_input(const std::string& file) {
  const auto fail = [&] { throw InputError(file + ": " + std::generic_category().message(errno)); };
  const auto close = [](std::FILE* in) {
    if (in != stdin) std::fclose(in);
  };
  const std::unique_ptr<std::FILE, decltype(close)> in(
      file == "-" ? stdin : std::fopen(file.c_str(), "rb"), close);
  if (in == nullptr) fail();
  std::string bytes;
  std::vector<char> buffer(std::size_t{1} << 20);
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), in.get())) {
    check_interrupt();
    bytes.append(buffer.data(), count);
  }
  if (std::ferror(in.get()) != 0) fail();
  return bytes;
}

void print(std::string_view text) {
  if (!has_colours()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return;
  }
  // A title is a line that is not indented.
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string line(text.substr(0, end));
    const bool title = line[0] != ' ' && line[0] != '\n' && line[0] != '-';
    std::fprintf(stdout, title ? "\033[1m%s\033[0m" : "%s", line.c_str());
    text.remove_prefix(end);
  }
}

void finish_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw std::system_error(errno, std::generic_category(), "the output could not be written");
  }
}

Progress::Progress(std::string what, std::size_t all)
    : what_(std::move(what)),
      all_(std::max<std::size_t>(all, 1)),
      live_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (live_ && shown_) std::fputs("\r\033[K", stderr);
}

void Progress::step(std::size_t done) {
  using namespace std::chrono_literals;
  check_interrupt();
  constexpr auto kSoon = 1s;
  const std::size_t steps = live_ ? 100 : 10;
  const std::size_t now = std::min(done, all_) * steps / all_;
  if (now == last_ || std::chrono::steady_clock::now() - began_ < kSoon) return;
  last_ = now;
  shown_ = true;
  std::fprintf(stderr, "%s%s: %3zu %%%s", live_ ? "\r" : "", what_.c_str(), now * 100 / steps,
               live_ ? "\033[K" : "\n");
  std::fflush(stderr);
}

}  // namespace tool

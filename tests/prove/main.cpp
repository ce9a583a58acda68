// memoscape-prove: proves random cases until the time or the steps are over, or one fails; then
// cuts that one down and prints it as a line for cases.txt.
//
// Cases run in a child process, so that one that crashes or hangs is cut down like any other.
#include <getopt.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "prove/prove.hpp"
#include "prove/world.hpp"

namespace prove {

namespace {

using Seconds = std::chrono::seconds;
using Timer = std::chrono::steady_clock;

constexpr std::string_view kHelp =
    R"(usage: memoscape-prove [OPTION ...]

Runs random programs through the library in three ways that must agree: cached,
uncached, and as an ideal cache says. The first case that fails is cut down and
printed as a line for tests/prove/cases.txt.

  --minutes N   for how long; may have a fraction (default 1)
  --steps N     stop after so many steps, whatever the time
  --seed N      of the first case (default: a fresh one, which is printed)
  --threads N   each of N users on a thread of its own, and without the ideal
                cache; the interleavings are not those of the seed alone
  --interleave  with --threads: one thread at a time; the seed decides at each
                lock, lookup and state read which goes on
  --case LINE   prove only this case, and say what is wrong with it
  --cases FILE  prove the cases in a file, one a line; # begins a comment
  --help        this text

exit status: 0 nothing was wrong, 1 a case failed, 2 wrong use, 130 interrupted
)";

struct Mode {
  int threads = 0;  // 0: the users come in turn
  bool interleaves = false;
};

struct Options {
  std::optional<double> minutes;
  std::optional<std::uint64_t> steps;
  std::optional<std::uint64_t> seed;
  Mode mode;
  std::string line;
  std::string file;
  bool help = false;
};

struct OptionError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T>
T number(std::string_view flag, std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty() || value < T{}) {
    throw OptionError(std::string(flag) + " needs a number, not '" + std::string(text) + "'");
  }
  return value;
}

Options parse_options(int argc, char** argv) {
  constexpr option kFlags[] = {{"minutes", required_argument, nullptr, 'm'},
                               {"steps", required_argument, nullptr, 'n'},
                               {"seed", required_argument, nullptr, 's'},
                               {"threads", required_argument, nullptr, 't'},
                               {"interleave", no_argument, nullptr, 'i'},
                               {"case", required_argument, nullptr, 'c'},
                               {"cases", required_argument, nullptr, 'f'},
                               {"help", no_argument, nullptr, 'h'},
                               {nullptr, 0, nullptr, 0}};
  Options options;
  opterr = 0;
  for (;;) {
    const int flag = getopt_long(argc, argv, ":h", static_cast<const option*>(kFlags), nullptr);
    if (flag == -1) break;
    switch (flag) {
      case 'm':
        options.minutes = number<double>("--minutes", optarg);
        break;
      case 'n':
        options.steps = number<std::uint64_t>("--steps", optarg);
        break;
      case 's':
        options.seed = number<std::uint64_t>("--seed", optarg);
        break;
      case 't':
        options.mode.threads = number<int>("--threads", optarg);
        if (options.mode.threads < 1 ||
            options.mode.threads > static_cast<int>(World::kMostUsers)) {
          throw OptionError("--threads needs a number from 1 to " +
                            std::to_string(World::kMostUsers));
        }
        break;
      case 'i':
        options.mode.interleaves = true;
        break;
      case 'c':
        options.line = optarg;
        break;
      case 'f':
        options.file = optarg;
        break;
      case 'h':
        options.help = true;
        break;
      default:
        throw OptionError("'" + std::string(argv[optind - 1]) + "' is not known, or lacks a value");
    }
  }
  if (optind < argc) throw OptionError("'" + std::string(argv[optind]) + "' is one too many");
  if (options.mode.interleaves && options.mode.threads == 0) {
    throw OptionError("--interleave needs --threads");
  }
  return options;
}

// --- children ---

constexpr unsigned kMostSeconds = 60;  // for one case

volatile sig_atomic_t interrupted = 0;
void interrupt(int) { interrupted = 1; }

// What is wrong with a case that is run here.
std::string judge(const Case& one, const Mode& mode, std::uint64_t seed) {
  try {
    if (mode.threads == 0) return disproof(one);
    const auto turns = mode.interleaves ? std::optional(seed) : std::nullopt;
    return disproof_on_threads(one, mode.threads, turns);
  } catch (const std::exception& error) {
    return std::string("an exception: ") + error.what() + "\n";
  }
}

std::string ending(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return signal == SIGALRM ? "it hangs\n" : "it ends by signal " + std::to_string(signal) + "\n";
  }
  return WEXITSTATUS(status) == 0 ? "" : "it fails\n";
}

// Of a case whose failure depends on the interleaving.
int tries(const Mode& mode) { return mode.threads == 0 || mode.interleaves ? 1 : 20; }

// Whether a case fails, crashes or hangs.
bool fails(const Case& one, const Mode& mode, std::uint64_t seed) {
  if (interrupted != 0) return false;
  const pid_t child = fork();
  if (child == 0) {
    (void)std::freopen("/dev/null", "w", stderr);
    alarm(kMostSeconds / 6);
    bool failed = false;
    for (int i = 0; i < tries(mode) && !failed; ++i) failed = !judge(one, mode, seed).empty();
    _exit(failed ? 1 : 0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && interrupted == 0) {
  }
  return !ending(status).empty();
}

Case made(std::uint64_t seed, const Mode& mode) {
  return generate(seed, mode.threads == 0 ? Users::in_turn : Users::together);
}

struct Message {
  std::uint64_t seed;
  std::uint64_t steps;  // 0: the case begins
};

// Proves case after case; tells through the pipe. Ends with status 1 at one that fails.
[[noreturn]] void work(int pipe, std::uint64_t seed, const Mode& mode) {
  signal(SIGINT, SIG_IGN);
  for (;; ++seed) {
    const auto tell = [&](std::uint64_t steps) {
      const Message message{seed, steps};
      if (write(pipe, &message, sizeof message) != sizeof message) _exit(0);
    };
    tell(0);
    alarm(kMostSeconds);
    const Case one = made(seed, mode);
    if (!judge(one, mode, seed).empty()) _exit(1);
    tell(one.steps.size());
  }
}

class Campaign {
 public:
  explicit Campaign(const Options& options)
      : steps_(options.steps.value_or(~std::uint64_t{0})),
        until_(Timer::now() + std::chrono::duration_cast<Timer::duration>(
                                  std::chrono::duration<double, std::ratio<60>>(
                                      options.minutes.value_or(options.steps ? 1e6 : 1)))),
        mode_(options.mode),
        seed_(options.seed ? *options.seed : std::random_device()()) {}

  int run() {
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed_));
    std::fflush(stdout);
    int pipes[2];
    if (pipe(pipes) != 0) throw std::runtime_error("no pipe");
    const pid_t child = fork();
    if (child == 0) {
      close(pipes[0]);
      work(pipes[1], seed_, mode_);
    }
    close(pipes[1]);
    const bool ended = watch(pipes[0]);
    if (!ended) kill(child, SIGKILL);
    close(pipes[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    report_progress("\n");
    if (interrupted != 0) {
      std::printf("interrupted after %s\n", done().c_str());
      return 130;
    }
    if (ended) return show_failure(status);
    std::printf("%s, 0 differences\n", done().c_str());
    return 0;
  }

 private:
  // Until it is over (false), or the child has ended (true).
  bool watch(int pipe) {
    Message message{};
    while (interrupted == 0 && Timer::now() < until_ && done_ < steps_) {
      const ssize_t got = read(pipe, &message, sizeof message);
      if (got == 0) return true;
      if (got < 0) continue;  // interrupted
      last_ = message.seed;
      if (message.steps == 0) continue;
      done_ += message.steps;
      ++cases_;
      if (Timer::now() >= next_report_) report_progress("");
    }
    return false;
  }

  std::string done() const {
    return std::to_string(cases_) + " cases, " + std::to_string(done_) + " steps in " +
           std::to_string(std::chrono::duration_cast<Seconds>(Timer::now() - began_).count()) +
           " s";
  }

  void report_progress(const char* end) {
    const bool terminal = isatty(STDERR_FILENO) == 1;
    next_report_ = Timer::now() + Seconds(terminal ? 1 : 30);
    if (!terminal && *end != '\0') return;
    std::fprintf(stderr, "%s%s%s", terminal ? "\r" : "", done().c_str(), terminal ? end : "\n");
  }

  int show_failure(int status) const {
    const Case one = made(last_, mode_);
    std::printf("the case of seed %llu fails; cutting it down ...\n",
                static_cast<unsigned long long>(last_));
    std::fflush(stdout);
    const Case least = shrink(one, [this](const Case& each) { return fails(each, mode_, last_); });
    if (interrupted != 0) return 130;
    std::printf("\n%s\n\n", print(least).c_str());
    std::fflush(stdout);
    if (WIFSIGNALED(status)) {
      std::printf("%s", ending(status).c_str());
    } else {
      std::printf("%s", judge(least, mode_, last_).c_str());
    }
    std::printf("memoscape-prove ");
    if (mode_.threads != 0) std::printf("--threads %d ", mode_.threads);
    if (mode_.interleaves) {
      std::printf("--interleave --seed %llu ", static_cast<unsigned long long>(last_));
    }
    std::printf("--case '%s'\n", print(least).c_str());
    return 1;
  }

  const std::uint64_t steps_;
  const Timer::time_point began_ = Timer::now();
  const Timer::time_point until_;
  const Mode mode_;
  const std::uint64_t seed_;
  Timer::time_point next_report_ = Timer::now();
  std::uint64_t last_ = 0;
  std::uint64_t cases_ = 0;
  std::uint64_t done_ = 0;
};

int prove_line(const std::string& line, const Mode& mode, std::uint64_t seed) {
  const Case one = parse(line);
  std::string why;
  for (int i = 0; i < tries(mode) && why.empty(); ++i) why = judge(one, mode, seed);
  std::printf("%s", why.c_str());
  return why.empty() ? 0 : 1;
}

int prove_file(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw OptionError("'" + file + "' cannot be read");
  int number = 0;
  int failed = 0;
  int proved = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    ++proved;
    const std::string why = judge(parse(line), {}, 0);
    if (why.empty()) continue;
    ++failed;
    std::printf("%s:%d: %s\n", file.c_str(), number, why.c_str());
  }
  std::printf("%d cases, %d failed\n", proved, failed);
  return failed == 0 && proved > 0 ? 0 : 1;
}

int run(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  if (options.help) {
    std::fputs(kHelp.data(), stdout);
    return 0;
  }
  if (!options.line.empty())
    return prove_line(options.line, options.mode, options.seed.value_or(1));
  if (!options.file.empty()) return prove_file(options.file);
  struct sigaction action {};
  action.sa_handler = &interrupt;  // no SA_RESTART: what waits is to notice
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return Campaign(options).run();
}

}  // namespace

}  // namespace prove

int main(int argc, char** argv) {
  try {
    return prove::run(argc, argv);
  } catch (const prove::OptionError& error) {
    std::fprintf(stderr, "memoscape-prove: %s (try --help)\n", error.what());
    return 2;
  } catch (const prove::ParseError& error) {
    std::fprintf(stderr, "memoscape-prove: the case cannot be read: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "memoscape-prove: %s\n", error.what());
    return 1;
  }
}

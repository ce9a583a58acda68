// Seattle rain explorer, headless: a crowd of simulated visitors, then what the cache was good for.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memoscape/engine.hpp>
#include <set>
#include <string>
#include <string_view>

#include "crowd.hpp"
#include "explorer.hpp"
#include "options.hpp"
#include "text.hpp"
#include "weather.hpp"

#ifdef HELLO_REPORT
#include <memoscape/report_formats.hpp>
#endif

namespace hello {
namespace {

namespace ms = memoscape;

enum Exit : int { kDone = 0, kFailed = 1, kMisused = 2 };

volatile std::sig_atomic_t interrupted = 0;

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }
void print_error(const std::string& text) {
  std::fprintf(stderr, "memoscape-hello: %s\n", text.c_str());
}

void print_heading(std::string_view heading) {
  constexpr std::size_t kWidth = 78;
  std::string line = "=== " + std::string(heading) + " ";
  line.append(kWidth - line.size(), '=');
  print(line + "\n\n");
}

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second Ctrl-C ends at once
  sigaction(SIGINT, &action, nullptr);
}

// On a terminal one line that is rewritten, else a line for each tenth.
class Progress {
 public:
  explicit Progress(std::uint64_t interactions)
      : interactions_(interactions), is_terminal_(isatty(STDERR_FILENO) == 1) {}
  ~Progress() {
    if (is_terminal_) std::fputs("\r\033[K", stderr);
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::uint64_t done, std::uint64_t executions) {
    const std::uint64_t steps = is_terminal_ ? 100 : 10;
    const std::uint64_t step = done * steps / interactions_;
    if (step == last_step_) return;
    last_step_ = step;
    std::fprintf(stderr, "%s%3d %%  %s of %s interactions, %s executions%s",
                 is_terminal_ ? "\r" : "", static_cast<int>(step * 100 / steps),
                 grouped(done).c_str(), grouped(interactions_).c_str(), grouped(executions).c_str(),
                 is_terminal_ ? "\033[K" : "\n");
    std::fflush(stderr);
  }

 private:
  std::uint64_t interactions_;
  bool is_terminal_;
  std::uint64_t last_step_ = ~std::uint64_t{0};
};

// What was seen of the engine from outside, after each interaction.
struct Tally {
  std::set<std::string> paths;
  std::uint64_t runs = 0;
  std::uint64_t peak_charged = 0;
  bool within_limit = true;
  std::string error;

  void add(const ms::Page& page, const ms::Engine& engine);
};

bool rows_add_up(const ms::Report& report) {
  ms::EntryBytes entries;
  for (const ms::PermutationRow& row : report.permutations) entries += row.bytes;
  std::uint64_t nodes = 0;
  for (const ms::ArgumentsRow& row : report.arguments) nodes += row.nodes;
  return entries.total() == report.totals.entries && nodes == report.totals.nodes &&
         report.permutations.size() == report.totals.permutations &&
         entries.total() + nodes + report.totals.shared == report.totals.charged;
}

void Tally::add(const ms::Page& page, const ms::Engine& engine) {
  ++runs;
  paths.insert(path_on(page));
  if (page.error() != nullptr && error.empty()) error = page.error_text();
  const std::uint64_t limit = engine.limits().max_bytes;
  const std::uint64_t charged = engine.totals().charged;
  peak_charged = std::max(peak_charged, charged);
  within_limit = within_limit && (limit == 0 || charged <= limit);
}

void print_line(std::string_view name, const std::string& value) {
  constexpr std::size_t kNameWidth = 38;
  constexpr std::size_t kValueWidth = 20;
  std::string line = "  " + std::string(name);
  line.append(line.size() < kNameWidth ? kNameWidth - line.size() : 1, ' ');
  line.append(value.size() < kValueWidth ? kValueWidth - value.size() : 0, ' ');
  print(line + value + "\n");
}

std::string seconds(std::chrono::nanoseconds time) {
  return fixed(std::chrono::duration<double>(time).count(), 2) + " s";
}

std::string limit_text(std::uint64_t limit) {
  if (limit == 0) return "none";
  return limit == ms::kDefaultMaxBytes ? "default" : grouped(limit) + " bytes";
}

// Prints what was counted and what must hold. Gives whether all of that holds.
bool print_summary(const Options& options, const Explorer& explorer, const Tally& tally,
                   const ms::Report& report) {
  const ms::Counters& counters = report.totals.counters;
  const std::uint64_t executions = explorer.executions().resample;
  const std::uint64_t lost = counters.evicted_bytes + counters.evicted_entries + counters.oversize;
  print_heading("Summary");
  print_line("visitors", grouped(options.crowd.visitors));
  print_line("interactions", grouped(tally.runs));
  print_line("executions of resample", grouped(executions));
  print_line("distinct paths asked for", grouped(tally.paths.size()));
  print_line("executions saved", grouped(tally.runs - std::min(tally.runs, executions)));
  print_line("time spent in executions", seconds(counters.compute));
  print_line("time saved", seconds(counters.saved));
  print_line("charged now", grouped(report.totals.charged) + " bytes");
  print_line("charged at the peak", grouped(tally.peak_charged) + " bytes");
  print_line("max_bytes", limit_text(report.limits.max_bytes));
  print_line("evicted or too large for the limits", grouped(lost));
  print("\n");

  bool all_hold = true;
  const auto print_check = [&](std::string_view name, bool holds) {
    print_line(name, holds ? "yes" : "no");
    all_hold = all_hold && holds;
  };
  if (!options.cached) {
    print_line("executions == distinct paths", "caching is off");
  } else if (lost > 0) {
    print_line("executions == distinct paths", "limits evicted");
  } else {
    print_check("executions == distinct paths", executions == tally.paths.size());
  }
  print_check("charged bytes never above max_bytes", tally.within_limit);
  print_check("rows sum to the total", rows_add_up(report));
  return all_hold;
}

// In the format of the file's extension, if the options name one.
void write_report_file(const Options& options, const ms::Engine& engine, const ms::Report& report) {
  if (options.report_file.empty()) return;
#ifdef HELLO_REPORT
  ms::write_report(options.report_file,
                   {.report = report, .advice = engine.advise(), .title = "Seattle rain explorer"});
  std::fprintf(stderr, "report written to %s\n", printable(options.report_file, 1000).c_str());
#else
  (void)engine, (void)report;
#endif
}

int run(const Options& options) {
  load_table(options.data_file);  // a malformed file is the user's to mend: say so before all else

  ms::Engine engine({.caching = options.cached ? ms::Caching::on : ms::Caching::off});
  ms::Limits limits = engine.limits();
  if (options.max_bytes) limits.max_bytes = *options.max_bytes;
  limits.max_entries = options.max_entries;
  engine.set_limits(limits);
  if (!options.trace_file.empty()) engine.record(options.trace_file);
  const Explorer explorer(engine, options.data_file);
  Crowd crowd(engine, explorer, options.crowd);

  catch_interrupts();
  Tally tally;
  ms::Page last;
  {
    Progress progress(crowd.interactions());
    progress.show(0, 0);
    while (!crowd.done() && interrupted == 0 && tally.error.empty()) {
      last = crowd.interact();
      tally.add(last, engine);
      progress.show(crowd.interactions_done(), explorer.executions().resample);
    }
  }

  const ms::TraceStatus trace = engine.stop_recording();
  if (!trace.error.empty()) print_error(trace.error);
  const ms::Report report = engine.report();
  print_heading("Last page");
  print(to_text(last));
  print("\n");
  print_heading("What the cache holds");
  print(to_text(report, {.max_rows = options.rows}));
  print("\n");
  const bool all_hold = print_summary(options, explorer, tally, report);
  write_report_file(options, engine, report);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    print_error("cannot write to standard output");
    return kFailed;
  }
  if (interrupted != 0) std::fputs("interrupted\n", stderr);
  if (!tally.error.empty()) print_error(printable(tally.error, 1000));
  const bool failed = interrupted != 0 || !tally.error.empty() || !trace.error.empty();
  return all_hold && !failed ? kDone : kFailed;
}

int start(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  switch (options.action) {
    case Action::help:
      print(help_text());
      return kDone;
    case Action::version:
      print("memoscape-hello " MEMOSCAPE_VERSION "\n");
      return kDone;
    case Action::run:
      break;
  }
  return run(options);
}

}  // namespace
}  // namespace hello

int main(int argc, char** argv) {
  try {
    return hello::start(argc, argv);
  } catch (const hello::OptionError& error) {
    hello::print_error(std::string(error.what()) + " (see --help)");
    return hello::kMisused;
  } catch (const hello::CsvError& error) {
    hello::print_error(error.what());
    return hello::kMisused;
  } catch (const std::exception& error) {
    hello::print_error(hello::printable(error.what(), 1000));
    return hello::kFailed;
  }
}

// memoscape: reads reports and traces of applications, on the command line.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include "engine/tool/commands.hpp"
#include "engine/tool/console.hpp"
#include "memoscape/detail/terminal.hpp"
#include "memoscape/report_formats.hpp"

namespace tool {
namespace {

namespace ms = memoscape;

enum Exit : int { kDone = 0, kFailed = 1, kMisused = 2 };

constexpr const char* kStatus =
    "Exit status: 0 done, 1 failed or interrupted, 2 wrong use or a file that\n"
    "cannot be used.";

// A validator whose description is not part of the help: the option's own text says it.
CLI::Validator quiet(CLI::Validator validator) {
  validator.description("");
  return validator;
}
CLI::Validator size() { return quiet(CLI::AsSizeValue(true)); }
CLI::Validator one_of(const std::vector<std::string>& names) { return quiet(CLI::IsMember(names)); }

class CommandLine {
 public:
  CommandLine() {
    app_.get_formatter()->column_width(26);
    app_.set_version_flag("-V,--version", "memoscape " MEMOSCAPE_VERSION);
    app_.require_subcommand(0, 1);  // none: said below, after what is unknown
    app_.footer(kStatus);
    add_report();
    add_diff();
    add_tune();
    add_simulate();
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::Success& success) {  // help, or the version
      app_.exit(success);
      finish_output();
      return kDone;
    } catch (const CLI::ParseError& error) {
      std::fprintf(stderr, "memoscape: %s (try --help)\n",
                   ms::detail::cut(ms::detail::escaped(error.what()), 400).c_str());
      return kMisused;
    }
    if (app_.get_subcommands().empty()) {
      throw InputError("a command is needed: report, diff, tune or simulate (try --help)");
    }
    if (*report_command_) run_report();
    if (*diff_command_) tool::run(diff_);
    if (*tune_command_) tool::run(tune_);
    if (*simulate_command_) tool::run(simulate_);
    finish_output();
    return kDone;
  }

 private:
  CLI::App* add(const char* name, const char* what, const char* footer) {
    CLI::App* command = app_.add_subcommand(name, what);
    command->footer(std::string(footer) + "\n" + kStatus);
    return command;
  }

  void add_report() {
    CLI::App* command = add("report", "Print a report, or make a page of it",
                            "An application writes FILE.json with ms::write_report.");
    report_command_ = command;
    command->add_option("FILE", report_.file, "a report as JSON; - is the standard input")
        ->type_name("")
        ->required();
    command->add_option("--html", report_.html, "write a page there instead")->type_name("OUT");
    std::vector<CLI::Option*> formats;
    const auto add_format = [&](const char* flag, const char* format, const char* what) {
      CLI::Option* fresh = command->add_flag_callback(
          flag, [this, format] { report_.format = format; }, what);
      for (CLI::Option* other : formats) fresh->excludes(other);
      formats.push_back(fresh);
    };
    add_format("--text", "text", "print text (the default)");
    add_format("--csv", "CSV", "print a line for each permutation");
    add_format("--json", "JSON", "print JSON");
    add_format("--openmetrics", "OpenMetrics", "print OpenMetrics, per function");
    command
        ->add_option("--top", report_.top, "only the first N permutations\n(text: 20; others: all)")
        ->type_name("N");
    command
        ->add_option("--by", by_,
                     "which come first: bytes, saved,\nsaved_per_byte, waste, hits, age")
        ->type_name("ORDER")
        ->transform(one_of(orders()));
    command->add_option("--function", report_.select.function, "only of this function")
        ->type_name("NAME");
    command->add_option("--min-bytes", report_.select.min_bytes, "only as large: 4096, 64KiB, 1MB")
        ->type_name("SIZE")
        ->transform(size());
    command->add_option("--min-age", min_age_, "only as old: 90, 90s, 15min, 2h")
        ->type_name("TIME")
        ->transform(quiet(CLI::AsNumberWithUnit(
            std::map<std::string, std::uint64_t>{{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}},
            CLI::AsNumberWithUnit::CASE_SENSITIVE)));
    command
        ->add_option("--read", reads_,
                     "only those that read a widget or state:\nMinutes, or Minutes=60")
        ->type_name("NAME[=VALUE]")
        ->allow_extra_args(false);
  }

  void run_report() {
    for (int i = 0; i <= static_cast<int>(ms::ReportOrder::age); ++i) {
      const auto order = static_cast<ms::ReportOrder>(i);
      if (to_string(order) == by_) report_.select.order = order;
    }
    constexpr std::uint64_t kMostSeconds = 3'000'000'000;
    report_.select.min_age = std::chrono::seconds(std::min(min_age_, kMostSeconds));
    for (const std::string& read : reads_) {
      const std::size_t equal = std::min(read.find('='), read.size());
      report_.select.reads.push_back(
          {read.substr(0, equal), equal == read.size() ? "" : read.substr(equal + 1)});
    }
    tool::run(report_);
  }

  static std::vector<std::string> orders() {
    std::vector<std::string> names;
    for (int i = 0; i <= static_cast<int>(ms::ReportOrder::age); ++i) {
      names.emplace_back(to_string(static_cast<ms::ReportOrder>(i)));
    }
    return names;
  }

  void add_diff() {
    CLI::App* command = add("diff", "What grew from one report to another",
                            "Permutations are matched by their ids, which are the same in every\n"
                            "process.");
    diff_command_ = command;
    command->add_option("BEFORE", diff_.before, "a report as JSON")->type_name("")->required();
    command->add_option("AFTER", diff_.after, "a later one")->type_name("")->required();
    command->add_option("--top", diff_.top, "rows of each table (20; 0: all)")->type_name("N");
    command->add_option("--by", diff_.by, "what grew: bytes, hits, saved")
        ->type_name("WHAT")
        ->transform(one_of({"bytes", "hits", "saved"}));
    command->add_option("--function", diff_.function, "only of this function")->type_name("NAME");
  }

  static void add_input(CLI::App* command, TraceInput& input) {
    command
        ->add_option("TRACE", input.files,
                     "what Engine::record wrote (of several files\nthe oldest first), a CSV of "
                     "lines\nkey,bytes,cost in us, or an oracleGeneral")
        ->type_name("")
        ->required();
    command
        ->add_option_function<std::string>(
            "--format",
            [&](const std::string& name) {
              input.read.format = name == "csv"      ? simulation::Format::csv
                                  : name == "oracle" ? simulation::Format::oracle
                                                     : simulation::Format::memoscape;
            },
            "memoscape, csv, oracle (default: by the\nfirst bytes, or the name)")
        ->type_name("FORMAT")
        ->transform(one_of({"memoscape", "csv", "oracle"}));
    command
        ->add_option_function<std::string>(
            "--cost",
            [&](const std::string& name) {
              input.read.cost = name == "bytes"   ? simulation::CostModel::bytes
                                : name == "equal" ? simulation::CostModel::equal
                                                  : simulation::CostModel::mixed;
            },
            "of an oracleGeneral, which has none: mixed\n(default), bytes, equal")
        ->type_name("MODEL")
        ->transform(one_of({"mixed", "bytes", "equal"}));
    command->add_option("--most", input.read.most, "read no more than so many records")
        ->type_name("N")
        ->check(quiet(CLI::PositiveNumber));
    command->add_flag("--salvage", input.read.salvage,
                      "of a trace that ends too early, read\nwhat is there");
  }

  void add_tune() {
    CLI::App* command = add("tune", "What limits would bring, and which to choose",
                            "The calls are replayed through the policy under each limit.");
    tune_command_ = command;
    add_input(command, tune_.input);
    command
        ->add_option("--policy", tune_.policies,
                     "gdsf (default), lru, s3fifo; or several: gdsf,lru")
        ->type_name("NAME")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->transform(one_of({"gdsf", "lru", "s3fifo"}));
    command
        ->add_option("--limit", tune_.limits,
                     "only these limits: 64MiB,1GB\n(default: what shows the curve)")
        ->type_name("SIZE")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->transform(size())
        ->check(quiet(CLI::PositiveNumber));
    command->add_option("--html", tune_.html, "also a page with the curves")->type_name("OUT");
  }

  void add_simulate() {
    CLI::App* command = add("simulate", "Eviction policies side by side",
                            "offline knows the future: what no policy can be much better than.");
    simulate_command_ = command;
    add_input(command, simulate_.input);
    command->add_option("--policy", simulate_.policies, "lru, gdsf, s3fifo, offline (default: all)")
        ->type_name("NAME")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->transform(one_of({"lru", "gdsf", "s3fifo", "offline"}));
    command->add_option("--limit", simulate_.limits, "limits: 64MiB,1GB")
        ->type_name("SIZE")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->transform(size())
        ->check(quiet(CLI::PositiveNumber));
    command
        ->add_option("--percent", simulate_.percents,
                     "limits, of the bytes of all that is\ncalled (default: 1,5,20,50)")
        ->type_name("P")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(quiet(CLI::Range(1e-6, 100.0)));
  }

  CLI::App app_{"memoscape: reads what applications tell of their caches.", "memoscape"};
  CLI::App* report_command_ = nullptr;
  CLI::App* diff_command_ = nullptr;
  CLI::App* tune_command_ = nullptr;
  CLI::App* simulate_command_ = nullptr;
  ReportCommand report_;
  DiffCommand diff_;
  TuneCommand tune_;
  SimulateCommand simulate_;
  std::string by_ = "bytes";
  std::uint64_t min_age_ = 0;  // seconds
  std::vector<std::string> reads_;
};

int fail(int status, const std::string& why) {
  std::fprintf(stderr, "memoscape: %s\n", ms::detail::escaped(why).c_str());
  return status;
}

int start(int argc, char** argv) {
  try {
    catch_interrupts();
    return CommandLine().run(argc, argv);
  } catch (const InputError& error) {
    return fail(kMisused, error.what());
  } catch (const ms::UsageError& error) {  // of write_report: the name tells no format
    return fail(kMisused, error.what());
  } catch (const Interrupted&) {
    std::fputs("interrupted\n", stderr);
    return kFailed;
  } catch (const std::exception& error) {
    return fail(kFailed, error.what());
  }
}

}  // namespace
}  // namespace tool

int main(int argc, char** argv) { return tool::start(argc, argv); }

#include "options.hpp"

#include <getopt.h>

#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "text.hpp"

#ifdef HELLO_REPORT
#include <memoscape/report_formats.hpp>
#endif

namespace hello {
namespace {

constexpr std::uint64_t kMaxVisitors = 100'000;
constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

enum Flag : int {
  kVisitors = 1000,
  kSeed,
  kMaxBytes,
  kMaxEntries,
  kNoCache,
  kData,
  kRows,
  kReport,
  kRecord
};

constexpr std::array<option, 12> kFlags = {
    {{"visitors", required_argument, nullptr, kVisitors},
     {"seed", required_argument, nullptr, kSeed},
     {"max-bytes", required_argument, nullptr, kMaxBytes},
     {"max-entries", required_argument, nullptr, kMaxEntries},
     {"no-cache", no_argument, nullptr, kNoCache},
     {"data", required_argument, nullptr, kData},
     {"rows", required_argument, nullptr, kRows},
     {"report", required_argument, nullptr, kReport},
     {"record", required_argument, nullptr, kRecord},
     {"help", no_argument, nullptr, 'h'},
     {"version", no_argument, nullptr, 'V'},
     {nullptr, 0, nullptr, 0}}};

std::uint64_t number(std::string_view flag, std::string_view text, std::uint64_t min,
                     std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < min || value > max) {
    throw OptionError(std::string(flag) + " needs a whole number from " + std::to_string(min) +
                      " to " + std::to_string(max) + ", not '" + printable(text) + "'");
  }
  return value;
}

std::uint64_t size(std::string_view flag, std::string_view text) {
  const std::optional<std::uint64_t> bytes = parse_size(text);
  if (!bytes) {
    throw OptionError(std::string(flag) + " needs a size like 1000000, 512MB or 64MiB, not '" +
                      printable(text) + "'");
  }
  return *bytes;
}

void check_report_file(const std::string& file) {
#ifdef HELLO_REPORT
  if (memoscape::report_format_of(file) != nullptr) return;
  std::string known;
  for (const memoscape::ReportFormat& format : memoscape::report_formats()) {
    known.append(known.empty() ? "" : ", ").append(format.extension);
  }
  throw OptionError("--report needs a file that ends with one of " + known + ", not '" +
                    printable(file) + "'");
#else
  throw OptionError("--report: this app was built without memoscape-report, cannot write '" +
                    printable(file) + "'");
#endif
}

[[noreturn]] void fail_unknown(char** argv) {
  const std::string_view argument = argv[optind - 1];
  if (optopt == 0) throw OptionError("unknown option '" + printable(argument) + "'");
  if (argument.starts_with("--")) {
    throw OptionError("option '" + printable(argument.substr(0, argument.find('='))) +
                      "' takes no value");
  }
  throw OptionError("unknown option '-" + printable(std::string(1, static_cast<char>(optopt))) +
                    "'");
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  optind = 1;
  opterr = 0;
  for (int flag = 0; (flag = getopt_long(argc, argv, ":hV", kFlags.data(), nullptr)) != -1;) {
    switch (flag) {
      case kVisitors:
        options.crowd.visitors =
            static_cast<std::uint32_t>(number("--visitors", optarg, 1, kMaxVisitors));
        break;
      case kSeed:
        options.crowd.seed = number("--seed", optarg, 0, kMax);
        break;
      case kMaxBytes:
        options.max_bytes = size("--max-bytes", optarg);
        break;
      case kMaxEntries:
        options.max_entries = number("--max-entries", optarg, 0, kMax);
        break;
      case kNoCache:
        options.cached = false;
        break;
      case kData:
        options.data_file = optarg;
        if (options.data_file.empty()) throw OptionError("--data needs the name of a file");
        break;
      case kRows:
        options.rows = number("--rows", optarg, 0, kMax);
        break;
      case kReport:
        options.report_file = optarg;
        check_report_file(options.report_file);
        break;
      case kRecord:
        options.trace_file = optarg;
        if (options.trace_file.empty()) throw OptionError("--record needs the name of a file");
        break;
      case 'h':
        options.action = Action::help;
        return options;
      case 'V':
        options.action = Action::version;
        return options;
      case ':':
        throw OptionError("option '" + printable(argv[optind - 1]) + "' needs a value");
      default:
        fail_unknown(argv);
    }
  }
  if (optind < argc) {
    throw OptionError("unexpected argument '" + printable(argv[optind]) + "'");
  }
  return options;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 9> kUnits = {
      {{"", 1},
       {"B", 1},
       {"kB", 1000},
       {"MB", 1000 * 1000},
       {"GB", 1000 * 1000 * 1000},
       {"KiB", 1 << 10},
       {"MiB", 1 << 20},
       {"GiB", 1 << 30},
       {"TiB", std::uint64_t{1} << 40}}};
  std::uint64_t count = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, count);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(last - end));
  for (const auto& [name, bytes] : kUnits) {
    if (unit != name) continue;
    if (count > kMax / bytes) return std::nullopt;
    return count * bytes;
  }
  return std::nullopt;
}

std::string_view help_text() noexcept {
  return R"(usage: memoscape-hello [OPTION]...

Seattle rain explorer: simulated visitors play with a page about rain. At the
end it prints the last page, what the cache holds for each permutation of
widget values, and how many executions and how much time it saved.

  --visitors N     how many people visit (default 40)
  --seed N         another number, other visits (default 1)
  --max-bytes SIZE limit of the cache: 1000000, 512MB, 64MiB; 0: no limit
                   (default: a quarter of the memory available)
  --max-entries N  limit of the cache in permutations (default 0: no limit)
  --no-cache       execute every call, for comparison
  --data FILE      a CSV with the columns date,precipitation,temp_max,temp_min,
                   wind,weather (default: Seattle 2012 to 2015, built in)
  --rows N         rows of each table of the report (default 20; 0: all)
  --report FILE    write the report there, too: FILE.html is a page with a map,
                   .json, .csv, .prom (OpenMetrics) or .txt
  --record FILE    write a trace of the calls there, for memoscape tune FILE
  -h, --help       this text
  -V, --version    the version

Exit status: 0 done, 1 failed or interrupted, 2 bad option or bad data.
)";
}

}  // namespace hello

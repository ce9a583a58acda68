#include "bench/eviction/options.hpp"

#include <getopt.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "memoscape/detail/terminal.hpp"

namespace bench::eviction {

namespace {

using memoscape::detail::quoted;

enum Flag : int {
  kWorkload = 1000,
  kLimits,
  kRequests,
  kSeed,
  kFormat,
  kCost,
  kEqual,
  kNoTimes,
  kCheck
};

constexpr std::array<option, 11> kFlags = {{{"workload", required_argument, nullptr, kWorkload},
                                            {"limits", required_argument, nullptr, kLimits},
                                            {"requests", required_argument, nullptr, kRequests},
                                            {"seed", required_argument, nullptr, kSeed},
                                            {"format", required_argument, nullptr, kFormat},
                                            {"cost", required_argument, nullptr, kCost},
                                            {"equal", no_argument, nullptr, kEqual},
                                            {"no-times", no_argument, nullptr, kNoTimes},
                                            {"check", no_argument, nullptr, kCheck},
                                            {"help", no_argument, nullptr, 'h'},
                                            {nullptr, 0, nullptr, 0}}};

constexpr std::size_t kLeastRequests = 1'000;
constexpr std::size_t kMostRequests = 100'000'000;

template <class T>
bool parse(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::size_t parse_requests(std::string_view text) {
  std::size_t number = 0;
  if (!parse(text, number) || number < kLeastRequests || number > kMostRequests) {
    throw OptionError("--requests needs a whole number from 1000 to 100000000, not " +
                      quoted(text));
  }
  return number;
}

std::vector<double> parse_percents(std::string_view list) {
  std::vector<double> percents;
  for (std::string_view rest = list;;) {
    const std::size_t comma = rest.find(',');
    double percent = 0;
    if (!parse(rest.substr(0, comma), percent) || !(percent > 0 && percent <= 100)) {
      throw OptionError("--limits needs percents above 0, up to 100, like 1,5,20, not " +
                        quoted(list));
    }
    percents.push_back(percent);
    if (comma == std::string_view::npos) return percents;
    rest = rest.substr(comma + 1);
  }
}

std::string parse_workload(std::string_view name) {
  std::string names;
  for (const Workload& one : workloads()) {
    if (one.name == name) return std::string(name);
    names += names.empty() ? "" : ", ";
    names += one.name;
  }
  throw OptionError("--workload needs one of " + names + ", not " + quoted(name));
}

Format parse_format(std::string_view name) {
  if (name == "memoscape") return Format::memoscape;
  if (name == "csv") return Format::csv;
  if (name == "oracle") return Format::oracle;
  throw OptionError("--format needs memoscape, csv or oracle, not " + quoted(name));
}

CostModel parse_cost(std::string_view name) {
  if (name == "mixed") return CostModel::mixed;
  if (name == "bytes") return CostModel::bytes;
  if (name == "equal") return CostModel::equal;
  throw OptionError("--cost needs mixed, bytes or equal, not " + quoted(name));
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  optind = 1;
  opterr = 0;
  for (int flag = 0; (flag = getopt_long(argc, argv, ":h", kFlags.data(), nullptr)) != -1;) {
    switch (flag) {
      case kWorkload:
        options.workloads.push_back(parse_workload(optarg));
        break;
      case kLimits:
        options.percents = parse_percents(optarg);
        break;
      case kRequests:
        options.workload.requests = options.read.most = parse_requests(optarg);
        break;
      case kSeed:
        if (!parse(std::string_view(optarg), options.workload.seed)) {
          throw OptionError("--seed needs a whole number, not " + quoted(optarg));
        }
        break;
      case kFormat:
        options.read.format = parse_format(optarg);
        break;
      case kCost:
        options.read.cost = parse_cost(optarg);
        break;
      case kEqual:
        options.equal = true;
        break;
      case kNoTimes:
        options.cost = false;
        break;
      case kCheck:
        options.check = true;
        break;
      case 'h':
        options.action = Action::help;
        return options;
      case ':':
        throw OptionError("option " + quoted(argv[optind - 1]) + " needs a value");
      default:
        throw OptionError("unknown option " + quoted(argv[optind - 1]));
    }
  }
  options.traces.assign(argv + optind, argv + argc);
  if (!options.traces.empty() && !options.workloads.empty()) {
    throw OptionError("give traces, or --workload, not both");
  }
  return options;
}

std::string_view help_text() noexcept {
  return R"(usage: memoscape-eviction [OPTION]... [TRACE]...

Replays requests through the engine's eviction policies, beside others that only
this program has and one that knows the future. For each policy and limit it
prints the hit ratio, the byte hit ratio, and the time to compute again what was
not there. Without a TRACE: built-in workloads, the same on each run.

A TRACE is what an engine recorded, a CSV of lines key,bytes,cost (the cost in
microseconds), or libCacheSim's oracleGeneral, uncompressed, whose objects get
a cost by --cost.

  --format FORMAT  of the traces: memoscape, csv, oracle (default: an engine's
                   by its first bytes, others by the name: .csv, or .bin and
                   .oracleGeneral)
  --cost MODEL     of oracleGeneral: mixed (log-normal around 10 ms, by a hash
                   of the object), bytes, equal (default mixed)
  --workload NAME  this built-in one; may be repeated: zipf, scan, loop, drift,
                   mixed, walks (default: all)
  --seed N         another number, other workloads (default 1)
  --requests N     of each workload (default 200000), or read of each trace
                   (default: all)
  --equal          all objects weigh the same: what is left of a policy when
                   sizes and costs tell nothing
  --limits LIST    in percent of the unique bytes (default 1,5,20,50)
  --no-times       do not measure what an eviction costs
  --check          fail if the default policy misses its bars
  -h, --help       this text

Exit status: 0 done, 1 failed, or a bar was missed with --check, 2 bad option or
bad trace.
)";
}

}  // namespace bench::eviction

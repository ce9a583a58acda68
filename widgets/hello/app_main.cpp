// Seattle rain explorer in the browser.
#include <csignal>
#include <cstdio>
#include <exception>
#include <memoscape/web.hpp>
#include <string>
#include <string_view>

#include "explorer.hpp"
#include "options.hpp"
#include "text.hpp"
#include "weather.hpp"

namespace hello {
namespace {

namespace ms = memoscape;

enum Exit : int { kDone = 0, kFailed = 1, kMisused = 2 };

constexpr std::string_view kHelp =
    "usage: memoscape-app [OPTIONS]\n"
    "\n"
    "The Seattle rain explorer in the browser. Ctrl-C ends it.\n"
    "\n"
    "  --port N        listen at this port (8501; 0: any that is free)\n"
    "  --address A     listen at this address of the machine (127.0.0.1)\n"
    "  --host NAME     a name by which browsers reach it; may be given again\n"
    "  --inspector     what the cache holds, live, at /memoscape\n"
    "  --max-bytes N   limit of the cache: 64MiB, 512MB, ...; 0: none\n"
    "  --data FILE     another table of weather (CSV)\n"
    "  --log           say on standard error what is executed\n"
    "  --help          this text\n";

struct AppOptions {
  ms::ServeOptions serve = {.title = "Seattle rain explorer"};
  ms::EngineOptions engine;
  std::string data_file;
  bool logs = false;
  bool helps = false;
};

std::uint16_t parse_port(const std::string& text) {
  std::size_t used = 0;
  int port = -1;
  try {
    port = std::stoi(text, &used);
  } catch (const std::exception&) {  // no number: `port` says so
  }
  if (port < 0 || port > 65535 || used != text.size()) {
    throw OptionError("--port: \"" + printable(text, 40) + "\" is no number from 0 to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

AppOptions parse_app_options(int argc, char** argv) {
  AppOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--help" || name == "-h") {
      options.helps = true;
      return options;
    }
    if (name == "--log") {
      options.logs = true;
      continue;
    }
    if (name == "--inspector") {
      options.serve.inspector = true;
      continue;
    }
    const auto value = [&] {
      if (++i == argc) throw OptionError(name + " needs a value");
      return std::string(argv[i]);
    };
    if (name == "--port") {
      options.serve.port = parse_port(value());
    } else if (name == "--address") {
      options.serve.address = value();
    } else if (name == "--host") {
      options.serve.hosts.push_back(value());
    } else if (name == "--max-bytes") {
      const std::string text = value();
      const std::optional<std::uint64_t> size = parse_size(text);
      if (!size) throw OptionError("--max-bytes: \"" + printable(text, 40) + "\" is no size");
      options.engine.limits.max_bytes = *size;
    } else if (name == "--data") {
      options.data_file = value();
    } else {
      throw OptionError("\"" + printable(name, 40) + "\" is no option");
    }
  }
  return options;
}

int start(int argc, char** argv) {
  AppOptions options = parse_app_options(argc, argv);
  if (options.helps) {
    std::fwrite(kHelp.data(), 1, kHelp.size(), stdout);
    return kDone;
  }
  load_table(options.data_file);  // a malformed file is the user's to mend: say so before all else
  ms::Engine engine(options.engine);
  const Explorer explorer(engine, options.data_file);
  std::atomic<std::uint64_t> told{0};
  ms::serve(
      engine,
      [&](ms::Run& run) {
        explorer(run);
        const std::uint64_t executions = explorer.executions().resample;
        if (options.logs && told.exchange(executions) != executions) {
          std::fprintf(stderr, "executions of resample: %s\n", grouped(executions).c_str());
        }
      },
      options.serve);
  return kDone;
}

}  // namespace
}  // namespace hello

int main(int argc, char** argv) {
  try {
    return hello::start(argc, argv);
  } catch (const hello::OptionError& error) {
    std::fprintf(stderr, "memoscape-app: %s (see --help)\n", error.what());
    return hello::kMisused;
  } catch (const hello::CsvError& error) {
    std::fprintf(stderr, "memoscape-app: %s\n", error.what());
    return hello::kMisused;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "memoscape-app: %s\n", hello::printable(error.what(), 1000).c_str());
    return hello::kFailed;
  }
}

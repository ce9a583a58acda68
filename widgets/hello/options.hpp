// Options: the command line of the app.
//
// Thread-safety: one thread at a time (getopt keeps global state).
//
//   hello::Options options = hello::parse_options(argc, argv);
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "crowd.hpp"

namespace hello {

enum class Action : std::uint8_t { run, help, version };

struct Options {
  Action action = Action::run;
  CrowdOptions crowd;
  std::optional<std::uint64_t> max_bytes;  // empty: the engine's default; 0: no limit
  std::uint64_t max_entries = 0;           // 0: no limit
  bool cached = true;
  std::string data_file;    // empty: the built-in data
  std::size_t rows = 20;    // of each table of the report; 0: all
  std::string report_file;  // also written there, in the format of its extension; empty: not
  std::string trace_file;   // a trace of the calls; empty: none
};

// Its message is one line for a person.
class OptionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws: OptionError.
Options parse_options(int argc, char** argv);

// "64MiB", "512MB", "1000": bytes. Empty: not a size.
std::optional<std::uint64_t> parse_size(std::string_view text);

std::string_view help_text() noexcept;

}  // namespace hello

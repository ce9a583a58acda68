// Trace: a list of requests to replay, and the readers of trace files: what an engine recorded,
// CSV, and libCacheSim's oracleGeneral.
//
// Thread-safety: value types and pure functions.
//
//   Trace trace = read_trace("app.trace", {});
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace simulation {

using Cost = std::chrono::nanoseconds;  // to compute a value again

struct Request {
  std::uint32_t object = 0;  // 0 to Trace::objects - 1
  std::uint32_t times = 1;   // in a row
  std::uint64_t bytes = 0;   // at least 1
  Cost cost{0};
};

struct Trace {
  std::string name;
  std::vector<Request> requests;
  std::size_t objects = 0;

  // What only an engine's own trace tells.
  std::vector<std::string> functions = {};      // their names
  std::vector<std::uint32_t> function_of = {};  // by object; empty: not told
  std::vector<std::string> labels = {};         // by object, as far as there are some; or empty
  std::chrono::nanoseconds span{0};             // in which the requests came; 0: not told
  std::uint64_t lost = 0;                       // calls that are missing

  std::uint64_t calls() const;         // requests, each as often as it was made
  std::uint64_t unique_bytes() const;  // of all objects, each at its largest
  Cost total_cost() const;             // of all requests
};

// For each request the position of the next one for the same object, or kNever.
inline constexpr std::size_t kNever = ~std::size_t{0};
std::vector<std::size_t> next_uses(const Trace& trace);

// memoscape: what Engine::record writes, engine/TRACE.md.
// csv: lines `key,bytes,cost`, the cost in microseconds, which may have a fraction. A first line
// `key,bytes,cost` is skipped.
// oracle: libCacheSim's oracleGeneral, uncompressed: records of 24 bytes, little endian: time u32,
// object u64, bytes u32, next access i64 (-1 or the largest number: never). It has no cost.
enum class Format : std::uint8_t { memoscape, csv, oracle };

// What an oracleGeneral trace does not say: the cost of an object.
// mixed: log-normal around 10 ms, by a hash of the object; bytes: 1 us per 1 kB and 1 ms; equal: 10
// ms.
enum class CostModel : std::uint8_t { mixed, bytes, equal };

struct ReadOptions {
  // none: an engine's by its first bytes, others by the name: .csv, or .bin and .oracleGeneral.
  std::optional<Format> format = {};
  CostModel cost = CostModel::mixed;
  std::size_t most = kNever;  // requests; the rest is not read
  bool salvage = false;       // of an engine's trace that ends too early: what is there
};

// A trace that is malformed, in one line: file, place, what is wrong.
struct TraceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws: TraceError; std::system_error if the file cannot be read.
Trace read_trace(const std::string& file, const ReadOptions& options);
// Of an engine's trace, all files that there are, the oldest first: they are one trace.
Trace read_traces(std::span<const std::string> files, const ReadOptions& options);

// The parsers alone; `name` is for messages. Throws: TraceError.
Trace parse_memoscape(const std::string& name, std::string_view bytes,
                      const ReadOptions& options = {});
Trace parse_csv(std::string name, std::string_view text, std::size_t most = kNever);
Trace parse_oracle(std::string name, std::string_view bytes, CostModel cost,
                   std::size_t most = kNever);

}  // namespace simulation

// Measuring side by side: the engine, the floor, a peer and the same script without a cache take
// turns, so that what else the machine does hits all of them alike. What is taken is kept until the
// end, when tables and JSON are made of it.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

// Who is measured. Any other name is one of a peer.
inline constexpr std::string_view kOurs = "ours";
inline constexpr std::string_view kFloor = "floor";
inline constexpr std::string_view kNoCache = "no cache";
inline constexpr std::string_view kHyperClock = "HyperClockCache";

// Something to time.
struct Timed {
  std::function<void()> body;       // timed
  double calls = 1;                 // that one execution of the body makes
  std::function<void()> prepare{};  // not timed, before each execution; empty: nothing to do
};

struct Turn {
  std::string_view who;
  Timed timed;
};

// What is measured, on which keys. 0: does not apply.
struct Subject {
  std::string name;
  double entries = 0;
  double key_bytes = 0;  // of a full key, on average
};

// All samples of one figure.
struct Series {
  Subject subject;
  std::string who;
  std::vector<double> samples;
  std::string unit = "ns";  // ns: of wall time per call
};

// Part of all samples that is less, by linear order; 0.5: the median. 0 without samples.
double quantile(std::vector<double> samples, double part);
double median(const std::vector<double>& samples);
// 0 when `b` is.
double ratio(double a, double b) noexcept;

// ns per call.
double time_once(const Timed& timed);

// Adds samples to those of the same subject and who.
void record(Series series);
const std::vector<Series>& all_series();
// Null: was not measured.
const Series* find_series(std::string_view name, std::string_view who);

// Takes as many samples of each turn as `state` has iterations, reports those of the first to it,
// and records all.
void compare(benchmark::State& state, const Subject& subject, const std::vector<Turn>& turns);

// For a profiler: `compare` takes the first turn only, many times as often.
void set_profiling() noexcept;

// A line about long work, on stderr.
void say(const std::string& line);

}  // namespace bench

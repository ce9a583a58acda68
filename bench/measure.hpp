// Measuring side by side: the engine, the floor and the same script without a cache take turns, so
// that what else the machine does hits all of them alike. Each figure is the median of its samples.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace bench {

// Something to time.
struct Timed {
  std::function<void()> body;       // timed; empty: there is no such figure
  double calls = 1;                 // that one execution of the body makes
  std::function<void()> prepare{};  // not timed, before each execution; empty: nothing to do
};

// One line of the table. 0: not measured.
struct Figures {
  std::string name;
  double entries = 0;
  double key_bytes = 0;
  double ours = 0;  // ns per call
  double floor = 0;
  double no_cache = 0;
};

// How one and two threads compare: ns of wall time per call.
struct Scaling {
  std::string name;
  double ours[2];
  double floor[2];
};

// For the tables at the end.
void add_figures(Figures figures);
void add_scaling(Scaling scaling);

// ns per call.
double median(std::vector<double> samples);
double time_once(const Timed& timed);

// Takes as many samples as `state` has iterations, reports them to it and to the table.
void compare(benchmark::State& state, Figures figures, const Timed& ours, const Timed& floor,
             const Timed& no_cache);

}  // namespace bench

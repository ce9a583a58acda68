// Gates: what the engine has to reach, and what it should. The table is in gates.cpp alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bench {

struct Gate {
  // What the figure is, of medians of series.
  enum class Figure {
    absolute,  // ours itself
    ratio,     // ours / reference; at most
    gain,      // reference / ours: throughput against the reference's; at least
    share,     // our scaling from 1 to 2 threads / the reference's; at least
  };

  std::string_view title;  // under which the table lists it
  std::string_view row;
  Figure figure;
  std::string_view subject;  // of share: without ", 1 thread" and ", 2 threads"
  std::string_view ours;     // who
  std::string_view reference_subject;
  std::string_view reference;
  double gate;
  double stretch;

  bool at_least() const noexcept { return figure == Figure::gain || figure == Figure::share; }
};

// A gate, measured.
struct Verdict {
  enum class Met { unmeasured, no, gate, stretch };

  const Gate* gate = nullptr;
  double ours = 0;       // a median; of share: our scaling
  double reference = 0;  // of absolute: 0
  double figure = 0;
  Met met = Met::unmeasured;
};

const std::vector<Gate>& all_gates();
// One for each gate, of what was recorded so far.
std::vector<Verdict> judge();

std::string_view to_string(Verdict::Met met) noexcept;
std::string_view to_string(Gate::Figure figure) noexcept;

}  // namespace bench

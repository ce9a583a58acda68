// Dashboard: what the benches cache. Cached functions of one argument that create sliders of their
// own and return the sum of what these say.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memoscape/memoscape.hpp>
#include <string>
#include <vector>

#include "bench/floor.hpp"

namespace bench {

namespace ms = memoscape;

struct DashboardOptions {
  std::size_t functions = 16;
  std::size_t widgets = 3;        // of each function; the first three are moved
  std::size_t permutations = 64;  // of each function, stored by `fill`
};

// The permutation number `i` of a function is a number with three digits, one for each slider.
class Dashboard {
 public:
  using Handle = ms::Cached<const std::int64_t, std::int64_t>;

  explicit Dashboard(const DashboardOptions& options,
                     ms::EngineOptions engine = {.limits = {.max_bytes = 0}});

  ms::Engine& engine() noexcept { return engine_; }
  const DashboardOptions& options() const noexcept { return options_; }
  std::size_t size() const noexcept { return options_.functions * options_.permutations; }

  // Executes every permutation once.
  void fill();
  // A run that calls all functions, each with `argument`.
  void run(ms::Session& session, std::int64_t argument = 0);
  // Ends the bench with an error when anything but `fill` executed: then not all calls were hits.
  void require_hits(benchmark::State& state) const;
  // Moves the sliders of one function; they must have been on the last page.
  void move(ms::Session& session, std::size_t function, std::size_t permutation);
  // The position of a permutation's key in `floor()`.
  std::size_t position(std::size_t function, std::size_t permutation) const noexcept {
    return permutation * options_.functions + function;
  }
  const Floor& floor() const noexcept { return floor_; }

 private:
  std::int64_t digit(std::size_t permutation, std::size_t slider) const noexcept;
  std::string label(std::size_t function, std::size_t slider) const;
  std::string full_key(std::size_t function, std::size_t permutation) const;

  DashboardOptions options_;
  std::size_t base_;  // of the digits
  ms::Engine engine_;
  std::vector<Handle> functions_;
  std::vector<std::size_t> now_;  // the permutation that each function shows
  Floor floor_;
};

// `count` numbers below `n`, by Zipf's law with exponent 0.99, the popular ones spread.
std::vector<std::uint32_t> zipf_sample(std::size_t n, std::size_t count, std::uint64_t seed);
// `count` numbers below `n`, all equally likely.
std::vector<std::uint32_t> even_sample(std::size_t n, std::size_t count, std::uint64_t seed);

}  // namespace bench

// Snapshot: what the store holds at one moment, copied for a report.
//
// All of it is copied under the mutex, so that its sums add up, and whoever stores something waits
// that long. So it is flat: numbers, and values of a few bytes, in memory that was there before,
// one step for each node, however many permutations are below it. Everything readable is made of it
// afterwards (report.cpp).
#pragma once

#include <tsl/robin_map.h>

#include <chrono>
#include <cstdint>
#include <vector>

#include "engine/packed_bytes.hpp"
#include "engine/store.hpp"
#include "memoscape/clock.hpp"
#include "memoscape/detail/function_ref.hpp"
#include "memoscape/report.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::detail {

struct Snapshot {
  static constexpr std::uint32_t kRoot = ~std::uint32_t{0};

  // The root of a state space: a function and its arguments.
  struct Tuple {
    std::uint32_t function = 0;
    std::uint32_t first_step = 0;  // its steps follow one another, up to those of the next
    PackedBytes key;
    std::uint64_t session = 0;
    std::uint64_t nodes = 0;  // bytes
  };
  // A node below a root: the read above it, and the value that leads to it.
  struct Step {
    std::uint32_t above = kRoot;
    std::uint32_t read = 0;
    PackedBytes value;
  };
  // An entry. Its figures have the names that they have in a PermutationRow.
  struct Entry {
    Permutation* permutation = nullptr;  // compared, never read, once the mutex is released
    std::uint32_t tuple = 0;
    std::uint32_t step = kRoot;  // the last one of its path
    EntryBytes bytes;
    std::uint64_t peak = 0;
    std::uint64_t shared_value = 0;
    std::uint64_t sharers = 1;
    std::uint64_t media = 0;
    std::uint64_t hits = 0;
    std::uint64_t followers = 0;
    std::chrono::nanoseconds compute{0};
    std::chrono::nanoseconds saved{0};
    std::chrono::nanoseconds age{0};
    Clock::time_point finished{};
    Clock::time_point expiry{};
    Digest digest{};
    bool has_digest = false;
    BytesSource source = BytesSource::traversal;
  };

  // `also` is called before the mutex is released. Throws: std::bad_alloc, what `also` throws.
  Snapshot(const EngineCore& core, FunctionRef<void(const Snapshot&, const Locked&)> also);

  const Function& function_of(const Tuple& tuple) const { return *functions[tuple.function]; }
  const Function& function_of(const Entry& entry) const { return function_of(tuples[entry.tuple]); }
  const StateRead& read_of(const Step& step) const { return *reads[step.read]; }
  // From the root down.
  std::vector<const Step*> path_of(const Entry& entry) const;

  std::vector<FunctionPtr> functions;  // by name
  std::vector<StateReadPtr> reads;     // each that is somewhere read
  std::vector<Tuple> tuples;           // those of a function follow one another
  std::vector<Step> steps;
  std::vector<Entry> entries;
  Clock::time_point now{};

 private:
  void reserve(const EngineCore& core);
  void copy_tree(const Node& root);
  void copy_figures(std::size_t ahead) noexcept;
  std::uint32_t number_of(const StateRead& read);

  tsl::robin_map<const StateRead*, std::uint32_t> numbers_;  // of reads
  std::size_t sought_ = 0;                                   // of the entries
  std::size_t copied_ = 0;
  bool has_ghosts_ = false;
};

}  // namespace memoscape::inline v0::detail

// The reads of an execution, in their order: its path.
#pragma once

#include <tsl/robin_map.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/hash.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::detail {

// One state read of an execution, with the value it obtained.
struct PathStep {
  PathStep() = default;
  PathStep(StateReadPtr of, std::string_view bytes, std::uint64_t hashed = 0)
      : read(std::move(of)), value(bytes), hash(hashed) {}

  StateReadPtr read;
  std::string value;       // encoded
  std::uint64_t hash = 0;  // of the value (KeyHasher::hash_bytes)

  bool is_of(const StateRead& other) const noexcept { return read->is_alike(other); }
  // The same, or it is the widget whose session-state entry that is: its value is no new
  // information.
  bool tells(const StateRead& other) const noexcept {
    const bool is_its_entry = other.variable() == StateRead::Variable::session_state &&
                              read->is_widget() && read->definition().key == other.name();
    return is_its_entry || is_of(other);
  }
};

// The reads of an execution, in their order. The leader adds; others look, under the mutex of the
// flight, at those that are published.
class PathSteps {
 public:
  std::span<const PathStep> view() const noexcept { return {steps_.data(), published_.load()}; }

  // --- for the leader ---
  bool has_room() const noexcept { return steps_.size() < steps_.capacity(); }
  // Requires: the mutex. Throws: std::bad_alloc.
  void reserve(std::size_t count) { steps_.reserve(count); }
  // Publishes one. Then Flight::followers tells whether somebody waits for it: who begins to follow
  // counts there first, and looks here then, so one sees the other. Requires: room. Throws:
  // std::bad_alloc; then nothing is added.
  void add(const StateReadPtr& read, std::string_view value, std::uint64_t hash) {
    steps_.emplace_back(read, value, hash);
    published_.store(steps_.size());
  }
  // Requires: nobody looks any more.
  void clear() noexcept {
    steps_.clear();
    published_.store(0, std::memory_order_relaxed);
  }

 private:
  std::vector<PathStep> steps_;  // moves under the mutex only
  std::atomic<std::size_t> published_{0};
};

// Whether a path has a read already. Few are looked at one by one; of more an index tells, so that
// each read of thousands costs what one of ten does.
//
// Thread-safety: belongs to the thread of the execution.
class KnownReads {
 public:
  // Whether one of the steps tells it. They are those of the last call, or more. Throws:
  // std::bad_alloc.
  bool has(std::span<const PathStep> steps, const StateRead& read) {
    return steps.size() <= kFew ? any_tells(steps, read) : finds(steps, read);
  }
  void clear() noexcept { index_.reset(); }

 private:
  static constexpr std::size_t kFew = 32;
  struct Index {
    tsl::robin_map<std::size_t, std::size_t> steps;  // by hash: the last one that has it
    std::size_t count = 0;                           // that it knows
  };

  static bool any_tells(std::span<const PathStep> steps, const StateRead& read) noexcept {
    return std::any_of(steps.begin(), steps.end(),
                       [&](const PathStep& step) { return step.tells(read); });
  }
  bool finds(std::span<const PathStep> steps, const StateRead& read);

  std::unique_ptr<Index> index_;
};

}  // namespace memoscape::inline v0::detail

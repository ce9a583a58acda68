// The loop of tests in which every allocation of an operation fails in turn.
//
//   const FaultyOperation<Scene> clear = {"clear", warm, [](Scene& s) { s.engine().clear(); }};
//   let_each_fail(Failing::one, clear);
//
// A scene is where it is done: made anew for each allocation, brought to some state, and told to
// `compare` itself with what must be when the operation is over, whatever became of it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <new>
#include <ostream>
#include <string>

#include "failing_new.hpp"

namespace memoscape::testing {

enum class Effect : std::uint8_t {
  some,
  none  // it only looks at the scene, so one does for all of its allocations
};

template <class Scene>
struct FaultyOperation {
  const char* name;
  std::function<void(Scene&)> before;
  std::function<void(Scene&)> act;
  Effect effect = Effect::some;

  friend void PrintTo(const FaultyOperation& one, std::ostream* out) { *out << one.name; }
};

// Does it once: it succeeds, or throws std::bad_alloc. Gives whether an allocation failed.
template <class Scene>
bool let_fail(std::uint64_t nth, Failing which, const FaultyOperation<Scene>& operation,
              Scene& scene) {
  std::string problem;
  const Armed armed(nth, which);
  try {
    operation.act(scene);
  } catch (const std::bad_alloc&) {
  } catch (const std::exception& error) {
    new_state.fails_at = 0;
    problem = error.what();
  }
  new_state.fails_at = 0;
  EXPECT_EQ(problem, "");
  return armed.failed();
}

template <class Scene>
void let_each_fail(Failing which, const FaultyOperation<Scene>& operation) {
  bool failed = true;
  std::uint64_t nth = 0;
  while (failed && !::testing::Test::HasFailure()) {
    Scene scene;
    operation.before(scene);
    do {
      SCOPED_TRACE("allocation " + std::to_string(++nth));
      failed = let_fail(nth, which, operation, scene);
    } while (failed && operation.effect == Effect::none);
    SCOPED_TRACE("allocation " + std::to_string(nth));
    scene.compare();
  }
  ::testing::Test::RecordProperty("allocations", std::to_string(nth - 1));
}

}  // namespace memoscape::testing

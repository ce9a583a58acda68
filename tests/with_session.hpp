// A fixture for tests of widgets and elements: an engine and one session.
#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>

#include "harness.hpp"

namespace memoscape::testing {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

inline ms::Media file(std::string name, std::string type, std::string bytes) {
  return {.name = std::move(name), .type = std::move(type), .bytes = std::move(bytes)};
}

// Every test ends with the engine's own check.
template <class Base>
class WithSession : public Base {
 protected:
  void TearDown() override { EXPECT_EQ(engine_.check(), ""); }

  ms::ManualClock clock_;
  ms::Engine engine_{{.clock = &clock_}};
  ms::Session session_{engine_};
};

}  // namespace memoscape::testing

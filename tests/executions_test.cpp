// Which executions are never kept: those in which something was thrown and caught.
#include <stdexcept>
#include <string>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

TEST(Executions, ThatCaughtWhatAnInnerCallThrewAreNotKept) {
  World w;
  bool fails = true;
  const auto inner = w.engine.cache_data("inner", [&](int n) {
    w.log.add("inner");
    if (fails) throw std::runtime_error("no luck");
    return n;
  });
  const auto outer = w.engine.cache_data("outer", [&, inner](ms::Run& run) {
    w.log.add("outer");
    try {
      return *inner(run, 1);
    } catch (const std::runtime_error&) {
      return -1;
    }
  });
  const auto call = [&] {
    int result = 0;
    w.engine.run([&](ms::Run& run) { result = *outer(run); });
    return result;
  };
  EXPECT_EQ(call(), -1);
  EXPECT_EQ(w.entries(), 0U);
  fails = false;
  EXPECT_EQ(call(), 1);
  EXPECT_EQ(call(), 1);
  EXPECT_EQ(w.log.take(), Lines("outer", "inner", "outer", "inner"));
}

TEST(Executions, InWhichAWidgetWasMisusedAreNotKept) {
  World w;
  const auto f = w.engine.cache_data("f",
                                     [&](ms::Run& run) {
                                       w.log.add("f");
                                       try {
                                         ms::slider(run, "upside down", 10, 0);
                                       } catch (const ms::UsageError&) {
                                         return -1;
                                       }
                                       return 1;
                                     },
                                     {.allow_widgets = true});
  for (int times = 0; times < 2; ++times) {
    w.engine.run([&](ms::Run& run) { EXPECT_EQ(*f(run), -1); });
  }
  EXPECT_EQ(w.log.take(), Lines("f", "f"));
  EXPECT_EQ(w.function("f").counters.discarded, 2U);
}

TEST(Executions, InWhichADefaultDidNotFitAreNotKept) {
  static constexpr ms::WidgetKind kPicky = {.name = "picky",
                                            .misfit = [](const ms::Definition&, const ms::Value&) {
                                              return std::string("nothing fits");
                                            }};
  World w;
  const auto f = w.engine.cache_data(
      "f",
      [&](ms::Run& run) {
        w.log.add("f");
        try {
          ms::Place(run).widget({.kind = &kPicky, .label = "picky", .initial = 1});
        } catch (const ms::UsageError&) {
          return -1;
        }
        return 1;
      },
      {.allow_widgets = true});
  for (int times = 0; times < 2; ++times) {
    w.engine.run([&](ms::Run& run) { EXPECT_EQ(*f(run), -1); });
  }
  EXPECT_EQ(w.log.take(), Lines("f", "f"));
}

}  // namespace
}  // namespace memoscape::testing

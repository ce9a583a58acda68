// Rule M3: equal data values of different permutations are one buffer, charged once.
#include <gtest/gtest.h>

#include <memoscape/memoscape.hpp>
#include <string>
#include <vector>

namespace ms = memoscape;
using namespace ms::literals;

namespace {

// `count` sliders of ten positions; the value depends on the first `relevant` ones.
auto sliders(ms::Engine& engine, const char* name, int count, int relevant, std::size_t bytes,
             int& executions) {
  return engine.cache_data(name,
                           [=, &executions](ms::Run& run) {
                             ++executions;
                             int sum = 0;
                             for (int i = 0; i < count; ++i) {
                               const int at = ms::slider(run, "s" + std::to_string(i), 0, 9, 0);
                               if (i < relevant) sum = sum * 10 + at;
                             }
                             return std::string(bytes, static_cast<char>('a' + sum % 26));
                           },
                           {.allow_widgets = true});
}

}  // namespace

TEST(Sharing, SlidersThatDoNotChangeATableCostOneTable) {
  constexpr std::size_t kTable = 100_MiB;
  ms::Engine engine({.limits = {.max_bytes = 512_MiB}});
  int executions = 0;
  const auto table = sliders(engine, "table", 5, 0, kTable, executions);
  ms::Session session(engine);
  const auto script = [&](ms::Run& run) { EXPECT_EQ(table(run)->size(), kTable); };
  session.run(script);
  for (int i = 0; i < 5; ++i) {
    for (int at = 1; at <= 2; ++at) {
      session.set("s" + std::to_string(i), at);
      session.run(script);
      EXPECT_LT(engine.totals().charged, kTable + 1_MiB);
      EXPECT_EQ(engine.check(), "");
    }
  }
  const ms::Report report = engine.report();
  EXPECT_EQ(executions, 11);
  EXPECT_EQ(report.permutations.size(), 11u);
  EXPECT_EQ(report.permutations[0].sharers, 11u);
  EXPECT_GE(report.permutations[0].shared_value, kTable);
  EXPECT_GE(report.totals.saved_by_sharing, 10 * kTable);
  for (const ms::WidgetRow& row : report.widgets) {
    EXPECT_EQ(row.effect, ms::WidgetRow::Effect::never_changed) << row.variable;
  }
}

TEST(Sharing, SlidersThatDoChangeATableStayUnderTheLimit) {
  constexpr std::uint64_t kLimit = 512_MiB;
  ms::Engine engine({.limits = {.max_bytes = kLimit}});
  int executions = 0;
  const auto table = sliders(engine, "table", 1, 1, 100_MiB, executions);
  ms::Session session(engine);
  for (int at = 0; at < 10; ++at) {
    session.run([&](ms::Run& run) { table(run); });
    EXPECT_LE(engine.totals().charged, kLimit);
    EXPECT_EQ(engine.check(), "");
    session.set("s0", (at + 1) % 10);
  }
  EXPECT_EQ(executions, 10);
  EXPECT_EQ(engine.totals().permutations, 5u);
  EXPECT_GE(engine.totals().counters.evicted_bytes, 5u);
}

TEST(Sharing, IsAcrossFunctionsAndInFullAgainstEachOnesLimit) {
  ms::Engine engine;
  int executions = 0;
  const auto a = sliders(engine, "a", 1, 0, 100'000, executions);
  const auto b = sliders(engine, "b", 2, 0, 100'000, executions);
  engine.run([&](ms::Run& run) { a(run); });
  EXPECT_EQ(engine.report().functions[0].shared_values, 0u);
  engine.run([&](ms::Run& run) { b(run); });
  const ms::Report report = engine.report();
  EXPECT_GE(report.functions[0].shared_values, 100'000u);
  EXPECT_EQ(report.functions[0].shared_values, report.functions[1].shared_values);
  EXPECT_LT(report.totals.charged, 110'000u);
  EXPECT_EQ(engine.check(), "");

  b.set_limits({.max_bytes = 50'000});
  EXPECT_EQ(engine.totals().permutations, 1u);
  EXPECT_EQ(engine.report().functions[0].shared_values, 0u) << "the last one owns it again";
  EXPECT_EQ(engine.check(), "");
}

TEST(Sharing, AHeldValueThatIsStoredAgainIsNoLongerHeld) {
  ms::Engine engine;
  int executions = 0;
  const auto a = sliders(engine, "a", 1, 0, 100'000, executions);
  std::shared_ptr<const std::string> kept;
  engine.run([&](ms::Run& run) { kept = a(run).share(); });
  engine.clear();
  EXPECT_GE(engine.totals().held, 100'000u);
  engine.run([&](ms::Run& run) { a(run); });  // a new buffer: nothing stored equals it
  EXPECT_GE(engine.totals().held, 100'000u);
  kept = nullptr;
  EXPECT_EQ(engine.totals().held, 0u);
  EXPECT_EQ(engine.check(), "");
}

TEST(Sharing, ResourcesAreNeverShared) {
  ms::Engine engine;
  const auto r = engine.cache_resource("r", [](ms::Run&, int) { return std::string(1000, 'x'); });
  engine.run([&](ms::Run& run) { EXPECT_NE(r(run, 1).get(), r(run, 2).get()); });
  EXPECT_EQ(engine.totals().saved_by_sharing, 0u);
  EXPECT_EQ(engine.check(), "");
}

TEST(Sharing, EqualBytesOfDifferentTypesAreNotEqual) {
  ms::Engine engine;
  const auto text = engine.cache_data("text", [](ms::Run&) { return std::string(1000, 'x'); });
  const auto list = engine.cache_data("list", [](ms::Run&) { return std::vector<int>(1000, 7); });
  const auto same = engine.cache_data("same", [](ms::Run&) { return std::vector<long>(1000, 7); });
  engine.run([&](ms::Run& run) {
    text(run);
    EXPECT_EQ((*list(run))[0], (*same(run))[0]);
  });
  EXPECT_EQ(engine.totals().saved_by_sharing, 0u);
  EXPECT_EQ(engine.check(), "");
}

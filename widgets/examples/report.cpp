// The report: what the engine holds, for each permutation, and which widgets are worth their keys.
//
// prints:
//   rain(2012), slider Days = 30, checkbox Dark colours = true: 0 hits, 0 ms saved
//   rain(2012), slider Days = 7, checkbox Dark colours = false: 0 hits, 0 ms saved
//   rain(2012), slider Days = 7, checkbox Dark colours = true: 1 hits, 70 ms saved
//   checkbox Dark colours: 2 values, never changed the value
//   slider Days: 2 values
#include <chrono>
#include <cstdio>
#include <memoscape/memoscape.hpp>

namespace ms = memoscape;
using namespace std::chrono_literals;

int main() {
  ms::ManualClock clock;  // so that this example prints the same each time
  ms::Engine engine({.clock = &clock});

  auto rain = engine.cache_data(
      "rain",
      [&clock](ms::Run& run, int year) {
        const int days = ms::slider(run, "Days", 1, 30, 7);
        ms::checkbox(run, "Dark colours");  // changes the page, and never the value
        clock.advance(days * 10ms);         // stands for the work
        return year * days;
      },
      {.allow_widgets = true});

  ms::AppTest app(engine, [&](ms::Run& run) { rain(run, 2012); });
  app.run();
  app.check("Dark colours").run();
  app.set("Days", 30).run();
  app.set("Days", 7).run();

  const ms::Report report = engine.report();
  for (const ms::PermutationRow& row : report.permutations) {
    std::printf("%s(%s)", row.function.c_str(), row.arguments.c_str());
    for (const ms::ReadText& read : row.reads)
      std::printf(", %s = %s", read.variable.c_str(), read.value.c_str());
    std::printf(": %d hits, %d ms saved\n", int(row.hits), int(row.saved / 1ms));
  }
  for (const ms::WidgetRow& row : report.widgets) {
    const bool is_idle = row.effect == ms::WidgetRow::Effect::never_changed;
    std::printf("%s: %d values%s\n", row.variable.c_str(), int(row.distinct_values),
                is_idle ? ", never changed the value" : "");
  }
  std::fputs(ms::to_text(report).c_str(), stderr);  // the same, and more, for a terminal
}

// Widgets and branches: the key of a call is its arguments and the widgets on the path it took.
//
// prints:
//   execute: all, 100 m
//   execute: rain on, 100 m
//   execute: rain on, 500 m
//   [ ] Only with rain
//   Above: 100  |-o---------| 0..1000
//   peaks: 7
#include <cstdio>
#include <memoscape/memoscape.hpp>

namespace ms = memoscape;

int main() {
  ms::Engine engine;

  auto peaks = engine.cache_data(
      "peaks",
      [](ms::Run& run) {
        const bool only_rain = ms::checkbox(run, "Only with rain");
        // In this branch there is one more widget. Without it, its value is no part of the key.
        const double least = only_rain ? ms::slider(run, "Rain", 0.0, 50.0, 1.0) : 0.0;
        const int above = ms::slider(run, "Above", 0, 1000, 100);
        std::printf("execute: %s, %d m\n", only_rain ? "rain on" : "all", above);
        ms::text(run, ms::format("peaks: {}", 7));
        return above + static_cast<int>(least);
      },
      {.allow_widgets = true});

  ms::AppTest ann(engine, [&](ms::Run& run) { peaks(run); });
  ann.run();                               // executes
  ann.check("Only with rain").run();       // executes: another branch
  ann.set("Above", 500).run();             // executes: another value
  ann.set("Above", 100).run();             // a hit
  ann.uncheck("Only with rain").run();     // a hit: its rain slider is not asked for
  std::fputs(ann.text().c_str(), stdout);  // what the function put there is on the page
}

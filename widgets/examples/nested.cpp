// Nested functions: a cached function calls another. What the inner one shows and reads belongs to
// the outer one too, and clearing the inner one ends what was built on it.
//
// prints:
//   total SEA in mm
//   read SEA
//   total SEA in inch
//   -- clear
//   total SEA in inch
//   read SEA
#include <cstdio>
#include <memoscape/memoscape.hpp>
#include <numeric>
#include <string>
#include <vector>

namespace ms = memoscape;

int main() {
  ms::Engine engine;

  auto read = engine.cache_data("read", [](const std::string& station) {
    std::printf("read %s\n", station.c_str());
    return std::vector<double>{25.4, 50.8};
  });

  // A handle is captured by value: it is small, and keeps what it needs.
  auto total =
      engine.cache_data("total",
                        [read](ms::Run& run, const std::string& station) {
                          const std::string unit = ms::radio(run, "Unit", {"mm", "inch"});
                          std::printf("total %s in %s\n", station.c_str(), unit.c_str());
                          const ms::Ref<const std::vector<double>> rain = read(run, station);
                          const double sum = std::accumulate(rain->begin(), rain->end(), 0.0);
                          return unit == "mm" ? sum : sum / 25.4;
                        },
                        {.allow_widgets = true});

  ms::AppTest app(engine, [&](ms::Run& run) { ms::metric(run, "Rain", *total(run, "SEA")); });
  app.run();
  app.set("Unit", "inch").run();  // the outer function executes, the inner one is a hit
  app.set("Unit", "mm").run();    // a hit, the inner function is not even looked up

  std::puts("-- clear");
  read.clear("SEA");  // ends the totals that were built on it
  app.set("Unit", "inch").run();
}

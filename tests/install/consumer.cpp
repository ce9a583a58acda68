// What every consumer in tests/install builds: a bit of each part of the API. Fails if it is wrong.
#include <chrono>
#include <cstdio>
#include <memoscape/memoscape.hpp>
#include <string>
#include <vector>

namespace ms = memoscape;
using namespace ms::literals;
using namespace std::chrono_literals;

namespace {

struct Query {
  std::string origin;
  int year = 0;
};

int failures = 0;

void expect(bool is_so, const char* what) {
  if (is_so) return;
  std::printf("not so: %s\n", what);
  ++failures;
}

}  // namespace

int main() {
  ms::Engine engine({.limits = {.max_bytes = 64_MiB}});
  int executed = 0;
  auto load = engine.cache_resource(
      "load", [](const Query& query) { return std::vector<int>(100, query.year); },
      {.limits = {.ttl = 10min}, .validate = [](const std::vector<int>& v) { return !v.empty(); }});
  auto sum = engine.cache_data("sum",
                               [load, count = &executed](ms::Run& run, const std::string& origin) {
                                 ++*count;
                                 const int year = ms::slider(run, "Year", 2000, 2020, 2010);
                                 long total = 0;
                                 const ms::Ref values = load(run, Query{origin, year});
                                 for (const int value : *values) total += value;
                                 ms::text(run, ms::format("{} in {}", origin, year));
                                 return total;
                               },
                               {.allow_widgets = true, .limits = {.max_entries = 500}});
  auto strict = engine.cache_data("strict", [](ms::Run& run) { return ms::checkbox(run, "Box"); });

  const auto script = [&](ms::Run& run) { ms::metric(run, "Sum", *sum(run, "SEA")); };
  ms::Session ann(engine);
  ms::Session bob(engine);
  ann.run(script);
  const ms::Page page = bob.run(script);
  expect(executed == 1, "Bob's defaults are Ann's");
  expect(ms::to_text(page).find("201000") != std::string::npos, "the sum is on the page");

  ann.set("Year", 2020);
  ann.run(script);
  expect(executed == 2, "another year is another permutation");

  bool is_refused = false;
  ann.run([&](ms::Run& run) {
    try {
      strict(run);
    } catch (const ms::CachedWidgetError& error) {
      is_refused = std::string(error.what()).find("strict") != std::string::npos;
    }
  });
  expect(is_refused, "an error of the library is caught by its type");
  expect(engine.report().permutations.size() == 4, "the report has every entry");
  expect(engine.check().empty(), "the engine is sound");
  if (failures == 0) std::puts("memoscape: linked, and right");
  return failures == 0 ? 0 : 1;
}

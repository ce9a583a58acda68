// The README's example, between the two lines of dashes, word for word (check_readme.py compares
// them), and what it leaves out: a table of flights.
#include <algorithm>
#include <cstdio>
#include <memoscape/memoscape.hpp>
#include <string>
#include <vector>

struct Flight {
  std::string month;
  int delay = 0;
};

struct Table {
  std::vector<Flight> flights;

  std::size_t rows() const { return flights.size(); }
  Table where(const auto& keep) const {
    Table kept;
    std::copy_if(flights.begin(), flights.end(), std::back_inserter(kept.flights), keep);
    return kept;
  }
  Table where_delay_at_least(int minutes) const {
    return where([&](const Flight& flight) { return flight.delay >= minutes; });
  }
  Table where_month_in(const std::vector<std::string>& months) const {
    return where([&](const Flight& flight) {
      return std::find(months.begin(), months.end(), flight.month) != months.end();
    });
  }
};

memoscape::DataFrame to_dataframe(const Table& table) {
  std::vector<std::string> months;
  std::vector<std::int64_t> delays;
  for (const Flight& flight : table.flights) {
    months.push_back(flight.month);
    delays.push_back(flight.delay);
  }
  return {{{"month", months}, {"delay", delays}}};
}

Table read_flights(const std::string& origin) {
  if (origin != "SEA") return {};
  return {{{"Jan", 95}, {"Feb", 20}, {"Mar", 60}, {"Mar", 5}}};
}

const std::vector<std::string> kMonths = {"Jan", "Feb", "Mar"};

// --------------------------------------------------------------------------------------------
namespace ms = memoscape;
using namespace ms::literals;
using namespace std::chrono_literals;

int main() {
  ms::Engine engine({.limits = {.max_bytes = 512_MiB}});

  auto load = engine.cache_resource("flights", read_flights);

  auto delayed = engine.cache_data(
      "delayed_flights",
      [load](ms::Run& run, const std::string& origin) {
        int minutes = ms::slider(run, "Delayed by at least", 0, 180, 15);
        Table table = load(run, origin)->where_delay_at_least(minutes);  // an inner cached call
        if (ms::checkbox(run, "Only some months"))
          table = table.where_month_in(ms::multiselect(run, "Months", kMonths));
        ms::success(run, ms::format("{} flights", table.rows()));  // replayed on a hit
        return table;
      },
      {.allow_widgets = true, .limits = {.max_entries = 500, .ttl = 10min}});

  auto script = [&](ms::Run& run) {
    ms::title(run, "Flights");
    ms::Ref<const Table> table = delayed(run, "SEA");
    ms::dataframe(run, *table);
  };

  ms::Session alice(engine), bob(engine);
  alice.run(script);                     // executes
  alice.set("Delayed by at least", 60);  // what a browser or a test does, for the next run
  ms::Page page = alice.run(script);     // executes: another permutation
  bob.run(script);                       // a hit: Alice's defaults were computed already
  std::puts(ms::to_text(page).c_str());
  std::puts(ms::to_text(engine.report()).c_str());
}
// --------------------------------------------------------------------------------------------

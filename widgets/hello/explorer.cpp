#include "explorer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memoscape/elements.hpp>
#include <memoscape/widgets.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "text.hpp"

namespace hello {

namespace ms = memoscape;

namespace {

std::string date_text(std::chrono::year_month_day date) {
  const auto two = [](unsigned n) { return (n < 10 ? "-0" : "-") + std::to_string(n); };
  return std::to_string(static_cast<int>(date.year())) + two(static_cast<unsigned>(date.month())) +
         two(static_cast<unsigned>(date.day()));
}

// The widgets of `resample`. Two of them exist only where they mean something.
Selection ask(ms::Run& run, const Table& observed) {
  Selection selection;
  selection.years =
      ms::slider(run, kYears, kMinYears, kMaxYears, kDefaultYears, {.step = kYearsStep});
  if (ms::radio(run, kCount, {kTotalRain, kWetDays}) == kWetDays) {
    selection.measure = Measure::wet_days;
    selection.wet_from_mm =
        ms::slider(run, kWetFrom, kMinWetMm, kMaxWetMm, 1.0, {.step = kWetStepMm});
  }
  selection.days = ms::selectbox(run, kDays, day_choices());
  if (selection.days == kByWeather) {
    const std::vector<std::string>& kinds = observed.weather_kinds();
    selection.weather = ms::multiselect(run, kWeather, kinds, {.selected = kinds});
  }
  return selection;
}

void show(ms::Run& run, const Selection& selection, const Resampled& drawn) {
  if (drawn.years.empty()) {
    ms::error(run, "No observed day is selected: choose at least one kind of weather.");
    return;
  }
  ms::success(run, grouped(drawn.years.size()) + " years of " + grouped(drawn.days_per_year) +
                       " days drawn");
  const auto& median = std::get<std::vector<double>>(drawn.course.columns[3].values);
  const bool counts_days = selection.measure == Measure::wet_days;
  const std::string what = counts_days ? "Wet days" : "Rain";
  const std::string unit = counts_days ? "days" : "mm";
  ms::metric(run, what + " in a median year", fixed(median.back(), 0) + " " + unit);
  ms::line_chart(run, drawn.course,
                 {.x = "day", .title = what + " since the first day", .y_label = unit});
  ms::line_chart(ms::expander(run, "Month by month"), drawn.month,
                 {.x = "day", .title = what + " in the last 30 days", .y_label = unit});
}

}  // namespace

Explorer::WeatherFunction Explorer::cache_weather(ms::Engine& engine,
                                                  const std::shared_ptr<Executions>& executions) {
  return engine.cache_resource("weather", [executions](const std::string& file) {
    ++executions->weather;
    return load_table(file);
  });
}

Explorer::ResampleFunction Explorer::cache_resample(ms::Engine& engine,
                                                    const WeatherFunction& weather,
                                                    const std::shared_ptr<Executions>& executions) {
  return engine.cache_data("resample",
                           [executions, weather](ms::Run& run, const std::string& file) {
                             ++executions->resample;
                             const ms::Ref<Table> observed = weather(run, file);
                             const Selection selection = ask(run, *observed);
                             Resampled drawn = resample(*observed, selection);
                             show(run, selection, drawn);
                             return drawn;
                           },
                           {.allow_widgets = true});
}

Explorer::Explorer(ms::Engine& engine, std::string data_file)
    : data_file_(std::move(data_file)),
      executions_(std::make_shared<Executions>()),
      weather_(cache_weather(engine, executions_)),
      resample_(cache_resample(engine, weather_, executions_)) {}

void Explorer::operator()(ms::Run& run) const {
  const ms::Place side = ms::sidebar(run);
  const std::string name = ms::text_input(side, kName, {.max_chars = 40});
  ms::text(side, name.empty() ? "Hello!" : "Hello, " + name + "!");

  ms::title(run, "Seattle rain explorer");
  const ms::Ref<Table> observed = weather_(run, data_file_);
  const std::vector<Day>& days = observed->days();
  ms::markdown(run, "How much does it rain in a year? **" + grouped(days.size()) +
                        "** observed days, " + date_text(days.front().date) + " to " +
                        date_text(days.back().date) + ", make thousands of synthetic years.");

  const ms::Ref<const Resampled> drawn = resample_(run, data_file_);
  if (drawn->years.empty()) return;
  const auto [driest, wettest] =
      std::minmax_element(drawn->years.begin(), drawn->years.end(),
                          [](const auto& a, const auto& b) { return a.rain_mm < b.rain_mm; });
  const std::vector<ms::Place> columns = ms::columns(run, 2);
  ms::metric(columns[0], "Rain in the driest year", fixed(driest->rain_mm, 0) + " mm");
  ms::metric(columns[1], "Rain in the wettest year", fixed(wettest->rain_mm, 0) + " mm");
  ms::header(run, "The years in numbers");
  ms::dataframe(run, drawn->quantiles);
}

std::string path_on(const ms::Page& page) {
  constexpr std::array<std::pair<const char*, const char*>, 5> kWidgets = {
      {{"selectbox", kDays},
       {"multiselect", kWeather},
       {"slider", kYears},
       {"radio", kCount},
       {"slider", kWetFrom}}};
  std::string path;
  for (const auto& [kind, label] : kWidgets) {
    const ms::PageNode* widget = page.find(kind, label);
    if (widget == nullptr) continue;
    path.append(label).append("=").append(to_text(widget->value())).append(";");
  }
  return path;
}

}  // namespace hello

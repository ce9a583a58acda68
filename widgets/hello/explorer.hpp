// Explorer: the script of the app. A page about rain, made of two cached functions.
//
// `weather` is a resource: the observed table, loaded and indexed once. `resample` is data: it
// creates up to five widgets, two of them only in some branches, draws synthetic years by their
// values, and puts what it found on the page. Nothing on the page tells whether it was cached.
//
// Ownership: the engine must outlive the explorer; sessions may come and go.
// Thread-safety: a const explorer may be run by many sessions at once.
//
//   hello::Explorer explorer(engine, "");
//   ms::Page page = alice.run(explorer);
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <memoscape/engine.hpp>
#include <string>

#include "resample.hpp"
#include "weather.hpp"

namespace hello {

// The widgets of `resample` by label, in its order: what is long comes last in a report.
inline constexpr const char* kYears = "Years";
inline constexpr const char* kCount = "Count";
inline constexpr const char* kWetFrom = "Wet from (mm)";  // when wet days are counted
inline constexpr const char* kDays = "Days";
inline constexpr const char* kWeather = "Weather";  // when the days are chosen by weather
// A widget of the page that `resample` does not read.
inline constexpr const char* kName = "Your name";

inline constexpr int kMinYears = 1000;
inline constexpr int kMaxYears = 8000;
inline constexpr int kDefaultYears = 4000;
inline constexpr int kYearsStep = 1000;
inline constexpr const char* kTotalRain = "total rain";
inline constexpr const char* kWetDays = "wet days";
inline constexpr double kMinWetMm = 0.5;
inline constexpr double kMaxWetMm = 10.0;
inline constexpr double kWetStepMm = 0.5;

// How often the bodies of the cached functions ran.
struct Executions {
  std::atomic<std::uint64_t> weather{0};
  std::atomic<std::uint64_t> resample{0};
};

class Explorer {
 public:
  // Registers the functions. `data_file`: a CSV; empty: the built-in data.
  // Throws: memoscape::UsageError when the engine has an explorer already.
  Explorer(memoscape::Engine& engine, std::string data_file);

  // The script.
  void operator()(memoscape::Run& run) const;

  const Executions& executions() const noexcept { return *executions_; }

 private:
  using WeatherFunction = memoscape::Cached<Table, std::string>;
  using ResampleFunction = memoscape::Cached<const Resampled, std::string>;

  static WeatherFunction cache_weather(memoscape::Engine& engine,
                                       const std::shared_ptr<Executions>& executions);
  static ResampleFunction cache_resample(memoscape::Engine& engine, const WeatherFunction& weather,
                                         const std::shared_ptr<Executions>& executions);

  std::string data_file_;
  std::shared_ptr<Executions> executions_;
  WeatherFunction weather_;
  ResampleFunction resample_;
};

// The values of the widgets that `resample` had on this page, as text: equal for equal paths. Made
// from the page alone, so that the engine's own count can be checked against it.
std::string path_on(const memoscape::Page& page);

}  // namespace hello

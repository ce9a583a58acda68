#include <sys/utsname.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "bench/gates.hpp"
#include "bench/measure.hpp"
#include "bench/report.hpp"

namespace bench {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostSamples = 1000;

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(':');
    if (line.starts_with("model name") && colon + 2 < line.size()) return line.substr(colon + 2);
  }
  return "unknown";
}

Json machine() {
  Json json;
  json["processor"] = processor();
  json["cores"] = std::thread::hardware_concurrency();
  utsname names{};
  if (uname(&names) == 0) {
    json["system"] = std::string(names.sysname) + " " + names.release;
    json["architecture"] = names.machine;
  }
  return json;
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "g++ " __VERSION__;
#else
  return "unknown";
#endif
}

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

Json to_json(const Series& series) {
  Json json;
  json["name"] = series.subject.name;
  json["who"] = series.who;
  json["unit"] = series.unit;
  json["entries"] = series.subject.entries;
  json["key_bytes"] = series.subject.key_bytes;
  json["count"] = series.samples.size();
  json["median"] = median(series.samples);
  json["quartiles"] = {quantile(series.samples, 0.25), quantile(series.samples, 0.75)};
  json["p99"] = quantile(series.samples, 0.99);
  json["p99.9"] = quantile(series.samples, 0.999);
  json["least"] = quantile(series.samples, 0);
  json["most"] = quantile(series.samples, 1);
  if (series.samples.size() <= kMostSamples) json["samples"] = series.samples;
  return json;
}

Json to_json(const Verdict& verdict) {
  const Gate& gate = *verdict.gate;
  Json json;
  json["title"] = gate.title;
  json["name"] = gate.row;
  json["figure"] = to_string(gate.figure);
  json["ours"] = verdict.ours;
  json["reference"] = verdict.reference;
  json["ratio"] = verdict.figure;
  json["at_least"] = gate.at_least();
  json["gate"] = gate.gate;
  json["stretch"] = gate.stretch;
  json["met"] = to_string(verdict.met);
  return json;
}

}  // namespace

void write_json(const std::string& file, int argc, const char* const* argv) {
  Json json;
  json["date"] = now();
  json["machine"] = machine();
  json["compiler"] = compiler();
  json["command"] = std::vector<std::string>(argv, argv + argc);
  for (const Verdict& verdict : judge()) json["gates"].push_back(to_json(verdict));
  json["series"] = Json::array();
  for (const Series& series : all_series()) json["series"].push_back(to_json(series));
  // Written whole or not at all.
  const std::string unfinished = file + ".part";
  std::ofstream out(unfinished);
  out << json.dump(1) << '\n';
  out.close();
  if (!out || std::rename(unfinished.c_str(), file.c_str()) != 0) {
    throw std::runtime_error("cannot write " + file);
  }
}

}  // namespace bench

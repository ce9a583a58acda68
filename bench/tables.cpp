#include <cstdio>
#include <string>

#include "bench/gates.hpp"
#include "bench/measure.hpp"
#include "bench/report.hpp"

namespace bench {

namespace {

constexpr double kLeastScaling = 1.7;  // of the floor, where two cores are free

std::string number(double value, const char* pattern) {
  if (value == 0) return "-";
  char text[32];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

// With about three digits.
std::string figure(double value) {
  return number(value, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f");
}

std::string median_of(const std::string& subject, std::string_view who) {
  const Series* series = find_series(subject, who);
  return series == nullptr ? "-" : figure(median(series->samples));
}

bool is_pause(const std::string& subject) {
  return subject.starts_with("hit, ") || subject.starts_with("write, ");
}

void print_figures() {
  bool titled = false;
  for (const Series& series : all_series()) {
    const Subject& subject = series.subject;
    if (series.who != kOurs || is_pause(subject.name)) continue;
    if (!titled) std::printf("\nMedians, ns of wall time per call (B: bytes, s: seconds).\n\n");
    if (!titled) {
      std::printf("%-37s %8s %6s %8s %8s %8s\n", "bench", "entries", "key B", "ours", "floor",
                  "no cache");
    }
    titled = true;
    std::printf(
        "%-37s %8s %6s %8s %8s %8s\n", subject.name.c_str(),
        number(subject.entries, "%.0f").c_str(), number(subject.key_bytes, "%.0f").c_str(),
        (figure(median(series.samples)) + (series.unit == "ns" ? "" : " " + series.unit)).c_str(),
        median_of(subject.name, kFloor).c_str(), median_of(subject.name, kNoCache).c_str());
  }
}

// One row for each who that was measured with threads.
void print_peers() {
  static const char* const kHot = "one hot permutation, ";
  static const char* const kSpread = "spread keys, ";
  bool titled = false;
  for (const Series& series : all_series()) {
    if (series.subject.name != std::string(kHot) + "1 thread") continue;
    if (!titled) {
      std::printf(
          "\nThreads, medians, ns of wall time per call of all threads: perfect scaling halves "
          "them.\nOurs: whole runs of 64 calls. Peers: bare lookup + release of a ready key.\n\n");
      std::printf("%-24s %10s %10s %12s %12s\n", "", "hot key, 1", "2 threads", "spread, 1",
                  "2 threads");
    }
    titled = true;
    const auto cell = [&](const char* subject, const char* threads) {
      return median_of(std::string(subject) + threads, series.who);
    };
    std::printf("%-24s %10s %10s %12s %12s\n", series.who.c_str(), cell(kHot, "1 thread").c_str(),
                cell(kHot, "2 threads").c_str(), cell(kSpread, "1 thread").c_str(),
                cell(kSpread, "2 threads").c_str());
  }
}

void print_pauses() {
  bool titled = false;
  for (const Series& series : all_series()) {
    if (!is_pause(series.subject.name)) continue;
    if (!titled) {
      std::printf(
          "\nPauses, us, on 2 processors. A preempted thread waits too: see the floor.\n\n");
      std::printf("%-40s %9s %9s %9s %9s\n", "", "median", "p99", "p99.9", "worst");
    }
    titled = true;
    const auto cell = [&](double part) { return figure(quantile(series.samples, part) / 1000); };
    std::printf("%-40s %9s %9s %9s %9s\n", (series.who + ": " + series.subject.name).c_str(),
                cell(0.5).c_str(), cell(0.99).c_str(), cell(0.999).c_str(), cell(1).c_str());
  }
}

void print_gates() {
  std::string_view title;
  int measured = 0;
  int missed = 0;
  for (const Verdict& verdict : judge()) {
    if (verdict.met == Verdict::Met::unmeasured) continue;
    const Gate& gate = *verdict.gate;
    if (measured++ == 0) {
      std::printf("\n%-36s %7s %7s %6s %6s %7s %5s\n", "gates", "ours", "ref", "ratio", "gate",
                  "stretch", "met?");
    }
    if (title != gate.title) std::printf("%s\n", std::string(gate.title).c_str());
    title = gate.title;
    const bool absolute = gate.figure == Gate::Figure::absolute;
    const std::string limit = (gate.at_least() ? ">=" : "<=") + number(gate.gate, "%g");
    std::printf("  %-34s %7s %7s %6s %6s %7s %5s\n", std::string(gate.row).c_str(),
                figure(verdict.ours).c_str(), figure(verdict.reference).c_str(),
                absolute ? "" : number(verdict.figure, "%.2f").c_str(), limit.c_str(),
                number(gate.stretch, "%g").c_str(),
                verdict.met == Verdict::Met::stretch ? "best"
                                                     : std::string(to_string(verdict.met)).c_str());
    if (verdict.met == Verdict::Met::no) ++missed;
    if (gate.figure == Gate::Figure::share && verdict.reference < kLeastScaling) {
      std::printf("    (the floor shares nothing, and did not scale: the machine was busy)\n");
    }
  }
  if (measured == 0) return;
  std::printf("\n%d of %zu gates measured, %d missed. best: the stretch is met too.\n", measured,
              all_gates().size(), missed);
}

}  // namespace

void print_tables() {
  print_figures();
  print_peers();
  print_pauses();
  print_gates();
}

}  // namespace bench

#include "bench/threads.hpp"

#ifdef __linux__
#include <sched.h>
#endif

#include <algorithm>
#include <barrier>
#include <chrono>
#include <thread>
#include <vector>

namespace bench {

namespace {

// Leaves the calling thread `count` of the processors that it may use, from number `first` on.
std::size_t pin(std::size_t first, std::size_t count) {
#ifdef __linux__
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 0;
  cpu_set_t chosen;
  CPU_ZERO(&chosen);
  std::size_t seen = 0;
  std::size_t kept = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE && kept < count; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed) || seen++ < first) continue;
    CPU_SET(cpu, &chosen);
    ++kept;
  }
  if (kept != 0) sched_setaffinity(0, sizeof chosen, &chosen);
  return kept;
#else
  static_cast<void>(first);
  static_cast<void>(count);
  return std::thread::hardware_concurrency();
#endif
}

}  // namespace

void pin_to(std::size_t i) { pin(i, 1); }

std::size_t pin_to_first(std::size_t count) { return pin(0, count); }

double time_threads(std::size_t threads, const std::function<void(std::size_t)>& body) {
  using Clock = std::chrono::steady_clock;
  std::barrier<> begin(static_cast<std::ptrdiff_t>(threads));
  std::vector<Clock::time_point> began(threads);
  std::vector<Clock::time_point> ended(threads);
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < threads; ++i) {
    workers.emplace_back([&, i] {
      pin_to(i);
      begin.arrive_and_wait();
      began[i] = Clock::now();
      body(i);
      ended[i] = Clock::now();
    });
  }
  for (std::thread& worker : workers) worker.join();
  const std::chrono::duration<double, std::nano> took =
      *std::max_element(ended.begin(), ended.end()) - *std::min_element(began.begin(), began.end());
  return took.count();
}

}  // namespace bench

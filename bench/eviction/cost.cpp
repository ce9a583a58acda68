#include "bench/eviction/cost.hpp"

#include <algorithm>
#include <ctime>
#include <memoscape/memoscape.hpp>

#include "engine/simulation/random.hpp"
#include "engine/simulation/trace.hpp"

namespace bench::eviction {

namespace {

// The first `spare` hooks are not in the policy: a fresh entry is not the memory of the last
// victim.
class Churn {
 public:
  Churn(const Contender& contender, std::size_t entries)
      : hooks_(entries + kSpare),
        policy_(contender.make({.limit = entries * kBytes, .entries = entries})) {
    for (std::size_t i = 0; i < hooks_.size(); ++i) {
      hooks_[i].key = i;
      i < kSpare ? spare_.push_back(&hooks_[i]) : insert(hooks_[i]);
    }
    // Until no entry is left that was inserted without an eviction.
    step(2 * entries);
  }

  void step(std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) {
      PolicyHook& victim = *policy_->victim();
      policy_->remove(victim);
      PolicyHook*& place = spare_[i % kSpare];
      PolicyHook& fresh = *place;
      place = &victim;
      insert(fresh);
    }
  }

 private:
  static constexpr std::size_t kSpare = 256;
  static constexpr std::uint64_t kBytes = 1 << 12;

  void insert(PolicyHook& hook) {
    hook.bytes = 1 + random_.below(2 * kBytes);
    hook.cost = Cost(static_cast<std::int64_t>(1'000 + random_.below(100'000'000)));
    policy_->reserve();
    policy_->insert(hook);
    if (random_.one_in(4)) policy_->use(hook, 2);
  }

  std::vector<PolicyHook> hooks_;
  std::vector<PolicyHook*> spare_;
  std::unique_ptr<Policy> policy_;
  Random random_{1};
};

double processor_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <class Step>
double median_of(std::size_t samples, const Step& step) {
  constexpr std::size_t kSteps = 10'000;
  std::vector<double> times;
  for (std::size_t i = 0; i < samples; ++i) {
    const double began = processor_nanoseconds();
    step(kSteps);
    times.push_back((processor_nanoseconds() - began) / kSteps);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace

double engine_eviction_cost(std::size_t entries, std::size_t samples) {
  constexpr std::int64_t kCallsOfARun = 1'000;
  memoscape::Engine engine({.limits = {.max_bytes = 0, .max_entries = entries}});
  const auto number = engine.cache_data("number", [](std::int64_t n) { return n; });
  std::int64_t next = 0;
  const auto step = [&](std::size_t times) {
    const std::int64_t end = next + static_cast<std::int64_t>(times);
    while (next < end) {
      engine.run([&](memoscape::Run& run) {
        for (std::int64_t i = 0; i < kCallsOfARun; ++i) number(run, next++);
      });
    }
  };
  step(entries + entries / 10);
  return median_of(samples, step);
}

double eviction_cost(const Contender& contender, std::size_t entries, std::size_t samples) {
  Churn churn(contender, entries);
  return median_of(samples, [&](std::size_t times) { churn.step(times); });
}

}  // namespace bench::eviction

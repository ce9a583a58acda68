#include "bench/eviction/workloads.hpp"

#include <array>
#include <cassert>
#include <map>

#include "engine/simulation/random.hpp"

namespace bench::eviction {

namespace {

using namespace std::chrono_literals;

// Objects by any key; what one weighs is drawn when it is first asked for.
class Objects {
 public:
  Objects(Trace& trace, std::uint64_t seed) : trace_(trace), random_(seed) {}

  // `draw(Random&)` gives the bytes and the cost of a fresh object.
  template <class Draw>
  void request(std::uint64_t key, const Draw& draw) {
    const auto [place, fresh] = known_.try_emplace(key);
    if (fresh) {
      place->second = draw(random_);
      place->second.object = static_cast<std::uint32_t>(trace_.objects++);
      place->second.bytes = std::max(place->second.bytes, std::uint64_t{1});
    }
    trace_.requests.push_back(place->second);
  }

 private:
  Trace& trace_;
  Random random_;
  std::map<std::uint64_t, Request> known_;
};

// What an application caches: functions that differ by orders of magnitude, the values of one
// function by a factor or so.
class Application {
 public:
  explicit Application(std::uint64_t seed) {
    Random random(seed);
    for (Function& function : functions_) {
      function.bytes = random.log_uniform(1e3, 1e6);
      function.cost = random.log_uniform(1e6, 2e9);
    }
  }
  Request operator()(Random& random) const {
    const Function& function = functions_[random.below(functions_.size())];
    return weigh(random, function.bytes, function.cost, 0.5);
  }
  static Request weigh(Random& random, double bytes, double cost, double sigma) {
    return {.object = 0,
            .bytes = static_cast<std::uint64_t>(random.log_normal(bytes, sigma)),
            .cost = Cost(static_cast<std::int64_t>(random.log_normal(cost, sigma)))};
  }

 private:
  struct Function {
    double bytes = 0;
    double cost = 0;  // nanoseconds
  };
  std::array<Function, 16> functions_;
};

Request equal(Random&) { return {.object = 0, .bytes = 16'384, .cost = 20ms}; }

Trace zipf(const WorkloadOptions& options) {
  Trace trace;
  Objects objects(trace, options.seed);
  Random random(options.seed);
  const Zipf rank(options.requests / 10, 0.9);
  while (trace.requests.size() < options.requests) objects.request(rank(random), equal);
  return trace;
}

Trace scan(const WorkloadOptions& options) {
  constexpr std::uint64_t kExport = std::uint64_t{1} << 32;
  Trace trace;
  Objects objects(trace, options.seed);
  const Application application(options.seed);
  Random random(options.seed);
  const Zipf rank(options.requests / 20, 0.9);
  const std::size_t all = options.requests / 10;  // of which an export takes a tenth
  std::uint64_t exported = 0;
  while (trace.requests.size() < options.requests) {
    for (std::size_t i = 0; i < all / 5; ++i) objects.request(rank(random), application);
    for (std::size_t i = 0; i < all / 10; ++i) {
      objects.request(kExport + exported++ % all, application);
    }
  }
  return trace;
}

Trace loop(const WorkloadOptions& options) {
  Trace trace;
  Objects objects(trace, options.seed);
  const Application application(options.seed);
  for (std::size_t i = 0; i < options.requests; ++i) {
    objects.request(i % (options.requests / 20), application);
  }
  return trace;
}

Trace drift(const WorkloadOptions& options) {
  Trace trace;
  Objects objects(trace, options.seed);
  const Application application(options.seed);
  Random random(options.seed);
  const Zipf rank(options.requests / 40, 0.9);
  std::vector<std::uint64_t> of_rank(options.requests / 40);
  std::uint64_t fresh = 0;
  for (std::uint64_t& key : of_rank) key = fresh++;
  while (trace.requests.size() < options.requests) {
    // Of 20 requests one makes something popular that was not there before.
    if (trace.requests.size() % 20 == 0) of_rank[random.below(of_rank.size())] = fresh++;
    objects.request(of_rank[rank(random)], application);
  }
  return trace;
}

Trace mixed(const WorkloadOptions& options) {
  Trace trace;
  Objects objects(trace, options.seed);
  Random random(options.seed);
  const Zipf rank(options.requests / 10, 0.9);
  while (trace.requests.size() < options.requests) {
    objects.request(rank(random),
                    [](Random& one) { return Application::weigh(one, 16e3, 20e6, 1.5); });
  }
  return trace;
}

// A dashboard about one of many places, with three sliders. It loads the place's table, filters it
// by two of the sliders, draws a chart of what is left, and fits a model that depends on the third.
// Each interaction is a run, which calls all four.
class Dashboard {
 public:
  static constexpr std::uint64_t kPositions = 24;
  struct Sliders {
    std::uint64_t place = 0;
    std::uint64_t at[3] = {12, 6, 0};  // the defaults
  };

  Dashboard(Trace& trace, std::uint64_t seed) : objects_(trace, seed) {}

  void run(const Sliders& s) {
    call(0, s.place, 0, 0, 0, 4e6, 400e6);
    call(1, s.place, s.at[0], s.at[1], 0, 200e3, 30e6);
    call(2, s.place, s.at[0], s.at[1], s.at[2], 20e3, 8e6);
    call(3, s.place, 0, 0, s.at[2], 2e3, 150e6);
  }

 private:
  void call(std::uint64_t function, std::uint64_t place, std::uint64_t a, std::uint64_t b,
            std::uint64_t c, double bytes, double cost) {
    const std::uint64_t key = (((place * 32 + a) * 32 + b) * 32 + c) * 4 + function;
    objects_.request(key,
                     [&](Random& random) { return Application::weigh(random, bytes, cost, 0.4); });
  }

  Objects objects_;
};

Trace walks(const WorkloadOptions& options) {
  constexpr std::size_t kCrowd = 50;
  struct Visitor {
    Dashboard::Sliders sliders;
    std::size_t slider = 0;  // that is being dragged
    bool up = false;
    std::uint64_t steps = 0;  // that the drag still takes
  };
  Trace trace;
  Dashboard dashboard(trace, options.seed);
  Random random(options.seed);
  const Zipf place(100, 0.9);
  std::vector<Visitor> crowd(kCrowd);
  for (Visitor& visitor : crowd) visitor.sliders.place = place(random);
  while (trace.requests.size() < options.requests) {
    Visitor& visitor = crowd[random.below(crowd.size())];
    if (visitor.steps > 0) {  // a drag passes every position on its way
      std::uint64_t& at = visitor.sliders.at[visitor.slider];
      if (visitor.up ? at + 1 < Dashboard::kPositions : at > 0) visitor.up ? ++at : --at;
      --visitor.steps;
    } else if (random.one_in(8)) {  // leaves; another one comes, and sees the defaults
      visitor = {};
      visitor.sliders.place = place(random);
    } else if (random.one_in(6)) {
      visitor.sliders.place = place(random);
    } else {
      visitor.slider = random.below(3);
      visitor.up = random.one_in(2);
      visitor.steps = 1 + random.below(6);
    }
    dashboard.run(visitor.sliders);
  }
  return trace;
}

constexpr std::array kWorkloads = {
    Workload{"zipf", "some are asked for much more often; all weigh the same", zipf},
    Workload{"scan", "16 functions, zipf; now and then an export of what nobody asks for", scan},
    Workload{"loop", "16 functions; everything once in order, again and again", loop},
    Workload{"drift", "16 functions, zipf; what is popular changes", drift},
    Workload{"mixed", "zipf; sizes and costs log-normal, independent of each other", mixed},
    Workload{"walks", "a crowd drags the sliders of a dashboard of 4 functions", walks},
};

}  // namespace

std::span<const Workload> workloads() { return kWorkloads; }

Trace make_workload(std::string_view name, const WorkloadOptions& options) {
  for (const Workload& workload : kWorkloads) {
    if (workload.name != name) continue;
    Trace trace = workload.make(options);
    trace.name = name;
    return trace;
  }
  assert(false);
  return {};
}

}  // namespace bench::eviction

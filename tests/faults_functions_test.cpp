// Every allocation fails in turn, as in faults_test.cpp, around functions of all kinds: values that
// are shared, declared or in an arena, chains of calls, paths that part, evictions by each policy,
// recording.
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "faults.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

using Strings = std::vector<std::string>;

// Allocates from the arena, like what has a memory resource of its own.
class Grid {
 public:
  Grid(std::pmr::memory_resource& memory, std::size_t cells)
      : cells_(std::make_shared<std::pmr::vector<double>>(cells, 1.5, &memory)) {}
  std::size_t size() const { return cells_->size(); }
  friend void encode(ms::Encoder& encoder, const Grid& grid) { encoder.add(grid.size()); }

 private:
  std::shared_ptr<std::pmr::vector<double>> cells_;
};

struct Functions {
  std::optional<ms::Cached<const Strings, int>> same;
  std::optional<ms::Cached<const std::string, int>> declared;
  std::optional<ms::Cached<const Grid, int>> grid;
  std::optional<ms::Cached<const int, int>> wide;
  std::optional<ms::Cached<const int, int>> chain;
  std::optional<ms::Cached<const int>> parting;
  std::optional<ms::Cached<const int, int>> failing;
  std::atomic<int> executed{0};
  std::atomic<bool> parts{false};
};

const std::string kText = "a text that is longer than what fits a string";
constexpr int kWide = 8;

void make_values(World& w, Functions& f) {
  f.same = w.engine.cache_data("same", [&f](int) {
    ++f.executed;
    return Strings(3, kText);
  });
  f.declared = w.engine.cache_data("declared", [&f](int n) {
    ++f.executed;
    return ms::with_cost(kText + std::to_string(n), 1000);
  });
  f.grid = w.engine.cache_data("grid", [&f](ms::Run& run, int n) {
    ++f.executed;
    return ms::in_arena(Grid(run.arena(), 50 + static_cast<std::size_t>(n)));
  });
}

void make_paths(World& w, Functions& f) {
  f.wide = w.engine.cache_data("wide", [&f](ms::Run& run, int i) {
    ++f.executed;
    ms::text(run, kText);
    return i + run.state<int>("entry " + std::to_string(i), 0);
  });
  f.chain = w.engine.cache_data("chain", [&f](ms::Run& run, int n) {
    ++f.executed;
    return n == 0 ? run.state<int>("entry 0", 0) : *(*f.chain)(run, n - 1) + 1;
  });
  // Reads one or the other, which its arguments do not tell.
  f.parting = w.engine.cache_data("parting", [&f](ms::Run& run) {
    ++f.executed;
    run.state<int>(f.parts ? "entry 1" : "entry 2", 0);
    run.state<int>("entry 3", 0);
    return 4;
  });
  f.failing = w.engine.cache_data("failing", [&f](ms::Run& run, int n) {
    if (run.state<bool>("fails", false)) throw std::runtime_error(kText);
    ++f.executed;
    return n;
  });
}

std::function<void(ms::Run&)> script_of(World& w, Functions& f) {
  return [&w, &f](ms::Run& run) {
    for (int i = 0; i < 2; ++i) {
      w.show(run, (*f.same)(run, i)->back());
      w.show(run, *(*f.declared)(run, i));
      w.show(run, (*f.grid)(run, i)->size());
    }
    for (int i = 0; i < kWide; ++i) w.show(run, *(*f.wide)(run, i));
    w.show(run, *(*f.chain)(run, 4));
    w.show(run, *(*f.parting)(run));
    try {
      w.show(run, *(*f.failing)(run, 1));
    } catch (const std::runtime_error& error) {
      ms::error(run, error.what());
    }
  };
}

template <ms::Eviction kEviction>
class FunctionScene {
 public:
  FunctionScene()
      : twin_(
            [this](World& w) {
              std::unique_ptr<Functions>& made = functions_[&w];
              made = std::make_unique<Functions>();
              make_values(w, *made);
              make_paths(w, *made);
              return script_of(w, *made);
            },
            {.eviction = kEviction}) {}

  World& world() { return twin_.cached(); }
  ms::Engine& engine() { return world().engine; }
  ms::Session& session(int i = 0) { return world().session(i); }
  Functions& functions() { return *functions_.at(&world()); }

  // A run of the cached world alone. Throws: std::bad_alloc; so does one that ends by that.
  void run(int i = 0) {
    const ms::Page page = session(i).run(world().script);
    if (page.error() != nullptr) std::rethrow_exception(page.error());
  }

  void compare() {
    engine().stop_recording();
    EXPECT_EQ(engine().check(), "");
    EXPECT_EQ(broken_identities(engine().report()), "");
    functions().wide->set_limits({});
    functions().parts = false;
    functions_.at(&twin_.plain())->parts = false;
    twin_.each([](World& w) {
      w.engine.set_limits({.max_bytes = 0});
      for (int i = 0; i < 2; ++i) {
        for (int n = 0; n < kWide; ++n) w.session(i).set_state("entry " + std::to_string(n), n + i);
        w.session(i).set_state("fails", false);
      }
      w.values.take();
    });
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(contains(twin_.run(i), kText));
    const int before = functions().executed;
    for (int i = 0; i < 2; ++i) twin_.run(i);
    EXPECT_EQ(functions().executed, before) << "something was not kept";
  }

 private:
  std::map<World*, std::unique_ptr<Functions>> functions_;
  Twin twin_;
};
using Scene = FunctionScene<ms::Eviction::gdsf>;

void nothing(Scene&) {}

template <class S>
void warm(S& s) {
  for (int times = 0; times < 3; ++times) s.run();
}

template <class S>
void fill(S& s) {
  warm(s);
  for (int value = 1; value < 4; ++value) {
    for (int n = 0; n < 3; ++n) s.session().set_state("entry " + std::to_string(n), value);
    s.run();
  }
}

template <class S>
void limit(S& s) {
  fill(s);
  s.engine().set_limits({.max_entries = 15});
  s.session().set_state("entry 1", 77);
}

template <class S>
void run(S& s) {
  s.run();
}

class FaultsOfFunctions : public ::testing::TestWithParam<FaultyOperation<Scene>> {};

TEST_P(FaultsOfFunctions, OneAllocation) { let_each_fail(Failing::one, GetParam()); }
TEST_P(FaultsOfFunctions, AllAllocationsFromThereOn) { let_each_fail(Failing::rest, GetParam()); }

std::string trace_file() {
  return (std::filesystem::temp_directory_path() /
          ("memoscape-faults-" + std::to_string(::getpid())))
      .string();
}

const FaultyOperation<Scene> kOperations[] = {
    {"first_run", nothing, run<Scene>},
    {"second_run", [](Scene& s) { s.run(); }, run<Scene>},
    {"one_of_many_changes",
     [](Scene& s) {
       warm(s);
       s.session().set_state("entry 3", 7);
     },
     run<Scene>},
    {"one_of_many_changes_to_what_is_known",
     [](Scene& s) {
       warm(s);
       for (const int value : {7, 0, 7}) {
         s.session().set_state("entry 5", value);
         s.run();
       }
       s.session().set_state("entry 5", 0);
     },
     run<Scene>},
    {"all_change",
     [](Scene& s) {
       fill(s);
       for (int n = 0; n < kWide; ++n) s.session().set_state("entry " + std::to_string(n), 1);
     },
     run<Scene>},
    {"paths_part",
     [](Scene& s) {
       fill(s);
       s.functions().parts = true;
       s.functions().parting->clear();
       s.run();
       s.functions().parts = false;
       s.session().set_state("entry 1", 50);
       s.session().set_state("entry 3", 50);
     },
     run<Scene>},
    {"inner_fails",
     [](Scene& s) {
       warm(s);
       s.session().set_state("fails", true);
     },
     run<Scene>},
    {"end_of_a_chain", fill<Scene>, [](Scene& s) { s.functions().chain->clear(0); }},
    {"ttl_of_a_chain", fill<Scene>,
     [](Scene& s) { s.functions().chain->set_limits({.ttl = std::chrono::hours(1)}); }},
    {"ttl_and_limits", fill<Scene>,
     [](Scene& s) {
       s.functions().wide->set_limits({.max_entries = 5, .ttl = std::chrono::hours(1)});
     }},
    {"no_limits_any_more",
     [](Scene& s) {
       s.functions().wide->set_limits({.max_entries = 9, .ttl = std::chrono::hours(1)});
       fill(s);
     },
     [](Scene& s) { s.functions().wide->set_limits({}); }},
    {"eviction_by_limits_of_a_function",
     [](Scene& s) {
       s.functions().wide->set_limits({.max_entries = kWide});
       fill(s);
       s.session().set_state("entry 4", 9);
     },
     run<Scene>},
    {"boxed_state", warm<Scene>,
     [](Scene& s) {
       s.session().set_state("strings", Strings(3, kText));
       s.session().state<Strings>("strings");
       s.run();
     }},
    {"data_editor", warm<Scene>,
     [](Scene& s) {
       const auto script = [](ms::Run& run) {
         ms::DataFrame plan;
         plan.columns.push_back({.name = "words", .values = Strings(3, kText)});
         plan.columns.push_back({.name = "numbers", .values = std::vector<std::int64_t>{1, 2, 3}});
         ms::data_editor(run, "plan", std::move(plan));
       };
       for (int times = 0; times < 2; ++times) {
         const ms::Page page = s.session().run(script);
         if (page.error() != nullptr) std::rethrow_exception(page.error());
         ms::Value::List edit = {"set", 1, "words", "another text, which needs memory, too"};
         s.session().set("plan", ms::Value::List{ms::Value(std::move(edit))});
       }
     }},
    {"recorded", warm<Scene>,
     [](Scene& s) {
       s.engine().record(trace_file(), {.labels = true});
       s.session().set_state("entry 3", 9);
       s.run();
       s.run();
       s.engine().stop_recording();
     }},
};

INSTANTIATE_TEST_SUITE_P(Every, FaultsOfFunctions, ::testing::ValuesIn(kOperations),
                         [](const auto& info) { return std::string(info.param.name); });

template <ms::Eviction kEviction>
void let_evictions_fail() {
  using S = FunctionScene<kEviction>;
  for (const Failing which : {Failing::one, Failing::rest}) {
    let_each_fail<S>(which, {"eviction", limit<S>, run<S>});
  }
}

TEST(Faults, OfEvictionsByGdsf) { let_evictions_fail<ms::Eviction::gdsf>(); }
TEST(Faults, OfEvictionsByLru) { let_evictions_fail<ms::Eviction::lru>(); }
TEST(Faults, OfEvictionsByS3Fifo) { let_evictions_fail<ms::Eviction::s3fifo>(); }

}  // namespace
}  // namespace memoscape::testing

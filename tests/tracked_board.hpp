// A script whose track is laid, for tests of the track and of runs that repeat it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {

inline constexpr int kRunsToLay = 4;  // executes; is looked up; by shortcuts; on the track

// Three functions with a slider each, whose track is laid; the log says what was executed.
struct TrackedBoard {
  explicit TrackedBoard(World& world) : w(world) {
    for (const char* name : {"a", "b", "c"}) {
      functions.push_back(w.engine.cache_data(name,
                                              [this, name](ms::Run& run) {
                                                w.log.add(name);
                                                if (name == std::string("b") &&
                                                    ms::checkbox(run, "more"))
                                                  ms::slider(run, "b2", 0, 9);
                                                return ms::slider(run, name, 0, 9);
                                              },
                                              {.allow_widgets = true}));
    }
    w.script = [this](ms::Run& run) {
      values.clear();
      for (std::size_t i = 0; i < functions.size(); ++i) {
        if (between) between(run, i);
        values.push_back(*functions[i](run));
      }
      if (between) between(run, functions.size());
    };
    run(kRunsToLay);
  }
  std::string run(int times = 1) {
    std::string page;
    for (int i = 0; i < times; ++i) page = summary(w.session().run(w.script));
    return page;
  }
  std::uint64_t hits(const char* name) { return w.function(name).counters.hits; }

  World& w;
  std::vector<ms::Cached<const int>> functions;
  std::vector<int> values;
  std::function<void(ms::Run&, std::size_t)> between;  // before each call, and after the last
};

inline constexpr const char* kBoardPage = "slider a=0, checkbox more=no, slider b=0, slider c=0";

}  // namespace memoscape::testing

// Rule P1 at random: programs over a few functions, widgets and session-state entries, driven by
// random interactions, clears, limits and times, are the same cached and with caching off.
#include <cstddef>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

constexpr int kFunctions = 4;
constexpr int kSessions = 3;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(n)); }
  bool one_in(int n) { return below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

// What a function does, step by step; drawn once per function. Inner calls go to higher numbers.
enum class Step { slider, checkbox, button, state, text, container, sidebar, inner, fail, branch };

struct Body {
  int number = 0;
  bool allow_widgets = true;
  std::vector<Step> steps;
};

struct Program {
  explicit Program(Dice& dice) {
    for (int i = 0; i < kFunctions; ++i) {
      Body body{.number = i, .allow_widgets = !dice.one_in(8), .steps = {}};
      const int steps = 1 + dice.below(5);
      for (int step = 0; step < steps; ++step) {
        body.steps.push_back(static_cast<Step>(dice.below(10)));
      }
      bodies.push_back(body);
    }
  }
  std::vector<Body> bodies;
};

using Handles = std::vector<ms::Cached<const int, int>>;

int execute(const Body& body, const Handles& inner, ms::Run& run, int argument) {
  const std::string name = std::to_string(body.number) + "/" + std::to_string(argument);
  int value = body.number * 1000 + argument;
  for (std::size_t i = 0; i < body.steps.size(); ++i) {
    const std::string label = name + "/" + std::to_string(i);
    switch (body.steps[i]) {
      case Step::slider:
        value = value * 7 + ms::slider(run, "slider " + label, 0, 3, 1);
        break;
      case Step::checkbox:
        value += ms::checkbox(run, "box " + label) ? 100 : 0;
        break;
      case Step::button:
        value += ms::button(run, "button " + label) ? 5000 : 0;
        break;
      case Step::state:
        value = value * 3 + run.state<int>("s" + std::to_string(i % 2));
        break;
      case Step::text:
        ms::text(run, label + " " + std::to_string(value));
        break;
      case Step::container:
        ms::text(ms::container(run), label);
        break;
      case Step::sidebar:
        ms::text(ms::sidebar(run), label);
        break;
      case Step::inner:
        if (!inner.empty()) {
          try {
            value += *inner[static_cast<std::size_t>(value) % inner.size()](run, value % 2);
          } catch (const std::runtime_error&) {
            value += 9;  // whatever it was, a rule or the function's own
          }
        }
        break;
      case Step::fail:
        if (value % 5 == 3) throw std::runtime_error("failed at " + label);
        break;
      case Step::branch:
        if (value % 2 == 1) return value;
        break;
    }
  }
  return value;
}

std::function<void(ms::Run&)> set_up(World& w, const Program& program) {
  Handles handles;
  for (int i = kFunctions; i-- > 0;) {
    const Body& body = program.bodies[static_cast<std::size_t>(i)];
    handles.push_back(w.engine.cache_data("f" + std::to_string(i),
                                          [&w, body, inner = handles](ms::Run& run, int argument) {
                                            w.log.add(body.number, argument);
                                            return execute(body, inner, run, argument);
                                          },
                                          {.allow_widgets = body.allow_widgets}));
  }
  return [&w, handles](ms::Run& run) {
    for (const int call : {3, 2, 3}) {
      try {
        w.show(run, *handles[static_cast<std::size_t>(call)](run, run.state<int>("argument")));
      } catch (const std::runtime_error& error) {
        w.show(run, std::string("caught: ") + error.what());
      }
    }
  };
}

// One thing that a user, an administrator or time does to both worlds.
void interact(Twin& twin, Dice& dice, int user) {
  const auto widgets = twin.plain().session(user).widgets();
  const int kind = dice.below(12);
  if (kind < 6 && !widgets.empty()) {
    const auto& read =
        widgets[static_cast<std::size_t>(dice.below(static_cast<int>(widgets.size())))];
    const std::string name = read->name();
    const int n = dice.below(4);
    twin.each([&](World& w) {
      if (read->is_trigger())
        w.session(user).click(name);
      else if (name.starts_with("box"))
        w.session(user).set(name, n % 2 == 1);
      else
        w.session(user).set(name, n);
    });
  } else if (kind < 9) {
    const std::string name = kind == 6 ? "argument" : "s" + std::to_string(kind - 7);
    const int n = dice.below(2);
    twin.each([&](World& w) { w.session(user).set_state(name, n); });
  } else if (kind == 9) {
    twin.advance(std::chrono::seconds(dice.below(40)));
  } else if (kind == 10) {
    const int odd = dice.below(2);
    int i = 0;
    if (dice.one_in(3))
      twin.cached().engine.clear();
    else
      twin.cached().engine.clear_if([&](const auto&) { return ++i % 2 == odd; });
  } else {
    ms::Limits limits;
    if (dice.one_in(2)) limits.max_entries = static_cast<std::uint64_t>(dice.below(6));
    if (dice.one_in(3)) limits.ttl = std::chrono::seconds(dice.below(60));
    if (dice.one_in(3)) limits.max_bytes = static_cast<std::uint64_t>(dice.below(20'000));
    twin.cached().engine.set_limits(limits);
  }
}

ms::Digest collide(std::string_view) { return {}; }

TEST(Equivalence, HoldsForRandomProgramsAndInteractions) {
  for (std::uint64_t seed = 0; seed < 150 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    const Program program(dice);
    Twin twin([&](World& w) { return set_up(w, program); },
              {.hash = seed % 3 == 0 ? &collide : nullptr});
    for (int step = 0; step < 60 && !::testing::Test::HasFailure(); ++step) {
      const int user = dice.below(kSessions);
      interact(twin, dice, user);
      twin.run(user);
      twin.cached().verify();
    }
  }
}

}  // namespace
}  // namespace memoscape::testing

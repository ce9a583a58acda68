// A throw from every piece of user code in turn: who called it gets the exception, nothing of the
// engine is broken by it, and what is called next is right, as the uncached twin says.
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

// Clocks, comparisons of callbacks and destructors are noexcept, so they are not here. There is no
// hasher and no operator== to be given: the encoding is both.
enum class Hook : std::uint8_t {
  function,
  encoder,
  heap_bytes,
  copy,
  move,
  validate,
  on_release,
  callback,
  misfit,
  normalize,
  to_text,
  watcher,
  predicate,
  fragment
};

struct Bang : std::exception {
  const char* what() const noexcept override { return "bang"; }
};

struct Bomb {
  std::optional<Hook> hook;
  int left = 0;
  bool exploded = false;
};
Bomb bomb;

void touch(Hook hook) {
  if (bomb.hook != hook || --bomb.left != 0) return;
  bomb.exploded = true;
  throw Bang();
}

std::atomic<int> alive{0};

// A value with all that can be asked of one.
class Item {
 public:
  explicit Item(int n) : n_(n) { ++alive; }
  Item(const Item& other) : n_(other.n_) {
    touch(Hook::copy);
    ++alive;
  }
  Item(Item&& other) : n_(other.n_) {  // NOLINT(performance-noexcept-move-constructor)
    touch(Hook::move);
    ++alive;
  }
  Item& operator=(const Item&) = delete;
  ~Item() { --alive; }

  int n() const { return n_; }
  std::size_t heap_bytes() const {
    touch(Hook::heap_bytes);
    return 100;
  }
  friend void encode(ms::Encoder& encoder, const Item& item) {
    touch(Hook::encoder);
    encoder.add(item.n_);
  }

 private:
  int n_;
};

std::string knob_misfit(const ms::Definition&, const ms::Value& value) {
  touch(Hook::misfit);
  return value.get_if<std::int64_t>() == nullptr ? "a knob has a number" : "";
}
ms::Value knob_normalize(const ms::Definition&, ms::Value value) {
  touch(Hook::normalize);
  return value;
}
void knob_text(const ms::Definition& definition, const ms::Value& value, std::string& out) {
  touch(Hook::to_text);
  out += definition.label + " at " + ms::to_text(value) + "\n";
}
constexpr ms::WidgetKind kKnob = {
    .name = "knob", .normalize = knob_normalize, .misfit = knob_misfit, .to_text = knob_text};

int knob(const ms::Place& place, const std::string& label) {
  const ms::Value& value = place
                               .widget({.kind = &kKnob,
                                        .label = label,
                                        .key = label,
                                        .initial = 1,
                                        .on_change = ms::callback([](ms::Session& session) {
                                          touch(Hook::callback);
                                          session.set_state("changed", true);
                                        })})
                               .value;
  return static_cast<int>(*value.get_if<std::int64_t>());
}

struct Functions {
  std::optional<ms::Cached<Item, int>> resource;
  std::optional<ms::Cached<const Item, Item>> data;
};

std::function<void(ms::Run&)> set_up(World& w, Functions& f) {
  f.resource = w.engine.cache_resource("resource",
                                       [](int n) {
                                         touch(Hook::function);
                                         return Item(n);
                                       },
                                       {.validate =
                                            [](const Item&) {
                                              touch(Hook::validate);
                                              return true;
                                            },
                                        .on_release = [](Item&) { touch(Hook::on_release); }});
  f.data =
      w.engine.cache_data("data",
                          [&f](ms::Run& run, const Item& item) {
                            touch(Hook::function);
                            const int at = knob(run, item.n() == 5 ? "inner" : "other inner");
                            const int more = (*f.resource)(run, at % 2)->n();
                            ms::text(run, "in between");
                            touch(Hook::function);
                            return Item(item.n() + more + run.state<Item>("item", Item(0)).n());
                          },
                          {.allow_widgets = true});
  return [&w, &f](ms::Run& run) {
    const int outer = knob(run, "outer");
    w.show(run, (*f.data)(run, Item(outer % 2))->n());
    w.show(run, (*f.data)(run, Item(5))->n());
    ms::fragment(run, "fragment", [](ms::Run& inside) {
      touch(Hook::fragment);
      ms::text(inside, "of the fragment");
    });
  };
}

// What users do, each in a place of its own: a throw from one must not stop the others.
const std::vector<std::function<void(World&)>> kSteps = {
    [](World& w) { w.run(); },
    [](World& w) { w.run(); },
    [](World& w) { w.session().watch([](const ms::Page&) { touch(Hook::watcher); }); },
    [](World& w) { w.session().set("inner", 2); },
    [](World& w) { w.run(); },
    [](World& w) { w.session().watch(nullptr); },
    [](World& w) { w.session().set("outer", 3); },
    [](World& w) { w.session().set_state("item", Item(10)); },
    [](World& w) { w.run(); },
    [](World& w) { w.run(); },
    [](World& w) { w.session().run_fragment("fragment"); },
    [](World& w) { w.session(1).preset("inner", 4); },
    [](World& w) {
      w.run(1);
      ms::to_text(w.page);
    },
    [](World& w) { w.session(1).set("inner", 4); },
    [](World& w) { w.session(1).save(); },
    [](World& w) { w.session(1).restore(w.session().save()); },
    [](World& w) { w.run(1); },
    [](World& w) {
      w.engine.clear_if([](const ms::PermutationRow& row) {
        touch(Hook::predicate);
        return row.function == "resource";
      });
    },
    [](World& w) { w.run(); },
    [](World& w) { w.engine.set_limits({.max_entries = 2}); },
    [](World& w) { w.run(1); },
    [](World& w) { ms::to_text(w.engine.report()); },
    [](World& w) { w.engine.clear(); },
    [](World& w) { w.sessions.erase(1); },
};

void bring_together(World& w) {
  w.engine.set_limits({.max_bytes = 0});
  for (int i = 0; i < 2; ++i) {
    w.run(i);
    w.session(i).set("outer", i);
    w.session(i).set("inner", 6);
    w.session(i).set_state("item", Item(20));
    w.session(i).set_state("changed", true);
  }
  w.values.take();
}

// Gives whether the hook was called that often.
bool try_with(Hook hook, int nth) {
  {
    std::map<World*, Functions> functions;
    Twin twin([&](World& w) { return set_up(w, functions[&w]); });
    World& w = twin.cached();
    bomb = {.hook = hook, .left = nth, .exploded = false};
    for (const auto& step : kSteps) {
      w.page = {};
      try {
        step(w);
      } catch (const Bang&) {
      } catch (const ms::Error&) {
        EXPECT_TRUE(bomb.exploded);  // a widget or fragment that the step needs was not reached
      }
      const bool good = w.page.error() == nullptr || ended_by<Bang>(w.page);
      EXPECT_TRUE(good) << w.page.error_text();
      EXPECT_EQ(w.engine.check(), "");
    }
    bomb.hook = {};
    EXPECT_EQ(broken_identities(w.engine.report()), "");
    twin.each(bring_together);
    for (int times = 0; times < 2; ++times) {
      for (int i = 0; i < 2; ++i) {
        twin.run(i);
        EXPECT_EQ(w.page.error(), nullptr);
      }
    }
    const std::uint64_t misses = w.engine.totals().counters.misses;
    for (int i = 0; i < 2; ++i) twin.run(i);
    EXPECT_EQ(w.engine.totals().counters.misses, misses) << "something was not kept";
  }
  EXPECT_EQ(alive, 0);
  return bomb.exploded;
}

struct Named {
  const char* name;
  Hook hook;
};
void PrintTo(const Named& one, std::ostream* out) { *out << one.name; }

class Hooks : public ::testing::TestWithParam<Named> {};

TEST_P(Hooks, MayThrowAtEachCall) {
  int calls = 0;
  while (try_with(GetParam().hook, calls + 1) && !HasFailure()) ++calls;
  EXPECT_GT(calls, 0) << "it is never called";
}

INSTANTIATE_TEST_SUITE_P(
    Every, Hooks,
    ::testing::Values(Named{"function", Hook::function}, Named{"encoder", Hook::encoder},
                      Named{"heap_bytes", Hook::heap_bytes}, Named{"copy", Hook::copy},
                      Named{"move", Hook::move}, Named{"validate", Hook::validate},
                      Named{"on_release", Hook::on_release}, Named{"callback", Hook::callback},
                      Named{"misfit", Hook::misfit}, Named{"normalize", Hook::normalize},
                      Named{"to_text", Hook::to_text}, Named{"watcher", Hook::watcher},
                      Named{"predicate", Hook::predicate}, Named{"fragment", Hook::fragment}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace memoscape::testing

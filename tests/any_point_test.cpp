// What others do while a run is under way. At each point of the run (detail/schedule.hpp), those
// within a lookup too, a change is made whole on another thread. The page must be the uncached one,
// no call may give what had been cleared when it began (C6), each resource is released once, and
// the store holds its invariants. AddressSanitizer tells what is touched that has gone.
#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "at_point.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

// Functions of each kind, all built on one, with widgets. Their values tell their version, which no
// page shows.
struct Board {
  static constexpr int kVersion = 1000;

  struct Counts {
    std::atomic<int> version{0};
    std::atomic<int> oldest{0};  // version that a call which begins now may give
    std::atomic<int> too_old{0};
    std::atomic<int> resources{0};  // that have not been released
    ~Counts() {
      EXPECT_EQ(too_old, 0);
      EXPECT_EQ(resources, 0);
    }
  };
  Counts counts;  // ends last
  World w;
  ms::Cached<const int, int> inner =
      w.engine.cache_data("inner", [this](int n) { return counts.version * kVersion + n; });
  ms::Cached<int, int> resource =
      w.engine.cache_resource("resource",
                              [this](ms::Run& run, int n) {
                                const bool more = ms::checkbox(run, "more" + std::to_string(n));
                                const int value = *inner(run, n) + (more ? 10 : 0);
                                ++counts.resources;
                                return value;
                              },
                              {.allow_widgets = true,
                               .validate = [](const int& value) { return value >= 0; },
                               .on_release = [this](int&) { --counts.resources; }});
  ms::Cached<const int, int> outer =
      w.engine.cache_data("outer",
                          [this](ms::Run& run, int n) {
                            const int m = ms::slider(run, "m" + std::to_string(n), 0, 9);
                            ms::text(run, "outer");
                            return *resource(run, n) + 100 * m;
                          },
                          {.allow_widgets = true});
  ms::Cached<const int, int> own =
      w.engine.cache_data("own", [this](ms::Run& run, int n) { return *inner(run, n) + 2; },
                          {.scope = ms::Scope::session});

  explicit Board(ms::Caching caching)
      : w({.limits = {.ttl = std::chrono::hours(1)}, .caching = caching}) {
    w.script = script_of(0);
    w.run(1, script_of(2));
  }

  // With arguments from `first` on. Who calls others than the run under way does not wait for it.
  std::function<void(ms::Run&)> script_of(int first) {
    return [this, first](ms::Run& run) {
      for (int n = first; n < first + 2; ++n) {
        show(run, outer, n);
        show(run, own, n);
      }
      show(run, inner, first);
    };
  }

  template <class F>
  void show(ms::Run& run, const F& function, int n) {
    const int oldest = counts.oldest;
    const int value = *function(run, n);
    if (value / kVersion < oldest) ++counts.too_old;
    ms::text(run, std::to_string(value % kVersion));
  }
  // What is made from now on is of another version than all that `clear` frees.
  void renew(const std::function<void()>& clear) {
    const int next = ++counts.version;
    clear();
    counts.oldest = next;
  }
  void set(int user, int value) {
    for (const char* widget : {"m0", "m1"}) w.session(user).set(widget, value);
    w.session(user).set("more1", value != 0);
  }
};

struct Change {
  const char* name;
  std::function<void(Board&)> make;
  bool ends_functions = false;
};

const std::vector<Change> kChanges{
    {"all are cleared", [](Board& b) { b.renew([&] { b.w.engine.clear(); }); }},
    {"data are cleared", [](Board& b) { b.renew([&] { b.w.engine.clear(ms::Kind::data); }); }},
    {"resources are cleared", [](Board& b) { b.w.engine.clear(ms::Kind::resource); }},
    {"what all are built on is cleared", [](Board& b) { b.renew([&] { b.inner.clear(); }); }},
    {"one call is cleared", [](Board& b) { b.outer.clear(0); }},
    {"those that are asked about are cleared",
     [](Board& b) {
       b.renew([&] { b.w.engine.clear_if([](const ms::PermutationRow&) { return true; }); });
     }},
    {"all are cleared, and another user stores the same",
     [](Board& b) {
       b.renew([&] { b.w.engine.clear(); });
       b.w.run(1);
     }},
    {"another user stores others",
     [](Board& b) {
       b.w.run(1, b.script_of(2));
       b.w.engine.set_limits({.max_entries = 4});
       b.w.run(1, b.script_of(4));
     }},
    {"another user ends", [](Board& b) { b.w.sessions.erase(1); }},
    {"another user ends and all are cleared",
     [](Board& b) {
       b.w.sessions.erase(1);
       b.w.engine.clear();
     }},
    {"a function is removed", [](Board& b) { b.w.engine.remove("outer"); }, true},
    {"all functions are removed",
     [](Board& b) {
       for (const char* function : {"inner", "resource", "outer", "own"}) {
         b.w.engine.remove(function);
       }
     },
     true},
    {"a function gets another version",
     [](Board& b) { b.w.engine.cache_data("own", [](int n) { return n; }, {.version = "2"}); },
     true},
    {"one entry is left", [](Board& b) { b.w.engine.set_limits({.max_entries = 1}); }},
    {"no entry is left", [](Board& b) { b.w.engine.set_limits({.max_bytes = 1}); }},
    {"one entry of a function is left",
     [](Board& b) { b.resource.set_limits({.max_entries = 1}); }},
    {"all expire by a new ttl",
     [](Board& b) {
       b.w.engine.set_limits({.ttl = std::chrono::seconds(1)});
       b.w.clock.advance(std::chrono::seconds(1));
     }},
    {"all expire and are swept",
     [](Board& b) {
       b.w.clock.advance(std::chrono::hours(1));
       b.w.engine.sweep();
     }},
    {"caching is switched off", [](Board& b) { b.w.engine.set_caching(ms::Caching::off); }},
    {"caching is switched off and on",
     [](Board& b) {
       b.w.engine.set_caching(ms::Caching::off);
       b.w.run(1);
       b.w.engine.set_caching(ms::Caching::on);
     }},
    {"a report is made", [](Board& b) { b.w.verify(); }},
};

class AnyPoint : public ::testing::TestWithParam<Change> {};

// Of a run that executes (stage 0), of one that looks up what another user stored (1), or what it
// has stored itself (2), and of those that renew what the session remembers, or find it unchanged.
TEST_P(AnyPoint, MayMeetThisChange) {
  const Change& tested = GetParam();
  const std::string expected = Board(ms::Caching::off).w.run();
  for (int stage = 0; stage <= 7; ++stage) {
    bool was_reached = true;
    for (int at = 0; was_reached; ++at) {
      SCOPED_TRACE(tested.name + (", stage " + std::to_string(stage)) + ", at point " +
                   std::to_string(at));
      Board b(ms::Caching::on);
      if (stage == 1) b.w.run(1);
      for (int run = 2; run <= stage; ++run) {
        b.w.run();
        b.set(0, run == stage || run % 2 != 0 ? 0 : 1);
      }
      const auto expect_page = [&] {
        const std::string page = b.w.run();
        if (tested.ends_functions && b.w.page.error() != nullptr) {
          EXPECT_THROW(std::rethrow_exception(b.w.page.error()), ms::StaleFunctionError);
        } else {
          EXPECT_EQ(page, expected);
        }
      };
      {
        const AtPoint change(at, [&] { tested.make(b); });
        expect_page();
        was_reached = change.was_reached();
      }
      b.w.verify();
      expect_page();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OfARun, AnyPoint, ::testing::ValuesIn(kChanges), [](const auto& tested) {
  std::string name = tested.param.name;
  std::erase_if(name, [](char c) { return c == ','; });
  std::ranges::replace(name, ' ', '_');
  return name;
});

}  // namespace
}  // namespace memoscape::testing

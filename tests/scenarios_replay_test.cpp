// Scenarios about replay: what a page shows on a hit, and what a cached function may not do.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

TEST(Scenario, NestedPlainCallKeepsWidgets) {
  each_way([](auto cache) {
    for (const bool load_is_warm : {false, true}) {
      Twin twin([&](World& w) {
        auto load = cache(w, "load", [&w]() {
          w.log.add("load");
          return 10;
        });
        auto outer = cache(w, "outer",
                           [&w, load](ms::Run& run) {
                             const int base = *load(run);
                             const int n = ms::slider(run, "n", 1, 9, 1);
                             w.log.add("outer", n);
                             return base * n;
                           },
                           {.allow_widgets = true});
        if (load_is_warm) w.run([&](ms::Run& run) { load(run); });
        return [=, &w](ms::Run& run) { w.show(run, *outer(run)); };
      });
      EXPECT_EQ(twin.run(), "slider n=1, text 10");
      EXPECT_EQ(twin.set("n", 5), "slider n=5, text 50");
      EXPECT_EQ(twin.log(), Lines("load", "outer 1", "outer 5"));
      EXPECT_EQ(twin.run(), "slider n=5, text 50");
      EXPECT_EQ(twin.run(1), "slider n=1, text 10");
      EXPECT_EQ(twin.log(), Lines());
    }
  });
}

using Upload = ms::MediaPtr (*)(const ms::Place&, std::string_view, const ms::UploadOptions&);
constexpr std::array<Upload, 3> kUploads = {ms::file_uploader, ms::camera_input, ms::audio_input};

TEST(Scenario, UploadsAreRejected) {
  each_way([](auto cache) {
    for (const Upload upload : kUploads) {
      for (const bool allow : {false, true}) {
        Twin twin([&](World& w) {
          auto direct = cache(w, "direct",
                              [&w, upload](ms::Run& run) {
                                w.log.add("direct");
                                return upload(run, "file", {}) != nullptr;
                              },
                              {.allow_widgets = allow});
          auto nested = cache(w, "nested",
                              [&w, direct](ms::Run& run) {
                                w.log.add("nested");
                                return *direct(run);
                              },
                              {.allow_widgets = allow});
          auto in_container = cache(w, "in container",
                                    [&w, upload](ms::Run& run) {
                                      w.log.add("in container");
                                      return upload(ms::container(run), "file", {}) != nullptr;
                                    },
                                    {.allow_widgets = allow});
          return [=, &w](ms::Run& run) {
            const auto refused = [&](const auto& call, const char* function) {
              const std::string why = message_of<ms::UnsupportedWidgetError>([&] { call(run); });
              EXPECT_TRUE(names(why, function) && names(why, "file")) << why;
              w.values.add(why);
            };
            for (int round = 0; round < 2; ++round) {
              refused(direct, "direct");
              refused(nested, "direct");
              refused(in_container, "in container");
            }
            w.show(run, upload(run, "file", {}) != nullptr);  // outside they work
          };
        });
        constexpr const char* kinds[] = {"file_uploader", "camera_input", "audio_input"};
        const std::string kind = kinds[std::ranges::find(kUploads, upload) - kUploads.begin()];
        EXPECT_EQ(twin.run(), "container {}, container {}, " + kind + " file=none, text false");
        EXPECT_EQ(twin.log(), Lines("direct", "nested", "direct", "in container", "direct",
                                    "nested", "direct", "in container"));
        EXPECT_EQ(twin.cached().session().widgets().size(), 1U);
        EXPECT_EQ(twin.entries(), 0U);
      }
    }
  });
}

TEST(Scenario, WidgetsNeedPermission) {
  each_way([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f", [&w](ms::Run& run) {
        w.log.add("f");
        ms::text(run, "before");
        return ms::slider(run, "Minutes", 0, 10, 5);
      });
      return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
    });
    for (int i = 0; i < 2; ++i) {
      const std::string page = twin.run();
      const std::string why = twin.cached().page.error_text();
      EXPECT_EQ(page, "text before, exception " + why);
      EXPECT_TRUE(ended_by<ms::CachedWidgetError>(twin.cached().page));
      for (const char* part : {"f", "slider", "Minutes", ".allow_widgets = true", "argument"}) {
        EXPECT_TRUE(contains(why, part)) << part << " is not in: " << why;
      }
    }
    EXPECT_EQ(twin.log(), Lines("f", "f"));
    EXPECT_EQ(twin.entries(), 0U);
  });
}

// Text inside nested cached functions; `1 11 1 11 --- 2 2 12 --- 3 13 3`.
TEST(Scenario, ReplayOrder) {
  each_way([](auto cache) {
    Twin twin([&](World& w) {
      auto inner = cache(w, "inner", [&w](ms::Run& run, int i) {
        w.log.add("inner", i);
        ms::text(run, std::to_string(i));
        return i;
      });
      auto outer = cache(w, "outer", [&w, inner](ms::Run& run, int i) {
        w.log.add("outer", i);
        inner(run, i);
        ms::text(run, std::to_string(i + 10));
        return i;
      });
      return [=](ms::Run& run) {
        outer(run, 1);
        outer(run, 1);
        ms::divider(run);
        inner(run, 2);
        outer(run, 2);
        ms::divider(run);
        outer(run, 3);
        inner(run, 3);
      };
    });
    const std::string page =
        "text 1, text 11, text 1, text 11, divider, text 2, text 2, text 12, divider, "
        "text 3, text 13, text 3";
    EXPECT_EQ(twin.run(), page);
    EXPECT_EQ(twin.log(), Lines("outer 1", "inner 1", "inner 2", "outer 2", "outer 3", "inner 3"));
    EXPECT_EQ(twin.run(), page);
    EXPECT_EQ(twin.log(), Lines());
  });
}

std::vector<std::vector<int>> paths_of(const ms::Page& page) {
  std::vector<std::vector<int>> paths;
  for (const ms::PageNode* node : page.all()) paths.push_back(node->path());
  return paths;
}

TEST(Scenario, ReplayPaths) {
  using Paths = std::vector<std::vector<int>>;
  each_way([](auto cache) {
    Twin sidebar([&](World& w) {
      auto f = cache(w, "f", [&w](ms::Run& run) {
        w.log.add("f");
        ms::text(ms::sidebar(run), "side");
        return 0;
      });
      return [=](ms::Run& run) {
        f(run);
        ms::divider(run);
        f(run);
      };
    });
    EXPECT_EQ(sidebar.run(), "divider | text side, text side");
    EXPECT_EQ(paths_of(sidebar.cached().page), (Paths{{0, 0}, {1, 0}, {1, 1}}));
    EXPECT_EQ(sidebar.log(), Lines("f"));

    Twin containers([&](World& w) {
      auto f = cache(w, "f", [&w](ms::Run& run) {
        w.log.add("f");
        ms::text(ms::container(run), "in");
        return 0;
      });
      return [=](ms::Run& run) {
        ms::text(ms::container(run), "out");
        ms::divider(run);
        ms::text(ms::container(run), "out");
        f(run);
        ms::divider(run);
        f(run);
      };
    });
    EXPECT_EQ(containers.run(),
              "container {text out}, divider, container {text out}, container {text in}, divider, "
              "container {text in}");
    EXPECT_EQ(paths_of(containers.cached().page), (Paths{{0, 0},
                                                         {0, 0, 0},
                                                         {0, 1},
                                                         {0, 2},
                                                         {0, 2, 0},
                                                         {0, 3},
                                                         {0, 3, 0},
                                                         {0, 4},
                                                         {0, 5},
                                                         {0, 5, 0}}));
    EXPECT_EQ(containers.log(), Lines("f"));
  });
}

TEST(Scenario, OuterContainerIsAnError) {
  each_way([](auto cache) {
    Twin twin([&](World& w) {
      auto place = std::make_shared<std::optional<ms::Place>>();
      auto f = cache(w, "f", [&w, place](ms::Run&) {
        w.log.add("f");
        ms::text(**place, "out of place");
        return 0;
      });
      return [=](ms::Run& run) {
        place->emplace(ms::container(run));
        f(run);
      };
    });
    for (int i = 0; i < 2; ++i) {
      const std::string page = twin.run();
      const std::string why = twin.cached().page.error_text();
      EXPECT_EQ(page, "container {}, exception " + why);
      EXPECT_TRUE(ended_by<ms::ReplayClosureError>(twin.cached().page));
      EXPECT_TRUE(names(why, "f")) << why;
    }
    EXPECT_EQ(twin.log(), Lines("f", "f"));
    EXPECT_EQ(twin.entries(), 0U);
  });
}

struct Counter {
  int count = 0;
};

// What a script does to a resource is no part of what the function returns: uncached it is lost.
TEST(Scenario, ResourceIsSharedDataIsNot) {
  std::map<bool, std::vector<int>> counts;  // of the resource, by whether caching is on
  Twin twin([&](World& w) {
    auto data = w.engine.cache_data("data", [&w] {
      w.log.add("data");
      return Counter{1};
    });
    auto resource = w.engine.cache_resource("resource", [&w] {
      w.log.add("resource");
      return Counter{1};
    });
    return [&, data, resource](ms::Run& run) {
      static_assert(std::is_same_v<decltype(*data(run)), const Counter&>);
      static_assert(std::is_same_v<decltype(*resource(run)), Counter&>);
      const ms::Ref<const Counter> immutable = data(run);
      const ms::Ref<Counter> shared = resource(run);
      EXPECT_EQ(w.cached, immutable.get() == data(run).get());
      EXPECT_EQ(w.cached, shared.get() == resource(run).get());
      counts[w.cached].push_back(++shared->count);
      Counter copy = *immutable;  // this one may be changed, and nobody sees it
      ++copy.count;
      w.show(run, immutable->count);
      w.show(run, copy.count);
    };
  });
  for (const int user : {0, 1, 0}) EXPECT_EQ(twin.run(user), "text 1, text 2");
  EXPECT_EQ(counts[true], (std::vector<int>{2, 3, 4}));
  EXPECT_EQ(counts[false], (std::vector<int>{2, 2, 2}));
  EXPECT_EQ(twin.log(), Lines("data", "resource"));
}

TEST(Scenario, FailedCallsAreNotCached) {
  each_way([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f",
                     [&w](ms::Run& run) {
                       w.log.add("f");
                       ms::text(run, "started");
                       if (ms::slider(run, "n", 0, 9, 0) == 0) throw std::runtime_error("n is 0");
                       return 1;
                     },
                     {.allow_widgets = true});
      return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
    });
    const std::string failed = "text started, slider n=0, exception n is 0";
    EXPECT_EQ(twin.run(), failed);
    EXPECT_EQ(twin.run(), failed);
    EXPECT_EQ(twin.log(), Lines("f", "f"));
    EXPECT_EQ(twin.entries(), 0U);
    EXPECT_EQ(twin.cached().function("f").counters.failed, 2U);
    // A failed run drops nothing: the widget on it can be set.
    EXPECT_EQ(twin.set("n", 1), "text started, slider n=1, text 1");
    EXPECT_EQ(twin.set("n", 0), failed);
    EXPECT_EQ(twin.set("n", 1), "text started, slider n=1, text 1");
    EXPECT_EQ(twin.log(), Lines("f", "f"));
  });
}

TEST(Scenario, TwiceOnOnePage) {
  each_way([](auto cache) {
    for (const bool keyed : {false, true}) {
      Twin twin([&](World& w) {
        auto f = cache(w, "f",
                       [&w, keyed](ms::Run& run, const std::string& airport) {
                         const int n = ms::slider(run, "n", 0, 9, 3, {.key = keyed ? airport : ""});
                         w.log.add(airport, n);
                         return airport + std::to_string(n);
                       },
                       {.allow_widgets = true});
        return [=, &w](ms::Run& run) {
          const std::vector<std::string> airports = run.state<bool>("same")
                                                        ? std::vector<std::string>{"SEA", "SEA"}
                                                        : std::vector<std::string>{"SEA", "LAX"};
          if (run.state<bool>("other only")) {
            w.show(run, *f(run, "LAX"));
          } else {
            for (const std::string& airport : airports) w.show(run, *f(run, airport));
          }
        };
      });
      const auto state = [&](const char* name, bool value) {
        twin.each([&](World& w) { w.session().set_state(name, value); });
      };
      const auto expect_duplicate = [&] {
        const std::string page = twin.run();
        const std::string why = twin.cached().page.error_text();
        EXPECT_EQ(page, "slider n=3, markdown SEA3, exception " + why);
        EXPECT_TRUE(ended_by<ms::DuplicateWidgetError>(twin.cached().page)) << page;
        EXPECT_TRUE(contains(why, "key")) << why;
      };
      const std::string both = "slider n=3, markdown SEA3, slider n=3, markdown LAX3";
      for (int round = 0; round < 3; ++round) {
        if (keyed) {
          EXPECT_EQ(twin.run(), both);
        } else {
          expect_duplicate();
        }
        if (round > 0) continue;
        EXPECT_EQ(twin.log(), keyed ? Lines("SEA 3", "LAX 3") : Lines("SEA 3"));
        state("other only", true);
        EXPECT_EQ(twin.run(), "slider n=3, markdown LAX3");  // from here on both are warm
        EXPECT_EQ(twin.log(), keyed ? Lines() : Lines("LAX 3"));
        state("other only", false);
      }
      state("same", true);
      expect_duplicate();
      expect_duplicate();
      EXPECT_EQ(twin.log(), Lines());  // it ends where it would log
      EXPECT_EQ(twin.entries(), 2U);
    }
  });
}

TEST(Scenario, EffectsAreRefused) {
  each_way([](auto cache) {
    Twin twin([&](World& w) {
      auto state = cache(w, "state", [&w](ms::Run& run) {
        w.log.add("state");
        run.set_state("count", 1);
        return 0;
      });
      auto query = cache(w, "query", [&w](ms::Run& run) {
        w.log.add("query");
        run.set_query("page", "2");
        return 0;
      });
      auto session = cache(w, "session", [&w](ms::Run& run) {
        w.log.add("session");
        run.session().set_state("count", 1);
        return 0;
      });
      return [=, &w](ms::Run& run) {
        const std::string why = message_of<ms::CachedEffectError>([&] { state(run); });
        EXPECT_TRUE(names(why, "state") && contains(why, "count")) << why;
        w.values.add(why);
        w.values.add(message_of<ms::CachedEffectError>([&] { query(run); }));
        w.values.add(message_of<ms::CachedEffectError>([&] { session(run); }));
        w.show(run, run.state<int>("count", -1));
        w.show(run, run.query("page").value_or("none"));
      };
    });
    EXPECT_EQ(twin.run(), "text -1, markdown none");
    EXPECT_EQ(twin.run(), "text -1, markdown none");
    EXPECT_EQ(twin.log(), Lines("state", "query", "session", "state", "query", "session"));
    EXPECT_EQ(twin.entries(), 0U);
  });
}

}  // namespace
}  // namespace memoscape::testing

// Rules of runs and of what they share with their session: query parameters, running again, forms;
// and what pages say of themselves.
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core_of.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

TEST(Query, IsWhatTheUserOrTheScriptSetLast) {
  both_kinds([](auto cache) {
    Twin twin([&](World& w) {
      auto f = cache(w, "f", [&w](ms::Run& run) {
        const std::string page = run.query("page").value_or("none");
        w.log.add("f", page);
        return page;
      });
      return [=, &w](ms::Run& run) {
        if (run.state<bool>("turn")) run.set_query("page", "3");
        w.show(run, *f(run));
      };
    });
    EXPECT_EQ(twin.run(), "markdown none");
    twin.each([](World& w) { w.session().set_query("page", "2"); });
    EXPECT_EQ(twin.run(), "markdown 2");
    twin.each([](World& w) { w.session().set_state("turn", true); });
    EXPECT_EQ(twin.run(), "markdown 3");
    twin.each([](World& w) { w.session().set_state("turn", false); });
    EXPECT_EQ(twin.run(), "markdown 3");
    EXPECT_EQ(twin.run(1), "markdown none");
    EXPECT_EQ(twin.log(), Lines("f none", "f 2", "f 3"));
  });
}

TEST(Runs, ThatAlwaysAskToRunAgainEnd) {
  World w;
  w.script = [&w](ms::Run& run) {
    w.log.add("run");
    ms::text(run, "so far");
    run.rerun();
  };
  const std::string page = w.run();
  EXPECT_TRUE(ended_by<ms::UsageError>(w.page));
  EXPECT_TRUE(page.starts_with("exception the script asked to run again 100 times")) << page;
  EXPECT_EQ(w.log.size(), 101U);
  EXPECT_EQ(w.run([](ms::Run& run) { ms::text(run, "goes on"); }), "text goes on");
}

TEST(Runs, ThatWereStoppedWriteNothing) {
  ms::Engine engine;
  ms::Session session(engine);
  bool came_past = false;
  session.run([&](ms::Run& run) {
    session.stop();
    run.set_state("a", 1);
    came_past = true;
  });
  session.run([&](ms::Run& run) {
    session.stop();
    run.set_query("b", "1");
    came_past = true;
  });
  EXPECT_FALSE(came_past);
  EXPECT_TRUE(session.state<ms::Value>("a").is_null());
  session.run([](ms::Run& run) { EXPECT_FALSE(run.query("b").has_value()); });
}

TEST(Forms, InsideOneAnotherAreRefused) {
  World w;
  const std::string page = w.run([](ms::Run& run) {
    const ms::Place outer = ms::form(run, "order");
    ms::form(ms::container(outer), "address");
  });
  EXPECT_TRUE(ended_by<ms::UsageError>(w.page));
  EXPECT_TRUE(contains(page, "is inside form")) << page;
}

TEST(Handles, OfAnEngineThatEndedSaySo) {
  auto engine = std::make_unique<ms::Engine>();
  auto f = engine->cache_data("f", [](int n) { return n; });
  EXPECT_EQ(engine->caching(), ms::Caching::on);
  engine->set_caching(ms::Caching::off);
  EXPECT_EQ(engine->caching(), ms::Caching::off);
  engine.reset();
  for (const std::string& why :
       {message_of<ms::StaleFunctionError>([&] { f.clear(); }),
        message_of<ms::StaleFunctionError>([&] { f.set_limits({.max_entries = 1}); })}) {
    EXPECT_TRUE(names(why, "f") && contains(why, "has ended")) << why;
  }
}

TEST(Pages, SayWhatEndedThem) {
  World w;
  w.run([](ms::Run&) { throw std::runtime_error("no luck"); });
  EXPECT_EQ(w.page.error_text(), "no luck");
  w.run([](ms::Run&) { throw 42; });
  EXPECT_EQ(w.page.error_text(), "an exception that is no std::exception");
  w.run([](ms::Run& run) { run.stop(); });
  EXPECT_EQ(w.page.error_text(), "");
  const ms::Page stopped(nullptr, std::make_exception_ptr(ms::RunStopped{}));
  EXPECT_EQ(stopped.error_text(), "the run was stopped");
}

TEST(Pages, HaveRootsAndContainersWithNames) {
  World w;
  w.run([](ms::Run& run) { ms::text(ms::container(run), "inside"); });
  EXPECT_EQ(w.page.main().kind(), "main");
  EXPECT_EQ(w.page.sidebar().kind(), "sidebar");
  ASSERT_EQ(w.page.main().children().size(), 1U);
  EXPECT_EQ(w.page.main().children()[0].kind(), "container");
  const ms::Page moved = std::move(w.page);
  EXPECT_EQ(summary(moved), "container {text inside}");
}

TEST(Pages, AreTextWhateverIsOnThem) {
  static constexpr ms::ElementKind kPlain = {.name = "plain"};
  World w;
  w.run([](ms::Run& run) {
    ms::Place(run).emit({.kind = &kPlain, .text = "a text of its own"});
    ms::Place(run).emit({.kind = &kPlain});
  });
  EXPECT_EQ(ms::to_text(w.page), "a text of its own\n");
  w.run([](ms::Run& run) {
    ms::Place place(run);
    for (int i = 0; i < 200; ++i) place = ms::container(place);
    ms::text(place, "too deep");
  });
  const std::string deep = ms::to_text(w.page);
  EXPECT_TRUE(contains(deep, "(deeper containers are not shown)")) << deep;
  EXPECT_FALSE(contains(deep, "too deep")) << deep;
}

// A page so far: the spinner stands where the function was called, in the sidebar, too.
TEST(Pages, ShowWhatExecutesWhereItWasCalled) {
  World w;
  auto inner = w.engine.cache_data("inner",
                                   [](ms::Run& run) {
                                     ms::text(run, "inner");
                                     return 0;
                                   },
                                   {.spinner = "Inner"});
  auto outer = w.engine.cache_data("outer",
                                   [=](ms::Run& run) {
                                     ms::text(ms::sidebar(run), "outer");
                                     ms::within(ms::sidebar(run), [&] { inner(run); });
                                     return 0;
                                   },
                                   {.spinner = "Outer"});
  std::vector<std::string> seen;
  std::string text;
  w.session().watch([&](const ms::Page& page) {
    seen.push_back(summary(page));
    text += ms::to_text(page);
  });
  w.run([&](ms::Run& run) { ms::within(ms::sidebar(run), [&] { outer(run); }); });
  EXPECT_EQ(seen, (std::vector<std::string>{"| spinner Outer", "| text outer, spinner Inner",
                                            "| text outer, text inner, spinner Outer",
                                            "| text outer, text inner"}));
  EXPECT_TRUE(contains(text, "(...) Outer")) << text;
}

// What a run has used it counts at its end, as a use of that function.
TEST(Runs, KeepAFunctionThatIsRemovedAsLongAsTheyUseAnEntryOfIt) {
  World w;
  std::optional<ms::Cached<const int>> f = w.engine.cache_data("f", [] { return 1; });
  const std::weak_ptr<ms::detail::Function> function =
      ms::detail::core_of(w.engine)->functions.find("f")->second;
  const auto call = [&](ms::Run& run) { (*f)(run); };
  w.run(0, call);
  w.run(1, [&](ms::Run& run) {
    call(run);
    f.reset();
    w.session(0).run([](ms::Run&) {});
    w.engine.remove("f");
    EXPECT_FALSE(function.expired());
  });
  w.sessions.clear();
  EXPECT_TRUE(function.expired());
}

// Sessions and handles refer to the store of an engine, and may be there for longer.
TEST(Handles, DoNotKeepTheFunctionsOfAnEngineThatEnded) {
  auto engine = std::make_unique<ms::Engine>();
  engine->cache_data("f", [] { return 1; });
  const auto core = ms::detail::core_of(*engine);
  const std::weak_ptr<ms::detail::Function> function = core->functions.find("f")->second;
  EXPECT_FALSE(function.expired());
  engine.reset();
  EXPECT_TRUE(function.expired());
}

}  // namespace
}  // namespace memoscape::testing

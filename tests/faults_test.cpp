// Every allocation fails in turn, in every operation: it succeeds all the same or throws
// std::bad_alloc; the engine's sums and invariants hold; and what is called next is right, as the
// uncached twin says. Replaces operator new, hence a binary of its own.
#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core_of.hpp"
#include "failing_new.hpp"
#include "faults.hpp"
#include "harness.hpp"
#include "sanitized.hpp"

namespace memoscape::testing {
namespace {

// --- the program ---

// What the functions of both worlds have made, and what was given back.
struct Ledger {
  std::atomic<int> made{0};
  std::atomic<int> released{0};
  std::atomic<int> alive{0};
};
Ledger ledger;

class Thing {
 public:
  explicit Thing(const std::string& name) : name_(name) { ++ledger.alive; }
  Thing(Thing&& other) noexcept : name_(std::move(other.name_)) { ++ledger.alive; }
  Thing& operator=(Thing&&) = delete;
  ~Thing() { --ledger.alive; }
  std::size_t heap_bytes() const { return ms::heap_bytes(name_); }
  int size() const { return static_cast<int>(name_.size()); }

 private:
  std::string name_;
};

struct Program {
  std::optional<ms::Cached<Thing, std::string>> load;
  std::optional<ms::Cached<const std::string, int>> inner;
  std::optional<ms::Cached<const std::vector<std::string>, std::string>> outer;
  std::optional<ms::Cached<const int, int>> mine;
  std::optional<ms::Cached<const int>> brief;
  std::atomic<int> executed{0};
  std::function<void()> meet;  // called by `inner`, before it returns
};

const std::vector<std::string> kFew = {"first of the options", "second of the options"};
const std::string kLong(400, 'x');

// Not copied from a list: a std::variant of vectors of libstdc++ 12 destroys what it could not
// copy.
ms::DataFrame table(const char* name, std::vector<double> numbers) {
  ms::DataFrame frame;
  frame.columns.push_back({.name = name, .values = std::move(numbers)});
  return frame;
}

void register_functions(World& w, Program& p) {
  p.load = w.engine.cache_resource("load",
                                   [&p](const std::string& name) {
                                     ++p.executed;
                                     Thing thing(name + ", a name that needs memory");
                                     ++ledger.made;
                                     return thing;
                                   },
                                   {.on_release = [](Thing&) { ++ledger.released; }});
  p.inner = w.engine.cache_data("inner",
                                [&p](ms::Run& run, int n) {
                                  ++p.executed;
                                  std::string text = "inner";
                                  if (ms::checkbox(run, "more of it"))
                                    text += ms::selectbox(run, "which of them", kFew);
                                  ms::caption(run, kLong);
                                  text += std::to_string(n + (*p.load)(run, "thing")->size());
                                  if (p.meet) p.meet();
                                  return text + ", which is a text that needs memory";
                                },
                                {.allow_widgets = true});
  p.outer = w.engine.cache_data(
      "outer",
      [&p](ms::Run& run, const std::string& tag) {
        ++p.executed;
        std::vector<std::string> lines = {tag};
        const int n = ms::slider(run, "n", 0, 10, 5);
        const ms::Place box = ms::container(run);
        for (const std::string& one : ms::multiselect(box, "some of them", kFew)) {
          lines.push_back(one);
        }
        ms::text(ms::sidebar(run), "in the sidebar, " + std::to_string(n));
        ms::dataframe(box, table("column", std::vector<double>(40, 1.5)));
        lines.push_back(*(*p.inner)(run, n % 3));
        return lines;
      },
      {.allow_widgets = true, .limits = {.ttl = std::chrono::hours(1)}});
  p.mine = w.engine.cache_data("mine",
                               [&p](ms::Run& run, int n) {
                                 ++p.executed;
                                 return n + run.state<int>("entry", 0) +
                                        static_cast<int>(run.query("q").value_or("").size());
                               },
                               {.scope = ms::Scope::session});
  p.brief = w.engine.cache_data("brief",
                                [&p](ms::Run& run) {
                                  ++p.executed;
                                  ms::text(run, "of a short life");
                                  return 7;
                                },
                                {.limits = {.ttl = std::chrono::minutes(1)}});
}

void families(ms::Run& run) {
  ms::radio(run, "radio", kFew);
  ms::select_slider(run, "select_slider", kFew);
  ms::number_input(run, "number", 1.5);
  ms::text_area(run, "area", {.value = "a text that is long enough to need memory"});
  ms::color_picker(run, "color");
  ms::pills(run, "pills", kFew);
  ms::date_input(run, "date", std::chrono::year(2024) / 2 / 29);
  ms::file_uploader(run, "file");
  ms::chat_input(run, "chat");
  const std::vector<ms::Place> columns = ms::columns(run, 2);
  ms::metric(columns[0], "metric", 1.5);
  ms::line_chart(columns[1], table("y", {1, 2}));
  ms::image(run, ms::Media{"image.png", "image/png", std::string(100, 'i')});
}

std::function<void(ms::Run&)> script_of(World& w, Program& p) {
  return [&w, &p](ms::Run& run) {
    ms::title(run, "A title that needs memory, too");
    const auto go = ms::callback([](ms::Session& s) { s.set_state("went", true); });
    if (ms::button(run, "go", {.on_change = go})) ms::success(run, "clicked");
    const ms::Place form = ms::form(run, "a form");
    const std::string name = ms::text_input(form, "name", {.key = "the name"});
    ms::form_submit_button(form, "submit");
    families(run);
    const auto lines = (*p.outer)(run, "tag " + name);
    for (const std::string& line : *lines) w.show(run, line);
    w.show(run, *(*p.mine)(run, 1));
    w.show(run, *(*p.brief)(run));
    w.show(run, run.state<bool>("went", false));
    ms::fragment(run, "fragment", [](ms::Run& inside) { ms::checkbox(inside, "in a fragment"); });
  };
}

// Two worlds that run it, one of them uncached.
class Scene {
 public:
  Scene()
      : twin([this](World& w) {
          std::unique_ptr<Program>& made = programs_[&w];
          made = std::make_unique<Program>();
          register_functions(w, *made);
          return script_of(w, *made);
        }) {}

  World& world() { return twin.cached(); }
  ms::Engine& engine() { return world().engine; }
  ms::Session& session(int i = 0) { return world().session(i); }
  Program& program() { return *programs_.at(&world()); }

  // A run of the cached world alone. Throws: std::bad_alloc; so does one that ends by that.
  void run(int i = 0) {
    const ms::Page page = session(i).run(world().script);
    if (page.error() != nullptr) std::rethrow_exception(page.error());
  }

  // Brings both worlds to the same state, whatever has become of the operation; then both must show
  // the same, and all that was asked for must be kept.
  void compare() {
    EXPECT_EQ(engine().check(), "");
    EXPECT_EQ(broken_identities(engine().report()), "");
    twin.each([](World& w) {
      w.clock.advance(std::chrono::minutes(2));
      w.engine.set_limits({.max_bytes = 0});
      for (int i = 0; i < 2; ++i) {
        ms::Session& session = w.session(i);
        EXPECT_EQ(session.run(w.script).error_text(), "");
        session.set("n", 3 + i);
        session.set("the name", "a name that needs memory");
        session.set("some of them", ms::Value(kFew));
        session.set("more of it", true);
        session.set("radio", kFew[1]);
        session.set("in a fragment", true);
        session.set("area", "a text that both of them have");
        session.upload("file", ms::Media{"both.csv", "text/csv", "1,2"});
        session.set_state("entry", 3);
        session.set_query("q", "question");
        session.click("submit");
        session.click("go");
        EXPECT_EQ(session.run(w.script).error_text(), "");
      }
      w.values.take();
    });
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(contains(twin.run(i), "a name that needs memory"));
    const int before = program().executed;
    for (int i = 0; i < 2; ++i) twin.run(i);
    EXPECT_EQ(program().executed, before) << "something was not kept";
  }

 private:
  std::map<World*, std::unique_ptr<Program>> programs_;

 public:
  Twin twin;
};

// --- one thread ---

using Operation = FaultyOperation<Scene>;
class Faults : public ::testing::TestWithParam<Operation> {
 protected:
  ~Faults() override {
    EXPECT_EQ(ledger.made, ledger.released);
    EXPECT_EQ(ledger.alive, 0);
  }
};

TEST_P(Faults, OneAllocation) { let_each_fail(Failing::one, GetParam()); }
// Where a sanitizer watches, it takes minutes, and finds what it finds with one.
#ifndef SANITIZED
TEST_P(Faults, AllAllocationsFromThereOn) { let_each_fail(Failing::rest, GetParam()); }
#endif

void nothing(Scene&) {}

// Runs of both users, until all is known that can be.
void warm(Scene& s) {
  for (int i = 0; i < 2; ++i) {
    for (int times = 0; times < 3; ++times) s.run(i);
  }
}
void know_more(Scene& s) {
  warm(s);
  for (const int n : {1, 2, 5}) {
    s.session().set("n", n);
    s.run();
  }
}

const Operation kOperations[] = {
    {"first_run", nothing, [](Scene& s) { s.run(); }},
    {"second_run", [](Scene& s) { s.run(); }, [](Scene& s) { s.run(); }},
    {"unchanged_run", warm, [](Scene& s) { s.run(); }},
    {"first_run_of_another", [](Scene& s) { s.run(); }, [](Scene& s) { s.run(1); }},
    {"hit_with_changed_state",
     [](Scene& s) {
       know_more(s);
       s.session().set("n", 1);
     },
     [](Scene& s) { s.run(); }},
    {"miss_with_changed_state",
     [](Scene& s) {
       know_more(s);
       s.session().set("n", 7);
       s.session().set("more of it", true);
     },
     [](Scene& s) { s.run(); }},
    {"plain_call", nothing,
     [](Scene& s) { s.engine().run([&](ms::Run& run) { (*s.program().load)(run, "plain"); }); }},
    {"eviction",
     [](Scene& s) {
       know_more(s);
       s.engine().set_limits({.max_bytes = s.engine().totals().charged + 100, .max_entries = 4});
       s.session().set("n", 8);
     },
     [](Scene& s) { s.run(); }},
    {"run_after_expiry",
     [](Scene& s) {
       know_more(s);
       s.world().clock.advance(std::chrono::hours(2));
     },
     [](Scene& s) { s.run(); }},
    {"caching_off",
     [](Scene& s) {
       warm(s);
       s.engine().set_caching(ms::Caching::off);
     },
     [](Scene& s) {
       struct On {
         ms::Engine& engine;
         ~On() { engine.set_caching(ms::Caching::on); }
       } const on{s.engine()};
       s.run();
     }},
    {"clear", know_more, [](Scene& s) { s.engine().clear(); }},
    {"clear_kind", know_more, [](Scene& s) { s.engine().clear(ms::Kind::resource); }},
    {"clear_function", know_more, [](Scene& s) { s.program().inner->clear(); }},
    {"clear_arguments", know_more, [](Scene& s) { s.program().inner->clear(2); }},
    {"clear_permutation", know_more,
     [](Scene& s) { s.engine().clear_permutation(s.engine().report().permutations.front().id); }},
    {"clear_if", know_more,
     [](Scene& s) {
       s.engine().clear_if([](const ms::PermutationRow& row) { return row.function == "inner"; });
     }},
    {"clear_within", warm,
     [](Scene& s) {
       s.program().outer->clear();
       s.program().meet = [&s] { s.engine().clear(); };
       struct Over {
         Program& program;
         ~Over() { program.meet = nullptr; }
       } const over{s.program()};
       s.engine().run([&](ms::Run& run) { (*s.program().inner)(run, 9); });
     }},
    {"set", warm, [](Scene& s) { s.session().set("area", "another text that needs memory"); }},
    {"set_and_run", warm,
     [](Scene& s) {
       s.session().set("area", "another text that needs memory");
       s.session().set("n", 9);
       s.run();
     }},
    {"run_after_set",
     [](Scene& s) {
       warm(s);
       s.session().set("area", "another text that needs memory");
       s.session().set("the name", "a third name that needs memory");
       s.session().click("submit");
     },
     [](Scene& s) { s.run(); }},
    {"click_and_run", warm,
     [](Scene& s) {
       s.session().click("go");
       s.run();
     }},
    {"preset_and_run", nothing,
     [](Scene& s) {
       s.session().preset("area", "a preset text that needs memory");
       s.session().preset("n", 77);  // does not fit
       s.run();
     }},
    {"upload_and_run", warm,
     [](Scene& s) {
       s.session().upload("file", ms::Media{"a file.csv", "text/csv", kLong});
       s.run();
     }},
    {"state_and_query", warm,
     [](Scene& s) {
       s.session().set_state("entry", 5);
       s.session().set_state("a name that needs memory", std::string("and a text that does"));
       s.session().set_query("q", "another question");
       s.run();
     }},
    {"save", know_more, [](Scene& s) { s.session().save(); }, Effect::none},
    {"restore", know_more, [](Scene& s) { s.session(1).restore(s.session().save()); }},
    {"restore_and_run", know_more,
     [](Scene& s) {
       s.session(1).restore(s.session().save());
       s.run(1);
     }},
    {"values", know_more,
     [](Scene& s) {
       s.session().value("n");
       s.session().widgets();
       s.session().state<std::string>("the name");
     },
     Effect::none},
    {"report", know_more, [](Scene& s) { ms::to_text(s.engine().report()); }, Effect::none},
    {"totals", know_more, [](Scene& s) { s.engine().totals(); }, Effect::none},
    {"advise", know_more, [](Scene& s) { s.engine().advise(); }, Effect::none},
    {"check", know_more, [](Scene& s) { s.engine().check(); }, Effect::none},
    {"session", know_more,
     [](Scene& s) {
       ms::Session another(s.engine());
       another.run(s.world().script);
       another.run(s.world().script);
     }},
    {"end_of_a_session", know_more, [](Scene& s) { s.world().sessions.erase(0); }},
    {"register", warm,
     [](Scene& s) {
       s.engine().cache_data("one more", [](int n) { return n; });
       s.engine().remove("one more");
     }},
    {"register_and_call", warm,
     [](Scene& s) {
       struct Over {
         ms::Engine& engine;
         ~Over() {
           new_state.fails_at = 0;
           for (const ms::FunctionRow& row : engine.report().functions) {
             if (row.name != "one more") continue;
             engine.remove("one more");
             break;
           }
         }
       } const over{s.engine()};
       const auto f = s.engine().cache_resource("one more", [](int n) { return n; });
       s.engine().run([&](ms::Run& run) { f(run, 1); });
       s.engine().cache_resource("one more", [](int n) { return n; }, {.version = "2"});
     }},
    {"limits_of_bytes", know_more,
     [](Scene& s) { s.engine().set_limits({.max_bytes = s.engine().totals().charged / 2}); }},
    {"limits_of_entries", know_more, [](Scene& s) { s.engine().set_limits({.max_entries = 2}); }},
    {"limits_of_time", know_more,
     [](Scene& s) { s.engine().set_limits({.ttl = std::chrono::minutes(5)}); }},
    {"limits_of_a_function", know_more,
     [](Scene& s) {
       s.program().load->set_limits({.max_entries = 1, .ttl = std::chrono::hours(5)});
       s.program().load->set_limits({});
     }},
    {"sweep",
     [](Scene& s) {
       know_more(s);
       s.world().clock.advance(std::chrono::hours(2));
     },
     [](Scene& s) { s.engine().sweep(); }},
    {"fragment", warm,
     [](Scene& s) {
       s.session().set("in a fragment", true);
       const ms::Page page = s.session().run_fragment("fragment");
       if (page.error() != nullptr) std::rethrow_exception(page.error());
     }},
    {"watched_run",
     [](Scene& s) { s.session().watch([](const ms::Page& page) { const ms::Page copy = page; }); },
     [](Scene& s) {
       struct Over {
         ms::Session& session;
         ~Over() { session.watch(nullptr); }
       } const over{s.session()};
       s.run();
     }},
    {"errors", warm,
     [](Scene& s) {
       try {
         s.session().set("no such widget", 1);
       } catch (const ms::InvalidValueError&) {
       }
       s.engine().run([&](ms::Run& run) {
         try {
           s.program().inner->clear();
           (*s.program().inner)(run, 1);
           (*s.program().inner)(run, 1);  // its widgets are on the page already
         } catch (const ms::DuplicateWidgetError&) {
         }
       });
     }},
};

INSTANTIATE_TEST_SUITE_P(Every, Faults, ::testing::ValuesIn(kOperations),
                         [](const auto& info) { return std::string(info.param.name); });

// --- two threads ---

void await_follower(ms::Engine& engine, const std::atomic<bool>& gave_up) {
  ms::detail::EngineCore& core = *ms::detail::core_of(engine);
  while (!gave_up) {
    if (core.flights.is_any_followed()) return;
    std::this_thread::yield();
  }
}

// Gives whether an allocation failed, in the thread that is armed.
bool lead_and_follow(std::uint64_t nth, bool leader_is_armed) {
  bool failed = false;
  {
    Scene scene;
    for (int i = 0; i < 2; ++i) scene.session(i);
    std::atomic<bool> leads{false};
    std::atomic<bool> gave_up{false};
    const std::thread::id leader = std::this_thread::get_id();
    scene.program().meet = [&] {
      if (std::this_thread::get_id() != leader || leads.exchange(true)) return;
      const std::uint64_t fails_at = std::exchange(new_state.fails_at, 0);
      await_follower(scene.engine(), gave_up);
      new_state.fails_at = fails_at;
    };
    const auto script = [&](ms::Run& run) { (*scene.program().inner)(run, 1); };
    const auto call = [&](int user, bool armed) {
      std::optional<Armed> fault;
      if (armed) fault.emplace(nth);
      try {
        scene.session(user).run(script);
      } catch (const std::bad_alloc&) {
      }
      if (armed) failed = Armed::failed();
    };
    std::thread follower([&] {
      while (!leads && !gave_up) std::this_thread::yield();
      call(1, !leader_is_armed);
      gave_up = true;
    });
    call(0, leader_is_armed);
    gave_up = true;
    follower.join();
    scene.program().meet = nullptr;
    scene.compare();
  }
  EXPECT_EQ(ledger.made, ledger.released);
  EXPECT_EQ(ledger.alive, 0);
  return failed;
}

TEST(Faults, OfALeader) {
  for (std::uint64_t nth = 1; lead_and_follow(nth, true) && !HasFailure(); ++nth) {
  }
}

TEST(Faults, OfAFollower) {
  for (std::uint64_t nth = 1; lead_and_follow(nth, false) && !HasFailure(); ++nth) {
  }
}

}  // namespace
}  // namespace memoscape::testing

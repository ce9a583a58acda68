// What every engine test needs: an engine on a manual clock with its sessions, logs of what
// happened, and the twin that runs a script cached and with caching off (rule P1).
//
// A World checks the engine's invariants and the report's identities when it ends; so does a Twin.
//
//   Twin twin([](World& w) {
//     auto f = w.engine.cache_data("f", [&w](ms::Run& run) {
//       const int n = ms::slider(run, "n", 0, 10, 5);
//       w.log.add("f", n);
//       return n * 2;
//     }, {.allow_widgets = true});
//     return [=, &w](ms::Run& run) { w.show(run, *f(run)); };
//   });
//   twin.run(0);
//   EXPECT_EQ(twin.run(1), "slider n=5, markdown 10");
//   EXPECT_EQ(twin.log(), Lines("f 5"));
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "memoscape/memoscape.hpp"

namespace memoscape::testing {

namespace ms = memoscape;

// What a log is compared with; Lines() is the empty one.
struct Lines {
  std::vector<std::string> all;

  Lines() = default;
  template <class... T>
  explicit Lines(const char* first, const T&... rest) : all{first, rest...} {}
  bool operator==(const Lines&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Lines& lines) {
    for (const std::string& line : lines.all) out << "\n  " << line;
    return out << "\n  (" << lines.all.size() << " lines)";
  }
};

// Lines in the order in which they were added. Thread-safe.
class Log {
 public:
  // One line: the parts as text, a space between them.
  template <class... T>
  void add(const T&... parts) {
    std::ostringstream line;
    const char* separator = "";
    ((line << std::exchange(separator, " ") << parts), ...);
    const std::scoped_lock lock(mutex_);
    lines_.all.push_back(line.str());
  }
  Lines lines() const {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }
  std::size_t size() const { return lines().all.size(); }
  // The lines so far; the log is empty afterwards.
  Lines take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  mutable std::mutex mutex_;
  Lines lines_;
};

inline void summarize(const ms::PageNode& node, std::string& out) {
  if (!out.empty() && out.back() != '{' && !out.ends_with("| ")) out += ", ";
  out += node.kind();
  if (!node.label().empty()) out += " " + std::string(node.label());
  if (node.widget() != nullptr) out += "=" + ms::to_text(node.value());
  if (!node.is_container()) return;
  out += " {";
  for (const ms::PageNode& child : node.children()) summarize(child, out);
  out += "}";
}

// A page in one line: "slider n=5, container {text a} | text in the sidebar".
inline std::string summary(const ms::Page& page) {
  std::string out;
  for (const ms::PageNode& child : page.main().children()) summarize(child, out);
  if (!page.sidebar().children().empty()) out += out.empty() ? "| " : " | ";
  for (const ms::PageNode& child : page.sidebar().children()) summarize(child, out);
  return out;
}

// What of the report's identities does not hold; empty: all do.
inline std::string broken_identities(const ms::Report& report) {
  std::ostringstream wrong;
  const auto same = [&](const std::string& what, std::uint64_t a, std::uint64_t b) {
    if (a != b) wrong << what << ": " << a << " != " << b << "\n";
  };
  const auto lookups = [&](const std::string& what, const ms::Counters& counters) {
    same(what + ": lookups", counters.lookups,
         counters.hits + counters.misses + counters.abandoned);
  };
  std::uint64_t entries = 0, nodes = 0, function_nodes = 0, function_entries = 0, counted = 0;
  std::uint64_t argument_permutations = 0;
  ms::EntryBytes argument_bytes;
  for (const auto& row : report.functions) {
    lookups(row.name, row.counters);
    function_nodes += row.nodes;
    function_entries += row.bytes.total();
    counted += row.permutations;
    const std::uint64_t outcomes = row.counters.stored + row.counters.failed +
                                   row.counters.tainted + row.counters.discarded +
                                   row.counters.oversize;
    same(row.name + ": outcomes of misses", outcomes, row.counters.misses);
  }
  for (const auto& row : report.permutations) entries += row.bytes.total();
  for (const auto& row : report.arguments) {
    nodes += row.nodes;
    argument_permutations += row.permutations;
    argument_bytes += row.bytes;
  }
  const ms::Totals& totals = report.totals;
  lookups("totals", totals.counters);
  same("charged", totals.charged, totals.entries + totals.nodes + totals.shared);
  same("entries of permutations", totals.entries, entries);
  same("entries of functions", totals.entries, function_entries);
  same("entries of arguments", totals.entries, argument_bytes.total());
  same("nodes of arguments", totals.nodes, nodes);
  same("nodes of functions", totals.nodes, function_nodes);
  same("permutations", totals.permutations, report.permutations.size());
  same("permutations of functions", totals.permutations, counted);
  same("permutations of arguments", totals.permutations, argument_permutations);
  return wrong.str();
}

// An engine on a manual clock, or on another one, its sessions, and what happened.
struct World {
  explicit World(ms::EngineOptions options = {})
      : cached(options.caching == ms::Caching::on), engine([&] {
          if (options.clock == nullptr) options.clock = &clock;
          return options;
        }()) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { verify(); }

  void verify() const {
    EXPECT_EQ(engine.check(), "");
    EXPECT_EQ(broken_identities(engine.report()), "");
  }

  // The i-th user; made on first use.
  ms::Session& session(int i = 0) {
    std::unique_ptr<ms::Session>& place = sessions[i];
    if (place == nullptr) place = std::make_unique<ms::Session>(engine);
    return *place;
  }
  // A pass of the script, or of this one; gives the page in one line.
  std::string run(int i = 0) { return run(i, script); }
  std::string run(int i, const std::function<void(ms::Run&)>& one) {
    page = session(i).run(one);
    return summary(page);
  }
  std::string run(const std::function<void(ms::Run&)>& one) { return run(0, one); }
  // A pass of the script for users 0 to n - 1, each on a thread of its own; gives their pages.
  std::vector<ms::Page> run_together(int n) {
    std::vector<ms::Page> pages(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) session(i);
    std::vector<std::thread> threads;
    for (int i = 0; i < n; ++i) {
      threads.emplace_back(
          [&, i] { pages[static_cast<std::size_t>(i)] = sessions.at(i)->run(script); });
    }
    for (std::thread& thread : threads) thread.join();
    return pages;
  }
  // Whose run it is; -1: nobody's. Requires: it is a script's.
  int user(ms::Run& run) const {
    for (const auto& [number, one] : sessions) {
      if (one.get() == &run.session()) return number;
    }
    return -1;
  }

  // Shows a value on the page, and keeps it for comparison, with whose it is.
  template <class T>
  void show(ms::Run& run, const T& value) {
    values.add("user", user(run), value);
    ms::write(run, value);
  }

  ms::FunctionRow function(std::string_view name) const {
    for (const ms::FunctionRow& row : engine.report().functions) {
      if (row.name == name) return row;
    }
    ADD_FAILURE() << "the report has no function " << name;
    return {};
  }
  std::uint64_t entries() const { return engine.report().totals.permutations; }
  std::uint64_t charged() const { return engine.totals().charged; }
  // What one function is charged for: values, recordings, keys and inner nodes.
  std::uint64_t charged(std::string_view name) const {
    const ms::FunctionRow row = function(name);
    return row.bytes.total() + row.nodes;
  }

  const bool cached;  // whether this is the world with caching on
  ms::ManualClock clock;
  ms::Engine engine;
  Log log;     // what executed
  Log values;  // what calls returned
  std::function<void(ms::Run&)> script;
  ms::Page page;  // the last one
  std::map<int, std::unique_ptr<ms::Session>> sessions;
};

// Rule P1: the same program and interactions on two engines, one of them with caching off. After
// each run values, page and error must be equal.
class Twin {
 public:
  // `setup` registers functions with the engine of a world, and gives the script.
  using Setup = std::function<std::function<void(ms::Run&)>(World&)>;
  explicit Twin(const Setup& setup, ms::EngineOptions options = {})
      : cached_(options), plain_([&] {
          options.caching = ms::Caching::off;
          return options;
        }()) {
    each([&](World& world) { world.script = setup(world); });
  }

  // What a user does, and a pass of the script; gives the page in one line.
  std::string run(int session = 0) {
    cached_.run(session);
    return run_plain(session);
  }
  // The second half of `run`, for a test that measures the first: the cached world has run alone.
  std::string run_plain(int session = 0) {
    plain_.run(session);
    compare(cached_.page, plain_.page);
    EXPECT_EQ(cached_.values.take(), plain_.values.take());
    return summary(cached_.page);
  }
  // The same for users 0 to n - 1: at once, each on a thread of its own, and uncached one after the
  // other. Gives their pages.
  std::vector<std::string> run_together(int n) {
    const std::vector<ms::Page> pages = cached_.run_together(n);
    std::vector<std::string> summaries;
    for (int i = 0; i < n; ++i) {
      SCOPED_TRACE(i);
      const ms::Page& page = pages[static_cast<std::size_t>(i)];
      plain_.run(i);
      compare(page, plain_.page);
      summaries.push_back(summary(page));
    }
    Lines values = cached_.values.take();
    // Of one user they are in their order, and users are one after the other.
    const auto user = [](const std::string& line) { return std::stoi(line.substr(5)); };
    std::ranges::stable_sort(values.all, {}, user);
    EXPECT_EQ(values, plain_.values.take());
    return summaries;
  }
  std::string set(std::string_view widget, ms::Value value, int session = 0) {
    each([&](World& world) { world.session(session).set(widget, value); });
    return run(session);
  }
  std::string click(std::string_view button, int session = 0) {
    each([&](World& world) { world.session(session).click(button); });
    return run(session);
  }
  void each(const std::function<void(World&)>& step) {
    step(cached_);
    step(plain_);
  }
  void advance(std::chrono::nanoseconds time) {
    each([&](World& world) { world.clock.advance(time); });
  }

  World& cached() noexcept { return cached_; }
  World& plain() noexcept { return plain_; }
  // What executed in the cached world since the last time.
  Lines log() {
    plain_.log.take();
    return cached_.log.take();
  }
  std::uint64_t entries() const { return cached_.entries(); }

 private:
  void compare(const ms::Page& cached, const ms::Page& plain) const {
    EXPECT_EQ(summary(cached), summary(plain));
    EXPECT_TRUE(cached == plain);
    EXPECT_EQ(ms::to_text(cached), ms::to_text(plain));
    EXPECT_EQ(cached.error_text(), plain.error_text());
    EXPECT_EQ(plain_.entries(), 0U);
  }

  World cached_;
  World plain_;
};

// Options that both kinds have.
struct CommonOptions {
  bool allow_widgets = false;
  ms::Limits limits = {};
  std::string version = {};
  ms::Scope scope = ms::Scope::engine;
};

struct AsData {
  static constexpr ms::Kind kKind = ms::Kind::data;
  template <class F>
  auto operator()(World& world, std::string_view name, F function,
                  const CommonOptions& options = {}) const {
    return world.engine.cache_data(name, std::move(function),
                                   {.allow_widgets = options.allow_widgets,
                                    .limits = options.limits,
                                    .version = options.version,
                                    .scope = options.scope});
  }
};
struct AsResource {
  static constexpr ms::Kind kKind = ms::Kind::resource;
  template <class F>
  auto operator()(World& world, std::string_view name, F function,
                  const CommonOptions& options = {}) const {
    return world.engine.cache_resource(name, std::move(function),
                                       {.allow_widgets = options.allow_widgets,
                                        .limits = options.limits,
                                        .version = options.version,
                                        .scope = options.scope});
  }
};

// A function as an object of a class of its own, and as a member function of that class.
template <class F, class = decltype(&F::operator())>
struct CallableObject;
template <class F, class R, class... Args>
struct CallableObject<F, R (F::*)(Args...) const> {
  std::shared_ptr<const F> function;

  R operator()(Args... args) const { return (*function)(std::forward<Args>(args)...); }
  R call(Args... args) const { return (*function)(std::forward<Args>(args)...); }
  friend void encode(ms::Encoder&, const CallableObject&) {}  // all that a test has are one
};

// A handle to a member function, with its object.
template <class Handle, class Object>
struct BoundHandle {
  Handle handle;
  Object object;

  template <class... Args>
  auto operator()(ms::Run& run, const Args&... args) const {
    return handle(run, object, args...);
  }
  void clear() const { handle.clear(); }
  template <class... Args>
  void clear(const Args&... args) const {
    handle.clear(object, args...);
  }
};

template <class As>
struct AsFunctionObject : As {
  template <class F>
  auto operator()(World& world, std::string_view name, F function,
                  const CommonOptions& options = {}) const {
    using Object = CallableObject<F>;
    return As::operator()(world, name, Object{std::make_shared<const F>(std::move(function))},
                          options);
  }
};
template <class As>
struct AsMemberFunction : As {
  template <class F>
  auto operator()(World& world, std::string_view name, F function,
                  const CommonOptions& options = {}) const {
    using Object = CallableObject<F>;
    auto handle = As::operator()(world, name, &Object::call, options);
    return BoundHandle<decltype(handle), Object>{std::move(handle),
                                                 {std::make_shared<const F>(std::move(function))}};
  }
};

// Runs a test once for each kind; `body` registers with cache(world, name, function, options).
template <class Body>
void both_kinds(const Body& body) {
  {
    SCOPED_TRACE("data");
    body(AsData{});
  }
  SCOPED_TRACE("resource");
  body(AsResource{});
}

// The same for each kind, and once for member functions and once for function objects.
template <class Body>
void each_way(const Body& body) {
  both_kinds(body);
  {
    SCOPED_TRACE("member function");
    body(AsMemberFunction<AsData>{});
  }
  SCOPED_TRACE("function object");
  body(AsFunctionObject<AsResource>{});
}

// The message of the E that `action` must throw.
template <class E, class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another error: " << error.what();
    return {};
  }
  ADD_FAILURE() << "no error";
  return {};
}

// Whether a page ended by an E.
template <class E>
bool ended_by(const ms::Page& page) {
  if (page.error() == nullptr) return false;
  try {
    std::rethrow_exception(page.error());
  } catch (const E&) {
    return true;
  } catch (...) {
    return false;
  }
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
// Whether a message names something, in either kind of quotes.
inline bool names(std::string_view text, const std::string& name) {
  return contains(text, "'" + name + "'") || contains(text, '"' + name + '"');
}

}  // namespace memoscape::testing

// Writes include/ERRORS.md: every exception of the library, when it is thrown, what it says, and
// the cure. What it says comes from throwing it: a row whose error is not thrown fails.
//
// Usage: errors_page > include/ERRORS.md
#include <chrono>
#include <cstdio>
#include <exception>
#include <initializer_list>
#include <optional>
#include <string>
#include <typeinfo>
#include <vector>

#include "memoscape/memoscape.hpp"

namespace ms = memoscape;
using namespace std::chrono_literals;

namespace {

int failures = 0;

// What the error of exactly type E says that `misuse` throws.
template <class E, class Misuse>
std::string message_of(const Misuse& misuse) {
  std::string other = "nothing was thrown";
  try {
    misuse();
  } catch (const std::exception& error) {
    if (typeid(error) == typeid(E)) return error.what();
    other = error.what();
  }
  std::fprintf(stderr, "not %s: %s\n", typeid(E).name(), other.c_str());
  ++failures;
  return other;
}

// The same for a script: what it throws is in its page.
template <class E, class Script>
std::string in_script(const Script& script) {
  ms::Engine engine;
  ms::Session session(engine);
  const ms::Page page = session.run([&](ms::Run& run) { script(engine, run); });
  return message_of<E>([&] {
    if (page.error() != nullptr) std::rethrow_exception(page.error());
  });
}

// The same for the body of a cached function.
template <class E, class Body>
std::string in_function(const Body& body,
                        const ms::DataOptions& options = {.allow_widgets = true}) {
  return in_script<E>([&](ms::Engine& engine, ms::Run& script) {
    const auto function = [&](ms::Run& run) {
      body(run);
      return 0;
    };
    engine.cache_data("rain", function, options)(script);
  });
}

std::string cached_widget() {
  return in_function<ms::CachedWidgetError>([](ms::Run& run) { ms::slider(run, "Days", 1, 30, 7); },
                                            {});
}

std::string unsupported_widget() {
  return in_function<ms::UnsupportedWidgetError>(
      [](ms::Run& run) { ms::file_uploader(run, "Measurements"); });
}

std::string duplicate_widget() {
  return in_script<ms::DuplicateWidgetError>([](ms::Engine&, ms::Run& run) {
    ms::checkbox(run, "Only with rain");
    ms::checkbox(run, "Only with rain");
  });
}

std::string replay_closure() {
  return in_script<ms::ReplayClosureError>([](ms::Engine& engine, ms::Run& script) {
    const ms::Place box = ms::container(script);
    const auto function = [box](ms::Run&) {
      ms::text(box, "7 mm");
      return 7;
    };
    engine.cache_data("rain", function)(script);
  });
}

std::string cached_effect() {
  return in_function<ms::CachedEffectError>([](ms::Run& run) { run.set_state("last", 7); });
}

std::string scope() {
  return in_script<ms::ScopeError>([](ms::Engine& engine, ms::Run& script) {
    auto mine =
        engine.cache_data("my_stations", [](ms::Run&) { return 7; }, {.scope = ms::Scope::session});
    engine.cache_data("rain", [mine](ms::Run& run) { return *mine(run); })(script);
  });
}

std::string recursive_call() {
  return in_script<ms::RecursiveCallError>([](ms::Engine& engine, ms::Run& script) {
    using Rain = ms::Cached<const int, int>;
    Rain* self = nullptr;
    Rain rain = engine.cache_data(
        "rain", [&self](ms::Run& run, int year) { return *(*self)(run, year) + 1; });
    self = &rain;
    rain(script, 2012);
  });
}

std::string stale_function() {
  return in_script<ms::StaleFunctionError>([](ms::Engine& engine, ms::Run& script) {
    auto rain = engine.cache_data("rain", [](int days) { return days; });
    engine.remove("rain");
    rain(script, 7);
  });
}

// What setting a widget of a page with a slider and two buttons of one label says.
std::string invalid_value(const char* name, const ms::Value& value) {
  ms::Engine engine;
  ms::Session session(engine);
  session.run([](ms::Run& run) {
    ms::slider(run, "Days", 1, 30, 7);
    ms::checkbox(run, "Go", {.key = "first"});
    ms::checkbox(run, "Go", {.key = "second"});
  });
  return message_of<ms::InvalidValueError>([&] { session.set(name, value); });
}

std::string session_busy() {
  ms::Engine engine;
  ms::Session session(engine);
  return message_of<ms::SessionBusyError>([&] {
    const ms::Page page = session.run([&](ms::Run&) { session.run([](ms::Run&) {}); });
    if (page.error() != nullptr) std::rethrow_exception(page.error());
  });
}

std::string taken_name() {
  ms::Engine engine;
  const auto one = [] { return 1; };
  engine.cache_data("rain", one);
  return message_of<ms::UsageError>([&] { engine.cache_data("rain", one); });
}

std::string negative_ttl() {
  return message_of<ms::UsageError>([] { ms::Engine({.limits = {.ttl = -1s}}); });
}

std::string captured_run() {
  return in_script<ms::UsageError>([](ms::Engine& engine, ms::Run& script) {
    auto inner = engine.cache_data("read", [](int days) { return days; });
    const auto function = [&script, inner](ms::Run&) { return *inner(script, 7); };
    engine.cache_data("rain", function)(script);
  });
}

std::string ended_run() {
  ms::Engine engine;
  std::optional<ms::Place> kept;
  engine.run([&](ms::Run& run) { kept = ms::container(run); });
  return message_of<ms::UsageError>([&] { ms::text(*kept, "7 mm"); });
}

std::string foreign_container() {
  ms::Engine engine;
  std::string message;
  engine.run([&](ms::Run& other) {
    const ms::Place box = ms::container(other);
    message = in_script<ms::UsageError>(
        [&](ms::Engine&, ms::Run& run) { run.within(box, [&] { ms::text(run, "7 mm"); }); });
  });
  return message;
}

std::string no_name() {
  return in_script<ms::UsageError>([](ms::Engine&, ms::Run& run) { run.set_state("", 7); });
}

std::string bad_default() {
  return in_script<ms::UsageError>(
      [](ms::Engine&, ms::Run& run) { ms::slider(run, "Days", 1, 30, 70); });
}

std::string no_options() {
  return in_script<ms::UsageError>(
      [](ms::Engine&, ms::Run& run) { ms::selectbox(run, "Month", std::vector<std::string>()); });
}

std::string nested_form() {
  return in_script<ms::UsageError>(
      [](ms::Engine&, ms::Run& run) { ms::form(ms::form(run, "order"), "address"); });
}

std::string widget_state() {
  return in_script<ms::UsageError>([](ms::Engine&, ms::Run& run) {
    ms::slider(run, "Days", 1, 30, 7, {.key = "days"});
    run.set_state("days", 8);
  });
}

void add_row(std::string& out, std::initializer_list<std::string> cells) {
  for (const std::string& cell : cells) out += "| " + cell + ' ';
  out += "|\n";
}

// A message in a cell of a table.
std::string cell(const std::string& message) {
  std::string out;
  for (const char c : message) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string page() {
  std::string out =
      "# Errors\n"
      "\n"
      "Every exception that memoscape throws, made by throwing it (`tests/errors_page.cpp`; a "
      "test\n"
      "says when this page is out of date). All are derived from `memoscape::Error`, which is a\n"
      "`std::runtime_error`, and all mean that the library is used in a way that cannot work: "
      "they\n"
      "say which function, which widget, and what to do. Limits never throw: they evict or skip, "
      "and\n"
      "the report counts it.\n"
      "\n"
      "An exception that leaves a script ends its run. `Session::run` returns the page so far, "
      "with\n"
      "the exception as an element on it and in `page.error()`. An execution in which the library\n"
      "threw is never kept, even if the function caught the exception.\n"
      "\n";
  add_row(out, {"error", "when", "for example", "cure"});
  add_row(out, {"---", "---", "---", "---"});
  const auto add = [&](const char* type, const char* when, const std::string& message,
                       const char* cure) {
    add_row(out, {'`' + std::string(type) + '`', when, cell(message), cure});
  };
  add("CachedWidgetError",
      "a widget is created in a cached function, or in one nested in it, that was registered "
      "without `allow_widgets`; on a hit as on a miss",
      cached_widget(), "register it with `{.allow_widgets = true}`, or create the widget outside");
  add("UnsupportedWidgetError",
      "`file_uploader`, `camera_input` or `audio_input`, or the state of one, in a cached function",
      unsupported_widget(), "create it outside, and pass the bytes, or a digest of them");
  add("DuplicateWidgetError",
      "two widgets of a run have one identity: one key, or one kind, label and definition",
      duplicate_widget(), "give each a key of its own: `{.key = \"...\"}`");
  add("ReplayClosureError",
      "a cached function writes to a part of the page, the sidebar excepted, that it did not make; "
      "or its own handle is used after it has returned",
      replay_closure(), "make the container inside the function, or write after the call");
  add("CachedEffectError",
      "a cached function writes session state or query parameters, or asks for its session",
      cached_effect(), "return the value, and write it after the call");
  add("ScopeError", "a function whose entries all sessions share calls one of `Scope::session`",
      scope(), "make the outer one `Scope::session`, too, or the inner one `Scope::engine`");
  add("RecursiveCallError",
      "a call reaches itself with the same key, or a validator calls its own "
      "function",
      recursive_call(), "call with other arguments, or do not cache the recursion");
  add("StaleFunctionError",
      "a call by the handle of a function that was removed, or registered again with another "
      "version, or whose engine has ended",
      stale_function(), "use the handle that the last registration gave");
  add("InvalidValueError", "a value from outside does not fit its widget; nothing has changed",
      invalid_value("Days", 70), "set what the widget can hold");
  add("InvalidValueError", "no widget of that name is on the page", invalid_value("Weeks", 7),
      "check the name, or use `preset` for a widget that is to come");
  add("InvalidValueError", "several widgets have that label", invalid_value("Go", true),
      "name the widget by its key");
  add("SessionBusyError", "a second run of a session begins before the first has ended",
      session_busy(), "wait, or `stop()` the first; one session per user");
  add("UsageError", "a name is registered again with the same version", taken_name(),
      "another name or version, or `remove` it first");
  add("UsageError", "a negative time to live", negative_ttl(), "0 is no limit");
  add("UsageError", "a cached function uses a run that is not its own", captured_run(),
      "use the `Run&` that the function is given");
  add("UsageError", "a handle to a part of the page is used after its run", ended_run(),
      "make it in the run that uses it");
  add("UsageError", "`Run::within` is given a place of another run", foreign_container(),
      "make it in the run that uses it");
  add("UsageError",
      "a function, a variable of a session, a widget, a form or a fragment has no name", no_name(),
      "give it one");
  add("UsageError", "what a widget or an element is made of does not fit together", bad_default(),
      "as the message says");
  add("UsageError", "a choice without options", no_options(), "pass at least one");
  add("UsageError", "a form in a form", nested_form(), "put them side by side");
  add("UsageError", "a script writes the state of a widget which it has created already",
      widget_state(), "write it before the widget is created, or in a callback");
  out +=
      "\n"
      "## What is not an error\n"
      "\n"
      "`RunStopped` and `RunRestarted` leave a script that was stopped or asked to start again. "
      "They\n"
      "are no `std::exception`, so that `catch (const std::exception&)` lets them pass.\n"
      "\n"
      "What a cached function itself throws reaches its caller, and those who waited for the same\n"
      "execution; it is not kept, and the next call executes again. What `validate` throws "
      "reaches\n"
      "the caller, and the entry stays. What `on_release` throws is counted in the report.\n"
      "\n"
      "What can be seen when a program is compiled is a compile error that names the cure: a type\n"
      "that cannot be encoded or measured, a callback that captures, a generic or `mutable` "
      "lambda,\n"
      "a `Run&` that is not the first parameter, a reference parameter that is not const, a "
      "function\n"
      "that returns nothing, `Ref` or `Run` as an argument. `tests/compile_fail/` has each of "
      "them.\n";
  return out;
}

}  // namespace

int main() {
  const std::string text = page();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && failures == 0 ? 0 : 1;
}

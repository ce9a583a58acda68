// Session: one user's state (widget values, session state, query parameters), and the door to runs.
//
// An application makes one per user, calls `run` for each pass of its script, and tells it in
// between what the user did. Values are checked against the widgets when they are set.
//
// Thread-safety: `set`, `click`, `preset`, `upload`, `set_state`, `set_query` and `stop` may be
// called from any thread at any time: they apply to the next run. One run at a time.
//
//   ms::Session alice(engine);
//   ms::Page page = alice.run(script);
//   alice.set("Delayed by at least", 60);
//   page = alice.run(script);
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "memoscape/detail/function_ref.hpp"
#include "memoscape/page.hpp"
#include "memoscape/value.hpp"

namespace memoscape::inline v0 {

class Engine;
class Place;
class Run;

using Script = detail::FunctionRef<void(Run&)>;

class MEMOSCAPE_API Session {
 public:
  explicit Session(Engine& engine);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  // Releases what session-scoped functions keep for this session. Requires: no run is under way.
  ~Session();

  // Runs the script over a snapshot of the session's values and gives the page: whole, or as far
  // as it came, with the exception as an element and in `page.error()`.
  // Throws: SessionBusyError while a run of this session is under way.
  Page run(Script script);
  Page run(Script script, std::stop_token token);
  // Runs a fragment of the last page (see fragment.hpp) and gives the whole page, which is
  // otherwise as it was. All else is as in a run of the script; Run::rerun starts the fragment
  // again. Throws: InvalidValueError for a fragment that is not there; SessionBusyError.
  Page run_fragment(std::string_view name);
  // Ends the run under way, if any, at its next state read or element; wakes it when it waits.
  void stop() noexcept;
  // Calls `watcher` on the thread of the run whenever a cached function begins or ends to execute,
  // with the page so far: what executes has a spinner in its place. Null: nobody watches. Not while
  // a run is under way. What it throws ends the run.
  void watch(std::function<void(const Page&)> watcher);

  // What a user does; applies to the next run. A widget is named by its key or, when that is
  // unambiguous, by its label. A value inside a form waits for the form's submit button.
  // Throws: InvalidValueError (unknown or ambiguous name, wrong type, out of bounds, unknown
  // option, oversized text, bad UTF-8); then nothing has changed.
  void set(std::string_view widget, Value value);
  void click(std::string_view button);
  void upload(std::string_view widget, Media file);
  // The same for front ends, which name the widget itself: it need not have a name of its own.
  void set(const StateRead& widget, Value value);
  void click(const StateRead& button);
  // Like `set`, for a widget that may not have been on a page yet: the value waits for it. If it
  // then does not fit, the default is used, and that is counted.
  void preset(std::string_view widget, Value value);

  // The values of the widgets on the last page, with what was set since, and those restored that
  // still wait, as JSON. Left out are buttons, uploads, passwords, and widgets whose key, or label
  // for want of a key, is not theirs alone.
  std::string save() const;
  // Presets what `save` gave: each value waits for its widget, and is checked when it appears.
  // Throws: InvalidValueError, with the place, for text that is not of that form, nested too
  // deeply, or longer than 4 MiB; then nothing has changed.
  void restore(std::string_view saved);

  // Session state and query parameters, as Run::state and Run::query see them. Text is kept, and
  // given back, as a std::string, whatever it came as.
  // Throws: UsageError for an empty name; InvalidValueError for a query that is not UTF-8.
  template <class T>
  void set_state(std::string_view name, T value) {
    write_state(name, ValueOf<std::decay_t<T>>::to(std::move(value)));
  }
  template <class T>
  requires(!BorrowedText<T>) T state(std::string_view name, T fallback = {})
  const { return ValueOf<T>::from(state_value(name)).value_or(std::move(fallback)); }
  std::string state(std::string_view name, std::string_view fallback) const {
    return state<std::string>(name, std::string(fallback));
  }
  void set_query(std::string_view name, std::string_view value);

  // The widgets of the last page, in no particular order, and the value one has now.
  std::vector<StateReadPtr> widgets() const;
  Value value(std::string_view widget) const;  // Throws: InvalidValueError as `set`

  // Preset values that did not fit their widget.
  std::uint64_t rejected_values() const noexcept;

  Engine& engine() const noexcept;

 private:
  friend MEMOSCAPE_API void fragment(const Place& place, std::string_view name,
                                     const std::function<void(Run&)>& body);
  void make_fragment(const Place& place, std::string_view name,
                     const std::function<void(Run&)>& body);
  void write_state(std::string_view name, Value value);
  Value state_value(std::string_view name) const;

  class MEMOSCAPE_PRIVATE Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace memoscape::inline v0

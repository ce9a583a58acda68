// Run: one pass of an application's script for one session; the context of every call.
// Place: where on the page something goes, for the functions that make elements and widgets.
//
// A Run is handed to the script, and another one to each cached function that executes; each is
// valid until its script or function returns and is used by one thread at a time (child threads
// compute, the caller reads and emits). It is never copied, stored or captured.
//
// Thread-safety: one thread at a time (checked in debug builds).
//
//   ms::Page page = alice.run([&](ms::Run& run) {
//     ms::title(run, "Flights");
//     ms::Place left = ms::columns(run, 2)[0];
//     ms::text(left, ms::format("Hello {}", run.state<std::string>("name", "you")));
//   });
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "memoscape/detail/function_ref.hpp"
#include "memoscape/page.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0 {

class Place;

namespace detail {
struct RunCore;
struct Frame;
struct Block;
class Draft;
const Value& make_widget(const Place& place, Draft&& draft);
}  // namespace detail

class MEMOSCAPE_API Run {
 public:
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // A session-state entry: its value, or `fallback` when there is none of that type. Inside a
  // cached function it is a state read, and so part of the key.
  // Throws: UnsupportedWidgetError for the value of an upload inside a cached function.
  template <class T>
  requires(!BorrowedText<T>) T state(std::string_view name, T fallback = {}) {
    const Value& value = read_state(name, ValueOf<T>::to(fallback));
    return ValueOf<T>::from(value).value_or(std::move(fallback));
  }
  std::string state(std::string_view name, std::string_view fallback) {
    return state<std::string>(name, std::string(fallback));
  }
  // Writes a session-state entry; later reads of this run see it.
  // Throws: CachedEffectError inside a cached function; UsageError for a widget that this run has
  // created already.
  template <class T>
  void set_state(std::string_view name, T value) {
    write_state(name, ValueOf<std::decay_t<T>>::to(std::move(value)));
  }

  // A query parameter of the address the session was opened with; a state read, too.
  std::optional<std::string> query(std::string_view name);
  void set_query(std::string_view name, std::string_view value);

  // Ends the script here: the page so far is the page, nothing of the session's state is dropped.
  [[noreturn]] void stop();
  // Ends the script here and starts it again from the top.
  [[noreturn]] void rerun();
  // Whether somebody asked this run to stop (Session::stop). Inside a cached function too: what it
  // answers changes nothing that is stored, as a stopped execution never is.
  bool stop_requested() const noexcept;

  // The memory of what this cached function returns, counted as it is allocated (arena.hpp); its
  // threads may use it, too. In a script: the default resource.
  std::pmr::memory_resource& arena();

  // Shows the page so far to whoever watches the session (Session::watch). What the watcher throws
  // ends the run.
  void show();

  // The session of this run. Throws: CachedEffectError inside a cached function.
  Session& session();

  // Everything that `body` puts on the page through the run goes to `place`.
  // Throws: UsageError for a place of another run.
  void within(const class Place& place, detail::FunctionRef<void()> body);

  // For widget authors: reads a state variable that is not a widget.
  const StateValue& read(const StateReadPtr& read);

 private:
  friend class Place;
  friend struct detail::RunCore;
  friend struct detail::Frame;
  Run() = default;

  const Value& read_state(std::string_view name, Value fallback);
  void write_state(std::string_view name, Value value);

  detail::RunCore* core_ = nullptr;
  std::uint64_t frame_ = 0;  // id of the frame this run belongs to; 0: ended
};

// An element on the page that may still be replaced by the one who made it.
class MEMOSCAPE_API Slot {
 public:
  // Replaces the element. A recording keeps the final state.
  // Throws: ReplayClosureError in a cached function that did not make it, and after the function
  // that made it has returned; UsageError after its run.
  void replace(Element element) const;
  // Removes it from the page; the place stays, and can be filled again.
  void clear() const;

 private:
  friend class Place;
  std::shared_ptr<detail::RunCore> core_;
  std::uint64_t frame_ = 0;
  detail::Block* block_ = nullptr;
  std::size_t index_ = 0;
};

// A run, or a container on its page. Every function that makes something takes one; a Run converts.
class MEMOSCAPE_API Place {
 public:
  Place(Run& run);

  Run& run() const;  // of the function that made this place; throws as `emit` does

  // Appends an element; appends a container and gives the place inside it.
  // Throws: ReplayClosureError inside a cached function that did not make this place (the sidebar
  // excepted); RunStopped; UsageError after the run.
  Slot emit(Element element) const;
  Place open(Element heading) const;
  // The same as `open`, for a container whose widgets wait for its submit button.
  // Throws: UsageError inside another form, DuplicateWidgetError for a key that is taken.
  Place open_form(Element heading, std::string key) const;

  // The one primitive under every widget: checks, registers and shows it, and gives its value.
  // The result lives until the run writes state, or ends.
  // Throws: CachedWidgetError, UnsupportedWidgetError, DuplicateWidgetError, UsageError for a
  // default that does not fit, and as `emit` does.
  const StateValue& widget(Definition definition) const;

  Place sidebar() const;
  // Key of the form this place is in; empty: none.
  const std::string& form() const noexcept;

 private:
  friend class Run;
  friend const Value& detail::make_widget(const Place& place, detail::Draft&& draft);
  Place() = default;
  template <class Made>
  const StateValue& make(Made& made) const;  // of a Definition, or a Draft
  const StateValue& show(detail::Frame& frame, const StateReadPtr& read) const;
  std::shared_ptr<detail::RunCore> core_;
  std::uint64_t frame_ = 0;
  detail::Block* block_ = nullptr;  // null: the sidebar, of whichever function writes
};

// Everything that `body` puts on the page through the run of `place` goes to `place`.
template <class F>
void within(const Place& place, F&& body) {
  place.run().within(place, body);
}

}  // namespace memoscape::inline v0

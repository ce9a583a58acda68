// Every error that memoscape throws. Each message names the function, the widget's label, what
// happened and how to mend it. Limits never throw: they evict or skip, and count it.
//
// Thread-safety: immutable values.
//
//   try { page_total(run); }
//   catch (const memoscape::CachedWidgetError& error) { log(error.what()); }
#pragma once

#include <stdexcept>
#include <string>

#include "memoscape/config.hpp"

namespace memoscape::inline v0 {

// The base of all errors of this library.
class MEMOSCAPE_API Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  ~Error() override;
};

// The library was used in a way that can be seen to be wrong: an empty or taken name, a negative
// ttl, a run after its end, a run captured from outside the cached function.
class MEMOSCAPE_API UsageError : public Error {
 public:
  using Error::Error;
  ~UsageError() override;
};

// A widget inside a cached function that was registered without `allow_widgets`.
class MEMOSCAPE_API CachedWidgetError : public Error {
 public:
  using Error::Error;
  ~CachedWidgetError() override;
};

// file_uploader, camera_input or audio_input (or their value) inside a cached function.
class MEMOSCAPE_API UnsupportedWidgetError : public Error {
 public:
  using Error::Error;
  ~UnsupportedWidgetError() override;
};

// Two widgets with one identity in one run. The cure is a key.
class MEMOSCAPE_API DuplicateWidgetError : public Error {
 public:
  using Error::Error;
  ~DuplicateWidgetError() override;
};

// A cached function wrote to, or updated, something on the page that it did not make itself.
class MEMOSCAPE_API ReplayClosureError : public Error {
 public:
  using Error::Error;
  ~ReplayClosureError() override;
};

// A cached function did something that a replay could not repeat, like writing session state.
class MEMOSCAPE_API CachedEffectError : public Error {
 public:
  using Error::Error;
  ~CachedEffectError() override;
};

// A function whose entries all sessions share called one whose entries belong to a session.
class MEMOSCAPE_API ScopeError : public Error {
 public:
  using Error::Error;
  ~ScopeError() override;
};

// A call reached itself with the same key.
class MEMOSCAPE_API RecursiveCallError : public Error {
 public:
  using Error::Error;
  ~RecursiveCallError() override;
};

// The handle is of a function that was removed, or registered again with another version.
class MEMOSCAPE_API StaleFunctionError : public Error {
 public:
  using Error::Error;
  ~StaleFunctionError() override;
};

// A value from outside (browser, test, saved session) does not fit its widget, names no widget, or
// names more than one. Nothing was changed.
class MEMOSCAPE_API InvalidValueError : public Error {
 public:
  using Error::Error;
  ~InvalidValueError() override;
};

// A second run of a session whose first run has not ended.
class MEMOSCAPE_API SessionBusyError : public Error {
 public:
  using Error::Error;
  ~SessionBusyError() override;
};

// Leaves a script: thrown by Run::stop() and, after Session::stop(), at the next state read or
// element. Not an std::exception, so that `catch (const std::exception&)` in a script lets it pass.
struct RunStopped {};

// Leaves a script that asked to start again from the top (Run::rerun()).
struct RunRestarted {};

}  // namespace memoscape::inline v0

// Status elements: coloured messages, progress, and places to fill later.
//
// A Progress or a Placeholder may be updated by the function that made it, while it runs: inside a
// cached function it closes when the function returns, and the recording keeps the final state.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   ms::Progress progress = ms::progress(run, 0, "Loading");
//   for (int i = 1; i <= 10; ++i) progress.update(i / 10.0, "Loading");
//   ms::Placeholder answer = ms::empty(run);
//   answer.text("42");
//   Table table = ms::spinner(run, "Loading", [&] { return load(path); });
#pragma once

#include <concepts>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "memoscape/detail/function_ref.hpp"
#include "memoscape/run.hpp"

namespace memoscape::inline v0 {

struct ToastOptions {
  std::string icon = {};  // an emoji
};

// A message that something went well.
MEMOSCAPE_API void success(const Place& place, std::string_view text);
// A message that something failed.
MEMOSCAPE_API void error(const Place& place, std::string_view text);
// A message that asks for attention.
MEMOSCAPE_API void warning(const Place& place, std::string_view text);
// A message of interest.
MEMOSCAPE_API void info(const Place& place, std::string_view text);

// A short note that goes away by itself. It is shown again when it is replayed.
MEMOSCAPE_API void toast(const Place& place, std::string_view text,
                         const ToastOptions& options = {});

// An error as an element, the run goes on. Null shows that there is none.
MEMOSCAPE_API void exception(const Place& place, const std::exception& error);
MEMOSCAPE_API void exception(const Place& place, const std::exception_ptr& error);

namespace detail {
MEMOSCAPE_API void spin(const Place& place, std::string_view text, FunctionRef<void()> body);
}

// Shows that `body` is at work, for as long as it is; gives what it gives. Nothing stays on the
// page, or in a recording.
template <std::invocable F>
std::invoke_result_t<F&> spinner(const Place& place, std::string_view text, F&& body) {
  using Result = std::invoke_result_t<F&>;
  if constexpr (std::is_void_v<Result>) {
    detail::spin(place, text, body);
  } else {
    static_assert(!std::is_reference_v<Result>, "memoscape: the body of a spinner gives a value");
    std::optional<Result> result;
    detail::spin(place, text, [&] { result.emplace(body()); });
    return *std::move(result);
  }
}

// A bar on the page that can be moved.
class MEMOSCAPE_API Progress {
 public:
  // Shows another fraction and text.
  // Throws: UsageError for a fraction outside 0 to 1; and as Slot::replace.
  void update(double fraction, std::string_view text = {}) const;
  // Removes the bar.
  void clear() const { slot_.clear(); }

 private:
  friend MEMOSCAPE_API Progress progress(const Place& place, double fraction,
                                         std::string_view text);
  explicit Progress(Slot slot) : slot_(std::move(slot)) {}
  Slot slot_;
};

// A bar that shows how far something has come. Throws: UsageError outside 0 to 1.
MEMOSCAPE_API Progress progress(const Place& place, double fraction, std::string_view text = {});

// A place for one element, which can be replaced.
class MEMOSCAPE_API Placeholder {
 public:
  // Shows a text here. Throws: as Slot::replace.
  void text(std::string_view text) const;
  // Shows any element here. Throws: as Slot::replace.
  void replace(Element element) const { slot_.replace(std::move(element)); }
  // Shows nothing here, for now.
  void clear() const { slot_.clear(); }

 private:
  friend MEMOSCAPE_API Placeholder empty(const Place& place);
  explicit Placeholder(Slot slot) : slot_(std::move(slot)) {}
  Slot slot_;
};

// Nothing, in a place that can be filled later.
MEMOSCAPE_API Placeholder empty(const Place& place);

}  // namespace memoscape::inline v0

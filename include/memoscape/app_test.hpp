// AppTest: drives a script without a browser, as a user would, one interaction after the other.
//
// It owns a session and the script. What it does goes through the widgets that are on the last
// page: a widget that a user could not see, or not use, cannot be set.
//
// Thread-safety: one thread at a time.
//
//   ms::AppTest app(engine, script);
//   app.run();
//   app.set("Delayed by at least", 60).check("Only some months").run();
//   EXPECT_EQ(app.element("metric").label(), "Delayed");
//   std::puts(app.text().c_str());
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memoscape/page.hpp"
#include "memoscape/session.hpp"

namespace memoscape::inline v0 {

class MEMOSCAPE_API AppTest {
 public:
  // Requires: the engine outlives it.
  AppTest(Engine& engine, std::function<void(Run&)> script);
  ~AppTest();
  AppTest(const AppTest&) = delete;
  AppTest& operator=(const AppTest&) = delete;

  // Runs the script with what was set since the last run. An exception of the script is on the
  // page: see Page::error.
  AppTest& run();
  // Runs a fragment of the last page alone. Throws: InvalidValueError when it is not there.
  AppTest& run_fragment(std::string_view name);

  // What a user does. A widget is named by its key or its label and must be on the last page.
  // Throws: InvalidValueError, with a list of what there is; then nothing has changed.
  AppTest& set(std::string_view widget, Value value);
  AppTest& click(std::string_view button);
  AppTest& check(std::string_view checkbox);
  AppTest& uncheck(std::string_view checkbox);
  // Chooses an option; in a widget that holds several, adds it to those selected.
  AppTest& select(std::string_view widget, std::string_view option);
  // Takes an option out of those selected in a multiselect.
  AppTest& unselect(std::string_view multiselect, std::string_view option);
  // Selects these options in a multiselect, and no others.
  AppTest& select(std::string_view multiselect, std::initializer_list<std::string_view> options);
  AppTest& select(std::string_view multiselect, const std::vector<std::string>& options);
  AppTest& type(std::string_view text_input, std::string_view text);
  AppTest& upload(std::string_view uploader, Media file);

  // A widget of the last page, by its kind and its key or label; the n-th node of a kind. The
  // references last until the next run. Throws: InvalidValueError, with a list of what there is.
  const PageNode& widget(std::string_view kind, std::string_view name) const;
  const PageNode& element(std::string_view kind, std::size_t n = 0) const;
  const PageNode& button(std::string_view name) const { return widget("button", name); }
  const PageNode& checkbox(std::string_view name) const { return widget("checkbox", name); }
  const PageNode& radio(std::string_view name) const { return widget("radio", name); }
  const PageNode& selectbox(std::string_view name) const { return widget("selectbox", name); }
  const PageNode& multiselect(std::string_view name) const { return widget("multiselect", name); }
  const PageNode& slider(std::string_view name) const { return widget("slider", name); }
  const PageNode& number_input(std::string_view name) const { return widget("number_input", name); }
  const PageNode& text_input(std::string_view name) const { return widget("text_input", name); }

  // Whether the last page has a node of that kind and (unless empty) key, label or text.
  bool has(std::string_view kind, std::string_view name = {}) const;

  // The value a widget has now, with what was set since the last run.
  // Throws: InvalidValueError when there is no such widget, or its value is no T.
  template <class T>
  T value(std::string_view widget) const {
    Value value = current_value(widget);
    std::optional<T> converted = ValueOf<T>::from(value);
    if (!converted) throw_wrong_type(widget, value);
    return *std::move(converted);
  }

  // The last page; empty before the first run.
  const Page& page() const noexcept { return page_; }
  // The last page, as text for a terminal.
  std::string text() const;
  Session& session() noexcept { return session_; }

 private:
  const PageNode& usable(std::string_view name) const;
  Value current_value(std::string_view widget) const;
  [[noreturn]] void throw_wrong_type(std::string_view widget, const Value& value) const;

  Session session_;
  std::function<void(Run&)> script_;
  Page page_;
};

}  // namespace memoscape::inline v0

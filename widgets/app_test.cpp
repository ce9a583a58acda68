#include "memoscape/app_test.hpp"

#include <utility>

#include "memoscape/detail/terminal.hpp"
#include "memoscape/error.hpp"

namespace memoscape::inline v0 {

namespace {

bool is_named(const PageNode& node, std::string_view name) {
  return node.label() == name || node.key() == name;
}

// `slider "Minutes"`, with the key if there is one.
std::string describe(const PageNode& node) {
  std::string text = std::string(node.kind()) + ' ' + detail::quoted(node.label());
  if (!node.key().empty()) text += " (key " + detail::quoted(node.key()) + ')';
  return text;
}

std::string list_of(const std::vector<const PageNode*>& nodes) {
  std::string text;
  for (const PageNode* node : nodes) {
    if (!text.empty()) text += ", ";
    text += describe(*node);
  }
  return text.empty() ? "nothing" : text;
}

std::vector<const PageNode*> widgets_of(const Page& page) {
  std::vector<const PageNode*> widgets = page.all();
  std::erase_if(widgets, [](const PageNode* node) { return node->widget() == nullptr; });
  return widgets;
}

[[noreturn]] void throw_missing(const std::string& what,
                                const std::vector<const PageNode*>& present) {
  throw InvalidValueError("AppTest: there is no " + what +
                          " on the last page. There is: " + list_of(present));
}

}  // namespace

AppTest::AppTest(Engine& engine, std::function<void(Run&)> script)
    : session_(engine), script_(std::move(script)) {}

AppTest::~AppTest() = default;

AppTest& AppTest::run() {
  page_ = session_.run(script_);
  return *this;
}

AppTest& AppTest::run_fragment(std::string_view name) {
  page_ = session_.run_fragment(name);
  return *this;
}

AppTest& AppTest::set(std::string_view widget, Value value) {
  usable(widget);
  session_.set(widget, std::move(value));
  return *this;
}

AppTest& AppTest::click(std::string_view button) {
  usable(button);
  session_.click(button);
  return *this;
}

AppTest& AppTest::check(std::string_view checkbox) { return set(checkbox, true); }

AppTest& AppTest::uncheck(std::string_view checkbox) { return set(checkbox, false); }

AppTest& AppTest::select(std::string_view widget, std::string_view option) {
  usable(widget);
  if (current_value(widget).get_if<Value::List>() == nullptr) return set(widget, option);
  auto selected = value<std::vector<std::string>>(widget);
  std::erase(selected, option);
  selected.emplace_back(option);
  return set(widget, selected);
}

AppTest& AppTest::unselect(std::string_view multiselect, std::string_view option) {
  usable(multiselect);
  auto selected = value<std::vector<std::string>>(multiselect);
  if (std::erase(selected, option) == 0) {
    throw InvalidValueError("AppTest: " + detail::quoted(option) + " is not selected in " +
                            detail::quoted(multiselect));
  }
  return set(multiselect, selected);
}

AppTest& AppTest::select(std::string_view multiselect,
                         std::initializer_list<std::string_view> options) {
  return set(multiselect, std::vector<std::string>(options.begin(), options.end()));
}

AppTest& AppTest::select(std::string_view multiselect, const std::vector<std::string>& options) {
  return set(multiselect, options);
}

AppTest& AppTest::type(std::string_view text_input, std::string_view text) {
  return set(text_input, text);
}

AppTest& AppTest::upload(std::string_view uploader, Media file) {
  usable(uploader);
  session_.upload(uploader, std::move(file));
  return *this;
}

const PageNode& AppTest::widget(std::string_view kind, std::string_view name) const {
  const std::vector<const PageNode*> widgets = widgets_of(page_);
  for (const PageNode* node : widgets) {
    if (node->kind() == kind && is_named(*node, name)) return *node;
  }
  throw_missing(std::string(kind) + ' ' + detail::quoted(name), widgets);
}

const PageNode& AppTest::element(std::string_view kind, std::size_t n) const {
  const std::vector<const PageNode*> nodes = page_.all(kind);
  if (n < nodes.size()) return *nodes[n];
  throw_missing(std::string(kind) + " number " + std::to_string(n), page_.all());
}

bool AppTest::has(std::string_view kind, std::string_view name) const {
  return page_.find(kind, name) != nullptr;
}

std::string AppTest::text() const { return to_text(page_); }

// The widget of the last page that a user can reach under that name. Ambiguity is the session's to
// judge.
const PageNode& AppTest::usable(std::string_view name) const {
  const std::vector<const PageNode*> widgets = widgets_of(page_);
  const PageNode* found = nullptr;
  for (const PageNode* node : widgets) {
    const bool is_keyed = node->key() == name;
    if (is_keyed || (found == nullptr && node->label() == name)) found = node;
    if (is_keyed) break;
  }
  if (found == nullptr) throw_missing("widget " + detail::quoted(name), widgets);
  if (!found->widget()->definition().attributes["disabled"].is_null()) {
    throw InvalidValueError("AppTest: " + describe(*found) +
                            " is disabled, so a user cannot change it");
  }
  return *found;
}

Value AppTest::current_value(std::string_view widget) const { return session_.value(widget); }

void AppTest::throw_wrong_type(std::string_view widget, const Value& value) const {
  throw InvalidValueError("AppTest: the value of " + detail::quoted(widget) +
                          " is not of the type asked for: it is " + value.kind() +
                          (value.is_null() ? "" : ' ' + detail::readable(value)));
}

}  // namespace memoscape::inline v0

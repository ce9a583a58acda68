// A widget that is created where the same one was before is recognized without making its
// definition anew. Whatever differs in the definition, it is another.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/harness.hpp"

namespace memoscape::testing {
namespace {

using Maker = std::function<void(ms::Run&)>;

const ms::StateRead* first_widget(const ms::PageNode& node) {
  if (node.widget() != nullptr) return node.widget();
  for (const ms::PageNode& child : node.children()) {
    if (const ms::StateRead* widget = first_widget(child)) return widget;
  }
  return nullptr;
}

const std::vector<std::pair<std::string, Maker>>& makers() {
  static const auto touch = ms::callback([](ms::Session&) {});
  static const std::vector<std::pair<std::string, Maker>> all = {
      {"base", [](ms::Run& run) { ms::slider(run, "x", 0, 10, 5); }},
      {"label", [](ms::Run& run) { ms::slider(run, "y", 0, 10, 5); }},
      {"kind", [](ms::Run& run) { ms::number_input(run, "x", 5, {.min = 0, .max = 10}); }},
      {"min", [](ms::Run& run) { ms::slider(run, "x", 1, 10, 5); }},
      {"max", [](ms::Run& run) { ms::slider(run, "x", 0, 11, 5); }},
      {"default", [](ms::Run& run) { ms::slider(run, "x", 0, 10, 6); }},
      {"range",
       [](ms::Run& run) {
         ms::slider(run, "x", 0, 10, {5, 5});
       }},
      {"real", [](ms::Run& run) { ms::slider(run, "x", 0, 10, 5.0); }},
      {"step", [](ms::Run& run) { ms::slider(run, "x", 0, 10, 5, {.step = 2}); }},
      {"key", [](ms::Run& run) { ms::slider(run, "x", 0, 10, 5, {.key = "k"}); }},
      {"help", [](ms::Run& run) { ms::slider(run, "x", 0, 10, 5, {.help = "h"}); }},
      {"other help", [](ms::Run& run) { ms::slider(run, "x", 0, 10, 5, {.help = "i"}); }},
      {"disabled", [](ms::Run& run) { ms::slider(run, "x", 0, 10, 5, {.disabled = true}); }},
      {"hidden",
       [](ms::Run& run) {
         ms::slider(run, "x", 0, 10, 5, {.label_visibility = ms::LabelVisibility::hidden});
       }},
      {"on_change", [](ms::Run& run) { ms::slider(run, "x", 0, 10, 5, {.on_change = touch}); }},
      {"form", [](ms::Run& run) { ms::slider(ms::form(run, "f"), "x", 0, 10, 5); }},
      {"options",
       [](ms::Run& run) {
         ms::selectbox(run, "x", {"a", "b"});
       }},
      {"other options",
       [](ms::Run& run) {
         ms::selectbox(run, "x", {"a", "c"});
       }},
  };
  return all;
}

TEST(Draft, IsRecognizedOnlyWhenNothingOfTheDefinitionDiffers) {
  for (const auto& [before, make_before] : makers()) {
    for (const auto& [after, make_after] : makers()) {
      World w;
      ms::Session session(w.engine);
      const ms::Page first = session.run(make_before);
      const ms::Page page = session.run(make_after);
      ms::Session fresh(w.engine);
      const ms::Page expected = fresh.run(make_after);
      ASSERT_EQ(page.error(), nullptr) << before << ", then " << after;
      const ms::StateRead& widget = *first_widget(page.main());
      EXPECT_TRUE(widget.same(*first_widget(expected.main()))) << before << ", then " << after;
      EXPECT_EQ(&widget == first_widget(first.main()), before == after)
          << before << ", then " << after;
    }
  }
}

}  // namespace
}  // namespace memoscape::testing

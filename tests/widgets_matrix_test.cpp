// Every widget of the library x how it is used: the same page cached and uncached (rule P1).
#include <set>
#include <string_view>

#include "harness.hpp"
#include "widget_cases.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::testing {

void PrintTo(const WidgetCase& widget, std::ostream* out) { *out << widget.name; }

namespace {

class WidgetMatrix : public ::testing::TestWithParam<WidgetCase> {
 protected:
  // The widget alone, or in the form it needs.
  static std::string make(ms::Run& run, const WidgetCase& widget, bool disabled = false) {
    if (widget.forms != Forms::required) return widget.make(run, disabled);
    return widget.make(ms::form(run, "needed"), disabled);
  }
  // A script that calls a cached function which makes the widget through `body`.
  template <class Body>
  static Twin::Setup cached(const Body& body) {
    return [body](World& w) {
      auto f = w.engine.cache_data("f",
                                   [&w, body](ms::Run& run) {
                                     w.log.add("f");
                                     return body(run);
                                   },
                                   {.allow_widgets = true});
      return [f, &w](ms::Run& run) { w.show(run, *f(run)); };
    };
  }
  static Twin::Setup cached() {
    return cached([widget = GetParam()](ms::Run& run) { return make(run, widget); });
  }
  static std::string value(Twin& twin) {
    const std::vector<const ms::PageNode*> shown = twin.cached().page.all("markdown");
    return shown.empty() ? "" : std::string(shown.back()->label());
  }
  // What a user does to change it, and a run.
  static void change(Twin& twin, int session = 0) {
    if (GetParam().is_clicked()) {
      twin.click("W", session);
    } else {
      twin.set("W", GetParam().change, session);
    }
  }
};

INSTANTIATE_TEST_SUITE_P(, WidgetMatrix, ::testing::ValuesIn(widget_cases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(WidgetMatrix, IsShownAsText) {
  const WidgetCase& widget = GetParam();
  if (widget.forms == Forms::required) return;
  World w;
  w.script = [&](ms::Run& run) { make(run, widget); };
  w.run();
  EXPECT_EQ(ms::to_text(w.page), widget.initial_page);
  ASSERT_NE(w.page.find(widget.kind, "W"), nullptr);
  if (widget.is_clicked()) {
    w.session().click("W");
  } else {
    w.session().set("W", widget.change);
  }
  w.run();
  EXPECT_EQ(ms::to_text(w.page), widget.changed_page);
}

TEST_P(WidgetMatrix, HitsWithItsDefaultAndWithAChangedValue) {
  Twin twin(cached());
  twin.run(0);
  EXPECT_EQ(value(twin), GetParam().initial);
  EXPECT_EQ(twin.log(), Lines("f"));
  twin.run(0);
  twin.run(1);
  EXPECT_EQ(value(twin), GetParam().initial);
  EXPECT_EQ(twin.log(), Lines());
  change(twin);
  EXPECT_EQ(value(twin), GetParam().changed);
  EXPECT_EQ(twin.log(), Lines("f"));
  change(twin, 1);
  EXPECT_EQ(value(twin), GetParam().changed);
  EXPECT_EQ(twin.log(), GetParam().is_trigger() ? Lines("f") : Lines());
  twin.run(0);
  EXPECT_EQ(value(twin), GetParam().is_trigger() ? GetParam().initial : GetParam().changed);
  EXPECT_EQ(twin.log(), Lines());
}

TEST_P(WidgetMatrix, RefusesWhatDoesNotFitInACachedFunctionToo) {
  Twin twin(cached());
  const std::string page = twin.run();
  std::vector<ms::Value> refused = {GetParam().wrong};
  if (GetParam().outside) refused.push_back(*GetParam().outside);
  for (const ms::Value& bad : refused) {
    twin.each([&](World& w) {
      const std::string message =
          message_of<ms::InvalidValueError>([&] { w.session().set("W", bad); });
      EXPECT_TRUE(names(message, "W")) << message;
    });
    EXPECT_EQ(twin.run(), page);
  }
}

TEST_P(WidgetMatrix, TakesAPresetThatFitsAndNoOther) {
  Twin twin(cached());
  if (GetParam().is_clicked()) return;
  int session = 0;
  const auto preset = [&](const ms::Value& given) {
    twin.each([&](World& w) { w.session(session).preset("W", given); });
    twin.run(session++);
    return value(twin);
  };
  EXPECT_EQ(preset(GetParam().change), GetParam().changed);
  EXPECT_EQ(preset(GetParam().wrong), GetParam().initial);
  if (GetParam().outside) {
    EXPECT_EQ(preset(*GetParam().outside), GetParam().initial);
  }
}

TEST_P(WidgetMatrix, SaysWhenItIsDisabled) {
  Twin twin(cached([widget = GetParam()](ms::Run& run) { return make(run, widget, true); }));
  twin.run();
  twin.run();
  EXPECT_EQ(value(twin), GetParam().initial);
  EXPECT_TRUE(contains(ms::to_text(twin.cached().page), "(disabled)"));
}

TEST_P(WidgetMatrix, WaitsInAFormForItsSubmitButton) {
  Twin twin(cached([widget = GetParam()](ms::Run& run) {
    const ms::Place form = ms::form(run, "form");
    std::string given = widget.make(form, false);
    ms::form_submit_button(form, "Send");
    ms::form_submit_button(form, "Send all");
    return given;
  }));
  twin.run();
  if (GetParam().forms == Forms::refused) {
    EXPECT_TRUE(ended_by<ms::UsageError>(twin.cached().page));
    return;
  }
  change(twin);
  if (!GetParam().is_trigger()) {
    EXPECT_EQ(value(twin), GetParam().initial);
    twin.click("Send all");
  }
  EXPECT_EQ(value(twin), GetParam().changed);
  twin.run();
  twin.log();
  twin.run();
  EXPECT_EQ(twin.log(), Lines());
}

TEST_P(WidgetMatrix, StandsInTheSidebarAndInContainers) {
  Twin twin(cached([widget = GetParam()](ms::Run& run) {
    std::string given;
    ms::within(ms::sidebar(run), [&] { given = make(run, widget); });
    ms::within(ms::columns(ms::expander(run, "More"), 2)[1], [&] { ms::text(run, given); });
    return given;
  }));
  twin.run();
  change(twin);
  EXPECT_EQ(value(twin), GetParam().changed);
  twin.run();
  EXPECT_FALSE(twin.cached().page.sidebar().children().empty());
}

TEST_P(WidgetMatrix, IsReadByEveryCachedFunctionAroundIt) {
  Twin twin([widget = GetParam()](World& w) {
    auto inner = w.engine.cache_data("inner",
                                     [&w, widget](ms::Run& run) {
                                       w.log.add("inner");
                                       return make(run, widget);
                                     },
                                     {.allow_widgets = true});
    auto outer = w.engine.cache_data("outer",
                                     [&w, inner](ms::Run& run) {
                                       w.log.add("outer");
                                       return *inner(run) + "!";
                                     },
                                     {.allow_widgets = true});
    return [outer, &w](ms::Run& run) { w.show(run, *outer(run)); };
  });
  twin.run(0);
  EXPECT_EQ(twin.log(), Lines("outer", "inner"));
  change(twin, 0);
  EXPECT_EQ(value(twin), GetParam().changed + "!");
  EXPECT_EQ(twin.log(), Lines("outer", "inner"));
  twin.run(1);
  EXPECT_EQ(value(twin), GetParam().initial + "!");
  EXPECT_EQ(twin.log(), Lines());
}

TEST_P(WidgetMatrix, NeedsPermissionInACachedFunction) {
  World w;
  auto f = w.engine.cache_data("f", [](ms::Run& run) { return make(run, GetParam()); });
  w.run([&](ms::Run& run) { *f(run); });
  EXPECT_TRUE(ended_by<ms::CachedWidgetError>(w.page)) << w.page.error_text();
}

TEST(WidgetTable, HasEveryKindOfWidgetButUploads) {
  std::set<std::string_view> tested;
  const std::vector<WidgetCase> cases = widget_cases();
  for (const WidgetCase& one : cases) tested.insert(one.kind);
  for (const ms::detail::KindEntry& entry : ms::detail::all_kinds()) {
    if (entry.widget == nullptr || entry.widget->nature == ms::Nature::upload) continue;
    EXPECT_TRUE(tested.contains(entry.name)) << entry.name;
  }
}

}  // namespace
}  // namespace memoscape::testing

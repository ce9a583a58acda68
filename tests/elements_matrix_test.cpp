// Every element of the library x where it stands: the same page executed, replayed and uncached.
#include <set>
#include <stdexcept>
#include <string_view>

#include "harness.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::testing {
namespace {

struct ElementCase {
  std::string kind;
  void (*make)(const ms::Place& place);
  std::string text;
};

void PrintTo(const ElementCase& element, std::ostream* out) { *out << element.kind; }

ms::DataFrame rain() {
  return {{{"month", std::vector<std::string>{"Jan", "Feb"}},
           {"mm", std::vector<double>{10, -5}},
           {"days", std::vector<std::int64_t>{4, 2}}}};
}

ms::Media media(const char* name, const char* type) {
  return {.name = name, .type = type, .bytes = "12345"};
}

std::vector<ElementCase> element_cases() {
  const std::string table = "month  mm  days\n─────  ──  ────\nJan    10     4\nFeb    -5     2\n";
  return {
      {"text", [](const ms::Place& p) { ms::text(p, "a {} b"); }, "a {} b\n"},
      {"title", [](const ms::Place& p) { ms::title(p, "T"); }, "T\n=\n"},
      {"header", [](const ms::Place& p) { ms::header(p, "H"); }, "H\n-\n"},
      {"subheader", [](const ms::Place& p) { ms::subheader(p, "S"); }, "S\n~\n"},
      {"markdown", [](const ms::Place& p) { ms::markdown(p, "*m*"); }, "*m*\n"},
      {"caption", [](const ms::Place& p) { ms::caption(p, "c"); }, "c\n"},
      {"code",
       [](const ms::Place& p) { ms::code(p, "int x;\n\n  x = 1;", {.line_numbers = true}); },
       "1  int x;\n2  \n3    x = 1;\n"},
      {"json", [](const ms::Place& p) { ms::json(p, R"({"a": [1, 2.5, null]})"); },
       "{\"a\": [1, 2.5, null]}\n"},
      {"divider", [](const ms::Place& p) { ms::divider(p); }, ""},
      {"metric", [](const ms::Place& p) { ms::metric(p, "Rain", 42); }, "Rain: 42\n"},
      {"dataframe", [](const ms::Place& p) { ms::dataframe(p, rain()); }, table},
      {"table", [](const ms::Place& p) { ms::table(p, rain()); }, table},
      {"line_chart", [](const ms::Place& p) { ms::line_chart(p, rain(), {.y = {"mm"}}); }, ""},
      {"area_chart", [](const ms::Place& p) { ms::area_chart(p, rain(), {.y = {"mm"}}); }, ""},
      {"bar_chart",
       [](const ms::Place& p) {
         ms::bar_chart(p, rain(), {.x = "month", .y = {"mm"}, .title = "Rain", .y_label = "mm"});
       },
       "Rain\nJan  |" + std::string(36, '*') + " 10\nFeb -|" + std::string(18, '*') +
           " -5\n              * mm  y: mm  x: month\n"},
      {"scatter_chart", [](const ms::Place& p) { ms::scatter_chart(p, rain(), {.x = "days"}); },
       ""},
      {"image", [](const ms::Place& p) { ms::image(p, media("a.png", "image/png")); },
       "[image: a.png, image/png, 5 bytes]\n"},
      {"audio", [](const ms::Place& p) { ms::audio(p, media("a.wav", "audio/wav")); },
       "[audio: a.wav, audio/wav, 5 bytes]\n"},
      {"video", [](const ms::Place& p) { ms::video(p, media("a.mp4", "video/mp4")); },
       "[video: a.mp4, video/mp4, 5 bytes]\n"},
      {"success", [](const ms::Place& p) { ms::success(p, "well"); }, "[success] well\n"},
      {"error", [](const ms::Place& p) { ms::error(p, "no"); }, "[error] no\n"},
      {"warning", [](const ms::Place& p) { ms::warning(p, "hm"); }, "[warning] hm\n"},
      {"info", [](const ms::Place& p) { ms::info(p, "fyi"); }, "[info] fyi\n"},
      {"exception", [](const ms::Place& p) { ms::exception(p, std::runtime_error("it broke")); },
       "[exception] it broke\n"},
      {"toast", [](const ms::Place& p) { ms::toast(p, "done", {.icon = "🎉"}); }, "(i) 🎉 done\n"},
      {"spinner",
       [](const ms::Place& p) {
         ms::text(p, ms::spinner(p, "Loading", [] { return std::string("loaded"); }));
       },
       "loaded\n"},
      {"progress", [](const ms::Place& p) { ms::progress(p, 0, "Load").update(1, "Done"); },
       "Done [####################] 100 %\n"},
      {"empty", [](const ms::Place& p) { ms::empty(p).text("filled"); }, "filled\n"},
      {"container", [](const ms::Place& p) { ms::text(ms::container(p), "in"); }, "  in\n"},
      {"columns",
       [](const ms::Place& p) {
         const std::vector<ms::Place> columns = ms::columns(p, {1.0, 2.0});
         ms::text(ms::columns(columns[0], 2)[1], "nested");
         ms::text(columns[1], "wide");
       },
       "   nested   wide\n"},
      {"tabs",
       [](const ms::Place& p) {
         const std::vector<ms::Place> tabs = ms::tabs(p, {"Map", "Table"});
         ms::text(tabs[0], "map");
         ms::text(tabs[1], "table");
       },
       "  | Map |\n    map\n  | Table |\n    table\n"},
      {"expander", [](const ms::Place& p) { ms::text(ms::expander(p, "More"), "in"); },
       "▸ More\n  in\n"},
  };
}

// The places where an element can stand.
struct Context {
  const char* name;
  ms::Place (*open)(const ms::Place& place);
};
constexpr Context kContexts[] = {
    {"direct", [](const ms::Place& p) { return p; }},
    {"container", [](const ms::Place& p) { return ms::container(p); }},
    {"columns", [](const ms::Place& p) { return ms::columns(p, 2)[1]; }},
    {"nested columns", [](const ms::Place& p) { return ms::columns(ms::columns(p, 2)[0], 2)[1]; }},
    {"tabs",
     [](const ms::Place& p) {
       return ms::tabs(p, {"one", "two"})[1];
     }},
    {"expander", [](const ms::Place& p) { return ms::expander(p, "more"); }},
    {"form", [](const ms::Place& p) { return ms::form(p, "form"); }},
    {"sidebar", [](const ms::Place& p) { return ms::sidebar(p); }},
    {"container in the sidebar", [](const ms::Place& p) { return ms::container(ms::sidebar(p)); }},
};

class ElementMatrix : public ::testing::TestWithParam<ElementCase> {};

INSTANTIATE_TEST_SUITE_P(, ElementMatrix, ::testing::ValuesIn(element_cases()),
                         [](const auto& test) { return test.param.kind; });

TEST_P(ElementMatrix, IsShownAsTextInLinesOfAPage) {
  World w;
  w.run([](ms::Run& run) { GetParam().make(run); });
  EXPECT_EQ(w.page.error_text(), "");
  const std::string text = ms::to_text(w.page);
  if (!GetParam().text.empty()) {
    EXPECT_EQ(text, GetParam().text);
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; }),
              80);
  }
}

TEST_P(ElementMatrix, IsReplayedWhereverItStands) {
  for (const Context& context : kContexts) {
    SCOPED_TRACE(context.name);
    Twin twin([&](World& w) {
      auto f = w.engine.cache_data("f",
                                   [&w, &context](ms::Run& run) {
                                     w.log.add("f");
                                     GetParam().make(context.open(run));
                                     return 1;
                                   },
                                   {.allow_widgets = true});
      return [f, &w](ms::Run& run) {
        ms::text(run, "before");
        ms::within(ms::container(run), [&] { w.show(run, *f(run)); });
        ms::text(run, "after");
      };
    });
    const std::string first = twin.run(0);
    EXPECT_EQ(twin.run(0), first);
    EXPECT_EQ(twin.run(1), first);
    EXPECT_EQ(twin.log(), Lines("f"));
    EXPECT_EQ(twin.cached().page.error_text(), "");
  }
}

// An element that was put into a placeholder, over another one: the recording keeps the last.
TEST_P(ElementMatrix, IsKeptWhenItOverwritesAnother) {
  World scratch;
  scratch.run([](ms::Run& run) { GetParam().make(run); });
  const ms::PageNode& made = scratch.page.main().children().at(0);
  if (made.is_container() || made.element() == nullptr) return;
  const ms::Element element = *made.element();
  Twin twin([&](World& w) {
    auto f = w.engine.cache_data("f", [&w, element](ms::Run& run) {
      w.log.add("f");
      const ms::Placeholder place = ms::empty(run);
      place.text("for now");
      place.replace(element);
      const ms::Placeholder gone = ms::empty(run);
      gone.replace(element);
      gone.clear();
      return 1;
    });
    return [f](ms::Run& run) { *f(run); };
  });
  twin.run(0);
  twin.run(1);
  EXPECT_EQ(twin.log(), Lines("f"));
  ASSERT_EQ(twin.cached().page.all(element.kind->name).size(), 1U);
  EXPECT_EQ(twin.cached().page.all("text").size(), element.kind->name == std::string("text"));
}

TEST(ElementTable, HasEveryKindOfElement) {
  std::set<std::string_view> tested = {"column", "tab", "form",
                                       "fragment"};  // made by others, a context, or not cached
  const std::vector<ElementCase> cases = element_cases();
  for (const ElementCase& one : cases) tested.insert(one.kind);
  for (const ms::detail::KindEntry& entry : ms::detail::all_kinds()) {
    if (entry.element == nullptr) continue;
    EXPECT_TRUE(tested.contains(entry.name)) << entry.name;
  }
}

TEST(Spinner, IsOnThePageWhileItsBodyWorksAndGoesEvenWhenItThrows) {
  World w;
  std::vector<std::string> seen;
  w.session().watch([&](const ms::Page& page) { seen.push_back(summary(page)); });
  w.run([](ms::Run& run) {
    EXPECT_EQ(ms::spinner(run, "Adding", [] { return 1 + 1; }), 2);
    try {
      ms::spinner(run, "Failing", [] { throw std::runtime_error("no"); });
    } catch (const std::runtime_error& error) {
      ms::exception(run, error);
    }
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"spinner Adding", "spinner Failing"}));
  EXPECT_EQ(summary(w.page), "exception no");
}

TEST(Json, SaysWhereAnElementIsNoJson) {
  World w;
  w.run([](ms::Run& run) { ms::json(run, "{\"a\": 1,}"); });
  EXPECT_TRUE(contains(w.page.error_text(), "it is no JSON: at byte 8: a name in quotes"))
      << w.page.error_text();
}

}  // namespace
}  // namespace memoscape::testing

// Elements of the library: each as text, and as a page tells them apart.
#include <gtest/gtest.h>

#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "with_session.hpp"

namespace ms = memoscape;

namespace {

using ms::testing::contains;
using ms::testing::file;
using ms::testing::kInfinity;
using ms::testing::kNan;
using ms::testing::WithSession;

class Element : public WithSession<testing::Test> {};

// --- Elements, by table

ms::DataFrame rain(int years) {
  std::vector<std::int64_t> year;
  std::vector<double> mm;
  std::vector<std::string> note;
  for (int i = 0; i < years; ++i) {
    year.push_back(2000 + i);
    mm.push_back(800.5 + 10 * i);
    note.push_back(i % 2 == 0 ? "dry" : "wet");
  }
  return {{{"year", year}, {"mm", mm}, {"note", note}}};
}

struct ElementCase {
  std::string name;
  void (*script)(ms::Run& run);
  std::string text;
};

void PrintTo(const ElementCase& element, std::ostream* out) { *out << element.name; }

std::vector<ElementCase> element_cases() {
  return {
      {"Headings",
       [](ms::Run& run) {
         ms::title(run, "Flights");
         ms::header(run, "Délays");
         ms::subheader(run, "Why");
       },
       "Flights\n=======\n\nDélays\n------\n\nWhy\n~~~\n"},
      {"TextIsVerbatim", [](ms::Run& run) { ms::text(run, "{} % *x*"); }, "{} % *x*\n"},
      {"LongTextIsBrokenAtSpaces",
       [](ms::Run& run) { ms::markdown(run, std::string(40, 'a') + ' ' + std::string(40, 'b')); },
       std::string(40, 'a') + '\n' + std::string(40, 'b') + '\n'},
      {"CaptionAndDivider",
       [](ms::Run& run) {
         ms::caption(run, "small");
         ms::divider(run);
       },
       "small\n"
       "────────────────────────────────────────────────────────────\n"},
      {"WriteTakesWhatHasARendering",
       [](ms::Run& run) {
         ms::write(run, "text", 7, 0.25, true, 'c', ms::Value(ms::Value::List{1, "b"}), ~0ULL);
       },
       "text\n7\n0.25\ntrue\nc\n1, b\n18446744073709551615\n"},
      {"Status",
       [](ms::Run& run) {
         ms::success(run, "well");
         ms::info(run, "fyi");
         ms::warning(run, "hm");
         ms::error(run, "no");
       },
       "[success] well\n[info] fyi\n[warning] hm\n[error] no\n"},
      {"Metrics",
       [](ms::Run& run) {
         ms::metric(run, "Rain", 42.5, {.delta = 3.25});
         ms::metric(run, "Days", 7, {.delta = -1});
         ms::metric(run, "Best", "May");
       },
       "Rain: 42.5 (+3.25)\nDays: 7 (-1)\nBest: May\n"},
      {"ProgressKeepsItsLastState",
       [](ms::Run& run) {
         const ms::Progress progress = ms::progress(run, 0, "Loading");
         progress.update(0.5, "Half");
       },
       "Half [##########----------] 50 %\n"},
      {"EmptyShowsWhatItWasFilledWith",
       [](ms::Run& run) {
         const ms::Placeholder first = ms::empty(run);
         const ms::Placeholder second = ms::empty(run);
         ms::text(run, "last");
         first.text("one");
         first.text("two");
         second.text("gone");
         second.clear();
       },
       "two\nlast\n"},
      {"Image",
       [](ms::Run& run) {
         ms::image(run, file("map.png", "image/png", "12345"), {.caption = "Seattle"});
       },
       "[image: Seattle, map.png, image/png, 5 bytes]\n"},
      {"SmallTable", [](ms::Run& run) { ms::dataframe(run, rain(2)); },
       "year     mm  note\n"
       "────  ─────  ────\n"
       "2000  800.5  dry\n"
       "2001  810.5  wet\n"},
      {"EmptyTable", [](ms::Run& run) { ms::dataframe(run, ms::DataFrame()); }, "(empty table)\n"},
      {"TableWithoutRows", [](ms::Run& run) { ms::dataframe(run, rain(0)); },
       "year  mm  note\n────  ──  ────\n(no rows)\n"},
      {"ExpanderAndContainer",
       [](ms::Run& run) {
         const ms::Place more = ms::expander(run, "More", {.expanded = true});
         ms::text(more, "inside");
         ms::text(ms::container(more), "deeper");
         ms::expander(run, "Less");
       },
       "▾ More\n  inside\n    deeper\n▸ Less\n"},
      {"ColumnsSideBySide",
       [](ms::Run& run) {
         const std::vector<ms::Place> columns = ms::columns(run, 3);
         ms::metric(columns[0], "Dry", 3);
         ms::metric(columns[2], "Wet", 4);
         ms::text(columns[1], "two\nlines");
       },
       "Dry: 3   two     Wet: 4\n"
       "         lines\n"},
      {"WideColumnsOneBelowTheOther",
       [](ms::Run& run) {
         const std::vector<ms::Place> columns = ms::columns(run, 2);
         ms::text(columns[0], std::string(50, 'a'));
         ms::text(columns[1], std::string(50, 'b'));
       },
       "  " + std::string(50, 'a') + "\n  " + std::string(50, 'b') + '\n'},
      {"SidebarIsLast",
       [](ms::Run& run) {
         ms::text(ms::sidebar(run), "aside");
         ms::text(run, "main");
       },
       "main\n"
       "── Sidebar ─────────────────────────────────────────────────\n"
       "aside\n"},
      {"Exception", [](ms::Run&) { throw std::runtime_error("it broke"); },
       "[exception] it broke\n"},
  };
}

class EveryElement : public WithSession<testing::TestWithParam<ElementCase>> {};

INSTANTIATE_TEST_SUITE_P(, EveryElement, testing::ValuesIn(element_cases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(EveryElement, IsShownAsText) {
  EXPECT_EQ(ms::to_text(session_.run(GetParam().script)), GetParam().text);
}

TEST_P(EveryElement, IsTheSameOnThePageOfAnotherSession) {
  ms::Session other(engine_);
  EXPECT_EQ(session_.run(GetParam().script), other.run(GetParam().script));
}

// --- Elements, one by one

TEST_F(Element, LongTableShowsTenRowsAndHowManyMore) {
  const std::string text =
      ms::to_text(session_.run([](ms::Run& run) { ms::dataframe(run, rain(1461)); }));
  EXPECT_TRUE(contains(text, "2009  890.5  wet\n... 1451 more rows\n")) << text;
  EXPECT_FALSE(contains(text, "2010"));
}

TEST_F(Element, WideTableSaysWhichColumnsAreMissing) {
  ms::DataFrame wide;
  for (int i = 0; i < 30; ++i) {
    wide.columns.push_back({ms::format("col{}", i), std::vector<std::int64_t>{i}});
  }
  const std::string text =
      ms::to_text(session_.run([&](ms::Run& run) { ms::dataframe(run, wide); }));
  EXPECT_TRUE(contains(text, "more columns\n")) << text;
  EXPECT_LE(text.find('\n'), 80u);
}

TEST_F(Element, LineChartDrawsItsLinesInAFrame) {
  const ms::Page page = session_.run([](ms::Run& run) {
    ms::line_chart(run, rain(61), {.x = "year", .title = "Rain", .y_label = "mm a year"});
  });
  const std::string text = ms::to_text(page);
  EXPECT_TRUE(text.starts_with("Rain\n      1400.5 |")) << text;
  EXPECT_TRUE(contains(text, "       800.5 |****")) << text;
  EXPECT_TRUE(contains(text, "* mm  y: mm a year  x: year\n")) << text;
  EXPECT_EQ(page.find("line_chart")->label(), "Rain");
}

TEST_F(Element, LineChartLeavesOutWhatIsNoNumber) {
  const ms::Page page = session_.run([](ms::Run& run) {
    ms::line_chart(run, ms::DataFrame{{{"y", std::vector<double>{kNan, kInfinity}}}});
    ms::line_chart(run, ms::DataFrame{{{"y", std::vector<double>{-1e308, kNan, 1e308}}}});
    ms::line_chart(run, ms::DataFrame{{{"y", std::vector<double>{}}}});
  });
  const std::string text = ms::to_text(page);
  EXPECT_TRUE(text.starts_with("(no values)\n")) << text;
  EXPECT_TRUE(contains(text, "1e+308 |")) << text;
}

TEST_F(Element, ColumnsAreContainersInAContainer) {
  const ms::Page page = session_.run([](ms::Run& run) { ms::text(ms::columns(run, 2)[1], "x"); });
  const ms::PageNode& columns = page.main().children().at(0);
  EXPECT_EQ(columns.kind(), "columns");
  ASSERT_EQ(columns.children().size(), 2u);
  EXPECT_EQ(columns.children()[1].kind(), "column");
  EXPECT_EQ(columns.children()[1].children().at(0).path(), (std::vector<int>{0, 0, 1, 0}));
}

TEST_F(Element, PagesDifferInWhatTheyShow) {
  const auto page_of = [&](auto script) {
    ms::Session session(engine_);
    return session.run(script);
  };
  const ms::Page base = page_of([](ms::Run& run) { ms::text(run, "a"); });
  EXPECT_EQ(base, page_of([](ms::Run& run) { ms::text(run, "a"); }));
  EXPECT_FALSE(base == page_of([](ms::Run& run) { ms::text(run, "b"); }));
  EXPECT_FALSE(base == page_of([](ms::Run& run) { ms::caption(run, "a"); }));
  EXPECT_FALSE(base == page_of([](ms::Run& run) { ms::text(ms::sidebar(run), "a"); }));
  EXPECT_FALSE(base == page_of([](ms::Run& run) { ms::text(ms::container(run), "a"); }));
  EXPECT_FALSE(base == page_of([](ms::Run&) {}));
}

TEST_F(Element, PagesWithEqualTablesImagesAndNansAreEqual) {
  const auto script = [](ms::Run& run) {
    ms::dataframe(run, ms::DataFrame{{{"y", std::vector<double>{1, kNan}}}});
    ms::image(run, file("a.png", "image/png", "1"));
    ms::metric(run, "m", kNan);
  };
  ms::Session other(engine_);
  EXPECT_EQ(session_.run(script), other.run(script));
  EXPECT_FALSE(session_.run(script) == other.run([](ms::Run& run) {
    ms::dataframe(run, ms::DataFrame{{{"y", std::vector<double>{1, 2}}}});
    ms::image(run, file("a.png", "image/png", "1"));
    ms::metric(run, "m", kNan);
  }));
}

}  // namespace

namespace own {

struct Airport {
  std::string code;
};
void write_to(const ms::Place& place, const Airport& airport) {
  ms::text(place, "Airport " + airport.code);
}

struct Table {
  std::vector<std::int64_t> numbers;
};
ms::DataFrame to_dataframe(const Table& table) { return {{{"n", table.numbers}}}; }

}  // namespace own

namespace {

TEST_F(Element, OwnTypesAreShownThroughTheirOwnFunctions) {
  const ms::Page page = session_.run([](ms::Run& run) {
    ms::write(run, own::Airport{"SEA"}, own::Table{{7}});
    ms::dataframe(run, own::Table{{8}});
    ms::line_chart(run, own::Table{{1, 2}}, {.title = "n"});
  });
  const std::vector<const ms::PageNode*> nodes = page.all();
  ASSERT_EQ(nodes.size(), 4u);
  EXPECT_EQ(nodes[0]->label(), "Airport SEA");
  EXPECT_EQ(nodes[1]->element()->data->columns[0].cell(0), "7");
  EXPECT_EQ(nodes[2]->kind(), "dataframe");
  EXPECT_EQ(nodes[3]->kind(), "line_chart");
}

TEST(Cell, IsReadable) {
  const ms::DataFrame::Column reals = {
      "x", std::vector<double>{0.1 + 0.2, 1234567.8, 1e-7, -0.0, kNan, 12345678901.0, 2.0 / 3}};
  const char* const expected[] = {"0.3", "1234568", "1e-07", "0", "nan", "12345678901", "0.666667"};
  for (std::size_t row = 0; row < reals.size(); ++row) EXPECT_EQ(reals.cell(row), expected[row]);
  EXPECT_EQ(reals.cell(99), "");
}

}  // namespace

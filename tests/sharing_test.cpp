// Rules M3 and E3: equal data values of different permutations are one buffer, and what recordings
// show is kept once per content. Each is charged once.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <memoscape/memoscape.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/core_of.hpp"

namespace ms = memoscape;
using namespace ms::literals;

namespace {

// `count` sliders of ten positions; the value depends on the first `relevant` ones.
auto sliders(ms::Engine& engine, const char* name, int count, int relevant, std::size_t bytes,
             int& executions) {
  return engine.cache_data(name,
                           [=, &executions](ms::Run& run) {
                             ++executions;
                             int sum = 0;
                             for (int i = 0; i < count; ++i) {
                               const int at = ms::slider(run, "s" + std::to_string(i), 0, 9, 0);
                               if (i < relevant) sum = sum * 10 + at;
                             }
                             return std::string(bytes, static_cast<char>('a' + sum % 26));
                           },
                           {.allow_widgets = true});
}

// A function that shows 100 kB and gives its argument, so that no two values are equal.
template <class Show>
auto shows(ms::Engine& engine, const char* name, Show show, ms::Limits limits = {}) {
  return engine.cache_data(name,
                           [show](ms::Run& run, int n) {
                             show(run);
                             return n;
                           },
                           {.limits = limits});
}

ms::Media picture() { return {"a.png", "image/png", std::string(100'000, 'x')}; }

ms::DataFrame frame() {
  std::vector<double> cells(12'500, std::numeric_limits<double>::quiet_NaN());
  return {{{"x", std::move(cells)}}};
}

// What `calls` permutations of one function cost.
template <class Show>
ms::Report report_of(ms::Engine& engine, const Show& show, int calls = 10) {
  const auto f = shows(engine, "f", show);
  engine.run([&](ms::Run& run) {
    for (int n = 0; n < calls; ++n) f(run, n);
  });
  EXPECT_EQ(engine.check(), "");
  return engine.report();
}

}  // namespace

TEST(Sharing, SlidersThatDoNotChangeATableCostOneTable) {
  constexpr std::size_t kTable = 100_MiB;
  ms::Engine engine({.limits = {.max_bytes = 512_MiB}});
  int executions = 0;
  const auto table = sliders(engine, "table", 5, 0, kTable, executions);
  ms::Session session(engine);
  const auto script = [&](ms::Run& run) { EXPECT_EQ(table(run)->size(), kTable); };
  session.run(script);
  for (int i = 0; i < 5; ++i) {
    for (int at = 1; at <= 2; ++at) {
      session.set("s" + std::to_string(i), at);
      session.run(script);
      EXPECT_LT(engine.totals().charged, kTable + 1_MiB);
      EXPECT_EQ(engine.check(), "");
    }
  }
  const ms::Report report = engine.report();
  EXPECT_EQ(executions, 11);
  EXPECT_EQ(report.permutations.size(), 11u);
  EXPECT_EQ(report.permutations[0].sharers, 11u);
  EXPECT_GE(report.permutations[0].shared_value, kTable);
  EXPECT_GE(report.totals.saved_by_sharing, 10 * kTable);
  for (const ms::WidgetRow& row : report.widgets) {
    EXPECT_EQ(row.effect, ms::WidgetRow::Effect::never_changed) << row.variable;
  }
}

TEST(Sharing, SlidersThatDoChangeATableStayUnderTheLimit) {
  constexpr std::uint64_t kLimit = 512_MiB;
  ms::Engine engine({.limits = {.max_bytes = kLimit}});
  int executions = 0;
  const auto table = sliders(engine, "table", 1, 1, 100_MiB, executions);
  ms::Session session(engine);
  for (int at = 0; at < 10; ++at) {
    session.run([&](ms::Run& run) { table(run); });
    EXPECT_LE(engine.totals().charged, kLimit);
    EXPECT_EQ(engine.check(), "");
    session.set("s0", (at + 1) % 10);
  }
  EXPECT_EQ(executions, 10);
  EXPECT_EQ(engine.totals().permutations, 5u);
  EXPECT_GE(engine.totals().counters.evicted_bytes, 5u);
}

TEST(Sharing, IsAcrossFunctionsAndInFullAgainstEachOnesLimit) {
  ms::Engine engine;
  int executions = 0;
  const auto a = sliders(engine, "a", 1, 0, 100'000, executions);
  const auto b = sliders(engine, "b", 2, 0, 100'000, executions);
  engine.run([&](ms::Run& run) { a(run); });
  EXPECT_EQ(engine.report().functions[0].shared_values, 0u);
  engine.run([&](ms::Run& run) { b(run); });
  const ms::Report report = engine.report();
  EXPECT_GE(report.functions[0].shared_values, 100'000u);
  EXPECT_EQ(report.functions[0].shared_values, report.functions[1].shared_values);
  EXPECT_LT(report.totals.charged, 110'000u);
  EXPECT_EQ(engine.check(), "");

  b.set_limits({.max_bytes = 50'000});
  EXPECT_EQ(engine.totals().permutations, 1u);
  EXPECT_EQ(engine.report().functions[0].shared_values, 0u) << "the last one owns it again";
  EXPECT_EQ(engine.check(), "");
}

TEST(Sharing, AHeldValueThatIsStoredAgainIsNoLongerHeld) {
  ms::Engine engine;
  int executions = 0;
  const auto a = sliders(engine, "a", 1, 0, 100'000, executions);
  std::shared_ptr<const std::string> kept;
  engine.run([&](ms::Run& run) { kept = a(run).share(); });
  engine.clear();
  EXPECT_GE(engine.totals().held, 100'000u);
  engine.run([&](ms::Run& run) { a(run); });  // a new buffer: nothing stored equals it
  EXPECT_GE(engine.totals().held, 100'000u);
  kept = nullptr;
  EXPECT_EQ(engine.totals().held, 0u);
  EXPECT_EQ(engine.check(), "");
}

// Calls what it is told to when it is encoded for the second time: once for its digest, then to be
// compared.
struct Hooked {
  std::string text;
  inline static int encodings = 0;
  inline static std::function<void()> when_compared;

  std::size_t heap_bytes() const { return ms::heap_bytes(text); }
  friend void encode(ms::Encoder& encoder, const Hooked& one) {
    encoder.add(one.text);
    if (when_compared && ++encodings == 2) std::exchange(when_compared, nullptr)();
  }
};

TEST(Sharing, AValueThatIsClearedWhileItIsComparedIsStoredWithTheNewEntry) {
  ms::Engine engine;
  const auto f = engine.cache_data("f", [](int) { return Hooked{std::string(100'000, 'x')}; });
  engine.run([&](ms::Run& run) { f(run, 1); });
  Hooked::encodings = 0;
  Hooked::when_compared = [&] { f.clear(1); };
  engine.run([&](ms::Run& run) { f(run, 2); });
  EXPECT_FALSE(Hooked::when_compared);
  EXPECT_EQ(engine.totals().permutations, 1u);
  EXPECT_EQ(engine.totals().held, 0u);
  EXPECT_EQ(engine.check(), "");
}

TEST(Sharing, ResourcesAreNeverShared) {
  ms::Engine engine;
  const auto r = engine.cache_resource("r", [](ms::Run&, int) { return std::string(1000, 'x'); });
  engine.run([&](ms::Run& run) { EXPECT_NE(r(run, 1).get(), r(run, 2).get()); });
  EXPECT_EQ(engine.totals().saved_by_sharing, 0u);
  EXPECT_EQ(engine.check(), "");
}

TEST(Sharing, EqualBytesOfDifferentTypesAreNotEqual) {
  ms::Engine engine;
  const auto text = engine.cache_data("text", [](ms::Run&) { return std::string(1000, 'x'); });
  const auto list = engine.cache_data("list", [](ms::Run&) { return std::vector<int>(1000, 7); });
  const auto same = engine.cache_data("same", [](ms::Run&) { return std::vector<long>(1000, 7); });
  engine.run([&](ms::Run& run) {
    text(run);
    EXPECT_EQ((*list(run))[0], (*same(run))[0]);
  });
  EXPECT_EQ(engine.totals().saved_by_sharing, 0u);
  EXPECT_EQ(engine.check(), "");
}

TEST(Media, AreChargedOncePerContent) {
  const std::vector<void (*)(ms::Run&)> all = {
      [](ms::Run& run) { ms::image(run, picture()); },
      [](ms::Run& run) { ms::dataframe(run, frame()); },
      [](ms::Run& run) { ms::text(run, std::string(100'000, 'x')); },
      [](ms::Run& run) { ms::image(ms::container(ms::Place(run).sidebar()), picture()); },
  };
  for (const auto show : all) {
    ms::Engine engine;
    const ms::Report report = report_of(engine, show);
    EXPECT_EQ(report.permutations.size(), 10u);
    EXPECT_GE(report.totals.media, 100'000u);
    EXPECT_LT(report.totals.media, 101'000u);
    EXPECT_LT(report.totals.charged, 120'000u);
    EXPECT_GE(report.totals.saved_by_sharing, 900'000u);
    EXPECT_EQ(report.functions[0].shared_values, report.totals.media);
    const std::string text = ms::to_text(report);
    EXPECT_NE(text.find("\n    of it media"), std::string::npos) << text;
    EXPECT_NE(text.find("\n  without sharing"), std::string::npos) << text;
    for (const ms::PermutationRow& row : report.permutations) {
      EXPECT_EQ(row.media, report.totals.media);
      EXPECT_LT(row.bytes.recording, 1'000u);
    }
    engine.clear();
    EXPECT_EQ(engine.totals().charged, 0u);
    EXPECT_EQ(engine.totals().media, 0u);
    EXPECT_EQ(engine.totals().saved_by_sharing, 0u);
    EXPECT_EQ(engine.check(), "");
  }
}

TEST(Media, AreOneObjectOnAllPages) {
  ms::Engine engine;
  const auto a = shows(engine, "a", [](ms::Run& run) { ms::image(run, picture()); });
  const auto b = shows(engine, "b", [](ms::Run& run) {
    ms::image(run, picture());
    ms::image(run, picture(), {.caption = "again"});
  });
  const ms::Page page = engine.run([&](ms::Run& run) {
    a(run, 1);
    b(run, 2);
  });
  const auto images = page.all("image");
  ASSERT_EQ(images.size(), 3u);
  EXPECT_EQ(images[0]->element()->media, images[1]->element()->media);
  EXPECT_EQ(images[0]->element()->media, images[2]->element()->media);
  EXPECT_EQ(images[2]->element()->text, "again");
  EXPECT_LT(engine.totals().charged, 110'000u);
  EXPECT_EQ(engine.report().functions[0].shared_values, engine.totals().media);
  EXPECT_EQ(engine.report().functions[1].shared_values, engine.totals().media);
  EXPECT_EQ(engine.check(), "");
}

TEST(Media, OfOtherContentAreNotShared) {
  ms::Engine engine;
  const auto f = engine.cache_data("f", [](ms::Run& run, int n) {
    ms::Media one = picture();
    one.bytes.back() = static_cast<char>(n);
    ms::image(run, std::move(one));
    return n;
  });
  engine.run([&](ms::Run& run) {
    for (int n = 0; n < 10; ++n) f(run, n);
  });
  EXPECT_GE(engine.totals().media, 1'000'000u);
  EXPECT_EQ(engine.totals().saved_by_sharing, 0u);
  EXPECT_EQ(engine.check(), "");
}

// Digests only narrow the search, and they do: what differs in one part only has another.
TEST(Media, AndTablesAndTextsAreFoundByAllTheirParts) {
  ms::Engine engine;
  using Texts = std::vector<std::string>;
  using Reals = std::vector<double>;
  using Numbers = std::vector<std::int64_t>;
  const std::string word(1'000, 'x');
  const std::vector<ms::Media> media = {{"a", "image/png", word},
                                        {"b", "image/png", word},
                                        {"a", "image/jpeg", word},
                                        {"a", "image/png", word + "y"}};
  const std::vector<ms::DataFrame> frames = {{{{"x", Texts{"a", "b"}}}},
                                             {{{"y", Texts{"a", "b"}}}},
                                             {{{"x", Texts{"ab", ""}}}},
                                             {{{"x", Reals{1, 2}}}},
                                             {{{"x", Reals{1, 3}}}},
                                             {{{"x", Numbers{1, 2}}}},
                                             {{{"x", Numbers{1, 3}}}},
                                             {{{"x", Numbers{}}}},
                                             {{{"x", Reals{}}}},
                                             {{{"x", Texts{}}}},
                                             {{{"x", Texts{}}, {"x", Texts{}}}}};
  const auto f = engine.cache_data("f", [&](ms::Run& run, int n) {
    for (const ms::Media& one : media) ms::image(run, one);
    for (const ms::DataFrame& one : frames) ms::dataframe(run, one);
    ms::text(run, word);
    ms::markdown(run, word);
    ms::text(run, word + "y");
    return n;
  });
  engine.run([&](ms::Run& run) { f(run, 1), f(run, 2); });
  EXPECT_EQ(ms::detail::core_of(engine)->contents.size(), media.size() + frames.size() + 3);
  EXPECT_EQ(engine.check(), "");
}

TEST(Media, CountInFullAgainstTheLimitOfEachFunction) {
  ms::Engine engine;
  const auto show = [](ms::Run& run) { ms::image(run, picture()); };
  const auto a = shows(engine, "a", show);
  const auto b = shows(engine, "b", show, {.max_bytes = 50'000});
  engine.run([&](ms::Run& run) {
    a(run, 1);
    b(run, 1);
  });
  EXPECT_EQ(engine.totals().permutations, 1u);
  EXPECT_EQ(engine.report().functions[1].counters.oversize, 1u);
  b.set_limits({.max_bytes = 150'000});
  engine.run([&](ms::Run& run) { b(run, 1); });
  EXPECT_EQ(engine.totals().permutations, 2u);
  b.set_limits({.max_bytes = 50'000});
  EXPECT_EQ(engine.totals().permutations, 1u);
  EXPECT_EQ(engine.check(), "");
}

// An outer replays them though the entry that made them is gone.
TEST(Media, StayChargedWhileAnOuterShowsThem) {
  ms::Engine engine;
  const auto inner = shows(engine, "inner", [](ms::Run& run) { ms::image(run, picture()); });
  const auto outer =
      engine.cache_data("outer", [&](ms::Run& run, int n) { return *inner(run, n); });
  engine.run([&](ms::Run& run) { outer(run, 1), outer(run, 2); });
  EXPECT_EQ(engine.totals().permutations, 4u);
  inner.set_limits({.max_entries = 1});
  EXPECT_EQ(engine.totals().permutations, 3u);
  EXPECT_GE(engine.totals().media, 100'000u);
  EXPECT_EQ(engine.check(), "");
  engine.clear();
  EXPECT_EQ(engine.totals().media, 0u);
  EXPECT_EQ(engine.check(), "");
}

// The rules of the report (R1): identities, readable rows, stable ids, and what stays secret.
#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "engine/state_space.hpp"
#include "engine/store.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const ms::PermutationRow& only_row(const ms::Report& report) {
  EXPECT_EQ(report.permutations.size(), 1U);
  return report.permutations.at(0);
}

TEST(Reports, ShowArgumentsReadsAndTimesOfAPermutation) {
  both_kinds([](auto cache) {
    World w;
    auto f = cache(w, "f",
                   [&w](ms::Run& run, const std::string& airport, int rows) {
                     const int n = ms::slider(run, "Minutes", 0, 180, 15);
                     run.state<std::string>("user", "nobody");
                     run.query("page");
                     w.clock.advance(milliseconds(250));
                     return airport.size() + static_cast<std::size_t>(rows + n);
                   },
                   {.allow_widgets = true, .limits = {.ttl = seconds(60)}});
    w.script = [&](ms::Run& run) { f(run, "SEA", 7); };
    w.session().set_state("user", "alice");
    for (int i = 0; i < 3; ++i) w.run();
    w.clock.advance(seconds(10));
    const ms::Report report = w.engine.report();
    const ms::PermutationRow& row = only_row(report);
    EXPECT_TRUE(w.function("f").allow_widgets);
    EXPECT_EQ(w.function("f").limits.ttl, seconds(60));
    EXPECT_EQ(row.function, "f");
    EXPECT_TRUE(contains(row.arguments, "SEA") && contains(row.arguments, "7")) << row.arguments;
    ASSERT_EQ(row.reads.size(), 3U);
    EXPECT_EQ(row.reads[0].variable, "slider Minutes");
    EXPECT_EQ(row.reads[0].value, "15");
    EXPECT_EQ(row.reads[1].variable, "state user");
    EXPECT_TRUE(contains(row.reads[1].value, "alice")) << row.reads[1].value;
    EXPECT_EQ(row.reads[2].variable, "query page");
    EXPECT_EQ(row.hits, 2U);
    EXPECT_EQ(row.compute, milliseconds(250));
    EXPECT_EQ(row.saved, milliseconds(500));
    EXPECT_EQ(row.age, seconds(10));
    EXPECT_EQ(row.expires_in, seconds(50));
    EXPECT_GT(row.bytes.value, 0U);
    EXPECT_GT(row.bytes.recording, 0U);
    EXPECT_GT(row.bytes.key, 0U);
    EXPECT_EQ(row.source, ms::BytesSource::traversal);
    ASSERT_EQ(report.arguments.size(), 1U);
    EXPECT_EQ(report.arguments[0].function, "f");
    EXPECT_EQ(report.arguments[0].arguments, row.arguments);
    const ms::FunctionRow function = w.function("f");
    EXPECT_EQ(function.kind, decltype(cache)::kKind);
    EXPECT_EQ(function.counters.lookups, 3U);
    EXPECT_EQ(function.counters.compute, milliseconds(250));
    EXPECT_EQ(function.counters.saved, milliseconds(500));
    EXPECT_EQ(report.totals.counters, function.counters);
  });
}

TEST(Reports, GiveStableIds) {
  std::vector<std::string> ids[2];
  for (auto& all : ids) {
    World w;
    auto f = w.engine.cache_data(
        "f",
        [](ms::Run& run, int n) { return n + ms::slider(run, "n" + std::to_string(n), 0, 9, 5); },
        {.allow_widgets = true});
    w.run([&](ms::Run& run) { f(run, 1), f(run, 2); });
    w.session().set("n1", 3);
    w.run([&](ms::Run& run) { f(run, 1), f(run, 2); });
    for (const auto& row : w.engine.report().permutations) all.push_back(row.id);
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::unique(all.begin(), all.end()) - all.begin(), 3);
    for (const std::string& id : all) EXPECT_EQ(id.size(), 16U);
  }
  EXPECT_EQ(ids[0], ids[1]);
}

TEST(Reports, GiveAnIdOfItsOwnToEachPermutation) {
  std::set<std::string> ids;
  for (const char* name : {"f", "g"}) {
    for (const char* version : {"1", "2"}) {
      World w;
      auto f = w.engine.cache_data(name,
                                   [](ms::Run& run, int n) {
                                     const std::string label = run.state<bool>("other") ? "b" : "a";
                                     return n + ms::slider(run, label, 0, 9, 5);
                                   },
                                   {.allow_widgets = true, .version = version});
      w.script = [&](ms::Run& run) { f(run, 1); };
      w.run();
      w.run([&](ms::Run& run) { f(run, 2); });
      w.session().set("a", 7);
      w.run([&](ms::Run& run) { f(run, 2); });
      w.session().set_state("other", true);
      w.run([&](ms::Run& run) { f(run, 2); });
      for (const auto& row : w.engine.report().permutations) ids.insert(row.id);
    }
  }
  EXPECT_EQ(ids.size(), 2U * 2U * 4U);
}

TEST(Reports, GiveAnotherIdToThePermutationOfAnotherWidgetOrForm) {
  std::set<std::string> ids;
  for (const char* label : {"Minutes", "Hours"}) {
    for (const bool is_form : {false, true}) {
      World w;
      auto f = w.engine.cache_data("f",
                                   [=](ms::Run& run) {
                                     if (is_form) return ms::form(run, label), 5;
                                     return ms::slider(run, label, 0, 9, 5);
                                   },
                                   {.allow_widgets = true});
      w.run([&](ms::Run& run) { f(run); });
      ids.insert(only_row(w.engine.report()).id);
    }
  }
  EXPECT_EQ(ids.size(), 4U);
}

TEST(Reports, TellThePermutationsOfSessionsApart) {
  World w;
  auto f = w.engine.cache_data("f", [] { return 1; }, {.scope = ms::Scope::session});
  w.script = [&](ms::Run& run) { f(run); };
  w.run(0);
  w.run(1);
  const ms::Report report = w.engine.report();
  ASSERT_EQ(report.permutations.size(), 2U);
  EXPECT_NE(report.permutations[0].session, report.permutations[1].session);
  EXPECT_NE(report.permutations[0].session, 0U);
  ASSERT_EQ(report.arguments.size(), 2U);
  EXPECT_NE(report.arguments[0].session, report.arguments[1].session);
  // Clearing the one must not clear the other.
  EXPECT_TRUE(w.engine.clear_permutation(report.permutations[0].id));
  EXPECT_EQ(w.entries(), 1U);
}

TEST(Reports, ShowSecretsAsDigestsOnly) {
  World w;
  auto f = w.engine.cache_data("f",
                               [](ms::Run& run, const ms::Secret<std::string>& token) {
                                 const std::string word = ms::text_input(
                                     run, "Password", {.type = ms::TextType::password});
                                 return token.value.size() + word.size();
                               },
                               {.allow_widgets = true});
  w.script = [&](ms::Run& run) { f(run, std::string("hunter2-token")); };
  w.session().preset("Password", "hunter2-word");
  w.run();
  const ms::Report report = w.engine.report();
  const ms::PermutationRow& row = only_row(report);
  const std::string all = row.arguments + row.reads.at(0).value + ms::to_text(report);
  EXPECT_FALSE(contains(all, "hunter2")) << all;
  EXPECT_FALSE(contains(ms::to_text(w.page), "hunter2")) << ms::to_text(w.page);
  EXPECT_FALSE(row.arguments.empty() || row.reads[0].value.empty());
}

TEST(Reports, KeepTheCountersOfWhatIsGone) {
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; }, {.limits = {.max_entries = 1}});
  w.run([&](ms::Run& run) {
    for (const int n : {1, 1, 1, 2, 2}) f(run, n);
  });
  const ms::FunctionRow row = w.function("f");
  EXPECT_EQ(row.counters.hits, 3U);
  EXPECT_EQ(row.gone_hits, 2U);
  w.engine.remove("f");
  EXPECT_EQ(w.engine.report().totals.counters.hits, 3U);
  EXPECT_EQ(w.engine.report().totals.counters.cleared, 1U);
}

// So that no counter is forgotten, now or later: each has another number.
template <class Sums>
Sums numbered() {
  std::array<std::uint64_t, sizeof(Sums) / sizeof(std::uint64_t)> numbers{};
  std::iota(numbers.begin(), numbers.end(), 1);
  return std::bit_cast<Sums>(numbers);
}

TEST(Reports, AddUpEachCounterAndEachKindOfBytes) {
  ms::Counters counters;
  ms::EntryBytes bytes;
  EXPECT_EQ(counters += numbered<ms::Counters>(), numbered<ms::Counters>());
  EXPECT_EQ(bytes += numbered<ms::EntryBytes>(), numbered<ms::EntryBytes>());
  EXPECT_EQ((bytes += numbered<ms::EntryBytes>()).total(), 12U);
}

TEST(Reports, SayWhetherAWidgetEverChangedTheValue) {
  World w;
  auto f = w.engine.cache_data("f",
                               [](ms::Run& run) {
                                 ms::slider(run, "no use", 0, 9, 0);
                                 const int n = ms::slider(run, "use", 0, 9, 0);
                                 ms::checkbox(run, "never touched");
                                 return n;
                               },
                               {.allow_widgets = true});
  w.script = [&](ms::Run& run) { f(run); };
  w.run();
  w.session().set("no use", 1);
  w.run();
  w.session().set("use", 1);
  w.run();
  using Effect = ms::WidgetRow::Effect;
  const auto widgets = w.engine.report().widgets;
  ASSERT_EQ(widgets.size(), 3U);
  EXPECT_EQ(widgets[0].variable, "checkbox never touched");
  EXPECT_EQ(widgets[0].effect, Effect::unknown);
  EXPECT_EQ(widgets[1].variable, "slider no use");
  EXPECT_EQ(widgets[1].effect, Effect::never_changed);
  EXPECT_EQ(widgets[2].effect, Effect::changed);
  EXPECT_EQ(widgets[2].distinct_values, 2U);
}

// Values of two sessions differ for a reason that is no widget: who asks.
TEST(Reports, CompareAWidgetsValuesWithinOneSession) {
  World w;
  auto f = w.engine.cache_data("f", [](ms::Run& run) { return ms::slider(run, "n", 0, 9, 5); },
                               {.allow_widgets = true, .scope = ms::Scope::session});
  w.script = [&](ms::Run& run) { f(run); };
  w.run(0);
  w.session(1).preset("n", 6);
  w.run(1);
  using Effect = ms::WidgetRow::Effect;
  const auto effect = [&] { return w.engine.report().widgets.at(0).effect; };
  EXPECT_EQ(w.entries(), 2U);
  EXPECT_EQ(effect(), Effect::unknown);
  w.session(0).set("n", 6);
  w.run(0);
  EXPECT_EQ(effect(), Effect::changed);
}

// Beside the places that entries pay for, a policy of a function has room for more.
TEST(Reports, CountThePoliciesOfFunctionsAsFixed) {
  const auto fixed_with = [](const ms::Limits& limits) {
    World w;
    auto f = w.engine.cache_data("f", [] { return 1; }, {.limits = limits});
    w.run([&](ms::Run& run) { f(run); });
    return w.engine.totals().fixed;
  };
  EXPECT_GT(fixed_with({.max_entries = 10}), fixed_with({}) + 100);
}

// A page shows the values that its widgets had.
TEST(Reports, CountTheValuesOfWidgetsThatARecordingShows) {
  World w;
  auto f = w.engine.cache_data(
      "f",
      [](ms::Run& run, int length) {
        const std::string text(static_cast<std::size_t>(length), 'x');
        return static_cast<int>(ms::text_input(run, "Text", {.value = text}).size());
      },
      {.allow_widgets = true});
  std::map<std::size_t, std::uint64_t> recordings;
  for (const int length : {1, 5'000}) {
    w.run([&](ms::Run& run) { f(run, length); });
    for (const ms::PermutationRow& row : w.engine.report().permutations) {
      recordings[row.arguments.size()] = row.bytes.recording;
    }
  }
  ASSERT_EQ(recordings.size(), 2U);
  EXPECT_GE(recordings.rbegin()->second, recordings.begin()->second + 5'000);
}

TEST(Reports, ChargeAnEntryForTheListOfThoseItIsBuiltOn) {
  World w;
  auto inner = w.engine.cache_data("inner", [](int n) { return n; });
  auto outer = w.engine.cache_data(
      "outer", [&](ms::Run& run, int n) { return *inner(run, n) + *inner(run, n + 1); });
  w.run([&](ms::Run& run) { outer(run, 1); });
  std::map<std::string, std::uint64_t> keys;
  for (const ms::PermutationRow& row : w.engine.report().permutations) {
    keys[row.function] = row.bytes.key;
  }
  EXPECT_EQ(keys["outer"] - keys["inner"], ms::allocated(sizeof(ms::detail::Ties)) +
                                               ms::allocated(2 * sizeof(ms::detail::Dependency)));
}

// Entries are charged for their place in the tables, so it is not part of what is fixed, too.
TEST(Reports, CountAPlaceInThePolicyOfAFunctionOnce) {
  constexpr std::uint64_t kEntries = 1'000;
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  w.run([&](ms::Run& run) {
    for (int n = 0; n < static_cast<int>(kEntries); ++n) f(run, n);
  });
  const std::uint64_t charged = w.engine.totals().charged;
  const std::uint64_t fixed = w.engine.totals().fixed;
  f.set_limits({.max_entries = 2 * kEntries});
  EXPECT_GE(w.engine.totals().charged, charged + kEntries * detail::kPolicyShare);
  EXPECT_LE(w.engine.totals().fixed, fixed);
}

// Whether it showed something the last time, or another one does in between.
TEST(Reports, ChargeNoRecordingForWhatShowsNothing) {
  World w;
  auto f = w.engine.cache_data("f", [](ms::Run& run, int n) {
    if (n % 2 == 0) ms::text(run, std::to_string(n));
    return n;
  });
  const auto make = [&](ms::Run& run) {
    for (int n = 0; n < 6; ++n) f(run, n);
  };
  w.run(make);
  const std::string page = w.run(make);
  std::map<bool, std::set<std::uint64_t>> recordings;
  for (const ms::PermutationRow& row : w.engine.report().permutations) {
    const bool is_even = std::stoi(row.arguments) % 2 == 0;
    recordings[is_even].insert(row.bytes.recording);
  }
  EXPECT_EQ(recordings[false], std::set<std::uint64_t>{0});
  ASSERT_EQ(recordings[true].size(), 1U);
  EXPECT_GT(*recordings[true].begin(), 0U);
  EXPECT_EQ(page, "text 0, text 2, text 4");
}

TEST(Reports, ChargeAnEntryForItsPlaceAmongWhatExpires) {
  constexpr std::uint64_t kEntries = 1'000;
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  const auto make = [&](int from, int to) {
    w.run([&](ms::Run& run) {
      for (int n = from; n < to; ++n) f(run, n);
    });
  };
  make(0, 1);
  const std::uint64_t alone = w.engine.totals().fixed;
  f.set_limits({.ttl = seconds(60)});
  const std::uint64_t first = w.engine.totals().fixed;
  EXPECT_GT(first, alone + 1'000) << "there is room for more";
  f.set_limits({});
  make(1, kEntries);
  const std::uint64_t charged = w.engine.totals().charged;
  const std::uint64_t fixed = w.engine.totals().fixed;
  f.set_limits({.ttl = seconds(60)});
  EXPECT_EQ(w.engine.totals().charged, charged + kEntries * detail::ExpiryQueue::kShare);
  EXPECT_LT(w.engine.totals().fixed, fixed + first - alone);
}

TEST(Reports, SayWhereBytesComeFrom) {
  World w;
  auto declared = w.engine.cache_resource(
      "declared", [] { return ms::with_cost(std::string("handle"), 1'000'000); });
  w.run([&](ms::Run& run) { w.show(run, *declared(run)); });
  const ms::Report report = w.engine.report();
  EXPECT_EQ(only_row(report).source, ms::BytesSource::declared);
  EXPECT_GE(only_row(report).bytes.value, 1'000'000U);
}

TEST(Reports, CountFollowingCallsOfOneRunOnceMerged) {
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  w.run([&](ms::Run& run) {
    for (int i = 0; i < 5000; ++i) f(run, 1);
  });
  const ms::Counters counters = w.function("f").counters;
  EXPECT_EQ(counters.lookups, 5000U);
  EXPECT_EQ(counters.hits, 4999U);
  EXPECT_EQ(counters.misses, 1U);
}

TEST(Caching, OffExecutesStoresNothingAndKeepsTheRules) {
  World w({.caching = ms::Caching::off});
  auto f = w.engine.cache_data("f", [&w](ms::Run& run) {
    w.log.add("f");
    w.clock.advance(milliseconds(250));
    return run.state<int>("x");
  });
  auto outer = w.engine.cache_data("outer", [f](ms::Run& run) { return *f(run); });
  w.script = [&](ms::Run& run) { w.show(run, *outer(run)); };
  w.run();
  w.run();
  EXPECT_EQ(w.log.take(), Lines("f", "f"));
  EXPECT_EQ(w.function("f").counters.compute, milliseconds(500));
  w.engine.set_caching(ms::Caching::on);
  w.run();
  w.run();
  EXPECT_EQ(w.log.take(), Lines("f"));
  EXPECT_EQ(w.entries(), 2U);
  w.engine.set_caching(ms::Caching::off);
  w.run();
  EXPECT_EQ(w.log.take(), Lines("f"));
  EXPECT_EQ(w.function("f").counters.misses, 4U);
}

TEST(Reports, CountWhatSessionsTakeAsLongAsTheyLive) {
  constexpr int kWidgets = 50;
  constexpr std::uint64_t kLeast = 200;  // of a widget: its definition and value
  ms::Engine engine;
  const auto fixed = [&] { return engine.totals().fixed; };
  const std::uint64_t before = fixed();
  {
    ms::Session session(engine);
    session.run([](ms::Run& run) {
      for (int i = 0; i < kWidgets; ++i) ms::slider(run, "s" + std::to_string(i), 0, 9);
    });
    EXPECT_GT(fixed(), before + kWidgets * kLeast);
  }
  EXPECT_EQ(fixed(), before);
}

TEST(Reports, CountWhatContainersHoldLikeWhatIsBesideThem) {
  constexpr int kTexts = 40;
  World w;
  const auto write = [](const ms::Place& place) {
    for (int i = 0; i < kTexts; ++i) ms::text(place, "twenty letters, or so");
  };
  auto beside = w.engine.cache_data("beside", [=](ms::Run& run) {
    write(run);
    return 1;
  });
  auto inside = w.engine.cache_data("inside", [=](ms::Run& run) {
    write(ms::container(run));
    return 1;
  });
  w.run([&](ms::Run& run) {
    beside(run);
    inside(run);
  });
  std::map<std::string, std::uint64_t> bytes;
  for (const ms::PermutationRow& row : w.engine.report().permutations) {
    bytes[row.function] = row.bytes.recording;
  }
  EXPECT_GE(bytes["inside"], bytes["beside"]);
}

TEST(Reports, CountTheTextsOfWhatIsReadOnceForAll) {
  constexpr std::size_t kLong = 10'000;
  std::vector<std::uint64_t> shared;
  for (const std::size_t size : {std::size_t{1}, kLong}) {
    World w;
    const std::string label(size, 'x');
    auto f = w.engine.cache_data(
        "f", [&](ms::Run& run, int n) { return ms::slider(run, label, 0, 9, 5) + n; },
        {.allow_widgets = true});
    for (int n = 0; n < 5; ++n) w.run([&](ms::Run& run) { f(run, n); });
    shared.push_back(w.engine.totals().shared);
  }
  // Its label, its identity and its bytes.
  EXPECT_GE(shared[1], shared[0] + 3 * (kLong - 1));
  EXPECT_LT(shared[1], shared[0] + 4 * kLong);
}

TEST(Reports, CountExecutionsThatAreUnderWay) {
  const std::uint64_t least = sizeof(detail::Flight);
  World w;
  std::uint64_t one = 0;
  std::uint64_t two = 0;
  auto inner = w.engine.cache_data("inner", [&](ms::Run&) {
    two = w.engine.totals().under_construction;
    return 1;
  });
  auto outer = w.engine.cache_data("outer", [&](ms::Run& run) {
    one = w.engine.totals().under_construction;
    return *inner(run);
  });
  w.run([&](ms::Run& run) { outer(run); });
  EXPECT_GE(one, least);
  EXPECT_GE(two, one + least);
  // What it has read is part of it.
  constexpr std::size_t kLong = 5'000;
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  auto reader = w.engine.cache_data("reader", [&](ms::Run& run) {
    before = w.engine.totals().under_construction;
    const std::size_t size = run.state<std::string>("text", std::string(kLong, 'x')).size();
    after = w.engine.totals().under_construction;
    return size;
  });
  w.run([&](ms::Run& run) { reader(run); });
  EXPECT_GE(after, before + kLong);
  EXPECT_EQ(w.engine.totals().under_construction, 0U);
}

}  // namespace
}  // namespace memoscape::testing

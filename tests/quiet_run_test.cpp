// Quiet runs (P5, C7): a run that follows one which repeated its track puts off what a run begins
// with until something happens that can tell.
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core_of.hpp"
#include "harness.hpp"
#include "tracked_board.hpp"

namespace memoscape::testing {
namespace {

TEST(QuietRun, ReadsWhatWasTheStateWhenItBegan) {
  World w;
  TrackedBoard board(w);
  for (std::size_t at = 0; at <= 3; ++at) {
    SCOPED_TRACE(at);
    board.run(2);
    w.session().set_state("n", static_cast<int>(at));
    for (int again = 0; again < 3; ++again) {
      int seen = -1;
      board.between = [&](ms::Run& run, std::size_t i) {
        if (i == at) seen = run.state<int>("n", -1);
      };
      EXPECT_EQ(board.run(), kBoardPage);
      board.between = nullptr;
      EXPECT_EQ(seen, static_cast<int>(at));
    }
  }
  EXPECT_EQ(board.hits("b"), 3U + 4 * 5);
  EXPECT_EQ(w.log.take(), Lines("a", "b", "c"));
}

// What a run reads by itself is remembered; how much of that is kept is looked at when it ends.
TEST(QuietRun, DoesNotRememberAllThatWasEverRead) {
  World w;
  TrackedBoard board(w);
  std::vector<std::weak_ptr<const ms::StateRead>> reads;
  board.between = [&](ms::Run& run, std::size_t i) {
    if (i != 1) return;
    const auto read = ms::StateRead::of_session_state("n" + std::to_string(reads.size()), 0);
    EXPECT_EQ(run.read(read).value, ms::Value(0));
    reads.emplace_back(read);
  };
  board.run(300);
  const auto forgotten =
      std::count_if(reads.begin(), reads.end(), [](const auto& read) { return read.expired(); });
  EXPECT_GT(forgotten, 200);
}

TEST(QuietRun, ShowsWhatWasClearedInItAndTheNextOneExecutes) {
  World w;
  TrackedBoard board(w);
  board.run(2);
  w.log.take();
  board.between = [&](ms::Run&, std::size_t i) {
    if (i == 3) w.engine.clear();
  };
  EXPECT_EQ(board.run(), kBoardPage);
  EXPECT_EQ(w.log.take(), Lines());
  board.between = nullptr;
  EXPECT_EQ(board.run(), kBoardPage);
  EXPECT_EQ(w.log.take(), Lines("a", "b", "c"));
}

TEST(QuietRun, ThatLeavesACallOutDropsItsWidget) {
  World w;
  TrackedBoard board(w);
  w.session().set("c", 5);
  board.run(kRunsToLay);
  w.log.take();
  board.functions.pop_back();
  EXPECT_EQ(board.run(), "slider a=0, checkbox more=no, slider b=0");
  board.functions.push_back(w.engine.cache_data(
      "d", [](ms::Run& run) { return ms::slider(run, "c", 0, 9); }, {.allow_widgets = true}));
  board.run();
  EXPECT_EQ(board.values, (std::vector<int>{0, 0, 0})) << "5 is gone (W5)";
}

TEST(QuietRun, MayBeStoppedBehindItsLastCall) {
  World w;
  TrackedBoard board(w);
  board.run(kRunsToLay);
  const std::uint64_t hits = board.hits("a");
  board.between = [](ms::Run& run, std::size_t i) {
    if (i == 3) run.stop();
  };
  for (int i = 0; i < 2; ++i) EXPECT_EQ(board.run(), kBoardPage);
  board.between = nullptr;
  EXPECT_EQ(board.run(), kBoardPage);
  EXPECT_EQ(board.hits("a"), hits + 3);
  w.session().set("c", 5);
  EXPECT_EQ(board.run(), "slider a=0, checkbox more=no, slider b=0, slider c=5");
  EXPECT_EQ(board.run(2), "slider a=0, checkbox more=no, slider b=0, slider c=5");
}

TEST(QuietRun, EndsItsRun) {
  World w;
  TrackedBoard board(w);
  ms::Run* kept = nullptr;
  board.between = [&](ms::Run& run, std::size_t) { kept = &run; };
  board.run(kRunsToLay);
  EXPECT_THROW(board.functions[0](*kept), ms::UsageError);
  EXPECT_THROW(kept->state<int>("n", 0), ms::UsageError);
  EXPECT_EQ(board.run(), kBoardPage);
}

TEST(QuietRun, GivesThePageOfTheOneBeforeWhichStaysWithWhoeverHasIt) {
  World w;
  TrackedBoard board(w);
  board.run(2);
  const ms::Page first = w.session().run(w.script);
  const ms::Page second = w.session().run(w.script);
  EXPECT_EQ(ms::detail::PageAccess::recording(first), ms::detail::PageAccess::recording(second));
  w.session().set("a", 7);
  board.run(2);
  EXPECT_EQ(summary(first), kBoardPage);
}

}  // namespace
}  // namespace memoscape::testing

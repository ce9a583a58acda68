// Pages that shortcuts put together: an unchanged run gives the page of the run before.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/recording.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

TEST(Shortcuts, AnUnchangedRunGivesThePageOfTheRunBefore) {
  World w;
  auto f = w.engine.cache_data("f",
                               [](ms::Run& run, int n) {
                                 ms::text(run, std::to_string(n));
                                 return ms::slider(run, "s" + std::to_string(n), 0, 9);
                               },
                               {.allow_widgets = true});
  w.script = [&](ms::Run& run) { f(run, 1), f(run, 2); };
  const auto page_of_run = [&] {
    return ms::detail::PageAccess::recording(w.session().run(w.script));
  };
  for (int i = 0; i < 4; ++i) page_of_run();
  const auto page = page_of_run();
  EXPECT_EQ(page_of_run(), page);
  w.session().set("s2", 5);
  EXPECT_NE(page_of_run(), page);
  for (int i = 0; i < 3; ++i) page_of_run();
  EXPECT_EQ(page_of_run(), page_of_run()) << "the first call goes on, and the page with it";
}

TEST(Shortcuts, ThePageStaysWhenOnlyWhatShowsNothingIsCleared) {
  World w;
  auto shows = w.engine.cache_data("shows", [](ms::Run& run) {
    ms::text(run, "a text");
    return 1;
  });
  auto silent = w.engine.cache_data("silent", [&w] {
    w.log.add("silent");
    return 2;
  });
  w.script = [&](ms::Run& run) { shows(run), silent(run); };
  const auto page_of_run = [&] {
    return ms::detail::PageAccess::recording(w.session().run(w.script));
  };
  for (int i = 0; i < 4; ++i) page_of_run();
  const auto page = page_of_run();
  silent.clear();
  EXPECT_EQ(page_of_run(), page);
  EXPECT_EQ(w.log.take(), Lines("silent", "silent"));
}

TEST(Shortcuts, APageGoesWhenAnotherIsKept) {
  World w;
  auto f = w.engine.cache_data("f", [](ms::Run& run, int n) {
    ms::text(run, std::to_string(n));
    return n;
  });
  bool turned = false;
  w.script = [&](ms::Run& run) { f(run, turned ? 2 : 1), f(run, turned ? 1 : 2); };
  const auto page_of_run = [&] {
    return ms::detail::PageAccess::recording(w.session().run(w.script));
  };
  for (int i = 0; i < 4; ++i) page_of_run();
  const std::weak_ptr<const ms::detail::Recording> page = page_of_run();
  EXPECT_FALSE(page.expired());
  turned = true;
  for (int i = 0; i < 3; ++i) page_of_run();
  EXPECT_EQ(page_of_run(), page_of_run());
  EXPECT_TRUE(page.expired());
}

// Neither does the page that an idle session could give again keep its recordings alive.
TEST(Shortcuts, AnIdleSessionKeepsNoRecordingOfWhatWasEvicted) {
  World w;
  std::weak_ptr<const ms::Media> picture;
  auto f = w.engine.cache_data("f", [&](ms::Run& run) {
    auto media =
        std::make_shared<const ms::Media>(ms::Media{"a.png", "image/png", std::string(100, 'x')});
    picture = media;
    ms::image(run, media);
    return 1;
  });
  auto g = w.engine.cache_data("g", [](ms::Run& run) {
    ms::text(run, "g");
    return 1;
  });
  const auto script = [&](ms::Run& run) { f(run), g(run); };
  for (int i = 0; i < 4; ++i) w.session().run(script);
  EXPECT_FALSE(picture.expired());
  {
    const ms::Page page = w.session().run(script);
    f.clear();
    EXPECT_FALSE(picture.expired()) << "a page that somebody has stays whole";
    EXPECT_EQ(page.all("text").size(), 1U);
  }
  EXPECT_TRUE(picture.expired());
}

// What is put in the place of a recording whose value is still used has a lease of its own.
TEST(Shortcuts, AnIdleSessionKeepsNoRecordingThatItWasLedToEither) {
  World w;
  std::map<int, std::weak_ptr<const ms::Media>> pictures;
  auto f = w.engine.cache_data("f",
                               [&](ms::Run& run) {
                                 const int n = ms::slider(run, "n", 0, 9);
                                 auto media = std::make_shared<const ms::Media>(ms::Media{
                                     std::to_string(n), "image/png", std::string(100, 'x')});
                                 pictures[n] = media;
                                 ms::image(run, media);
                                 return n;
                               },
                               {.allow_widgets = true});
  std::vector<ms::Ref<const int>> used;
  const auto script = [&](ms::Run& run) { used.push_back(f(run)); };
  w.session().run(script);
  for (const int n : {1, 0, 1, 0, 0, 1, 0, 1}) {
    w.session().set("n", n);
    w.session().run(script);
    EXPECT_EQ(*used.back(), n);
  }
  used.clear();
  EXPECT_FALSE(pictures[1].expired());
  f.clear();
  EXPECT_TRUE(pictures[0].expired());
  EXPECT_TRUE(pictures[1].expired());
}

// When few calls change, the page is changed where they are, unless somebody sees it.
TEST(Shortcuts, APageThatNobodySeesIsChangedInItsPlace) {
  World w;
  std::vector<std::weak_ptr<const ms::Media>> pictures;
  std::vector<std::function<void(ms::Run&)>> parts;
  for (int part = 0; part < 8; ++part) {
    const std::string label = "s" + std::to_string(part);
    auto f = w.engine.cache_data(
        "f" + std::to_string(part),
        [&, label](ms::Run& run) {
          const std::string name = label + "=" + std::to_string(ms::slider(run, label, 0, 9));
          auto media =
              std::make_shared<const ms::Media>(ms::Media{name, "image/png", std::string(99, 'x')});
          pictures.push_back(media);
          ms::image(run, media);
          ms::caption(ms::sidebar(run), name);
          return 1;
        },
        {.allow_widgets = true});
    parts.emplace_back([f](ms::Run& run) { f(run); });
  }
  const auto script = [&](ms::Run& run) {
    for (const auto& part : parts) part(run);
  };
  const auto captions = [](const ms::Page& page) {
    std::string all;
    for (const ms::PageNode* node : page.all("caption")) all += node->element()->text + " ";
    return all;
  };
  const std::string first = "s0=0 s1=0 s2=0 s3=0 s4=0 s5=0 s6=0 s7=0 ";
  const std::string second = "s0=0 s1=0 s2=0 s3=4 s4=0 s5=0 s6=0 s7=0 ";
  const std::string third = "s0=0 s1=0 s2=0 s3=4 s4=0 s5=0 s6=2 s7=0 ";
  for (int i = 0; i < 4; ++i) w.session().run(script);
  w.session().set("s3", 4);
  for (int i = 0; i < 3; ++i) w.session().run(script);
  w.session().set("s3", 0);
  w.session().run(script);
  for (int i = 0; i < 3; ++i) {  // both are stored: they are hits, and replaced
    w.session().set("s3", 4);
    const ms::Page seen = w.session().run(script);
    EXPECT_EQ(captions(seen), second);
    w.session().set("s3", 0);
    EXPECT_EQ(captions(w.session().run(script)), first);
    const ms::Page laid_out_anew(ms::detail::PageAccess::recording(seen), nullptr);
    EXPECT_EQ(captions(laid_out_anew), second) << "a page that somebody has stays what it is";
    EXPECT_EQ(captions(w.session().run(script)), first);
  }
  const auto address_of_page = [&] {
    return ms::detail::PageAccess::recording(w.session().run(script)).get();
  };
  const auto* page = address_of_page();
  w.session().set("s3", 4);
  EXPECT_EQ(address_of_page(), page);
  EXPECT_EQ(address_of_page(), page);
  w.session().set("s3", 0);
  EXPECT_EQ(address_of_page(), page);
  w.session().set("s3", 4);
  w.session().set("s6", 2);
  EXPECT_EQ(captions(w.session().run(script)), third);
  EXPECT_EQ(captions(w.session().run(script)), third);
  w.session().set("s6", 0);
  EXPECT_EQ(captions(w.session().run(script)), second);
  w.engine.clear();
  for (const auto& picture : pictures) EXPECT_TRUE(picture.expired()) << "nobody sees the page";
  EXPECT_EQ(captions(w.session().run(script)), second);
}

// A lease has a count of its own, which does not tell of others: their lists must stay.
TEST(Pages, ThatGoLeaveLeasedRecordingsWhereTheyAre) {
  using detail::Recording;
  using detail::RecordingPtr;
  const RecordingPtr other = std::make_shared<const Recording>();
  const RecordingPtr replayed = std::make_shared<const Recording>();
  replayed->self = other;  // on the list of what another thread has freed
  {
    Recording page;
    const auto lease = std::make_shared<const RecordingPtr>(replayed);
    page.root.items.emplace_back(
        detail::Part::main,
        detail::Replay{.recording = RecordingPtr(lease, lease->get()), .is_leased = true});
    page.has_replays = true;
  }
  EXPECT_EQ(replayed->self, other);
  EXPECT_EQ(replayed.use_count(), 1);
}

}  // namespace
}  // namespace memoscape::testing

// What the browser is told of pages: only what changed, and enough to show each page exactly.
//
// A Mirror applies updates as the browser does. Whatever the pages before were, it must show what
// one that was just opened shows.
#include "widgets/web/view.hpp"

#include <map>
#include <random>
#include <set>

#include "tests/harness.hpp"
#include "widgets/json.hpp"

namespace memoscape::testing {

namespace {

using detail::Json;
using web::NodeId;
using web::View;

class Shelf final : public web::MediaShelf {
 public:
  std::string put(ms::MediaPtr medium) override {
    const std::string link = "link" + std::to_string(++last_);
    media[link] = std::move(medium);
    return link;
  }
  void drop(const std::string& link) override { media.erase(link); }

  std::map<std::string, ms::MediaPtr> media;

 private:
  int last_ = 0;
};

const Json* member(const Json& object, std::string_view name) {
  for (std::size_t i = 0; i < object.names.size(); ++i) {
    if (object.names[i] == name) return &object.items[i];
  }
  return nullptr;
}

std::string dump(const Json& json) {
  if (json.kind == Json::Kind::scalar) {
    std::string out;
    return detail::append_json(json.scalar, out) ? out : "?";
  }
  std::string out = "[";
  for (std::size_t i = 0; i < json.items.size(); ++i) {
    if (json.kind == Json::Kind::object) out += json.names[i] + ":";
    // Links differ from view to view.
    const bool is_link = json.kind == Json::Kind::object && json.names[i] == "link";
    out += is_link ? "L " : dump(json.items[i]) + " ";
  }
  return out + "]";
}

NodeId id_of(const Json& json) { return static_cast<NodeId>(*json.scalar.get_if<std::int64_t>()); }

class Mirror {
 public:
  Mirror() { nodes_[web::kMainId], nodes_[web::kSidebarId]; }

  void apply(const std::string& members) {
    Json update;
    const std::string text = "{\"a\":0" + members + "}";
    const detail::JsonError error = detail::parse_json(text, {}, update);
    ASSERT_EQ(error.problem, "") << text;
    apply(update);
  }

  std::string shown() const {
    std::string out;
    show(web::kMainId, out);
    out += " | ";
    show(web::kSidebarId, out);
    return out;
  }
  std::size_t nodes() const { return nodes_.size(); }
  std::set<NodeId> stale;

 private:
  struct Node {
    std::string kind, props, value;
    std::vector<NodeId> kids;
  };

  void apply(const Json& update) {
    stale.clear();
    each(update, "new", [&](const Json& one) {
      const NodeId id = id_of(*member(one, "id"));
      EXPECT_FALSE(nodes_.contains(id)) << "id " << id << " is used twice";
      Node& node = nodes_[id];
      node.kind = *member(one, "kind")->scalar.get_if<std::string>();
      node.props = dump(*member(one, "props"));
      if (const Json* value = member(one, "value")) node.value = dump(*value);
    });
    each(update, "set", [&](const Json& one) { at(one.items[0]).props = dump(one.items[1]); });
    each(update, "val", [&](const Json& one) { at(one.items[0]).value = dump(one.items[1]); });
    each(update, "kids", [&](const Json& one) {
      std::vector<NodeId> kids;
      for (const Json& run : one.items[1].items) {
        const bool is_run = run.kind == Json::Kind::list;
        const NodeId first = id_of(is_run ? run.items[0] : run);
        const NodeId last = id_of(is_run ? run.items[1] : run);
        for (NodeId id = first; id <= last; ++id) kids.push_back(id);
      }
      at(one.items[0]).kids = kids;
    });
    each(update, "stale", [&](const Json& one) { stale.insert(id_of(one)); });
    drop_unreached();
  }

  template <class F>
  void each(const Json& update, std::string_view name, const F& visit) {
    const Json* list = member(update, name);
    if (list == nullptr) return;
    for (const Json& one : list->items) visit(one);
  }

  Node& at(const Json& id) {
    EXPECT_TRUE(nodes_.contains(id_of(id))) << "id " << id_of(id) << " is not known";
    return nodes_[id_of(id)];
  }

  void drop_unreached() {
    std::set<NodeId> reached;
    std::vector<NodeId> pending = {web::kMainId, web::kSidebarId};
    while (!pending.empty()) {
      const NodeId id = pending.back();
      pending.pop_back();
      EXPECT_TRUE(reached.insert(id).second) << "id " << id << " is in two places";
      EXPECT_TRUE(nodes_.contains(id)) << "id " << id << " is placed but was never made";
      for (const NodeId kid : nodes_[id].kids) pending.push_back(kid);
    }
    std::erase_if(nodes_, [&](const auto& one) { return !reached.contains(one.first); });
  }

  void show(NodeId id, std::string& out) const {
    const Node& node = nodes_.at(id);
    out += node.kind + node.props + "=" + node.value + "{";
    for (const NodeId kid : node.kids) show(kid, out);
    out += "}";
  }

  std::map<NodeId, Node> nodes_;
};

// A tab: a view with the mirror that it tells.
struct Tab {
  Shelf shelf;
  View view{shelf};
  Mirror mirror;

  std::string show(const detail::Recording& page, View::Extent extent = View::Extent::whole) {
    std::string update;
    view.show(page, extent, update);
    mirror.apply(update);
    return update;
  }
  std::string show(const ms::Page& page) { return show(*detail::PageAccess::recording(page)); }
};

std::string shown_at_once(const ms::Page& page) {
  Tab tab;
  tab.show(page);
  return tab.mirror.shown();
}

}  // namespace

TEST(WebView, NamesARecordingThatTheTabShowsAlready) {
  ms::Engine engine;
  const auto cached = engine.cache_data("f", [](ms::Run& run) {
    for (int i = 0; i < 50; ++i) ms::text(run, ms::format("line {} of the recording", i));
    return 1;
  });
  int n = 0;
  const auto script = [&](ms::Run& run) {
    ms::text(run, ms::format("run {}", ++n));
    cached(run);
    ms::text(run, "end");
  };
  ms::Session session(engine);
  Tab tab;
  EXPECT_GT(tab.show(session.run(script)).size(), 1000u);
  EXPECT_EQ(tab.show(session.run(script)), R"(,"set":[[3,{"text":"run 2"}]])");
}

TEST(WebView, SaysNothingOfAPageThatIsTheSame) {
  ms::Engine engine;
  const auto script = [&](ms::Run& run) {
    ms::slider(run, "n", 0, 10, 5);
    ms::text(ms::sidebar(run), "at the side");
  };
  ms::Session session(engine);
  Tab tab;
  tab.show(session.run(script));
  EXPECT_EQ(tab.show(session.run(script)), "");
}

TEST(WebView, AWidgetKeepsItsNodeFromPermutationToPermutation) {
  ms::Engine engine;
  const auto cached = engine.cache_data("f",
                                        [](ms::Run& run) {
                                          const int n = ms::slider(run, "n", 0, 10, 5);
                                          ms::text(run, ms::format("n is {}", n));
                                          return n;
                                        },
                                        {.allow_widgets = true});
  const auto script = [&](ms::Run& run) { cached(run); };
  ms::Session session(engine);
  Tab tab;
  tab.show(session.run(script));
  session.set("n", 6);
  EXPECT_EQ(tab.show(session.run(script)), R"(,"set":[[4,{"text":"n is 6"}]],"val":[[3,6]])");
  session.set("n", 5);
  EXPECT_EQ(tab.show(session.run(script)), R"(,"set":[[4,{"text":"n is 5"}]],"val":[[3,5]])");
}

TEST(WebView, AWidgetThatWasTouchedIsToldItsValueAgain) {
  ms::Engine engine;
  const auto script = [&](ms::Run& run) { ms::checkbox(run, "on"); };
  ms::Session session(engine);
  Tab tab;
  tab.show(session.run(script));
  tab.view.touch(3);
  EXPECT_EQ(tab.show(session.run(script)), R"(,"val":[[3,false]])");
  EXPECT_EQ(tab.show(session.run(script)), "");
}

TEST(WebView, WhatARunHasNotReachedStaysStaleAndSpinnersDoNot) {
  ms::Engine engine;
  const auto slow = engine.cache_data("slow",
                                      [](ms::Run& run) {
                                        const int n = ms::slider(run, "n", 0, 10, 5);
                                        ms::text(run, ms::format("n is {}", n));
                                        return n;
                                      },
                                      {.allow_widgets = true});
  const auto script = [&](ms::Run& run) {
    ms::title(run, "T");
    slow(run);
    ms::text(run, "below");
  };
  ms::Session session(engine);
  Tab tab;
  tab.show(session.run(script));
  const std::string before = tab.mirror.shown();
  std::vector<std::string> partial;
  session.watch([&](const ms::Page& page) {
    tab.show(*detail::PageAccess::recording(page), View::Extent::partial);
    partial.push_back(tab.mirror.shown());
    if (partial.size() == 1) {
      EXPECT_NE(partial[0].find("spinner"), std::string::npos);
      EXPECT_EQ(tab.mirror.stale, (std::set<NodeId>{4, 5, 6}));
    }
  });
  session.set("n", 6);
  const ms::Page page = session.run(script);
  EXPECT_EQ(partial.size(), 2u);
  const std::string update = tab.show(page);
  EXPECT_EQ(update.find("new"), std::string::npos) << update;
  EXPECT_EQ(tab.mirror.shown(), shown_at_once(page));
  EXPECT_EQ(tab.mirror.shown().find("spinner"), std::string::npos);
  EXPECT_NE(before, tab.mirror.shown());
}

TEST(WebView, AMediumIsOnTheShelfWhileItIsOnThePage) {
  ms::Engine engine;
  bool is_shown = true;
  const auto script = [&](ms::Run& run) {
    if (is_shown) ms::image(run, ms::Media{"a.png", "image/png", "12345"});
    ms::download_button(run, "Save", ms::Media{"b.txt", "text/plain", "b"});
  };
  ms::Session session(engine);
  Tab tab;
  tab.show(session.run(script));
  EXPECT_EQ(tab.shelf.media.size(), 2u);
  // The same content: the browser need not fetch it again.
  EXPECT_EQ(tab.show(session.run(script)), "");
  is_shown = false;
  tab.show(session.run(script));
  EXPECT_EQ(tab.shelf.media.size(), 1u);
  tab.view.reset();
  EXPECT_TRUE(tab.shelf.media.empty());
}

TEST(WebView, ASecretIsNotSentBack) {
  ms::Engine engine;
  const auto script = [&](ms::Run& run) {
    ms::text_input(run, "Password", {.type = ms::TextType::password});
  };
  ms::Session session(engine);
  Tab tab;
  tab.show(session.run(script));
  session.set("Password", "correct horse");
  tab.view.touch(3);
  EXPECT_EQ(tab.show(session.run(script)), R"(,"val":[[3,null]])");
}

TEST(WebView, ShowsRecordingsThatNestTenThousandDeep) {
  const auto leaf = std::make_shared<detail::Recording>();
  const auto element = std::make_shared<ms::Element>();
  element->kind = &ms::kSpinnerKind;
  leaf->root.items.push_back({detail::Part::main, ms::ElementPtr(element)});
  detail::RecordingPtr inner = leaf;
  for (int i = 0; i < 10'000; ++i) {
    const auto outer = std::make_shared<detail::Recording>();
    outer->root.items.push_back({detail::Part::main, detail::Replay{inner, detail::Filter::main}});
    outer->has_replays = true;
    inner = outer;
  }
  Tab tab;
  tab.show(*inner);
  EXPECT_EQ(tab.mirror.nodes(), 3u);
  EXPECT_EQ(tab.show(*inner), "");
}

// Random scripts on random pages: what a tab shows never depends on what it showed before.
TEST(WebView, AnyPageAfterAnyOtherIsShownExactly) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    ms::Engine engine;
    const auto inner = engine.cache_data("inner", [](ms::Run& run, int x) {
      ms::text(run, ms::format("inner {}", x));
      if (x % 2 == 0) ms::text(ms::sidebar(run), "even");
      return x;
    });
    const auto outer = engine.cache_data("outer",
                                         [inner](ms::Run& run, int x) {
                                           const int n =
                                               ms::slider(run, ms::format("n{}", x), 0, 3, 1);
                                           const ms::Place box = ms::container(run);
                                           for (int i = 0; i < n; ++i)
                                             ms::text(box, ms::format("item {}", i));
                                           ms::within(box, [&] { inner(run, n); });
                                           if (ms::checkbox(run, ms::format("more{}", x)))
                                             ms::divider(run);
                                           inner(run, x);
                                           return n;
                                         },
                                         {.allow_widgets = true});
    std::vector<int> plan;
    const auto script = [&](ms::Run& run) {
      int at = 0;
      for (const int step : plan) {
        ++at;
        if (step < 4) {
          outer(run, step);
        } else if (step < 8) {
          inner(run, step);
        } else if (step == 8) {
          ms::text(run, ms::format("plain {}", at));
        } else {
          const auto columns = ms::columns(run, 2);
          ms::text(columns[0], "left");
          ms::within(columns[1], [&] { inner(run, step); });
        }
      }
    };
    ms::Session session(engine);
    Tab tab;
    session.watch([&](const ms::Page& page) {
      tab.show(*detail::PageAccess::recording(page), View::Extent::partial);
    });
    for (int round = 0; round < 25; ++round) {
      if (plan.empty() || below(2) == 0) {
        plan.clear();
        std::set<int> used;
        const int steps = below(7);
        for (int i = 0; i < steps; ++i) {
          const int step = below(11);
          if (step >= 4 || used.insert(step).second) plan.push_back(step);
        }
      }
      for (const ms::StateReadPtr& widget : session.widgets()) {
        if (below(3) != 0) continue;
        const bool is_box = std::string_view(widget->definition().kind->name) == "checkbox";
        session.set(*widget, is_box ? ms::Value(below(2) == 0) : ms::Value(below(4)));
      }
      if (below(8) == 0) engine.clear();
      const ms::Page page = session.run(script);
      tab.show(page);
      ASSERT_EQ(tab.mirror.shown(), shown_at_once(page)) << "seed " << seed << ", round " << round;
      EXPECT_EQ(tab.show(page), "");
    }
    EXPECT_EQ(engine.check(), "");
  }
}

}  // namespace memoscape::testing

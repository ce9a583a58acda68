// View: what one browser tab shows, and what it must be told for it to show the next page.
//
// The page is a tree of nodes with ids. An update names nodes that stay by their ids, and carries
// only what is new or has changed:
//
//   "new": [{"id": 9, "kind": "text", "props": {...}}]   nodes that were not there
//   "set": [[9, {...}]]        other properties          "val": [[12, 60]]   another widget value
//   "kids": [[1, [[3, 8], 9]]] the children of a node: ids, and runs of ids
//   "stale": [7]               nodes of the last page that the run has not reached yet
//
// A replayed recording that the tab shows at its place already is not looked at: its nodes stay.
// Matching otherwise: widgets by identity, so that they keep the focus; others by kind and content,
// in their order.
//
// Invariants: ids are never used twice; `widgets_` has the widgets of the tree, and no others; a
// span covers nodes that show exactly its recording, unless one of them was touched.
//
// Thread-safety: one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/recording.hpp"
#include "widgets/web/message.hpp"

namespace memoscape::inline v0::web {

// Where media wait for the browser to fetch them.
class MediaShelf {
 public:
  virtual ~MediaShelf() = default;
  virtual std::string put(MediaPtr medium) = 0;  // gives its link, which cannot be guessed
  virtual void drop(const std::string& link) = 0;
};

class View {
 public:
  explicit View(MediaShelf& shelf);
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  ~View();

  enum class Extent : std::uint8_t {
    whole,
    partial,  // the run goes on: what it has not reached yet stays, stale
  };
  // Makes the tab show `page`: appends the members of an update, each with a comma before it.
  void show(const detail::Recording& page, Extent extent, std::string& out);
  // The tab shows nothing any more.
  void reset();

  // A widget on the page, or null.
  StateReadPtr widget(NodeId id) const;
  // The browser shows another value of this widget than it was sent.
  void touch(NodeId id);

 private:
  struct Print {
    std::size_t hash = 0;
    std::size_t size = 0;
    bool operator==(const Print&) const = default;
  };
  struct Span {
    std::uint64_t serial = 0;
    detail::Filter filter = detail::Filter::both;
    std::size_t begin = 0;  // of the children of its node
    std::size_t size = 0;
  };
  struct Node {
    NodeId id = 0;
    std::string_view kind;
    Print props;
    Print value;  // of a widget
    StateReadPtr widget;
    MediaPtr medium;
    std::string link;  // of the medium
    std::vector<Node> children;
    std::vector<Span> spans;
    bool touched = false;  // or something in it is
  };
  struct Entry;
  struct Listing;
  class Lister;
  struct Update;

  void show_children(Node& node, const std::vector<detail::Item>& items, detail::Filter filter,
                     bool is_partial, std::size_t depth, Update& update);
  static void append_kids(const Node& node, std::string& kids);
  static void match(const Node& node, Listing& listing);
  Node make(Entry& entry, Update& update);
  void refresh(Node& node, Entry& entry, Update& update);
  void keep_leftovers(Node& node, std::vector<Node>& children, std::vector<Span>& spans,
                      const std::vector<bool>& taken, Update& update);
  void forget(Node& node);
  std::string link_to(Node& node, MediaPtr medium);
  static bool touch(Node& node, NodeId id);

  MediaShelf& shelf_;
  Node main_;
  Node sidebar_;
  NodeId last_id_ = 2;
  std::unordered_map<NodeId, StateReadPtr> widgets_;
};

// The ids of the roots.
inline constexpr NodeId kMainId = 1;
inline constexpr NodeId kSidebarId = 2;

}  // namespace memoscape::inline v0::web

#include "widgets/web/view.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "widgets/web/node_json.hpp"

namespace memoscape::inline v0::web {

using detail::Filter;
using detail::Item;

namespace {

constexpr std::size_t kMaxDepth = 100;  // of containers; deeper ones are not shown
constexpr std::size_t kLookAhead = 64;  // for a node of the same kind
constexpr std::size_t kNone = ~std::size_t{0};

// What must not outlast the run that showed it.
bool may_stay(std::string_view kind) {
  return kind != "spinner" && kind != "exception" && kind != "toast";
}

}  // namespace

// A node of the page to be shown.
struct View::Entry {
  const Item* item = nullptr;  // null: the old node stays as it is
  std::size_t old = kNone;     // its place among the old children
  bool is_replayed = false;
  bool is_matched = false;
  std::string_view kind = {};
  Print print = {};
  std::string props = {};
};

struct View::Listing {
  std::vector<Entry> entries;
  std::vector<Span> spans;
  std::vector<bool> taken;  // old children that stay
};

// The members of an update, as they come.
struct View::Update {
  std::string made, set, values, kids, stale;

  static std::string& next(std::string& list) {
    if (!list.empty()) list += ',';
    return list;
  }
  void append_to(std::string& out) const {
    const auto add = [&](const char* name, const std::string& list) {
      if (!list.empty()) out.append(",\"").append(name).append("\":[").append(list) += ']';
    };
    add("new", made);
    add("set", set);
    add("val", values);
    add("kids", kids);
    add("stale", stale);
  }
};

// Lists the nodes of some items, replays in their place; keeps the nodes of those that are shown
// already. Has a stack of its own, as replays may nest ten thousand deep.
class View::Lister {
 public:
  explicit Lister(const Node& old) : old_(old) {
    listing_.taken.assign(old.children.size(), false);
    for (std::size_t i = 0; i < old.spans.size(); ++i) by_serial_[old.spans[i].serial].push_back(i);
  }

  Listing list(const std::vector<Item>& items, Filter filter) {
    open_.push_back({&items, 0, filter, kNone});
    while (!open_.empty()) step();
    return std::move(listing_);
  }

 private:
  struct Cursor {
    const std::vector<Item>* items;
    std::size_t next;
    Filter filter;
    std::size_t span;  // kNone: the outermost
  };

  void step() {
    Cursor& cursor = open_.back();
    if (cursor.next == cursor.items->size()) {
      if (cursor.span != kNone) {
        Span& span = listing_.spans[cursor.span];
        span.size = listing_.entries.size() - span.begin;
      }
      open_.pop_back();
      return;
    }
    const Item& item = (*cursor.items)[cursor.next++];
    if (!detail::passes(cursor.filter, item.part)) return;
    if (std::holds_alternative<std::monostate>(item.what)) return;
    if (const auto* replay = std::get_if<detail::Replay>(&item.what)) {
      const Span span = {replay->recording->serial(), replay->filter, listing_.entries.size(), 0};
      if (keep(span)) return;
      listing_.spans.push_back(span);
      open_.push_back(
          {&replay->recording->root.items, 0, replay->filter, listing_.spans.size() - 1});
      return;
    }
    Entry& entry = listing_.entries.emplace_back();
    entry.item = &item;
    entry.is_replayed = open_.size() > 1;
  }

  // Takes the nodes of a span of the old page, with the spans inside.
  bool keep(const Span& wanted) {
    const auto found = by_serial_.find(wanted.serial);
    if (found == by_serial_.end()) return false;
    for (const std::size_t index : found->second) {
      const Span& span = old_.spans[index];
      if (span.filter != wanted.filter || !is_free(span)) continue;
      // Inner spans come after the one around them.
      for (std::size_t i = index; i < old_.spans.size(); ++i) {
        Span inner = old_.spans[i];
        if (inner.begin + inner.size > span.begin + span.size || inner.begin < span.begin) break;
        inner.begin = inner.begin - span.begin + wanted.begin;
        listing_.spans.push_back(inner);
      }
      for (std::size_t i = span.begin; i < span.begin + span.size; ++i) {
        listing_.taken[i] = true;
        Entry& entry = listing_.entries.emplace_back();
        entry.old = i;
        entry.is_matched = true;
      }
      return true;
    }
    return false;
  }

  bool is_free(const Span& span) const {
    for (std::size_t i = span.begin; i < span.begin + span.size; ++i) {
      if (listing_.taken[i] || old_.children[i].touched) return false;
    }
    return true;
  }

  const Node& old_;
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> by_serial_;
  std::vector<Cursor> open_;
  Listing listing_;
};

View::View(MediaShelf& shelf) : shelf_(shelf) {
  main_.id = kMainId;
  main_.kind = "main";
  sidebar_.id = kSidebarId;
  sidebar_.kind = "sidebar";
}

View::~View() { reset(); }

void View::reset() {
  for (Node* root : {&main_, &sidebar_}) {
    for (Node& child : root->children) forget(child);
    root->children.clear();
    root->spans.clear();
  }
}

void View::forget(Node& node) {
  if (!node.link.empty()) shelf_.drop(node.link);
  if (node.widget != nullptr) widgets_.erase(node.id);
  for (Node& child : node.children) forget(child);
}

StateReadPtr View::widget(NodeId id) const {
  const auto found = widgets_.find(id);
  return found == widgets_.end() ? nullptr : found->second;
}

void View::touch(NodeId id) {
  if (!touch(main_, id)) touch(sidebar_, id);
}

bool View::touch(Node& node, NodeId id) {
  const bool here = node.id == id;
  if (here) node.value = {};
  if (here || std::any_of(node.children.begin(), node.children.end(),
                          [&](Node& child) { return touch(child, id); })) {
    node.touched = true;
    return true;
  }
  return false;
}

void View::show(const detail::Recording& page, Extent extent, std::string& out) {
  Update update;
  const bool is_partial = extent == Extent::partial;
  show_children(main_, page.root.items, Filter::main, is_partial, 0, update);
  show_children(sidebar_, page.root.items, Filter::sidebar, is_partial, 0, update);
  update.append_to(out);
}

void View::show_children(Node& node, const std::vector<Item>& items, Filter filter, bool is_partial,
                         std::size_t depth, Update& update) {
  Listing listing = Lister(node).list(items, filter);
  match(node, listing);
  std::vector<Node> children;
  children.reserve(listing.entries.size());
  for (Entry& entry : listing.entries) {
    if (entry.old == kNone) {
      children.push_back(make(entry, update));
    } else {
      children.push_back(std::move(node.children[entry.old]));
      if (entry.item != nullptr) refresh(children.back(), entry, update);
    }
    Node& child = children.back();
    if (entry.item == nullptr) continue;
    child.touched = false;
    const auto* block = std::get_if<std::unique_ptr<detail::Block>>(&entry.item->what);
    if (block == nullptr || depth == kMaxDepth) continue;
    show_children(child, (*block)->items, Filter::both, is_partial && !entry.is_replayed, depth + 1,
                  update);
  }
  if (is_partial) {
    keep_leftovers(node, children, listing.spans, listing.taken, update);
  } else {
    for (std::size_t i = 0; i < listing.taken.size(); ++i) {
      if (!listing.taken[i]) forget(node.children[i]);
    }
  }
  // What was moved away still has its id.
  const bool is_same =
      std::equal(children.begin(), children.end(), node.children.begin(), node.children.end(),
                 [](const Node& a, const Node& b) { return a.id == b.id; });
  node.children = std::move(children);
  node.spans = std::move(listing.spans);
  node.touched = false;
  if (!is_same) append_kids(node, Update::next(update.kids));
}

// "[1,[[3,8],9]]": the node, and its children in runs.
void View::append_kids(const Node& node, std::string& kids) {
  kids += '[' + std::to_string(node.id) + ",[";
  for (std::size_t i = 0; i < node.children.size();) {
    std::size_t end = i + 1;
    while (end < node.children.size() && node.children[end].id == node.children[end - 1].id + 1) {
      ++end;
    }
    if (i != 0) kids += ',';
    const std::string first = std::to_string(node.children[i].id);
    kids +=
        end - i == 1 ? first : '[' + first + ',' + std::to_string(node.children[end - 1].id) + ']';
    i = end;
  }
  kids += "]]";
}

void View::match(const Node& node, Listing& listing) {
  std::unordered_map<std::string_view, std::size_t> widgets;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const StateReadPtr& widget = node.children[i].widget;
    if (widget != nullptr && !listing.taken[i]) widgets.emplace(widget->identity(), i);
  }
  std::size_t cursor = 0;
  const auto take = [&](Entry& entry, std::size_t i) {
    entry.old = i;
    entry.is_matched = true;
    listing.taken[i] = true;
  };
  for (Entry& entry : listing.entries) {
    if (entry.item == nullptr) {
      cursor = std::max(cursor, entry.old + 1);
      continue;
    }
    if (const auto* shown = std::get_if<detail::ShownWidget>(&entry.item->what)) {
      entry.kind = shown->read->definition().kind->name;
      const auto found = widgets.find(shown->read->identity());
      if (found == widgets.end() || node.children[found->second].kind != entry.kind) continue;
      take(entry, found->second);
      widgets.erase(found);
      cursor = std::max(cursor, entry.old + 1);
      continue;
    }
    const auto* element = std::get_if<ElementPtr>(&entry.item->what);
    const Element& it = element != nullptr
                            ? **element
                            : *std::get<std::unique_ptr<detail::Block>>(entry.item->what)->heading;
    entry.kind = it.kind->name;
    // Links differ from node to node: the medium itself is compared where it is shown.
    append_element(it, {}, entry.props);
    entry.print = {std::hash<std::string>()(entry.props), entry.props.size()};
    std::size_t same_kind = kNone;
    const std::size_t end = std::min(node.children.size(), cursor + kLookAhead);
    for (std::size_t i = cursor; i < end; ++i) {
      if (listing.taken[i] || node.children[i].kind != entry.kind) continue;
      if (node.children[i].props == entry.print) {
        same_kind = i;
        break;
      }
      if (same_kind == kNone) same_kind = i;
    }
    if (same_kind == kNone) continue;
    take(entry, same_kind);
    cursor = same_kind + 1;
  }
}

namespace {

const Element* element_of(const Item& item) {
  if (const auto* element = std::get_if<ElementPtr>(&item.what)) return element->get();
  if (const auto* block = std::get_if<std::unique_ptr<detail::Block>>(&item.what)) {
    return (*block)->heading.get();
  }
  return nullptr;
}

}  // namespace

std::string View::link_to(Node& node, MediaPtr medium) {
  if (node.medium == medium) return node.link;
  if (!node.link.empty()) shelf_.drop(std::exchange(node.link, {}));
  node.medium = std::move(medium);
  if (node.medium != nullptr) node.link = shelf_.put(node.medium);
  return node.link;
}

View::Node View::make(Entry& entry, Update& update) {
  Node node;
  node.id = ++last_id_;
  node.kind = entry.kind;
  node.props = entry.print;
  std::string& made = Update::next(update.made);
  made += "{\"id\":" + std::to_string(node.id) + ",\"kind\":";
  append_text(entry.kind, made);
  made += ",\"props\":";
  if (const Element* element = element_of(*entry.item)) {
    append_element(*element, link_to(node, medium_of(*element)), made);
    made += '}';
    return node;
  }
  const auto& shown = std::get<detail::ShownWidget>(entry.item->what);
  node.widget = shown.read;
  widgets_.emplace(node.id, shown.read);
  append_definition(*shown.read, link_to(node, medium_of(*shown.read)), made);
  std::string value;
  append_widget_value(*shown.read, shown.value, value);
  node.value = {std::hash<std::string>()(value), value.size()};
  made += ",\"value\":" + value + '}';
  return node;
}

void View::refresh(Node& node, Entry& entry, Update& update) {
  if (const Element* element = element_of(*entry.item)) {
    const MediaPtr medium = medium_of(*element);
    const bool is_same = node.props == entry.print &&
                         (node.medium == medium ||
                          (node.medium != nullptr && medium != nullptr && *node.medium == *medium));
    if (is_same) return;
    node.props = entry.print;
    std::string& set = Update::next(update.set);
    set += '[' + std::to_string(node.id) + ',';
    append_element(*element, link_to(node, medium), set);
    set += ']';
    return;
  }
  const auto& shown = std::get<detail::ShownWidget>(entry.item->what);
  if (node.widget != shown.read && node.widget->bytes() != shown.read->bytes()) {
    std::string& set = Update::next(update.set);
    set += '[' + std::to_string(node.id) + ',';
    append_definition(*shown.read, link_to(node, medium_of(*shown.read)), set);
    set += ']';
    node.value = {};
  }
  node.widget = shown.read;
  widgets_.insert_or_assign(node.id, shown.read);
  std::string value;
  append_widget_value(*shown.read, shown.value, value);
  const Print print = {std::hash<std::string>()(value), value.size()};
  if (node.value == print) return;
  node.value = print;
  Update::next(update.values) += '[' + std::to_string(node.id) + ',' + value + ']';
}

// What the run has not reached stays behind what it has, with the spans that are whole.
void View::keep_leftovers(Node& node, std::vector<Node>& children, std::vector<Span>& spans,
                          const std::vector<bool>& taken, Update& update) {
  std::vector<std::size_t> place(node.children.size(), kNone);
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (taken[i]) continue;
    Node& child = node.children[i];
    if (!may_stay(child.kind)) {
      forget(child);
      continue;
    }
    place[i] = children.size();
    Update::next(update.stale) += std::to_string(child.id);
    children.push_back(std::move(child));
  }
  for (const Span& span : node.spans) {
    bool is_whole = span.size > 0;
    for (std::size_t i = span.begin; is_whole && i < span.begin + span.size; ++i) {
      is_whole = place[i] != kNone && place[i] == place[span.begin] + (i - span.begin);
    }
    if (is_whole) spans.push_back({span.serial, span.filter, place[span.begin], span.size});
  }
}

}  // namespace memoscape::inline v0::web

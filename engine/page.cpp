// Lays out the page of a run, and reads it.
//
// Invariants:
// - A page is laid out once, from an immutable recording; copies share the tree.
// - Layout, search and comparison keep their own stacks: replays may nest ten thousand deep.
// - While a container is being filled, the nodes above it do not grow, so pointers to them hold.
#include "memoscape/page.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "engine/recording.hpp"
#include "memoscape/detail/terminal.hpp"
#include "memoscape/error.hpp"
#include "memoscape/heap_bytes.hpp"

namespace memoscape::inline v0 {

namespace {

void exception_text(const Element& element, std::string& out) {
  detail::append_wrapped("[exception] " + element.text, detail::kTextWidth, out);
}

void spinner_text(const Element& element, std::string& out) {
  detail::append_wrapped("(...) " + element.text, detail::kTextWidth, out);
}

}  // namespace

constinit const ElementKind kSpinnerKind = {.name = "spinner", .to_text = spinner_text};
constinit const ElementKind kExceptionKind = {.name = "exception", .to_text = exception_text};

// --- DataFrame

std::size_t DataFrame::Column::size() const noexcept {
  return std::visit([](const auto& cells) { return cells.size(); }, values);
}

std::string DataFrame::Column::cell(std::size_t row) const {
  if (row >= size()) return {};
  if (const auto* reals = std::get_if<std::vector<double>>(&values)) {
    return detail::readable((*reals)[row]);
  }
  if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&values)) {
    return std::to_string((*whole)[row]);
  }
  return std::get<std::vector<std::string>>(values)[row];
}

std::size_t DataFrame::rows() const noexcept {
  std::size_t rows = 0;
  for (const Column& column : columns) rows = std::max(rows, column.size());
  return rows;
}

std::size_t DataFrame::heap_bytes() const {
  std::size_t bytes = allocated(columns.capacity() * sizeof(Column));
  for (const Column& column : columns) {
    bytes += memoscape::heap_bytes(column.name) + memoscape::heap_bytes(column.values);
  }
  return bytes;
}

// --- Layout

class PageBuilder {
 public:
  // The nodes under a root: those items of the script's recording that pass the filter.
  static void lay_out(const detail::Recording* script, detail::Filter filter, PageNode& root,
                      int index) {
    root.container_ = true;
    root.path_ = {index};
    if (script == nullptr) return;
    PageBuilder builder;
    builder.open_.push_back({&script->root.items, 0, filter, &root});
    while (!builder.open_.empty()) builder.step();
  }

 private:
  // A list of items that is being laid out into `parent`.
  struct Cursor {
    const std::vector<detail::Item>* items;
    std::size_t next;
    detail::Filter filter;
    PageNode* parent;
  };

  void step() {
    Cursor& cursor = open_.back();
    if (cursor.next == cursor.items->size()) {
      open_.pop_back();
      return;
    }
    const detail::Item& item = (*cursor.items)[cursor.next++];
    if (!detail::passes(cursor.filter, item.part)) return;
    PageNode& parent = *cursor.parent;  // `cursor` is gone once another is pushed
    if (const auto* element = std::get_if<ElementPtr>(&item.what)) {
      append(parent).element_ = *element;
    } else if (const auto* widget = std::get_if<detail::ShownWidget>(&item.what)) {
      PageNode& node = append(parent);
      node.widget_ = widget->read;
      node.value_ = widget->value;
    } else if (const auto* block = std::get_if<std::unique_ptr<detail::Block>>(&item.what)) {
      PageNode& node = append(parent);
      node.element_ = (*block)->heading;
      node.container_ = true;
      open_.push_back({&(*block)->items, 0, detail::Filter::both, &node});
    } else if (const auto* replay = std::get_if<detail::Replay>(&item.what)) {
      open_.push_back({&replay->recording->root.items, 0, replay->filter, &parent});
    }
  }

  static PageNode& append(PageNode& parent) {
    PageNode& node = parent.children_.emplace_back();
    node.path_ = parent.path_;
    node.path_.push_back(static_cast<int>(parent.children_.size()) - 1);
    return node;
  }

  std::vector<Cursor> open_;
};

struct Page::Tree {
  PageNode main;
  PageNode sidebar;
};

const Page::Tree& Page::tree() const {
  if (tree_ == nullptr) {
    auto tree = std::make_shared<Tree>();
    PageBuilder::lay_out(recording_.get(), detail::Filter::main, tree->main, 0);
    PageBuilder::lay_out(recording_.get(), detail::Filter::sidebar, tree->sidebar, 1);
    tree_ = std::move(tree);
  }
  return *tree_;
}

const PageNode& Page::main() const { return tree().main; }
const PageNode& Page::sidebar() const { return tree().sidebar; }

std::string Page::error_text() const {
  if (error_ == nullptr) return {};
  try {
    std::rethrow_exception(error_);
  } catch (const std::exception& error) {
    return error.what();
  } catch (const RunStopped&) {
    return "the run was stopped";
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

// --- Reading

std::string_view PageNode::kind() const noexcept {
  if (widget_ != nullptr) return widget_->definition().kind->name;
  if (element_ != nullptr) return element_->kind->name;
  if (path_.size() == 1) return path_[0] == 0 ? "main" : "sidebar";
  return "container";
}

std::string_view PageNode::label() const noexcept {
  if (widget_ != nullptr) return widget_->definition().label;
  return element_ == nullptr ? std::string_view() : std::string_view(element_->text);
}

std::string_view PageNode::key() const noexcept {
  if (widget_ != nullptr) return widget_->definition().key;
  if (element_ == nullptr) return {};
  const std::string* key = element_->attributes["key"].get_if<std::string>();
  return key == nullptr ? std::string_view() : std::string_view(*key);
}

const Value& PageNode::value() const noexcept { return value_; }

namespace {

// Calls `visit` for each node under the roots, in page order, until it returns true.
template <class F>
void walk(const Page& page, const F& visit) {
  std::vector<const PageNode*> pending;
  const auto push_children = [&](const PageNode& node) {
    for (std::size_t i = node.children().size(); i-- > 0;) pending.push_back(&node.children()[i]);
  };
  push_children(page.sidebar());
  push_children(page.main());
  while (!pending.empty()) {
    const PageNode& node = *pending.back();
    pending.pop_back();
    if (visit(node)) return;
    push_children(node);
  }
}

}  // namespace

const PageNode* Page::find(std::string_view kind, std::string_view name) const {
  const PageNode* found = nullptr;
  walk(*this, [&](const PageNode& node) {
    const bool fits = (kind.empty() || node.kind() == kind) &&
                      (name.empty() || node.label() == name || node.key() == name);
    if (fits) found = &node;
    return fits;
  });
  return found;
}

std::vector<const PageNode*> Page::all(std::string_view kind) const {
  std::vector<const PageNode*> found;
  walk(*this, [&](const PageNode& node) {
    if (kind.empty() || node.kind() == kind) found.push_back(&node);
    return false;
  });
  return found;
}

// --- Comparison

namespace {

// By bits, as Values are; all NaNs are one.
bool same_number(double a, double b) noexcept {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

bool same_column(const DataFrame::Column& a, const DataFrame::Column& b) noexcept {
  if (a.name != b.name) return false;
  const auto* a_reals = std::get_if<std::vector<double>>(&a.values);
  const auto* b_reals = std::get_if<std::vector<double>>(&b.values);
  if (a_reals == nullptr || b_reals == nullptr) return a.values == b.values;
  return std::equal(a_reals->begin(), a_reals->end(), b_reals->begin(), b_reals->end(),
                    same_number);
}

bool same_frame(const DataFrame& a, const DataFrame& b) noexcept {
  return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                    same_column);
}

// Both null, or the same content.
template <class T, class Same>
bool same_shared(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b,
                 const Same& same) {
  return a == b || (a != nullptr && b != nullptr && same(*a, *b));
}

bool same_element(const Element& a, const Element& b) {
  return std::string_view(a.kind->name) == b.kind->name && a.text == b.text &&
         a.attributes == b.attributes && same_shared(a.media, b.media, std::equal_to<>()) &&
         same_shared(a.data, b.data, same_frame);
}

bool same_node(const PageNode& a, const PageNode& b) {
  if (a.is_container() != b.is_container() || a.children().size() != b.children().size() ||
      (a.element() == nullptr) != (b.element() == nullptr) ||
      (a.widget() == nullptr) != (b.widget() == nullptr)) {
    return false;
  }
  if (a.element() != b.element() && !same_element(*a.element(), *b.element())) return false;
  if (a.widget() != b.widget() && a.widget()->bytes() != b.widget()->bytes()) return false;
  return a.value() == b.value();
}

bool same_tree(const PageNode& a, const PageNode& b) {
  std::vector<std::pair<const PageNode*, const PageNode*>> pending = {{&a, &b}};
  while (!pending.empty()) {
    const auto [left, right] = pending.back();
    pending.pop_back();
    if (!same_node(*left, *right)) return false;
    for (std::size_t i = 0; i < left->children().size(); ++i) {
      pending.emplace_back(&left->children()[i], &right->children()[i]);
    }
  }
  return true;
}

}  // namespace

bool operator==(const Page& a, const Page& b) {
  return same_tree(a.main(), b.main()) && same_tree(a.sidebar(), b.sidebar());
}

// --- Text

namespace {

constexpr std::size_t kPageWidth = 80;
constexpr std::size_t kColumnGap = 3;
constexpr std::size_t kMaxShownDepth = 100;  // containers deeper than that would not fit anyway
constexpr std::string_view kIndent = "  ";

void append_children(const PageNode& node, std::size_t depth, std::string& out);

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void append_indented(std::string_view text, std::string& out) {
  for (const std::string_view line : lines_of(text)) {
    if (!line.empty()) out += kIndent;
    out += line;
    out += '\n';
  }
}

// Blocks side by side; false, and nothing appended, when they are too wide together.
bool append_side_by_side(const std::vector<std::string>& blocks, std::string& out) {
  std::vector<std::vector<std::string_view>> columns;
  std::vector<std::size_t> widths;
  std::size_t total = 0;
  std::size_t height = 0;
  for (const std::string& block : blocks) {
    columns.push_back(lines_of(block));
    std::size_t width = 0;
    for (const std::string_view line : columns.back()) {
      width = std::max(width, detail::text_width(line));
    }
    total += (widths.empty() ? 0 : kColumnGap) + width;
    widths.push_back(width);
    height = std::max(height, columns.back().size());
  }
  if (total > kPageWidth) return false;
  for (std::size_t row = 0; row < height; ++row) {
    std::string line;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (row < columns[i].size() && !columns[i][row].empty()) {
        line.append(begin - detail::text_width(line), ' ');
        line += columns[i][row];
      }
      begin += widths[i] + kColumnGap;
    }
    out += line + '\n';
  }
  return true;
}

void append_columns(const PageNode& node, std::size_t depth, std::string& out) {
  std::vector<std::string> blocks;
  for (const PageNode& column : node.children()) {
    append_children(column, depth + 1, blocks.emplace_back());
  }
  if (append_side_by_side(blocks, out)) return;
  for (const std::string& block : blocks) append_indented(block, out);
}

// A widget or an element by its kind; both may leave the text to the page.
void append_self(const PageNode& node, std::string& out) {
  if (const StateRead* widget = node.widget()) {
    const Definition& definition = widget->definition();
    if (definition.kind->to_text != nullptr) {
      definition.kind->to_text(definition, node.value(), out);
    } else {
      out += detail::escaped(definition.label) + ": " + detail::readable(node.value()) + '\n';
    }
  } else if (const Element* element = node.element()) {
    if (element->kind->to_text != nullptr) {
      element->kind->to_text(*element, out);
    } else if (!element->text.empty()) {
      detail::append_wrapped(element->text, detail::kTextWidth, out);
    }
  }
}

void append_node(const PageNode& node, std::size_t depth, std::string& out) {
  if (node.kind() == "columns") {
    append_columns(node, depth, out);
    return;
  }
  append_self(node, out);
  if (!node.is_container()) return;
  std::string inner;
  append_children(node, depth + 1, inner);
  append_indented(inner, out);
}

void append_children(const PageNode& node, std::size_t depth, std::string& out) {
  if (depth > kMaxShownDepth && !node.children().empty()) {
    out += "(deeper containers are not shown)\n";
    return;
  }
  for (const PageNode& child : node.children()) append_node(child, depth, out);
}

}  // namespace

std::string to_text(const Page& page) {
  std::string out;
  append_children(page.main(), 0, out);
  if (!page.sidebar().children().empty()) {
    out += "── Sidebar ";
    detail::append_repeated("─", 49, out);
    out += '\n';
    append_children(page.sidebar(), 0, out);
  }
  return out;
}

}  // namespace memoscape::inline v0

// Page: the tree of elements that a run produced.
//
// Two roots, the main part and the sidebar. A page shares what cached functions recorded; the tree
// is laid out when it is first walked.
//
// Thread-safety: one thread at a time.
//
//   ms::Page page = alice.run(script);
//   if (const ms::PageNode* table = page.find("dataframe")) show(*table->element()->data);
//   std::fputs(ms::to_text(page).c_str(), stdout);
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "memoscape/state.hpp"
#include "memoscape/value.hpp"

namespace memoscape::inline v0 {

// A table by columns: what dataframe() and the charts take.
struct MEMOSCAPE_API DataFrame {
  struct Column {
    std::string name;
    std::variant<std::vector<double>, std::vector<std::int64_t>, std::vector<std::string>> values;

    std::size_t size() const noexcept;
    std::string cell(std::size_t row) const;  // readable
    bool operator==(const Column&) const = default;
  };
  std::vector<Column> columns;

  std::size_t rows() const noexcept;  // of the longest column
  std::size_t heap_bytes() const;
  bool operator==(const DataFrame&) const = default;
};
using DataFramePtr = std::shared_ptr<const DataFrame>;

struct Element;

// One kind of element or container; a constant with static lifetime.
struct ElementKind {
  const char* name;  // "metric"
  // One line or more of text for a terminal, each ended by '\n'. For a container: its heading.
  void (*to_text)(const Element& element, std::string& out) = nullptr;
};

// An output on the page, or the heading of a container. Immutable once it is on the page.
struct Element {
  const ElementKind* kind = nullptr;
  std::string text = {};
  Attributes attributes = {};
  MediaPtr media = {};     // shared; counted once per content
  DataFramePtr data = {};  // shared
};
using ElementPtr = std::shared_ptr<const Element>;

// The elements that the engine makes itself: what ended a run early, and, while a run is under way,
// what stands for a function that executes.
MEMOSCAPE_API extern const ElementKind kExceptionKind;
MEMOSCAPE_API extern const ElementKind kSpinnerKind;

// A place in the tree: a container with children, an element, or a widget with its value.
class MEMOSCAPE_API PageNode {
 public:
  std::string_view kind() const noexcept;  // "slider", "text", "columns"; "main" for a root
  // A widget's label, an element's text.
  std::string_view label() const noexcept;
  std::string_view key() const noexcept;                              // a widget's or form's key
  const Element* element() const noexcept { return element_.get(); }  // null: a widget or a root
  const StateRead* widget() const noexcept { return widget_.get(); }  // null: not a widget
  const Value& value() const noexcept;                                // a widget's value, else null
  const std::vector<PageNode>& children() const noexcept { return children_; }
  bool is_container() const noexcept { return container_; }
  // Indices from the root: {1, 0} is the first child of the sidebar, {0, 3} the fourth of main.
  const std::vector<int>& path() const noexcept { return path_; }

 private:
  friend class PageBuilder;
  ElementPtr element_;
  StateReadPtr widget_;
  Value value_;
  std::vector<PageNode> children_;
  std::vector<int> path_;
  bool container_ = false;
};

namespace detail {
struct Recording;
struct PageAccess;
}  // namespace detail

class MEMOSCAPE_API Page {
 public:
  Page() = default;
  Page(std::shared_ptr<const detail::Recording> recording, std::exception_ptr error) noexcept
      : recording_(std::move(recording)), error_(std::move(error)) {}

  const PageNode& main() const;
  const PageNode& sidebar() const;

  // What ended the run early, or null. It is on the page too, as an `exception` element.
  std::exception_ptr error() const noexcept { return error_; }
  std::string error_text() const;  // its message, empty without error

  // The first node of that kind; with a name: of that label, text or key. Null: there is none.
  const PageNode* find(std::string_view kind, std::string_view name = {}) const;
  // All nodes of that kind, in page order, main before sidebar; all nodes with an empty kind.
  std::vector<const PageNode*> all(std::string_view kind = {}) const;

  // The same tree with the same content.
  friend MEMOSCAPE_API bool operator==(const Page& a, const Page& b);

 private:
  friend struct detail::PageAccess;
  struct Tree;
  const Tree& tree() const;

  std::shared_ptr<const detail::Recording> recording_;
  std::exception_ptr error_;
  mutable std::shared_ptr<const Tree> tree_;  // laid out on first use
};

// The page as text for a terminal: indented by container, the sidebar last.
MEMOSCAPE_API std::string to_text(const Page& page);

}  // namespace memoscape::inline v0

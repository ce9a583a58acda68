#include "memoscape/layout.hpp"

#include <string>

#include "memoscape/error.hpp"
#include "widgets/common.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

constexpr int kMaxColumns = 64;

void no_heading(const Element&, std::string&) {}

void expander_text(const Element& element, std::string& out) {
  const bool* expanded = element.attributes["expanded"].get_if<bool>();
  out += expanded != nullptr && *expanded ? "▾ " : "▸ ";
  out += detail::escaped(element.text) + '\n';
}

void form_text(const Element& element, std::string& out) {
  out += "Form " + detail::readable(element.attributes["key"]) + ":\n";
}

}  // namespace

namespace detail {

constinit const ElementKind kContainerKind = {.name = "container", .to_text = no_heading};
constinit const ElementKind kColumnsKind = {.name = "columns", .to_text = no_heading};
constinit const ElementKind kColumnKind = {.name = "column", .to_text = no_heading};
constinit const ElementKind kExpanderKind = {.name = "expander", .to_text = expander_text};
constinit const ElementKind kFormKind = {.name = "form", .to_text = form_text};

}  // namespace detail

Place container(const Place& place) { return place.open({.kind = &detail::kContainerKind}); }

std::vector<Place> columns(const Place& place, int n) {
  if (n < 1 || n > kMaxColumns) {
    throw UsageError("columns: " + std::to_string(n) + " columns were asked for; 1 to " +
                     std::to_string(kMaxColumns) + " are possible");
  }
  const Place row =
      place.open({.kind = &detail::kColumnsKind, .attributes = {{"count", Value(n)}}});
  std::vector<Place> places;
  places.reserve(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) places.push_back(row.open({.kind = &detail::kColumnKind}));
  return places;
}

Place expander(const Place& place, std::string_view label, const ExpanderOptions& options) {
  return place.open({.kind = &detail::kExpanderKind,
                     .text = std::string(label),
                     .attributes = {{"expanded", options.expanded}}});
}

Place form(const Place& place, std::string_view key) {
  if (key.empty()) throw UsageError("form: the key is empty. Cure: pass a name for the form");
  return place.open_form({.kind = &detail::kFormKind, .attributes = {{"key", key}}},
                         std::string(key));
}

Place sidebar(const Place& place) { return place.sidebar(); }

}  // namespace memoscape::inline v0

#include "memoscape/layout.hpp"

#include <cmath>
#include <string>

#include "memoscape/error.hpp"
#include "widgets/common.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

constexpr std::size_t kMost = 64;

void expander_text(const Element& element, std::string& out) {
  const bool* expanded = element.attributes["expanded"].get_if<bool>();
  out += expanded != nullptr && *expanded ? "▾ " : "▸ ";
  out += detail::escaped(element.text) + '\n';
}

void tab_text(const Element& element, std::string& out) {
  out += "| " + detail::escaped(element.text) + " |\n";
}

void check_count(std::string_view what, std::size_t count, std::string_view asked) {
  if (count >= 1 && count <= kMost) return;
  throw UsageError(std::string(what) + ": " + std::to_string(count) + ' ' + std::string(asked) +
                   " asked for; 1 to " + std::to_string(kMost) + " are possible");
}

void form_text(const Element& element, std::string& out) {
  out += "Form " + detail::readable(element.attributes["key"]) + ":\n";
}

}  // namespace

namespace detail {

constinit const ElementKind kContainerKind = {.name = "container", .to_text = no_heading};
constinit const ElementKind kColumnsKind = {.name = "columns", .to_text = no_heading};
constinit const ElementKind kColumnKind = {.name = "column", .to_text = no_heading};
constinit const ElementKind kTabsKind = {.name = "tabs", .to_text = no_heading};
constinit const ElementKind kTabKind = {.name = "tab", .to_text = tab_text};
constinit const ElementKind kExpanderKind = {.name = "expander", .to_text = expander_text};
constinit const ElementKind kFormKind = {.name = "form", .to_text = form_text};

}  // namespace detail

Place container(const Place& place) { return place.open({.kind = &detail::kContainerKind}); }

std::vector<Place> columns(const Place& place, int n) {
  check_count("columns", n < 0 ? 0 : static_cast<std::size_t>(n), "columns were");
  const Place row =
      place.open({.kind = &detail::kColumnsKind, .attributes = {{"count", Value(n)}}});
  std::vector<Place> places;
  places.reserve(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) places.push_back(row.open({.kind = &detail::kColumnKind}));
  return places;
}

std::vector<Place> columns(const Place& place, const std::vector<double>& weights) {
  check_count("columns", weights.size(), "columns were");
  for (const double weight : weights) {
    if (!std::isfinite(weight) || !(weight > 0)) {
      throw UsageError("columns: the weight " + detail::readable(weight) + " is not above zero");
    }
  }
  const Place row =
      place.open({.kind = &detail::kColumnsKind, .attributes = {{"count", weights.size()}}});
  std::vector<Place> places;
  places.reserve(weights.size());
  for (const double weight : weights) {
    places.push_back(row.open({.kind = &detail::kColumnKind, .attributes = {{"weight", weight}}}));
  }
  return places;
}

std::vector<Place> tabs(const Place& place, const std::vector<std::string>& labels) {
  check_count("tabs", labels.size(), "tabs were");
  const Place all =
      place.open({.kind = &detail::kTabsKind, .attributes = {{"count", labels.size()}}});
  std::vector<Place> places;
  places.reserve(labels.size());
  for (const std::string& label : labels) {
    places.push_back(all.open({.kind = &detail::kTabKind, .text = label}));
  }
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

// Layout: containers, and the sidebar. Each gives the place inside it.
//
// Thread-safety: as the Place they are given: one thread at a time.
//
//   std::vector<ms::Place> columns = ms::columns(run, 2);
//   ms::metric(columns[0], "Dry days", dry);
//   std::vector<ms::Place> tabs = ms::tabs(run, {"Map", "Table"});
//   ms::Place more = ms::expander(run, "More", {.expanded = true});
//   ms::text(more, "Fine print");
//   ms::checkbox(ms::sidebar(run), "Metric units");
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "memoscape/run.hpp"

namespace memoscape::inline v0 {

struct ExpanderOptions {
  bool expanded = false;  // open when the page is first shown
};

// A block of elements, one below the other.
MEMOSCAPE_API Place container(const Place& place);

// n blocks side by side. Throws: UsageError unless n is 1 to 64.
MEMOSCAPE_API std::vector<Place> columns(const Place& place, int n);

// Blocks side by side whose widths are to each other as the weights.
// Throws: UsageError unless there are 1 to 64, each finite and above zero.
MEMOSCAPE_API std::vector<Place> columns(const Place& place, const std::vector<double>& weights);

// Blocks of which a user sees one at a time, under their labels. All of them are made.
// Throws: UsageError unless there are 1 to 64.
MEMOSCAPE_API std::vector<Place> tabs(const Place& place, const std::vector<std::string>& labels);

// A block that opens and closes.
MEMOSCAPE_API Place expander(const Place& place, std::string_view label,
                             const ExpanderOptions& options = {});

// A block whose widgets hand over their values together, when its form_submit_button is clicked.
// Throws: UsageError for an empty key and inside another form; DuplicateWidgetError for a taken
// key.
MEMOSCAPE_API Place form(const Place& place, std::string_view key);

// The sidebar of the page.
MEMOSCAPE_API Place sidebar(const Place& place);

}  // namespace memoscape::inline v0

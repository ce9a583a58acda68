// data_editor: a table whose cells a user can change.
//
// The value is the list of the edits, never a copy of the table: {"set", row, column, cell},
// {"add", cell...} and {"delete", row}, with the rows and columns of the table that was passed. It
// is kept in one canonical order, without edits that change nothing, so that equal tables are one
// permutation. The table is a part of the definition: other data is another editor, unless it has
// a key; edits that do not fit it any more are dropped together.
//
// Thread-safety: as the Place it is given: one thread at a time.
//
//   ms::DataFrame plan = ms::data_editor(run, "Plan", budget, {
//       .columns = {{.name = "month", .disabled = true}, {.name = "euros", .min = 0}},
//       .rows = ms::EditorRows::dynamic});
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memoscape/callback.hpp"
#include "memoscape/data_elements.hpp"
#include "memoscape/widget_options.hpp"

namespace memoscape::inline v0 {

// What may be written into a column; its type is that of the table's column.
struct EditorColumn {
  std::string name;                       // of the table's column
  Value min = {};                         // of numbers; null: no bound
  Value max = {};                         // of numbers; null: no bound
  std::size_t max_chars = 0;              // of text, in Unicode code points; 0: no limit
  std::vector<std::string> options = {};  // of text; empty: any text
  bool disabled = false;                  // a user cannot change it
};

enum class EditorRows : std::uint8_t {
  fixed,
  dynamic,  // a user may add and delete rows
};

struct EditorOptions {
  std::vector<EditorColumn> columns = {};  // those with rules of their own
  EditorRows rows = EditorRows::fixed;
  std::string key = {};     // names the widget; empty: kind, label and definition do
  bool disabled = false;    // shown, but a user cannot change it
  Callback on_change = {};  // called after a change, before the run
};

// The table with the edits in it.
// Throws: UsageError for null, columns of different lengths or of one name, and rules for a column
// that is not there or of another type; and as Place::widget.
MEMOSCAPE_API DataFrame data_editor(const Place& place, std::string_view label, DataFramePtr frame,
                                    const EditorOptions& options = {});
MEMOSCAPE_API DataFrame data_editor(const Place& place, std::string_view label, DataFrame frame,
                                    const EditorOptions& options = {});
template <class T>
requires(!detail::FrameLike<T>) DataFrame
    data_editor(const Place& place, std::string_view label, const T& value,
                const EditorOptions& options = {}) {
  return data_editor(place, label, detail::frame_of(value), options);
}

}  // namespace memoscape::inline v0

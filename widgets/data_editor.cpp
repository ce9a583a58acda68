#include "memoscape/data_editor.hpp"

#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_set>

#include "memoscape/detail/utf8.hpp"
#include "widgets/common.hpp"
#include "widgets/frame_text.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

using Reals = std::vector<double>;
using Integers = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;

// The places in the list that stands for an EditorColumn among the attributes.
enum Rule : std::size_t { kName, kMin, kMax, kMaxChars, kOptions, kDisabled };

const DataFrame& frame_of(const Definition& definition) {
  return **definition.attributes["data"].boxed_if<DataFramePtr>();
}

bool is_dynamic(const Definition& definition) {
  return definition.attributes["rows"] == Value("dynamic");
}

// The rules of a column, or null.
const Value::List* rules_of(const Definition& definition, const std::string& column) {
  for (const Value& rules : *definition.attributes["columns"].get_if<Value::List>()) {
    const Value::List& list = *rules.get_if<Value::List>();
    if (list[kName] == Value(column)) return &list;
  }
  return nullptr;
}

// A list of edits, read.
struct Edits {
  std::map<std::pair<std::size_t, std::size_t>, Value> cells;  // by row and column
  std::vector<Value::List> added;                              // cells of each new row
  std::set<std::size_t> deleted;
};

// Reads and checks a list of edits against the table and the rules of its columns.
class EditReader {
 public:
  explicit EditReader(const Definition& definition)
      : definition_(definition), frame_(memoscape::frame_of(definition)) {}

  // Why it does not fit; empty: `edits` is what it says.
  std::string read(const Value& value) {
    const Value::List* list = value.get_if<Value::List>();
    if (list == nullptr) return detail::wrong_kind("a list of edits", value);
    for (const Value& item : *list) {
      const Value::List* edit = item.get_if<Value::List>();
      const std::string* what =
          edit == nullptr || edit->empty() ? nullptr : edit->front().get_if<std::string>();
      if (what == nullptr) {
        return detail::wrong_kind("an edit: {\"set\", row, column, cell}, ...", item);
      }
      std::string problem = *what == "set"      ? read_set(*edit)
                            : *what == "add"    ? read_add(*edit)
                            : *what == "delete" ? read_delete(*edit)
                                                : detail::quoted(*what) + " is no edit";
      if (!problem.empty()) return problem;
    }
    return {};
  }

  Edits edits;

 private:
  std::string read_row(const Value& value, std::size_t& row) const {
    const std::int64_t* number = value.get_if<std::int64_t>();
    if (number == nullptr) return "the row: " + detail::wrong_kind("an integer", value);
    if (*number < 0 || static_cast<std::uint64_t>(*number) >= frame_.rows()) {
      return "row " + std::to_string(*number) + " is outside its " + std::to_string(frame_.rows()) +
             " rows";
    }
    row = static_cast<std::size_t>(*number);
    return {};
  }

  std::string read_set(const Value::List& edit) {
    if (edit.size() != 4) return "\"set\" needs a row, a column and a cell";
    std::size_t row = 0;
    if (std::string problem = read_row(edit[1], row); !problem.empty()) return problem;
    const std::string* name = edit[2].get_if<std::string>();
    std::size_t column = 0;
    while (column < frame_.columns.size() &&
           (name == nullptr || frame_.columns[column].name != *name)) {
      ++column;
    }
    if (column == frame_.columns.size()) {
      return "there is no column " + detail::quoted(detail::readable(edit[2]));
    }
    const Value::List* rules = rules_of(definition_, *name);
    if (rules != nullptr && (*rules)[kDisabled] == Value(true)) {
      return "column " + detail::quoted(*name) + " cannot be changed";
    }
    Value cell = edit[3];
    if (std::string problem = read_cell(column, cell); !problem.empty()) return problem;
    edits.cells.insert_or_assign({row, column}, std::move(cell));
    return {};
  }

  std::string read_add(const Value::List& edit) {
    if (!is_dynamic(definition_)) return "rows cannot be added";
    if (edit.size() != frame_.columns.size() + 1) {
      return "\"add\" needs a cell for each of its " + std::to_string(frame_.columns.size()) +
             " columns";
    }
    Value::List cells(edit.begin() + 1, edit.end());
    for (std::size_t column = 0; column < cells.size(); ++column) {
      std::string problem = read_cell(column, cells[column]);
      if (!problem.empty()) return problem;
    }
    edits.added.push_back(std::move(cells));
    return {};
  }

  std::string read_delete(const Value::List& edit) {
    if (!is_dynamic(definition_)) return "rows cannot be deleted";
    if (edit.size() != 2) return "\"delete\" needs a row";
    std::size_t row = 0;
    if (std::string problem = read_row(edit[1], row); !problem.empty()) return problem;
    edits.deleted.insert(row);
    return {};
  }

  // Checks a cell by the type and the rules of its column; an integer means the same real number.
  std::string read_cell(std::size_t index, Value& cell) const {
    const DataFrame::Column& column = frame_.columns[index];
    std::string problem;
    const Value::List* rules = rules_of(definition_, column.name);
    if (std::holds_alternative<Texts>(column.values)) {
      problem = text_problem(rules, cell);
    } else {
      if (std::holds_alternative<Reals>(column.values)) {
        if (const std::int64_t* number = cell.get_if<std::int64_t>()) {
          cell = static_cast<double>(*number);
        }
        const double* real = cell.get_if<double>();
        if (real == nullptr) {
          problem = detail::wrong_kind("a number", cell);
        } else if (!std::isfinite(*real)) {
          problem = detail::readable(*real) + " is not a finite number";
        }
      } else if (cell.get_if<std::int64_t>() == nullptr) {
        problem = detail::wrong_kind("an integer", cell);
      }
      if (problem.empty()) problem = bound_problem(rules, cell);
    }
    if (problem.empty()) return {};
    return "column " + detail::quoted(column.name) + ": " + problem;
  }

  static double as_double(const Value& number) {
    const std::int64_t* integer = number.get_if<std::int64_t>();
    return integer == nullptr ? *number.get_if<double>() : static_cast<double>(*integer);
  }

  static std::string bound_problem(const Value::List* rules, const Value& cell) {
    if (rules == nullptr) return {};
    const Value& min = (*rules)[kMin];
    const Value& max = (*rules)[kMax];
    if (!min.is_null() && as_double(cell) < as_double(min)) {
      return detail::readable(cell) + " is below its least value " + detail::readable(min);
    }
    if (!max.is_null() && as_double(cell) > as_double(max)) {
      return detail::readable(cell) + " is above its greatest value " + detail::readable(max);
    }
    return {};
  }

  static std::string text_problem(const Value::List* rules, const Value& cell) {
    const std::string* text = cell.get_if<std::string>();
    if (text == nullptr) return detail::wrong_kind("text", cell);
    if (!detail::is_valid_utf8(*text)) return "it is not valid UTF-8";
    if (rules == nullptr) return {};
    const std::int64_t most = *(*rules)[kMaxChars].get_if<std::int64_t>();
    if (most != 0 && detail::utf8_length(*text) > static_cast<std::uint64_t>(most)) {
      return "it has " + std::to_string(detail::utf8_length(*text)) + " characters, and at most " +
             std::to_string(most) + " are allowed";
    }
    const Value::List& options = *(*rules)[kOptions].get_if<Value::List>();
    for (const Value& option : options) {
      if (option == cell) return {};
    }
    return options.empty() ? "" : detail::quoted(*text) + " is none of its options";
  }

  const Definition& definition_;
  const DataFrame& frame_;
};

Value cell_of(const DataFrame::Column& column, std::size_t row) {
  return std::visit([&](const auto& cells) { return Value(cells[row]); }, column.values);
}

// One order, the last word on each cell, and nothing that changes nothing.
Value edits_normalize(const Definition& definition, Value value) {
  EditReader reader(definition);
  if (!reader.read(value).empty()) return value;  // misfit says why
  Value::List edits;
  const DataFrame& frame = frame_of(definition);
  for (const auto& [place, cell] : reader.edits.cells) {
    const DataFrame::Column& column = frame.columns[place.second];
    if (reader.edits.deleted.contains(place.first) || cell_of(column, place.first) == cell) {
      continue;
    }
    edits.push_back(Value::List{"set", place.first, column.name, cell});
  }
  for (const Value::List& cells : reader.edits.added) {
    Value::List edit = {"add"};
    edit.insert(edit.end(), cells.begin(), cells.end());
    edits.push_back(std::move(edit));
  }
  for (const std::size_t row : reader.edits.deleted) edits.push_back(Value::List{"delete", row});
  return edits;
}

std::string edits_misfit(const Definition& definition, const Value& value) {
  return EditReader(definition).read(value);
}

void put(DataFrame::Column& column, std::size_t row, const Value& cell) {
  if (auto* reals = std::get_if<Reals>(&column.values)) {
    (*reals)[row] = *cell.get_if<double>();
  } else if (auto* integers = std::get_if<Integers>(&column.values)) {
    (*integers)[row] = *cell.get_if<std::int64_t>();
  } else {
    std::get<Texts>(column.values)[row] = *cell.get_if<std::string>();
  }
}

// Column by column: a std::variant of vectors of libstdc++ 12 destroys what it had no memory to
// copy, but not what it had none to assign.
DataFrame copy_of(const DataFrame& frame) {
  DataFrame copy;
  copy.columns.resize(frame.columns.size());
  for (std::size_t i = 0; i < frame.columns.size(); ++i) {
    copy.columns[i].name = frame.columns[i].name;
    copy.columns[i].values = frame.columns[i].values;
  }
  return copy;
}

DataFrame edited(const Definition& definition, const Value& value) {
  EditReader reader(definition);
  DataFrame frame = copy_of(frame_of(definition));
  if (!reader.read(value).empty()) return frame;
  for (const auto& [place, cell] : reader.edits.cells) {
    put(frame.columns[place.second], place.first, cell);
  }
  for (std::size_t i = 0; i < frame.columns.size(); ++i) {
    DataFrame::Column& column = frame.columns[i];
    for (const Value::List& cells : reader.edits.added) {
      std::visit([](auto& all) { all.emplace_back(); }, column.values);
      put(column, column.size() - 1, cells[i]);
    }
    for (auto row = reader.edits.deleted.rbegin(); row != reader.edits.deleted.rend(); ++row) {
      std::visit([&](auto& all) { all.erase(all.begin() + static_cast<std::ptrdiff_t>(*row)); },
                 column.values);
    }
  }
  return frame;
}

void editor_text(const Definition& definition, const Value& value, std::string& out) {
  const Value::List* edits = value.get_if<Value::List>();
  const std::size_t count = edits == nullptr ? 0 : edits->size();
  detail::append_widget_line(definition, std::to_string(count) + (count == 1 ? " edit" : " edits"),
                             out);
  detail::append_frame(edited(definition, value), detail::kRowsShown, out);
}

// Throws for a table that cannot be edited, cell by cell.
void check_frame(std::string_view label, const DataFramePtr& frame) {
  constexpr const char* kKind = "data_editor";
  if (frame == nullptr) {
    detail::throw_misuse(kKind, label, "the table is null. Cure: test for it first");
  }
  std::unordered_set<std::string_view> names;
  for (const DataFrame::Column& column : frame->columns) {
    if (!names.insert(column.name).second) {
      detail::throw_misuse(kKind, label,
                           "the column " + detail::quoted(column.name) + " is there twice");
    }
    if (column.size() != frame->rows()) {
      detail::throw_misuse(kKind, label,
                           "the column " + detail::quoted(column.name) + " has " +
                               std::to_string(column.size()) + " cells, not " +
                               std::to_string(frame->rows()));
    }
  }
}

// The rules of a column as a list. Throws for rules that its type cannot have.
Value rules_value(std::string_view label, const DataFrame& frame, const EditorColumn& rules) {
  const auto refuse = [&](std::string_view problem) {
    detail::throw_misuse(
        "data_editor", label,
        "the rules of column " + detail::quoted(rules.name) + ": " + std::string(problem));
  };
  const DataFrame::Column* column = nullptr;
  for (const DataFrame::Column& one : frame.columns) {
    if (one.name == rules.name) column = &one;
  }
  if (column == nullptr) refuse("the table has no such column");
  const bool is_text = std::holds_alternative<Texts>(column->values);
  for (const Value& bound : {rules.min, rules.max}) {
    if (bound.is_null()) continue;
    if (is_text) refuse("text has no bounds");
    if (bound.get_if<double>() == nullptr && bound.get_if<std::int64_t>() == nullptr) {
      refuse("a bound: " + detail::wrong_kind("a number", bound));
    }
  }
  if (!is_text && (rules.max_chars != 0 || !rules.options.empty())) {
    refuse("numbers have no options and no number of characters");
  }
  return Value::List{rules.name,      rules.min,     rules.max,
                     rules.max_chars, rules.options, rules.disabled};
}

}  // namespace

namespace detail {

constinit const WidgetKind kDataEditorKind = {.name = "data_editor",
                                              .normalize = edits_normalize,
                                              .misfit = edits_misfit,
                                              .to_text = editor_text};

}  // namespace detail

DataFrame data_editor(const Place& place, std::string_view label, DataFramePtr frame,
                      const EditorOptions& options) {
  check_frame(label, frame);
  Value::List rules;
  for (const EditorColumn& column : options.columns) {
    rules.push_back(rules_value(label, *frame, column));
  }
  detail::Draft draft(detail::kDataEditorKind, label, Value::List{}, options);
  draft.add("data", Value::boxed(std::move(frame)));
  draft.add("columns", std::move(rules));
  draft.add("rows", options.rows == EditorRows::dynamic ? "dynamic" : "fixed");
  const Definition shown = draft.take();
  return edited(shown, place.widget(shown).value);
}

DataFrame data_editor(const Place& place, std::string_view label, DataFrame frame,
                      const EditorOptions& options) {
  return data_editor(place, label, std::make_shared<const DataFrame>(std::move(frame)), options);
}

}  // namespace memoscape::inline v0

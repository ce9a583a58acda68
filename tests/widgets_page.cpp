// Prints widgets/WIDGETS.md, made from the table of kinds.
//
// Usage: widgets_page > widgets/WIDGETS.md
#include <cstdio>
#include <string>
#include <string_view>

#include "widgets/kinds.hpp"

namespace {

using memoscape::Nature;
using memoscape::detail::all_kinds;
using memoscape::detail::KindEntry;

std::string or_dash(std::string_view text) { return text.empty() ? "-" : std::string(text); }

std::string counterpart(std::string_view name) {
  return name.empty() ? "-" : '`' + std::string(name) + '`';
}

std::string identity(const KindEntry& entry) {
  std::string text = "label";
  if (!entry.definition.empty()) text += ", " + std::string(entry.definition);
  return text;
}

void add_row(std::string& out, std::initializer_list<std::string> cells) {
  for (const std::string& cell : cells) out += "| " + cell + ' ';
  out += "|\n";
}

std::string page() {
  std::string out =
      "# Widgets and elements\n"
      "\n"
      "Made from the table in `widgets/kinds.cpp` by `tests/widgets_page.cpp`; a test says when it "
      "is\n"
      "out of date.\n"
      "\n"
      "## Widgets\n"
      "\n"
      "A widget's identity is its key. Without a key it is the kind, the label and the "
      "definition,\n"
      "which the table lists; the enclosing form, `help`, `disabled` and `label_visibility` "
      "count,\n"
      "too. A value that does not fit is refused with `InvalidValueError` when it is set, and the\n"
      "default is used for a preset that does not fit. What only the script can get wrong is a\n"
      "`UsageError`. *Trigger*: its value lasts for one run. *Upload*: not in cached functions.\n"
      "\n";
  add_row(out, {"widget", "value", "default", "identity without a key", "refused", "Streamlit",
                "difference"});
  add_row(out, {"---", "---", "---", "---", "---", "---", "---"});
  for (const KindEntry& entry : all_kinds()) {
    if (entry.widget == nullptr) continue;
    std::string name = '`' + std::string(entry.name) + '`';
    if (entry.widget->nature == Nature::trigger) name += " *trigger*";
    if (entry.widget->nature == Nature::upload) name += " *upload*";
    add_row(out, {name, or_dash(entry.value), or_dash(entry.initial), identity(entry),
                  or_dash(entry.refused), counterpart(entry.streamlit), or_dash(entry.difference)});
  }
  out += "\n## Elements and containers\n\n";
  add_row(out, {"element", "refused", "Streamlit", "difference"});
  add_row(out, {"---", "---", "---", "---"});
  for (const KindEntry& entry : all_kinds()) {
    if (entry.element == nullptr) continue;
    add_row(out, {'`' + std::string(entry.name) + '`', or_dash(entry.refused),
                  counterpart(entry.streamlit), or_dash(entry.difference)});
  }
  return out;
}

}  // namespace

int main() {
  const std::string text = page();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}

// The widgets of the library as a table, for tests over all of them. Each is labelled "W".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "memoscape/memoscape.hpp"

namespace memoscape::testing {

namespace ms = memoscape;

enum class Forms { allowed, refused, required };

struct WidgetCase {
  std::string name;
  std::string kind;
  std::string (*make)(const ms::Place& place, bool disabled);  // gives the value as text
  std::string initial;
  std::string initial_page;
  ms::Value change;
  std::string changed;
  std::string changed_page;
  std::optional<ms::Value> outside;  // of the right type; empty: every value of the type fits
  ms::Value wrong;                   // of another type
  Forms forms = Forms::allowed;

  bool is_trigger() const { return forms != Forms::allowed; }  // true for one run
  bool is_clicked() const { return change == ms::Value(true) && is_trigger(); }
};

std::vector<WidgetCase> widget_cases();

}  // namespace memoscape::testing

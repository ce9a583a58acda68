// The widgets that programs of the prover may have: one or more of every kind of the library.
//
// Thread-safety: a constant table.
#pragma once

#include <string>
#include <vector>

#include "memoscape/memoscape.hpp"

namespace prove {

namespace ms = memoscape;

struct Kind {
  const char* name;  // as ms::WidgetKind::name
  // Makes one and gives its value as session state has it.
  ms::Value (*make)(const ms::Place& place, const std::string& label, const std::string& key,
                    const ms::Callback& on_change);
  ms::Value initial;
  std::vector<ms::Value> values;  // to set it to, some of which do not fit
  bool is_trigger = false;
  bool is_upload = false;
};

const std::vector<Kind>& kinds();

}  // namespace prove

// What the widgets with a list of options share: checks of the list, and of what is chosen.
//
// Thread-safety: pure functions; `select` as the Place it is given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "memoscape/choices.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0::detail {

// The texts of a widget's options.
const Value::List& texts_of(const Definition& definition);

// Throws: UsageError for a list that is empty or has an option twice.
void check_options(std::string_view kind, std::string_view label,
                   const std::vector<std::string>& choices);

// Why it is no text of an option; why it is no list of such texts, each once and not too many.
std::string option_misfit(const Definition& definition, const Value& value);
std::string selection_misfit(const Definition& definition, const Value& value);

// A widget whose value is a list of options.
std::vector<std::string> select(const Place& place, const WidgetKind& kind, std::string_view label,
                                const std::vector<std::string>& choices,
                                const MultiselectOptions& options);

}  // namespace memoscape::inline v0::detail

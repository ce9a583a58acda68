#include "widgets/published_names.hpp"

#include <algorithm>
#include <functional>

namespace memoscape::inline v0::detail {

namespace {

std::size_t hash_of(std::string_view name) noexcept { return std::hash<std::string_view>()(name); }

bool has_key(const PageWidget& widget, std::string_view name) noexcept {
  return !name.empty() && widget.read->definition().key == name;
}

}  // namespace

void PublishedNames::add(std::string_view name, std::uint32_t place) {
  const auto [at, is_new] = places_.emplace(hash_of(name), place);
  if (!is_new && at->second != place) at.value() = kSeveral;
}

void PublishedNames::fill(const List& widgets) {
  places_.reserve(3 * widgets.size());  // nothing else needs memory
  for (std::uint32_t i = 0; i < widgets.size(); ++i) {
    const StateRead& read = *widgets[i].read;
    if (const std::string& key = read.definition().key; !key.empty()) add(key, i);
    add(read.name(), i);
    add(read.identity(), i);
  }
}

std::uint32_t PublishedNames::place_of(const List& widgets, std::string_view name) {
  if (places_.empty()) fill(widgets);
  const auto found = places_.find(hash_of(name));
  return found == places_.end() ? kNone : found->second;
}

const PageWidget* PublishedNames::find(const List& widgets, std::string_view name) {
  const std::uint32_t place = place_of(widgets, name);
  if (place < kSeveral) {
    const PageWidget& one = widgets[place];
    return has_key(one, name) || one.read->name() == name ? &one : nullptr;
  }
  if (place == kNone) return nullptr;
  const auto keyed = std::find_if(widgets.begin(), widgets.end(),
                                  [&](const PageWidget& one) { return has_key(one, name); });
  if (keyed != widgets.end()) return &*keyed;
  const auto has_label = [&](const PageWidget& one) { return one.read->name() == name; };
  const auto first = std::find_if(widgets.begin(), widgets.end(), has_label);
  if (first == widgets.end() || std::any_of(first + 1, widgets.end(), has_label)) return nullptr;
  return &*first;
}

const PageWidget* PublishedNames::find(const List& widgets, const StateRead& read) {
  const std::uint32_t place = place_of(widgets, read.identity());
  const auto is_it = [&](const PageWidget& one) { return one.read->identity() == read.identity(); };
  if (place < kSeveral) return is_it(widgets[place]) ? &widgets[place] : nullptr;
  if (place == kNone) return nullptr;
  const auto found = std::find_if(widgets.begin(), widgets.end(), is_it);
  return found == widgets.end() ? nullptr : &*found;
}

}  // namespace memoscape::inline v0::detail

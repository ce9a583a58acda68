// PublishedNames: which widget of the last page a name means, whatever the number of widgets.
//
// A table from names, by their hash, to places: made when somebody asks first, dropped when the
// widgets change. A name that several widgets answer to is looked for one by one.
//
// Thread-safety: as the list of widgets, with which it is guarded.
#pragma once

#include <tsl/robin_map.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "memoscape/detail/buffers.hpp"
#include "widgets/session_state.hpp"

namespace memoscape::inline v0::detail {

class PublishedNames {
 public:
  using List = std::vector<PageWidget>;

  // The widget of this key; else the only one of this label. Null: there is none, or there are
  // several. Throws: std::bad_alloc.
  const PageWidget* find(const List& widgets, std::string_view name);
  // The widget that this read is of. Null: there is none. Throws: std::bad_alloc.
  const PageWidget* find(const List& widgets, const StateRead& read);
  // To be called when the widgets, or their places, have changed.
  void clear() noexcept { places_.clear(); }
  std::uint64_t bytes() const noexcept { return table_bytes(places_); }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::uint32_t kSeveral = kNone - 1;

  void fill(const List& widgets);
  void add(std::string_view name, std::uint32_t place);
  // Where the only one is that may be meant; kNone or kSeveral.
  std::uint32_t place_of(const List& widgets, std::string_view name);

  tsl::robin_map<std::size_t, std::uint32_t> places_;  // by hash of key, label and identity
};

}  // namespace memoscape::inline v0::detail

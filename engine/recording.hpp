// Recording: what one execution put on the page, in order. Built by its execution, immutable from
// its end on, shared by every page and every enclosing recording that replays it.
//
// Invariants:
// - An item of a recording's root belongs to the place of the call (Part::main) or to the sidebar;
//   items of an inner block are Part::main always.
// - A Replay names the part of the inner recording that goes there. A call made directly in the
//   sidebar replays both parts there, in their order.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "memoscape/detail/allocated.hpp"
#include "memoscape/page.hpp"
#include "memoscape/state.hpp"

namespace memoscape::inline v0 {

namespace detail {

struct Content;
struct Recording;
using RecordingPtr = std::shared_ptr<const Recording>;

enum class Part : std::uint8_t { main, sidebar };
enum class Filter : std::uint8_t { main, sidebar, both };

constexpr bool passes(Filter filter, Part part) noexcept {
  return filter == Filter::both || (filter == Filter::main) == (part == Part::main);
}

struct ShownWidget {
  ShownWidget(const StateReadPtr& its, const Value& shown) : read(its), value(shown) {}

  StateReadPtr read;
  Value value;
};

struct Replay {
  RecordingPtr recording;
  Filter filter = Filter::both;
  bool is_leased = false;  // counted by a lease: `recording.use_count()` does not tell of others
};

struct Block;

struct Item {
  template <class What>
  Item(Part where, What&& shown) : part(where), what(std::forward<What>(shown)) {}
  // A widget, without a copy in between.
  Item(Part where, const StateReadPtr& read, const Value& value)
      : part(where), what(std::in_place_type<ShownWidget>, read, value) {}

  Part part = Part::main;
  // monostate: a slot that was cleared.
  std::variant<std::monostate, ElementPtr, ShownWidget, std::unique_ptr<Block>, Replay> what;
};

// A container; the root of a recording has no heading.
struct Block {
  ElementPtr heading;
  std::string form;  // key of the enclosing form, or empty
  std::vector<Item> items;
};

struct Recording {
  Block root;
  bool has_replays = false;  // in it, or in a block of it
  // Where it has something; set at its end.
  bool in_main = false;
  bool in_sidebar = false;
  // What it shows and is kept once per content (contents.hpp); each once. Set when it ends.
  std::vector<std::shared_ptr<Content>> contents;

  // Engine side, guarded by the store's mutex (see store.hpp).
  mutable std::uint64_t own_bytes = 0;               // measured when first charged
  mutable std::uint32_t stored_outer = 0;            // charged recordings that replay this one
  mutable bool owned = false;                        // a stored permutation has it as its own
  mutable const Recording* next_followed = nullptr;  // on a list of charges that begin or end
  // Itself, while an entry keeps it, and then until no lookup can meet it any more; or the next on
  // the list of what its page freed.
  mutable RecordingPtr self;
  mutable const Recording* next_freed = nullptr;  // on the list of what left the store

  Recording() = default;
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  ~Recording();  // frees chains of replays without recursion

  void close() noexcept;  // sets what is set at its end
  // A number of its own, never 0 and never another's: by it a front end knows what a browser shows.
  // Given at the first call. Thread-safety: any thread.
  MEMOSCAPE_API std::uint64_t serial() const noexcept;
  // It has changed before anybody saw it. Requires: nobody else has a reference to it.
  void renew_serial() noexcept { serial_.store(0, std::memory_order_relaxed); }

 private:
  mutable std::atomic<std::uint64_t> serial_{0};
};

// What front ends see of a page that its tree does not tell: which parts are replays.
struct PageAccess {
  static const RecordingPtr& recording(const Page& page) noexcept { return page.recording_; }
};

// Calls `visit(const RecordingPtr&)` for each replay in a block of a recording, not in replayed
// ones.
template <class F>
void for_each_replay(const Block& block, const F& visit) {
  for (const Item& item : block.items) {
    if (const Replay* replay = std::get_if<Replay>(&item.what)) {
      visit(replay->recording);
    } else if (const auto* inner = std::get_if<std::unique_ptr<Block>>(&item.what)) {
      for_each_replay(**inner, visit);
    }
  }
}

template <class F>
void for_each_replay(const Recording& recording, const F& visit) {
  if (recording.has_replays) for_each_replay(recording.root, visit);
}

// What an object costs that was made by make_shared: it has its counts beside it.
template <class T>
constexpr std::uint64_t shared_object_bytes() noexcept {
  constexpr std::size_t kControlBlock = 16;
  return allocated(sizeof(T) + kControlBlock);
}

// Bytes of the recording itself at the allocator's usable size: its items and elements; neither
// contents (contents.hpp) nor the recordings it replays.
std::uint64_t recording_bytes(const Recording& recording);
// What the element owns beside media and table.
std::uint64_t element_heap_bytes(const Element& element);
// Whether it is a content by itself: it owns more than the bookkeeping of one takes.
inline constexpr std::uint64_t kWorthSharing = 256;
bool is_worth_sharing(const Element& element);

}  // namespace detail
}  // namespace memoscape::inline v0

#include "engine/recording.hpp"

#include <utility>

#include "memoscape/heap_bytes.hpp"

namespace memoscape::inline v0::detail {

namespace {

// Moves the replayed recordings that nobody else holds out of `block`, to the list `out`; drops the
// others. One that its last other holder drops meanwhile comes to the same list by its destructor.
void take_replays(Block& block, RecordingPtr& out) {
  for (Item& item : block.items) {
    if (Replay* replay = std::get_if<Replay>(&item.what)) {
      RecordingPtr inner = std::move(replay->recording);
      if (replay->is_leased || inner.use_count() != 1) continue;
      // Whoever held it, and had it on a list, has let go of it before: taking and dropping a
      // reference orders that before what is written from here on.
      RecordingPtr(inner).reset();
      const Recording& freed = *inner;
      freed.self = std::exchange(out, std::move(inner));
    } else if (auto* inner = std::get_if<std::unique_ptr<Block>>(&item.what)) {
      take_replays(**inner, out);
    }
  }
}

std::uint64_t element_bytes(const Element& element) {
  const std::uint64_t owned = element_heap_bytes(element);
  return owned < kWorthSharing ? shared_object_bytes<Element>() + owned : 0;
}

std::uint64_t block_bytes(const Block& block) {
  std::uint64_t bytes = allocated(block.items.capacity() * sizeof(Item)) + heap_bytes(block.form);
  if (block.heading) bytes += element_bytes(*block.heading);
  for (const Item& item : block.items) {
    if (const ElementPtr* element = std::get_if<ElementPtr>(&item.what)) {
      bytes += element_bytes(**element);
    } else if (const ShownWidget* widget = std::get_if<ShownWidget>(&item.what)) {
      // The read belongs to the state space.
      if (!widget->value.is_plain()) bytes += widget->value.heap_bytes();
    } else if (const auto* inner = std::get_if<std::unique_ptr<Block>>(&item.what)) {
      bytes += allocated(sizeof(Block)) + block_bytes(**inner);
    }
  }
  return bytes;
}

}  // namespace

Recording::~Recording() {
  if (!has_replays) return;
  // The outermost destructor on a thread frees what the inner ones hand to it.
  thread_local RecordingPtr* freeing = nullptr;
  if (freeing != nullptr) {
    take_replays(root, *freeing);
    return;
  }
  RecordingPtr chain;
  freeing = &chain;
  take_replays(root, chain);
  while (chain != nullptr) {
    RecordingPtr rest = std::move(chain->self);
    const RecordingPtr one = std::exchange(chain, std::move(rest));
  }
  freeing = nullptr;
}

void Recording::close() noexcept {
  if (root.items.capacity() > root.items.size()) root.items.shrink_to_fit();  // it will be kept
  for (const Item& item : root.items) (item.part == Part::main ? in_main : in_sidebar) = true;
}

std::uint64_t Recording::serial() const noexcept {
  static std::atomic<std::uint64_t> last{0};
  std::uint64_t serial = serial_.load(std::memory_order_relaxed);
  if (serial != 0) return serial;
  const std::uint64_t mine = last.fetch_add(1, std::memory_order_relaxed) + 1;
  return serial_.compare_exchange_strong(serial, mine, std::memory_order_relaxed) ? mine : serial;
}

std::uint64_t element_heap_bytes(const Element& element) {
  return heap_bytes(element.text) + element.attributes.heap_bytes();
}

bool is_worth_sharing(const Element& element) {
  return element_heap_bytes(element) >= kWorthSharing;
}

std::uint64_t recording_bytes(const Recording& recording) {
  return shared_object_bytes<Recording>() + block_bytes(recording.root) +
         allocated(recording.contents.capacity() * sizeof(recording.contents[0]));
}

}  // namespace memoscape::inline v0::detail

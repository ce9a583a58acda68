// The set of shared objects that one traversal has seen.
//
// Invariants: slots_ is empty or at most half full, its size a power of two; null is a free slot.
#include "memoscape/heap_bytes.hpp"

#include <cstdint>

namespace memoscape::inline v0 {
namespace {

// The slot of the address, or the free slot where it belongs.
std::size_t find_slot(const std::vector<const void*>& slots, const void* address) {
  const std::uint64_t mixed = reinterpret_cast<std::uintptr_t>(address) * 0x9e3779b97f4a7c15u;
  std::size_t slot = static_cast<std::size_t>(mixed >> 20) & (slots.size() - 1);
  while (slots[slot] != nullptr && slots[slot] != address) slot = (slot + 1) & (slots.size() - 1);
  return slot;
}

}  // namespace

bool HeapVisitor::first_visit(const void* shared) {
  if (shared == nullptr) return false;
  if (used_ * 2 >= slots_.size()) {
    std::vector<const void*> larger(slots_.empty() ? 16 : slots_.size() * 2);
    for (const void* address : slots_) {
      if (address != nullptr) larger[find_slot(larger, address)] = address;
    }
    slots_.swap(larger);
  }
  const std::size_t slot = find_slot(slots_, shared);
  if (slots_[slot] == shared) return false;
  slots_[slot] = shared;
  ++used_;
  return true;
}

}  // namespace memoscape::inline v0

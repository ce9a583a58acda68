#include "engine/node_index.hpp"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace memoscape::inline v0::detail {

namespace {

// Where each access is to another page, finding the page takes as long as the memory in it. Large
// pages need a hundredth of the table for that. Nothing depends on it.
void prefer_large_pages([[maybe_unused]] void* memory,
                        [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr std::size_t kLarge = std::size_t{1} << 21;
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = (begin + kLarge - 1) & ~(kLarge - 1);
  const std::uintptr_t end = (begin + bytes) & ~(kLarge - 1);
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#endif
}

}  // namespace

NodeIndex::Place* NodeIndex::make_places(std::size_t count) {
  const std::size_t bytes = count * sizeof(Place);
  void* const memory = ::operator new(bytes);
  prefer_large_pages(memory, bytes);  // before it is touched
  auto* const places = static_cast<Place*>(memory);
  std::uninitialized_value_construct_n(places, count);
  return places;
}

}  // namespace memoscape::inline v0::detail

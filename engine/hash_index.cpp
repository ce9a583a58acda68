#include "engine/hash_index.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <memory>
#include <new>

#include "memoscape/detail/allocated.hpp"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace memoscape::inline v0::detail {

namespace {

// Before the groups: their own line, by which a table that was outgrown is on a list.
constexpr std::size_t kHeader = 64;

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

void HashTable::Outgrown::destroy() noexcept {
  while (first_ != nullptr) {
    Header* const gone = std::exchange(first_, first_->next);
    ::operator delete (gone, std::align_val_t{kHeader});
  }
}

void HashTable::Outgrown::add(Outgrown more) noexcept {
  while (Header* const one = more.first_) {
    more.first_ = one->next;
    one->next = std::exchange(first_, one);
  }
}

HashTable::~HashTable() {
  const Table table(table_);
  if (table.groups == nullptr) return;
  ::operator delete (reinterpret_cast<std::byte*>(table.groups) - kHeader,
                     std::align_val_t{kHeader});
}

std::size_t HashTable::heap_bytes() const noexcept {
  const std::size_t groups = group_count();
  return groups == 0 ? 0 : allocated(kHeader + groups * sizeof(Group));
}

std::size_t HashTable::groups_for(std::size_t size) noexcept {
  return std::bit_ceil(std::max<std::size_t>((size + kFull - 1) / kFull, 1));
}

void HashTable::put_in(void* thing, std::uint32_t hash) noexcept {
  const Table table(table_);
  assert(size_ < kFull * (table.mask + 1));
  ++size_;
  for (std::size_t far = 0;; ++far) {
    Group& group = table.groups[(hash + far) & table.mask];
    const std::uint32_t state = group.state.load(std::memory_order_relaxed);
    if (const std::uint32_t free = ~state & Group::kAllTaken; free != 0) {
      const auto i = static_cast<std::size_t>(std::countr_zero(free));
      group.hashes[i].store(hash, std::memory_order_relaxed);
      group.things[i].store(thing, std::memory_order_release);
      group.state.store(state | (1u << i), std::memory_order_relaxed);
      return;
    }
    group.state.store(state + Group::kOnePassed, std::memory_order_release);
  }
}

void HashTable::take_out(const void* thing, std::uint32_t hash) noexcept {
  const Table table(table_);
  --size_;
  for (std::size_t far = 0;; ++far) {
    assert(far <= table.mask);
    Group& group = table.groups[(hash + far) & table.mask];
    const std::uint32_t state = group.state.load(std::memory_order_relaxed);
    for (unsigned places = group.places_of(hash); places != 0; places &= places - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(places));
      if (group.things[i].load(std::memory_order_relaxed) != thing) continue;
      group.things[i].store(nullptr, std::memory_order_release);
      group.state.store(state & ~(1u << i), std::memory_order_relaxed);
      return;
    }
    group.state.store(state - Group::kOnePassed, std::memory_order_release);
  }
}

HashTable::Outgrown HashTable::move_to(std::size_t groups) {
  // A hash tells the home of a thing.
  if (groups > std::size_t{std::numeric_limits<std::uint32_t>::max()} + 1) throw std::bad_alloc();
  const std::size_t bytes = kHeader + groups * sizeof(Group);
  void* const memory = ::operator new (bytes, std::align_val_t{kHeader});
  prefer_large_pages(memory, bytes);  // before it is touched
  auto* const header = ::new (memory) Outgrown::Header;
  auto* const first = reinterpret_cast<Group*>(reinterpret_cast<std::byte*>(header) + kHeader);
  std::uninitialized_value_construct_n(first, groups);

  const Table before(table_);
  table_.store(reinterpret_cast<std::uintptr_t>(first) |
                   static_cast<std::uintptr_t>(std::countr_zero(groups)),
               std::memory_order_release);
  ++tables_;
  size_ = 0;
  if (before.groups == nullptr) return {};
  for (std::size_t at = 0; at <= before.mask; ++at) {
    const Group& group = before.groups[at];
    for (std::size_t i = 0; i < kPlaces; ++i) {
      void* const thing = group.things[i].load(std::memory_order_relaxed);
      if (thing != nullptr) put_in(thing, group.hashes[i].load(std::memory_order_relaxed));
    }
  }
  return Outgrown(
      reinterpret_cast<Outgrown::Header*>(reinterpret_cast<std::byte*>(before.groups) - kHeader));
}

}  // namespace memoscape::inline v0::detail

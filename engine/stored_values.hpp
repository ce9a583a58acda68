// Stored values that have a digest, found by it: for sharing (values.cpp).
//
// In parts, by digest, each with a mutex of its own: who looks for an equal value does not need the
// store's. Who changes a part holds both, so under the store's mutex nothing changes.
//
// Thread-safety: `find` at any time; all else under the store's mutex. The order of locks is:
// store, then a part.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

#include "engine/hash.hpp"
#include "engine/hash_index.hpp"
#include "engine/mutex.hpp"
#include "memoscape/detail/box.hpp"

namespace memoscape::inline v0::detail {

class StoredValues {
 public:
  StoredValues();

  // One of this digest for which `is_it`, and a reference to it; null: there is none.
  BoxPtr find(const Digest& digest, const auto& is_it) const {
    const Part& part = part_of(digest);
    const std::scoped_lock lock(part.mutex);
    Box* const found = part.index.find(place_of(digest), is_it);
    return found == nullptr ? BoxPtr() : BoxPtr::reference_to(*found);
  }

  // It will be looked for, or taken out, soon.
  void look_ahead(const Digest& digest) const noexcept {
    part_of(digest).index.look_ahead(place_of(digest));
  }

  // Makes room for one more. Throws: std::bad_alloc.
  void reserve(const Digest& digest) {
    HashTable::Outgrown outgrown;  // freed without the mutex
    Part& part = part_of(digest);
    if (part.index.has_room(1)) return;
    const std::scoped_lock lock(part.mutex);
    outgrown = part.index.reserve_more(1);
  }
  // Requires: room for it.
  void insert(Box& box) noexcept {
    Part& part = part_of(box.digest);
    const std::scoped_lock lock(part.mutex);
    part.index.insert(box, place_of(box.digest));
  }
  // Requires: it is there.
  void erase(const Box& box) noexcept {
    Part& part = part_of(box.digest);
    const std::scoped_lock lock(part.mutex);
    part.index.erase(box, place_of(box.digest));
  }
  // Gives back memory that is not needed where this was. Requires: no room is reserved.
  void give_back(const Digest& digest) noexcept;

  std::size_t size() const noexcept { return sum(&HashTable::size); }
  std::size_t heap_bytes() const noexcept { return sum(&HashTable::heap_bytes); }
  void for_each(const auto& visit) const {
    for (const Part& part : parts_) part.index.for_each(visit);
  }

 private:
  struct alignas(64) Part {
    mutable Mutex mutex;
    HashIndex<Box> index;
  };

  static std::uint32_t place_of(const Digest& digest) noexcept {
    return static_cast<std::uint32_t>(DigestHash()(digest));
  }
  std::size_t sum(std::size_t (HashTable::*of)() const noexcept) const noexcept {
    std::size_t all = 0;
    for (const Part& part : parts_) all += (part.index.*of)();
    return all;
  }
  // By bits that the index does not go by.
  const Part& part_of(const Digest& digest) const noexcept {
    return parts_[static_cast<unsigned char>(digest.back()) % kParts];
  }
  Part& part_of(const Digest& digest) noexcept {
    return const_cast<Part&>(std::as_const(*this).part_of(digest));
  }

  static constexpr std::size_t kParts = 8;
  std::array<Part, kParts> parts_;
};

}  // namespace memoscape::inline v0::detail

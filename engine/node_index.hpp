// NodeIndex: where the nodes of all trees are found by their hash. Open addressing, robin hood: who
// is further from home has the place, so a search ends where what it looks for would be nearer.
//
// Hashes only narrow the search: any number of nodes may have the same. It stands beside the
// pointer, so a node is looked at only when the hashes agree. Unlike a table of a library it can be
// asked to bring a place into the cache before it is needed: with a million entries each place is a
// wait for memory.
//
// Invariants: at most four of five places are taken; their number is a power of two, or 0; from
// the home of a node to its place all are taken.
//
// Thread-safety: as the store, which has it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <utility>

#include "engine/policy.hpp"
#include "engine/state_space.hpp"
#include "memoscape/detail/allocated.hpp"

namespace memoscape::inline v0::detail {

class NodeIndex {
  // A node with its hash; in 12 bytes, as there are many.
  class Place {
   public:
    Place() = default;
    explicit Place(Node& node) noexcept : hash_(node.hash) {
      Node* const address = &node;
      std::memcpy(address_, &address, sizeof(void*));
    }
    Node* node() const noexcept {  // null: it is free
      Node* address;
      std::memcpy(&address, address_, sizeof(void*));
      return address;
    }
    std::uint32_t hash() const noexcept { return hash_; }

   private:
    std::uint32_t address_[2] = {};
    std::uint32_t hash_ = 0;
  };
  static_assert(sizeof(Place) == 12 && sizeof(void*) <= 8);

 public:
  // The first node of this hash for which `is_it`; null: there is none. Complexity: constant on
  // average; linear in the nodes of equal hash.
  Node* find(std::uint32_t hash, const auto& is_it) const noexcept {
    if (size_ == 0) return nullptr;
    std::size_t at = hash & mask_;
    for (std::size_t far = 0;; ++far, at = (at + 1) & mask_) {
      const Place& place = places_[at];
      Node* const node = place.node();
      if (node == nullptr || distance(at) < far) return nullptr;
      if (place.hash() == hash && is_it(*node)) return node;
    }
  }
  // It will be looked for, or inserted, soon.
  void look_ahead(std::uint32_t hash) const noexcept {
    if (size_ > 0) prefetch(&places_[hash & mask_]);
  }
  // The same, once what that asked for has come.
  void look_further(std::uint32_t hash) const noexcept {
    if (size_ > 0) prefetch(places_[hash & mask_].node());
  }

  // Makes room for `count` more. Throws: std::bad_alloc.
  void reserve_more(std::size_t count) {
    if (is_enough(bucket_count(), size_ + count)) return;
    move_to(places_for(size_ + count));
  }
  // Requires: room for it.
  void insert(Node& node) noexcept {
    put(Place(node));
    ++size_;
  }
  // Requires: it is there.
  void erase(const Node& node) noexcept {
    std::size_t at = node.hash & mask_;
    while (places_[at].node() != &node) at = (at + 1) & mask_;
    // Those that follow it and are not at home come one nearer.
    for (;;) {
      const std::size_t next = (at + 1) & mask_;
      if (places_[next].node() == nullptr || distance(next) == 0) break;
      places_[at] = places_[next];
      at = next;
    }
    places_[at] = {};
    --size_;
  }
  // Makes it as small as what it holds allows. Throws: std::bad_alloc.
  void shrink() { move_to(places_for(size_ + 1)); }

  std::size_t size() const noexcept { return size_; }
  std::size_t heap_bytes() const noexcept {
    return places_ == nullptr ? 0 : allocated(bucket_count() * sizeof(Place));
  }
  std::size_t bucket_count() const noexcept { return places_ == nullptr ? 0 : mask_ + 1; }
  // Calls `visit(const Node&)` for each.
  void for_each(const auto& visit) const {
    for (std::size_t i = 0; i < bucket_count(); ++i) {
      if (const Node* node = places_[i].node()) visit(*node);
    }
  }

 private:
  static bool is_enough(std::size_t places, std::size_t size) noexcept {
    return 5 * size <= 4 * places;
  }
  static std::size_t places_for(std::size_t size) noexcept {
    const std::size_t least = std::bit_ceil(size);
    return is_enough(least, size) ? least : 2 * least;
  }
  // From its home, of what is in this place.
  std::size_t distance(std::size_t at) const noexcept { return (at - places_[at].hash()) & mask_; }

  void put(Place place) noexcept {
    std::size_t at = place.hash() & mask_;
    for (std::size_t far = 0; places_[at].node() != nullptr; ++far, at = (at + 1) & mask_) {
      const std::size_t its = distance(at);
      if (its >= far) continue;
      std::swap(place, places_[at]);
      far = its;
    }
    places_[at] = place;
  }

  void move_to(std::size_t places) {
    // A hash tells the home of a node.
    if (places > std::size_t{std::numeric_limits<std::uint32_t>::max()} + 1) throw std::bad_alloc();
    Places before(make_places(places));
    const std::size_t count = bucket_count();
    before.swap(places_);
    mask_ = places - 1;
    for (std::size_t i = 0; i < count; ++i) {
      if (before[i].node() != nullptr) put(before[i]);
    }
  }

  struct Free {
    void operator()(Place* places) const noexcept { ::operator delete(places); }
  };
  using Places = std::unique_ptr<Place[], Free>;
  // node_index.cpp
  static Place* make_places(std::size_t count);

  Places places_;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
};

}  // namespace memoscape::inline v0::detail

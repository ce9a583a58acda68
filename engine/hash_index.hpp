// HashIndex: where things are found by their hash, by lookups that hold no lock, too.
//
// Open addressing in groups of five places, which fill a cache line: a search waits for memory
// once. What finds no place in the group of its hash goes to the next that has one, and the groups
// that it passed count it: a search goes on only where something has passed. Nothing that is there
// is moved, so a search meets it, whatever comes and goes meanwhile; but one that goes through a
// table which has just been outgrown does not meet what comes afterwards.
//
// Hashes only narrow the search: any number of things may have the same. It stands beside the
// pointer, so a thing is looked at only when the hashes agree. Unlike a table of a library it can
// be asked to bring a place into the cache before it is needed: with a million entries each place
// is a wait for memory.
//
// Invariants: at most four of five places are taken; the number of groups is a power of two, or 0;
// a group counts what has its home there or before, and lies behind it; a place is marked as taken
// if there is something in it.
//
// Thread-safety: `find`, `look_ahead` and `look_further` at any time, in a section of the readers,
// if `is_it` looks at nothing that is freed meanwhile (nodes are not, stored values may be); all
// else as the store, which has it. A table that was outgrown must be kept while such a section is
// open.
//
// Source of the counts: F14 (Bronson, Shi, 2019).
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "engine/policy.hpp"
#include "engine/sanitized.hpp"

// Four hashes at once. The processor reads each of them in one piece; ThreadSanitizer cannot know.
#if defined(__SSE2__) && !defined(MEMOSCAPE_TSAN)
#include <emmintrin.h>
#define MEMOSCAPE_SSE2 1
#endif

namespace memoscape::inline v0::detail {

// What does not depend on what is found.
class HashTable {
 public:
  static constexpr std::size_t kPlaces = 5;  // of a group

  // The memory of tables that were outgrown.
  class Outgrown {
   public:
    Outgrown() = default;
    Outgrown(Outgrown&& other) noexcept : first_(std::exchange(other.first_, nullptr)) {}
    Outgrown& operator=(Outgrown&& other) noexcept {
      std::swap(first_, other.first_);
      return *this;
    }
    Outgrown(const Outgrown&) = delete;
    Outgrown& operator=(const Outgrown&) = delete;
    ~Outgrown() {
      if (first_ != nullptr) destroy();
    }
    void add(Outgrown more) noexcept;
    bool empty() const noexcept { return first_ == nullptr; }

   private:
    friend HashTable;
    struct Header {
      Header* next = nullptr;
    };
    explicit Outgrown(Header* first) noexcept : first_(first) {}
    void destroy() noexcept;
    Header* first_ = nullptr;
  };

  HashTable() = default;
  HashTable(const HashTable&) = delete;
  HashTable& operator=(const HashTable&) = delete;
  ~HashTable();

  bool has_room(std::size_t count) const noexcept { return size_ + count <= kFull * group_count(); }
  // Makes room for `count` more. Throws: std::bad_alloc.
  [[nodiscard]] Outgrown reserve_more(std::size_t count) {
    if (has_room(count)) return {};
    return move_to(groups_for(size_ + count));
  }
  // Makes it as small as what it holds allows. Throws: std::bad_alloc.
  [[nodiscard]] Outgrown shrink() { return move_to(groups_for(size_ + 1)); }

  // It will be looked for, or inserted, soon.
  void look_ahead(std::uint32_t hash) const noexcept {
    const Table table(table_);
    if (table.groups != nullptr) prefetch(&table.groups[hash & table.mask]);
  }

  // How far a visit in pieces has come.
  struct Visited {
    std::uint64_t table = 0;  // the number of it
    std::size_t groups = 0;   // of it
  };

  std::size_t size() const noexcept { return size_; }
  std::size_t heap_bytes() const noexcept;
  std::size_t bucket_count() const noexcept { return kPlaces * group_count(); }

 protected:
  struct alignas(64) Group {
    std::array<std::atomic<std::uint32_t>, kPlaces> hashes{};
    // Which places are taken, a bit for each; above these bits, by how many that are behind it the
    // group was passed.
    std::atomic<std::uint32_t> state{0};
    std::array<std::atomic<void*>, kPlaces> things{};  // null: the place is free
    static constexpr std::uint32_t kOnePassed = 1u << kPlaces;
    static constexpr std::uint32_t kAllTaken = kOnePassed - 1;

    // A bit for each place with this hash. All are compared, as a guess which it is would often be
    // wrong.
    unsigned places_of(std::uint32_t hash) const noexcept {
#ifdef MEMOSCAPE_SSE2
      const __m128i four = _mm_load_si128(reinterpret_cast<const __m128i*>(hashes.data()));
      const __m128i same = _mm_cmpeq_epi32(four, _mm_set1_epi32(static_cast<int>(hash)));
      const auto bits = static_cast<unsigned>(_mm_movemask_ps(_mm_castsi128_ps(same)));
      return bits | unsigned{hashes[4].load(std::memory_order_relaxed) == hash} << 4;
#else
      unsigned bits = 0;
      for (unsigned i = 0; i < kPlaces; ++i) {
        bits |= unsigned{hashes[i].load(std::memory_order_relaxed) == hash} << i;
      }
      return bits;
#endif
    }
  };
  static_assert(sizeof(Group) == 64);

  // Where the groups are, and how many: in one word.
  struct Table {
    explicit Table(const std::atomic<std::uintptr_t>& word) noexcept
        : Table(word.load(std::memory_order_acquire)) {}
    explicit Table(std::uintptr_t word) noexcept
        : groups(reinterpret_cast<Group*>(word & ~kShift)),
          mask((std::size_t{1} << (word & kShift)) - 1) {}
    static constexpr std::uintptr_t kShift = alignof(Group) - 1;

    Group* groups;  // null: there are none
    std::size_t mask;
  };

  // Requires: room for it.
  void put_in(void* thing, std::uint32_t hash) noexcept;
  // Requires: it is there.
  void take_out(const void* thing, std::uint32_t hash) noexcept;

  std::atomic<std::uintptr_t> table_{0};
  std::uint64_t tables_ = 0;  // that there were

 private:
  static constexpr std::size_t kFull = 4;  // of the places of a group, on average

  static std::size_t groups_for(std::size_t size) noexcept;
  std::size_t group_count() const noexcept {
    const Table table(table_);
    return table.groups == nullptr ? 0 : table.mask + 1;
  }
  Outgrown move_to(std::size_t groups);

  std::size_t size_ = 0;
};

template <class T>
class HashIndex : public HashTable {
 public:
  // One of this hash for which `is_it`; null: there is none. Complexity: constant on average;
  // linear in the things of equal hash.
  T* find(std::uint32_t hash, const auto& is_it) const {
    const Table table(table_);
    if (table.groups == nullptr) return nullptr;
    for (std::size_t far = 0; far <= table.mask; ++far) {
      const Group& group = table.groups[(hash + far) & table.mask];
      for (unsigned places = group.places_of(hash); places != 0; places &= places - 1) {
        const auto& place = group.things[static_cast<std::size_t>(std::countr_zero(places))];
        T* const thing = static_cast<T*>(place.load(std::memory_order_acquire));
        if (thing != nullptr && is_it(*thing)) return thing;
      }
      if (group.state.load(std::memory_order_acquire) < Group::kOnePassed) return nullptr;
    }
    return nullptr;
  }
  // What `look_ahead` asked for has come: what may be found there is given to `visit`, which must
  // not look at it, but may ask for it.
  void look_further(std::uint32_t hash, const auto& visit) const noexcept {
    const Table table(table_);
    if (table.groups == nullptr) return;
    const Group& group = table.groups[hash & table.mask];
    const unsigned places = group.places_of(hash);
    if (places == 0) return;
    const auto& place = group.things[static_cast<std::size_t>(std::countr_zero(places))];
    const void* const thing = place.load(std::memory_order_relaxed);
    if (thing != nullptr) visit(*static_cast<const T*>(thing));
  }

  // Requires: room for it.
  void insert(T& thing, std::uint32_t hash) noexcept { put_in(&thing, hash); }
  // Requires: it is there.
  void erase(const T& thing, std::uint32_t hash) noexcept { take_out(&thing, hash); }

  // Calls `visit(T&)` for the few things that come next, and gives whether there were any groups
  // left. `visit` may take things out, which are visited all the same, so they must still be there.
  // What came since the visit began may be missed; when the table was outgrown meanwhile, the visit
  // begins again.
  bool visit_some(Visited& visited, const auto& visit) const {
    if (visited.table != tables_) visited = {.table = tables_};
    const Table table(table_);
    if (table.groups == nullptr || visited.groups > table.mask) return false;
    std::array<T*, kPlaces> things;
    for (std::size_t i = 0; i < kPlaces; ++i) {
      things[i] = static_cast<T*>(table.groups[visited.groups].things[i].load());
    }
    ++visited.groups;
    for (T* thing : things) {
      if (thing != nullptr) visit(*thing);
    }
    return true;
  }

  // Calls `visit(const T&)` for each.
  void for_each(const auto& visit) const {
    const Table table(table_);
    if (table.groups == nullptr) return;
    for (std::size_t at = 0; at <= table.mask; ++at) {
      for (const auto& place : table.groups[at].things) {
        if (const void* thing = place.load()) visit(*static_cast<const T*>(thing));
      }
    }
  }
};

}  // namespace memoscape::inline v0::detail

// Greedy dual size frequency, the default: keeps what saves most recomputation per byte.
//
//   priority = age + cost x uses / bytes
//
// The least one goes, and its priority becomes the age, which all later insertions and uses start
// from: what is not used any more is overtaken in the end. Uses are counted up to six: more tell
// little of the future, and what was popular once would stay too long when few have to go.
// Source: L. Cherkasova, "Improving WWW Proxies Performance with Greedy-Dual-Size-Frequency Caching
// Policy", HP Laboratories, 1998.
//
// The least is that of a random sample: eight groups of eight neighbours, each a cache line. So an
// eviction costs the same however many entries there are, and a use costs one store: no heap has to
// be kept in order. Neighbours have little in common, as what comes takes the place of what went.
//
// Invariants:
// - Slots 0 to size_ - 1 are in use; rating.slot says which is the entry's. Others have a priority
//   that is never the least.
// - Chunk k exists if a slot of it is in use, or of chunk k - 1 (so that one entry that comes and
//   goes does not allocate each time), or if it is the first.
// - next_ is null or an entry that was not changed since it was chosen.
// - What is drawn is none, or was not freed since.
#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "engine/gdsf.hpp"
#include "memoscape/detail/allocated.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace memoscape::inline v0::detail {

namespace {

constexpr std::size_t kGroup = 8;                                   // priorities in a cache line
constexpr std::size_t kGroups = 8;                                  // in a sample
constexpr double kNever = std::numeric_limits<double>::infinity();  // the priority of no entry

// SplitMix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
class Random {
 public:
  // Uniform in [0, limit) but for a bias of limit / 2^32.
  std::size_t below(std::size_t limit) noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<std::size_t>(((z >> 32) * limit) >> 32);
  }

 private:
  std::uint64_t state_ = 1;  // the same for each policy: an engine does the same each time
};

// What a sample looks at is packed apart from the entries, and priorities apart from pointers, so
// that it touches eight cache lines and no entry. Groups live in chunks, each as large as all
// before it: growing copies nothing.
class Slots {
 public:
  struct alignas(kGroup * sizeof(double)) Group {
    Group() noexcept { priorities.fill(kNever); }
    std::array<double, kGroup> priorities;
    std::array<PolicyHook*, kGroup> entries;  // of those slots that are in use
  };

  Group& group(std::size_t i) noexcept {
    const Place place = place_of(i);
    return chunks_[place.chunk][place.offset];
  }
  double& priority(std::size_t i) noexcept { return group(i / kGroup).priorities[i % kGroup]; }
  PolicyHook*& entry(std::size_t i) noexcept { return group(i / kGroup).entries[i % kGroup]; }

  void reserve(std::size_t i) {
    const std::size_t k = place_of(i / kGroup).chunk;
    if (chunks_[k] == nullptr) chunks_[k] = std::make_unique<Group[]>(kFirst << k);
  }

  // Frees what is not needed for `size` slots. Gives whether there was something.
  bool trim(std::size_t size) noexcept {
    const Place place = place_of(size / kGroup);
    const bool is_first = place.offset == 0 && place.chunk + 1 < kChunks;
    return is_first && std::exchange(chunks_[place.chunk + 1], nullptr) != nullptr;
  }

  std::size_t heap_bytes() const noexcept {
    std::size_t bytes = 0;
    for (std::size_t k = 0; k < kChunks; ++k) {
      if (chunks_[k] != nullptr) bytes += allocated((kFirst << k) * sizeof(Group) + alignof(Group));
    }
    return bytes;
  }

 private:
  static constexpr std::size_t kFirst = 2;  // groups of the first chunk
  static constexpr int kFirstBits = std::bit_width(kFirst);
  static constexpr std::size_t kChunks = 28;  // 2^32 slots

  struct Place {
    std::size_t chunk;
    std::size_t offset;
  };

  static Place place_of(std::size_t group) noexcept {
    const std::size_t shifted = group + kFirst;
    const auto chunk = static_cast<std::size_t>(std::bit_width(shifted) - kFirstBits);
    return {chunk, shifted - (kFirst << chunk)};
  }

  std::array<std::unique_ptr<Group[]>, kChunks> chunks_;
};

class Gdsf final : public Policy {
 public:
  void reserve() override { slots_.reserve(size_); }

  void insert(PolicyHook& entry) noexcept override {
    entry.uses = 1;
    entry.rating.slot = static_cast<std::uint32_t>(size_++);
    slots_.entry(entry.rating.slot) = &entry;
    rate(entry);
  }

  // What is used is not the next to go before it was compared again.
  void use(PolicyHook& entry, std::uint32_t times) noexcept override {
    forget(entry);
    const std::uint32_t uses = counted_uses(entry, times);
    if (uses == entry.uses && entry.rating.age == age_) return;  // it is rated so already
    entry.uses = uses;
    rate(entry);
  }

  void resize(PolicyHook& entry, std::uint64_t bytes) noexcept override {
    entry.set_bytes(bytes);
    forget(entry);
    rate(entry);
  }

  void remove(PolicyHook& entry) noexcept override {
    forget(entry);
    PolicyHook* last = slots_.entry(--size_);
    const std::uint32_t slot = entry.rating.slot;
    slots_.entry(slot) = last;
    slots_.priority(slot) = slots_.priority(size_);
    slots_.priority(size_) = kNever;
    last->rating.slot = slot;
    if (slots_.trim(size_)) sample_.fill({});
  }

  PolicyHook* victim() noexcept override {
    if (size_ == 0) return nullptr;
    if (next_ == nullptr) choose();
    PolicyHook* chosen = std::exchange(next_, nullptr);
    // It is gone already, as far as the next one is concerned.
    age_ = std::max(age_, std::exchange(slots_.priority(chosen->rating.slot), kNever));
    // The one after this is chosen already when there are many: nothing waits for memory then.
    if (size_ > kGroup * kGroups) choose();
    return chosen;
  }

  const PolicyHook* next() const noexcept override { return next_; }
  std::size_t size() const noexcept override { return size_; }
  std::size_t heap_bytes() const noexcept override { return slots_.heap_bytes(); }

 private:
  // A group of the next sample.
  struct Drawn {
    std::size_t number = ~std::size_t{0};  // there is none of this number
    Slots::Group* group = nullptr;
  };

  void forget(const PolicyHook& entry) noexcept {
    if (next_ == &entry) next_ = nullptr;
  }

  // Sets next_ to the least of the sample; then draws the next sample.
  void choose() noexcept {
    const std::size_t groups = (size_ + kGroup - 1) / kGroup;
    const std::size_t looked = std::min(groups, kGroups);
    double least = kNever;
    std::size_t best = 0;
    for (std::size_t i = 0; i < looked; ++i) {
      if (groups <= kGroups) draw(sample_[i], i);
      if (sample_[i].number >= groups) draw(sample_[i], random_.below(groups));  // it is gone
      const double its = least_of(sample_[i].group->priorities);
      best = its < least ? i : best;
      least = std::min(its, least);
    }
    looked_at_ += std::min(size_, looked * kGroup);
    const Slots::Group& group = *sample_[best].group;
    next_ = group.entries[first_of(group.priorities, least)];
    if (groups <= kGroups) return;
    // What it is a part of, too.
    constexpr std::uintptr_t kLine = 64;
    const auto place = reinterpret_cast<std::uintptr_t>(next_);
    for (std::uintptr_t at = place; at <= place + 3 * kLine; at += kLine) {
      prefetch(reinterpret_cast<const void*>(at));
    }
    for (Drawn& drawn : sample_) {
      draw(drawn, random_.below(groups));
      prefetch(&drawn.group->priorities);
      prefetch(&drawn.group->entries);
    }
  }

  void draw(Drawn& drawn, std::size_t number) noexcept { drawn = {number, &slots_.group(number)}; }

  // In rounds, so that no comparison waits for more than two others.
  static double least_of(const std::array<double, kGroup>& of) noexcept {
    static_assert(kGroup == 8);
#ifdef __SSE2__
    const auto two = [&](std::size_t at) { return _mm_load_pd(&of[at]); };
    const __m128d least = _mm_min_pd(_mm_min_pd(two(0), two(2)), _mm_min_pd(two(4), two(6)));
    return _mm_cvtsd_f64(_mm_min_sd(least, _mm_unpackhi_pd(least, least)));
#else
    return std::min(std::min(std::min(of[0], of[1]), std::min(of[2], of[3])),
                    std::min(std::min(of[4], of[5]), std::min(of[6], of[7])));
#endif
  }

  // Where it is. All are compared, as a guess would be wrong mostly.
  static std::size_t first_of(const std::array<double, kGroup>& of, double priority) noexcept {
    unsigned bits = 0;
#ifdef __SSE2__
    const __m128d its = _mm_set1_pd(priority);
    const auto two = [&](std::size_t at) {
      const int same = _mm_movemask_pd(_mm_cmpeq_pd(_mm_load_pd(&of[at]), its));
      return static_cast<unsigned>(same) << at;
    };
    bits = two(0) | two(2) | two(4) | two(6);
#else
    for (std::size_t i = 0; i < kGroup; ++i) bits |= unsigned{of[i] == priority} << i;
#endif
    return static_cast<std::size_t>(std::countr_zero(bits));
  }

  void rate(PolicyHook& entry) noexcept {
    slots_.priority(entry.rating.slot) = age_ + worth(entry);
    entry.rating.age = age_;
  }

  Slots slots_;
  std::size_t size_ = 0;
  double age_ = 0;
  Random random_;
  PolicyHook* next_ = nullptr;  // chosen already; null: none
  std::array<Drawn, kGroups> sample_;
};

}  // namespace

std::unique_ptr<Policy> make_gdsf() { return std::make_unique<Gdsf>(); }

}  // namespace memoscape::inline v0::detail

// S3-FIFO: what is not used again soon after it came goes first.
//
// New entries wait in a small queue of a tenth of the bytes. At its end, those that were used more
// than once go on to the main queue; the others are evicted and remembered for a while as ghosts.
// What comes back while it is remembered goes to the main queue at once. There, an entry that was
// used gets another round, for each of up to three uses.
// Source: Yang, Zhang, Qiu, Yue and Rashmi, "FIFO queues are all you need for cache eviction",
// SOSP 2023. As many ghosts are remembered as nine tenths of the entries: what the paper's main
// queue holds when the cache is full.
#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "engine/policy.hpp"
#include "memoscape/detail/allocated.hpp"

namespace memoscape::inline v0::detail {

namespace {

// The keys that were remembered last, in a table of buckets: a full bucket forgets its oldest.
// Looking for a key that was forgotten by age is no more than a comparison of counts. A bucket is a
// cache line: of a key it keeps 32 bits beside those that choose the bucket. So two keys are taken
// for one about once in 500 million times, which costs one entry a better place in the queue.
class Ghosts {
 public:
  // Growing forgets all: a cache that grows has evicted little. Throws: std::bad_alloc.
  void reserve(std::size_t entries) {
    const std::size_t wanted = std::bit_ceil(std::max(2 * entries, kLeast)) / kWays;
    if (wanted > buckets_.size()) buckets_ = std::vector<Bucket>(wanted);
  }

  void remember(std::uint64_t key) noexcept {
    if (++count_ == 0) ++count_;  // 0 is an empty place
    const std::uint64_t mixed = mix(key);
    auto& ghosts = buckets_[place_of(mixed)].ghosts;
    *std::max_element(ghosts.begin(), ghosts.end(), [&](const Ghost& a, const Ghost& b) {
      return age_of(a) < age_of(b);
    }) = {static_cast<std::uint32_t>(mixed), count_};
  }

  // Whether the key is among the last `most` that were remembered. It is not any more.
  bool take(std::uint64_t key, std::uint64_t most) noexcept {
    const std::uint64_t mixed = mix(key);
    for (Ghost& ghost : buckets_[place_of(mixed)].ghosts) {
      if (ghost.number == 0 || ghost.tag != static_cast<std::uint32_t>(mixed)) continue;
      const bool recent = age_of(ghost) < most;
      ghost = {};
      if (recent) return true;
    }
    return false;
  }

  // The key will be looked for, or remembered, soon.
  void prefetch(std::uint64_t key) const noexcept {
    detail::prefetch(&buckets_[place_of(mix(key))]);
  }

  std::size_t heap_bytes() const noexcept {
    return allocated(buckets_.size() * sizeof(Bucket) + alignof(Bucket));
  }

 private:
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kLeast = 4 * kWays;

  struct Ghost {
    std::uint32_t tag = 0;
    std::uint32_t number = 0;  // counts what was remembered, modulo 2^32; 0: empty
  };
  struct alignas(kWays * sizeof(Ghost)) Bucket {
    std::array<Ghost, kWays> ghosts;
  };

  // Empty places are the oldest.
  std::uint64_t age_of(const Ghost& ghost) const noexcept {
    return ghost.number == 0 ? ~std::uint64_t{0} : std::uint32_t{count_ - ghost.number};
  }
  static std::uint64_t mix(std::uint64_t key) noexcept {
    key = (key ^ (key >> 32)) * 0x9e3779b97f4a7c15u;
    return key ^ (key >> 29);
  }
  std::size_t place_of(std::uint64_t mixed) const noexcept {
    return static_cast<std::size_t>(((mixed >> 32) * buckets_.size()) >> 32);
  }

  std::vector<Bucket> buckets_;
  std::uint32_t count_ = 0;
};

class S3Fifo final : public Policy {
 public:
  void reserve() override { ghosts_.reserve(size() + 1); }

  void insert(PolicyHook& entry) noexcept override {
    entry.uses = 0;
    push(ghosts_.take(entry.key, size() - size() / 10) ? main_ : small_, entry);
  }

  void use(PolicyHook& entry, std::uint32_t times) noexcept override {
    entry.uses = std::min(entry.uses + std::min(times, kMostUses), kMostUses);
  }

  void resize(PolicyHook& entry, std::uint64_t bytes) noexcept override {
    Queue& queue = queue_of(entry);
    queue.bytes -= entry.bytes;
    entry.set_bytes(bytes);
    queue.bytes += entry.bytes;
  }

  void remove(PolicyHook& entry) noexcept override { take(queue_of(entry), entry); }

  PolicyHook* victim() noexcept override {
    while (size() != 0) {
      ++looked_at_;
      const bool full = small_.bytes >= (small_.bytes + main_.bytes) / 10;
      const bool from_small = small_.size != 0 && (full || main_.size == 0);
      Queue& queue = from_small ? small_ : main_;
      PolicyHook& entry = *queue.entries.first();
      if (from_small && entry.uses > 1) {
        take(small_, entry);
        entry.uses = 0;
        push(main_, entry);
      } else if (!from_small && entry.uses > 0) {
        --entry.uses;
        main_.entries.move_to_back(entry);
      } else {
        if (from_small) ghosts_.remember(entry.key);
        look_ahead();
        return &entry;
      }
    }
    return nullptr;
  }

  const PolicyHook* next() const noexcept override {
    const Queue& queue = small_.size != 0 ? small_ : main_;
    return queue.entries.first();
  }
  void visit(FunctionRef<void(PolicyHook&)> visitor) override {
    small_.entries.for_each(visitor);
    main_.entries.for_each(visitor);
  }
  std::size_t size() const noexcept override { return small_.size + main_.size; }
  std::size_t heap_bytes() const noexcept override { return ghosts_.heap_bytes(); }

 private:
  static constexpr std::uint32_t kMostUses = 3;

  struct Queue {
    List<PolicyHook, &PolicyHook::list> entries;  // the oldest first
    std::size_t size = 0;
    std::uint64_t bytes = 0;
  };

  // What the next evictions need: they do not wait for memory then.
  void look_ahead() const noexcept {
    for (const Queue* queue : {&small_, &main_}) {
      const PolicyHook* next = queue->entries.first();
      if (next != nullptr) next = queue->entries.next(*next);
      if (next == nullptr) continue;
      if (queue == &small_) ghosts_.prefetch(next->key);
      prefetch(queue->entries.next(*next));
    }
  }

  Queue& queue_of(const PolicyHook& entry) noexcept { return entry.queue == 0 ? small_ : main_; }

  void push(Queue& queue, PolicyHook& entry) noexcept {
    entry.queue = &queue == &small_ ? 0 : 1;
    queue.entries.push_back(entry);
    ++queue.size;
    queue.bytes += entry.bytes;
  }

  static void take(Queue& queue, PolicyHook& entry) noexcept {
    queue.entries.remove(entry);
    --queue.size;
    queue.bytes -= entry.bytes;
  }

  Queue small_;
  Queue main_;
  Ghosts ghosts_;
};

}  // namespace

std::unique_ptr<Policy> make_s3fifo() { return std::make_unique<S3Fifo>(); }

}  // namespace memoscape::inline v0::detail

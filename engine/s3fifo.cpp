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
#include <bit>
#include <vector>

#include "engine/policy.hpp"
#include "memoscape/detail/allocated.hpp"

namespace memoscape::inline v0::detail {

namespace {

// The keys that were remembered last, in a table of buckets: a full bucket forgets its oldest.
// Looking for a key that was forgotten by age is no more than a comparison of counts.
class Ghosts {
 public:
  // Throws: std::bad_alloc.
  void reserve(std::size_t entries) {
    const std::size_t wanted = std::bit_ceil(std::max(2 * entries, kLeast));
    if (wanted <= table_.size()) return;
    std::vector<Ghost> old(wanted);
    old.swap(table_);
    for (const Ghost& ghost : old) {
      if (ghost.number != 0) oldest_of(ghost.key) = ghost;
    }
  }

  void remember(std::uint64_t key) noexcept { oldest_of(key) = {key, ++count_}; }

  // Whether the key is among the last `most` that were remembered. It is not any more.
  bool take(std::uint64_t key, std::uint64_t most) noexcept {
    Ghost* bucket = bucket_of(key);
    for (std::size_t i = 0; i < kWays; ++i) {
      if (bucket[i].number == 0 || bucket[i].key != key) continue;
      const bool recent = count_ - bucket[i].number < most;
      bucket[i] = {};
      if (recent) return true;
    }
    return false;
  }

  std::size_t heap_bytes() const noexcept { return allocated(table_.size() * sizeof(Ghost)); }

 private:
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kLeast = 4 * kWays;

  struct Ghost {
    std::uint64_t key = 0;
    std::uint64_t number = 0;  // counts what was remembered; 0: empty
  };

  Ghost* bucket_of(std::uint64_t key) noexcept {
    const std::uint64_t mixed = (key ^ (key >> 32)) * 0x9e3779b97f4a7c15u;
    const std::size_t buckets = table_.size() / kWays;
    return &table_[static_cast<std::size_t>(((mixed >> 32) * buckets) >> 32) * kWays];
  }
  Ghost& oldest_of(std::uint64_t key) noexcept {
    Ghost* bucket = bucket_of(key);
    return *std::min_element(bucket, bucket + kWays,
                             [](const Ghost& a, const Ghost& b) { return a.number < b.number; });
  }

  std::vector<Ghost> table_;
  std::uint64_t count_ = 0;
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
    queue.bytes = queue.bytes - entry.bytes + bytes;
    entry.bytes = bytes;
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
        return &entry;
      }
    }
    return nullptr;
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

  Queue& queue_of(const PolicyHook& entry) noexcept { return entry.slot == 0 ? small_ : main_; }

  void push(Queue& queue, PolicyHook& entry) noexcept {
    entry.slot = &queue == &small_ ? 0 : 1;
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

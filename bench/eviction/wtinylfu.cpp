// W-TinyLFU: a window of one hundredth of the bytes, and a segmented LRU behind it, where an entry
// from the window gets in if it was asked for more often than the one that would have to go.
// Source: Einziger, Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM
// Transactions on Storage 13(4), 2017. Frequencies are in a count-min sketch of four rows, which
// counts to 15 and halves all counts after ten times as many requests as entries fit; the
// doorkeeper is left out.
#include <algorithm>
#include <array>
#include <bit>

#include "bench/eviction/policies.hpp"

namespace bench::eviction {

namespace {

class Sketch {
 public:
  explicit Sketch(std::size_t entries)
      : period_(10 * std::max<std::size_t>(entries, 16)), width_(std::bit_ceil(period_ / 10)) {
    for (auto& row : rows_) row.resize(width_);
  }
  void add(std::uint64_t key) noexcept {
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      std::uint8_t& count = rows_[r][place(key, r)];
      if (count < 15) ++count;
    }
    if (++added_ < period_) return;
    added_ /= 2;
    for (auto& row : rows_) {
      for (std::uint8_t& count : row) count /= 2;
    }
  }
  std::uint8_t count(std::uint64_t key) const noexcept {
    std::uint8_t least = 15;
    for (std::size_t r = 0; r < rows_.size(); ++r) least = std::min(least, rows_[r][place(key, r)]);
    return least;
  }

 private:
  std::size_t place(std::uint64_t key, std::size_t row) const noexcept {
    std::uint64_t z = (key + 1) * 0x9e3779b97f4a7c15u + row * 0xd1b54a32d192ed03u;
    z = (z ^ (z >> 32)) * 0xbf58476d1ce4e5b9u;
    return (z ^ (z >> 29)) & (width_ - 1);
  }

  std::size_t period_;
  std::size_t width_;
  std::array<std::vector<std::uint8_t>, 4> rows_;
  std::size_t added_ = 0;
};

class WTinyLfu final : public Policy {
 public:
  explicit WTinyLfu(const Setting& setting)
      : sketch_(setting.entries),
        window_limit_(setting.limit / 100),
        main_limit_(setting.limit - window_limit_) {}

  void insert(PolicyHook& entry) noexcept override {
    sketch_.add(entry.key);
    push(kWindow, entry);
    // While there is room, what leaves the window need not compete.
    while (queues_[kWindow].bytes > window_limit_) {
      PolicyHook& first = *queues_[kWindow].entries.first();
      if (main_bytes() + first.bytes > main_limit_) break;
      move(kProbation, first);
    }
  }
  void use(PolicyHook& entry, std::uint32_t times) noexcept override {
    for (std::uint32_t i = 0; i < times; ++i) sketch_.add(entry.key);
    move(entry.queue == kProbation ? kProtected : static_cast<Name>(entry.queue), entry);
    while (queues_[kProtected].bytes > main_limit_ / 5 * 4) {
      move(kProbation, *queues_[kProtected].entries.first());
    }
  }
  void remove(PolicyHook& entry) noexcept override { take(entry); }
  PolicyHook* victim() noexcept override {
    PolicyHook* candidate = queues_[kWindow].entries.first();
    PolicyHook* rival = queues_[kProbation].entries.first();
    if (rival == nullptr) rival = queues_[kProtected].entries.first();
    if (rival == nullptr) return candidate;
    if (candidate == nullptr || queues_[kWindow].bytes <= window_limit_) return rival;
    if (sketch_.count(candidate->key) <= sketch_.count(rival->key)) return candidate;
    move(kProbation, *candidate);
    return rival;
  }
  std::size_t size() const noexcept override { return size_; }

 private:
  enum Name : std::uint32_t { kWindow, kProbation, kProtected };
  struct Queue {
    List<PolicyHook, &PolicyHook::list> entries;  // the least recently used first
    std::uint64_t bytes = 0;
  };

  std::uint64_t main_bytes() const noexcept {
    return queues_[kProbation].bytes + queues_[kProtected].bytes;
  }
  void push(Name name, PolicyHook& entry) noexcept {
    entry.queue = name;
    queues_[name].entries.push_back(entry);
    queues_[name].bytes += entry.bytes;
    ++size_;
  }
  void take(PolicyHook& entry) noexcept {
    queues_[entry.queue].entries.remove(entry);
    queues_[entry.queue].bytes -= entry.bytes;
    --size_;
  }
  void move(Name name, PolicyHook& entry) noexcept {
    take(entry);
    push(name, entry);
  }

  Sketch sketch_;
  std::uint64_t window_limit_;
  std::uint64_t main_limit_;
  std::array<Queue, 3> queues_;
  std::size_t size_ = 0;
};

}  // namespace

std::unique_ptr<Policy> make_wtinylfu(const Setting& setting) {
  return std::make_unique<WTinyLfu>(setting);
}

}  // namespace bench::eviction

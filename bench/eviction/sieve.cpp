// SIEVE: a hand passes over the entries from the oldest to the newest and evicts the first that was
// not used since it passed there last. Entries keep their places.
// Source: Zhang, Yang, Yue, Vigfusson and Rashmi, "SIEVE is Simpler than LRU: an Efficient Turn-Key
// Eviction Algorithm for Web Caches", NSDI 2024.
#include "bench/eviction/policies.hpp"

namespace bench::eviction {

namespace {

class Sieve final : public Policy {
 public:
  void insert(PolicyHook& entry) noexcept override {
    entry.uses = 0;
    entries_.push_back(entry);
    ++size_;
  }
  void use(PolicyHook& entry, std::uint32_t) noexcept override { entry.uses = 1; }
  void remove(PolicyHook& entry) noexcept override {
    if (hand_ == &entry) hand_ = entries_.next(entry);
    entries_.remove(entry);
    --size_;
  }
  PolicyHook* victim() noexcept override {
    if (entries_.empty()) return nullptr;
    for (;;) {
      if (hand_ == nullptr) hand_ = entries_.first();
      if (hand_->uses == 0) return hand_;
      hand_->uses = 0;
      hand_ = entries_.next(*hand_);
    }
  }
  std::size_t size() const noexcept override { return size_; }

 private:
  List<PolicyHook, &PolicyHook::list> entries_;  // the oldest first
  PolicyHook* hand_ = nullptr;                   // null: before the oldest
  std::size_t size_ = 0;
};

}  // namespace

std::unique_ptr<Policy> make_sieve(const Setting&) { return std::make_unique<Sieve>(); }

}  // namespace bench::eviction

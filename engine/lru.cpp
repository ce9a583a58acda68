// Least recently used, in the order in which runs merge their uses.
#include "engine/policy.hpp"

namespace memoscape::inline v0::detail {

namespace {

class Lru final : public Policy {
 public:
  void insert(PolicyHook& entry) noexcept override {
    entries_.push_back(entry);
    ++size_;
  }
  void use(PolicyHook& entry, std::uint32_t) noexcept override { entries_.move_to_back(entry); }
  void remove(PolicyHook& entry) noexcept override {
    entries_.remove(entry);
    --size_;
  }
  PolicyHook* victim() noexcept override {
    ++looked_at_;
    return entries_.first();
  }
  const PolicyHook* next() const noexcept override { return entries_.first(); }
  void visit(FunctionRef<void(PolicyHook&)> visitor) override { entries_.for_each(visitor); }
  std::size_t size() const noexcept override { return size_; }

 private:
  List<PolicyHook, &PolicyHook::list> entries_;
  std::size_t size_ = 0;
};

}  // namespace

std::unique_ptr<Policy> make_lru() { return std::make_unique<Lru>(); }

}  // namespace memoscape::inline v0::detail

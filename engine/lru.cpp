// Least recently used, in the order in which runs merge their uses.
#include "engine/policy.hpp"

namespace memoscape::inline v0::detail {

namespace {

class Lru final : public Policy {
 public:
  void insert(PolicyHook& entry) noexcept override { entries_.push_back(entry); }
  void use(PolicyHook& entry, std::uint32_t) noexcept override { entries_.move_to_back(entry); }
  void remove(PolicyHook& entry) noexcept override { entries_.remove(entry); }
  Permutation* victim() noexcept override {
    return entries_.empty() ? nullptr : entries_.first()->owner;
  }

 private:
  List<PolicyHook, &PolicyHook::list> entries_;
};

}  // namespace

std::unique_ptr<Policy> make_lru() { return std::make_unique<Lru>(); }

}  // namespace memoscape::inline v0::detail

// What can be hoped for: a policy that knows the trace. It evicts what is not asked for again, else
// the entry with the least cost / (bytes x distance to its next request), of a sample of 128:
// Belady's rule (IBM Systems Journal, 1966), by saved time per byte and request. With different
// sizes the best choice is NP-hard, so this is no proven bound; what is better than it would be
// surprising.
#include <algorithm>
#include <limits>

#include "engine/simulation/random.hpp"
#include "engine/simulation/simulate.hpp"

namespace simulation {

namespace {

class Offline final : public Policy {
 public:
  explicit Offline(const Setting& setting) : now_(*setting.now), next_uses_(*setting.next_uses) {}

  void insert(PolicyHook& entry) noexcept override {
    if (next_.size() <= entry.key) next_.resize(entry.key + 1);
    add(entry);
  }
  void use(PolicyHook& entry, std::uint32_t) noexcept override {
    remove(entry);
    add(entry);
  }
  void remove(PolicyHook& entry) noexcept override {
    std::vector<PolicyHook*>& list = entries_[next_[entry.key] == kNever ? 1 : 0];
    const std::uint32_t slot = entry.rating.slot;
    list[slot] = list.back();
    list[slot]->rating.slot = slot;
    list.pop_back();
  }
  PolicyHook* victim() noexcept override {
    if (!entries_[1].empty()) return entries_[1].back();
    const std::vector<PolicyHook*>& all = entries_[0];
    constexpr std::size_t kSample = 128;
    PolicyHook* least = nullptr;
    double worth = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < std::min(all.size(), kSample); ++i) {
      PolicyHook* one = all[all.size() <= kSample ? i : random_.below(all.size())];
      const auto distance = static_cast<double>(next_[one->key] - now_ + 1);
      const double its =
          static_cast<double>(one->cost.count()) / (static_cast<double>(one->bytes) * distance);
      if (its >= worth) continue;
      worth = its;
      least = one;
    }
    return least;
  }
  std::size_t size() const noexcept override { return entries_[0].size() + entries_[1].size(); }

 private:
  static constexpr std::size_t kNever = ~std::size_t{0};

  void add(PolicyHook& entry) {
    next_[entry.key] = next_uses_[now_];
    std::vector<PolicyHook*>& list = entries_[next_[entry.key] == kNever ? 1 : 0];
    entry.rating.slot = static_cast<std::uint32_t>(list.size());
    list.push_back(&entry);
  }

  const std::size_t& now_;
  const std::vector<std::size_t>& next_uses_;
  std::vector<std::size_t> next_;        // by the object's number
  std::vector<PolicyHook*> entries_[2];  // asked for again, and not
  Random random_{1};
};

}  // namespace

std::unique_ptr<Policy> make_offline(const Setting& setting) {
  return std::make_unique<Offline>(setting);
}

}  // namespace simulation

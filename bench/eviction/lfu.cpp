// Least frequently used since it came, exactly; among equals the one that came to that number
// first.
#include <set>
#include <utility>
#include <vector>

#include "bench/eviction/policies.hpp"

namespace bench::eviction {

namespace {

class Lfu final : public Policy {
 public:
  void insert(PolicyHook& entry) noexcept override {
    place_of(entry).uses = 1;
    add(entry);
  }
  void use(PolicyHook& entry, std::uint32_t times) noexcept override {
    remove(entry);
    place_of(entry).uses += times;
    add(entry);
  }
  void remove(PolicyHook& entry) noexcept override { order_.erase(place_of(entry).in_order); }
  PolicyHook* victim() noexcept override {
    return order_.empty() ? nullptr : order_.begin()->second;
  }
  std::size_t size() const noexcept override { return order_.size(); }

 private:
  using Rank = std::pair<std::uint32_t, std::uint64_t>;  // uses, time
  using Order = std::set<std::pair<Rank, PolicyHook*>>;

  struct Place {
    std::uint32_t uses = 0;
    Order::iterator in_order;
  };

  Place& place_of(const PolicyHook& entry) {
    if (places_.size() <= entry.key) places_.resize(entry.key + 1);
    return places_[entry.key];
  }
  void add(PolicyHook& entry) {
    Place& place = place_of(entry);
    place.in_order = order_.insert({{place.uses, ++time_}, &entry}).first;
  }

  Order order_;
  std::vector<Place> places_;  // by the object's number
  std::uint64_t time_ = 0;
};

}  // namespace

std::unique_ptr<Policy> make_lfu(const Setting&) { return std::make_unique<Lfu>(); }

}  // namespace bench::eviction

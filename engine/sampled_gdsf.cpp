#include "engine/sampled_gdsf.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "engine/gdsf.hpp"

namespace memoscape::inline v0::detail {

namespace {

constexpr std::size_t kCandidates = 64;

class SampledGdsf final : public Policy {
 public:
  SampledGdsf(std::span<const PolicyHook> hooks, std::span<const double> weights)
      : hooks_(hooks), weights_(weights) {
    for (const double weight : weights) most_ = std::max(most_, weight);
  }

  void insert(PolicyHook& entry) noexcept override {
    entry.uses = 1;
    entry.rating.slot = static_cast<std::uint32_t>(slots_.size());
    const auto at = static_cast<std::size_t>(&entry - hooks_.data());
    slots_.push_back({.entry = &entry, .priority = 0, .chance = weights_[at] / most_});
    rate(entry);
  }

  void use(PolicyHook& entry, std::uint32_t times) noexcept override {
    entry.uses = counted_uses(entry, times);
    rate(entry);
  }

  void remove(PolicyHook& entry) noexcept override {
    const std::uint32_t slot = entry.rating.slot;
    slots_[slot] = slots_.back();
    slots_[slot].entry->rating.slot = slot;
    slots_.pop_back();
  }

  PolicyHook* victim() noexcept override {
    if (slots_.empty()) return nullptr;
    const Slot* least = nullptr;
    const auto look = [&](const Slot& slot) {
      if (least == nullptr || slot.priority < least->priority) least = &slot;
    };
    if (slots_.size() <= kCandidates) {
      for (const Slot& slot : slots_) look(slot);
    } else {
      draw(look);
    }
    age_ = std::max(age_, least->priority);
    return least->entry;
  }

  std::size_t size() const noexcept override { return slots_.size(); }

 private:
  struct Slot {
    PolicyHook* entry = nullptr;
    double priority = 0;
    double chance = 1;  // to be a candidate when it is drawn
  };

  // By rejection. Where few entries have nearly all of the weight, it takes fewer candidates. What
  // the loop needs is in variables of its own: most of a replay's time is here.
  void draw(const auto& look) noexcept {
    constexpr std::size_t kMostTries = 64 * kCandidates;
    const std::span<const Slot> slots = slots_;
    std::uint64_t state = state_;
    std::size_t found = 0;
    for (std::size_t tries = 0; found < kCandidates && (tries < kMostTries || found == 0);
         ++tries) {
      const std::uint64_t random = next_random(state);
      const Slot& slot = slots[static_cast<std::size_t>(((random >> 32) * slots.size()) >> 32)];
      if (static_cast<double>(random & 0xffffffffu) * 0x1p-32 >= slot.chance) continue;
      ++found;
      look(slot);
    }
    state_ = state;
  }

  void rate(PolicyHook& entry) noexcept {
    slots_[entry.rating.slot].priority = age_ + worth(entry);
  }

  // SplitMix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
  // 2014.
  static std::uint64_t next_random(std::uint64_t& state) noexcept {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  std::span<const PolicyHook> hooks_;
  std::span<const double> weights_;
  double most_ = 1;
  std::vector<Slot> slots_;
  double age_ = 0;
  std::uint64_t state_ = 1;
};

}  // namespace

std::unique_ptr<Policy> make_sampled_gdsf(std::span<const PolicyHook> hooks,
                                          std::span<const double> weights) {
  return std::make_unique<SampledGdsf>(hooks, weights);
}

}  // namespace memoscape::inline v0::detail

// Invariants of a replay: `used` is the weighted sum of the bytes of what is cached; it exceeds the
// limit only while a single item does.
#include "engine/replay.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "engine/policy.hpp"
#include "engine/sampled_gdsf.hpp"

namespace memoscape::inline v0::detail {

namespace {

constexpr double kSeconds = 1e-9;

class Cache {
 public:
  Cache(const Calls& calls, std::uint64_t max_bytes, std::uint64_t max_entries, Eviction eviction)
      : calls_(calls),
        hooks_(std::make_unique<PolicyHook[]>(calls.items.size())),
        cached_(calls.items.size(), false),
        weights_(weights_of(calls)),
        policy_(weights_.empty() || eviction != Eviction::gdsf
                    ? make_policy(eviction)
                    : make_sampled_gdsf({hooks_.get(), calls.items.size()}, weights_)),
        max_bytes_(max_bytes == 0 ? INFINITY : static_cast<double>(max_bytes)),
        max_entries_(max_entries == 0 ? INFINITY : static_cast<double>(max_entries)) {}

  bool call(std::size_t item, std::uint32_t times) {
    if (cached_[item]) {
      policy_->use(hooks_[item], times);
      return true;
    }
    insert(item);
    if (times > 1 && cached_[item]) policy_->use(hooks_[item], times - 1);
    return false;
  }

  // Whether it stays: what is larger than the limit is never kept.
  bool fits(std::size_t item) const {
    return static_cast<double>(calls_.items[item].bytes) <= max_bytes_;
  }

 private:
  // Empty: each item stands for itself alone, and the engine's own policy does.
  static std::vector<double> weights_of(const Calls& calls) {
    std::vector<double> weights;
    bool sampled = false;
    for (const Calls::Item& item : calls.items) {
      weights.push_back(item.weight);
      sampled = sampled || item.weight > 1;
    }
    if (!sampled) weights.clear();
    return weights;
  }

  void insert(std::size_t at) {
    const Calls::Item& item = calls_.items[at];
    const double bytes = static_cast<double>(item.bytes) * item.weight;
    if (!fits(at)) return;
    while (used_ > 0 && (used_ + bytes > max_bytes_ || entries_ + item.weight > max_entries_)) {
      PolicyHook* victim = policy_->victim();
      if (victim == nullptr) break;
      remove(*victim);
    }
    PolicyHook& hook = hooks_[at];
    hook.key = item.key;
    hook.set_bytes(std::max<std::uint64_t>(item.bytes, 1));
    hook.cost = item.cost;
    policy_->reserve();
    policy_->insert(hook);
    cached_[at] = true;
    used_ += bytes;
    entries_ += item.weight;
  }

  void remove(PolicyHook& hook) {
    const auto at = static_cast<std::size_t>(&hook - hooks_.get());
    policy_->remove(hook);
    cached_[at] = false;
    used_ -= static_cast<double>(calls_.items[at].bytes) * calls_.items[at].weight;
    entries_ -= calls_.items[at].weight;
  }

  const Calls& calls_;
  std::unique_ptr<PolicyHook[]> hooks_;
  std::vector<bool> cached_;
  std::vector<double> weights_;
  std::unique_ptr<Policy> policy_;
  double max_bytes_;
  double max_entries_;
  double used_ = 0;
  double entries_ = 0;
};

}  // namespace

Replayed replay(const Calls& calls, std::uint64_t max_bytes, std::uint64_t max_entries,
                Eviction eviction, const std::uint32_t* function) {
  Cache cache(calls, max_bytes, max_entries, eviction);
  const auto chosen = [&](std::uint32_t item) {
    return function == nullptr || calls.items[item].function == *function;
  };
  for (std::uint32_t i = 0; i < calls.items.size(); ++i) {
    if (calls.items[i].known_before && chosen(i)) cache.call(i, 1);
  }
  Replayed sum;
  for (std::size_t i = 0; i < calls.calls.size(); ++i) {
    const auto [at, times] = calls.calls[i];
    if (!chosen(at)) continue;
    const bool hit = cache.call(at, times);
    if (i < calls.warm_up) continue;
    const Calls::Item& item = calls.items[at];
    const double all = item.weight * times;
    const double missed = hit ? 0 : item.weight * (cache.fits(at) ? 1 : times);
    const auto cost = static_cast<double>(item.cost.count());
    Replayed::Sums& part = item.weight <= 1 ? sum.certain : sum.sampled;
    part.calls += all;
    part.hits += all - missed;
    part.cost += all * cost;
    part.recomputed += missed * cost;
  }
  return sum;
}

namespace {

// How many times the sampled part is what it stands for, of something that is known in all: of the
// certain part everything is known, so the sampled one is the rest. (A ratio estimator within a
// stratum: Cochran, "Sampling Techniques", 1977, chapter 6.)
double scale(double all, double certain, double sampled) {
  return sampled > 0 ? std::max(all - certain, 0.0) / sampled : 0;
}

// `calls`: what is known of all; null: nothing, and each item counts for what it stands for.
AdvicePoint point_of(const Replayed& sum, const Calls* calls, std::uint64_t max_bytes,
                     double hours) {
  double by_calls = 1;
  double by_cost = 1;
  if (calls != nullptr) {
    by_calls = scale(calls->all_calls, sum.certain.calls, sum.sampled.calls);
    by_cost = scale(calls->all_cost, sum.certain.cost, sum.sampled.cost);
  }
  const double all = sum.certain.calls + by_calls * sum.sampled.calls;
  const double hits = sum.certain.hits + by_calls * sum.sampled.hits;
  const double cost = sum.certain.cost + by_cost * sum.sampled.cost;
  const double recomputed = sum.certain.recomputed + by_cost * sum.sampled.recomputed;
  return {.max_bytes = max_bytes,
          .hit_ratio = all > 0 ? hits / all : 0,
          .cost_ratio = cost > 0 ? recomputed / cost : 0,
          .seconds_per_hour = hours > 0 ? recomputed * kSeconds / hours : 0};
}

// Ascending, most of them where curves bend: half of them evenly spaced, half geometrically.
std::vector<std::uint64_t> spread(std::uint64_t needed, std::size_t points) {
  std::vector<std::uint64_t> limits;
  const auto top = static_cast<double>(needed);
  const std::size_t half = std::max<std::size_t>(points / 2, 1);
  for (std::size_t i = 1; i <= half; ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(half);
    limits.push_back(static_cast<std::uint64_t>(std::ceil(top * part)));
    limits.push_back(static_cast<std::uint64_t>(std::ceil(top * std::pow(1e-3, 1 - part) * 0.97)));
  }
  std::sort(limits.begin(), limits.end());
  limits.erase(std::unique(limits.begin(), limits.end()), limits.end());
  return limits;
}

}  // namespace

AdviceCurve draw_curve(const Calls& calls, const CurveOptions& options,
                       const std::uint32_t* function) {
  AdviceCurve curve;
  double needed = 0;
  for (const Calls::Item& item : calls.items) {
    if (function != nullptr && item.function != *function) continue;
    needed += static_cast<double>(item.bytes) * item.weight;
  }
  curve.needed = static_cast<std::uint64_t>(std::llround(needed));
  if (curve.needed == 0) return curve;
  const std::vector<std::uint64_t> limits =
      options.limits.empty() ? spread(curve.needed, options.points) : options.limits;
  for (const std::uint64_t limit : limits) {
    const Replayed sum = replay(calls, limit, 0, options.eviction, function);
    const Calls* known = function == nullptr ? &calls : nullptr;
    curve.points.push_back(point_of(sum, known, limit, options.hours));
    if (options.step) options.step();
  }
  recommend(curve);
  return curve;
}

void recommend(AdviceCurve& curve) {
  if (curve.points.empty()) return;
  // Of the time saved that is possible, this much may go; a sampled curve may be wrong by as much
  // again.
  constexpr double kMayLose = 0.01;
  const AdvicePoint& most = curve.points.back();
  const double saved_at_most = 1 - most.cost_ratio;
  const auto found =
      std::find_if(curve.points.begin(), curve.points.end(), [&](const AdvicePoint& point) {
        return 1 - point.cost_ratio >= saved_at_most * (1 - kMayLose);
      });
  const AdvicePoint& chosen = found == curve.points.end() ? most : *found;
  curve.recommended = chosen.max_bytes;
  curve.loses = saved_at_most > 0
                    ? std::clamp((chosen.cost_ratio - most.cost_ratio) / saved_at_most, 0.0, 1.0)
                    : 0;
  // The knee: the point farthest above the line from the origin to the end.
  double farthest = -1;
  for (const AdvicePoint& point : curve.points) {
    const double x = static_cast<double>(point.max_bytes) / static_cast<double>(most.max_bytes);
    const double y = saved_at_most > 0 ? (1 - point.cost_ratio) / saved_at_most : 0;
    if (y - x <= farthest) continue;
    farthest = y - x;
    curve.knee = point.max_bytes;
  }
}

}  // namespace memoscape::inline v0::detail

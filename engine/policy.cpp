// The table of policies.
#include "engine/policy.hpp"

#include <array>
#include <cassert>
#include <string_view>

namespace memoscape::inline v0 {

namespace {

struct Row {
  Eviction eviction;
  std::string_view name;
  std::unique_ptr<detail::Policy> (*make)();
};

constexpr std::array kPolicies = {
    Row{Eviction::gdsf, "gdsf", detail::make_gdsf},
    Row{Eviction::lru, "lru", detail::make_lru},
    Row{Eviction::s3fifo, "s3fifo", detail::make_s3fifo},
};

const Row& row_of(Eviction eviction) noexcept {
  for (const Row& row : kPolicies) {
    if (row.eviction == eviction) return row;
  }
  assert(false);
  return kPolicies.front();
}

}  // namespace

std::string_view to_string(Eviction eviction) noexcept { return row_of(eviction).name; }

namespace detail {

std::unique_ptr<Policy> make_policy(Eviction eviction) { return row_of(eviction).make(); }

}  // namespace detail

}  // namespace memoscape::inline v0

// Policy: which entry goes first when a limit is reached. One instance orders the entries of the
// engine, one those of each function.
//
// A new policy is one new file and its maker, declared below.
//
// Thread-safety: guarded by the store's mutex. Calls no user code, allocates nothing per entry.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/list.hpp"

namespace memoscape::inline v0::detail {

struct Permutation;

// What a policy keeps in an entry.
struct PolicyHook {
  Permutation* owner = nullptr;
  ListHook<PolicyHook> list;
};

class Policy {
 public:
  virtual ~Policy() = default;
  virtual void insert(PolicyHook& entry) noexcept = 0;
  virtual void use(PolicyHook& entry, std::uint32_t times) noexcept = 0;
  virtual void remove(PolicyHook& entry) noexcept = 0;
  // The entry to evict, or null when there is none.
  virtual Permutation* victim() noexcept = 0;
};

std::unique_ptr<Policy> make_lru();

}  // namespace memoscape::inline v0::detail

// Sharing (rule M3): equal data values of different permutations are one buffer.
//
// Equal means: of one type, with byte-equal canonical encodings; digests only narrow the search. Of
// values that differ and have one digest, if anybody ever makes two, only one can be shared. A
// buffer of one permutation is charged to it; a buffer of several is charged once, on the shared
// line, and in full against the limits of each function that uses it.
#include <algorithm>
#include <utility>

#include "engine/store.hpp"
#include "memoscape/detail/reserve.hpp"
#include "memoscape/detail/schedule.hpp"

namespace memoscape::inline v0::detail {

BoxPtr EngineCore::equal_value(const Box& fresh) const {
  if (!fresh.has_digest) return {};
  const auto is_candidate = [&](const Box& box) {
    return box.digest == fresh.digest && box.type() == fresh.type();
  };
  Schedule::point();
  BoxPtr candidate = buffers.find(fresh.digest, is_candidate);
  if (candidate && !candidate->same_value(fresh)) return {};  // encodes: user code
  return candidate;
}

void Keeper::reserve(Function& its) {
  if (users != nullptr) return reserve_more(*users);
  if (count == 0 || function == &its) return;
  auto several = std::make_unique<std::vector<User>>();
  several->reserve(2);
  several->push_back({function, count});
  users = std::move(several);
}

bool Keeper::add(const Permutation& permutation) noexcept {
  sharers ^= reinterpret_cast<std::uintptr_t>(&permutation);
  ++count;
  if (users == nullptr) {
    function = permutation.function;
    return count == 1;
  }
  const auto place = std::find_if(users->begin(), users->end(), [&](const User& user) {
    return user.function == permutation.function;
  });
  if (place != users->end()) {
    ++place->permutations;
    return false;
  }
  users->push_back({permutation.function, 1});
  return true;
}

bool Keeper::remove(const Permutation& permutation) noexcept {
  sharers ^= reinterpret_cast<std::uintptr_t>(&permutation);
  --count;
  if (users != nullptr) {
    const auto place = std::find_if(users->begin(), users->end(), [&](const User& user) {
      return user.function == permutation.function;
    });
    if (--place->permutations > 0) return false;
    std::swap(*place, users->back());
    users->pop_back();
    if (count == 0) users.reset();
  }
  if (count == 0) function = nullptr;
  return users != nullptr || count == 0;
}

void EngineCore::add_sharer(Permutation& permutation) noexcept {
  Box& box = *permutation.box;
  Keeper& keeper = box.keeper();
  if (keeper.count == 1) move_to_shared(keeper.only(), keeper, box.bytes);
  const bool new_user = keeper.add(permutation);
  keeper.was_shared |= keeper.count > 1;
  if (keeper.count > 1) {
    unshared_bytes += box.bytes;
    if (new_user) permutation.function->shared_bytes += box.bytes;
    return;
  }
  permutation.has_value_alone = true;
  if (box.has_digest) buffers.insert(box);
}

// From the one permutation whose buffer it was to the shared line.
void EngineCore::move_to_shared(Permutation& owner, const Keeper& keeper,
                                std::uint64_t size) noexcept {
  owner.has_value_alone = false;
  owner.function->bytes.value -= size;
  bytes.value -= size;
  shared_bytes += size;
  keeper.for_each_function([&](Function& user) { user.shared_bytes += size; });
}

void EngineCore::move_from_shared(Permutation& owner, const Keeper& keeper,
                                  std::uint64_t size) noexcept {
  keeper.for_each_function([&](Function& user) { user.shared_bytes -= size; });
  shared_bytes -= size;
  owner.has_value_alone = true;
  owner.function->bytes.value += size;
  bytes.value += size;
}

void EngineCore::remove_sharer(Permutation& permutation) noexcept {
  Box& box = *permutation.box;
  Keeper& keeper = box.keeper();
  const bool was_shared = keeper.count > 1;
  if (keeper.remove(permutation) && was_shared) permutation.function->shared_bytes -= box.bytes;
  if (was_shared) unshared_bytes -= box.bytes;
  if (was_shared && keeper.count == 1) move_from_shared(keeper.only(), keeper, box.bytes);
  if (keeper.count > 0 || !box.has_digest) return;
  buffers.erase(box);
  if (places == nullptr) buffers.give_back(box.digest);
}

StoredValues::StoredValues() {
  for (Part& part : parts_) static_cast<void>(part.index.reserve_more(kFewEntries));
}

void StoredValues::give_back(const Digest& digest) noexcept {
  HashTable::Outgrown outgrown;
  Part& part = part_of(digest);
  const std::scoped_lock lock(part.mutex);
  outgrown = give_back_places(part.index);
}

}  // namespace memoscape::inline v0::detail

#include "engine/path.hpp"

#include <functional>

namespace memoscape::inline v0::detail {

namespace {

std::size_t hash_of_entry(const std::string& name) noexcept {
  return ~std::hash<std::string>()(name);
}

}  // namespace

bool KnownReads::finds(std::span<const PathStep> steps, const StateRead& read) {
  if (index_ == nullptr) index_ = std::make_unique<Index>();
  for (; index_->count < steps.size(); ++index_->count) {
    const StateRead& known = *steps[index_->count].read;
    const std::string& key = known.definition().key;
    index_->steps[known.hash()] = index_->count;
    if (known.is_widget() && !key.empty()) index_->steps[hash_of_entry(key)] = index_->count;
  }
  // What has its hash may be another read, in whose place it is not: then all are looked at.
  const auto has = [&](std::size_t hash) {
    const auto found = index_->steps.find(hash);
    return found != index_->steps.end() &&
           (steps[found->second].tells(read) || any_tells(steps, read));
  };
  const bool is_entry = read.variable() == StateRead::Variable::session_state;
  return has(read.hash()) || (is_entry && has(hash_of_entry(read.name())));
}

}  // namespace memoscape::inline v0::detail

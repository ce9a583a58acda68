#include "bench/eviction/policies.hpp"

#include <array>
#include <cassert>

namespace bench::eviction {

namespace {

constexpr std::array kContenders = {
    Contender{"lru", "the engine's", make_engines_own<memoscape::Eviction::lru>},
    Contender{"gdsf", "the engine's, the default", make_engines_own<memoscape::Eviction::gdsf>},
    Contender{"s3fifo", "the engine's", make_engines_own<memoscape::Eviction::s3fifo>},
    Contender{"fifo", "in the order of arrival", make_fifo},
    Contender{"lfu", "the least used, the oldest of them", make_lfu},
    Contender{"sieve", "SIEVE", make_sieve},
    Contender{"wtinylfu", "W-TinyLFU", make_wtinylfu},
    Contender{"offline", "knows the future", make_offline, true},
};

}  // namespace

std::span<const Contender> contenders() { return kContenders; }

const Contender& contender(std::string_view name) {
  for (const Contender& one : kContenders) {
    if (one.name == name) return one;
  }
  assert(false);
  return kContenders.front();
}

}  // namespace bench::eviction

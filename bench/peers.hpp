// Peers: caches and maps of others, asked for a ready key. The key is the 16-byte digest of what
// the engine and the floor have to encode or hash in full; it lies ready in the order in which it
// is asked for. A peer finds it, reads the value, a number, and lets go of what it holds.
//
// Only built with -Dpeers; otherwise there are none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "bench/floor.hpp"
#include "bench/measure.hpp"

namespace bench {

class Peer {
 public:
  Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  virtual ~Peer() = default;

  virtual std::string_view name() const noexcept = 0;
  virtual void add(const Digest128& key, std::uint32_t value) = 0;
  // The sum of the values. Every key must be there: throws std::runtime_error if one is not.
  virtual std::uint64_t find_all(std::span<const Digest128> keys) = 0;
};

// One of each kind, with room for `entries`.
std::vector<std::unique_ptr<Peer>> make_peers(std::size_t entries);
// Null without -Dpeers.
std::unique_ptr<Peer> make_hyper_clock(std::size_t entries);

// Adds all keys of `floor`, each with its position.
void fill(Peer& peer, const Floor& floor);
// The digests of the keys at `positions` of `floor`, in that order.
std::vector<Digest128> ready_keys(const Floor& floor, std::span<const std::uint32_t> positions);

// Turns of the floor and, with -Dpeers, of HyperClockCache, which are asked for the same keys. It
// must outlive them.
class Against {
 public:
  // A sample of the floor is of the next `batch` of `positions`, over and over; one of the peer of
  // a quarter of that, so that its keys, which lie ready, do not fill the processor's cache.
  // Requires: 4 divides `batch`, and that the number of positions.
  Against(const Floor& floor, std::vector<std::uint32_t> positions, std::size_t batch);

  void add_to(std::vector<Turn>& turns);

 private:
  const Floor& floor_;
  std::vector<std::uint32_t> positions_;
  std::size_t batch_;
  std::unique_ptr<Peer> hyper_clock_;
  std::vector<Digest128> keys_;
  std::size_t floor_at_ = 0;
  std::size_t peer_at_ = 0;
};

}  // namespace bench

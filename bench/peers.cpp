#include "bench/peers.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#ifdef MEMOSCAPE_BENCH_PEERS
#include <rocksdb/cache.h>
#include <rocksdb/slice.h>
#define TBB_PREVIEW_CONCURRENT_LRU_CACHE 1
#include <tbb/concurrent_hash_map.h>
#include <tbb/concurrent_lru_cache.h>
#include <tsl/robin_map.h>

#include <libcuckoo/cuckoohash_map.hh>
#include <mutex>
#endif

namespace bench {

void fill(Peer& peer, const Floor& floor) {
  for (std::size_t i = 0; i < floor.size(); ++i) {
    peer.add(floor.digest(i), static_cast<std::uint32_t>(i));
  }
}

std::vector<Digest128> ready_keys(const Floor& floor, std::span<const std::uint32_t> positions) {
  std::vector<Digest128> keys;
  keys.reserve(positions.size());
  for (const std::uint32_t position : positions) keys.push_back(floor.digest(position));
  return keys;
}

Against::Against(const Floor& floor, std::vector<std::uint32_t> positions, std::size_t batch)
    : floor_(floor),
      positions_(std::move(positions)),
      batch_(batch),
      hyper_clock_(make_hyper_clock(floor.size())) {
  if (hyper_clock_ == nullptr) return;
  fill(*hyper_clock_, floor);
  keys_ = ready_keys(floor, positions_);
}

void Against::add_to(std::vector<Turn>& turns) {
  const std::size_t few = batch_ / 4;
  if (hyper_clock_ != nullptr) {
    const auto find = [this, few] {
      const std::span<const Digest128> keys(keys_);
      benchmark::DoNotOptimize(hyper_clock_->find_all(keys.subspan(peer_at_, few)));
      peer_at_ = (peer_at_ + few) % keys_.size();
    };
    turns.push_back({kHyperClock, {.body = find, .calls = static_cast<double>(few)}});
  }
  const auto find = [this] {
    for (std::size_t i = floor_at_; i < floor_at_ + batch_; ++i) {
      benchmark::DoNotOptimize(floor_.find(positions_[i]));
    }
    floor_at_ = (floor_at_ + batch_) % positions_.size();
  };
  turns.push_back({kFloor, {.body = find, .calls = static_cast<double>(batch_)}});
}

#ifndef MEMOSCAPE_BENCH_PEERS

std::vector<std::unique_ptr<Peer>> make_peers(std::size_t) { return {}; }
std::unique_ptr<Peer> make_hyper_clock(std::size_t) { return nullptr; }

#else

namespace {

[[noreturn]] void missing(std::string_view peer) {
  throw std::runtime_error(std::string(peer) + " has lost a key");
}

// A cache of RocksDB. Entries are charged like blocks of 4 KiB, the size it is made for, and half
// as many again would fit: nothing is evicted. Shards are as many as it chooses itself.
class RocksCache final : public Peer {
 public:
  static constexpr std::size_t kCharge = 4096;
  static constexpr std::size_t capacity(std::size_t entries) {
    return (entries + entries / 2) * kCharge;
  }

  RocksCache(std::string_view name, std::shared_ptr<rocksdb::Cache> cache)
      : name_(name), cache_(std::move(cache)) {}

  std::string_view name() const noexcept override { return name_; }

  void add(const Digest128& key, std::uint32_t value) override {
    // The value is the pointer itself.
    const rocksdb::Status status = cache_->Insert(
        slice(key), reinterpret_cast<void*>(std::uintptr_t{value} + 1), kCharge,
        +[](const rocksdb::Slice&, void*) {});
    if (!status.ok()) throw std::runtime_error(std::string(name_) + ": " + status.ToString());
  }

  std::uint64_t find_all(std::span<const Digest128> keys) override {
    std::uint64_t sum = 0;
    for (const Digest128& key : keys) {
      rocksdb::Cache::Handle* handle = cache_->Lookup(slice(key));
      if (handle == nullptr) missing(name_);
      sum += reinterpret_cast<std::uintptr_t>(cache_->Value(handle)) - 1;
      cache_->Release(handle);
    }
    return sum;
  }

 private:
  static rocksdb::Slice slice(const Digest128& key) {
    return {reinterpret_cast<const char*>(&key), sizeof key};
  }

  std::string_view name_;
  std::shared_ptr<rocksdb::Cache> cache_;
};

class TbbHashMap final : public Peer {
 public:
  std::string_view name() const noexcept override { return "tbb concurrent_hash_map"; }
  void add(const Digest128& key, std::uint32_t value) override { map_.emplace(key, value); }
  std::uint64_t find_all(std::span<const Digest128> keys) override {
    std::uint64_t sum = 0;
    for (const Digest128& key : keys) {
      Map::const_accessor found;
      if (!map_.find(found, key)) missing(name());
      sum += found->second;
    }
    return sum;
  }

 private:
  struct HashCompare {
    std::size_t hash(const Digest128& key) const noexcept { return key.low; }
    bool equal(const Digest128& a, const Digest128& b) const noexcept { return a == b; }
  };
  using Map = tbb::concurrent_hash_map<Digest128, std::uint32_t, HashCompare>;
  Map map_;
};

// It computes what is not there, so it is filled by asking.
class TbbLruCache final : public Peer {
 public:
  explicit TbbLruCache(std::size_t entries) : cache_(&compute, entries) {}
  std::string_view name() const noexcept override { return "tbb concurrent_lru_cache"; }
  void add(const Digest128& key, std::uint32_t) override { cache_[key]; }
  std::uint64_t find_all(std::span<const Digest128> keys) override {
    std::uint64_t sum = 0;
    for (const Digest128& key : keys) {
      auto handle = cache_[key];
      sum += handle.value();
    }
    return sum;
  }

 private:
  static std::uint32_t compute(Digest128 key) { return static_cast<std::uint32_t>(key.high); }

  tbb::concurrent_lru_cache<Digest128, std::uint32_t> cache_;
};

class Cuckoo final : public Peer {
 public:
  std::string_view name() const noexcept override { return "libcuckoo"; }
  void add(const Digest128& key, std::uint32_t value) override { map_.insert(key, value); }
  std::uint64_t find_all(std::span<const Digest128> keys) override {
    std::uint64_t sum = 0;
    for (const Digest128& key : keys) {
      std::uint32_t value = 0;
      if (!map_.find(key, value)) missing(name());
      sum += value;
    }
    return sum;
  }

 private:
  libcuckoo::cuckoohash_map<Digest128, std::uint32_t, LowHalf> map_;
};

class LockedMap final : public Peer {
 public:
  std::string_view name() const noexcept override { return "mutex + robin_map"; }
  void add(const Digest128& key, std::uint32_t value) override { map_.emplace(key, value); }
  std::uint64_t find_all(std::span<const Digest128> keys) override {
    std::uint64_t sum = 0;
    for (const Digest128& key : keys) {
      const std::scoped_lock lock(mutex_);
      const auto found = map_.find(key);
      if (found == map_.end()) missing(name());
      sum += found->second;
    }
    return sum;
  }

 private:
  std::mutex mutex_;
  tsl::robin_map<Digest128, std::uint32_t, LowHalf> map_;  // guarded by mutex_
};

}  // namespace

std::unique_ptr<Peer> make_hyper_clock(std::size_t entries) {
  const rocksdb::HyperClockCacheOptions options(RocksCache::capacity(entries), RocksCache::kCharge,
                                                -1, false, nullptr,
                                                rocksdb::kDontChargeCacheMetadata);
  return std::make_unique<RocksCache>("HyperClockCache", options.MakeSharedCache());
}

std::vector<std::unique_ptr<Peer>> make_peers(std::size_t entries) {
  std::vector<std::unique_ptr<Peer>> peers;
  peers.push_back(make_hyper_clock(entries));
  rocksdb::LRUCacheOptions lru;
  lru.capacity = RocksCache::capacity(entries);
  lru.metadata_charge_policy = rocksdb::kDontChargeCacheMetadata;
  peers.push_back(std::make_unique<RocksCache>("RocksDB LRUCache", rocksdb::NewLRUCache(lru)));
  peers.push_back(std::make_unique<TbbHashMap>());
  peers.push_back(std::make_unique<TbbLruCache>(entries));
  peers.push_back(std::make_unique<Cuckoo>());
  peers.push_back(std::make_unique<LockedMap>());
  return peers;
}

#endif

}  // namespace bench

// Advisor: a bounded sample of an engine's calls, from which it tells what other limits would
// bring.
//
// It is told of a call when the hits of a run are merged and when a result is stored, never on a
// hit. It tracks up to kMostKeys permutations and the order in which they were called, in at most
// kMostBytes. Below kMostKeys that is exact. Above, it keeps some, each with a known probability
// that grows with its calls, its cost and its bytes, and each counts for as many as it stands for
// (Horvitz and Thompson, 1952). Old calls are forgotten, a chunk at a time.
//
// Thread-safety: none of its own: guarded by the store's mutex.
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/replay.hpp"
#include "memoscape/clock.hpp"

namespace memoscape::inline v0::detail {

class Advisor {
 public:
  static constexpr std::size_t kMostKeys = 8192;
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20;
  using Slot = std::uint16_t;
  static constexpr Slot kNowhere = 0xffff;
  // Whether the key is tracked that `note` gave this slot for. What is not has one all the same:
  // with it, nothing is looked for as long as none is tracked that was not.
  static bool is_tracked(Slot slot) noexcept { return slot < kMostKeys; }

  struct Call {
    std::uint64_t key = 0;  // of the permutation; as random as a hash is
    std::uint64_t function = 0;
    std::uint64_t bytes = 0;
    std::chrono::nanoseconds cost{0};
    std::uint32_t times = 1;
    Slot slot = kNowhere;  // where the key was at its last call; it may be somewhere else since
  };

  // Where a key is, or that it is not tracked, as of an epoch: who calls the same again and again
  // remembers that.
  struct Known {
    std::uint64_t epoch : 48 = 0;  // 0: nothing is known
    std::uint64_t slot : 16 = kNowhere;
  };

  explicit Advisor(const Clock& clock) : clock_(clock) {}

  // Of the key that `note` gave this slot for just now.
  Known known(Slot slot) const noexcept { return {.epoch = epoch_, .slot = slot}; }
  // More calls of what is known, each of which took as long as the one before: `next` gives the
  // next ones, up to kMostAtOnce of the same, or null, until one is not known any more, or there is
  // no room. That one must be noted. It writes nothing but the order of calls.
  struct Repeated {
    Known known;
    std::chrono::nanoseconds cost{0};
  };
  struct Repeats {
    const Repeated* call = nullptr;
    std::uint32_t times = 1;
  };
  static constexpr std::uint32_t kMostAtOnce = 128;
  void note_each_known(const auto& next) noexcept {
    if (!has_room()) return;
    Chunk& chunk = chunks_.back();
    const std::uint64_t epoch = epoch_;
    std::uint64_t calls = 0;
    std::chrono::nanoseconds cost{0};
    while (room_in(chunk) >= kMostPower) {
      const Repeats repeats = next(epoch);
      if (repeats.call == nullptr) break;
      calls += repeats.times;
      cost += repeats.call->cost * static_cast<std::int64_t>(repeats.times);
      const auto slot = static_cast<Slot>(repeats.call->known.slot);
      if (!is_tracked(slot)) continue;
      append(chunk, slot, repeats.times);
    }
    chunk.all_calls += static_cast<double>(calls);
    chunk.all_cost += static_cast<double>(cost.count());
  }
  // The same for one of them. False: it is not known any more, or there is no room.
  bool note_known(const Repeats& repeats) noexcept {
    if (repeats.call->known.epoch != epoch_ || !has_room_for(repeats.times)) return false;
    const auto slot = static_cast<Slot>(repeats.call->known.slot);
    add(slot, repeats.times, repeats.call->cost);
    return true;
  }
  // More calls of what `note` gave this slot for. False: it is not known any more, or there is no
  // room.
  bool note_again(Slot slot, std::uint64_t key, std::uint64_t bytes, std::chrono::nanoseconds cost,
                  std::uint32_t times) noexcept {
    if (!has_room_for(times)) return false;
    if (holds(slot, key)) {
      Key& known = keys_[slot];
      known.bytes = bytes;
      known.cost = static_cast<float>(cost.count());
    } else if (slot != untracked_) {
      return false;
    }
    add(slot, times, cost);
    return true;
  }
  // Gives the slot of the key; kNowhere: there is none. Complexity: constant on average.
  Slot note(const Call& call) noexcept {
    return note_again(call.slot, call.key, call.bytes, call.cost, call.times) ? call.slot
                                                                              : note_any(call);
  }

  // What is tracked at this slot has another size.
  void resize(Slot slot, std::uint64_t key, std::uint64_t bytes) noexcept {
    if (holds(slot, key)) keys_[slot].bytes = bytes;
  }

  // What was called, for drawing curves.
  struct Sample {
    Calls calls;
    bool exact = true;       // nothing was left out
    bool from_start = true;  // nothing was forgotten
    std::uint64_t called = 0;
    std::chrono::nanoseconds span{0};
    std::vector<std::uint64_t> functions;  // by Item::function
  };
  Sample sample() const;
  // Of the keys of one half of the hash space only: two halves tell how sure the whole is.
  static Calls half_of(const Calls& calls, bool upper);

  std::size_t heap_bytes() const noexcept;
  // Which of the invariants are broken; empty: none.
  std::string check() const;

 private:
  using TimePoint = Clock::time_point;

  struct Key {
    std::uint64_t key = 0;
    std::uint64_t bytes = 0;
    float cost = 0;         // nanoseconds
    float probability = 1;  // that it is tracked
    std::uint16_t function = 0;
    std::uint32_t first = 0;  // the number of the chunk in which it was called first
  };

  // Calls in order: the low bits are a slot, the high ones how often it was called in a row, as a
  // power of two. Any number of times is a few of them.
  using Called = std::uint16_t;
  static constexpr unsigned kSlotBits = 13;
  static_assert(kMostKeys == 1u << kSlotBits);
  static constexpr unsigned kMostPower = (1u << (16 - kSlotBits)) - 1;
  static Slot slot_of(Called called) noexcept { return called & (kMostKeys - 1); }
  static std::uint32_t times_of(Called called) noexcept { return 1u << (called >> kSlotBits); }
  static_assert(kMostAtOnce == 1u << kMostPower);  // which takes at most kMostPower of them
  static constexpr std::size_t kChunk = 4096;
  static constexpr std::size_t kMostFunctions = 1024;  // those beyond count as the last one
  struct Chunk {
    std::unique_ptr<Called[]> memory;  // for kChunk of them
    std::size_t size = 0;
    std::uint32_t number = 0;  // they count up from 1; of several that became one, the last one's
    TimePoint began{};
    double all_calls = 0;  // those that are not tracked included
    double all_cost = 0;   // nanoseconds

    std::span<const Called> calls() const noexcept { return {memory.get(), size}; }
    void push_back(Called called) noexcept { memory[size++] = called; }  // requires: room
  };

  Slot note_any(const Call& call) noexcept;
  Slot note_or_throw(const Call& call);
  // Requires: a chunk.
  void update(Slot slot, const Call& call) noexcept {
    keys_[slot].bytes = call.bytes;
    keys_[slot].cost = static_cast<float>(call.cost.count());
    count(call);
  }
  void count(const Call& call) noexcept {
    chunks_.back().all_calls += call.times;
    chunks_.back().all_cost += static_cast<double>(call.cost.count()) * call.times;
  }
  bool holds(Slot slot, std::uint64_t key) const noexcept {
    return slot < keys_.size() && keys_[slot].key == key && last_[slot] > 0;
  }
  Slot find(std::uint64_t key) const noexcept;
  void add_to_table(Slot slot) noexcept;
  void rebuild_table(std::size_t size);
  Slot track(const Call& call, double probability);
  double probability_of(const Call& call) const noexcept;
  // As many of the calls as there is room for; gives how many are left.
  std::uint32_t append(Chunk& chunk, Slot slot, std::uint32_t times) noexcept {
    std::size_t room = room_in(chunk);
    if (room == 0) return times;
    // Hits of other threads read it, too.
    if (last_[slot] != chunk.number) last_[slot] = chunk.number;
    if (times == 1) {  // as most are: the loop would do it, too, in more instructions
      chunk.push_back(slot);
      return 0;
    }
    for (; times > 0 && room > 0; --room) {
      const unsigned power = std::min<unsigned>(std::bit_width(times) - 1, kMostPower);
      chunk.push_back(static_cast<Called>(power << kSlotBits | slot));
      times -= 1u << power;
    }
    return times;
  }
  void append(Slot slot, std::uint32_t times);
  std::vector<std::uint32_t> count_calls() const;  // of each key
  static std::size_t room_in(const Chunk& chunk) noexcept { return kChunk - 1 - chunk.size; }
  // For which there is memory: not once it has run out.
  bool has_room() const noexcept {
    return !broken_ && !chunks_.empty() && room_in(chunks_.back()) > 0;
  }
  bool has_room_for(std::uint32_t times) const noexcept {
    return !broken_ && times - 1 < kMostAtOnce && !chunks_.empty() &&
           room_in(chunks_.back()) >= kMostPower;
  }
  // Requires: there is room for it.
  void add(Slot slot, std::uint32_t times, std::chrono::nanoseconds cost) noexcept {
    Chunk& chunk = chunks_.back();
    chunk.all_calls += times;
    chunk.all_cost += static_cast<double>(cost.count() * times);
    if (is_tracked(slot)) append(chunk, slot, times);
  }
  // The last chunk, in which there is room.
  Chunk& open_chunk() { return has_room() ? chunks_.back() : begin_chunk(); }
  Chunk& begin_chunk();
  std::unique_ptr<Called[]> forget_oldest();  // gives its memory
  void free_forgotten();
  void begin_epoch() noexcept {
    // There are no more, so after as many epochs they come again. A key that was not called since
    // is then taken for one that is known not to be tracked, for an epoch at most.
    constexpr std::uint64_t kSlots = kNowhere - kMostKeys;
    untracked_ = static_cast<Slot>(kMostKeys + ++epoch_ % kSlots);
  }
  void thin_out();
  void compact();
  double weight(double calls, double cost, double bytes) const noexcept;
  void weigh(const std::vector<std::uint32_t>& counts) noexcept;
  std::uint16_t function_slot(std::uint64_t function);

  const Clock& clock_;
  std::vector<Key> keys_;
  // The number of the chunk in which each key was called last; 0: it is free. So a hit writes it
  // once in a chunk, and nothing is done for each call when a chunk is forgotten.
  std::vector<std::uint32_t> last_;
  std::vector<Slot> free_;
  // Where a key is: open addressing, made anew after keys were dropped. In the high bits a part of
  // its hash, so that few other keys are looked at.
  std::vector<Slot> table_;
  std::vector<std::uint64_t> functions_;
  std::size_t guessed_ = 0;      // where the one that was asked for last is, or past it
  std::vector<Chunk> chunks_;    // the oldest first; the last one is being filled
  std::uint32_t numbered_ = 0;   // chunks
  std::uint32_t forgotten_ = 0;  // the number of the last one that is forgotten
  std::uint64_t epoch_ = 1;      // changes when a key is dropped, or might be tracked that was not
  Slot untracked_ = kMostKeys + 1;  // the slot of what is not tracked, as of this epoch
  double threshold_ = 0;            // 0: all are tracked
  // One by what a key has on average, over all that were called.
  double per_call_ = 1;
  double per_cost_ = 1;
  double per_byte_ = 1;
  bool broken_ = false;  // memory ran out: no more is tracked
};

}  // namespace memoscape::inline v0::detail

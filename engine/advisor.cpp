// Invariants:
// - A slot is free, or its key is in the table and is called at least once in the chunks, last in
//   the one that `last_` names.
// - A key with `u` below its probability is tracked, `u` being drawn from the key by a hash. The
//   probability is the least of those that it had since it was first called.
// - A chunk holds less than kChunk. What the keys, the table and the chunks take stays below
//   kMostBytes.
#include "engine/advisor.hpp"

#include <algorithm>

namespace memoscape::inline v0::detail {

namespace {

// SplitMix64's finalizer: the bits of policy keys and of what is drawn from them are independent.
std::uint64_t mixed(std::uint64_t key) noexcept {
  key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9u;
  key = (key ^ (key >> 27)) * 0x94d049bb133111ebu;
  return key ^ (key >> 31);
}

// Uniform in [0, 1).
double drawn(std::uint64_t key) noexcept {
  return static_cast<double>(mixed(key + 0x9e3779b97f4a7c15u) >> 11) * 0x1p-53;
}

// What stands beside a slot in the table, of a hash: up to 6, so that nothing is kNowhere.
unsigned tag_of(std::uint64_t hash) noexcept {
  return static_cast<unsigned>(((hash >> 32) * 7) >> 32);
}

}  // namespace

Advisor::Slot Advisor::note_any(const Call& call) noexcept {
  if (broken_ || call.times == 0) return kNowhere;
  try {
    return note_or_throw(call);
  } catch (...) {
    broken_ = true;
    return kNowhere;
  }
}

Advisor::Slot Advisor::note_or_throw(const Call& call) {
  open_chunk();  // before a slot is chosen: it may forget calls, and with them keys
  Slot slot = holds(call.slot, call.key) ? call.slot : find(call.key);
  if (slot == kNowhere) {
    const double probability = probability_of(call);
    if (drawn(call.key) < probability) slot = track(call, probability);
    count(call);
  } else {
    update(slot, call);
  }
  if (slot == kNowhere) return untracked_;
  append(slot, call.times);
  return slot;
}

double Advisor::probability_of(const Call& call) const noexcept {
  if (threshold_ == 0) return 1;
  return std::min(1.0, threshold_ * weight(1, static_cast<double>(call.cost.count()),
                                           static_cast<double>(call.bytes)));
}

// --- keys ---

Advisor::Slot Advisor::find(std::uint64_t key) const noexcept {
  if (table_.empty()) return kNowhere;
  const std::uint64_t hash = mixed(key);
  const unsigned tag = tag_of(hash);
  for (std::size_t at = hash;; ++at) {
    const Slot entry = table_[at & (table_.size() - 1)];
    if (entry == kNowhere) return kNowhere;
    const auto slot = static_cast<Slot>(entry & (kMostKeys - 1));
    if (entry >> kSlotBits == tag && holds(slot, key)) return slot;
  }
}

void Advisor::add_to_table(Slot slot) noexcept {
  const std::uint64_t hash = mixed(keys_[slot].key);
  std::size_t at = hash;
  while (table_[at & (table_.size() - 1)] != kNowhere) ++at;
  table_[at & (table_.size() - 1)] = static_cast<Slot>(tag_of(hash) << kSlotBits | slot);
}

void Advisor::rebuild_table(std::size_t size) {
  table_.assign(size, kNowhere);
  for (std::size_t slot = 0; slot < keys_.size(); ++slot) {
    if (last_[slot] > 0) add_to_table(static_cast<Slot>(slot));
  }
}

// kNowhere: the sample was thinned out to make room, and it is not part of it any more.
Advisor::Slot Advisor::track(const Call& call, double probability) {
  if (free_.empty() && keys_.size() == kMostKeys) {
    thin_out();
    probability = std::min(probability, probability_of(call));
    if (drawn(call.key) >= probability || free_.empty()) return kNowhere;
  }
  Slot slot = 0;
  if (free_.empty()) {
    slot = static_cast<Slot>(keys_.size());
    if (keys_.size() * 2 >= table_.size()) {  // a power of two
      rebuild_table(std::max<std::size_t>(64, table_.size() * 2));
    }
    last_.push_back(0);
    keys_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  keys_[slot] = {.key = call.key,
                 .bytes = call.bytes,
                 .cost = static_cast<float>(call.cost.count()),
                 .probability = static_cast<float>(probability),
                 .function = function_slot(call.function),
                 .first = numbered_};
  add_to_table(slot);
  return slot;
}

std::uint16_t Advisor::function_slot(std::uint64_t function) {
  // Runs call their functions in one order, mostly: a guess.
  if (++guessed_ >= functions_.size()) guessed_ = 0;
  if (!functions_.empty() && functions_[guessed_] == function) {
    return static_cast<std::uint16_t>(guessed_);
  }
  const auto found = std::find(functions_.begin(), functions_.end(), function);
  guessed_ = static_cast<std::size_t>(found - functions_.begin());
  if (found != functions_.end()) return static_cast<std::uint16_t>(guessed_);
  if (functions_.size() < kMostFunctions) functions_.push_back(function);
  return static_cast<std::uint16_t>(functions_.size() - 1);
}

// --- calls ---

Advisor::Chunk& Advisor::begin_chunk() {
  constexpr std::size_t kFixed =
      kMostKeys * (sizeof(Key) + sizeof(std::uint32_t) + 3 * sizeof(Slot)) +
      kMostFunctions * sizeof(std::uint64_t);
  constexpr std::size_t kMostChunks =
      (kMostBytes - kFixed) / (kChunk * sizeof(Called) + 2 * sizeof(Chunk));
  std::unique_ptr<Called[]> memory;
  if (chunks_.size() == kMostChunks) memory = forget_oldest();
  if (memory == nullptr) memory = std::make_unique_for_overwrite<Called[]>(kChunk);
  chunks_.push_back({.memory = std::move(memory), .number = ++numbered_, .began = clock_.now()});
  return chunks_.back();
}

std::vector<std::uint32_t> Advisor::count_calls() const {
  std::vector<std::uint32_t> calls(keys_.size());
  for (const Chunk& chunk : chunks_) {
    for (const Called call : chunk.calls()) calls[slot_of(call)] += times_of(call);
  }
  return calls;
}

void Advisor::append(Slot slot, std::uint32_t times) {
  while (times > 0) times = append(open_chunk(), slot, times);
}

std::unique_ptr<Advisor::Called[]> Advisor::forget_oldest() {
  std::unique_ptr<Called[]> memory = std::move(chunks_.front().memory);
  forgotten_ = chunks_.front().number;
  chunks_.erase(chunks_.begin());
  const std::size_t free = free_.size();
  free_forgotten();
  if (free_.size() != free) {
    begin_epoch();
    rebuild_table(table_.size());
  }
  // Others come in when there is room again.
  if (threshold_ > 0 && keys_.size() - free_.size() < kMostKeys / 4) {
    begin_epoch();
    threshold_ *= 2;
  }
  return memory;
}

// Many at a time, as most are called again: of 8,192 that takes 1 us, and 9 one by one. Whoever
// waits for the store waits for this.
void Advisor::free_forgotten() {
  constexpr std::size_t kAtATime = 64;
  const auto is_forgotten = [this](std::size_t slot) { return last_[slot] - 1 < forgotten_; };
  for (std::size_t first = 0; first < last_.size(); first += kAtATime) {
    const std::size_t end = std::min(first + kAtATime, last_.size());
    unsigned any = 0;
    for (std::size_t slot = first; slot < end; ++slot) any |= unsigned{is_forgotten(slot)};
    if (any == 0) continue;
    for (std::size_t slot = first; slot < end; ++slot) {
      if (!is_forgotten(slot)) continue;
      last_[slot] = 0;
      free_.push_back(static_cast<Slot>(slot));
    }
  }
}

// --- the sample ---

// What makes a key worth tracking: that it is one, its calls, the time that they take, its bytes.
// Each is a share of something that is estimated, so no estimate rests on rare keys that count for
// many.
double Advisor::weight(double calls, double cost, double bytes) const noexcept {
  return 1 + calls * per_call_ + calls * cost * per_cost_ + bytes * per_byte_;
}

void Advisor::weigh(const std::vector<std::uint32_t>& counts) noexcept {
  double all = 0;
  double calls = 0;
  double cost = 0;
  double bytes = 0;
  for (std::size_t slot = 0; slot < keys_.size(); ++slot) {
    const Key& key = keys_[slot];
    if (last_[slot] == 0) continue;
    const double stands_for = 1 / static_cast<double>(key.probability);
    all += stands_for;
    calls += stands_for * counts[slot];
    cost += stands_for * counts[slot] * static_cast<double>(key.cost);
    bytes += stands_for * static_cast<double>(key.bytes);
  }
  per_call_ = 1 / std::max(calls / all, 1e-9);
  per_cost_ = 1 / std::max(cost / all, 1e-9);
  per_byte_ = 1 / std::max(bytes / all, 1e-9);
}

// Drops an eighth of the keys: those with the highest ranks, a rank being what was drawn for the
// key, by its weight.
void Advisor::thin_out() {
  const std::vector<std::uint32_t> calls = count_calls();
  begin_epoch();
  weigh(calls);
  std::vector<double> ranks;
  ranks.reserve(keys_.size());
  const auto weight_of = [&](std::size_t slot) {
    const Key& key = keys_[slot];
    return weight(calls[slot], static_cast<double>(key.cost), static_cast<double>(key.bytes));
  };
  for (std::size_t slot = 0; slot < keys_.size(); ++slot) {
    if (last_[slot] > 0) ranks.push_back(drawn(keys_[slot].key) / weight_of(slot));
  }
  const auto last = ranks.begin() + static_cast<std::ptrdiff_t>(ranks.size() - ranks.size() / 8);
  std::nth_element(ranks.begin(), last, ranks.end());
  threshold_ = *last;
  for (std::size_t slot = 0; slot < keys_.size(); ++slot) {
    Key& key = keys_[slot];
    if (last_[slot] == 0) continue;
    key.probability = static_cast<float>(
        std::min(static_cast<double>(key.probability), threshold_ * weight_of(slot)));
    if (drawn(key.key) < static_cast<double>(key.probability)) continue;
    last_[slot] = 0;
    free_.push_back(static_cast<Slot>(slot));
  }
  compact();
  rebuild_table(table_.size());
}

// Leaves out the calls of dropped keys. Chunks that fit into one become one.
void Advisor::compact() {
  std::vector<Chunk> packed;
  for (Chunk& chunk : chunks_) {
    Called* const first = chunk.memory.get();
    const auto is_dropped = [&](Called call) { return last_[slot_of(call)] == 0; };
    chunk.size =
        static_cast<std::size_t>(std::remove_if(first, first + chunk.size, is_dropped) - first);
    if (packed.empty() || chunk.size > room_in(packed.back())) {
      packed.push_back(std::move(chunk));
      continue;
    }
    Chunk& into = packed.back();
    for (const Called call : chunk.calls()) into.push_back(call);
    into.number = chunk.number;
    into.all_calls += chunk.all_calls;
    into.all_cost += chunk.all_cost;
  }
  chunks_ = std::move(packed);
}

Advisor::Sample Advisor::sample() const {
  Sample sample;
  sample.exact = threshold_ == 0 && !broken_;
  sample.from_start = forgotten_ == 0;
  sample.functions = functions_;
  std::vector<std::uint32_t> item_of(keys_.size());
  for (std::size_t slot = 0; slot < keys_.size(); ++slot) {
    const Key& key = keys_[slot];
    if (last_[slot] == 0) continue;
    item_of[slot] = static_cast<std::uint32_t>(sample.calls.items.size());
    sample.calls.items.push_back(
        {.key = key.key,
         .bytes = key.bytes,
         .cost = std::chrono::nanoseconds(static_cast<std::int64_t>(key.cost)),
         .weight = 1 / static_cast<double>(key.probability),
         .function = key.function,
         .known_before = key.first <= forgotten_});
  }
  // What is cached at the begin of a window is not known: a quarter of it makes it up.
  const std::size_t warm_chunks = forgotten_ > 0 ? chunks_.size() / 4 : 0;
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    if (i == warm_chunks) {
      sample.calls.warm_up = sample.calls.calls.size();
      sample.span = clock_.now() - chunks_[i].began;
    }
    for (const Called call : chunks_[i].calls()) {
      sample.calls.calls.push_back({item_of[slot_of(call)], times_of(call)});
    }
    if (i < warm_chunks) continue;
    sample.calls.all_calls += chunks_[i].all_calls;
    sample.calls.all_cost += chunks_[i].all_cost;
  }
  sample.called = static_cast<std::uint64_t>(sample.calls.all_calls);
  return sample;
}

Calls Advisor::half_of(const Calls& calls, bool upper) {
  Calls half;
  half.all_calls = calls.all_calls;
  half.all_cost = calls.all_cost;
  std::vector<std::uint32_t> item_of(calls.items.size(), ~std::uint32_t{0});
  for (std::size_t i = 0; i < calls.items.size(); ++i) {
    if (((mixed(calls.items[i].key ^ 0x5555) >> 40 & 1) != 0) != upper) continue;
    item_of[i] = static_cast<std::uint32_t>(half.items.size());
    half.items.push_back(calls.items[i]);
    half.items.back().weight *= 2;
  }
  for (std::size_t i = 0; i < calls.calls.size(); ++i) {
    if (i == calls.warm_up) half.warm_up = half.calls.size();
    const auto [item, times] = calls.calls[i];
    if (item_of[item] != ~std::uint32_t{0}) half.calls.push_back({item_of[item], times});
  }
  return half;
}

std::size_t Advisor::heap_bytes() const noexcept {
  std::size_t bytes = keys_.capacity() * sizeof(Key) + last_.capacity() * sizeof(std::uint32_t) +
                      (free_.capacity() + table_.capacity()) * sizeof(Slot) +
                      functions_.capacity() * sizeof(std::uint64_t) +
                      chunks_.capacity() * sizeof(Chunk);
  return bytes + chunks_.size() * kChunk * sizeof(Called);
}

std::string Advisor::check() const {
  if (broken_) return {};
  std::string wrong;
  const auto expect = [&](bool good, const char* what) {
    if (!good) wrong += std::string("advisor: ") + what + "\n";
  };
  // After which chunk each was called last, and before which one.
  std::vector<std::uint32_t> after(keys_.size());
  std::vector<std::uint32_t> until(keys_.size());
  std::uint32_t before = forgotten_;
  for (const Chunk& chunk : chunks_) {
    expect(chunk.size < kChunk, "a chunk holds more than it may");
    expect(chunk.number > before, "the chunks are not numbered in their order");
    for (const Called call : chunk.calls()) {
      after[slot_of(call)] = before;
      until[slot_of(call)] = chunk.number;
    }
    before = chunk.number;
  }
  std::vector<int> free(keys_.size());
  for (const Slot slot : free_) ++free[slot];
  for (std::size_t slot = 0; slot < keys_.size(); ++slot) {
    const Key& key = keys_[slot];
    const bool is_last = last_[slot] > after[slot] && last_[slot] <= until[slot];
    expect(is_last || until[slot] == 0, "a key was not called last in the chunk that it names");
    expect((last_[slot] > 0) == (until[slot] > 0),
           "a key has no calls in the chunks, or a free slot");
    expect(free[slot] == (last_[slot] == 0 ? 1 : 0), "a slot is not free once, or has calls");
    if (last_[slot] == 0) continue;
    expect(find(key.key) == slot, "a key is not in the table");
    expect(drawn(key.key) < static_cast<double>(key.probability), "a key is not to be tracked");
  }
  const auto in_table =
      std::count_if(table_.begin(), table_.end(), [](Slot slot) { return slot != kNowhere; });
  expect(static_cast<std::size_t>(in_table) == keys_.size() - free_.size(),
         "the table holds more than the keys");
  expect(heap_bytes() <= kMostBytes, "it takes more memory than it may");
  return wrong;
}

}  // namespace memoscape::inline v0::detail

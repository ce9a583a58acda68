// Rule K3: hashes only narrow the search. Whatever they are, answers are right, and what a call
// costs is bounded by how many keys have the very same hash. Costs are counted in keys compared.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core_of.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

constexpr int kKeys = 1000;

ms::Digest of_words(std::uint64_t low, std::uint64_t high) {
  ms::Digest digest;
  std::memcpy(digest.data(), &low, sizeof low);
  std::memcpy(digest.data() + sizeof low, &high, sizeof high);
  return digest;
}
// A good hash, as words.
std::pair<std::uint64_t, std::uint64_t> words_of(std::string_view bytes) {
  const ms::Digest digest = ms::digest128(bytes);
  std::pair<std::uint64_t, std::uint64_t> words;
  std::memcpy(&words.first, digest.data(), sizeof words.first);
  std::memcpy(&words.second, digest.data() + sizeof words.first, sizeof words.second);
  return words;
}

ms::Digest all_equal(std::string_view) { return {}; }
ms::Digest low_bits_equal(std::string_view bytes) {
  const auto [low, high] = words_of(bytes);
  return of_words(low << 32, high << 32);
}
ms::Digest low_word_equal(std::string_view bytes) { return of_words(7, words_of(bytes).second); }
ms::Digest high_word_equal(std::string_view bytes) { return of_words(words_of(bytes).first, 7); }
// An attacker's thousand keys meet in one hash; all others have their own.
bool is_crafted(std::string_view bytes) { return bytes.find("crafted") != std::string_view::npos; }
ms::Digest crafted_equal(std::string_view bytes) {
  const auto [low, high] = words_of(bytes);
  return is_crafted(bytes) ? of_words(1, 2) : of_words(low, high);
}

// How many nodes of an engine's index have one hash, at most, and the places of its table.
struct Chains {
  std::size_t longest = 0;
  std::size_t buckets = 0;
};
Chains chains_of(ms::Engine& engine) {
  const ms::detail::EngineCore& core = *ms::detail::core_of(engine);
  const ms::detail::Locked locked(core);
  Chains chains;
  std::map<std::uint32_t, std::size_t> lengths;
  core.index.for_each([&](const ms::detail::Node& node) {
    chains.longest = std::max(chains.longest, ++lengths[node.hash]);
  });
  chains.buckets = core.index.bucket_count();
  return chains;
}

// Calls a function with many keys, twice: each executes once, and gives its own value.
Chains call_all(ms::Digest (*hash)(std::string_view), const std::string& name) {
  World w({.hash = hash});
  int executed = 0;
  const auto f = w.engine.cache_data("f", [&](const std::string& key) {
    ++executed;
    return key + "!";
  });
  for (int times = 0; times < 2; ++times) {
    w.engine.run([&](ms::Run& run) {
      for (int i = 0; i < kKeys; ++i) {
        const std::string key = name + std::to_string(i);
        EXPECT_EQ(*f(run, key), key + "!");
      }
    });
  }
  EXPECT_EQ(executed, kKeys);
  const Chains chains = chains_of(w.engine);
  // What collides can be taken out again, in any order.
  for (int i = 0; i < kKeys; i += 3) f.clear(name + std::to_string(i));
  EXPECT_EQ(w.engine.check(), "");
  EXPECT_EQ(w.entries(), static_cast<std::uint64_t>(kKeys - (kKeys + 2) / 3));
  return chains;
}

TEST(HashAttack, OfEqualHashesCostsNoMoreThanTheKeysThatHaveIt) {
  const Chains chains = call_all(all_equal, "key ");
  EXPECT_EQ(chains.longest, static_cast<std::size_t>(kKeys));
  EXPECT_LE(chains.buckets, 4096U);  // the table grows as for any others
}

TEST(HashAttack, OfEqualLowBitsComparesOneKeyPerLookup) {
  for (const auto hash : {low_bits_equal, low_word_equal, high_word_equal}) {
    const Chains chains = call_all(hash, "key ");
    EXPECT_EQ(chains.longest, 1U);
    EXPECT_LE(chains.buckets, 4096U);
  }
}

TEST(HashAttack, OfCraftedKeysLeavesOthersAsTheyAre) {
  EXPECT_EQ(call_all(crafted_equal, "crafted ").longest, static_cast<std::size_t>(kKeys));
  EXPECT_EQ(call_all(crafted_equal, "innocent ").longest, 1U);
}

TEST(HashAttack, MeetsAnotherHashInEachEngine) {
  // What was crafted for one secret, or for none, is spread by the next.
  EXPECT_EQ(call_all(nullptr, "crafted ").longest, 1U);
  const ms::detail::KeyHasher one(nullptr);
  const ms::detail::KeyHasher other(nullptr);
  int equal = 0;
  for (int i = 0; i < kKeys; ++i) {
    const std::string key = "crafted " + std::to_string(i);
    if (one.hash_bytes(key) == other.hash_bytes(key)) ++equal;
  }
  EXPECT_EQ(equal, 0);
  std::set<std::uint64_t> hashes;
  for (int i = 0; i < kKeys; ++i) hashes.insert(one.hash_bytes("crafted " + std::to_string(i)));
  EXPECT_EQ(hashes.size(), static_cast<std::size_t>(kKeys));
}

// Sessions make the same calls.
TEST(HashAttack, IsNoneOfManySessionsWithEntriesOfTheirOwn) {
  World w;
  const auto mine = w.engine.cache_data(
      "mine", [](ms::Run& run, int i) { return i + ms::slider(run, "Days", 0, 9); },
      {.allow_widgets = true, .scope = ms::Scope::session});
  std::vector<std::unique_ptr<ms::Session>> sessions;
  for (int i = 0; i < kKeys; ++i) {
    sessions.push_back(std::make_unique<ms::Session>(w.engine));
    sessions.back()->run([&](ms::Run& run) { EXPECT_EQ(*mine(run, 1), 1); });
  }
  EXPECT_EQ(w.entries(), static_cast<std::uint64_t>(kKeys));
  EXPECT_LE(chains_of(w.engine).longest, 2U);  // of 2,000 nodes, two may meet by chance
  // They end in any order, each with its own.
  for (std::size_t i = 0; i < sessions.size(); i += 3) sessions[i] = nullptr;
  EXPECT_EQ(w.engine.check(), "");
  EXPECT_EQ(w.entries(), static_cast<std::uint64_t>(kKeys - (kKeys + 2) / 3));
  mine.clear(1);
  EXPECT_EQ(w.entries(), 0U);
}

// Many arguments, each with the same values of the same widgets, in any order.
TEST(HashAttack, IsNoneOfTheSameValuesOnManyPaths) {
  World w;
  const auto f = w.engine.cache_data("f",
                                     [](ms::Run& run, int i) {
                                       const auto left = ms::slider(run, "Left", 0, 9);
                                       return i + 10 * left + 100 * ms::slider(run, "Right", 0, 9);
                                     },
                                     {.allow_widgets = true});
  constexpr int kValues = 4;
  constexpr int kTuples = 50;
  w.run([&](ms::Run& run) { f(run, 0); });
  for (int left = 0; left < kValues; ++left) {
    for (int right = 0; right < kValues; ++right) {
      w.session().set("Left", left);
      w.session().set("Right", right);
      for (int i = 0; i < kTuples; ++i) {
        w.run([&](ms::Run& run) { EXPECT_EQ(*f(run, i), i + 10 * left + 100 * right); });
      }
    }
  }
  EXPECT_EQ(w.entries(), static_cast<std::uint64_t>(kTuples * kValues * kValues));
  EXPECT_LE(chains_of(w.engine).longest, 2U);  // of 1,050 nodes, two may meet by chance
}

// Whatever the memory held before.
TEST(HashAttack, MeetsAnotherSecretInEachEngine) {
  using ms::detail::KeyHasher;
  alignas(KeyHasher) std::array<std::byte, sizeof(KeyHasher)> places[2] = {};
  const auto hash = [&](int i) {
    return std::construct_at(reinterpret_cast<KeyHasher*>(&places[i]), nullptr)->hash_bytes("key");
  };
  EXPECT_NE(hash(0), hash(1));
}

TEST(HashAttack, IsSpreadByTheTable) {
  // The keys that a lookup compares in the table itself, when a half of each hash is the same.
  static std::uint64_t compared = 0;
  struct Counting {
    bool operator()(const ms::detail::Hash128& a, const ms::detail::Hash128& b) const {
      ++compared;
      return a == b;
    }
  };
  for (const auto hash : {low_bits_equal, low_word_equal, high_word_equal}) {
    tsl::robin_map<ms::detail::Hash128, int, ms::detail::FoldHash, Counting> table;
    const auto key = [&](int i) {
      return std::bit_cast<ms::detail::Hash128>(hash("key " + std::to_string(i)));
    };
    for (int i = 0; i < kKeys; ++i) table.emplace(key(i), i);
    compared = 0;
    for (int i = 0; i < kKeys; ++i) EXPECT_EQ(table.at(key(i)), i);
    EXPECT_LE(compared, 3U * kKeys);
  }
}

}  // namespace
}  // namespace memoscape::testing

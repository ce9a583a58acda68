// Eviction policies (L2): small traces that were worked out by hand, and the quality of the default
// on the built-in workloads of the simulation.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "bench/eviction/options.hpp"
#include "bench/eviction/simulate.hpp"
#include "bench/eviction/workloads.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

namespace ev = bench::eviction;
using detail::Policy;
using detail::PolicyHook;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A cache whose entries are letters, of one byte and one millisecond each if not said otherwise.
class Letters {
 public:
  explicit Letters(std::string_view policy, std::uint64_t limit)
      : policy_(ev::contender(policy).make({.limit = limit, .entries = limit})), limit_(limit) {
    for (std::size_t i = 0; i < hooks_.size(); ++i) {
      hooks_[i].key = i;
      weigh(static_cast<char>(i), 1, milliseconds(1));
    }
  }

  void weigh(char letter, std::uint64_t bytes, std::chrono::nanoseconds cost) {
    hook(letter).bytes = bytes;
    hook(letter).cost = cost;
  }

  // Asks for each letter; gives what was evicted, in this order.
  std::string ask(std::string_view letters) {
    std::string evicted;
    for (const char letter : letters) {
      if (contains(kept_, {&letter, 1})) {
        policy_->use(hook(letter), 1);
        continue;
      }
      while (bytes() + hook(letter).bytes > limit_) {
        PolicyHook* victim = policy_->victim();
        const char gone = static_cast<char>(victim->key);
        policy_->remove(*victim);
        kept_.erase(kept_.find(gone), 1);
        evicted += gone;
      }
      policy_->reserve();
      policy_->insert(hook(letter));
      kept_ += letter;
      EXPECT_EQ(policy_->size(), kept_.size());
    }
    return evicted;
  }

  // What is there, by the alphabet.
  std::string kept() const {
    std::string sorted = kept_;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }
  void remove(char letter) {
    policy_->remove(hook(letter));
    kept_.erase(kept_.find(letter), 1);
  }
  PolicyHook& hook(char letter) { return hooks_[static_cast<unsigned char>(letter)]; }
  Policy& policy() { return *policy_; }

 private:
  std::uint64_t bytes() {
    std::uint64_t sum = 0;
    for (const char letter : kept_) sum += hook(letter).bytes;
    return sum;
  }

  std::unique_ptr<Policy> policy_;
  std::uint64_t limit_;
  std::vector<PolicyHook> hooks_{128};
  std::string kept_;
};

TEST(Lru, EvictsWhatWasUsedLeastRecently) {
  Letters cache("lru", 3);
  EXPECT_EQ(cache.ask("abc"), "");
  EXPECT_EQ(cache.ask("ad"), "b");
  EXPECT_EQ(cache.ask("cae"), "d");
  EXPECT_EQ(cache.kept(), "ace");
  EXPECT_EQ(cache.ask("fgh"), "cae");
}

TEST(Fifo, EvictsWhatCameFirst) {
  Letters cache("fifo", 3);
  EXPECT_EQ(cache.ask("abcaad"), "a");
  EXPECT_EQ(cache.ask("bbe"), "b");
  EXPECT_EQ(cache.kept(), "cde");
}

TEST(Lfu, EvictsWhatWasUsedLeast) {
  Letters cache("lfu", 3);
  EXPECT_EQ(cache.ask("aabbbcd"), "c");
  EXPECT_EQ(cache.ask("dde"), "a");  // a 2, b 3, d 3
  EXPECT_EQ(cache.ask("f"), "e");
}

// The published example walks from the oldest to the newest; the hand stays where it evicted.
TEST(Sieve, PassesOverWhatWasUsedOnce) {
  Letters cache("sieve", 4);
  EXPECT_EQ(cache.ask("abcd"), "");
  EXPECT_EQ(cache.ask("ac"), "");
  EXPECT_EQ(cache.ask("e"), "b");  // passes a; the hand is at c
  EXPECT_EQ(cache.ask("f"), "d");  // passes c; the hand is at e
  EXPECT_EQ(cache.ask("g"), "e");
  EXPECT_EQ(cache.ask("fh"), "g");  // passes f
  EXPECT_EQ(cache.ask("i"), "a");   // the hand was at the end: from the oldest again
  EXPECT_EQ(cache.ask("j"), "c");   // their marks were taken off in the first round
  EXPECT_EQ(cache.kept(), "fhij");
  cache.remove('f');  // the hand is there
  EXPECT_EQ(cache.ask("kl"), "h");
}

TEST(S3Fifo, PassesOnceUsedEntriesThroughTheSmallQueue) {
  Letters cache("s3fifo", 10);
  // All are in the small queue, as none has proven itself. b was used once: not enough.
  EXPECT_EQ(cache.ask("abcdefghij"), "");
  EXPECT_EQ(cache.ask("aabcc"), "");
  EXPECT_EQ(cache.ask("k"), "b");  // a goes on to the main queue
  EXPECT_EQ(cache.ask("l"), "d");  // c, too
  EXPECT_EQ(cache.ask("b"), "e");  // b is remembered: main queue
  EXPECT_EQ(cache.kept(), "abcfghijkl");
  // The small queue has 7 of 10: all goes from there, the main queue stays.
  EXPECT_EQ(cache.ask("mnopqr"), "fghijk");
  EXPECT_EQ(cache.kept(), "abclmnopqr");
}

TEST(S3Fifo, GivesUsedEntriesOfTheMainQueueAnotherRound) {
  Letters cache("s3fifo", 10);
  EXPECT_EQ(cache.ask("abcdefghij"), "");
  EXPECT_EQ(cache.ask("aabbccddeeffgghhiijj"), "");
  EXPECT_EQ(cache.ask("k"), "a");  // all went on to the main queue, where none was used yet
  EXPECT_EQ(cache.ask("bb"), "");
  // The small queue has 1 of 10 = a tenth: k goes, and is remembered.
  EXPECT_EQ(cache.ask("l"), "k");
  EXPECT_EQ(cache.ask("k"), "l");  // now all ten are in the main queue
  EXPECT_EQ(cache.ask("m"), "c");  // b gets another round
  EXPECT_EQ(cache.kept(), "bdefghijkm");
}

TEST(S3Fifo, ForgetsGhosts) {
  Letters cache("s3fifo", 2);
  EXPECT_EQ(cache.ask("ab"), "");
  EXPECT_EQ(cache.ask("c"), "a");
  EXPECT_EQ(cache.ask("defg"), "bcde");
  // Two are remembered, and a is not among them any more: it waits in the small queue like others.
  EXPECT_EQ(cache.ask("ah"), "fg");
  EXPECT_EQ(cache.ask("i"), "a");
}

TEST(Gdsf, KeepsWhatSavesMostTimePerByte) {
  Letters cache("gdsf", 100);
  cache.weigh('a', 10, seconds(1));         // 100 ms per byte
  cache.weigh('b', 40, seconds(1));         // 25
  cache.weigh('c', 10, milliseconds(100));  // 10
  cache.weigh('d', 40, milliseconds(40));   // 1
  EXPECT_EQ(cache.ask("abcd"), "");
  EXPECT_EQ(cache.ask("x"), "d");
  cache.weigh('e', 60, seconds(6));  // 100
  EXPECT_EQ(cache.ask("e"), "xcb");
  EXPECT_EQ(cache.kept(), "ae");
}

TEST(Gdsf, WeighsUses) {
  Letters cache("gdsf", 3);
  EXPECT_EQ(cache.ask("abcaab"), "");      // a 3, b 2, c 1
  EXPECT_EQ(cache.ask("d"), "c");          // d comes at the age of 1, and one use of its own: 2
  cache.policy().use(cache.hook('b'), 5);  // merged from a run
  EXPECT_EQ(cache.ask("eee"), "d");        // a 3, b 1 + 6, as no more than six count; e 2 + 3
  EXPECT_EQ(cache.ask("f"), "a");
}

TEST(Gdsf, CountsACostOfAtLeastAMicrosecond) {
  Letters cache("gdsf", 10);
  cache.weigh('a', 2, std::chrono::nanoseconds(0));
  cache.weigh('b', 4, std::chrono::nanoseconds(900));  // as a microsecond, less per byte than a
  cache.weigh('c', 4, std::chrono::nanoseconds(0));
  EXPECT_EQ(cache.ask("abcbb"), "");
  cache.weigh('d', 1, milliseconds(1));
  EXPECT_EQ(cache.ask("d"), "c");
}

TEST(Gdsf, LetsGoOfWhatWasHotLongAgo) {
  Letters cache("gdsf", 10);
  EXPECT_EQ(cache.ask(std::string(50, 'A')), "");
  // New letters, each asked for twice. The age grows until A is nothing special.
  std::size_t rounds = 0;
  while (contains(cache.kept(), "A") && rounds < 1'000) {
    for (char letter = 'a'; letter <= 'z'; ++letter) cache.ask(std::string(2, letter));
    ++rounds;
  }
  EXPECT_GT(rounds, 1U);
  EXPECT_LT(rounds, 100U);
}

TEST(Gdsf, FollowsABufferThatIsSharedByMore) {
  Letters cache("gdsf", 30);
  for (const char letter : {'a', 'b', 'c'}) cache.weigh(letter, 10, seconds(1));
  EXPECT_EQ(cache.ask("abc"), "");
  cache.policy().resize(cache.hook('a'), 2);
  cache.policy().resize(cache.hook('c'), 5);
  EXPECT_EQ(cache.policy().victim(), &cache.hook('b'));
}

// What it costs to evict does not depend on the number of entries.
TEST(Gdsf, LooksAtSixtyFourCandidatesHoweverManyThereAre) {
  for (const std::size_t entries : {100U, 10'000U, 300'000U}) {
    std::vector<PolicyHook> hooks(entries);
    const auto policy = detail::make_policy(ms::Eviction::gdsf);
    for (std::size_t i = 0; i < entries; ++i) {
      hooks[i].bytes = 1 + i % 7;
      hooks[i].cost = milliseconds(1 + i % 11);
      policy->reserve();
      policy->insert(hooks[i]);
    }
    for (std::size_t i = 0; i < 10; ++i) policy->remove(*policy->victim());
    EXPECT_LE(policy->looked_at(), 704U);  // one is chosen ahead
    EXPECT_GE(policy->looked_at(), 500U);
    EXPECT_EQ(policy->size(), entries - 10);
    // The memory is given back.
    const std::size_t full = policy->heap_bytes();
    EXPECT_LE(full, 50 * entries + 1'000);
    while (policy->size() > 10) policy->remove(*policy->victim());
    EXPECT_LT(policy->heap_bytes(), 2'000U);
    EXPECT_GT(full, policy->heap_bytes());
  }
}

// Entries come and go in any order; the policy must hold exactly those that are there.
TEST(Policies, HoldExactlyWhatWasInserted) {
  for (const ev::Contender& one : ev::contenders()) {
    if (one.sees_future) continue;
    SCOPED_TRACE(one.name);
    std::vector<PolicyHook> hooks(200);
    std::vector<PolicyHook*> in, out;
    const auto policy = one.make({.limit = 1'000, .entries = 100});
    for (std::size_t i = 0; i < hooks.size(); ++i) {
      hooks[i].key = i;
      hooks[i].bytes = 1 + i % 13;
      hooks[i].cost = milliseconds(i % 17);
      out.push_back(&hooks[i]);
    }
    std::uint64_t dice = 1;
    const auto take = [&](std::vector<PolicyHook*>& list, PolicyHook* hook) {
      const auto place = std::find(list.begin(), list.end(), hook);
      ASSERT_NE(place, list.end());
      list.erase(place);
    };
    const auto any = [&](const std::vector<PolicyHook*>& list) {
      dice = dice * 6364136223846793005U + 1442695040888963407U;
      return list[(dice >> 33) % list.size()];
    };
    for (int step = 0; step < 20'000; ++step) {
      const int what = static_cast<int>((dice >> 20) % 8);
      if (!out.empty() && (in.empty() || what < 3)) {
        PolicyHook* hook = any(out);
        take(out, hook);
        in.push_back(hook);
        policy->reserve();
        policy->insert(*hook);
      } else if (what < 5) {
        policy->use(*any(in), 1 + static_cast<std::uint32_t>(what));
      } else {
        PolicyHook* hook = what == 5 ? any(in) : policy->victim();
        take(in, hook);
        policy->remove(*hook);
        out.push_back(hook);
      }
      ASSERT_EQ(policy->size(), in.size());
    }
    while (policy->size() > 0) {
      PolicyHook* hook = policy->victim();
      take(in, hook);
      policy->remove(*hook);
    }
    EXPECT_EQ(policy->victim(), nullptr);
  }
}

TEST(Policies, HaveNames) {
  for (const ms::Eviction one : {ms::Eviction::gdsf, ms::Eviction::lru, ms::Eviction::s3fifo}) {
    EXPECT_EQ(ev::contender(ms::to_string(one)).name, ms::to_string(one));
  }
  EXPECT_EQ(ms::EngineOptions().eviction, ms::Eviction::gdsf);
}

// An engine asks its policy: the one in its options.
TEST(Policies, DecideWhatTheEngineKeeps) {
  const auto left = [](ms::Eviction eviction) {
    World w({.limits = {.max_entries = 2}, .eviction = eviction});
    auto f = w.engine.cache_data("f", [&w](int cost) {
      w.clock.advance(milliseconds(cost));
      return cost;
    });
    // The expensive one first. 2 is used, 3 comes last.
    for (const int cost : {1'000, 2, 2, 2, 3}) w.run([&](ms::Run& run) { f(run, cost); });
    std::string all;
    for (const auto& row : w.engine.report().permutations) all += row.arguments + " ";
    return all;
  };
  EXPECT_TRUE(contains(left(ms::Eviction::gdsf), "1000"));
  EXPECT_FALSE(contains(left(ms::Eviction::lru), "1000"));
  EXPECT_FALSE(contains(left(ms::Eviction::s3fifo), "1000"));
}

// Issue: the time of recomputation of the default against LRU's over workloads and limits.
TEST(Eviction, OfTheDefaultSavesTimeOnAllWorkloads) {
  const std::vector<double> percents = {1, 5, 20, 50};
  std::vector<ev::Cell> all;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    for (const ev::Workload& one : ev::workloads()) {
      const ev::Trace trace = ev::make_workload(one.name, {.requests = 20'000, .seed = seed});
      const auto cells = ev::compare(trace, percents, [](std::size_t) {});
      all.insert(all.end(), cells.begin(), cells.end());
    }
  }
  const ev::Summary ours = ev::summarize(all, "gdsf");
  EXPECT_LE(ours.mean, 0.74);
  EXPECT_LE(ours.worst->against_lru, 1.01) << ours.worst->trace << " " << ours.worst->percent;
  // Nothing is better than what knows the future, as a whole.
  for (const ev::Contender& one : ev::contenders()) {
    EXPECT_GE(ev::summarize(all, one.name).mean, ev::summarize(all, "offline").mean) << one.name;
  }
}

TEST(Eviction, IsTheSameOnEachRun) {
  const ev::Trace trace = ev::make_workload("walks", {.requests = 5'000, .seed = 3});
  const auto next = ev::next_uses(trace);
  for (const ev::Contender& one : ev::contenders()) {
    const ev::Outcome a = ev::simulate(trace, next, one, trace.unique_bytes() / 10);
    const ev::Outcome b = ev::simulate(trace, next, one, trace.unique_bytes() / 10);
    EXPECT_EQ(a.recomputed, b.recomputed) << one.name;
    EXPECT_GT(a.hits, 0U) << one.name;
  }
}

// With room for all only the first request of each object misses.
TEST(Simulation, MissesEachObjectOnceWithoutALimit) {
  const ev::Trace trace = ev::parse_csv("t", "a,10,5\nb,20,1.5\na,10,5\nc,1,0\na,10,5\n");
  EXPECT_EQ(trace.objects, 3U);
  EXPECT_EQ(trace.unique_bytes(), 31U);
  EXPECT_EQ(trace.total_cost(), std::chrono::nanoseconds(16'500));
  const auto next = ev::next_uses(trace);
  EXPECT_EQ(next, (std::vector<std::size_t>{2, ev::kNever, 4, ev::kNever, ev::kNever}));
  for (const ev::Contender& one : ev::contenders()) {
    const ev::Outcome outcome = ev::simulate(trace, next, one, 31);
    EXPECT_EQ(outcome.hits, 2U) << one.name;
    EXPECT_EQ(outcome.hit_bytes, 20U) << one.name;
    EXPECT_EQ(outcome.recomputed, std::chrono::nanoseconds(6'500)) << one.name;
    EXPECT_EQ(ev::simulate(trace, next, one, 5).hits, 0U) << one.name;  // a is never kept
  }
}

std::string little_endian(std::uint64_t number, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i));
  return bytes;
}

TEST(Traces, AreReadFromOracleGeneral) {
  const auto record = [](std::uint64_t object, std::uint64_t bytes, std::uint64_t next) {
    return little_endian(7, 4) + little_endian(object, 8) + little_endian(bytes, 4) +
           little_endian(next, 8);
  };
  const std::string bytes =
      record(std::uint64_t{1} << 40, 100, 3) + record(5, 0, ~std::uint64_t{0}) +
      record(std::uint64_t{1} << 40, 100, std::uint64_t(std::numeric_limits<std::int64_t>::max()));
  const ev::Trace trace = ev::parse_oracle("t", bytes, ev::CostModel::bytes);
  ASSERT_EQ(trace.requests.size(), 3U);
  EXPECT_EQ(trace.objects, 2U);
  EXPECT_EQ(trace.requests[2].object, 0U);
  EXPECT_EQ(trace.requests[2].bytes, 100U);
  EXPECT_EQ(trace.requests[1].bytes, 1U);
  EXPECT_EQ(trace.requests[0].cost, std::chrono::nanoseconds(1'000'100));
  EXPECT_EQ(ev::parse_oracle("t", bytes, ev::CostModel::mixed, 2).requests.size(), 2U);
}

// A workload that is written in either format and read again is the same workload.
TEST(Traces, GiveTheOutcomesOfWhatTheyWereWrittenFrom) {
  ev::Trace walks = ev::make_workload("walks", {.requests = 3'000, .seed = 5});
  std::string csv;
  std::string oracle;
  const auto next = ev::next_uses(walks);
  for (std::size_t i = 0; i < walks.requests.size(); ++i) {
    ev::Request& one = walks.requests[i];
    const std::string nanoseconds = std::to_string(one.cost.count());
    csv += "walk/" + std::to_string(one.object) + "," + std::to_string(one.bytes) + "," +
           nanoseconds + "e-3\n";
    oracle += little_endian(i, 4) + little_endian(one.object, 8) + little_endian(one.bytes, 4) +
              little_endian(next[i] == ev::kNever ? ~std::uint64_t{0} : next[i], 8);
  }
  const ev::Trace from_csv = ev::parse_csv("csv", csv);
  const ev::Trace from_oracle = ev::parse_oracle("oracle", oracle, ev::CostModel::bytes);
  for (ev::Request& one : walks.requests) {
    one.cost = milliseconds(1) + std::chrono::nanoseconds(one.bytes);
  }
  const ev::Trace original = ev::make_workload("walks", {.requests = 3'000, .seed = 5});
  for (const ev::Contender& one : ev::contenders()) {
    const auto outcome = [&](const ev::Trace& trace) {
      const ev::Outcome result = ev::simulate(trace, next, one, trace.unique_bytes() / 10);
      return std::pair(result.hit_bytes, result.recomputed);
    };
    EXPECT_EQ(outcome(from_csv), outcome(original)) << one.name;
    EXPECT_EQ(outcome(from_oracle), outcome(walks)) << one.name;
  }
}

TEST(Traces, ThatAreMalformedAreRefusedInOneLine) {
  const auto csv = [](std::string_view text) {
    return message_of<ev::TraceError>([&] { ev::parse_csv("t", text); });
  };
  EXPECT_EQ(csv(""), "t: has no requests");
  EXPECT_EQ(csv("key,bytes,cost\n"), "t: has no requests");
  EXPECT_EQ(csv("a,1,1\nb,2\n"), "t:2: needs three fields, key,bytes,cost, not \"b,2\"");
  EXPECT_EQ(csv("a,1,1\n\n"), "t:2: needs three fields, key,bytes,cost, not \"\"");
  EXPECT_EQ(csv(",1,1\n"), "t:1: the key is empty");
  EXPECT_EQ(csv("a,-1,1\n"), "t:1: bytes must be a whole number up to 2^50, not \"-1\"");
  EXPECT_EQ(csv("a,1,nan\n"),
            "t:1: cost must be a number of microseconds from 0 to 1e12, not \"nan\"");
  EXPECT_EQ(csv("a,1,1x\n"),
            "t:1: cost must be a number of microseconds from 0 to 1e12, not \"1x\"");
  EXPECT_EQ(csv("a,99999999999999999999,1\n"),
            "t:1: bytes must be a whole number up to 2^50, not \"99999999999999999999\"");
  EXPECT_EQ(csv("a,1,1e400\n"),
            "t:1: cost must be a number of microseconds from 0 to 1e12, not \"1e400\"");
  EXPECT_EQ(csv(std::string("a\0,1,1\nb,\0,1\n", 14)),
            "t:2: bytes must be a whole number up to 2^50, not \"\\x00\"");
  std::string costly;
  std::string large;
  for (int i = 0; i < 5'000; ++i) {
    costly += "a,1,1e12\n";
    large += "a,1125899906842624,1\n";
  }
  EXPECT_EQ(csv(costly), "t:4612: the costs add up to more than 146 years");
  EXPECT_EQ(csv(large), "t:4097: the bytes add up to more than 2^62");
  EXPECT_EQ(ev::parse_csv("t", "\xef\xbb\xbfkey,bytes,cost\r\na,1,1\r\n").requests.size(), 1U);
  const auto oracle = [](std::string_view bytes) {
    return message_of<ev::TraceError>([&] { ev::parse_oracle("t", bytes, ev::CostModel::mixed); });
  };
  EXPECT_EQ(oracle(""), "t: has no requests");
  EXPECT_EQ(oracle(std::string(25, 'x')),
            "t: its size, 25 bytes, is no multiple of the 24 bytes of an oracleGeneral record");
  EXPECT_EQ(oracle("\x28\xb5\x2f\xfd..."), "t: is compressed: run zstd -d on it first");
  EXPECT_TRUE(contains(oracle(std::string(24, '\x80')), "t: record 1: next access is -"));
  EXPECT_THROW(ev::read_trace("/nowhere.csv", {}), std::system_error);
  EXPECT_THROW(ev::read_trace("/nowhere", {}), std::system_error);
  EXPECT_THROW(ev::read_trace("/dev/null", {}), ev::TraceError);  // its name tells no format
}

}  // namespace
}  // namespace memoscape::testing

// The ideal cache: a plain map from function, arguments and full path to an entry. It says when a
// call must execute, when it must not, and which entries there are afterwards.
//
// It knows the full paths from the world that does not cache. What limits evict it cannot know:
// while there are any, an execution too many is an eviction, and the report says what is left.
//
// Thread-safety: one thread at a time.
//
//   ideal.before(step, cached);                                     // a clear, a new limit ...
//   std::string wrong = ideal.follow(cached_outcome, plain_outcome, cached);
//   wrong += ideal.compare(cached.engine().report(), cached);
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "memoscape/memoscape.hpp"
#include "prove/world.hpp"

namespace prove {

class Ideal {
 public:
  explicit Ideal(const World& cached);

  // What a step does to entries; before the world does it.
  void before(const Statement& step, World& cached);
  // Both outcomes of one run. Gives what is wrong.
  std::string follow(const Outcome& cached, const Outcome& plain, const World& world);
  void end_session(std::uint64_t session);
  // What of the report is not as it must be.
  std::string compare(const ms::Report& report, const World& world);

 private:
  using Time = ms::Clock::time_point;

  struct Entry {
    int function = 0;
    int argument = 0;
    std::uint64_t session = 0;
    std::vector<Read> path;
    Time finished{};
    Time expiry = Time::max();
    bool ended = false;
    bool stored = false;  // with a value; else the identity of one that was evicted
    std::vector<std::shared_ptr<Entry>> inner;  // what it is built on
  };
  using EntryPtr = std::shared_ptr<Entry>;

  // An execution that is being followed.
  struct Frame {
    const Call* call = nullptr;
    // As the engine sees it: what an entry answered was read in the order of that entry.
    std::vector<Read> path;
    std::vector<EntryPtr> built_on;
    bool closed = false;
    bool unkept = false;
  };

  static std::string key_of(const Call& plain, const std::vector<Read>& path);
  static std::string row_of_entry(const Entry& entry, const World& world);

  void follow(const Call& cached, const Call& plain);
  void follow_call(const Call& cached, const Call& plain);
  void settle(const Call& cached, const Call& plain, Frame frame);
  void clear_within(int what);
  void record(const Read& read);
  void wrong(const Call& call, const std::string& what);

  EntryPtr find(const std::string& key) const;
  void end(const EntryPtr& entry);
  void end_if(const auto& chosen);
  std::vector<EntryPtr> all() const;  // identities, too
  void diverge(const Entry& fresh);
  Time expiry_of(const Entry& entry) const;
  void refresh_expiries(int function);  // -1: of all
  void end_expired();
  bool is_limited() const;

  const World* world_ = nullptr;
  ms::Limits limits_;
  std::vector<ms::Limits> function_limits_;
  bool caching_ = true;
  std::map<std::string, std::weak_ptr<Entry>> identities_;
  std::map<std::string, EntryPtr> entries_;  // those with a value
  std::vector<Frame> frames_;
  Time began_{};
  std::string wrong_;
  bool follows_ = true;  // of the run that is followed nothing was wrong yet
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace prove

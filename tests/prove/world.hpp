// A world runs the program of a case against the public API: an engine with its functions, sessions
// and clock. It writes down which calls were made and which of them executed.
//
// Thread-safety: one thread per user, and for the steps that concern_all one thread at a time.
//
//   World plain(one, ms::Caching::off);
//   plain.apply(step);
//   Outcome outcome = plain.run_script(user);
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "memoscape/memoscape.hpp"
#include "prove/program.hpp"

namespace prove {

namespace ms = memoscape;

// One state read of an execution.
struct Read {
  std::string variable;  // as the report names it
  std::string value;
  std::string key;  // of a widget that has one
  bool is_form = false;
  bool is_state = false;

  bool operator==(const Read&) const = default;
};

struct Call;

// What happened while something executed, in order: a call, a clear, or a read of its own.
struct Event {
  std::unique_ptr<Call> call = {};
  int clear = -1;  // of everything: 0; of function i: i + 1
  std::optional<Read> read = {};
};

// Adds a read to a path, unless it is no new information.
void add_read(std::vector<Read>& path, const Read& read);

// A call of a cached function, or the script.
struct Call {
  int function = -1;
  int argument = 0;
  std::uint64_t session = 0;
  bool executed = false;
  bool threw = false;        // by itself
  bool refused = false;      // by a rule of the engine, or because the run ended
  bool tainted = false;      // by a fired trigger
  bool invalidated = false;  // the validator refused an entry that would have answered it
  ms::Clock::time_point finished{};
  std::vector<Read> path;
  std::vector<Event> events;
};

// What a pass of the script came to. `calls` has the passes of one run one after the other.
struct Outcome {
  ms::Page page;
  Call calls;
  ms::Clock::time_point began{};
};

// The value of every function.
struct Datum {
  std::int64_t number = 0;
  std::string text;

  bool operator==(const Datum&) const = default;
};

// Whether an entry is one of those that `clearsome` means.
bool is_chosen(const ms::PermutationRow& row, int modulus, int rest);

class World {
 public:
  static constexpr std::size_t kMostUsers = 32;  // with a thread each

  World(const Case& one, ms::Caching caching);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  // Does what a step says, short of running the script; gives the message of the error that it
  // met, if any. Administration is left to a world that caches.
  std::string apply(const Statement& step);
  Outcome run_script(int user);
  Outcome run_anonymous();
  // A run that another thread stops, somewhere.
  void run_stopped(int user);
  // From now on this thread lets others go first now and then.
  static void perturb(std::uint64_t seed);

  ms::Session& session(int user);
  // 0: none was made yet.
  std::uint64_t session_id(int user) {
    const std::scoped_lock lock(mutex_);
    const auto found = session_ids_.find(user);
    return found == session_ids_.end() ? 0 : found->second;
  }
  // The widgets of a user's last page in an order that both worlds have in common.
  std::vector<ms::StateReadPtr> widgets(int user);
  // What else of a session can be seen: its saved values, session state, and rejected presets.
  std::string state_of(int user);
  void end_session(int user);
  // Ends everything. Gives what was released other than once.
  std::string close();

  bool caches() const noexcept { return caching_ == ms::Caching::on; }
  ms::Engine& engine() noexcept { return *engine_; }
  ms::ManualClock& clock() noexcept { return clock_; }
  int functions() const noexcept { return static_cast<int>(case_.functions.size()); }
  int index_of(int function) const noexcept { return function % functions(); }
  int flags_of(int function) const;
  bool is_resource(int function) const;
  bool is_live(int function) const;
  bool is_refused(int function) const { return refused_.at(static_cast<std::size_t>(function)); }
  std::string name_of(int function) const { return "f" + std::to_string(function); }
  static int argument_of(int n) noexcept { return n % 2; }
  ms::Limits engine_limits(const Statement& step) const;
  ms::Limits function_limits(const Statement& step) const;

 private:
  friend class Interpreter;
  struct Handle {
    std::optional<ms::Cached<const Datum, int>> data;
    std::optional<ms::Cached<Datum, int>> resource;
  };

  void register_function(int function);
  std::string saved_of(int user);
  static void let_others_go();
  static void let_others_go_now();
  void keep(std::shared_ptr<const void> value);
  void set_widget(const Statement& step);
  void do_step(const Statement& step);
  void administer(const Statement& step);
  Datum execute(ms::Run& run, int function, int argument);
  Outcome run_for(int user, const auto& run);

  const Case& case_;
  const ms::Caching caching_;
  ms::ManualClock clock_;
  std::unique_ptr<ms::Engine> engine_;
  std::vector<Handle> handles_;
  std::vector<int> versions_;
  std::vector<bool> refused_;
  bool hidden_ = false;
  std::map<int, std::unique_ptr<ms::Session>> sessions_;
  std::map<int, std::uint64_t> session_ids_;
  std::uint64_t sessions_made_ = 0;
  std::map<int, std::string> saved_;
  std::vector<std::shared_ptr<const void>> kept_;
  std::atomic<std::int64_t> resources_made_ = 0;
  std::shared_ptr<std::atomic<std::int64_t>> resources_released_ =
      std::make_shared<std::atomic<std::int64_t>>(0);
  std::mutex mutex_;  // guards what is above, from sessions_ on

  // The run under way on a thread.
  struct Running {
    int user = 0;
    std::vector<Call*> stack;  // what executes, the script first
    Call* called = nullptr;    // what is about to execute, if it is not a hit
    std::uint64_t dice = 0;    // 0: it never lets others go first
  };
  static thread_local Running running;
};

}  // namespace prove

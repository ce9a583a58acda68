// The same programs on several threads, one per user. What other users do at the same time must not
// be seen: each page is that of the twin that does not cache, where the users come one after the
// other.
#include <algorithm>
#include <barrier>
#include <optional>
#include <thread>
#include <vector>

#include "../harness.hpp"
#include "prove/interleaving.hpp"
#include "prove/prove.hpp"
#include "prove/world.hpp"

namespace prove {

namespace {

constexpr std::size_t kRound = 12;  // steps of each user between two checks

// What a user saw of a step.
struct Seen {
  std::string refusal;
  ms::Page page;
  std::string state;
};

// Steps that change what functions do, and so what everybody sees, are for one thread.
bool concerns_all(const Statement& step) {
  switch (step.op) {
    case Op::version:
    case Op::remove:
    case Op::refuse:
    case Op::hide:
      return true;
    default:
      return false;
  }
}

Seen see(World& world, const Statement& step, int user) {
  Seen seen;
  Statement own = step;
  own.n[0] = user;
  if (!concerns_all(step)) seen.refusal = world.apply(own);
  const Outcome outcome = step.op == Op::anonymous ? world.run_anonymous() : world.run_script(user);
  seen.page = outcome.page;
  seen.state = world.state_of(user);
  return seen;
}

std::string difference(const Seen& cached, const Seen& plain) {
  const bool same = cached.refusal == plain.refusal && cached.page == plain.page &&
                    cached.page.error_text() == plain.page.error_text() &&
                    cached.state == plain.state;
  if (same) return {};
  return "--- cached\n" + cached.refusal + ms::to_text(cached.page) + cached.state +
         "\n--- plain\n" + plain.refusal + ms::to_text(plain.page) + plain.state + "\n";
}

using Steps = std::vector<const Statement*>;

// All users at the same time; what each saw. With `seed`, in turns that it decides.
std::vector<std::vector<Seen>> run_together(World& world, const std::vector<Steps>& of_users,
                                            std::optional<std::uint64_t> seed) {
  std::vector<std::vector<Seen>> seen(of_users.size());
  std::barrier<> together(static_cast<std::ptrdiff_t>(of_users.size()));
  std::optional<Interleaving> turns;
  if (seed) turns.emplace(*seed, of_users.size());
  std::vector<std::jthread> threads;
  for (std::size_t user = 0; user < of_users.size(); ++user) {
    threads.emplace_back([&, user] {
      std::optional<Interleaving::Part> part;
      if (turns)
        part.emplace(*turns, user);
      else
        together.arrive_and_wait();
      World::perturb(user + 1);
      for (const Statement* step : of_users[user]) {
        if (step->op == Op::stop_from) world.run_stopped(static_cast<int>(user));
        seen[user].push_back(see(world, *step, static_cast<int>(user)));
      }
    });
  }
  threads.clear();  // they have ended
  return seen;
}

}  // namespace

std::string disproof_on_threads(const Case& one, int users, std::optional<std::uint64_t> seed) {
  World cached(one, ms::Caching::on);
  World plain(one, ms::Caching::off);
  const std::size_t length = kRound * static_cast<std::size_t>(users);
  for (std::size_t from = 0; from < one.steps.size(); from += length) {
    std::vector<Steps> of_users(static_cast<std::size_t>(users));
    for (std::size_t i = from; i < std::min(from + length, one.steps.size()); ++i) {
      const Statement& step = one.steps[i];
      of_users[i % of_users.size()].push_back(&step);
      if (concerns_all(step)) {
        cached.apply(step);
        plain.apply(step);
      }
    }
    const std::vector<std::vector<Seen>> seen = run_together(cached, of_users, seed);
    if (seed) ++*seed;
    std::string wrong =
        cached.engine().check() + memoscape::testing::broken_identities(cached.engine().report());
    for (std::size_t user = 0; user < of_users.size(); ++user) {
      for (std::size_t i = 0; i < of_users[user].size() && wrong.empty(); ++i) {
        const Statement& step = *of_users[user][i];
        const std::string differs =
            difference(seen[user][i], see(plain, step, static_cast<int>(user)));
        if (differs.empty()) continue;
        wrong += "user " + std::to_string(user) + ", " + std::string(shape_of(step.op).word) +
                 ":\n" + differs;
      }
    }
    if (!wrong.empty()) return "in the steps from " + std::to_string(from + 1) + ":\n" + wrong;
  }
  return cached.close() + plain.close();
}

}  // namespace prove

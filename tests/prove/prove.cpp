#include "prove/prove.hpp"

#include "../harness.hpp"
#include "prove/ideal.hpp"
#include "prove/world.hpp"

namespace prove {

namespace {

std::string difference(const std::string& what, const std::string& cached,
                       const std::string& plain) {
  if (cached == plain) return {};
  return what + " differ\n--- cached\n" + cached + "\n--- plain\n" + plain + "\n";
}

// Everything about one step.
class Prover {
 public:
  explicit Prover(const Case& one)
      : cached_(one, ms::Caching::on), plain_(one, ms::Caching::off), ideal_(cached_) {}

  std::string step(const Statement& step) {
    ideal_.before(step, cached_);
    const std::string refusal = cached_.apply(step);
    std::string wrong = difference("errors", refusal, plain_.apply(step));
    const bool anonymous = step.op == Op::anonymous;
    const Outcome cached = anonymous ? cached_.run_anonymous() : cached_.run_script(step.n[0]);
    const Outcome plain = anonymous ? plain_.run_anonymous() : plain_.run_script(step.n[0]);
    wrong += compare_pages(cached.page, plain.page);
    wrong += ideal_.follow(cached, plain, cached_);
    if (anonymous)
      ideal_.end_session(cached_.session_id(-1));
    else
      wrong += difference("sessions", cached_.state_of(step.n[0]), plain_.state_of(step.n[0]));
    const ms::Report report = cached_.engine().report();
    wrong += cached_.engine().check();
    wrong += memoscape::testing::broken_identities(report);
    if (wrong.empty()) wrong += ideal_.compare(report, cached_);
    return wrong;
  }

  std::string end() {
    std::string wrong = plain_.engine().check();
    if (plain_.engine().report().totals.permutations != 0)
      wrong += "the plain world kept entries\n";
    wrong += cached_.close();
    return wrong + plain_.close();
  }

 private:
  static std::string compare_pages(const ms::Page& cached, const ms::Page& plain) {
    std::string wrong = difference("errors", cached.error_text(), plain.error_text());
    if (cached == plain) return wrong;
    return wrong + difference("pages", ms::to_text(cached), ms::to_text(plain)) +
           "pages are not equal\n";
  }

  World cached_;
  World plain_;
  Ideal ideal_;
};

}  // namespace

std::string disproof(const Case& one) {
  Prover prover(one);
  int number = 0;
  for (const Statement& step : one.steps) {
    ++number;
    std::string wrong = prover.step(step);
    if (wrong.empty()) continue;
    return "at step " + std::to_string(number) + ", " + std::string(shape_of(step.op).word) +
           ":\n" + wrong;
  }
  std::string wrong = prover.end();
  return wrong.empty() ? wrong : "at the end:\n" + wrong;
}

}  // namespace prove

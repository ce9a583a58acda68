// Random cases. What is rare in nature is frequent here: few labels, keys and values, so that
// widgets collide, values repeat and limits are hit.
#include <algorithm>
#include <initializer_list>
#include <random>
#include <utility>

#include "prove/kinds.hpp"
#include "prove/prove.hpp"

namespace prove {

namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(n)); }
  bool one_in(int n) { return below(n) == 0; }
  // One of the first, by their weights.
  Op pick(const std::vector<std::pair<Op, int>>& weighted) {
    int sum = 0;
    for (const auto& [op, weight] : weighted) sum += weight;
    int at = below(sum);
    for (const auto& [op, weight] : weighted) {
      if ((at -= weight) < 0) return op;
    }
    return weighted.front().first;
  }

 private:
  std::mt19937_64 engine_;
};

class Generator {
 public:
  Generator(std::uint64_t seed, Users users) : dice_(seed), together_(users == Users::together) {}

  Case generate() {
    Case one;
    one.policy = static_cast<Policy>(std::max(0, dice_.below(6) - 3));
    one.hash = std::max(0, dice_.below(8) - 5);
    functions_ = 1 + dice_.below(5);
    labels_ = 3 + dice_.below(8);
    limited_ = dice_.one_in(2);
    timed_ = dice_.one_in(3);
    wild_ = dice_.one_in(3);
    few_kinds_ = dice_.one_in(2);
    for (int i = 0; i < functions_; ++i) {
      Statement function{.op = dice_.one_in(3) ? Op::resource : Op::data, .n = {}, .blocks = {}};
      function.n[0] = (dice_.one_in(6) ? 0 : kWidgets) | (dice_.one_in(5) ? kSession : 0) |
                      (dice_.one_in(3) ? kValidate : 0);
      function_ = i;
      function.blocks.push_back(block(1 + dice_.below(5), 0));
      one.functions.push_back(std::move(function));
    }
    function_ = -1;
    one.script = block(2 + dice_.below(5), 0);
    users_ = 1 + dice_.below(3);
    const int steps = together_ ? 200 : 20 + dice_.below(100);
    for (int i = 0; i < steps; ++i) one.steps.push_back(step());
    return one;
  }

 private:
  static Statement make(Op op, std::initializer_list<int> numbers = {}) {
    Statement one{.op = op, .n = {}, .blocks = {}};
    std::copy(numbers.begin(), numbers.end(), one.n.begin());
    one.blocks.resize(shape_of(op).blocks);
    return one;
  }

  Block block(int most, int depth) {
    Block all;
    for (int i = 0; i < most; ++i) all.push_back(statement(depth));
    return all;
  }

  int any_kind() {
    return few_kinds_ ? dice_.below(3) * 4 : dice_.below(static_cast<int>(kinds().size()));
  }

  Statement statement(int depth) {
    const bool script = function_ < 0;
    const bool last = function_ + 1 >= functions_;
    Op op = dice_.pick({{Op::widget, 20},
                        {Op::keyed, 5},
                        {Op::element, 8},
                        {Op::box, depth < 2 ? 7 : 0},
                        {Op::state, 8},
                        {Op::state_of_key, 3},
                        {Op::query, 2},
                        {Op::call, script ? 30 : (last ? 2 : 14)},
                        {Op::keep, script ? 4 : 1},
                        {Op::show, script ? 10 : 2},
                        {Op::branch, depth < 2 ? 7 : 0},
                        {Op::mod, 5},
                        {Op::fail, depth > 0 ? 2 : 0},
                        {Op::attempt, depth < 2 ? 5 : 0},
                        {Op::leave, depth > 0 ? 2 : 0},
                        {Op::write, script ? 3 : (wild_ ? 1 : 0)},
                        {Op::write_query, script ? 1 : 0},
                        {Op::stop, wild_ && depth > 0 ? 1 : 0},
                        {Op::rerun, wild_ ? 1 : 0},
                        {Op::cancel, wild_ && script ? 1 : 0},
                        {Op::clear_within, wild_ ? 2 : 0},
                        {Op::hidden, wild_ && !script ? 3 : 0},
                        {Op::tick, timed_ ? 3 : 1}});
    Statement one = make(op);
    switch (op) {
      case Op::widget:
        one.n = {any_kind(), dice_.one_in(8) ? dice_.below(3) : 3 + dice_.below(labels_)};
        break;
      case Op::keyed:
        one.n = {any_kind(), dice_.below(4)};
        break;
      case Op::call:
      case Op::keep:
        one.n = {callee(), dice_.below(3)};
        break;
      case Op::clear_within:
        one.n = {dice_.below(functions_ + 1)};
        break;
      default:
        one.n = {dice_.below(12), dice_.below(4)};
        break;
    }
    if (op == Op::branch || op == Op::mod) one.n[0] = 1 + dice_.below(2);
    for (Block& inner : one.blocks) inner = block(dice_.below(4), depth + 1);
    return one;
  }

  // Mostly one with a higher number; few programs call in circles.
  int callee() {
    if (function_ < 0) return dice_.below(functions_);
    if (circles_ > 0 && dice_.one_in(8)) {
      --circles_;
      return dice_.below(functions_);
    }
    const int higher = functions_ - function_ - 1;
    return higher > 0 ? function_ + 1 + dice_.below(higher) : functions_ - 1;
  }

  Statement step() {
    const int user = dice_.below(users_);
    const Op op = dice_.pick({{Op::run, 18},
                              {Op::set, 30},
                              {Op::click, 6},
                              {Op::set_state, 8},
                              {Op::set_query, 2},
                              {Op::preset, 2},
                              {Op::save, 1},
                              {Op::restore, 1},
                              {Op::end, 2},
                              {Op::anonymous, 2},
                              {Op::clear, 1},
                              {Op::clear_kind, 1},
                              {Op::clear_function, 2},
                              {Op::clear_arguments, 2},
                              {Op::clear_one, 2},
                              {Op::clear_some, 2},
                              {Op::sweep, 1},
                              {Op::advance, timed_ ? 8 : 1},
                              {Op::limits, limited_ || timed_ ? 4 : 0},
                              {Op::function_limits, limited_ || timed_ ? 4 : 0},
                              {Op::caching, wild_ ? 2 : 0},
                              {Op::version, 1},
                              {Op::remove, 1},
                              {Op::refuse, 2},
                              {Op::hide, wild_ ? 3 : 0},
                              {Op::drop_kept, 1},
                              {Op::watch, 1},
                              {Op::stop_from, together_ ? 4 : 0}});
    Statement one = make(op, {user, dice_.below(8), dice_.below(8), dice_.below(8)});
    switch (op) {
      case Op::preset:
        one.n = {user, any_kind(), dice_.below(8), dice_.below(8)};
        break;
      case Op::set_state:
        one.n = {user, dice_.below(4), dice_.below(2)};
        break;
      case Op::set_query:
        one.n = {user, dice_.below(2), dice_.below(2)};
        break;
      case Op::caching:
        one.n[1] = dice_.one_in(3) ? 0 : 1;
        break;
      case Op::advance:
        one.n[1] = dice_.below(20);
        break;
      case Op::limits:
        one.n = {user, limited_ && dice_.one_in(2) ? dice_.below(8) : 0,
                 limited_ && dice_.one_in(3) ? 1 + dice_.below(120) : 0,
                 timed_ && dice_.one_in(2) ? dice_.below(30) : 0};
        break;
      case Op::function_limits:
        one.n = {user, dice_.below(functions_),
                 (limited_ && dice_.one_in(2) ? dice_.below(8) : 0) +
                     8 * (timed_ && dice_.one_in(2) ? dice_.below(20) : 0),
                 limited_ && dice_.one_in(4) ? 1 + dice_.below(60) : 0};
        break;
      default:
        break;
    }
    return one;
  }

  Dice dice_;
  const bool together_;
  int functions_ = 0;
  int function_ = -1;  // being made; -1: the script
  int labels_ = 0;
  int users_ = 1;
  int circles_ = 1;
  bool limited_ = false;
  bool timed_ = false;
  bool wild_ = false;  // also what programs do seldom
  bool few_kinds_ = false;
};

}  // namespace

Case generate(std::uint64_t seed, Users users) { return Generator(seed, users).generate(); }

}  // namespace prove

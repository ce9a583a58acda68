#include "prove/program.hpp"

#include <algorithm>
#include <charconv>

namespace prove {

namespace {

// A function's value is a number that everything it reads is mixed into; `v` below.
constexpr Shape kShapes[] = {
    {Op::widget, "widget", 2, 0},             // a widget of kind, label; mixes in its value
    {Op::keyed, "keyed", 2, 0},               // the same with a key, one of few
    {Op::element, "text", 1, 0},              // an element of a kind that shows v
    {Op::box, "box", 2, 1},                   // a container of kind, key: what is in the block
    {Op::state, "state", 1, 0},               // reads session state
    {Op::state_of_key, "statekey", 1, 0},     // reads the widget of a key through session state
    {Op::query, "query", 1, 0},               // reads a query parameter
    {Op::write, "write", 1, 0},               // writes v to session state
    {Op::write_query, "writequery", 1, 0},    // and to a query parameter
    {Op::call, "call", 2, 0},                 // calls function, with argument (2: v's last bit)
    {Op::keep, "keep", 2, 0},                 // the same, and shares the value beyond the run
    {Op::show, "show", 0, 0},                 // puts v on the page
    {Op::branch, "if", 2, 2},                 // by v modulo a == b
    {Op::mod, "mod", 1, 0},                   // v modulo a: makes values equal
    {Op::fail, "fail", 1, 0},                 // throws
    {Op::attempt, "try", 0, 1},               // catches what the block throws
    {Op::leave, "leave", 0, 0},               // returns
    {Op::stop, "stop", 0, 0},                 // Run::stop
    {Op::rerun, "rerun", 1, 0},               // Run::rerun, when session state says so
    {Op::cancel, "cancel", 0, 0},             // in the script: somebody stops this session
    {Op::clear_within, "clearwithin", 1, 0},  // the engine is cleared while this executes
    {Op::hidden, "hidden", 2, 0},             // reads two states, in an order no key knows
    {Op::tick, "tick", 1, 0},                 // time passes

    {Op::run, "run", 1, 0},             // the first number of each step is the user
    {Op::set, "set", 3, 0},             // sets the i-th widget to the j-th value
    {Op::click, "click", 2, 0},         // clicks the i-th trigger
    {Op::preset, "preset", 4, 0},       // of kind, label, the j-th value
    {Op::set_state, "setstate", 3, 0},  // entry, value
    {Op::set_query, "setquery", 3, 0},
    {Op::save, "save", 1, 0},        // keeps the saved session
    {Op::restore, "restore", 1, 0},  // restores the one kept last
    {Op::end, "end", 1, 0},          // the session ends, a new one begins
    {Op::clear, "clear", 1, 0},
    {Op::clear_kind, "clearkind", 2, 0},
    {Op::clear_function, "clearfunction", 2, 0},
    {Op::clear_arguments, "cleararguments", 3, 0},
    {Op::clear_one, "clearone", 2, 0},    // by the id of the i-th entry
    {Op::clear_some, "clearsome", 3, 0},  // entries whose number modulo a is b
    {Op::sweep, "sweep", 1, 0},
    {Op::advance, "advance", 2, 0},        // seconds
    {Op::limits, "limits", 4, 0},          // entries, hundreds of bytes, seconds
    {Op::function_limits, "limit", 4, 0},  // function, entries, hundreds of bytes; ttl = entries
    {Op::caching, "caching", 2, 0},        // 0: off
    {Op::version, "version", 2, 0},        // another version of function
    {Op::remove, "remove", 2, 0},          // and back under the same version
    {Op::refuse, "refuse", 2, 0},          // the validator of function says no, or yes again
    {Op::hide, "hide", 1, 0},              // turns what `hidden` sees
    {Op::drop_kept, "dropkept", 1, 0},     // lets go of what `keep` kept
    {Op::watch, "watch", 2, 0},            // somebody watches the session's progress
    {Op::anonymous, "anonymous", 1, 0},    // the engine runs the script for nobody

    {Op::stop_from, "stopfrom", 1, 0},  // another thread stops a run; the session ends

    {Op::data, "data", 1, 1},
    {Op::resource, "resource", 1, 1},
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Case parse() {
    Case one;
    for (skip(); !at_end() && text_[at_] != '|'; skip()) {
      const std::string_view found = word();
      if (found == "engine")
        engine(one);
      else if (found == "main")
        one.script = block();
      else
        one.functions.push_back(function(found));
    }
    if (at_end()) return one;
    ++at_;
    for (skip(); !at_end(); skip()) one.steps.push_back(statement(word()));
    return one;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw ParseError("at character " + std::to_string(at_ + 1) + ": " + what);
  }
  bool at_end() const { return at_ == text_.size(); }
  void skip() {
    while (!at_end() && text_[at_] == ' ') ++at_;
  }
  std::string_view word() {
    const std::size_t from = at_;
    while (!at_end() && ((text_[at_] >= 'a' && text_[at_] <= 'z') || text_[at_] == '3')) ++at_;
    if (at_ == from) refuse("a word is missing");
    return text_.substr(from, at_ - from);
  }
  void expect(char c) {
    skip();
    if (at_end() || text_[at_] != c) refuse(std::string("'") + c + "' is missing");
    ++at_;
  }
  void engine(Case& one) {
    for (expect('('), skip(); !at_end() && text_[at_] != ')'; skip()) {
      const std::string_view found = word();
      if (found == "lru")
        one.policy = Policy::lru;
      else if (found == "s3fifo")
        one.policy = Policy::s3fifo;
      else if (found == "collide")
        one.hash = 1;
      else if (found == "low")
        one.hash = 2;
      else
        refuse("engine has no " + std::string(found));
    }
    expect(')');
  }
  Statement function(std::string_view found) {
    Statement one = statement(found);
    if (one.op != Op::data && one.op != Op::resource) refuse("a function is missing");
    return one;
  }
  Statement statement(std::string_view found) {
    const auto* shape = std::find_if(std::begin(kShapes), std::end(kShapes),
                                     [&](const Shape& each) { return each.word == found; });
    if (shape == std::end(kShapes)) refuse("\"" + std::string(found) + "\" is not known");
    Statement one{.op = shape->op, .n = {}, .blocks = {}};
    for (std::size_t i = 0; !at_end() && text_[at_] == '.'; ++i) {
      ++at_;
      if (i == shape->numbers) refuse("a number too many");
      const auto [end, error] =
          std::from_chars(text_.data() + at_, text_.data() + text_.size(), one.n[i]);
      if (error != std::errc() || one.n[i] < 0) refuse("a number is missing");
      at_ = static_cast<std::size_t>(end - text_.data());
    }
    while (one.blocks.size() < shape->blocks) one.blocks.push_back(block());
    return one;
  }
  Block block() {
    skip();
    Block all;
    if (at_end() || text_[at_] != '(') return all;
    ++at_;
    if (++depth_ > 64) refuse("nested too deeply");
    for (skip(); !at_end() && text_[at_] != ')'; skip()) all.push_back(statement(word()));
    --depth_;
    expect(')');
    return all;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

void print(const Statement& one, std::string& out);

void print(const Block& all, std::string& out) {
  out += '(';
  for (const Statement& one : all) {
    if (out.back() != '(') out += ' ';
    print(one, out);
  }
  out += ')';
}

void print(const Statement& one, std::string& out) {
  const Shape& shape = shape_of(one.op);
  out += shape.word;
  std::size_t last = shape.numbers;
  while (last > 0 && one.n[last - 1] == 0) --last;
  for (std::size_t i = 0; i < last; ++i) out += "." + std::to_string(one.n[i]);
  for (const Block& block : one.blocks) print(block, out);
}

}  // namespace

const Shape& shape_of(Op op) { return kShapes[static_cast<std::size_t>(op)]; }

Case parse(std::string_view line) { return Parser(line).parse(); }

std::string print(const Case& one) {
  std::string out;
  std::string engine;
  if (one.policy != Policy::gdsf) engine += one.policy == Policy::lru ? "lru" : "s3fifo";
  if (one.hash != 0) engine += engine.empty() ? "" : " ";
  if (one.hash != 0) engine += one.hash == 1 ? "collide" : "low";
  if (!engine.empty()) out += "engine(" + engine + ") ";
  for (const Statement& function : one.functions) {
    print(function, out);
    out += ' ';
  }
  out += "main";
  print(one.script, out);
  out += " |";
  for (const Statement& step : one.steps) {
    out += ' ';
    print(step, out);
  }
  return out;
}

}  // namespace prove

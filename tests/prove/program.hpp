// The tiny language in which the prover writes programs and what is done to them.
//
// A case is one line. Before the bar stands a program: an engine, functions, and the script of a
// run; after it the steps. Every step does something and then runs the script once for a user.
//
//   engine(lru) data.1(widget.8.4 text) main(call.0.1 show) | set.0.0.3 clear.1
//
// A word is an operation with numbers after dots, and blocks of operations in parentheses. The
// table in program.cpp says what each means, and how many numbers and blocks it takes; what is left
// out is 0, or an empty block. Any numbers mean something, so that a case can be cut down freely.
//
// Thread-safety: value types.
//
//   Case one = parse("main(widget.8.4) | run.0 set.0.0.3");
//   std::puts(print(one).c_str());
#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace prove {

enum class Op : std::uint8_t {
  // what functions and scripts do
  widget,
  keyed,
  element,
  box,
  state,
  state_of_key,
  query,
  write,
  write_query,
  call,
  keep,
  show,
  branch,
  mod,
  fail,
  attempt,
  leave,
  stop,
  rerun,
  cancel,
  clear_within,
  hidden,
  tick,
  // steps
  run,
  set,
  click,
  preset,
  set_state,
  set_query,
  save,
  restore,
  end,
  clear,
  clear_kind,
  clear_function,
  clear_arguments,
  clear_one,
  clear_some,
  sweep,
  advance,
  limits,
  function_limits,
  caching,
  version,
  remove,
  refuse,
  hide,
  drop_kept,
  watch,
  anonymous,
  stop_from,
  // parts of a case
  data,
  resource,
};

constexpr std::size_t kMostNumbers = 4;

struct Statement {
  Op op = Op::show;
  std::array<int, kMostNumbers> n{};
  std::vector<std::vector<Statement>> blocks;

  bool operator==(const Statement&) const = default;
};
using Block = std::vector<Statement>;

// How an operation is written.
struct Shape {
  Op op;
  std::string_view word;
  std::size_t numbers;
  std::size_t blocks;
};
const Shape& shape_of(Op op);

// What a function is, as bits of the first number of `data` and `resource`.
enum Flag : int {
  kWidgets = 1,   // allow_widgets
  kSession = 2,   // entries per session
  kValidate = 4,  // only resources: asks the world whether a hit may be used
};

enum class Policy : std::uint8_t { gdsf, lru, s3fifo };

struct Case {
  Policy policy = Policy::gdsf;
  int hash = 0;                      // 0: the engine's own, 1: always equal, 2: low bits equal
  std::vector<Statement> functions;  // data or resource; each has its body as a block
  Block script;
  std::vector<Statement> steps;

  bool operator==(const Case&) const = default;
};

struct ParseError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws: ParseError, with the place.
Case parse(std::string_view line);
std::string print(const Case& one);

}  // namespace prove

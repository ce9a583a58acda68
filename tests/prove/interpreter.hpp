// Interprets the blocks of one function or script that executes, and writes its reads down.
//
// Thread-safety: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "memoscape/memoscape.hpp"
#include "prove/program.hpp"
#include "prove/world.hpp"

namespace prove {

// Labels tell definitions apart: two widgets of one label are one.
std::string label_of(std::size_t kind, int label, const std::string& form, int argument);
std::size_t kind_of_label(std::string_view label);

class Interpreter {
 public:
  Interpreter(World& world, ms::Run& run) : world_(world), run_(run) {}

  // False: the function or script is to return.
  bool execute(const Block& block);
  void mix(std::string_view text);
  std::int64_t value() const noexcept { return value_; }
  // All that executes is refused.
  void refuse();

 private:
  bool execute(const Statement& statement);
  bool box(const Statement& statement);
  bool attempt(const Statement& statement);
  void widget(const Statement& statement, bool keyed);
  void element(int kind);
  void call(const Statement& statement, bool keep);
  void clear_within(int what);
  std::int64_t read_state(const std::string& name);
  void record(const Read& read);
  void taint();
  bool in_function() const;

  World& world_;
  ms::Run& run_;
  std::int64_t value_ = 1;
  std::string form_;
  int argument() const;
};

}  // namespace prove

// Console: what the command reads from, prints to, and how it is interrupted.
//
// Thread-safety: one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tool {

// Input that cannot be used, or an option that makes no sense: one line; exit status 2.
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Somebody pressed Ctrl-C.
struct Interrupted : std::exception {
  const char* what() const noexcept override { return "interrupted"; }
};
void catch_interrupts();
// Throws: Interrupted.
void check_interrupt();

// The whole file; "-" is the standard input. Throws: InputError.
std::string read_input(const std::string& file);

// To the standard output. Titles are bold on a terminal, unless NO_COLOR is set; what is piped has
// no colours. Throws: std::system_error.
void print(std::string_view text);
void finish_output();

// Of long work, on the standard error: on a terminal a line that changes, else one for each tenth.
// Nothing at all if it is soon done.
class Progress {
 public:
  Progress(std::string what, std::size_t all);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();
  // Throws: Interrupted.
  void step(std::size_t done);

 private:
  std::string what_;
  std::size_t all_;
  bool live_;
  bool shown_ = false;
  std::size_t last_ = 0;  // tenths, or hundredths on a terminal
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace tool

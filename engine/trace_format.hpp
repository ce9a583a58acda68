// Trace format: recorded calls as bytes, and back. engine/TRACE.md describes it.
//
// Thread-safety: one thread at a time.
//
//   TraceEncoder encoder;
//   std::string block;
//   encoder.begin_block(0us, 0, block);
//   encoder.call({.key = 7, .function = 1, .bytes = 100, .cost = 2ms}, "f", {}, block);
//   file = std::string(kTraceHeader) + framed(block);
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "memoscape/config.hpp"

namespace memoscape::inline v0::detail {

inline constexpr int kTraceVersion = 1;
inline constexpr std::string_view kTraceHeader = "memoscape.trace 1\n";
inline constexpr std::string_view kTraceMagic = "memoscape.trace ";
inline constexpr std::size_t kTraceFrame = 8;  // bytes before each block

// A call, or several in a row, of one permutation.
struct TracedCall {
  std::uint64_t key = 0;  // of the permutation, as random as a hash is
  std::uint64_t function = 0;
  std::uint64_t bytes = 0;
  std::chrono::nanoseconds cost{0};
  std::uint32_t times = 1;
};

// What was called lately: a call of one of these is told by its place. Writer and reader each keep
// such a table, and change it in the same way.
class TraceTable {
 public:
  static constexpr unsigned kBits = 12;

  TraceTable() : slots_(std::size_t{1} << kBits) {}
  static std::size_t slot_of(std::uint64_t key) noexcept {
    return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15u) >> (64 - kBits));
  }
  struct Slot {
    bool used = false;
    std::uint32_t function = 0;
    std::uint64_t key = 0;
    std::uint64_t bytes = 0;
    std::chrono::nanoseconds cost{0};
    bool operator==(const Slot&) const = default;
  };
  static constexpr std::size_t kBytes = sizeof(Slot) << kBits;
  Slot& operator[](std::size_t slot) noexcept { return slots_[slot]; }
  void clear() { slots_.assign(slots_.size(), Slot()); }

 private:
  std::vector<Slot> slots_;
};

class TraceEncoder {
 public:
  // What follows begins a file.
  void restart();
  // `time`: since the recording began. `lost`: calls before it that are not recorded.
  static void begin_block(std::chrono::microseconds time, std::uint64_t lost, std::string& out);
  // Whether the call would be told in full, so that a label is of use.
  bool is_new(const TracedCall& call) noexcept;
  void call(const TracedCall& call, std::string_view function_name, std::string_view label,
            std::string& out);

 private:
  TraceTable::Slot slot_for(const TracedCall& call, std::uint32_t function) const noexcept;

  TraceTable table_;
  std::unordered_map<std::uint64_t, std::uint32_t> functions_;
};

// What stands before a block in a file.
std::string trace_frame(std::string_view block);

// What is wrong with a trace, in one line without the file's name.
struct TraceFormatError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Whether these bytes claim to be a trace of some version.
bool is_trace(std::string_view file) noexcept;

class TraceDecoder {
 public:
  struct Call {
    std::uint64_t key = 0;
    std::uint32_t function = 0;  // in `functions`
    std::uint64_t bytes = 0;
    std::chrono::nanoseconds cost{0};
    std::uint32_t times = 1;
    std::string_view label;  // empty: not recorded, or told before
  };

  // `file` is kept and not copied. Throws: TraceFormatError if it is no trace, or a newer one.
  explicit TraceDecoder(std::string_view file);
  // False: the end. Throws: TraceFormatError.
  bool next(Call& call);

  const std::vector<std::string>& functions() const noexcept { return functions_; }
  std::uint64_t lost() const noexcept { return lost_; }
  std::chrono::microseconds begin() const noexcept { return begin_; }  // of the first block
  std::chrono::microseconds end() const noexcept { return end_; }      // of the last one
  std::size_t offset() const noexcept { return offset_; }              // where it reads
  // Whether the last error was that the file ends within a block.
  bool cut_off() const noexcept { return cut_off_; }

 private:
  bool open_block();
  std::uint64_t number(std::uint64_t most, const char* what);
  std::string_view text(std::uint64_t most, const char* what);
  void define_function();
  void read_full(std::uint64_t head, Call& call);
  void read_again(std::uint64_t place, Call& call);
  [[noreturn]] void fail(const std::string& why) const;

  std::string_view rest_;   // of the file
  std::string_view block_;  // what is left of the block
  std::size_t offset_ = 0;
  bool cut_off_ = false;
  TraceTable table_;
  std::vector<std::string> functions_;
  std::uint64_t lost_ = 0;
  bool began_ = false;
  std::chrono::microseconds begin_{0};
  std::chrono::microseconds end_{0};
};

}  // namespace memoscape::inline v0::detail

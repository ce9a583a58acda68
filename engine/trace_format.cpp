// Invariants: writer and reader change their tables at the same records in the same way; a file is
// readable without those before it.
#include "engine/trace_format.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "memoscape/detail/utf8.hpp"
#include "memoscape/encode.hpp"
#include "memoscape/report.hpp"

namespace memoscape::inline v0::detail {

namespace {

// The low two bits of the number that begins a record.
enum RecordKind : unsigned {
  kAgain = 0,       // the rest: a slot
  kAgainTimes = 1,  // the rest: a slot; then how often
  kFull = 2,        // the rest: the function x 2 + whether a label follows; then all of a call
  kControl = 3,     // the rest: what
};
enum Control : unsigned { kFunction = 0 };

constexpr std::uint64_t kMostBlock = std::uint64_t{1} << 24;  // bytes
constexpr std::uint64_t kMostName = 4096;                     // bytes
constexpr std::uint64_t kMostFunctions = 1u << 20;
constexpr std::uint64_t kMostValueBytes = std::uint64_t{1} << 50;
constexpr std::uint64_t kMostCost = 1'000'000'000'000'000;  // nanoseconds: eleven days
constexpr std::uint64_t kMostTimes = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kMostTime = std::uint64_t{1} << 52;  // microseconds: 142 years

void append_number(std::uint64_t number, std::string& out) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  out += static_cast<char>(number);
}

template <class T>
void append_fixed(T number, std::string& out) {
  for (std::size_t i = 0; i < sizeof number; ++i) out += static_cast<char>(number >> (8 * i));
}

std::uint64_t fixed(std::string_view bytes) noexcept {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

std::uint32_t checksum(std::string_view block) {
  const Digest digest = digest128(block);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < sizeof sum; ++i) sum |= std::uint32_t{digest[i]} << (8 * i);
  return sum;
}

// At most `most` bytes of it, ending with a whole character.
std::string_view shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0u) == 0x80u) --most;
  return text.substr(0, most);
}

void append_text(std::string_view text, std::string& out) {
  text = shortened(text, kMostName);
  append_number(text.size(), out);
  out += text;
}

}  // namespace

// --- writing ---

void TraceEncoder::restart() {
  table_.clear();
  functions_.clear();
}

void TraceEncoder::begin_block(std::chrono::microseconds time, std::uint64_t lost,
                               std::string& out) {
  append_number(
      std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0)), kMostTime),
      out);
  append_number(lost, out);
}

TraceTable::Slot TraceEncoder::slot_for(const TracedCall& call,
                                        std::uint32_t function) const noexcept {
  const auto cost = static_cast<std::uint64_t>(std::max<std::int64_t>(call.cost.count(), 0));
  return {.used = true,
          .function = function,
          .key = call.key,
          .bytes = std::min(call.bytes, kMostValueBytes),
          .cost = std::chrono::nanoseconds(std::min(cost, kMostCost))};
}

bool TraceEncoder::is_new(const TracedCall& call) noexcept {
  const auto function = functions_.find(call.function);
  return function == functions_.end() ||
         !(table_[TraceTable::slot_of(call.key)] == slot_for(call, function->second));
}

void TraceEncoder::call(const TracedCall& call, std::string_view function_name,
                        std::string_view label, std::string& out) {
  const auto fresh = static_cast<std::uint32_t>(functions_.size());
  const auto [function, is_first] = functions_.try_emplace(call.function, fresh);
  if (is_first) {
    append_number(kFunction << 2 | kControl, out);
    append_text(function_name, out);
  }
  const std::size_t at = TraceTable::slot_of(call.key);
  const TraceTable::Slot told = slot_for(call, function->second);
  if (table_[at] == told) {
    append_number(at << 2 | (call.times == 1 ? kAgain : kAgainTimes), out);
    if (call.times != 1) append_number(call.times, out);
    return;
  }
  table_[at] = told;
  const std::uint64_t labelled = label.empty() ? 0 : 1;
  append_number((std::uint64_t{told.function} << 1 | labelled) << 2 | kFull, out);
  append_fixed(told.key, out);
  append_number(told.bytes, out);
  append_number(static_cast<std::uint64_t>(told.cost.count()), out);
  append_number(call.times, out);
  if (!label.empty()) append_text(label, out);
}

std::string trace_frame(std::string_view block) {
  std::string frame;
  append_fixed(static_cast<std::uint32_t>(block.size()), frame);
  append_fixed(checksum(block), frame);
  return frame;
}

// --- reading ---

bool is_trace(std::string_view file) noexcept { return file.starts_with(kTraceMagic); }

TraceDecoder::TraceDecoder(std::string_view file) : rest_(file) {
  if (!is_trace(file)) throw TraceFormatError("is no memoscape trace");
  const std::string_view line = file.substr(0, std::min(file.find('\n'), std::size_t{64}));
  const std::string_view digits = line.substr(kTraceMagic.size());
  int version = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  const bool whole = error == std::errc() && end == digits.data() + digits.size() && version > 0;
  if (!whole || file.size() == line.size()) {
    throw TraceFormatError(kTraceHeader.starts_with(file) ? "ends within its first line"
                                                          : "is no memoscape trace");
  }
  if (version > kTraceVersion) {
    throw TraceFormatError("is a trace of version " + std::to_string(version) +
                           "; this memoscape reads versions up to " +
                           std::to_string(kTraceVersion));
  }
  offset_ = line.size() + 1;
  rest_.remove_prefix(offset_);
}

void TraceDecoder::fail(const std::string& why) const {
  throw TraceFormatError(why + " (at byte " + std::to_string(offset_) + ")");
}

// False: the end of the file.
bool TraceDecoder::open_block() {
  if (rest_.empty()) return false;
  if (rest_.size() < kTraceFrame) {
    cut_off_ = true;
    fail("ends too early");
  }
  const std::uint64_t size = fixed(rest_.substr(0, 4));
  if (size == 0 || size > kMostBlock) fail("is damaged: a block of impossible size");
  if (rest_.size() - kTraceFrame < size) {
    cut_off_ = true;
    fail("ends too early");
  }
  block_ = rest_.substr(kTraceFrame, static_cast<std::size_t>(size));
  if (checksum(block_) != fixed(rest_.substr(4, 4))) {
    fail("is damaged: a block has another checksum");
  }
  offset_ += kTraceFrame;
  rest_.remove_prefix(kTraceFrame + block_.size());
  const std::chrono::microseconds time(number(kMostTime, "a time"));
  if (!began_) begin_ = time;
  began_ = true;
  end_ = std::max(end_, time);
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t lost = number(kMost, "a number of lost calls");
  lost_ = lost > kMost - lost_ ? kMost : lost_ + lost;
  return true;
}

std::uint64_t TraceDecoder::number(std::uint64_t most, const char* what) {
  std::uint64_t number = 0;
  for (unsigned bits = 0; bits < 64; bits += 7) {
    if (block_.empty()) fail(std::string("is damaged: ") + what + " is cut off");
    const auto byte = static_cast<unsigned char>(block_.front());
    block_.remove_prefix(1);
    ++offset_;
    number |= std::uint64_t{byte & 0x7fu} << bits;
    if (byte >= 0x80) continue;
    if (number > most || (bits == 63 && byte > 1)) break;
    return number;
  }
  fail(std::string("is damaged: ") + what + " is too large");
}

std::string_view TraceDecoder::text(std::uint64_t most, const char* what) {
  const auto size = static_cast<std::size_t>(number(most, what));
  if (size > block_.size()) fail(std::string("is damaged: ") + what + " is cut off");
  const std::string_view text = block_.substr(0, size);
  block_.remove_prefix(size);
  offset_ += size;
  return text;
}

void TraceDecoder::define_function() {
  const std::string_view name = text(kMostName, "a name");
  if (!is_valid_utf8(name)) fail("is damaged: a name is no UTF-8");
  if (functions_.size() == kMostFunctions) fail("is damaged: too many functions");
  functions_.emplace_back(name);
}

// What follows the number that begins the record.
void TraceDecoder::read_full(std::uint64_t head, Call& call) {
  if (head >> 1 >= functions_.size()) fail("is damaged: a function without a name");
  if (block_.size() < 8) fail("is damaged: a key is cut off");
  call.function = static_cast<std::uint32_t>(head >> 1);
  call.key = fixed(block_.substr(0, 8));
  block_.remove_prefix(8);
  offset_ += 8;
  call.bytes = number(kMostValueBytes, "a number of bytes");
  call.cost = std::chrono::nanoseconds(number(kMostCost, "a cost"));
  call.times = static_cast<std::uint32_t>(number(kMostTimes, "a number of calls"));
  if ((head & 1) != 0) call.label = text(kMostName, "a label");
  table_[TraceTable::slot_of(call.key)] = {.used = true,
                                           .function = call.function,
                                           .key = call.key,
                                           .bytes = call.bytes,
                                           .cost = call.cost};
}

void TraceDecoder::read_again(std::uint64_t place, Call& call) {
  if (place >> TraceTable::kBits != 0 || !table_[static_cast<std::size_t>(place)].used) {
    fail("is damaged: a call of what was not called before");
  }
  const TraceTable::Slot& slot = table_[static_cast<std::size_t>(place)];
  call.function = slot.function;
  call.key = slot.key;
  call.bytes = slot.bytes;
  call.cost = slot.cost;
}

bool TraceDecoder::next(Call& call) {
  for (;;) {
    if (block_.empty()) {
      if (!open_block()) return false;
      continue;
    }
    const std::uint64_t head = number(~std::uint64_t{0}, "a record");
    call.label = {};
    call.times = 1;
    switch (static_cast<RecordKind>(head & 3)) {
      case kControl:
        if (head >> 2 != kFunction) fail("is damaged: an unknown record");
        define_function();
        continue;
      case kFull:
        read_full(head >> 2, call);
        break;
      case kAgain:
        read_again(head >> 2, call);
        break;
      case kAgainTimes:
        read_again(head >> 2, call);
        call.times = static_cast<std::uint32_t>(number(kMostTimes, "a number of calls"));
        break;
    }
    if (call.times == 0) fail("is damaged: a call that was made no times");
    return true;
  }
}

}  // namespace memoscape::inline v0::detail

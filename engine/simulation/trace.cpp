#include "engine/simulation/trace.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <system_error>
#include <unordered_map>

#include "engine/simulation/random.hpp"
#include "engine/trace_format.hpp"
#include "memoscape/detail/terminal.hpp"

namespace simulation {

namespace {

constexpr std::size_t kRecord = 24;         // bytes, of oracleGeneral
constexpr double kMostMicroseconds = 1e12;  // eleven days
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 50;
constexpr std::uint64_t kMostInAll = std::uint64_t{1} << 62;  // sums of bytes, and of nanoseconds

[[noreturn]] void fail(const std::string& name, const std::string& place, const std::string& why) {
  throw TraceError(name + place + ": " + why);
}

// Numbers keys in the order in which they come.
template <class Key>
class Numbers {
 public:
  explicit Numbers(Trace& trace) : trace_(trace) {}
  std::uint32_t operator()(const Key& key) {
    if (numbers_.size() == std::numeric_limits<std::uint32_t>::max()) {
      fail(trace_.name, "", "has more than 2^32 objects");
    }
    const auto fresh = static_cast<std::uint32_t>(numbers_.size());
    const std::uint32_t number = numbers_.try_emplace(key, fresh).first->second;
    trace_.objects = numbers_.size();
    return number;
  }

 private:
  Trace& trace_;
  std::unordered_map<Key, std::uint32_t> numbers_;
};

// Adds requests to a trace, as long as their sums fit in 64 bits.
class Requests {
 public:
  explicit Requests(Trace& trace) : trace_(trace) {}
  void add(const Request& request, const std::string& place) {
    add(bytes_, request.bytes, request.times, place, "the bytes add up to more than 2^62");
    add(cost_, static_cast<std::uint64_t>(request.cost.count()), request.times, place,
        "the costs add up to more than 146 years");
    add(calls_, 1, request.times, place, "more than 2^62 calls");
    trace_.requests.push_back(request);
  }

 private:
  void add(std::uint64_t& sum, std::uint64_t one, std::uint64_t times, const std::string& place,
           const char* why) const {
    if (one > (kMostInAll - sum) / times) fail(trace_.name, place, why);
    sum += one * times;
  }

  Trace& trace_;
  std::uint64_t bytes_ = 0;
  std::uint64_t cost_ = 0;
  std::uint64_t calls_ = 0;
};

// The part of `line` up to the next comma; `line` is what follows.
std::string_view take_field(std::string_view& line) {
  const std::size_t comma = line.find(',');
  const std::string_view field = line.substr(0, comma);
  line = comma == std::string_view::npos ? std::string_view() : line.substr(comma + 1);
  return field;
}

template <class T>
bool parse_whole(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = size; i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

Cost modelled_cost(CostModel model, std::uint64_t object, std::uint64_t bytes) {
  using namespace std::chrono_literals;
  switch (model) {
    case CostModel::bytes:
      return 1ms + Cost(bytes);
    case CostModel::equal:
      break;
    case CostModel::mixed: {
      Random random(object);
      return random.log_normal(10ms, 1.5);
    }
  }
  return 10ms;
}

// Up to about `most` bytes.
std::string read_file(const std::string& file, std::size_t most) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "rb"),
                                                           std::fclose);
  if (in == nullptr) throw std::system_error(errno, std::generic_category(), file);
  std::string bytes;
  std::vector<char> buffer(1 << 20);
  while (bytes.size() < most) {
    const std::size_t n =
        std::fread(buffer.data(), 1, std::min(buffer.size(), most - bytes.size()), in.get());
    if (n == 0) break;
    bytes.append(buffer.data(), n);
  }
  if (std::ferror(in.get()) != 0) throw std::system_error(errno, std::generic_category(), file);
  return bytes;
}

Format format_of(const std::string& file) {
  const auto ends = [&](std::string_view end) { return file.ends_with(end); };
  if (ends(".csv")) return Format::csv;
  if (ends(".bin") || ends(".oracleGeneral")) return Format::oracle;
  if (ends(".zst")) fail(file, "", "is compressed: run zstd -d on it first");
  fail(file, "", "is no memoscape trace, and its name tells no other format: say --format");
}

}  // namespace

std::uint64_t Trace::unique_bytes() const {
  std::vector<std::uint64_t> largest(objects);
  for (const Request& request : requests) {
    largest[request.object] = std::max(largest[request.object], request.bytes);
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t bytes : largest) sum += bytes;
  return sum;
}

Cost Trace::total_cost() const {
  Cost sum{0};
  for (const Request& request : requests) sum += request.cost * request.times;
  return sum;
}

std::uint64_t Trace::calls() const {
  std::uint64_t sum = 0;
  for (const Request& request : requests) sum += request.times;
  return sum;
}

std::vector<std::size_t> next_uses(const Trace& trace) {
  std::vector<std::size_t> next(trace.requests.size(), kNever);
  std::vector<std::size_t> seen(trace.objects, kNever);
  for (std::size_t i = trace.requests.size(); i-- > 0;) {
    std::size_t& later = seen[trace.requests[i].object];
    next[i] = later;
    later = i;
  }
  return next;
}

Trace parse_csv(std::string name, std::string_view text, std::size_t most) {
  Trace trace{.name = std::move(name), .requests = {}, .objects = 0};
  Numbers<std::string> number(trace);
  Requests requests(trace);
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::size_t count = 0;
  while (!text.empty() && trace.requests.size() < most) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (++count == 1 && line == "key,bytes,cost") continue;
    const std::string place = ":" + std::to_string(count);
    if (std::count(line.begin(), line.end(), ',') != 2) {
      fail(trace.name, place,
           "needs three fields, key,bytes,cost, not " + memoscape::detail::quoted(line));
    }
    const std::string_view key = take_field(line);
    const std::string_view bytes = take_field(line);
    Request request;
    if (key.empty()) fail(trace.name, place, "the key is empty");
    if (!parse_whole(bytes, request.bytes) || request.bytes > kMostBytes) {
      fail(trace.name, place,
           "bytes must be a whole number up to 2^50, not " + memoscape::detail::quoted(bytes));
    }
    double microseconds = 0;
    if (!parse_whole(line, microseconds) || !(microseconds >= 0) ||
        microseconds > kMostMicroseconds) {
      fail(trace.name, place,
           "cost must be a number of microseconds from 0 to 1e12, not " +
               memoscape::detail::quoted(line));
    }
    request.bytes = std::max(request.bytes, std::uint64_t{1});
    request.cost = Cost(std::llround(microseconds * 1e3));
    request.object = number(std::string(key));
    requests.add(request, place);
  }
  if (trace.requests.empty()) fail(trace.name, "", "has no requests");
  return trace;
}

Trace parse_oracle(std::string name, std::string_view bytes, CostModel cost, std::size_t most) {
  constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd";
  Trace trace{.name = std::move(name), .requests = {}, .objects = 0};
  if (bytes.starts_with(kZstd)) fail(trace.name, "", "is compressed: run zstd -d on it first");
  if (bytes.empty()) fail(trace.name, "", "has no requests");
  if (bytes.size() % kRecord != 0) {
    fail(trace.name, "",
         "its size, " + std::to_string(bytes.size()) +
             " bytes, is no multiple of the 24 bytes of an oracleGeneral record");
  }
  Numbers<std::uint64_t> number(trace);
  Requests requests(trace);
  const std::size_t count = std::min(most, bytes.size() / kRecord);
  trace.requests.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view record = bytes.substr(i * kRecord, kRecord);
    const std::uint64_t object = little_endian(record, 4, 8);
    const auto next = static_cast<std::int64_t>(little_endian(record, 16, 8));
    const std::string place = ": record " + std::to_string(i + 1);
    if (next < -2) {
      fail(trace.name, place,
           "next access is " + std::to_string(next) + "; is this an oracleGeneral trace?");
    }
    Request request;
    request.bytes = std::max(little_endian(record, 12, 4), std::uint64_t{1});
    request.cost = modelled_cost(cost, object, request.bytes);
    request.object = number(object);
    requests.add(request, place);
  }
  if (trace.requests.empty()) fail(trace.name, "", "has no requests");
  return trace;
}

namespace {

// Reads the files of an engine's trace, one after the other.
class EngineTrace {
 public:
  explicit EngineTrace(std::string name) { trace_.name = std::move(name); }

  void add(const std::string& name, std::string_view bytes, const ReadOptions& options) {
    try {
      add_or_throw(bytes, options);
    } catch (const memoscape::detail::TraceFormatError& error) {
      fail(name, "", error.what());
    }
  }
  Trace finish() {
    if (trace_.requests.empty()) fail(trace_.name, "", "has no calls");
    return std::move(trace_);
  }

 private:
  void add_or_throw(std::string_view bytes, const ReadOptions& options) {
    memoscape::detail::TraceDecoder decoder(bytes);
    memoscape::detail::TraceDecoder::Call call;
    std::vector<std::uint32_t> functions;  // by the file's own numbers
    try {
      while (trace_.requests.size() < options.most && decoder.next(call)) {
        while (functions.size() < decoder.functions().size()) {
          functions.push_back(function_number(decoder.functions()[functions.size()]));
        }
        add_call(call, functions[call.function], decoder.offset());
      }
    } catch (const memoscape::detail::TraceFormatError& error) {
      if (!decoder.cut_off()) throw;
      if (!options.salvage) {
        throw memoscape::detail::TraceFormatError(std::string(error.what()) +
                                                  "; --salvage reads what is there");
      }
    }
    trace_.span += decoder.end() - decoder.begin();
    trace_.lost += std::min(decoder.lost(), ~std::uint64_t{0} - trace_.lost);
  }

  void add_call(const memoscape::detail::TraceDecoder::Call& call, std::uint32_t function,
                std::size_t offset) {
    const std::uint32_t object = number_(call.key);
    if (object == trace_.function_of.size()) trace_.function_of.push_back(function);
    if (!call.label.empty()) {
      trace_.labels.resize(trace_.objects);
      trace_.labels[object] = call.label;
    }
    requests_.add({.object = object,
                   .times = call.times,
                   .bytes = std::max(call.bytes, std::uint64_t{1}),
                   .cost = call.cost},
                  ": byte " + std::to_string(offset));
  }

  std::uint32_t function_number(const std::string& name) {
    const auto fresh = static_cast<std::uint32_t>(trace_.functions.size());
    const auto [place, is_new] = function_numbers_.try_emplace(name, fresh);
    if (is_new) trace_.functions.push_back(name);
    return place->second;
  }

  Trace trace_;
  Numbers<std::uint64_t> number_{trace_};
  Requests requests_{trace_};
  std::unordered_map<std::string, std::uint32_t> function_numbers_;
};

}  // namespace

Trace parse_memoscape(const std::string& name, std::string_view bytes, const ReadOptions& options) {
  EngineTrace trace(name);
  trace.add(name, bytes, options);
  return trace.finish();
}

Trace read_trace(const std::string& file, const ReadOptions& options) {
  std::string bytes = read_file(file, memoscape::detail::kTraceMagic.size());
  const Format format = options.format                       ? *options.format
                        : memoscape::detail::is_trace(bytes) ? Format::memoscape
                                                             : format_of(file);
  const bool part = format == Format::oracle && options.most < kNever / kRecord;
  bytes = read_file(file, part ? options.most * kRecord : kNever);
  switch (format) {
    case Format::memoscape:
      return parse_memoscape(file, bytes, options);
    case Format::csv:
      return parse_csv(file, bytes, options.most);
    case Format::oracle:
      break;
  }
  return parse_oracle(file, bytes, options.cost, options.most);
}

Trace read_traces(std::span<const std::string> files, const ReadOptions& options) {
  if (files.size() == 1) return read_trace(files[0], options);
  EngineTrace trace(files.empty() ? std::string() : files.back());
  for (const std::string& file : files) trace.add(file, read_file(file, kNever), options);
  return trace.finish();
}

}  // namespace simulation

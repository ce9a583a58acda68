// Traces (R4): what an engine records is what was called, in bounded files, and bad files are
// refused in one line.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/simulation/simulate.hpp"
#include "engine/trace_format.hpp"
#include "engine/tracer.hpp"
#include "tests/harness.hpp"

namespace memoscape::testing {
namespace {

using namespace std::chrono_literals;
using detail::TracedCall;
using detail::TraceDecoder;
using detail::TraceEncoder;
using simulation::Trace;

// A folder of its own for each test.
class Folder {
 public:
  Folder() : path_(::testing::TempDir() + "memoscape-trace-" + std::to_string(getpid())) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(std::string_view name) const { return path_ + '/' + std::string(name); }
  std::size_t files() const {
    const std::filesystem::directory_iterator all(path_);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

 private:
  std::string path_;
};

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string trace_of(const std::vector<TracedCall>& calls) {
  TraceEncoder encoder;
  std::string block;
  TraceEncoder::begin_block(0us, 0, block);
  for (const TracedCall& call : calls) encoder.call(call, "f", {}, block);
  return std::string(detail::kTraceHeader) + detail::trace_frame(block) + block;
}

TEST(Trace, IsReadAsItWasWritten) {
  std::vector<TracedCall> calls;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    calls.push_back({.key = i * i % 6'000 * 0x9e3779b97f4a7c15u,
                     .function = i % 3,
                     .bytes = i % 700 == 0 ? std::uint64_t{1} << 40 : i % 5,
                     .cost = std::chrono::nanoseconds(i % 11 * 1'000'000),
                     .times = i % 7 == 0 ? 300U : 1U});
  }
  const std::string file = trace_of(calls);
  TraceDecoder decoder(file);
  TraceDecoder::Call call;
  std::map<std::uint64_t, std::uint32_t> number_of;  // of a function
  for (const TracedCall& wrote : calls) {
    ASSERT_TRUE(decoder.next(call));
    EXPECT_EQ(call.key, wrote.key);
    EXPECT_EQ(call.bytes, wrote.bytes);
    EXPECT_EQ(call.cost, wrote.cost);
    EXPECT_EQ(call.times, wrote.times);
    EXPECT_EQ(number_of.try_emplace(wrote.function, call.function).first->second, call.function);
  }
  EXPECT_FALSE(decoder.next(call));
  EXPECT_EQ(number_of.size(), 3U);
}

TEST(Trace, TakesTwoBytesForACallOfWhatWasCalledLately) {
  std::vector<TracedCall> calls(1'000, {.key = 5, .bytes = 1'000, .cost = 3ms});
  EXPECT_LT(trace_of(calls).size(), 1'000 * 2 + 64U);
}

TEST(Trace, OfAnEngineHasEachCallOnceAndNoTextOfArguments) {
  const Folder folder;
  World w;
  auto f = w.engine.cache_data("f",
                               [&w](ms::Run& run, const std::string& name) {
                                 w.clock.advance(10ms);
                                 return name + std::to_string(ms::slider(run, name, 0, 9, 5));
                               },
                               {.allow_widgets = true});
  const auto script = [&](ms::Run& run) {
    f(run, "confidential");
    f(run, "secret");
  };
  w.run(script);
  w.engine.record(folder.file("t"));
  EXPECT_EQ(w.engine.trace_status().path, folder.file("t"));
  for (int i = 0; i < 10; ++i) w.run(script);  // 20 hits, by shortcuts
  w.session().set("secret", 6);
  w.run(script);  // a hit and a miss
  const ms::TraceStatus status = w.engine.stop_recording();
  EXPECT_EQ(status.error, "");
  EXPECT_EQ(status.lost, 0U);
  EXPECT_EQ(status.calls, 22U);
  w.run(script);  // not recorded any more
  EXPECT_EQ(w.engine.stop_recording().path, "");
  EXPECT_EQ(w.engine.trace_status().path, "");

  const Trace trace = simulation::read_trace(folder.file("t"), {});
  EXPECT_EQ(trace.calls(), 22U);
  EXPECT_EQ(trace.objects, 3U);
  EXPECT_EQ(trace.functions, std::vector<std::string>{"f"});
  for (const simulation::Request& request : trace.requests) EXPECT_EQ(request.cost, 10ms);
  EXPECT_TRUE(trace.labels.empty());
  const std::string bytes = bytes_of(folder.file("t"));
  EXPECT_EQ(bytes.size(), status.bytes + detail::kTraceHeader.size());
  EXPECT_FALSE(contains(bytes, "confidential"));
  EXPECT_FALSE(contains(bytes, "secret"));
}

// What shortcuts answer is told in time, not only when somebody asks or the run ends.
TEST(Trace, LearnsOfHitsByShortcutsWhileTheyAreMade) {
  const Folder folder;
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  w.engine.record(folder.file("t"));
  for (int i = 0; i < 3; ++i) w.run([&](ms::Run& run) { f(run, 1); });
  w.run([&](ms::Run& run) {
    for (int i = 0; i < 3'000; ++i) f(run, 1);
    EXPECT_GE(w.engine.trace_status().calls, 2'000U);
  });
  EXPECT_EQ(w.engine.stop_recording().calls, 3'003U);
}

// Without more calls, and without being asked: what an application that crashes has recorded.
TEST(Trace, IsWrittenSoon) {
  const Folder folder;
  World w;
  auto f = w.engine.cache_data("f", [](int n) { return n; });
  w.engine.record(folder.file("t"));
  std::uint64_t written = 0;
  for (const int n : {1, 2}) {  // when the second comes, the writer waits for it
    w.run([&](ms::Run& run) { f(run, n); });
    while (w.engine.trace_status().bytes == written) std::this_thread::yield();
    written = w.engine.trace_status().bytes;
  }
  EXPECT_EQ(simulation::read_trace(folder.file("t"), {}).calls(), 2U);
}

TEST(Trace, KeepsNothingOfWhatIsWritten) {
  const Folder folder;
  ms::ManualClock clock;
  detail::Tracer tracer(folder.file("t"), {}, clock);
  const std::size_t before = tracer.heap_bytes();
  for (std::uint64_t i = 0; i < 30'000; ++i) {
    tracer.note({.key = i * 0x9e3779b97f4a7c15u, .bytes = 1'000'000, .cost = 3ms}, "f",
                [] { return std::string(); });
  }
  while (tracer.status().bytes < 400'000) std::this_thread::yield();
  EXPECT_LT(tracer.heap_bytes(), before + 200'000);
  tracer.finish();
  EXPECT_EQ(tracer.status().calls, 30'000U);
  EXPECT_EQ(tracer.status().lost, 0U);
}

// A value, and a picture on the page, that are one for several count in parts.
TEST(Trace, HasTheBytesThatAnEvictionWouldGain) {
  const Folder folder;
  World w;
  auto f = w.engine.cache_data("f", [](int) { return std::string(100'000, 'x'); });
  auto g = w.engine.cache_data("g", [](ms::Run& run, int n) {
    ms::image(run, ms::Media{"", "image/png", std::string(100'000, 'y')});
    return n;
  });
  w.engine.record(folder.file("t"));
  for (int round = 0; round < 2; ++round) {
    w.run([&](ms::Run& run) {
      for (int n = 0; n < 4; ++n) f(run, n);
      for (int n = 0; n < 4; ++n) g(run, n);
    });
  }
  w.engine.stop_recording();
  const Trace trace = simulation::read_trace(folder.file("t"), {});
  ASSERT_EQ(trace.requests.size(), 16U);
  // It was one's own, then one for two, for three, for four; later each has a quarter of it.
  for (std::size_t i = 0; i < 16; ++i) {
    const double expected = i < 8 ? 100'000.0 / static_cast<double>(i % 4 + 1) : 25'000;
    EXPECT_NEAR(static_cast<double>(trace.requests[i].bytes), expected, 2'000) << i;
  }
}

TEST(Trace, HasReadableLabelsIfAskedToAndNoPassword) {
  const Folder folder;
  World w;
  auto f = w.engine.cache_data("f",
                               [](ms::Run& run, const std::string& name) {
                                 return name + ms::text_input(run, "Word",
                                                              {.type = ms::TextType::password});
                               },
                               {.allow_widgets = true});
  w.engine.record(folder.file("t"), {.labels = true});
  w.session().preset("Word", "hunter2");
  w.run([&](ms::Run& run) { f(run, "Seattle"); });
  const std::string hostile = "<script>\n\x1b[31m\u202e" + std::string(1 << 20, 'x');
  w.run([&](ms::Run& run) { f(run, hostile); });
  EXPECT_EQ(w.engine.stop_recording().error, "");
  const std::string bytes = bytes_of(folder.file("t"));
  EXPECT_FALSE(contains(bytes, "hunter2"));
  const Trace trace = simulation::read_trace(folder.file("t"), {});
  ASSERT_EQ(trace.labels.size(), 2U);
  EXPECT_TRUE(contains(trace.labels[0], "Seattle")) << trace.labels[0];
  EXPECT_TRUE(contains(trace.labels[0], "text_input Word=secret:")) << trace.labels[0];
  for (const std::string& label : trace.labels) {
    EXPECT_LE(label.size(), 210U);
    EXPECT_EQ(label.find_first_of("\n\x1b"), std::string::npos);
  }
}

// Many permutations, so that files become full.
void call_many(World& w, int count) {
  auto f = w.engine.cache_data("many", [](int n) { return n; });
  w.run([&](ms::Run& run) {
    for (int i = 0; i < count; ++i) f(run, i);
  });
  w.engine.remove("many");
}

TEST(Trace, IsBoundedAndItsFilesTakeTurns) {
  const Folder folder;
  World w;
  std::ofstream(folder.file("t")) << "of another time";
  w.engine.record(folder.file("t"), {.max_bytes = ms::kLeastTraceBytes, .files = 3});
  call_many(w, 100'000);
  const ms::TraceStatus status = w.engine.stop_recording();
  EXPECT_EQ(status.error, "");
  EXPECT_EQ(status.calls + status.lost, 100'000U);
  EXPECT_GT(status.bytes, 4 * ms::kLeastTraceBytes);
  EXPECT_EQ(folder.files(), 3U);
  std::vector<std::string> files;
  std::uint64_t calls = 0;
  for (const char* name : {"t.2", "t.1", "t"}) {
    files.push_back(folder.file(name));
    EXPECT_LE(std::filesystem::file_size(files.back()), ms::kLeastTraceBytes);
    calls += simulation::read_trace(files.back(), {}).calls();  // each stands alone
  }
  const Trace all = simulation::read_traces(files, {});
  EXPECT_EQ(all.calls(), calls);
  EXPECT_EQ(all.objects, calls);
  EXPECT_EQ(all.functions.size(), 1U);
}

TEST(Trace, BeginsByKeepingTheFileThatIsThere) {
  const Folder folder;
  World w;
  for (int i = 0; i < 2; ++i) {
    w.engine.record(folder.file("t"), {.files = 2});
    call_many(w, i + 1);
    w.engine.stop_recording();
  }
  EXPECT_EQ(simulation::read_trace(folder.file("t"), {}).calls(), 2U);
  EXPECT_EQ(simulation::read_trace(folder.file("t.1"), {}).calls(), 1U);
}

TEST(Trace, ThatCannotBeginThrowsAndNothingIsRecorded) {
  World w;
  EXPECT_THROW(w.engine.record("/nowhere/t"), std::system_error);
  EXPECT_THROW(w.engine.record("/dev/full"), std::system_error);
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
  EXPECT_TRUE(contains(message_of<ms::UsageError>([&] { w.engine.record(""); }), "record(path)"));
  EXPECT_TRUE(contains(message_of<ms::UsageError>([&] { w.engine.record("t", {.max_bytes = 9}); }),
                       "kLeastTraceBytes"));
  EXPECT_TRUE(contains(message_of<ms::UsageError>([&] { w.engine.record("t", {.files = 0}); }),
                       ".files = 1"));
  EXPECT_EQ(w.engine.trace_status().path, "");
}

// A disk that becomes full: files may not grow beyond a size.
TEST(Trace, OfAFailingDiskEndsWithAReasonAndHarmsNoCall) {
  const Folder folder;
  World w;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 150'000, .rlim_max = before.rlim_max};
  w.engine.record(folder.file("t"));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  call_many(w, 50'000);
  const ms::TraceStatus status = w.engine.stop_recording();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_DFL);
  EXPECT_TRUE(contains(status.error, "the trace ended early: " + folder.file("t"))) << status.error;
  EXPECT_EQ(w.engine.report().totals.counters.misses, 50'000U);
  EXPECT_GT(simulation::read_trace(folder.file("t"), {}).calls(), 0U);  // what was written before
}

TEST(Trace, EndsWithTheEngine) {
  const Folder folder;
  {
    World w;
    w.engine.record(folder.file("t"));
    call_many(w, 100);
  }
  EXPECT_EQ(simulation::read_trace(folder.file("t"), {}).calls(), 100U);
}

TEST(Trace, ThatIsTruncatedForeignOrNewerIsRefusedInOneLine) {
  const auto refused = [](std::string_view bytes) {
    return message_of<simulation::TraceError>([&] { simulation::parse_memoscape("t", bytes); });
  };
  std::vector<TracedCall> calls;
  for (std::uint64_t i = 0; i < 50; ++i) calls.push_back({.key = i + 1, .bytes = 10, .cost = 1ms});
  const std::string good = trace_of(calls);
  EXPECT_EQ(simulation::parse_memoscape("t", good).calls(), 50U);
  EXPECT_EQ(refused(""), "t: is no memoscape trace");
  EXPECT_EQ(refused("{\"schema\":\"memoscape.report\"}"), "t: is no memoscape trace");
  EXPECT_EQ(refused("memoscape.trace "), "t: ends within its first line");
  EXPECT_EQ(refused("memoscape.trace x\n"), "t: is no memoscape trace");
  EXPECT_EQ(refused("memoscape.trace 2\n"),
            "t: is a trace of version 2; this memoscape reads versions up to 1");
  EXPECT_EQ(refused("memoscape.trace 1\n"), "t: has no calls");
  for (std::size_t size = detail::kTraceHeader.size() + 1; size < good.size(); ++size) {
    EXPECT_EQ(refused(std::string_view(good).substr(0, size)),
              "t: ends too early (at byte 18); --salvage reads what is there");
  }
  for (std::size_t at = detail::kTraceHeader.size(); at < good.size(); ++at) {
    std::string damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    EXPECT_TRUE(refused(damaged).starts_with("t: ")) << at;
  }
  const std::string twice = good + good.substr(detail::kTraceHeader.size());
  const Trace salvaged = simulation::parse_memoscape(
      "t", std::string_view(twice).substr(0, twice.size() - 5), {.salvage = true});
  EXPECT_EQ(salvaged.calls(), 50U);
}

// --- by hand ---

void append_number(std::uint64_t number, std::string& out) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  out += static_cast<char>(number);
}
std::string numbers(const std::vector<std::uint64_t>& all) {
  std::string out;
  for (const std::uint64_t one : all) append_number(one, out);
  return out;
}
std::string framed(const std::string& block) { return detail::trace_frame(block) + block; }

// Each has a checksum that is right: what a writer with a mistake, or an enemy, would write.
TEST(Trace, WhoseRecordsMakeNoSenseIsRefused) {
  const std::string begin = numbers({0, 0});
  const std::string function = numbers({3, 1}) + "f";
  const std::string key(8, 'k');
  const std::uint64_t most = ~std::uint64_t{0};
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"\x80", "a time is cut off"},
      {numbers({std::uint64_t{1} << 53}), "a time is too large"},
      {std::string(9, '\xff') + '\x02', "a time is too large"},
      {std::string(11, '\xff'), "a time is too large"},
      {numbers({0}), "a number of lost calls is cut off"},
      {begin + numbers({1 << 2 | 3}), "an unknown record"},
      {begin + numbers({3, 5'000}), "a name is too large"},
      {begin + numbers({3, 5}) + "abc", "a name is cut off"},
      {begin + numbers({3, 1}) + "\xff", "a name is no UTF-8"},
      {begin + numbers({2}) + key, "a function without a name"},
      {begin + function + numbers({2}) + "short", "a key is cut off"},
      {begin + function + numbers({2}) + key + numbers({most}), "a number of bytes is too large"},
      {begin + function + numbers({2}) + key + numbers({1, most}), "a cost is too large"},
      {begin + function + numbers({2}) + key + numbers({1, 1, most}),
       "a number of calls is too large"},
      {begin + function + numbers({2}) + key + numbers({1, 1, 0}), "a call that was made no times"},
      {begin + function + numbers({1 << 2 | 2}) + key + numbers({1, 1, 1, 9}) + "abc",
       "a label is cut off"},
      {begin + numbers({5 << 2}), "a call of what was not called before"},
      {begin + numbers({std::uint64_t{1} << 40}), "a call of what was not called before"}};
  for (const auto& [block, message] : cases) {
    const std::string file = std::string(detail::kTraceHeader) + framed(block);
    const std::string why =
        message_of<simulation::TraceError>([&] { simulation::parse_memoscape("t", file); });
    EXPECT_TRUE(contains(why, "t: is damaged: " + message)) << why << "; expected: " << message;
  }
  for (const std::string& size : {std::string(4, '\0'), std::string(4, '\xff')}) {
    const std::string file = std::string(detail::kTraceHeader) + size + "1234 and so on";
    EXPECT_TRUE(contains(
        message_of<simulation::TraceError>([&] { simulation::parse_memoscape("t", file); }),
        "a block of impossible size"));
  }
}

TEST(Trace, CountsLostCallsOfAllBlocksAndNeverBeyondANumber) {
  const std::string call = numbers({3, 1}) + "f" + numbers({2}) + "8 bytes." + numbers({1, 1, 1});
  const auto lost = [&](std::uint64_t first, std::uint64_t second) {
    return simulation::parse_memoscape("t", std::string(detail::kTraceHeader) +
                                                framed(numbers({5, first}) + call) +
                                                framed(numbers({9, second})))
        .lost;
  };
  EXPECT_EQ(lost(3, 4), 7U);
  EXPECT_EQ(lost(~std::uint64_t{0}, 4), ~std::uint64_t{0});
}

TEST(Trace, TellsWhereItIsDamaged) {
  const std::string known = numbers({0, 0, 3, 1}) + "f" + numbers({1 << 2 | 2}) + "8 bytes." +
                            numbers({300, 1, 1, 5}) + "label" + numbers({1 << 2 | 3});
  const std::string file = std::string(detail::kTraceHeader) + framed(known);
  const std::string why =
      message_of<simulation::TraceError>([&] { simulation::parse_memoscape("t", file); });
  EXPECT_EQ(why, "t: is damaged: an unknown record (at byte " + std::to_string(file.size()) + ")");
}

TEST(Trace, SpansTheTimeFromItsFirstBlockToItsLast) {
  const std::string call = numbers({3, 1}) + "f" + numbers({2}) + "8 bytes." + numbers({1, 1, 1});
  const std::string file = std::string(detail::kTraceHeader) + framed(numbers({5, 0}) + call) +
                           framed(numbers({9, 0})) + framed(numbers({8, 0}));
  EXPECT_EQ(simulation::parse_memoscape("t", file).span, 4us);
}

TEST(Trace, CutsNamesAtACharacter) {
  std::string name = "x";
  for (int i = 0; i < 3'000; ++i) name += "\xC3\xA9";
  TraceEncoder encoder;
  std::string block;
  TraceEncoder::begin_block(0us, 0, block);
  encoder.call({.key = 1}, name, {}, block);
  const std::string file = std::string(detail::kTraceHeader) + framed(block);
  TraceDecoder decoder(file);
  TraceDecoder::Call call;
  ASSERT_TRUE(decoder.next(call));
  EXPECT_EQ(decoder.functions(), std::vector<std::string>{name.substr(0, 4'095)});
}

// A pipe that nobody reads: the writer waits, and what is to be written stays bounded.
TEST(Trace, LosesCallsWhenTheDiskIsTooSlowAndSaysHowMany) {
  const Folder folder;
  const std::string path = folder.file("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  ms::ManualClock clock;
  detail::Tracer tracer(path, {}, clock);
  const auto note = [&](std::uint64_t i) {
    tracer.note({.key = i * 0x9e3779b97f4a7c15u, .bytes = 1'000'000, .cost = 3ms}, "f",
                [] { return std::string(); });
  };
  std::uint64_t calls = 0;
  while (tracer.status().lost < 1'000) note(calls++);
  EXPECT_LT(tracer.heap_bytes(), 5'000'000U);
  const std::uint64_t before = tracer.status().bytes;  // of what waits, nothing is written yet
  std::string bytes;
  std::thread draining([&] {
    fcntl(reader, F_SETFL, 0);
    char buffer[4'096];
    for (ssize_t got = 1; got > 0;) {
      got = read(reader, buffer, sizeof buffer);
      if (got > 0) bytes.append(buffer, static_cast<std::size_t>(got));
    }
  });
  while (tracer.status().bytes < before + 4'000'000) std::this_thread::yield();
  note(calls++);  // its block tells how many were lost
  tracer.finish();
  draining.join();
  close(reader);
  const ms::TraceStatus status = tracer.status();
  EXPECT_EQ(status.calls + status.lost, calls);
  const Trace trace = simulation::parse_memoscape("t", bytes);
  EXPECT_EQ(trace.calls(), status.calls);
  EXPECT_EQ(trace.lost, status.lost);
}

}  // namespace
}  // namespace memoscape::testing

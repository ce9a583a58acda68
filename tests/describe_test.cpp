// What describe() makes of encodings, and of other bytes.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "anything.hpp"
#include "memoscape/encode.hpp"

namespace memoscape::testing {
namespace {

namespace ms = memoscape;

TEST(Describe, ShowsValuesInReadableForm) {
  ms::Encoder encoder;
  encoder.add("SEA", 15, -2, 0.1, 0.1f, true, std::optional<int>());
  EXPECT_EQ(ms::describe(encoder.view()), R"("SEA", 15, -2, 0.1, 0.1, true, none)");
  EXPECT_EQ(
      ms::describe(ms::encoded(std::map<std::string, std::vector<int>>{{"a", {1, 2}}, {"b", {}}})),
      R"({"a": [1, 2], "b": []})");
  EXPECT_EQ(ms::describe(ms::encoded(std::tuple(1, "x", std::variant<int, bool>(true)))),
            R"((1, "x", true))");
  EXPECT_EQ(ms::describe(ms::encoded(std::filesystem::path("data/rain.csv"))),
            R"("data/rain.csv")");
  EXPECT_EQ(ms::describe(ms::encoded(std::tuple(0.5L, 7))), "(0.5, 7)");
  EXPECT_EQ(ms::describe(""), "");
}

TEST(Describe, ShowsTimesAndDates) {
  using namespace std::chrono;
  EXPECT_EQ(ms::describe(ms::encoded(10min)), "10min");
  EXPECT_EQ(ms::describe(ms::encoded(-250ms)), "-250ms");
  EXPECT_EQ(ms::describe(ms::encoded(duration<double>(1.5))), "1.5s");
  EXPECT_EQ(ms::describe(ms::encoded(duration<int, std::ratio<1, 3>>(2))), "2 x 1/3 s");
  EXPECT_EQ(ms::describe(ms::encoded(2024y / January / 31)), "2024-01-31");
  EXPECT_EQ(ms::describe(ms::encoded(sys_days(2024y / January / 31))), "2024-01-31");
  EXPECT_EQ(ms::describe(ms::encoded(sys_days(1969y / December / 31) + 12h + 5ms)),
            "1969-12-31 12:00:00.005");
  EXPECT_EQ(ms::describe(ms::encoded(steady_clock::time_point(3ns))), "epoch + 3ns");
  EXPECT_NE(ms::encoded(1s), ms::encoded(1ms));
}

TEST(Describe, EscapesWhatCouldForgeAReport) {
  EXPECT_EQ(ms::describe(ms::encoded("a\"b\\c\n\t\r\x1b[2J\x7f")), R"("a\"b\\c\n\t\r\x1b[2J\x7f")");
  EXPECT_EQ(ms::describe(ms::encoded("\xc3\xa9 \xf0\x9f\x8c\xa7")),
            "\"\xc3\xa9 \xf0\x9f\x8c\xa7\"");
  EXPECT_EQ(ms::describe(ms::encoded("\xff\xc3(\xed\xa0\x80\xc0\xaf")),
            R"("\xff\xc3(\xed\xa0\x80\xc0\xaf")");
  EXPECT_EQ(ms::describe(ms::encoded("\xe2\x80\xae\xc2\x9b")), R"("\xe2\x80\xae\xc2\x9b")");
}

TEST(Describe, CutsAtACharacter) {
  const std::string key = ms::encoded("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9");  // 10 bytes with quotes
  EXPECT_EQ(ms::describe(key, 10), "\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"");
  EXPECT_EQ(ms::describe(key, 9), "\"\xc3\xa9\xc3\xa9...");
  EXPECT_EQ(ms::describe(key, 8), "\"\xc3\xa9\xc3\xa9...");
  EXPECT_EQ(ms::describe(key, 2), "..");
  EXPECT_EQ(ms::describe(key, 0), "");
}

TEST(Describe, TellsMalformedBytes) {
  EXPECT_EQ(ms::describe(std::string_view("\0", 1)), "malformed");
  EXPECT_EQ(ms::describe("\xff"), "malformed");
  EXPECT_EQ(ms::describe("\x04"), "malformed");
  EXPECT_EQ(ms::describe(std::string_view("\x04\x80\x00", 3)), "malformed");  // not the shortest
  EXPECT_EQ(ms::describe("\x09\x7f"), "malformed");
  EXPECT_EQ(ms::describe(ms::encoded(1) + "\x0d"), "malformed");
}

TEST(Describe, SurvivesArbitraryBytes) {
  Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % (i % 2 == 0 ? 24 : 256));
    ASSERT_LE(ms::describe(bytes, 50).size(), 50u);
  }
  for (char tag = 1; tag < 24; ++tag) {
    ASSERT_LE(ms::describe(std::string(1'000'000, tag), 50).size(), 50u);
    ASSERT_LE(ms::describe(std::string(1'000'000, tag), 1'000'000).size(), 1'000'000u);
  }
}

TEST(Describe, SurvivesEveryCutAndEveryFlippedBitOfAnEncoding) {
  Random random(4);
  std::vector<Anything> values(20);
  for (Anything& value : values) value = random_thing(random);
  const std::string key = ms::encoded(values);
  for (std::size_t i = 0; i < key.size(); ++i) {
    ASSERT_LE(ms::describe(std::string_view(key).substr(0, i), 1'000).size(), 1'000u);
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = key;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      ASSERT_LE(ms::describe(flipped, 1'000).size(), 1'000u);
    }
  }
}

}  // namespace
}  // namespace memoscape::testing

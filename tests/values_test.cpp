// Values of widgets and session state: each kind keeps its content, has its own encoding, and is
// told from the others.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/harness.hpp"

namespace memoscape::testing {
namespace {

struct Point {
  int x = 0;
  int y = 0;
};

ms::MediaPtr media(const char* name, const char* type, std::string bytes) {
  return std::make_shared<const ms::Media>(ms::Media{name, type, std::move(bytes)});
}

// One of each kind, twice where two of a kind may differ; all are different.
std::vector<ms::Value> all_values() {
  return {ms::Value(),
          true,
          false,
          1,
          0,
          1.0,
          -0.0,
          0.0,
          "",
          "a text that is longer than what a string holds in itself",
          ms::Value::List{},
          ms::Value::List{1, "two"},
          media("a.png", "image/png", "bytes"),
          media("a.png", "image/jpeg", "bytes"),
          media("b.png", "image/png", "bytes"),
          media("a.png", "image/png", "others"),
          ms::MediaPtr(),
          ms::Value::boxed(Point{1, 2}),
          ms::Value::boxed(Point{2, 1})};
}

std::string encoding_of(const ms::Value& value) {
  ms::Encoder encoder;
  encode(encoder, value);
  return std::string(encoder.view());
}

TEST(Value, OfOtherKindOrContentIsAnother) {
  const std::vector<ms::Value> values = all_values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = 0; j < values.size(); ++j) {
      SCOPED_TRACE(to_text(values[i]) + " and " + to_text(values[j]));
      EXPECT_EQ(values[i] == values[j], i == j);
    }
  }
  EXPECT_TRUE(ms::Value(std::nan("")) == ms::Value(std::nan("")));
  EXPECT_TRUE(ms::Value::boxed(Point{1, 2}) == ms::Value::boxed(Point{1, 2}));
  EXPECT_FALSE(ms::Value::boxed(std::tuple(1, 2)) == ms::Value::boxed(Point{1, 2}));
  EXPECT_TRUE(ms::Value(media("n", "t", "b")) == ms::Value(media("n", "t", "b")));
}

TEST(Value, HasAnEncodingOfItsOwn) {
  const std::vector<ms::Value> values = all_values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      // Nothing, and media that there are none of, are both nothing.
      const bool both_none = to_text(values[i]) == "none" && to_text(values[j]) == "none";
      EXPECT_EQ(encoding_of(values[i]) == encoding_of(values[j]), both_none)
          << to_text(values[i]) << " and " << to_text(values[j]);
    }
  }
  EXPECT_EQ(encoding_of(7), ms::encoded(7));
  EXPECT_EQ(encoding_of("text"), ms::encoded(std::string("text")));
  EXPECT_EQ(encoding_of(ms::Value::boxed(Point{1, 2})), ms::encoded(Point{1, 2}));
}

TEST(Value, IsCopiedAndMovedWithItsContent) {
  for (const ms::Value& value : all_values()) {
    SCOPED_TRACE(to_text(value));
    ms::Value copy = value;
    EXPECT_TRUE(copy == value);
    ms::Value moved = std::move(copy);
    EXPECT_TRUE(moved == value);
    for (const ms::Value& before : all_values()) {
      ms::Value assigned = before;
      assigned = value;
      EXPECT_TRUE(assigned == value);
      ms::Value target = before;
      target = std::move(assigned);
      EXPECT_TRUE(target == value);
      ms::Value& itself = target;
      target = std::move(itself);
      EXPECT_TRUE(target == value);
      target = itself;
      EXPECT_TRUE(target == value);
    }
  }
}

TEST(Value, SaysItsKindForMessages) {
  std::string kinds;
  for (const ms::Value& value : all_values()) {
    if (!kinds.ends_with(value.kind()))
      kinds += std::string(kinds.empty() ? "" : ", ") + value.kind();
  }
  EXPECT_EQ(kinds, "nothing, a bool, an integer, a number, text, a list, media, an object");
}

TEST(Value, IsReadableInOneLine) {
  EXPECT_EQ(to_text(ms::Value()), "none");
  EXPECT_EQ(to_text(ms::Value(true)), "yes");
  EXPECT_EQ(to_text(ms::Value(false)), "no");
  EXPECT_EQ(to_text(ms::Value(-7)), "-7");
  EXPECT_EQ(to_text(ms::Value(0.1)), "0.1");
  EXPECT_EQ(to_text(ms::Value("word")), "word");
  EXPECT_EQ(to_text(ms::Value(ms::Value::List{1, "two", false})), "1, two, no");
  EXPECT_EQ(to_text(ms::Value(media("a.png", "image/png", "12345"))), "a.png (5 B)");
  EXPECT_EQ(to_text(ms::Value(media("", "image/png", "12345"))), "image/png (5 B)");
  EXPECT_EQ(to_text(ms::Value(ms::MediaPtr())), "none");
  EXPECT_EQ(to_text(ms::Value::boxed(Point{1, 2})), ms::describe(ms::encoded(Point{1, 2})));
}

// As List{List{...}} is not for every compiler.
TEST(Value, ListsOneListAsOneItem) {
  using List = ms::Value::List;
  const ms::Value nested = ms::Value::list(ms::Value::list("delete", 3));
  ASSERT_EQ(nested.get_if<List>()->size(), 1U);
  EXPECT_TRUE(nested.get_if<List>()->front() == ms::Value(List{"delete", 3}));
  EXPECT_TRUE(ms::Value::list(List{"delete", 3}) == nested);
  EXPECT_TRUE(ms::Value::list(1, "two", false) == ms::Value(List{1, "two", false}));
  EXPECT_TRUE(ms::Value::list() == ms::Value(List{}));
}

TEST(Value, IsNullForANullPointer) {
  const char* const absent = nullptr;  // what getenv gives
  EXPECT_TRUE(ms::Value(absent).is_null());
  EXPECT_TRUE(ms::Value(nullptr).is_null());
  EXPECT_EQ(to_text(ms::Value::list(absent, "b")), "none, b");
}

TEST(Value, IsNeverNegativeForAnUnsignedInteger) {
  constexpr std::uint64_t kGreatest = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(to_text(ms::Value(kGreatest >> 1)), "9223372036854775807");
  EXPECT_EQ(to_text(ms::Value((kGreatest >> 1) + 1)), "9223372036854775808");
  EXPECT_STREQ(ms::Value(kGreatest).kind(), "a number");
  EXPECT_EQ(ms::ValueOf<std::uint64_t>::from(ms::ValueOf<std::uint64_t>::to(kGreatest)), kGreatest);
}

TEST(Value, CountsWhatItOwns) {
  const std::string large(1'000, 'x');
  EXPECT_EQ(ms::Value(1).heap_bytes(), 0U);
  EXPECT_EQ(ms::Value("short").heap_bytes(), 0U);
  EXPECT_EQ(ms::Value(ms::MediaPtr()).heap_bytes(), 0U);
  EXPECT_GT(ms::Value(large).heap_bytes(), 1'000U);
  EXPECT_GT(ms::Value(media("n", "t", large)).heap_bytes(), 1'000U);
  EXPECT_GT(ms::Value::boxed(std::vector<std::string>{large}).heap_bytes(), 1'000U);
  const std::size_t empty_items = ms::Value(ms::Value::List{"", ""}).heap_bytes();
  EXPECT_GE(empty_items, 2 * sizeof(ms::Value));
  EXPECT_GT(ms::Value(ms::Value::List{large, large}).heap_bytes(), empty_items + 2'000);
  const ms::Attributes attributes = {{"a", large}};
  EXPECT_GT(attributes.heap_bytes(), 1'000 + sizeof(ms::Attribute));
}

TEST(Attributes, OfOtherNamesHaveAnotherEncoding) {
  const auto bytes_of = [](const char* name) {
    ms::Encoder encoder;
    encode(encoder, ms::Attributes{{name, 1}});
    return std::string(encoder.view());
  };
  EXPECT_NE(bytes_of("min"), bytes_of("max"));
  EXPECT_EQ(bytes_of("min"), bytes_of("min"));
}

TEST(Attributes, AreFoundAndReplacedByName) {
  ms::Attributes attributes;
  EXPECT_TRUE(attributes.empty());
  EXPECT_TRUE(attributes["low"].is_null());
  attributes.set("low", 1);
  attributes.set("high", 2);
  attributes.set("low", 3);
  EXPECT_TRUE(attributes["low"] == ms::Value(3));
  EXPECT_TRUE(attributes["high"] == ms::Value(2));
  EXPECT_TRUE(attributes == ms::Attributes({{"low", 3}, {"high", 2}}));
  EXPECT_FALSE(attributes == ms::Attributes({{"low", 3}}));
  EXPECT_FALSE(attributes == ms::Attributes({{"low", 3}, {"top", 2}}));
  EXPECT_FALSE(attributes == ms::Attributes({{"low", 3}, {"high", 9}}));
}

TEST(ValueOf, MakesTextOfItsOwnOfBorrowedText) {
  ms::Engine engine;
  ms::Session session(engine);
  char buffer[] = "Ann";
  char* const pointer = buffer;  // as getenv gives one
  session.set_state("pointer", pointer);
  session.set_state("view", std::string_view(buffer));
  buffer[0] = 'B';
  EXPECT_EQ(session.state<std::string>("pointer"), "Ann");
  EXPECT_EQ(session.state("view", "nobody"), "Ann");
  const ms::Page page = session.run([&](ms::Run& run) {
    run.set_state("run", pointer);
    ms::write(run, run.state("run", std::string_view("nobody")), run.state("none", pointer));
  });
  EXPECT_EQ(to_text(page), "Bnn\nBnn\n");
}

TEST(ValueOf, ConvertsWhatFitsAndNothingElse) {
  EXPECT_EQ(ms::ValueOf<int>::from(7), 7);
  EXPECT_EQ(ms::ValueOf<int>::from(std::int64_t{1} << 40), std::nullopt);
  EXPECT_EQ(ms::ValueOf<unsigned>::from(-1), std::nullopt);
  EXPECT_EQ(ms::ValueOf<int>::from(7.0), std::nullopt);
  EXPECT_EQ(ms::ValueOf<bool>::from(true), true);
  EXPECT_EQ(ms::ValueOf<bool>::from(1), std::nullopt);
  EXPECT_EQ(ms::ValueOf<double>::from(0.5), 0.5);
  EXPECT_EQ(ms::ValueOf<double>::from(1), std::nullopt);
  EXPECT_EQ(ms::ValueOf<std::string>::from("a"), "a");
  EXPECT_EQ(ms::ValueOf<std::string>::from(1), std::nullopt);
  using Numbers = std::vector<int>;
  EXPECT_EQ(ms::ValueOf<Numbers>::from(ms::ValueOf<Numbers>::to({1, 2})), Numbers({1, 2}));
  EXPECT_EQ(ms::ValueOf<Numbers>::from(ms::Value::List{1, "two"}), std::nullopt);
  EXPECT_EQ(ms::ValueOf<Numbers>::from(1), std::nullopt);
  const auto point = ms::ValueOf<Point>::from(ms::ValueOf<Point>::to({1, 2}));
  EXPECT_TRUE(point.has_value() && point->x == 1 && point->y == 2);
  EXPECT_FALSE(ms::ValueOf<Point>::from(ms::Value::boxed(std::string("text"))).has_value());
}

}  // namespace
}  // namespace memoscape::testing

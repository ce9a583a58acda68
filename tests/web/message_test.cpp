// What a browser may say, and who may say it.
#include "widgets/web/message.hpp"

#include "tests/harness.hpp"
#include "widgets/web/guard.hpp"

namespace memoscape::testing {

using namespace std::chrono_literals;

namespace {

std::string refusal(std::string_view text, std::size_t max_bytes = 1000) {
  web::Message message;
  return web::parse_message(text, max_bytes, message);
}

}  // namespace

TEST(WebMessage, ReadsWhatABrowserSays) {
  web::Message message;
  ASSERT_EQ(web::parse_message(
                R"({"hello": {"session": "abc", "rev": 7, "query": [["city", "Seattle"]]}})", 1000,
                message),
            "");
  const auto& hello = std::get<web::Hello>(message);
  EXPECT_EQ(hello.session, "abc");
  EXPECT_EQ(hello.rev, 7u);
  EXPECT_EQ(hello.query.at(0).second, "Seattle");
  ASSERT_EQ(web::parse_message(R"({"event": {"seq": 5, "set": [[12, [1, 2.5]]], "click": 14}})",
                               1000, message),
            "");
  const auto& event = std::get<web::Event>(message);
  EXPECT_EQ(event.seq, 5u);
  EXPECT_EQ(event.set.at(0).first, 12u);
  EXPECT_EQ(event.set.at(0).second, ms::Value(ms::Value::List{1, 2.5}));
  EXPECT_EQ(event.click, 14u);
  ASSERT_EQ(web::parse_message(R"({"stop": true})", 1000, message), "");
  EXPECT_TRUE(std::holds_alternative<web::Stop>(message));
}

TEST(WebMessage, RefusesEverythingElse) {
  for (const char* text : {
           "",
           "{",
           "[]",
           "null",
           "1",
           "{}",
           "\"hello\"",
           "{\"hello\": 1}",
           "{\"bye\": {}}",
           R"({"stop": false})",
           R"({"stop": true, "event": {}})",
           R"({"hello": {"session": "", "rev": 0}})",
           R"({"hello": {"session": 1, "rev": 0, "query": []}})",
           R"({"hello": {"session": "", "rev": -1, "query": []}})",
           R"({"hello": {"session": "", "rev": 0, "query": [["a"]]}})",
           R"({"hello": {"session": "", "rev": 0, "query": [["a", 1]]}})",
           R"({"hello": {"session": "", "rev": 0, "query": [], "more": 1}})",
           R"({"event": {}})",
           R"({"event": {"seq": 1.5}})",
           R"({"event": {"seq": "1"}})",
           R"({"event": {"seq": 1, "set": {}}})",
           R"({"event": {"seq": 1, "set": [1]}})",
           R"({"event": {"seq": 1, "set": [[0, 1]]}})",
           R"({"event": {"seq": 1, "set": [[-1, 1]]}})",
           R"({"event": {"seq": 1, "set": [[4294967296, 1]]}})",
           R"({"event": {"seq": 1, "set": [["a", 1]]}})",
           R"({"event": {"seq": 1, "set": [[1, {"a": 1}]]}})",
           R"({"event": {"seq": 1, "set": [[1, 2, 3]]}})",
           R"({"event": {"seq": 1, "click": null}})",
           R"({"event": {"seq": 1, "click": 0}})",
           R"({"event": {"seq": 1, "seq": 2}})",
           R"({"event": {"seq": 1}} x)",
           R"({"event": {"seq": 99999999999999999999}})",
           "{\"event\": {\"seq\": 1, \"set\": [[1, \"\xff\"]]}}",
           R"({"event": {"seq": 1, "set": [[1, [[[[[[[[1]]]]]]]]]]}})",
       }) {
    EXPECT_NE(refusal(text), "") << text;
  }
  EXPECT_NE(refusal(R"({"event": {"seq": 1}})", 10), "");
  std::string many = R"({"event": {"seq": 1, "set": [[1, 1])";
  for (std::size_t i = 0; i < web::kMostSet; ++i) many += ",[1, 1]";
  EXPECT_NE(refusal(many + "]}}", 100'000), "");
}

TEST(WebGuard, KnowsItsOwnNamesOnly) {
  const std::vector<std::string> names = {"rain.example.org"};
  for (const char* host :
       {"localhost:8501", "127.0.0.1", "[::1]:8501", "Rain.Example.org:80", "192.168.0.7:8501"}) {
    EXPECT_TRUE(web::is_our_host(host, names)) << host;
  }
  for (const char* host : {"", "evil.example", "localhost.evil.example:8501",
                           "1.2.3.4.evil.example", "rain.example.org.evil.example", "[", "[]"}) {
    EXPECT_FALSE(web::is_our_host(host, names)) << host;
  }
}

TEST(WebGuard, LetsInPagesOfItsOwnOriginOnly) {
  const std::vector<std::string> names = {"rain.example.org"};
  const auto is_ours = [&](const char* origin) {
    return web::is_our_origin(origin, "localhost:8501", names);
  };
  EXPECT_TRUE(is_ours("http://localhost:8501"));
  EXPECT_TRUE(is_ours("https://rain.example.org"));
  for (const char* origin : {"", "null", "http://", "http://evil.example", "http://localhost:8502",
                             "http://localhost", "ftp://localhost:8501", "file://"}) {
    EXPECT_FALSE(is_ours(origin)) << origin;
  }
}

TEST(WebGuard, APaceAllowsABurstAndThenSoManyInASecond) {
  const web::Pace::Clock::time_point start;
  web::Pace pace(10, start);
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(pace.allows(start)) << i;
  EXPECT_FALSE(pace.allows(start));
  EXPECT_FALSE(pace.allows(start + 50ms));
  EXPECT_TRUE(pace.allows(start + 150ms));
  EXPECT_FALSE(pace.allows(start + 160ms));
}

}  // namespace memoscape::testing

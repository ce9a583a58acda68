// Saving a session's widget values as text, and restoring them.
#include "harness.hpp"

namespace memoscape::testing {
namespace {

void script(ms::Run& run) {
  ms::slider(run, "Minutes", 0, 180, 15);
  ms::slider(run, "Share", 0, 1, 0.5, {.key = "share"});
  ms::multiselect(run, "Months", {"Jan", "Feb", "\"M\"\n"});
  ms::text_input(run, "Password", {.type = ms::TextType::password});
  ms::button(run, "Go");
  ms::file_uploader(run, "File");
  ms::checkbox(run, "Twice");
  ms::toggle(run, "Twice");
}

constexpr const char* kDefaults =
    R"({"memoscape_session": 1, "widgets": {"Minutes": 15, "Months": [], "share": 0.5}})";

TEST(SavedSession, HasTheWidgetsThatANameTellsApartAndNoSecrets) {
  World w;
  w.run(script);
  EXPECT_EQ(w.session().save(), kDefaults);
  w.session().set("Password", "hunter2");
  w.session().upload("File", {.name = "f", .type = "", .bytes = "x"});
  w.session().set("share", 1);
  w.session().set("Months", ms::Value::List{"\"M\"\n", "Jan"});
  const std::string saved = w.session().save();
  w.run(script);
  EXPECT_EQ(w.session().save(), saved);
  EXPECT_EQ(saved, R"({"memoscape_session": 1, "widgets": {"Minutes": 15, )"
                   R"("Months": ["\"M\"\n", "Jan"], "share": 1.0}})");
}

TEST(SavedSession, ComesBackInAnotherSession) {
  World w;
  w.run(0, script);
  w.session(0).set("Minutes", 60);
  w.session(0).set("Months", ms::Value::List{"Feb"});
  w.run(0, script);
  w.session(1).restore(w.session(0).save());
  EXPECT_EQ(w.session(1).save(), w.session(0).save());
  w.run(1, script);
  EXPECT_EQ(w.session(1).value("Minutes"), ms::Value(60));
  EXPECT_EQ(w.session(1).value("Months"), ms::Value(ms::Value::List{"Feb"}));
  EXPECT_EQ(w.session(1).save(), w.session(0).save());
  EXPECT_EQ(w.session(1).rejected_values(), 0U);
}

TEST(SavedSession, WaitsForAWidgetThatIsNotThereYetAndIsSavedAgain) {
  World w;
  const std::string saved = R"({"memoscape_session": 1, "widgets": {"Late": 7}})";
  w.session().restore(saved);
  w.run([](ms::Run&) {});
  EXPECT_EQ(w.session().save(), saved);
  w.run([](ms::Run& run) { EXPECT_EQ(ms::slider(run, "Late", 0, 9), 7); });
  EXPECT_EQ(w.session().save(), saved);
}

TEST(SavedSession, DoesNotSaveAPresetThatMayBeAPassword) {
  World w;
  w.session().preset("Password", "hunter2");
  EXPECT_FALSE(contains(w.session().save(), "hunter2"));
  w.run([](ms::Run&) {});
  EXPECT_FALSE(contains(w.session().save(), "hunter2"));
  w.run(script);
  EXPECT_FALSE(contains(w.session().save(), "hunter2"));
}

TEST(SavedSession, GivesTheDefaultForAValueThatDoesNotFitItsWidgetAnyMore) {
  World w;
  w.session().restore(
      R"({"memoscape_session": 1, "widgets": {"Minutes": 999, "Months": 3, "share": 1}})");
  w.run(script);
  EXPECT_EQ(w.session().rejected_values(), 2U);
  EXPECT_EQ(w.session().value("Minutes"), ms::Value(15));
  EXPECT_EQ(w.session().value("share"), ms::Value(1.0));
}

TEST(SavedSession, IsReadStrictlyAndSaysWhereItIsWrong) {
  const auto wrap = [](const std::string& value) {
    return "{\"memoscape_session\": 1, \"widgets\": {\"Minutes\": " + value + "}}";
  };
  const std::pair<std::string, std::string> cases[] = {
      {"", "at byte 0: it ends where a value must be"},
      {"[]", "\"memoscape_session\" is not 1"},
      {R"({"memoscape_session": 2, "widgets": {}})", "is not 1"},
      {R"({"memoscape_session": 1})", "\"widgets\" is no object"},
      {R"({"memoscape_session": 1, "widgets": {}, "x": 0})", "\"x\" is not known"},
      {R"({"memoscape_session": 1, "widgets": {"": 0}})", "a widget has no name"},
      {wrap("1") + "x", "behind the end"},
      {wrap("1, \"Minutes\": 2"), "at byte 60: the name \"Minutes\" is there twice"},
      {wrap("{}"), "has an object in it"},
      {wrap("01"), "a number begins with 0"},
      {wrap("1."), "a digit must follow the point"},
      {wrap("1e"), "a digit must be in the exponent"},
      {wrap("1e999"), "a number is out of range"},
      {wrap("9223372036854775808"), "an integer is out of range"},
      {wrap("NaN"), "there is no such value"},
      {wrap("[1,]"), "there is no such value"},
      {wrap("[1 2]"), "a list goes on with , or ends with ]"},
      {wrap("\"a\tb\""), "a control character must be escaped"},
      {wrap("\"\\x\""), "there is no such escape"},
      {wrap("\"\\u12\""), "four hex digits"},
      {wrap("\"\\ud800\""), "half of a surrogate pair"},
      {wrap("\"\\udc00\""), "half of a surrogate pair"},
      {wrap("\"\xff\""), "not valid UTF-8"},
      {wrap("\"open"), "it ends inside a text"},
      {wrap(std::string(100, '[')), "nested deeper than 16"},
      {std::string((4 << 20) + 1, ' '), "at most 4194304 are allowed"},
  };
  World w;
  w.run(script);
  for (const auto& one : cases) {
    const auto& text = one.first;
    const auto& problem = one.second;
    const std::string message =
        message_of<ms::InvalidValueError>([&] { w.session().restore(text); });
    EXPECT_TRUE(contains(message, problem)) << message << "\nfor " << text.substr(0, 100);
    EXPECT_EQ(w.session().save(), kDefaults);
  }
}

TEST(SavedSession, KeepsTextWithEscapesAsItIs) {
  World w;
  const auto area = [](ms::Run& run) { ms::text_area(run, "T"); };
  w.session().restore(
      R"({"memoscape_session": 1, "widgets": {"T": "\u00e4\ud83d\ude00\/\\\b\f\r\t\u0001"}})");
  w.run(area);
  EXPECT_EQ(w.session().value("T"), ms::Value("ä😀/\\\b\f\r\t\x01"));
  w.session(1).restore(w.session().save());
  w.run(1, area);
  EXPECT_EQ(w.session(1).value("T"), w.session().value("T"));
}

}  // namespace
}  // namespace memoscape::testing

// Value types whose own code misbehaves: nothing corrupts, and errors reach the caller.
#include <gtest/gtest.h>

#include <memory>
#include <memoscape/memoscape.hpp>
#include <stdexcept>
#include <string>

namespace ms = memoscape;

namespace hostile {

// Calls back into the engine when it is destroyed.
struct Caller {
  ms::Engine* engine = nullptr;
  int n = 0;

  Caller(ms::Engine* e, int number) : engine(e), n(number) {}
  Caller(Caller&& other) noexcept : engine(std::exchange(other.engine, nullptr)), n(other.n) {}
  Caller& operator=(Caller&&) = delete;
  ~Caller() {
    if (engine == nullptr) return;
    (void)engine->report();
    engine->clear_if([](const ms::PermutationRow& row) { return row.arguments == "7"; });
  }
  std::size_t heap_bytes() const { return 1000; }
};

// The same as the default of a session's entry, which is part of what entries are found by.
struct CallerByDefault {
  ms::Engine* engine = nullptr;

  explicit CallerByDefault(ms::Engine& e) : engine(&e) {}
  CallerByDefault(const CallerByDefault&) = default;
  CallerByDefault& operator=(const CallerByDefault&) = default;
  ~CallerByDefault() { (void)engine->totals(); }
};
void encode(ms::Encoder& encoder, const CallerByDefault&) { encoder.add(1); }

struct ThrowsWhenMeasured {
  std::size_t heap_bytes() const { throw std::runtime_error("cannot be measured"); }
};

struct Huge {
  std::size_t heap_bytes() const { return ~std::size_t{0}; }
};

struct ThrowsWhenEncoded {
  int n = 0;
  std::size_t heap_bytes() const { return 0; }
};
void encode(ms::Encoder& encoder, const ThrowsWhenEncoded& value) {
  if (value.n == 3) throw std::runtime_error("cannot be encoded");
  encoder.add(value.n);
}

}  // namespace hostile

TEST(HostileValues, MayCallTheEngineWhenTheyAreDestroyed) {
  ms::Engine engine({.limits = {.max_entries = 3}});
  const auto f =
      engine.cache_resource("f", [&](ms::Run&, int n) { return hostile::Caller(&engine, n); });
  for (int n = 0; n < 20; ++n) {
    engine.run([&](ms::Run& run) { EXPECT_EQ(f(run, n)->n, n); });
    EXPECT_EQ(engine.check(), "");
  }
  engine.clear();
  EXPECT_EQ(engine.totals().permutations, 0u);
  EXPECT_EQ(engine.check(), "");
}

TEST(HostileValues, MayCallTheEngineWhenTheyAreDestroyedAsDefaults) {
  ms::Engine engine;
  const auto f = engine.cache_data("f", [&](ms::Run& run) {
    const hostile::CallerByDefault fallback(engine);
    for (const char* name : {"a", "b", "c"}) run.state(name, fallback);
    return 1;
  });
  engine.run([&](ms::Run& run) { f(run); });
  EXPECT_EQ(engine.totals().permutations, 1u);
  engine.clear();
  EXPECT_EQ(engine.totals().charged, 0u);
}

// The last to know a function that was removed is a session's shortcut, which is forgotten.
TEST(HostileValues, MayCallTheEngineWhenTheyAreDestroyedWithAFunction) {
  ms::Engine engine;
  ms::Session session(engine);
  std::weak_ptr<hostile::CallerByDefault> watched;
  {
    auto caller = std::make_shared<hostile::CallerByDefault>(engine);
    watched = caller;
    const auto f = engine.cache_resource("f", [] { return 1; },
                                         {.on_release = [caller = std::move(caller)](int&) {}});
    for (int i = 0; i < 3; ++i) session.run([&](ms::Run& run) { f(run); });
  }
  engine.remove("f");
  EXPECT_FALSE(watched.expired());
  session.run([](ms::Run&) {});
  EXPECT_TRUE(watched.expired());
}

TEST(HostileValues, ThatCannotBeMeasuredAreAnErrorOfTheCall) {
  ms::Engine engine;
  const auto f = engine.cache_resource("f", [](ms::Run&) { return hostile::ThrowsWhenMeasured(); });
  for (int i = 0; i < 2; ++i) {
    const ms::Page page = engine.run([&](ms::Run& run) { f(run); });
    EXPECT_EQ(page.error_text(), "cannot be measured");
    EXPECT_EQ(engine.totals().permutations, 0u);
    EXPECT_EQ(engine.check(), "");
  }
  EXPECT_EQ(engine.totals().counters.failed, 2u);
}

TEST(HostileValues, ThatClaimAllMemoryAreReturnedAndNotKept) {
  ms::Engine engine;
  const auto f = engine.cache_resource("f", [](ms::Run&) { return hostile::Huge(); });
  const auto other = engine.cache_data("other", [](ms::Run&) { return 1; });
  engine.run([&](ms::Run& run) {
    other(run);
    f(run);
    f(run);
  });
  EXPECT_EQ(engine.totals().permutations, 1u) << "the other one is untouched";
  EXPECT_EQ(engine.totals().counters.oversize, 2u);
  EXPECT_EQ(engine.check(), "");
}

TEST(HostileValues, WhoseEncoderThrowsFailTheCallAndNothingElse) {
  ms::Engine engine;
  const auto result =
      engine.cache_data("result", [](ms::Run&, int n) { return hostile::ThrowsWhenEncoded{n}; });
  const auto argument =
      engine.cache_data("argument", [](ms::Run&, hostile::ThrowsWhenEncoded a) { return a.n; });
  for (int n = 2; n < 5; ++n) {
    const ms::Page page = engine.run([&](ms::Run& run) { EXPECT_EQ(result(run, n)->n, n); });
    EXPECT_EQ(page.error_text(), n == 3 ? "cannot be encoded" : "");
    const ms::Page other = engine.run(
        [&](ms::Run& run) { EXPECT_EQ(*argument(run, hostile::ThrowsWhenEncoded{n}), n); });
    EXPECT_EQ(other.error_text(), n == 3 ? "cannot be encoded" : "");
    EXPECT_EQ(engine.check(), "");
  }
  EXPECT_EQ(engine.totals().permutations, 4u);
}

// Executions in progress and the store's mutex: an execution begins, reads and hits without it.
#include "engine/flights.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <memoscape/memoscape.hpp>
#include <mutex>
#include <optional>
#include <thread>

#include "core_of.hpp"
#include "harness.hpp"

namespace memoscape::testing {
namespace {

// Somebody holds the mutex of the store until the thread that is in the library has come this far.
class HeldStore {
 public:
  explicit HeldStore(World& w) : lock_(ms::detail::core_of(w.engine)->mutex) {}
  // By the other thread.
  void is_passed() { passed_.count_down(); }
  void release_when_passed() {
    passed_.wait();
    lock_.unlock();
  }

 private:
  std::unique_lock<std::mutex> lock_;
  std::latch passed_{1};
};

TEST(Flights, BeginReadAndHitWhileAnotherThreadHasTheStore) {
  World w;
  HeldStore* held = nullptr;
  auto inner = w.engine.cache_data("inner", [](int n) { return n; });
  auto outer = w.engine.cache_data("outer",
                                   [&](ms::Run& run, int n) {
                                     const int most = ms::slider(run, "Most", 0, 9, 5);
                                     const int sum = *inner(run, 1) + most + n;
                                     if (held != nullptr) held->is_passed();
                                     return sum;
                                   },
                                   {.allow_widgets = true});
  ms::Session& user = w.session();
  user.run([&](ms::Run& run) { outer(run, 1); });  // what is read is known from here on
  HeldStore store(w);
  held = &store;
  int sum = 0;
  std::thread other([&] { user.run([&](ms::Run& run) { sum = *outer(run, 2); }); });
  store.release_when_passed();
  other.join();
  EXPECT_EQ(sum, 8);
  EXPECT_EQ(w.engine.totals().counters.hits, 1U);
}

}  // namespace
}  // namespace memoscape::testing

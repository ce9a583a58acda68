// The mutex of what each miss takes.
#include "engine/mutex.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <vector>

namespace memoscape::testing {
namespace {

using detail::Mutex;

// Holders give way to others, who then wait.
TEST(Mutex, LetsInOneThreadAtATimeAndWakesThoseThatWait) {
  constexpr int kThreads = 4;
  constexpr int kTimes = 4000;
  Mutex mutex;
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kTimes; ++i) {
        const std::scoped_lock lock(mutex);
        const int before = count;
        std::this_thread::yield();
        count = before + 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, kThreads * kTimes);
}

TEST(Mutex, ThatIsTakenIsNotTakenAgain) {
  Mutex mutex;
  bool taken = true;
  const auto try_elsewhere = [&] {
    std::thread([&] {
      taken = mutex.try_lock();
      if (taken) mutex.unlock();
    }).join();
    return taken;
  };
  mutex.lock();
  EXPECT_FALSE(try_elsewhere());
  mutex.unlock();
  EXPECT_TRUE(try_elsewhere());
}

}  // namespace
}  // namespace memoscape::testing

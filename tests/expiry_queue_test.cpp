// The queue of what expires against a std::multiset.
#include "engine/expiry_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "engine/state_space.hpp"

namespace memoscape::testing {
namespace {

namespace ms = memoscape;

using ms::detail::ExpiryQueue;
using ms::detail::Permutation;
using TimePoint = ExpiryQueue::TimePoint;

TimePoint time_at(std::size_t milliseconds) {
  return TimePoint(std::chrono::milliseconds(milliseconds));
}

class QueueModel {
 public:
  void insert(TimePoint time) {
    queue_.reserve_one();
    auto one = std::make_unique<Permutation>();
    queue_.insert(*one, time);
    all_.emplace_back(time, std::move(one));
    times_.insert(time);
  }
  void erase(std::size_t i) {
    const Permutation& one = *all_[i].second;
    queue_.look_ahead(one);
    queue_.erase(one);
    times_.erase(times_.find(all_[i].first));
    all_[i] = std::move(all_.back());
    all_.pop_back();
  }
  void move(std::size_t i, TimePoint time) {
    queue_.move(*all_[i].second, time);
    times_.erase(times_.find(all_[i].first));
    times_.insert(time);
    all_[i].first = time;
  }
  void erase_next() {
    const Permutation& next = queue_.next();
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (all_[i].second.get() == &next) return erase(i);
    }
    FAIL() << "what is next is not there";
  }
  void check() const {
    ASSERT_EQ(queue_.size(), all_.size());
    ASSERT_EQ(queue_.empty(), all_.empty());
    for (const auto& [time, one] : all_) ASSERT_TRUE(queue_.has(*one, time));
    if (!all_.empty()) {
      ASSERT_EQ(queue_.next_time(), *times_.begin());
    }
  }
  std::size_t size() const { return all_.size(); }
  TimePoint time(std::size_t i) const { return all_[i].first; }
  const Permutation& operator[](std::size_t i) const { return *all_[i].second; }
  const ExpiryQueue& queue() const { return queue_; }

 private:
  ExpiryQueue queue_;
  std::vector<std::pair<TimePoint, std::unique_ptr<Permutation>>> all_;
  std::multiset<TimePoint> times_;
};

// What comes with one ttl, with several, and what gets another time; up to several blocks, and down
// to none.
TEST(ExpiryQueue, HasTheEarliestFirstWhateverComesGoesAndMoves) {
  std::mt19937_64 random(1);
  QueueModel model;
  for (std::size_t i = 0; i < 12000; ++i) {
    const bool grows = i % 4000 < 2000;
    const std::size_t what = random() % 8;
    if (model.size() == 0 || (grows ? what < 5 : what < 1)) {
      model.insert(time_at(i + (random() % 3) * 100));
    } else if (what < 6) {
      model.erase(random() % model.size());
    } else {
      model.move(random() % model.size(), time_at(random() % (i + 1)));
    }
    if (i % 50 == 0) model.check();
  }
  while (model.size() > 0) {
    const TimePoint next = model.queue().next_time();
    for (std::size_t i = 0; i < model.size(); ++i) ASSERT_LE(next, model.time(i));
    model.erase_next();
  }
  model.check();
}

TEST(ExpiryQueue, TellsWhatIsInTheWrongPlace) {
  QueueModel model;
  for (std::size_t i = 0; i < 10; ++i) model.insert(time_at(i));
  Permutation stranger;
  EXPECT_FALSE(model.queue().has(stranger, time_at(0)));
  EXPECT_FALSE(model.queue().has(model[3], time_at(2)));
  EXPECT_TRUE(model.queue().has(model[3], time_at(3)));
}

TEST(ExpiryQueue, GivesItsMemoryBack) {
  QueueModel model;
  model.insert(time_at(0));
  const std::size_t few = model.queue().heap_bytes();
  for (std::size_t i = 1; i < 5000; ++i) model.insert(time_at(i));
  EXPECT_GT(model.queue().heap_bytes(), 5000 * ExpiryQueue::kShare);
  EXPECT_LT(model.queue().heap_bytes(), 6000 * ExpiryQueue::kShare);
  while (model.size() > 1) model.erase(0);
  EXPECT_LE(model.queue().heap_bytes(), 2 * few + 512);
  model.check();
}

}  // namespace
}  // namespace memoscape::testing

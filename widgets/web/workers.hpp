// Workers: a few threads that do jobs in the order they come.
//
// Thread-safety: all members may be called from any thread; `stop` by one.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace memoscape::inline v0::web {

class Workers {
 public:
  explicit Workers(unsigned threads);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();

  // A job must not throw. After `stop` it is dropped.
  void post(std::function<void()> job);
  // Waits for the jobs in progress; drops the others.
  void stop();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;  // guarded by mutex_
  bool is_stopped_ = false;                 // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace memoscape::inline v0::web

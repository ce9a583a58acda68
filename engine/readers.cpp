#include "engine/readers.hpp"

#include <new>

#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

std::atomic<Readers::Slot*> Readers::slots_{nullptr};
std::atomic<std::uint64_t> Readers::epoch_{1};
thread_local constinit Readers::Slot* Readers::mine_ = nullptr;

Readers::Slot* Readers::take_slot() noexcept {
  // Gives it back when the thread ends.
  struct Owner {
    ~Owner() {
      if (mine_ != nullptr) mine_->is_taken.store(false, std::memory_order_release);
      mine_ = nullptr;
    }
  };
  static thread_local const Owner owner;
  for (Slot* one = slots_.load(std::memory_order_acquire); one != nullptr; one = one->next) {
    if (one->is_taken.load(std::memory_order_relaxed) || one->is_taken.exchange(true)) continue;
    return mine_ = one;
  }
  mine_ = new (std::nothrow) Slot;
  if (mine_ == nullptr) return nullptr;
  mine_->next = slots_.load(std::memory_order_relaxed);
  while (!slots_.compare_exchange_weak(mine_->next, mine_)) {
  }
  return mine_;
}

bool Readers::is_any_open_since(std::uint64_t epoch) noexcept {
  for (const Slot* one = slots_.load(); one != nullptr; one = one->next) {
    const std::uint64_t opened = one->opened.load();
    if (opened != 0 && opened <= epoch) return true;
  }
  return false;
}

bool Readers::wait_for_open() noexcept {
  constexpr int kTries = 100;  // some microseconds
  const std::uint64_t epoch = end_epoch();
  for (int i = 0; i < kTries; ++i) {
    if (!is_any_open_since(epoch)) return true;
    pause_briefly();
  }
  return false;
}

}  // namespace memoscape::inline v0::detail

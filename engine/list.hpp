// An intrusive doubly linked list: constant-time removal, no allocation, no ownership.
#pragma once

namespace memoscape::inline v0::detail {

template <class T>
struct ListHook {
  T* previous = nullptr;
  T* next = nullptr;
};

template <class T, ListHook<T> T::*Hook>
class List {
 public:
  bool empty() const noexcept { return first_ == nullptr; }
  T* first() const noexcept { return first_; }
  T* last() const noexcept { return last_; }
  static T* next(const T& item) noexcept { return (item.*Hook).next; }

  void for_each(const auto& visit) const {
    for (T* item = first_; item != nullptr; item = next(*item)) visit(*item);
  }

  void push_back(T& item) noexcept {
    ListHook<T>& hook = item.*Hook;
    hook = {.previous = last_, .next = nullptr};
    (last_ == nullptr ? first_ : (last_->*Hook).next) = &item;
    last_ = &item;
  }

  void push_front(T& item) noexcept {
    ListHook<T>& hook = item.*Hook;
    hook = {.previous = nullptr, .next = first_};
    (first_ == nullptr ? last_ : (first_->*Hook).previous) = &item;
    first_ = &item;
  }

  // The first one, removed; null: there was none.
  T* pop_front() noexcept {
    T* item = first_;
    if (item != nullptr) remove(*item);
    return item;
  }

  void remove(T& item) noexcept {
    ListHook<T>& hook = item.*Hook;
    (hook.previous == nullptr ? first_ : (hook.previous->*Hook).next) = hook.next;
    (hook.next == nullptr ? last_ : (hook.next->*Hook).previous) = hook.previous;
    hook = {};
  }

  void move_to_back(T& item) noexcept {
    if (last_ == &item) return;
    remove(item);
    push_back(item);
  }

 private:
  T* first_ = nullptr;
  T* last_ = nullptr;
};

}  // namespace memoscape::inline v0::detail

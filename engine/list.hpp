// Intrusive lists: no allocation, no ownership.
//
// List: doubly linked, constant-time removal. It is one pointer, as many objects have several: the
// first item's `previous` is the last item.
// Queue: singly linked, first in, first out.
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
  T* last() const noexcept { return first_ == nullptr ? nullptr : (first_->*Hook).previous; }
  static T* next(const T& item) noexcept { return (item.*Hook).next; }

  void for_each(const auto& visit) const {
    for (T* item = first_; item != nullptr; item = next(*item)) visit(*item);
  }

  void push_back(T& item) noexcept {
    if (first_ == nullptr) return push_front(item);
    T*& last = (first_->*Hook).previous;
    item.*Hook = {.previous = last, .next = nullptr};
    (last->*Hook).next = &item;
    last = &item;
  }

  void push_front(T& item) noexcept {
    T* const last = first_ == nullptr ? &item : this->last();
    item.*Hook = {.previous = last, .next = first_};
    if (first_ != nullptr) (first_->*Hook).previous = &item;
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
    if (hook.next != nullptr)
      (hook.next->*Hook).previous = hook.previous;
    else
      (first_->*Hook).previous = hook.previous;
    (first_ == &item ? first_ : (hook.previous->*Hook).next) = hook.next;
    hook = {};
  }

  void move_to_back(T& item) noexcept {
    if (last() == &item) return;
    remove(item);
    push_back(item);
  }

 private:
  T* first_ = nullptr;
};

template <class T, T* T::*Next>
class Queue {
 public:
  bool empty() const noexcept { return first_ == nullptr; }
  T* first() const noexcept { return first_; }
  static T* next(const T& item) noexcept { return item.*Next; }

  // Requires: it is in no queue of this hook.
  void push_back(T& item) noexcept {
    item.*Next = nullptr;
    (first_ == nullptr ? first_ : last_->*Next) = &item;
    last_ = &item;
  }

  // The first one, removed; null: there was none.
  T* pop_front() noexcept {
    T* item = first_;
    if (item != nullptr) first_ = item->*Next;
    return item;
  }

 private:
  T* first_ = nullptr;
  T* last_ = nullptr;  // meaningless while it is empty
};

}  // namespace memoscape::inline v0::detail

// Locked: having the store's mutex. Lookup: reading the store without it.
#pragma once

#include <cstdint>
#include <mutex>

#include "engine/flight.hpp"
#include "engine/freed.hpp"
#include "engine/mutex.hpp"
#include "engine/readers.hpp"

namespace memoscape::inline v0::detail {

struct EngineCore;

// Holding the store's mutex. Every function that takes one requires it. It begins with the results
// that were handed in, so all that has ended is stored or discarded. At its end a change that
// was begun ends; then, without the mutex, what was freed is destroyed: values at once, if no
// lookup can take a reference to them, and all else as soon as no lookup can meet it.
struct Locked {
  enum class IfTaken : std::uint8_t { wait, give_up };
  explicit Locked(const EngineCore& engine, IfTaken if_taken = IfTaken::wait);
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
  ~Locked();
  // False: it was taken, and nothing may be done.
  explicit operator bool() const noexcept { return lock.owns_lock(); }

  const EngineCore& core;
  Freed freed;
  FreedValues values;
  EndedLeases leases;
  Flight* settled = nullptr;  // which were handed in; by Flight::next
  std::unique_lock<Mutex> lock;

 private:
  friend EngineCore;
  Locked(const EngineCore& engine, std::unique_lock<Mutex> held);
  void drop_settled() noexcept;
  bool looks_again_ = true;  // for what is handed in
};

// A lookup without the mutex: a section of the readers. The last that could have met what was freed
// frees it.
class Lookup {
 public:
  explicit Lookup(const EngineCore& core) noexcept;
  // False: a change is under way.
  explicit operator bool() const noexcept { return static_cast<bool>(section_); }
  std::uint64_t changes() const noexcept { return section_.changes(); }
  bool is_true() const noexcept { return section_.is_true(); }
  // What it met may be freed from here on.
  void close() noexcept { section_.close(); }

 private:
  struct AfterSection {
    const EngineCore& core;
    std::uint64_t opened = 0;
    ~AfterSection();
  };
  AfterSection after_;
  Readers::Section section_;
};

}  // namespace memoscape::inline v0::detail

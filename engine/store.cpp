#include "engine/store.hpp"

#include <utility>

#include "memoscape/detail/schedule.hpp"

namespace memoscape::inline v0::detail {

// A box with references left is somebody else's, too.
void Freed::add(BoxPtr box) noexcept {
  Box* const dropped = box.release();
  if (!dropped->is_last_reference_dropped()) return;
  dropped->keeper().next_equal = std::exchange(boxes_, dropped);
}

// Happens once to each: a recording is stored once.
void Freed::add(RecordingPtr recording) noexcept {
  const Recording& freed = *recording;
  freed.next_freed = std::exchange(recordings_, std::move(recording));
}

void Freed::add(std::unique_ptr<Interned> read) noexcept {
  read->next = std::exchange(reads_, nullptr);
  reads_ = std::move(read);
}

void Freed::add(FunctionPtr function) noexcept {
  Function& freed = *function;
  freed.next = std::exchange(functions_, std::move(function));
}

void Freed::give_up(StoreLease& lease) noexcept {
  lease.next_given_up = std::exchange(given_up_, &lease);
}

namespace {

template <class Pointer, class Next>
void free_list(Pointer& list, const Next& next) noexcept {
  while (list != nullptr) {
    Pointer rest = std::move(next(*list));
    list = std::move(rest);
  }
}

template <class Items>
void delete_all(Items& items) noexcept {
  while (auto* item = items.pop_front()) delete item;
}

}  // namespace

void Freed::spare_some(const EngineCore& core) noexcept {
  const auto spare = [](auto& items, auto& spares) {
    while (!items.empty() && spares.has_room()) spares.add(items.pop_front());
  };
  spare(nodes, core.spare_nodes);
  spare(spaces, core.spare_spaces);
  spare(permutations, core.spare_permutations);
}

Freed::~Freed() {
  if (!called_in.empty()) Lease::fence();
  while (StoreLease* lease = called_in.pop_front()) {
    if (Lease* page = lease->page_called_in) {
      page->collect();
      page->drop_owner();
    }
    lease->collect();
    lease->drop_owner();
  }
  while (StoreLease* lease = given_up_) {
    given_up_ = lease->next_given_up;
    lease->abandon();
  }
  while (Box* box = boxes_) {
    boxes_ = std::exchange(box->keeper().next_equal, nullptr);
    box->finish();
  }
  free_list(recordings_, [](const Recording& one) -> RecordingPtr& { return one.next_freed; });
  free_list(reads_, [](Interned& one) -> std::unique_ptr<Interned>& { return one.next; });
  delete_all(permutations);
  delete_all(nodes);
  delete_all(spaces);
  free_list(functions_, [](Function& one) -> FunctionPtr& { return one.next; });
}

namespace {

// For a core that waits for another one.
void pause_briefly() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

// Holders are soon done: to wait awake for them costs less than to be put to sleep and woken.
std::unique_lock<std::mutex> lock_awake(std::mutex& mutex) {
  constexpr int kTries = 100;
  Schedule::point();
  for (int i = 0; i < kTries; ++i) {
    std::unique_lock lock(mutex, std::try_to_lock);
    if (lock) return lock;
    pause_briefly();
  }
  return std::unique_lock(mutex);
}

}  // namespace

Locked::Locked(const EngineCore& engine) : core(engine), lock(lock_awake(engine.mutex)) {}

Locked::~Locked() {
  if (!lock.owns_lock()) return;
  freed.spare_some(core);
  if (core.readers.excluded()) core.readers.admit();
}

EngineCore::EngineCore(const EngineOptions& options)
    : clock(options.clock == nullptr ? &Clock::steady() : options.clock),
      hash(options.hash),
      caching(options.caching),
      limits(options.limits),
      eviction(options.eviction),
      policy(make_policy(options.eviction)) {
  if (limits.max_bytes == kDefaultMaxBytes) limits.max_bytes = default_max_bytes();
  index.reserve_more(kFewEntries);
  buffers.reserve(kFewEntries);
  contents.reserve(kFewEntries);
  interned.reserve(kFewEntries);
}

EngineCore::~EngineCore() = default;

std::atomic<Schedule*> Schedule::current_{nullptr};

}  // namespace memoscape::inline v0::detail

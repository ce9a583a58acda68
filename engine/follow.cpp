// Follow the leader (rule C2): wait for an execution in progress for as long as its reads agree
// with the caller's own state.
//
// Invariant: a thread follows one flight at a time, and `waits` names it, from the moment that
// decide() joins it, under the same lock, until the thread leaves. decide() joins no flight through
// which the thread would wait for itself. So waits never close a cycle.
#include <cassert>

#include "engine/site.hpp"
#include "memoscape/detail/schedule.hpp"

namespace memoscape::inline v0::detail {

namespace {

// What following came to, taken from the flight under the mutex.
struct Arrival {
  bool arrived = false;  // at the end of the same path
  Hit hit;               // the entry, if there is one
  BoxPtr box;
  RecordingPtr recording;
  std::exception_ptr error;
  std::chrono::nanoseconds compute{0};
};

// One follower of a flight, until it leaves; decide() counted it in.
class Follower {
 public:
  Follower(Site& site, const FlightPtr& flight) : site_(site), flight_(flight) {}
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;
  ~Follower() {
    Locked locked(engine());
    leave(locked);
  }

  Arrival wait();

 private:
  EngineCore& engine() const { return *site_.run.engine; }
  // Compares the reads published since the last time. False: the paths part.
  bool agrees(Locked& locked);
  void sleep(Locked& locked);
  void leave(Locked& locked);

  Site& site_;
  const FlightPtr& flight_;
  std::size_t agreed_ = 0;
};

bool Follower::agrees(Locked& locked) {
  for (;;) {
    const std::span<const PathStep> reads = flight_->reads.view();
    if (agreed_ == reads.size()) return true;
    const StateReadPtr read = reads[agreed_].read;
    const StateSource::Resolved* resolved = site_.run.source.resolved(read.get());
    if (resolved == nullptr) {
      locked.lock.unlock();
      site_.run.source.resolve(read);
      Schedule::point();
      locked.lock.lock();
      continue;
    }
    if (resolved->state.bytes != reads[agreed_].value) return false;
    site_.trail.push_back(resolved);
    ++agreed_;
  }
}

void Follower::sleep(Locked& locked) {
  assert(!engine().readers.is_changing());
  site_.run.waiting_on = flight_.get();
  if (Schedule::is_set()) {  // who waits looks again, whenever it is its turn
    locked.lock.unlock();
    Schedule::point();
    locked.lock.lock();
  } else {
    flight_->changed.wait(locked.lock);
  }
  site_.run.waiting_on = nullptr;
}

void Follower::leave(Locked& locked) {
  engine().waits.erase(std::this_thread::get_id());
  if (--flight_->followers > 0 || flight_->permutation == nullptr) return;
  engine().unpin(locked, *std::exchange(flight_->permutation, nullptr));
}

Arrival Follower::wait() {
  site_.trail.clear();
  Locked locked(engine());
  for (;;) {
    if (site_.run.stopping()) {
      locked.lock.unlock();
      abandon(site_);
      site_.run.require_not_stopped();
    }
    if (flight_->private_ || !agrees(locked)) return {};
    if (flight_->private_ || flight_->state == Flight::State::withdrawn) return {};
    if (flight_->state != Flight::State::running) break;
    sleep(locked);
  }
  if (!site_.run.can_show(site_.trail)) return {};
  Arrival arrival;
  arrival.arrived = true;
  arrival.box = flight_->box;
  arrival.recording = flight_->recording;
  arrival.error = flight_->error;
  arrival.compute = flight_->compute;
  if (flight_->permutation != nullptr && flight_->permutation->is_entry()) {
    arrival.hit = Hit(site_.run, *flight_->permutation);
  }
  return arrival;
}

void count_unkept_hit(Site& site, std::chrono::nanoseconds saved) {
  const Locked locked(*site.run.engine);
  Counters& counters = site.run.engine->counters_of(*site.function);
  ++counters.lookups;
  ++counters.hits;
  ++counters.followers;
  counters.saved += saved;
}

}  // namespace

std::optional<BoxPtr> follow(Site& site, const FlightPtr& flight) {
  RunCore& run = site.run;
  const auto began = run.engine->clock->now();
  Arrival arrival = Follower(site, flight).wait();
  run.top().waited += run.engine->clock->now() - began;
  if (!arrival.arrived) return std::nullopt;

  if (arrival.hit) arrival.hit.reserve(run);
  run.adopt(site.trail, arrival.recording.get());
  run.attach(arrival.recording);
  if (arrival.error != nullptr) {
    abandon(site);
    std::rethrow_exception(arrival.error);
  }
  run.top().inner += arrival.compute;
  if (arrival.hit) {
    arrival.hit.collect(run, true);
  } else {
    run.top().unkept_inner = true;
    count_unkept_hit(site, arrival.compute);
  }
  return std::move(arrival.box);
}

}  // namespace memoscape::inline v0::detail

// Follow the leader (rule C2): wait for an execution in progress for as long as its reads agree
// with the caller's own state.
//
// Invariant: a thread follows one flight at a time, and the table of Flights names it, from the
// moment that decide() joins it until the thread leaves. No flight is joined through which the
// thread would wait for itself. So waits never close a cycle.
#include "engine/site.hpp"

namespace memoscape::inline v0::detail {

namespace {

// What following came to.
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
  ~Follower();

  Arrival wait();

 private:
  EngineCore& engine() const { return *site_.run.engine; }
  // Waits for the end. False: the paths part, or the leader withdrew.
  bool wait_for_end(FlightLock& lock);
  // Compares the reads published since the last time. False: the paths part.
  bool agrees(FlightLock& lock);

  Site& site_;
  const FlightPtr& flight_;
  std::size_t agreed_ = 0;
};

bool Follower::agrees(FlightLock& lock) {
  for (;;) {
    const std::span<const PathStep> reads = flight_->reads.view();
    if (agreed_ == reads.size()) return true;
    const StateReadPtr read = reads[agreed_].read;
    const StateSource::Resolved* resolved = site_.run.source.resolved(read.get());
    if (resolved == nullptr) {
      lock.unlocked([&] { site_.run.source.resolve(read); });
      continue;
    }
    if (resolved->state.bytes != reads[agreed_].value) return false;
    site_.trail.push_back(resolved);
    ++agreed_;
  }
}

bool Follower::wait_for_end(FlightLock& lock) {
  site_.trail.clear();
  for (;;) {
    if (site_.run.stopping()) return false;
    if (flight_->private_ || !agrees(lock)) return false;
    if (flight_->private_ || flight_->state == Flight::State::withdrawn) return false;
    if (flight_->has_ended()) return true;
    // Only a test leaves what is handed in to itself.
    if (flight_->state == Flight::State::handed_in && Schedule::is_set()) {
      lock.unlocked([&] { engine().look_for_handed_in(); });
      continue;
    }
    lock.wait(flight_->changed);
  }
}

Arrival Follower::wait() {
  Arrival arrival;
  Permutation* permutation = nullptr;  // which the flight has pinned
  {
    FlightLock lock(*flight_);
    if (!wait_for_end(lock) || !site_.run.can_show(site_.trail)) return {};
    arrival.arrived = true;
    arrival.box = flight_->box;
    arrival.recording = flight_->recording;
    arrival.error = flight_->error;
    arrival.compute = flight_->compute;
    permutation = flight_->permutation;
  }
  if (permutation == nullptr) return arrival;
  const Locked locked(engine());
  if (permutation->is_entry()) arrival.hit = Hit(site_.run, *permutation);
  return arrival;
}

Follower::~Follower() {
  Permutation* permutation = nullptr;
  {
    const FlightLock lock(*flight_);
    engine().flights.leave(*flight_, site_.run);
    if (flight_->followers == 0) permutation = std::exchange(flight_->permutation, nullptr);
  }
  if (permutation == nullptr) return;
  Locked locked(engine());
  engine().unpin(locked, *permutation);
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
  if (!arrival.arrived) {
    if (!run.stopping()) return std::nullopt;
    abandon(site);
    run.require_not_stopped();
  }

  if (arrival.hit) arrival.hit.reserve(run);
  run.adopt(site.trail, arrival.recording.get());
  if (arrival.recording != nullptr) run.attach(arrival.recording);
  if (arrival.error != nullptr) {
    abandon(site);
    std::rethrow_exception(arrival.error);
  }
  run.top().inner += arrival.compute;
  if (arrival.hit) {
    arrival.hit.collect(run, true);
  } else {
    run.note_unkept();
    // It may have been cleared before that was noted: who began to follow since must not get it.
    if (run.engine->clears != site.clears) run.withdraw_flights();
    count_unkept_hit(site, arrival.compute);
  }
  return std::move(arrival.box);
}

}  // namespace memoscape::inline v0::detail

// Session: the door to runs. What users do is queued here and checked against the widgets of the
// last page; values and rules about them are in session_state.hpp.
//
// Locking. `mutex_` guards the queue and what is published, and is never held while user code or
// the engine runs.
#include "memoscape/session.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "memoscape/detail/allocated.hpp"
#include "memoscape/detail/buffers.hpp"
#include "memoscape/detail/reserve.hpp"
#include "memoscape/detail/run_host.hpp"
#include "memoscape/detail/schedule.hpp"
#include "memoscape/detail/terminal.hpp"
#include "memoscape/detail/utf8.hpp"
#include "memoscape/engine.hpp"
#include "memoscape/error.hpp"
#include "widgets/fragments.hpp"
#include "widgets/published_names.hpp"
#include "widgets/saved_session.hpp"
#include "widgets/session_state.hpp"

namespace memoscape::inline v0 {

using detail::buffer_bytes;
using detail::Operation;
using detail::PageWidget;
using detail::PointedLock;
using detail::quoted;
using detail::RunHost;
using detail::SessionState;

namespace {

constexpr int kMostReruns = 100;

// Neither what lasts for one run, nor what must not be written down.
bool is_saved(const StateRead& read) {
  return !read.is_trigger() && !read.is_upload() &&
         read.definition().attributes["secret"].is_null();
}

}  // namespace

class Session::Impl {
 public:
  Impl(Session& self, Engine& engine);
  ~Impl();

  // Of the script, or of the fragment of the last page that has this name.
  Page run(Script script);
  Page run(Script script, std::stop_token token);
  Page run_fragment(std::string_view name);
  detail::Fragments& fragments() noexcept { return fragments_; }

  // What users do, from any thread.
  void set(std::string_view name, Value value, bool preset);
  void set(const StateRead& read, Value value);
  void click(std::string_view name);
  void click(const StateRead& button);
  void queue_state(std::string_view name, Value value);
  void queue_query(std::string_view name, std::string_view value);
  std::string save() const;
  void restore(std::string_view saved);
  void stop() noexcept;
  void watch(std::function<void(const Page&)> watcher);
  Value state_value(std::string_view name) const;
  Value value(std::string_view name) const;
  std::vector<StateReadPtr> widgets() const;

  Engine& engine() const noexcept { return engine_; }
  std::uint64_t rejected() const noexcept { return rejected_.load(std::memory_order_relaxed); }

 private:
  std::vector<StateReadPtr> apply_operations();
  std::exception_ptr take_operations();
  RunHost::Outcome run_once(Script script);
  RunHost::Outcome run_told(Script script);
  void settle(RunHost::Ending ending);
  Page run_claimed(Script script);
  void finish(Script script, RunHost::Outcome& outcome);
  void publish() noexcept;
  void count_bytes() noexcept;
  // Requires: mutex_ is held.
  const PageWidget& find_published(std::string_view name) const;
  const PageWidget& find_published(const StateRead& widget) const;
  [[noreturn]] void fail_unknown(std::string_view name) const;
  void set_published(const PageWidget& widget, Value value);
  void click_published(const PageWidget& widget);

  Session& self_;
  Engine& engine_;
  SessionState state_;
  RunHost host_;
  detail::Fragments fragments_;
  std::uint64_t state_bytes_ = 0;  // as of when the widgets changed last
  std::uint64_t queue_bytes_ = 0;  // and of when values of theirs did
  std::uint64_t counted_bytes_ = 0;
  std::atomic<std::uint64_t> rejected_{0};

  // Requires: mutex_ is held.
  void queue(Operation operation) {
    detail::reserve_more(operations_, 1 + taken_);
    operations_.push_back(std::move(operation));
    has_operations_.store(true, std::memory_order_release);
  }
  // Operations that were taken off the queue; what of them is not applied goes back.
  class Taken;
  std::vector<Operation> taken_operations_;  // of the thread of the run

  std::atomic<bool> has_operations_{false};
  mutable std::mutex mutex_;
  // --- guarded by mutex_ ---
  std::vector<Operation> operations_;  // with room for those that were taken off
  std::size_t taken_ = 0;              // so many at most
  std::vector<PageWidget> published_;
  mutable detail::PublishedNames names_;  // of these, once somebody has asked for one
  detail::SavedWidgets waiting_;          // presets that no widget has taken yet
  // Those that came from a saved session. Others are not saved: they may be for a password.
  std::set<std::string, std::less<>> restored_;
};

Session::Impl::Impl(Session& self, Engine& engine)
    : self_(self),
      engine_(engine),
      state_(self, RunHost::new_scope(*engine.core_)),
      host_(engine.core_, state_),
      fragments_(host_) {
  count_bytes();
}

Session::Impl::~Impl() {
  host_.end_scope(state_.scope_id());
  host_.count_session_bytes(counted_bytes_, 0);
}

// --- what users do ---

const PageWidget& Session::Impl::find_published(std::string_view name) const {
  const PageWidget* const found = names_.find(published_, name);
  if (found != nullptr) return *found;
  fail_unknown(name);
}

const PageWidget& Session::Impl::find_published(const StateRead& widget) const {
  const PageWidget* const found = names_.find(published_, widget);
  if (found != nullptr) return *found;
  throw InvalidValueError(std::string(widget.definition().kind->name) + " " +
                          quoted(widget.name()) + " is not on the last page any more");
}

void Session::Impl::fail_unknown(std::string_view name) const {
  const PageWidget* first = nullptr;
  for (const PageWidget& one : published_) {
    if (one.read->name() != name) continue;
    if (first != nullptr) {
      throw InvalidValueError("label " + quoted(name) + " is ambiguous: the page has a " +
                              first->read->definition().kind->name + " and a " +
                              one.read->definition().kind->name +
                              " of that label. Give them keys, and set them by key");
    }
    first = &one;
  }
  std::string known;
  for (const PageWidget& one : published_) {
    if (known.size() > 300) {
      known += ", ...";
      break;
    }
    const Definition& definition = one.read->definition();
    known += (known.empty() ? "" : ", ") +
             quoted(definition.key.empty() ? definition.label : definition.key);
  }
  throw InvalidValueError(
      "there is no widget " + quoted(name) + " on the last page. " +
      (known.empty() ? std::string("It had no widgets. ") : "It had: " + known + ". ") +
      "To set a widget before it is first shown, use preset");
}

void Session::Impl::set(std::string_view name, Value value, bool preset) {
  PageWidget widget;
  {
    const PointedLock lock(mutex_);
    if (preset) {
      if (name.empty()) throw InvalidValueError("a preset needs the label or key of a widget");
      const bool known = names_.find(published_, name) != nullptr ||
                         std::any_of(published_.begin(), published_.end(),
                                     [&](const auto& one) { return one.read->name() == name; });
      if (!known) {
        queue({Operation::What::preset, std::string(name), std::move(value)});
        if (const auto found = restored_.find(name); found != restored_.end()) {
          restored_.erase(found);
        }
        return;
      }
    }
    const PageWidget& found = find_published(name);
    widget = {.read = found.read, .value = {}, .slot = found.slot};
  }
  set_published(widget, std::move(value));
}

void Session::Impl::set(const StateRead& read, Value value) {
  PageWidget widget;
  {
    const PointedLock lock(mutex_);
    const PageWidget& found = find_published(read);
    widget = {.read = found.read, .value = {}, .slot = found.slot};
  }
  set_published(widget, std::move(value));
}

void Session::Impl::set_published(const PageWidget& widget, Value value) {
  const StateRead& read = *widget.read;
  const Definition& definition = read.definition();
  if (read.is_trigger() && !detail::carries_value(read)) {
    throw InvalidValueError(std::string(definition.kind->name) + " " + quoted(read.name()) +
                            " has no value to set. Use click");
  }
  value = detail::normalized(definition, std::move(value));
  if (const std::string why = misfit(definition, value); !why.empty()) {
    throw InvalidValueError(std::string(definition.kind->name) + " " + quoted(definition.label) +
                            " was not set: " + why);
  }
  const PointedLock lock(mutex_);
  queue({Operation::What::set, {}, std::move(value), widget.slot});
}

void Session::Impl::click(std::string_view name) {
  const PointedLock lock(mutex_);
  click_published(find_published(name));
}

void Session::Impl::click(const StateRead& button) {
  const PointedLock lock(mutex_);
  click_published(find_published(button));
}

void Session::Impl::click_published(const PageWidget& widget) {
  const StateRead& read = *widget.read;
  if (!read.is_trigger() || detail::carries_value(read)) {
    throw InvalidValueError(std::string(read.definition().kind->name) + " " + quoted(read.name()) +
                            " cannot be clicked. Use set");
  }
  queue({Operation::What::fire, {}, Value(true), widget.slot});
}

void Session::Impl::queue_state(std::string_view name, Value value) {
  if (name.empty()) throw UsageError("a session-state entry needs a name");
  const PointedLock lock(mutex_);
  queue({Operation::What::state, std::string(name), std::move(value)});
}

void Session::Impl::queue_query(std::string_view name, std::string_view value) {
  if (name.empty()) throw UsageError("a query parameter needs a name");
  if (!detail::is_valid_utf8(name) || !detail::is_valid_utf8(value)) {
    throw InvalidValueError("a query parameter must be valid UTF-8");
  }
  const PointedLock lock(mutex_);
  queue({Operation::What::query, std::string(name), Value(value)});
}

std::string Session::Impl::save() const {
  const PointedLock lock(mutex_);
  std::map<std::string_view, int> names;  // how many widgets answer to it
  for (const PageWidget& one : published_) {
    const Definition& definition = one.read->definition();
    ++names[definition.label];
    if (!definition.key.empty() && definition.key != definition.label) ++names[definition.key];
  }
  std::map<std::string, Value> values;
  for (const auto& [name, value] : waiting_) {
    if (restored_.contains(name)) values.insert_or_assign(name, value);
  }
  for (const Operation& operation : operations_) {
    const bool is_restored =
        operation.what == Operation::What::preset && restored_.contains(operation.name);
    if (is_restored) values.insert_or_assign(operation.name, operation.value);
  }
  for (const PageWidget& one : published_) {
    const Definition& definition = one.read->definition();
    const std::string& name = definition.key.empty() ? definition.label : definition.key;
    if (!is_saved(*one.read) || names[name] != 1) {
      values.erase(name);
      continue;
    }
    values.emplace(name, one.value);  // unless something newer waits
    for (const Operation& operation : operations_) {
      const bool is_newer =
          operation.what == Operation::What::set && operation.slot.slot == one.slot.slot;
      if (is_newer) values.insert_or_assign(name, operation.value);
    }
  }
  return detail::write_saved({values.begin(), values.end()});
}

void Session::Impl::restore(std::string_view saved) {
  detail::SavedWidgets widgets = detail::read_saved(saved);
  std::set<std::string, std::less<>> names;
  for (const auto& [name, value] : widgets) names.insert(name);
  // All of it or nothing.
  const PointedLock lock(mutex_);
  detail::reserve_more(operations_, widgets.size() + taken_);
  restored_.merge(names);
  for (auto& [name, value] : widgets) {
    queue({Operation::What::preset, std::move(name), std::move(value)});
  }
}

void Session::Impl::stop() noexcept {
  if (host_.stop()) host_.wake();
}

void Session::Impl::watch(std::function<void(const Page&)> watcher) {
  if (watcher == nullptr) return host_.watch(nullptr);
  host_.watch([watcher = std::move(watcher)](const std::shared_ptr<const detail::Recording>& page) {
    watcher(Page(page, nullptr));
  });
}

Value Session::Impl::state_value(std::string_view name) const {
  const PointedLock lock(mutex_);
  for (auto one = operations_.rbegin(); one != operations_.rend(); ++one) {
    if (one->what == Operation::What::state && one->name == name) return one->value;
  }
  if (std::optional<Value> entry = state_.entry(name)) return *entry;
  for (const PageWidget& one : published_) {
    if (!name.empty() && one.read->definition().key == name) return one.value;
  }
  return {};
}

Value Session::Impl::value(std::string_view name) const {
  const PointedLock lock(mutex_);
  const PageWidget& found = find_published(name);
  for (auto one = operations_.rbegin(); one != operations_.rend(); ++one) {
    if (one->what == Operation::What::set && one->slot.slot == found.slot.slot) return one->value;
  }
  return found.value;
}

std::vector<StateReadPtr> Session::Impl::widgets() const {
  const PointedLock lock(mutex_);
  std::vector<StateReadPtr> all;
  all.reserve(published_.size());
  for (const PageWidget& one : published_) all.push_back(one.read);
  return all;
}

// --- runs ---

class Session::Impl::Taken {
 public:
  explicit Taken(Impl& session) : operations(session.taken_operations_), session_(session) {
    const PointedLock lock(session_.mutex_);
    operations.swap(session_.operations_);
    session_.taken_ = operations.size();
    session_.has_operations_.store(false, std::memory_order_relaxed);
  }
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;
  ~Taken() {
    if (!done) put_back();
    operations.clear();
    if (operations.capacity() <= kFew) return;
    operations = {};
    const PointedLock lock(session_.mutex_);
    session_.taken_ = 0;
  }

  std::vector<Operation>& operations;
  std::size_t applied = 0;
  bool done = false;  // the list of callbacks has been made, too

 private:
  static constexpr std::size_t kFew = 64;

  void put_back() noexcept {
    const PointedLock lock(session_.mutex_);
    const auto first = operations.begin() + static_cast<std::ptrdiff_t>(applied);
    if (session_.operations_.empty()) {
      operations.erase(operations.begin(), first);
      operations.swap(session_.operations_);
    } else {  // there is room, see queue
      session_.operations_.insert(session_.operations_.begin(), std::move_iterator(first),
                                  std::move_iterator(operations.end()));
    }
    session_.has_operations_.store(true, std::memory_order_release);
  }

  Impl& session_;
};

std::vector<StateReadPtr> Session::Impl::apply_operations() {
  Taken taken(*this);
  std::vector<StateReadPtr> called = state_.apply(taken.operations, taken.applied);
  taken.done = true;
  return called;
}

// Gives what a callback threw.
std::exception_ptr Session::Impl::take_operations() {
  try {
    for (const StateReadPtr& read : apply_operations()) {
      if (read->definition().on_change) read->definition().on_change(self_);
    }
  } catch (...) {
    return std::current_exception();
  }
  // What callbacks did; it calls no further callbacks.
  if (has_operations_.load(std::memory_order_acquire)) apply_operations();
  return nullptr;
}

inline RunHost::Outcome Session::Impl::run_once(Script script) {
  if (has_operations_.load(std::memory_order_acquire)) [[unlikely]] {
    if (const std::exception_ptr error = take_operations()) {
      return {
          .recording = RunHost::page_of(error), .error = error, .ending = RunHost::Ending::failed};
    }
  }
  return run_told(script);
}

// Apart: a function that returns one variable, always, returns it without a copy.
inline RunHost::Outcome Session::Impl::run_told(Script script) {
  fragments_.begin();
  RunHost::Outcome outcome = host_.run(script);
  if (outcome.ending != RunHost::Ending::repeated) [[unlikely]]
    settle(outcome.ending);
  return outcome;
}

void Session::Impl::settle(RunHost::Ending ending) {
  try {
    state_.prepare(ending == RunHost::Ending::completed, published_);
  } catch (...) {
    state_.abandon_run();
    throw;
  }
  state_.settle();
  if (state_.has_changed()) publish();
  count_bytes();
}

void Session::Impl::publish() noexcept {
  if (const std::uint64_t rejected = state_.take_rejected(); rejected > 0) {
    rejected_.fetch_add(rejected, std::memory_order_relaxed);
    host_.count_rejected_values(rejected);  // all sessions share its memory
  }
  detail::SavedWidgets waiting = state_.take_waiting();
  std::vector<PageWidget> old;  // destroyed after the mutex is released
  {
    const PointedLock lock(mutex_);
    waiting_.swap(waiting);
    const bool widgets_changed = state_.publish(published_);
    if (widgets_changed) names_.clear();
    old = state_.take_replaced();
    queue_bytes_ = names_.bytes() + buffer_bytes(operations_) + buffer_bytes(taken_operations_);
    if (!widgets_changed) return;
  }
  state_bytes_ = state_.bytes() + buffer_bytes(published_);
}

void Session::Impl::count_bytes() noexcept {
  const std::uint64_t bytes = allocated(sizeof(Impl)) + host_.bytes() + state_bytes_ + queue_bytes_;
  if (bytes == counted_bytes_) return;  // all sessions share its memory
  host_.count_session_bytes(std::exchange(counted_bytes_, bytes), bytes);
}

namespace {

// A run of the session, as long as this lives.
class Claim {
 public:
  explicit Claim(RunHost& host) : host_(host) {
    if (host.claim()) return;
    throw SessionBusyError(
        "this session is in a run already. One run at a time: wait for it to end, or stop it with "
        "Session::stop");
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() { host_.release(); }

 private:
  RunHost& host_;
};

}  // namespace

Page Session::Impl::run(Script script) {
  const Claim claim(host_);
  return run_claimed(script);
}

Page Session::Impl::run(Script script, std::stop_token token) {
  const Claim claim(host_);
  const std::stop_callback stopping(std::move(token), [this] { stop(); });
  return run_claimed(script);
}

Page Session::Impl::run_fragment(std::string_view name) {
  const Claim claim(host_);
  fragments_.require(name);
  return run_claimed([&](Run& run) { fragments_.run_again(run, name); });
}

inline Page Session::Impl::run_claimed(Script script) {
  RunHost::Outcome outcome = run_once(script);
  if (outcome.ending != RunHost::Ending::repeated) [[unlikely]]
    finish(script, outcome);
  return Page(std::move(outcome.recording), std::move(outcome.error));
}

// What a run that did not just repeat the one before came to.
void Session::Impl::finish(Script script, RunHost::Outcome& outcome) {
  for (int reruns = 0; outcome.ending == RunHost::Ending::restarted; ++reruns) {
    if (reruns == kMostReruns) {
      outcome.error = std::make_exception_ptr(
          UsageError("the script asked to run again " + std::to_string(kMostReruns) +
                     " times in a row. Let it call Run::rerun only when something has changed"));
      outcome.recording = RunHost::page_of(outcome.error);
      break;
    }
    outcome = run_once(script);
  }
  fragments_.end(Page(outcome.recording, outcome.error));
}

// --- Session ---

Session::Session(Engine& engine) : impl_(std::make_unique<Impl>(*this, engine)) {}
Session::~Session() = default;

Page Session::run(Script script) { return impl_->run(script); }
Page Session::run(Script script, std::stop_token token) {
  return impl_->run(script, std::move(token));
}
Page Session::run_fragment(std::string_view name) { return impl_->run_fragment(name); }
void Session::make_fragment(const Place& place, std::string_view name,
                            const std::function<void(Run&)>& body) {
  impl_->fragments().make(place, name, body);
}
void Session::stop() noexcept { impl_->stop(); }
void Session::watch(std::function<void(const Page&)> watcher) { impl_->watch(std::move(watcher)); }
void Session::set(std::string_view widget, Value value) {
  impl_->set(widget, std::move(value), false);
}
void Session::preset(std::string_view widget, Value value) {
  impl_->set(widget, std::move(value), true);
}
std::string Session::save() const { return impl_->save(); }
void Session::restore(std::string_view saved) { impl_->restore(saved); }
void Session::set(const StateRead& widget, Value value) { impl_->set(widget, std::move(value)); }
void Session::click(std::string_view button) { impl_->click(button); }
void Session::click(const StateRead& button) { impl_->click(button); }
void Session::upload(std::string_view widget, Media file) {
  impl_->set(widget, Value(std::make_shared<const Media>(std::move(file))), false);
}
void Session::write_state(std::string_view name, Value value) {
  impl_->queue_state(name, std::move(value));
}
Value Session::state_value(std::string_view name) const { return impl_->state_value(name); }
void Session::set_query(std::string_view name, std::string_view value) {
  impl_->queue_query(name, value);
}
std::vector<StateReadPtr> Session::widgets() const { return impl_->widgets(); }
Value Session::value(std::string_view widget) const { return impl_->value(widget); }
std::uint64_t Session::rejected_values() const noexcept { return impl_->rejected(); }
Engine& Session::engine() const noexcept { return impl_->engine(); }

Page Engine::run(Script script) {
  Session anonymous(*this);
  return anonymous.run(script);
}

}  // namespace memoscape::inline v0

// Session: the values of one user, and rule P4, the one pure function by which lookup and execution
// obtain a read's value.
//
// Structure. A slot per widget on the page, by identity. What users do is queued as operations and
// applied, in order, when the next run begins (rule E6); so a run works on a snapshot and needs no
// lock. The widgets of the last page are published for checking operations against them.
//
// Locking. `mutex_` guards the queue and what is published, and is never held while user code or
// the engine runs. Everything else belongs to the thread of the run.
//
// Invariant: a memo of a resolved read is right until `dirty_` is set (anything it could have come
// from changed) or, for session state, until `epoch_` moves on (a keyed widget was shown).
#include "memoscape/session.hpp"

#include <tsl/robin_map.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "memoscape/detail/allocated.hpp"
#include "memoscape/detail/run_host.hpp"
#include "memoscape/detail/utf8.hpp"
#include "memoscape/engine.hpp"
#include "memoscape/error.hpp"
#include "memoscape/heap_bytes.hpp"

namespace memoscape::inline v0 {

namespace {

using detail::RunHost;

constexpr int kMostReruns = 100;
constexpr std::size_t kMostMemos = 4096;

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

Value normalized(const Definition& definition, Value value) {
  return definition.kind->normalize == nullptr
             ? value
             : definition.kind->normalize(definition, std::move(value));
}

bool fits(const Definition& definition, const Value& value) {
  return misfit(definition, value).empty();
}

// Session state fits the type of the fallback; without a fallback, anything does.
bool fits_fallback(const Value& fallback, const Value& value) {
  return fallback.is_null() || std::string_view(fallback.kind()) == value.kind();
}

}  // namespace

class Session::Impl final : public StateSource {
 public:
  Impl(Session& self, Engine& engine);
  ~Impl() override;

  // StateSource, for the thread of the run.
  const Resolved& resolve(const StateReadPtr& read) override;
  const Resolved* resolved(const StateRead* read) const noexcept override;
  bool shown(const Resolved& widget) const noexcept override;
  void show(const Resolved& widget) override;
  std::uint64_t scope_id() const noexcept override { return scope_; }
  void write_state(std::string_view name, Value value) override;
  void write_query(std::string_view name, std::string_view value) override;
  Session& session() noexcept override { return self_; }

  Page run(Script script, std::stop_token token);

  // What users do, from any thread.
  void set(std::string_view name, Value value, bool preset);
  void click(std::string_view name);
  void queue_state(std::string_view name, Value value);
  void queue_query(std::string_view name, std::string_view value);
  void stop() noexcept;
  Value state_value(std::string_view name) const;
  Value value(std::string_view name) const;
  std::vector<StateReadPtr> widgets() const;

  Engine& engine() const noexcept { return engine_; }
  std::uint64_t rejected() const noexcept { return rejected_.load(std::memory_order_relaxed); }

 private:
  struct Slot {
    StateReadPtr read;
    std::optional<Value> incoming;   // set for the next run
    std::optional<Value> kept;       // of the last run that showed it
    std::optional<Value> in_form;    // waits for the form's submit button
    bool fired = false;              // a trigger
    std::uint64_t shown = 0;         // serial of the run that showed it last
    std::uint64_t order = 0;         // of its showing in that run
    const Resolved* current = nullptr;  // its value in the run that shows it
  };
  struct Memo {
    Resolved resolved;
    std::uint64_t epoch = 0;
  };
  struct Operation {
    enum class What : std::uint8_t { set, preset, fire, state, query } what;
    std::string name;   // identity of the widget; name of the entry
    Value value;
  };
  struct Published {
    StateReadPtr read;
    Value value;
  };

  StateValue compute(const StateRead& read) const;
  Value widget_value(const StateRead& read) const;
  StateValue session_value(const StateRead& read) const;
  const Value* pending_for(const StateRead& read) const;
  const Slot* slot_by_key(std::string_view key) const;
  bool shown_now(const Slot& slot) const noexcept { return slot.shown == serial_; }

  std::vector<StateReadPtr> apply_operations();
  void apply(Operation& operation, std::vector<StateReadPtr>& changed);
  void submit_form(const StateRead& button, std::vector<StateReadPtr>& changed);
  void settle(bool completed);
  void publish();
  RunHost::Outcome run_once(Script script);

  // Requires: mutex_ is held.
  const Published& find_published(std::string_view name) const;

  Session& self_;
  Engine& engine_;
  RunHost host_;
  std::uint64_t scope_;

  // Of the thread of the run.
  tsl::robin_map<std::string, std::unique_ptr<Slot>> slots_;
  std::map<std::string, Value, std::less<>> pending_;  // preset, by label or key
  tsl::robin_map<const StateRead*, std::unique_ptr<Memo>> memos_;
  std::uint64_t serial_ = 0;
  std::uint64_t shown_count_ = 0;
  std::uint64_t epoch_ = 0;
  bool dirty_ = false;
  std::uint64_t counted_bytes_ = 0;

  // Written by the thread of the run under the mutex; read by it without, by others with it.
  std::map<std::string, Value, std::less<>> state_;
  std::map<std::string, std::string, std::less<>> query_;

  std::atomic<bool> busy_{false};
  std::atomic<std::uint64_t> rejected_{0};

  mutable std::mutex mutex_;
  // --- guarded by mutex_ ---
  std::vector<Operation> operations_;
  std::vector<Published> published_;
};

Session::Impl::Impl(Session& self, Engine& engine)
    : self_(self),
      engine_(engine),
      host_(engine.core_, *this),
      scope_(RunHost::new_scope(*engine.core_)) {}

Session::Impl::~Impl() {
  host_.end_scope(scope_);
  host_.count_session_bytes(counted_bytes_, 0);
}

// --- resolving ---

const Session::Impl::Slot* Session::Impl::slot_by_key(std::string_view key) const {
  const auto found = slots_.find("key:" + std::string(key));
  return found == slots_.end() ? nullptr : found->second.get();
}

const Value* Session::Impl::pending_for(const StateRead& read) const {
  if (pending_.empty()) return nullptr;
  auto found = pending_.find(read.definition().key);
  if (found == pending_.end()) found = pending_.find(read.name());
  return found == pending_.end() ? nullptr : &found->second;
}

Value Session::Impl::widget_value(const StateRead& read) const {
  const Definition& definition = read.definition();
  const auto found = slots_.find(read.identity());
  const Slot* slot = found == slots_.end() ? nullptr : found->second.get();
  if (read.is_trigger()) return Value(slot != nullptr && slot->fired);
  if (slot != nullptr && slot->incoming && fits(definition, *slot->incoming)) {
    return *slot->incoming;
  }
  if (const Value* pending = pending_for(read)) {
    Value value = normalized(definition, *pending);
    if (fits(definition, value)) return value;
  }
  if (!definition.key.empty()) {
    if (const auto entry = state_.find(definition.key); entry != state_.end()) {
      Value value = normalized(definition, entry->second);
      if (fits(definition, value)) return value;
    }
  }
  if (slot != nullptr && slot->kept && fits(definition, *slot->kept)) return *slot->kept;
  return definition.initial;
}

StateValue Session::Impl::session_value(const StateRead& read) const {
  StateValue result;
  const Value& fallback = read.definition().initial;
  const Slot* slot = slot_by_key(read.name());
  if (slot != nullptr) {
    result.upload = slot->read->is_upload();
    if (shown_now(*slot)) {
      result.value = slot->current->state.value;
    } else {
      result.value = widget_value(*slot->read);
    }
    // Reading whether a button was clicked is reading a trigger.
    result.fired = slot->read->is_trigger() && slot->fired;
  } else if (const auto entry = state_.find(read.name()); entry != state_.end()) {
    result.value = entry->second;
  } else {
    result.value = fallback;
  }
  if (!fits_fallback(fallback, result.value)) result.value = fallback;
  return result;
}

StateValue Session::Impl::compute(const StateRead& read) const {
  StateValue result;
  switch (read.variable()) {
    case StateRead::Variable::widget:
      result.value = widget_value(read);
      result.fired = read.is_trigger() && *result.value.get_if<bool>();
      break;
    case StateRead::Variable::session_state:
      result = session_value(read);
      break;
    case StateRead::Variable::query:
      if (const auto entry = query_.find(read.name()); entry != query_.end()) {
        result.value = entry->second;
      }
      break;
  }
  // The content of an upload is no key; it never matches what another kind of entry recorded.
  result.bytes = result.upload ? "upload" : encoded(result.value);
  return result;
}

const StateSource::Resolved* Session::Impl::resolved(const StateRead* read) const noexcept {
  const auto found = memos_.find(read);
  if (found == memos_.end()) return nullptr;
  const Memo& memo = *found->second;
  const bool stale =
      read->variable() == StateRead::Variable::session_state && memo.epoch != epoch_;
  return stale ? nullptr : &memo.resolved;
}

const StateSource::Resolved& Session::Impl::resolve(const StateReadPtr& read) {
  if (const Resolved* known = resolved(read.get())) return *known;
  StateValue state = compute(*read);  // may throw: then nothing is remembered
  std::unique_ptr<Memo>& memo = memos_[read.get()];
  if (memo == nullptr) memo = std::make_unique<Memo>();
  memo->resolved.read = read;
  memo->resolved.state = std::move(state);
  memo->epoch = epoch_;
  return memo->resolved;
}

bool Session::Impl::shown(const Resolved& widget) const noexcept {
  const auto found = slots_.find(widget.read->identity());
  return found != slots_.end() && shown_now(*found->second);
}

void Session::Impl::show(const Resolved& widget) {
  std::unique_ptr<Slot>& slot = slots_[widget.read->identity()];
  if (slot == nullptr) slot = std::make_unique<Slot>();
  if (const Value* pending = pending_for(*widget.read)) {
    const Definition& definition = widget.read->definition();
    if (!fits(definition, normalized(definition, *pending))) {
      rejected_.fetch_add(1, std::memory_order_relaxed);
      host_.count_rejected_value();
    }
    pending_.erase(definition.key);
    pending_.erase(definition.label);
  }
  slot->read = widget.read;
  slot->shown = serial_;
  slot->order = ++shown_count_;
  slot->current = &widget;
  if (!widget.read->definition().key.empty()) ++epoch_;
}

void Session::Impl::write_state(std::string_view name, Value value) {
  const Slot* slot = slot_by_key(name);
  if (slot != nullptr && shown_now(*slot)) {
    throw UsageError("session state " + quoted(name) + " belongs to the " +
                     slot->read->definition().kind->name + " " + quoted(slot->read->name()) +
                     ", which this run has created already. Write it before the widget is created, "
                     "or in a callback");
  }
  const std::scoped_lock lock(mutex_);
  state_.insert_or_assign(std::string(name), std::move(value));
  ++epoch_;
  // What widgets resolved to may depend on it; those that are shown keep their value.
  dirty_ = dirty_ || slot != nullptr;
  if (slot == nullptr) return;
  for (auto memo = memos_.begin(); memo != memos_.end();) {
    const StateRead& read = *memo->second->resolved.read;
    memo = read.is_widget() && read.definition().key == name ? memos_.erase(memo) : ++memo;
  }
}

void Session::Impl::write_query(std::string_view name, std::string_view value) {
  const std::scoped_lock lock(mutex_);
  query_.insert_or_assign(std::string(name), std::string(value));
  for (auto memo = memos_.begin(); memo != memos_.end();) {
    const StateRead& read = *memo->second->resolved.read;
    const bool affected = read.variable() == StateRead::Variable::query && read.name() == name;
    memo = affected ? memos_.erase(memo) : ++memo;
  }
}

// --- what users do ---

const Session::Impl::Published& Session::Impl::find_published(std::string_view name) const {
  const Published* found = nullptr;
  for (const Published& one : published_) {
    if (!name.empty() && one.read->definition().key == name) return one;
  }
  for (const Published& one : published_) {
    if (one.read->name() != name) continue;
    if (found != nullptr) {
      throw InvalidValueError("label " + quoted(name) + " is ambiguous: the page has a " +
                              found->read->definition().kind->name + " and a " +
                              one.read->definition().kind->name +
                              " of that label. Give them keys, and set them by key");
    }
    found = &one;
  }
  if (found != nullptr) return *found;
  std::string known;
  for (const Published& one : published_) {
    if (known.size() > 300) {
      known += ", ...";
      break;
    }
    const Definition& definition = one.read->definition();
    known += (known.empty() ? "" : ", ") + quoted(definition.key.empty() ? definition.label
                                                                        : definition.key);
  }
  throw InvalidValueError("there is no widget " + quoted(name) + " on the last page. " +
                          (known.empty() ? std::string("It had no widgets. ")
                                         : "It had: " + known + ". ") +
                          "To set a widget before it is first shown, use preset");
}

void Session::Impl::set(std::string_view name, Value value, bool preset) {
  StateReadPtr read;
  {
    const std::scoped_lock lock(mutex_);
    if (preset) {
      const bool known = std::any_of(published_.begin(), published_.end(), [&](const auto& one) {
        return one.read->definition().key == name || one.read->name() == name;
      });
      if (name.empty()) throw InvalidValueError("a preset needs the label or key of a widget");
      if (!known) {
        operations_.push_back({Operation::What::preset, std::string(name), std::move(value)});
        return;
      }
    }
    read = find_published(name).read;
  }
  const Definition& definition = read->definition();
  if (read->is_trigger()) {
    throw InvalidValueError(std::string(definition.kind->name) + " " + quoted(name) +
                            " has no value to set. Use click");
  }
  value = normalized(definition, std::move(value));
  if (const std::string why = misfit(definition, value); !why.empty()) {
    throw InvalidValueError(std::string(definition.kind->name) + " " + quoted(definition.label) +
                            " was not set: " + why);
  }
  const std::scoped_lock lock(mutex_);
  operations_.push_back({Operation::What::set, read->identity(), std::move(value)});
}

void Session::Impl::click(std::string_view name) {
  const std::scoped_lock lock(mutex_);
  const StateReadPtr& read = find_published(name).read;
  if (!read->is_trigger()) {
    throw InvalidValueError(std::string(read->definition().kind->name) + " " + quoted(name) +
                            " cannot be clicked. Use set");
  }
  operations_.push_back({Operation::What::fire, read->identity(), Value(true)});
}

void Session::Impl::queue_state(std::string_view name, Value value) {
  if (name.empty()) throw UsageError("a session-state entry needs a name");
  const std::scoped_lock lock(mutex_);
  operations_.push_back({Operation::What::state, std::string(name), std::move(value)});
}

void Session::Impl::queue_query(std::string_view name, std::string_view value) {
  if (!detail::is_valid_utf8(name) || !detail::is_valid_utf8(value)) {
    throw InvalidValueError("a query parameter must be valid UTF-8");
  }
  const std::scoped_lock lock(mutex_);
  operations_.push_back({Operation::What::query, std::string(name), Value(value)});
}

void Session::Impl::stop() noexcept {
  if (busy_.load()) host_.stop();
}

Value Session::Impl::state_value(std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  for (auto one = operations_.rbegin(); one != operations_.rend(); ++one) {
    if (one->what == Operation::What::state && one->name == name) return one->value;
  }
  if (const auto entry = state_.find(name); entry != state_.end()) return entry->second;
  for (const Published& one : published_) {
    if (!name.empty() && one.read->definition().key == name) return one.value;
  }
  return {};
}

Value Session::Impl::value(std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  const Published& found = find_published(name);
  for (auto one = operations_.rbegin(); one != operations_.rend(); ++one) {
    if (one->what == Operation::What::set && one->name == found.read->identity()) return one->value;
  }
  return found.value;
}

std::vector<StateReadPtr> Session::Impl::widgets() const {
  const std::scoped_lock lock(mutex_);
  std::vector<StateReadPtr> all;
  all.reserve(published_.size());
  for (const Published& one : published_) all.push_back(one.read);
  return all;
}

// --- runs ---

void Session::Impl::submit_form(const StateRead& button, std::vector<StateReadPtr>& changed) {
  for (auto& [identity, slot] : slots_) {
    if (slot->read->form() != button.form() || !slot->in_form) continue;
    Slot& widget = *slot;
    if (!(widget.kept && *widget.kept == *widget.in_form)) changed.push_back(widget.read);
    widget.incoming = std::exchange(widget.in_form, std::nullopt);
  }
}

void Session::Impl::apply(Operation& operation, std::vector<StateReadPtr>& changed) {
  const auto found = slots_.find(operation.name);
  Slot* slot = found == slots_.end() ? nullptr : found->second.get();
  const std::scoped_lock lock(mutex_);
  switch (operation.what) {
    case Operation::What::set:
      if (slot == nullptr) return;  // gone from the page since
      if (!slot->read->form().empty()) {
        slot->in_form = std::move(operation.value);
        return;
      }
      if (!(slot->kept && *slot->kept == operation.value)) changed.push_back(slot->read);
      slot->incoming = std::move(operation.value);
      return;
    case Operation::What::fire:
      if (slot == nullptr) return;
      if (!slot->read->form().empty()) submit_form(*slot->read, changed);
      slot->fired = true;
      changed.push_back(slot->read);
      return;
    case Operation::What::preset:
      pending_.insert_or_assign(std::move(operation.name), std::move(operation.value));
      return;
    case Operation::What::state:
      // The newest word counts: what a callback writes overrides what the user set.
      if (const auto keyed = slots_.find("key:" + operation.name); keyed != slots_.end()) {
        keyed.value()->incoming.reset();
      }
      state_.insert_or_assign(std::move(operation.name), std::move(operation.value));
      return;
    case Operation::What::query:
      query_.insert_or_assign(std::move(operation.name), *operation.value.get_if<std::string>());
      return;
  }
}

// Gives the widgets that changed, in page order.
std::vector<StateReadPtr> Session::Impl::apply_operations() {
  std::vector<Operation> operations;
  {
    const std::scoped_lock lock(mutex_);
    operations.swap(operations_);
  }
  std::vector<StateReadPtr> changed;
  for (Operation& operation : operations) apply(operation, changed);
  if (!operations.empty()) dirty_ = true;
  const auto order = [&](const StateReadPtr& read) { return slots_.at(read->identity())->order; };
  std::sort(changed.begin(), changed.end(),
            [&](const auto& a, const auto& b) { return order(a) < order(b); });
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  return changed;
}

RunHost::Outcome Session::Impl::run_once(Script script) {
  try {
    const std::vector<StateReadPtr> changed = apply_operations();
    for (const StateReadPtr& read : changed) {
      if (read->definition().on_change) read->definition().on_change(self_);
    }
  } catch (...) {
    const std::exception_ptr error = std::current_exception();
    return {.recording = RunHost::page_of(error), .error = error, .ending = RunHost::Ending::failed};
  }
  apply_operations();  // what callbacks did; it calls no further callbacks
  if (dirty_ || memos_.size() > kMostMemos) {
    memos_.clear();
    dirty_ = false;
  }
  ++serial_;
  ++epoch_;
  shown_count_ = 0;
  RunHost::Outcome outcome = host_.run(script);
  settle(outcome.ending == RunHost::Ending::completed);
  return outcome;
}

Page Session::Impl::run(Script script, std::stop_token token) {
  if (busy_.exchange(true)) {
    throw SessionBusyError("this session is in a run already. One run at a time: wait for it to "
                           "end, or stop it with Session::stop");
  }
  struct Idle {
    Impl& impl;
    ~Idle() {
      impl.host_.clear_stop();
      impl.busy_.store(false);
    }
  };
  const Idle idle{*this};
  host_.clear_stop();
  const std::stop_callback on_stop(token, [this] { host_.stop(); });

  RunHost::Outcome outcome = run_once(script);
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
  return Page(std::move(outcome.recording), std::move(outcome.error));
}

// Rule W5: what was shown is kept; what a completed run did not show is dropped; a run that did
// not complete drops nothing, and leaves the triggers that it had not read.
void Session::Impl::settle(bool completed) {
  std::vector<std::string> dropped;
  std::uint64_t bytes = 0;
  for (auto place = slots_.begin(); place != slots_.end(); ++place) {
    Slot& slot = *place.value();
    const std::string& key = slot.read->definition().key;
    if (shown_now(slot)) {
      // A fired trigger is spent, so its memo is no longer right.
      dirty_ = dirty_ || slot.fired;
      slot.fired = false;
      slot.kept = slot.current->state.value;
      slot.incoming.reset();
      slot.current = nullptr;
    } else if (completed) {
      dropped.push_back(place->first);
    }
    if ((shown_now(slot) || completed) && !key.empty()) {
      const std::scoped_lock lock(mutex_);
      state_.erase(key);  // the widget's own value counts from here on, or none
    }
    bytes += allocated(sizeof(Slot)) + heap_bytes(place->first);
  }
  for (const std::string& identity : dropped) slots_.erase(identity);
  if (!dropped.empty() || !pending_.empty()) dirty_ = true;
  bytes += memos_.size() * allocated(sizeof(Memo));
  host_.count_session_bytes(std::exchange(counted_bytes_, bytes), bytes);
  publish();
}

void Session::Impl::publish() {
  std::vector<const Slot*> all;
  for (const auto& [identity, slot] : slots_) {
    if (std::string_view(slot->read->definition().kind->name) != "form") all.push_back(slot.get());
  }
  std::sort(all.begin(), all.end(),
            [](const Slot* a, const Slot* b) { return a->order < b->order; });
  std::vector<Published> now;
  now.reserve(all.size());
  for (const Slot* slot : all) {
    now.push_back({slot->read, slot->kept.value_or(slot->read->definition().initial)});
  }
  const std::scoped_lock lock(mutex_);
  published_.swap(now);
}

// --- Session ---

Session::Session(Engine& engine) : impl_(std::make_unique<Impl>(*this, engine)) {}
Session::~Session() = default;

Page Session::run(Script script) { return impl_->run(script, {}); }
Page Session::run(Script script, std::stop_token token) {
  return impl_->run(script, std::move(token));
}
void Session::stop() noexcept { impl_->stop(); }
void Session::set(std::string_view widget, Value value) {
  impl_->set(widget, std::move(value), false);
}
void Session::preset(std::string_view widget, Value value) {
  impl_->set(widget, std::move(value), true);
}
void Session::click(std::string_view button) { impl_->click(button); }
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

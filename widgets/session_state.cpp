#include "widgets/session_state.hpp"

#include <algorithm>
#include <utility>

#include "memoscape/detail/allocated.hpp"
#include "memoscape/detail/terminal.hpp"
#include "memoscape/error.hpp"
#include "memoscape/heap_bytes.hpp"

namespace memoscape::inline v0::detail {

namespace {

bool fits(const Definition& definition, const Value& value) {
  return misfit(definition, value).empty();
}

// Session state fits the type of the fallback; without a fallback, anything does.
bool fits_fallback(const Value& fallback, const Value& value) {
  return fallback.is_null() || std::string_view(fallback.kind()) == value.kind();
}

}  // namespace

Value normalized(const Definition& definition, Value value) {
  return definition.kind->normalize == nullptr
             ? value
             : definition.kind->normalize(definition, std::move(value));
}

const SessionState::Slot* SessionState::slot_by_key(std::string_view key) const {
  const auto found = slots_.find("key:" + std::string(key));
  return found == slots_.end() ? nullptr : found->second.get();
}

const Value* SessionState::pending_for(const StateRead& read) const {
  if (pending_.empty()) return nullptr;
  auto found = pending_.find(read.definition().key);
  if (found == pending_.end()) found = pending_.find(read.name());
  return found == pending_.end() ? nullptr : &found->second;
}

Value SessionState::widget_value(const StateRead& read) const {
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

StateValue SessionState::session_value(const StateRead& read) const {
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

StateValue SessionState::compute(const StateRead& read) const {
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

const StateSource::Resolved* SessionState::resolved(const StateRead* read) const noexcept {
  const auto found = memos_.find(read);
  if (found == memos_.end()) return nullptr;
  Memo& memo = *found->second;
  memo.used = serial_;
  const bool stale = read->variable() == StateRead::Variable::session_state && memo.epoch != epoch_;
  return stale ? nullptr : &memo.resolved;
}

const StateSource::Resolved& SessionState::resolve(const StateReadPtr& read) {
  if (const Resolved* known = resolved(read.get())) return *known;
  StateValue state = compute(*read);  // may throw: then nothing is remembered
  std::unique_ptr<Memo>& memo = memos_[read.get()];
  if (memo == nullptr) memo = std::make_unique<Memo>();
  memo->resolved.read = read;
  memo->resolved.state = std::move(state);
  memo->epoch = epoch_;
  memo->used = serial_;
  return memo->resolved;
}

bool SessionState::shown(const Resolved& widget) const noexcept {
  const auto found = slots_.find(widget.read->identity());
  return found != slots_.end() && shown_now(*found->second);
}

void SessionState::show(const Resolved& widget) {
  std::unique_ptr<Slot>& slot = slots_[widget.read->identity()];
  if (slot == nullptr) slot = std::make_unique<Slot>();
  if (const Value* pending = pending_for(*widget.read)) {
    const Definition& definition = widget.read->definition();
    if (!fits(definition, normalized(definition, *pending))) ++rejected_;
    pending_.erase(definition.key);
    pending_.erase(definition.label);
  }
  slot->read = widget.read;
  slot->shown = serial_;
  slot->order = ++shown_count_;
  slot->current = &widget;
  if (!widget.read->definition().key.empty()) ++epoch_;
}

void SessionState::write_state(std::string_view name, Value value) {
  const Slot* slot = slot_by_key(name);
  if (slot != nullptr && shown_now(*slot)) {
    throw UsageError("session state " + quoted(name) + " belongs to the " +
                     slot->read->definition().kind->name + " " + quoted(slot->read->name()) +
                     ", which this run has created already. Write it before the widget is "
                     "created, or in a callback");
  }
  const std::scoped_lock lock(mutex_);
  state_.insert_or_assign(std::string(name), std::move(value));
  ++epoch_;
  // What widgets resolved to may depend on it; those that are shown keep their value.
  dirty_ = dirty_ || slot != nullptr;
  if (slot == nullptr) return;
  forget([&](const Memo& memo) {
    const StateRead& read = *memo.resolved.read;
    return read.is_widget() && read.definition().key == name;
  });
}

void SessionState::write_query(std::string_view name, std::string_view value) {
  query_.insert_or_assign(std::string(name), std::string(value));
  forget([&](const Memo& memo) {
    const StateRead& read = *memo.resolved.read;
    return read.variable() == StateRead::Variable::query && read.name() == name;
  });
}

template <class F>
void SessionState::forget(const F& chosen) {
  for (auto memo = memos_.begin(); memo != memos_.end();) {
    memo = chosen(*memo->second) ? memos_.erase(memo) : ++memo;
  }
}

// --- what users do, and the life of a run ---

void SessionState::submit_form(const StateRead& button, std::vector<StateReadPtr>& changed) {
  for (auto& [identity, slot] : slots_) {
    if (slot->read->form() != button.form() || !slot->in_form) continue;
    Slot& widget = *slot;
    if (!(widget.kept && *widget.kept == *widget.in_form)) changed.push_back(widget.read);
    widget.incoming = std::exchange(widget.in_form, std::nullopt);
  }
}

void SessionState::apply(Operation& operation, std::vector<StateReadPtr>& changed) {
  const auto found = slots_.find(operation.name);
  Slot* slot = found == slots_.end() ? nullptr : found->second.get();
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
      {
        const std::scoped_lock lock(mutex_);
        state_.insert_or_assign(std::move(operation.name), std::move(operation.value));
      }
      return;
    case Operation::What::query:
      query_.insert_or_assign(std::move(operation.name), *operation.value.get_if<std::string>());
      return;
  }
}

std::vector<StateReadPtr> SessionState::apply(std::vector<Operation> operations) {
  std::vector<StateReadPtr> changed;
  for (Operation& operation : operations) apply(operation, changed);
  if (!operations.empty()) dirty_ = true;
  const auto order = [&](const StateReadPtr& read) { return slots_.at(read->identity())->order; };
  std::sort(changed.begin(), changed.end(),
            [&](const auto& a, const auto& b) { return order(a) < order(b); });
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  return changed;
}

void SessionState::begin_run() {
  if (std::exchange(dirty_, false)) memos_.clear();
  ++serial_;
  ++epoch_;
  shown_count_ = 0;
}

void SessionState::settle(bool completed) {
  std::vector<std::string> dropped;
  for (auto place = slots_.begin(); place != slots_.end(); ++place) {
    Slot& slot = *place.value();
    const bool on_page = shown_now(slot);
    if (on_page) {
      const Value& value = slot.current->state.value;
      // What changes here, a spent trigger included, makes memos wrong.
      dirty_ = dirty_ || slot.fired || !slot.kept || !(*slot.kept == value);
      slot.kept = value;
      slot.fired = false;
      slot.incoming.reset();
      slot.current = nullptr;
    } else if (completed) {
      dropped.push_back(place->first);
    }
    const std::string& key = slot.read->definition().key;
    if ((on_page || completed) && !key.empty()) {
      const std::scoped_lock lock(mutex_);
      state_.erase(key);  // the widget's own value counts from here on, or none
    }
  }
  for (const std::string& identity : dropped) slots_.erase(identity);
  if (!dropped.empty() || !pending_.empty()) dirty_ = true;
  // Widgets that are not in a cached function have a new definition in each run.
  forget([&](const Memo& memo) { return memo.used != serial_; });
}

std::vector<Published> SessionState::published() const {
  std::vector<const Slot*> all;
  for (const auto& [identity, slot] : slots_) {
    if (std::string_view(slot->read->definition().kind->name) != "form") all.push_back(slot.get());
  }
  std::sort(all.begin(), all.end(),
            [](const Slot* a, const Slot* b) { return a->order < b->order; });
  std::vector<Published> result;
  result.reserve(all.size());
  for (const Slot* slot : all) {
    result.push_back({slot->read, slot->kept.value_or(slot->read->definition().initial)});
  }
  return result;
}

std::uint64_t SessionState::bytes() const {
  std::uint64_t bytes = memos_.size() * allocated(sizeof(Memo));
  for (const auto& [identity, slot] : slots_) {
    bytes += allocated(sizeof(Slot)) + heap_bytes(identity) + allocated(sizeof(StateRead)) +
             slot->read->heap_bytes();
  }
  return bytes;
}

std::optional<Value> SessionState::entry(std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = state_.find(name);
  return found == state_.end() ? std::nullopt : std::optional<Value>(found->second);
}

}  // namespace memoscape::inline v0::detail

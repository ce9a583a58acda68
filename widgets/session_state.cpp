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

// A trigger fires when its value is not the default.
bool has_fired(const StateRead& read, const Value& value) {
  return read.is_trigger() && !(value == read.definition().initial);
}

}  // namespace

bool carries_value(const StateRead& trigger) noexcept {
  return trigger.definition().initial.get_if<bool>() == nullptr;
}

Value normalized(const Definition& definition, Value value) {
  return definition.kind->normalize == nullptr
             ? value
             : definition.kind->normalize(definition, std::move(value));
}

SessionState::Slot* SessionState::slot_by_key(std::string_view key) const {
  const auto found = slots_.find("key:" + std::string(key));
  const bool known = found != slots_.end() && found->second->read != nullptr;
  return known ? found->second.get() : nullptr;
}

const Value* SessionState::pending_for(const StateRead& read) const {
  if (pending_.empty()) return nullptr;
  auto found = pending_.find(read.definition().key);
  if (found == pending_.end()) found = pending_.find(read.name());
  return found == pending_.end() ? nullptr : &found->second;
}

Value SessionState::widget_value(const StateRead& read, const Slot* slot) const {
  const Definition& definition = read.definition();
  if (read.is_trigger() && !carries_value(read)) return Value(slot != nullptr && slot->fired);
  if (slot != nullptr && slot->incoming && fits(definition, *slot->incoming)) {
    return *slot->incoming;
  }
  if (const Value* pending = pending_for(read)) {
    Value value = normalized(definition, *pending);
    if (fits(definition, value)) return value;
  }
  if (read.is_trigger()) return definition.initial;  // what was sent is spent
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
    if (slot->current != nullptr) {
      result.value = slot->current->state.value;
    } else {
      result.value = widget_value(*slot->read, slot);
    }
    // Reading whether a button was clicked is reading a trigger.
    result.fired = has_fired(*slot->read, result.value);
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
    case StateRead::Variable::widget: {
      const auto slot = slots_.find(read.identity());
      result.value = widget_value(read, slot == slots_.end() ? nullptr : slot->second.get());
      result.fired = has_fired(read, result.value);
      break;
    }
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

bool SessionState::is_current(const Memo& memo) const noexcept {
  return memo.version == (memo.slot != nullptr ? memo.slot->version : state_version_) &&
         memo.presets == presets_version_;
}

const StateSource::Resolved* SessionState::resolved(const StateRead* read) const noexcept {
  const auto found = memos_.find(read);
  if (found == memos_.end()) return nullptr;
  Memo& memo = *found->second;
  memo.used = serial_;
  return is_current(memo) ? &memo : nullptr;
}

const StateSource::Resolved& SessionState::resolve(const StateReadPtr& read) {
  if (const Resolved* known = resolved(read.get())) return *known;
  StateValue state = compute(*read);  // may throw: then nothing is remembered
  std::unique_ptr<Memo>& memo = memos_[read.get()];
  if (memo == nullptr) {
    memo = std::make_unique<Memo>();
    memo->read = read;
    memo->used = serial_;
  }
  if (read->is_widget() && memo->slot == nullptr) {
    std::unique_ptr<Slot>& slot = slots_[read->identity()];
    if (slot == nullptr) slot = std::make_unique<Slot>();
    memo->slot = slot.get();
  }
  memo->state = std::move(state);
  memo->version = memo->slot != nullptr ? memo->slot->version : state_version_;
  memo->presets = presets_version_;
  return *memo;
}

bool SessionState::shown(const Resolved& widget) const noexcept {
  return shown_now(*static_cast<const Memo&>(widget).slot);
}

void SessionState::show(const Resolved& widget) {
  Slot& slot = *static_cast<const Memo&>(widget).slot;
  if (slot.group != nullptr) slot.group->disband();
  const Definition& definition = widget.read->definition();
  if (const Value* pending = pending_for(*widget.read)) {
    if (!fits(definition, normalized(definition, *pending))) ++rejected_;
    // It goes when the run is settled, so that what is resolved does not depend on the order.
    taken_.push_back(pending_.contains(definition.key) ? definition.key : definition.label);
  }
  ++shown_count_;
  const bool same_read = slot.read != nullptr && slot.read->same(*widget.read);
  if (slot.order != shown_count_ || !same_read) page_changed_ = true;
  if (!definition.key.empty()) {
    // From now on it is the entry of that name.
    const bool is_already = same_read && slot.kept && *slot.kept == widget.state.value &&
                            !slot.incoming && !slot.fired && !state_.contains(definition.key);
    if (!is_already) ++state_version_;
  }
  slot.read = widget.read;
  slot.shown = serial_;
  slot.order = shown_count_;
  slot.current = static_cast<const Memo*>(&widget);
  shown_.push_back(&slot);
}

// --- groups ---

std::uint64_t SessionState::SlotGroup::bytes() const noexcept {
  return allocated(sizeof(SlotGroup)) + allocated(slots.capacity() * sizeof(Slot*));
}

void SessionState::SlotGroup::disband() noexcept {
  stands = false;
  for (Slot* slot : slots) {
    slot->group = nullptr;
    slot->shown = std::max(slot->shown, shown);
  }
  slots.clear();
}

std::unique_ptr<StateSource::Group> SessionState::group(std::span<const Resolved* const> reads) {
  auto made = std::make_unique<SlotGroup>();
  for (const Resolved* read : reads) {
    Slot* slot = static_cast<const Memo*>(read)->slot;
    if (slot == nullptr) {
      made->reads_entries = true;
      continue;
    }
    const bool follows = made->slots.empty() || slot->order == made->slots.back()->order + 1;
    if (slot->shown != serial_ || !follows) return nullptr;
    made->slots.push_back(slot);
  }
  for (Slot* slot : made->slots) {
    if (slot->group != nullptr) slot->group->disband();
    slot->group = made.get();
  }
  made->entries = state_version_;
  made->presets = presets_version_;
  made->shown = serial_;
  if (!made->slots.empty()) made->order = made->slots.front()->order;
  return made;
}

bool SessionState::show_again(Group& base) noexcept {
  auto& group = static_cast<SlotGroup&>(base);
  const bool stands = group.stands && group.presets == presets_version_ &&
                      (!group.reads_entries || group.entries == state_version_);
  if (!stands) return false;
  if (group.slots.empty()) return true;
  if (std::exchange(group.shown, serial_) == serial_) return false;
  if (group.order == shown_count_ + 1) {
    shown_count_ += group.slots.size();
    return true;
  }
  page_changed_ = true;
  group.order = shown_count_ + 1;
  for (Slot* slot : group.slots) slot->order = ++shown_count_;
  return true;
}

void SessionState::write_state(std::string_view name, Value value) {
  const Slot* slot = slot_by_key(name);
  if (slot != nullptr && shown_now(*slot)) {
    throw UsageError("session state " + quoted(name) + " belongs to the " +
                     slot->read->definition().kind->name + " " + quoted(slot->read->name()) +
                     ", which this run has created already. Write it before the widget is "
                     "created, or in a callback");
  }
  ++state_version_;
  const auto keyed = slots_.find("key:" + std::string(name));
  if (keyed != slots_.end()) touch(*keyed.value());
  const std::scoped_lock lock(mutex_);
  state_.insert_or_assign(std::string(name), std::move(value));
}

void SessionState::write_query(std::string_view name, std::string_view value) {
  query_.insert_or_assign(std::string(name), std::string(value));
  ++state_version_;
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
    if (!slot->in_form || slot->read->form() != button.form()) continue;
    Slot& widget = *slot;
    touch(widget);
    if (!(widget.kept && *widget.kept == *widget.in_form)) changed.push_back(widget.read);
    widget.incoming = std::exchange(widget.in_form, std::nullopt);
  }
}

void SessionState::apply(Operation& operation, std::vector<StateReadPtr>& changed) {
  const auto found = slots_.find(operation.name);
  Slot* slot = found == slots_.end() ? nullptr : found->second.get();
  if (slot != nullptr && slot->read == nullptr) slot = nullptr;  // gone from the page since
  ++state_version_;  // a widget with a key is session state, too
  switch (operation.what) {
    case Operation::What::set:
      if (slot == nullptr) return;
      if (!slot->read->form().empty()) {
        slot->in_form = std::move(operation.value);
        return;
      }
      if (slot->read->is_trigger()) {
        slot->fired = true;  // the same message again is another one
        changed.push_back(slot->read);
      } else if (!(slot->kept && *slot->kept == operation.value)) {
        changed.push_back(slot->read);
      }
      slot->incoming = std::move(operation.value);
      touch(*slot);
      return;
    case Operation::What::fire:
      if (slot == nullptr) return;
      if (!slot->read->form().empty()) submit_form(*slot->read, changed);
      slot->fired = true;
      touch(*slot);
      changed.push_back(slot->read);
      return;
    case Operation::What::preset:
      pending_.insert_or_assign(std::move(operation.name), std::move(operation.value));
      ++presets_version_;
      return;
    case Operation::What::state: {
      // The newest word counts: what a callback writes overrides what the user set.
      if (const auto keyed = slots_.find("key:" + operation.name); keyed != slots_.end()) {
        keyed.value()->incoming.reset();
        touch(*keyed.value());
      }
      const std::scoped_lock lock(mutex_);
      state_.insert_or_assign(std::move(operation.name), std::move(operation.value));
      return;
    }
    case Operation::What::query:
      query_.insert_or_assign(std::move(operation.name), *operation.value.get_if<std::string>());
      return;
  }
}

std::vector<StateReadPtr> SessionState::apply(std::vector<Operation> operations) {
  std::vector<StateReadPtr> changed;
  for (Operation& operation : operations) apply(operation, changed);
  const auto order = [&](const StateReadPtr& read) { return slots_.at(read->identity())->order; };
  std::sort(changed.begin(), changed.end(),
            [&](const auto& a, const auto& b) { return order(a) < order(b); });
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  return changed;
}

void SessionState::begin_run() noexcept {
  ++serial_;
  shown_count_ = 0;
  shown_.clear();
  page_changed_ = false;
  changed_.clear();
}

// What a widget that was shown by itself resolves to next time is what it did now, unless it is a
// trigger.
void SessionState::settle_shown(Slot& slot) {
  const Value& value = slot.current->state.value;
  bool moved = slot.fired || slot.incoming || !slot.kept || !(*slot.kept == value);
  if (moved) {
    changed_.push_back(&slot);
    slot.kept = value;
    slot.fired = false;
    slot.incoming.reset();
  }
  if (!state_.empty()) {
    // The widget's own value counts from here on.
    const std::scoped_lock lock(mutex_);
    moved = state_.erase(slot.read->definition().key) > 0 || moved;
  }
  if (moved && slot.read->is_trigger()) {
    touch(slot);
  } else if (moved) {
    const bool was_current = slot.current->version == slot.version++;
    if (was_current) slot.current->version = slot.version;
  }
  slot.current = nullptr;
}

void SessionState::settle(bool completed) {
  std::vector<std::string> dropped;
  for (Slot* slot : shown_) settle_shown(*slot);
  const bool all_shown = !page_changed_ && shown_count_ == slots_.size();
  if (!all_shown && completed) {
    for (const auto& [identity, slot] : slots_) {
      if (shown_now(*slot)) continue;
      dropped.push_back(identity);
      if (state_.empty() || slot->read == nullptr) continue;
      const std::scoped_lock lock(mutex_);
      state_.erase(slot->read->definition().key);  // no value counts from here on
    }
  }
  if (!taken_.empty()) ++presets_version_;
  for (const std::string& name : std::exchange(taken_, {})) pending_.erase(name);
  page_changed_ = page_changed_ || !dropped.empty();
  if (page_changed_ || !changed_.empty()) ++state_version_;
  if (!dropped.empty()) {
    forget([&](const Memo& memo) { return memo.slot != nullptr && !shown_now(*memo.slot); });
    for (const std::string& identity : dropped) {
      SlotGroup* group = slots_.at(identity)->group;
      if (group != nullptr) group->disband();
      slots_.erase(identity);
    }
  }
  forget_stale();
}

// Widgets that are not in a cached function have a new definition in each run: what was not asked
// for goes, once it is the larger part.
void SessionState::forget_stale() {
  if (memos_.size() <= 2 * slots_.size() + kFewMemos) return;
  forget([&](const Memo& memo) {
    const bool in_group = memo.slot != nullptr && memo.slot->group != nullptr &&
                          shown_now(*memo.slot) && memo.slot->read == memo.read;
    return memo.used != serial_ && !in_group;
  });
}

bool SessionState::publish(std::vector<Published>& published, std::vector<Published>& old) {
  published_presets_ = presets_version_;
  const auto value_of = [](const Slot& slot) {
    return slot.kept.value_or(slot.read->definition().initial);
  };
  if (!page_changed_) {
    for (const Slot* slot : changed_) {
      if (slot->place == kNowhere) continue;
      old.push_back(std::exchange(published[slot->place], {slot->read, value_of(*slot)}));
    }
    return false;
  }
  std::vector<Slot*> all;
  for (const auto& [identity, slot] : slots_) {
    slot->place = kNowhere;
    if (slot->read == nullptr) continue;
    if (std::string_view(slot->read->definition().kind->name) != "form") all.push_back(slot.get());
  }
  std::sort(all.begin(), all.end(),
            [](const Slot* a, const Slot* b) { return a->order < b->order; });
  old.swap(published);
  published.reserve(all.size());
  for (Slot* slot : all) {
    slot->place = published.size();
    published.push_back({slot->read, value_of(*slot)});
  }
  return true;
}

std::uint64_t SessionState::bytes() const {
  std::uint64_t bytes = memos_.size() * allocated(sizeof(Memo));
  for (const auto& [identity, slot] : slots_) {
    bytes += allocated(sizeof(Slot)) + heap_bytes(identity) + allocated(sizeof(StateRead)) +
             (slot->read == nullptr ? 0 : slot->read->heap_bytes());
  }
  return bytes;
}

std::optional<Value> SessionState::entry(std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = state_.find(name);
  return found == state_.end() ? std::nullopt : std::optional<Value>(found->second);
}

}  // namespace memoscape::inline v0::detail

#include "widgets/session_state.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "memoscape/detail/allocated.hpp"
#include "memoscape/detail/buffers.hpp"
#include "memoscape/detail/reserve.hpp"
#include "memoscape/detail/schedule.hpp"
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

// Whether it can be destroyed in a lookup: it holds no object of a user's type.
bool is_harmless(const Value& value) {
  const Value::List* items = value.get_if<Value::List>();
  if (items != nullptr) return std::all_of(items->begin(), items->end(), is_harmless);
  return value.is_plain() || value.get_if<std::string>() != nullptr;
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

const SessionState::Preset* SessionState::find_pending(const StateRead& read) const {
  auto found = pending_.find(read.definition().key);
  if (found == pending_.end()) found = pending_.find(read.name());
  return found == pending_.end() ? nullptr : &found->second;
}

const Value& SessionState::widget_value(const StateRead& read, const Slot* slot,
                                        Value& storage) const {
  const Definition& definition = read.definition();
  if (read.is_trigger() && !carries_value(read)) {
    return storage = Value(slot != nullptr && slot->fired);
  }
  const bool is_its_own = slot != nullptr && slot->read.get() == &read;
  const bool comes_in = slot != nullptr && slot->comes_in &&
                        ((is_its_own && slot->incoming_fits) || fits(definition, slot->incoming));
  if (comes_in) return slot->incoming;
  if (const Preset* pending = pending_for(read)) {
    storage = normalized(definition, pending->value);
    if (fits(definition, storage)) return storage;
  }
  if (read.is_trigger()) return definition.initial;  // what was sent is spent
  if (!definition.key.empty() && !state_.empty()) {
    if (const auto entry = state_.find(definition.key); entry != state_.end()) {
      storage = normalized(definition, entry->second);
      if (fits(definition, storage)) return storage;
    }
  }
  const bool is_kept = slot != nullptr && slot->is_kept &&
                       ((is_its_own && slot->kept_fits) || fits(definition, slot->kept));
  return is_kept ? slot->kept : definition.initial;
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
      Value storage;
      result.value = widget_value(*slot->read, slot, storage);
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

// May throw: then the memo is as it was.
void SessionState::compute(Memo& memo) const {
  const StateRead& read = *memo.read;
  StateValue fresh;
  bool rejects = false;
  const Value* value = &fresh.value;
  switch (read.variable()) {
    case StateRead::Variable::widget:
      value = &widget_value(read, memo.slot, fresh.value);
      fresh.fired = has_fired(read, *value);
      if (const Preset* pending = pending_for(read)) {
        const Definition& definition = read.definition();
        rejects = !fits(definition, normalized(definition, pending->value));
      }
      break;
    case StateRead::Variable::session_state:
      fresh = session_value(read);
      break;
    case StateRead::Variable::query:
      if (const auto entry = query_.find(read.name()); entry != query_.end()) {
        fresh.value = entry->second;
      }
      break;
  }
  const bool is_news = memo.state.bytes.empty() || memo.state.upload || fresh.upload ||
                       !(memo.state.value == *value);
  if (is_news) {
    Encoder encoder;
    // The content of an upload is no key; it never matches what another kind of entry recorded.
    if (!fresh.upload) encode(encoder, *value);
    const std::string_view bytes = fresh.upload ? std::string_view("upload") : encoder.view();
    if (value->is_plain()) {
      memo.state.bytes = bytes;
      memo.state.value = *value;  // cannot fail
    } else {
      Value copy = *value;
      memo.state.bytes = bytes;
      memo.state.value = std::move(copy);
    }
    memo.hash = 0;
  }
  memo.state.fired = fresh.fired;
  memo.state.upload = fresh.upload;
  memo.rejects = rejects;
}

inline SessionState::Memo* SessionState::find_memo(const StateRead* read) noexcept {
  Memo* memo = *guessed_memo_;
  if (memo == nullptr || memo->read.get() != read) {
    memo = find_unguessed(read);
    if (memo == nullptr) return nullptr;
  }
  guessed_memo_ = &memo->next;
  memo->used = serial_;
  return memo;
}

SessionState::Memo* SessionState::find_unguessed(const StateRead* read) noexcept {
  const auto found = memos_.find(read);
  return found == memos_.end() ? nullptr : *guessed_memo_ = found->second.get();
}

// The slot's own value, if that is what the read resolves to and it was checked: then nobody's
// `misfit` is asked, nor is any other code of a user's called. Null: that must be found out.
const Value* SessionState::checked_value(const Memo& memo) const noexcept {
  const Slot* slot = memo.slot;
  if (slot == nullptr || slot->read != memo.read || !pending_.empty()) return nullptr;
  const std::string& key = memo.read->definition().key;
  if (!slot->is_simple && !state_.empty() && !key.empty() && state_.contains(key)) return nullptr;
  if (slot->comes_in) return slot->incoming_fits ? &slot->incoming : nullptr;
  return slot->is_kept && slot->kept_fits ? &slot->kept : nullptr;
}

// The common case of `compute`. False: it is not that case. Requires: a memo with a slot.
bool SessionState::take_plain(Memo& memo, const Value& checked) {
  const bool is_input =
      memo.slot->is_simple || memo.read->definition().kind->nature == Nature::input;
  if (!is_input || memo.state.bytes.empty() || !checked.is_plain() || memo.state.upload) {
    return false;
  }
  memo.state.fired = memo.rejects = false;
  if (memo.state.value == checked) return true;
  Encoder encoder;
  encode(encoder, checked);
  memo.state.bytes = encoder.view();
  memo.state.value = checked;
  memo.hash = 0;
  return true;
}

// The commonest: a small whole number was set, in the place of another one of as many bytes.
inline bool SessionState::take_whole(Memo& memo) const noexcept {
  const Slot* slot = memo.slot;
  if (slot == nullptr || slot->read != memo.read || !pending_.empty()) return false;
  return take_whole_of(*slot, memo);
}

// The same, if it is known what the memo is of.
inline bool SessionState::take_whole_of(const Slot& slot, Memo& memo) const noexcept {
  if (!slot.is_simple || !slot.comes_in || !slot.incoming_fits) return false;
  const std::int64_t* whole = slot.incoming.get_if<std::int64_t>();
  const std::int64_t* before = memo.state.value.get_if<std::int64_t>();
  if (whole == nullptr || before == nullptr) return false;
  const auto number = static_cast<std::uint64_t>(*whole);
  if (*whole != *before) {
    const Encoder::Small small = Encoder::small(number);
    if (small.size == 0 || memo.state.bytes.size() != small.size) return false;
    small.write(memo.state.bytes.data());
    memo.state.value = slot.incoming;
    memo.hash = 0;
  }
  memo.rejects = false;
  memo.version = slot.version;
  memo.presets = presets_version_;
  return true;
}

void SessionState::bring_up_to_date(Memo& memo, const Value* checked) const {
  if (checked == nullptr || !take_plain(memo, *checked)) compute(memo);
  memo.version = memo.slot != nullptr ? memo.slot->version : state_version_;
  memo.presets = presets_version_;
}

const StateSource::Resolved* SessionState::resolved(const StateRead* read) {
  Memo* memo = find_memo(read);
  if (memo == nullptr || is_current(*memo) || take_whole(*memo)) return memo;
  return resolved_anew(*memo);
}

const StateSource::Resolved* SessionState::resolved_anew(Memo& memo) {
  const Value* checked = checked_value(memo);
  // What goes for it must be simple to destroy, too.
  if (checked == nullptr || !is_harmless(memo.state.value)) return nullptr;
  bring_up_to_date(memo, checked);
  return &memo;
}

const StateSource::Resolved& SessionState::resolve(const StateReadPtr& read) {
  Memo* memo = find_memo(read.get());
  if (memo != nullptr) {
    if (!is_current(*memo)) bring_up_to_date(*memo, checked_value(*memo));
    return *memo;
  }
  auto made = memo_pool_.make();
  made->read = read;
  if (read->is_widget()) {
    const auto slot = slots_.find(read->identity());
    made->slot = slot == slots_.end() ? &make_slot(read->identity()) : slot->second.get();
  }
  made->used = serial_;
  bring_up_to_date(*made, nullptr);
  memo = made.get();
  memos_.emplace(read.get(), std::move(made));
  *guessed_memo_ = memo;
  guessed_memo_ = &memo->next;
  return *memo;
}

StateReadPtr SessionState::known(std::string_view bytes, std::string_view key,
                                 const Callback& on_change) const {
  const Slot* slot = *guessed_slot_;
  if (slot == nullptr || slot->read == nullptr || slot->read->bytes() != bytes) {
    const auto found = key.empty() ? slots_.find(bytes) : slots_.find("key:" + std::string(key));
    if (found == slots_.end()) return nullptr;
    slot = found->second.get();
    if (slot->read == nullptr || slot->read->bytes() != bytes) return nullptr;
  }
  return slot->read->definition().on_change == on_change ? slot->read : nullptr;
}

// --- slots ---

SessionState::Slot& SessionState::make_slot(const std::string& identity) {
  auto slot = slot_pool_.make();
  if (free_numbers_.empty()) {
    free_numbers_.reserve(numbers_.size() + 1);  // so that dropping a slot cannot fail
    numbers_.push_back({});
    slot->name.number = static_cast<std::uint32_t>(numbers_.size() - 1);
    free_numbers_.push_back(slot->name.number);
  }
  Slot& made = *slot;
  made.name.number = free_numbers_.back();
  made.name.generation = numbers_[made.name.number].generation;
  slots_.emplace(identity, std::move(slot));
  numbers_[made.name.number].slot = &made;
  free_numbers_.pop_back();
  return made;
}

void SessionState::drop_slot(const Slot& slot) noexcept {
  if (slot.group != nullptr) slot.group->disband();
  Numbered& numbered = numbers_[slot.name.number];
  numbered.slot = nullptr;
  ++numbered.generation;
  free_numbers_.push_back(slot.name.number);  // there is room, see make_slot
}

// --- on the page ---

bool SessionState::shown(std::span<const Resolved* const> reads) const noexcept {
  return std::any_of(reads.begin(), reads.end(), [&](const Resolved* read) {
    const Slot* slot = static_cast<const Memo*>(read)->slot;
    return slot != nullptr && shown_now(*slot);
  });
}

void SessionState::make_room(std::size_t widgets) {
  reserve_more(shown_, widgets);
  changed_.reserve(shown_.capacity());  // for when the run is settled
}

void SessionState::show(std::span<const Resolved* const> reads) noexcept {
  for (const Resolved* read : reads) {
    const Memo& memo = *static_cast<const Memo*>(read);
    if (memo.slot == nullptr) continue;
    Slot& slot = *memo.slot;
    if (slot.group != nullptr) slot.group->break_up();
    ++shown_count_;
    if (slot.read != memo.read || !slot.is_simple || !pending_.empty()) note_shown(memo);
    if (slot.order != shown_count_) page_changed_ = true;
    if (!memo.state.value.is_plain()) all_plain_ = false;
    slot.shown = serial_;
    slot.is_shown = true;
    slot.order = static_cast<std::uint32_t>(shown_count_);
    if (slot.current == nullptr) shown_.push_back(&slot);
    slot.current = &memo;
    slot.memo = const_cast<Memo*>(&memo);
    *guessed_slot_ = &slot;
    guessed_slot_ = &slot.next;
  }
}

// What showing it means for others, or for the slot, unless both know it already.
void SessionState::note_shown(const Memo& widget) noexcept {
  Slot& slot = *widget.slot;
  const Definition& definition = widget.read->definition();
  if (const Preset* pending = pending_for(*widget.read)) {
    if (widget.rejects) ++rejected_;
    // It goes when the run is settled, so that what is resolved does not depend on the order.
    const_cast<Preset*>(pending)->taken = true;
  }
  const bool same_object = slot.read == widget.read;
  const bool same_read = same_object || (slot.read != nullptr && slot.read->same(*widget.read));
  if (!same_object) all_plain_ = false;
  if (!definition.key.empty()) {
    // From now on it is the entry of that name.
    const bool is_already = same_read && slot.is_kept && slot.kept == widget.state.value &&
                            !slot.comes_in && !slot.fired && !state_.contains(definition.key);
    if (!is_already) ++state_version_;
  }
  if (!same_object) slot.read = widget.read;
  if (!same_read) {
    page_changed_ = true;
    ++slot.definition;
    slot.incoming_fits = slot.kept_fits = false;
    slot.is_input = definition.kind->nature == Nature::input;
    slot.is_simple = slot.is_input && definition.key.empty() && widget.read->form().empty() &&
                     !definition.on_change;
  }
}

// --- groups ---

std::uint64_t SessionState::SlotGroup::bytes() const noexcept {
  return allocated(sizeof(SlotGroup)) +
         (slots.capacity() == kFewSlots ? 0 : allocated(slots.capacity() * sizeof(void*)));
}

void SessionState::SlotGroup::disband() noexcept {
  break_up();
  for (Slot* slot : slots) {
    slot->group = nullptr;
    slot->shown = std::max(slot->shown, shown_);
  }
  slots.clear();
}

std::unique_ptr<StateSource::Group> SessionState::group(std::span<const Resolved* const> reads) {
  auto made = std::make_unique<SlotGroup>();
  for (const Resolved* read : reads) {
    Slot* slot = static_cast<const Memo*>(read)->slot;
    if (slot == nullptr) {
      made->reads_entries_ = true;
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
  made->entries_ = state_version_;
  made->presets_ = presets_version_;
  made->shown_ = serial_;
  made->count_ = made->slots.size();
  if (!made->slots.empty()) made->order_ = made->slots.front()->order;
  return made;
}

bool SessionState::resolve(Group& base, const Resolved** reads) {
  auto& group = static_cast<SlotGroup&>(base);
  if (group.reads_entries_ || !pending_.empty() || group.slots.empty()) return false;
  assert(group.shown_ != serial_);  // what this run has shown does not change within it
  std::uint64_t order = group.order_;
  for (Slot* slot : group.slots) {
    Memo* memo = slot->memo;
    const bool is_in_place =
        slot->is_input && memo != nullptr && !slot->is_shown && slot->order == order++;
    if (!is_in_place) return false;
    const bool is_told =
        take_whole_of(*slot, *memo) || is_current(*memo) || resolved_anew(*memo) != nullptr;
    if (!is_told) return false;
    *reads++ = memo;
    if (!slot->comes_in && slot->is_kept) continue;  // there is nothing to settle
    if (slot->current == nullptr) shown_.push_back(slot);
    slot->current = memo;
    if (!memo->state.value.is_plain()) all_plain_ = false;
  }
  return true;
}

void SessionState::move(Group& base) noexcept {
  auto& group = static_cast<SlotGroup&>(base);
  page_changed_ = true;
  group.order_ = shown_count_ + 1;
  auto order = static_cast<std::uint32_t>(shown_count_);
  for (Slot* slot : group.slots) slot->order = ++order;
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
  const PointedLock lock(mutex_);
  state_.insert_or_assign(std::string(name), std::move(value));
}

void SessionState::write_query(std::string_view name, std::string_view value) {
  query_.insert_or_assign(std::string(name), std::string(value));
  ++state_version_;
}

std::uint64_t SessionState::bytes() const {
  std::uint64_t bytes = slot_pool_.bytes() + memo_pool_.bytes() + table_bytes(slots_) +
                        table_bytes(memos_) + buffer_bytes(numbers_) + buffer_bytes(free_numbers_) +
                        buffer_bytes(called_) + buffer_bytes(shown_) + buffer_bytes(changed_) +
                        buffer_bytes(kept_next_) + buffer_bytes(in_order_) + buffer_bytes(fresh_);
  for (const auto& [identity, slot] : slots_) {
    bytes += heap_bytes(identity);
    if (slot->read == nullptr || slot->read->is_charged()) continue;
    bytes += allocated(sizeof(StateRead)) + slot->read->heap_bytes();
  }
  return bytes;
}

std::optional<Value> SessionState::entry(std::string_view name) const {
  const PointedLock lock(mutex_);
  const auto found = state_.find(name);
  return found == state_.end() ? std::nullopt : std::optional<Value>(found->second);
}

}  // namespace memoscape::inline v0::detail

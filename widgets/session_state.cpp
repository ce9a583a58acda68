#include "widgets/session_state.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/reserve.hpp"
#include "memoscape/detail/allocated.hpp"
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
bool is_simple(const Value& value) {
  const Value::List* items = value.get_if<Value::List>();
  if (items != nullptr) return std::all_of(items->begin(), items->end(), is_simple);
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
  const bool comes_in = slot != nullptr && slot->incoming &&
                        ((is_its_own && slot->incoming_fits) || fits(definition, *slot->incoming));
  if (comes_in) return *slot->incoming;
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
  const bool is_kept = slot != nullptr && slot->kept &&
                       ((is_its_own && slot->kept_fits) || fits(definition, *slot->kept));
  return is_kept ? *slot->kept : definition.initial;
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
    memo.hash = {};
  }
  memo.state.fired = fresh.fired;
  memo.state.upload = fresh.upload;
  memo.rejects = rejects;
}

SessionState::Memo* SessionState::find_memo(const StateRead* read) noexcept {
  Memo* memo = *guessed_memo_;
  if (memo == nullptr || memo->read.get() != read) {
    const auto found = memos_.find(read);
    if (found == memos_.end()) return nullptr;
    memo = *guessed_memo_ = found->second.get();
  }
  guessed_memo_ = &memo->next;
  memo->used = serial_;
  return memo;
}

// The slot's own value, if that is what the read resolves to and it was checked: then nobody's
// `misfit` is asked, nor is any other code of a user's called. Null: that must be found out.
const Value* SessionState::checked_value(const Memo& memo) const noexcept {
  const Slot* slot = memo.slot;
  if (slot == nullptr || slot->read != memo.read || !pending_.empty()) return nullptr;
  if (!state_.empty() && !memo.read->definition().key.empty()) return nullptr;
  const std::optional<Value>& value = slot->incoming ? slot->incoming : slot->kept;
  const bool fits = slot->incoming ? slot->incoming_fits : slot->kept_fits;
  return value && fits ? &*value : nullptr;
}

// The common case of `compute`. False: it is not that case.
bool SessionState::take_plain(Memo& memo, const Value& checked) const {
  const bool is_input = memo.read->definition().kind->nature == Nature::input;
  if (!is_input || memo.state.bytes.empty() || !checked.is_plain() || memo.state.upload) {
    return false;
  }
  memo.state.fired = memo.rejects = false;
  if (memo.state.value == checked) return true;
  Encoder encoder;
  encode(encoder, checked);
  const std::string_view bytes = encoder.view();
  if (memo.state.bytes.size() == bytes.size())
    std::memcpy(memo.state.bytes.data(), bytes.data(), bytes.size());
  else
    memo.state.bytes = bytes;
  memo.state.value = checked;
  memo.hash = {};
  return true;
}

void SessionState::bring_up_to_date(Memo& memo, const Value* checked) const {
  if (checked == nullptr || !take_plain(memo, *checked)) compute(memo);
  memo.version = memo.slot != nullptr ? memo.slot->version : state_version_;
  memo.presets = presets_version_;
}

const StateSource::Resolved* SessionState::resolved(const StateRead* read) {
  Memo* memo = find_memo(read);
  if (memo == nullptr || is_current(*memo)) return memo;
  const Value* checked = checked_value(*memo);
  // What goes for it must be simple to destroy, too.
  if (checked == nullptr || !is_simple(memo->state.value)) return nullptr;
  bring_up_to_date(*memo, checked);
  return memo;
}

const StateSource::Resolved& SessionState::resolve(const StateReadPtr& read) {
  Memo* memo = find_memo(read.get());
  if (memo != nullptr) {
    if (!is_current(*memo)) bring_up_to_date(*memo, checked_value(*memo));
    return *memo;
  }
  auto made = std::make_unique<Memo>();
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
  auto slot = std::make_unique<Slot>();
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

SessionState::Slot* SessionState::slot_of(SlotName name) const noexcept {
  if (name.number >= numbers_.size()) return nullptr;
  const Numbered& numbered = numbers_[name.number];
  const bool is_there = numbered.slot != nullptr && numbered.generation == name.generation;
  return is_there ? numbered.slot : nullptr;
}

// --- on the page ---

bool SessionState::shown(const Resolved& widget) const noexcept {
  return shown_now(*static_cast<const Memo&>(widget).slot);
}

void SessionState::make_room(std::size_t widgets) {
  reserve_more(shown_, widgets);
  changed_.reserve(shown_.capacity());  // for when the run is settled
}

void SessionState::show(const Resolved& widget) noexcept {
  const Memo& memo = static_cast<const Memo&>(widget);
  Slot& slot = *memo.slot;
  if (slot.group != nullptr) slot.group->disband();
  const Definition& definition = widget.read->definition();
  if (const Preset* pending = pending_for(*widget.read)) {
    if (memo.rejects) ++rejected_;
    // It goes when the run is settled, so that what is resolved does not depend on the order.
    const_cast<Preset*>(pending)->taken = true;
  }
  ++shown_count_;
  const bool same_object = slot.read == widget.read;
  const bool same_read = same_object || (slot.read != nullptr && slot.read->same(*widget.read));
  if (slot.order != shown_count_ || !same_read) page_changed_ = true;
  if (!same_object || !widget.state.value.is_plain()) all_plain_ = false;
  if (!definition.key.empty()) {
    // From now on it is the entry of that name.
    const bool is_already = same_read && slot.kept && *slot.kept == widget.state.value &&
                            !slot.incoming && !slot.fired && !state_.contains(definition.key);
    if (!is_already) ++state_version_;
  }
  if (!same_object) slot.read = widget.read;
  if (!same_read) {
    ++slot.definition;
    slot.incoming_fits = slot.kept_fits = false;
  }
  slot.shown = serial_;
  slot.order = shown_count_;
  slot.current = static_cast<const Memo*>(&widget);
  *guessed_slot_ = &slot;
  guessed_slot_ = &slot.next;
  shown_.push_back(&slot);
}

// --- groups ---

std::uint64_t SessionState::SlotGroup::bytes() const noexcept {
  return allocated(sizeof(SlotGroup)) + allocated(slots.capacity() * sizeof(void*));
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
  made->count = made->slots.size();
  if (!made->slots.empty()) made->order = made->slots.front()->order;
  return made;
}

bool SessionState::show_again(Group& base) noexcept {
  auto& group = static_cast<SlotGroup&>(base);
  const bool stands = group.stands && group.presets == presets_version_ &&
                      (!group.reads_entries || group.entries == state_version_);
  if (!stands) return false;
  const std::size_t count = group.count;
  if (count == 0) return true;
  if (std::exchange(group.shown, serial_) == serial_) return false;
  if (group.order != shown_count_ + 1) move(group);
  shown_count_ += count;
  return true;
}

// To where the page is now.
void SessionState::move(SlotGroup& group) noexcept {
  page_changed_ = true;
  group.order = shown_count_ + 1;
  std::uint64_t order = shown_count_;
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

template <class F>
void SessionState::forget(const F& chosen) noexcept {
  for (auto memo = memos_.begin(); memo != memos_.end();) {
    memo->second->next = nullptr;
    memo = chosen(*memo->second) ? memos_.erase(memo) : ++memo;
  }
  first_memo_ = nullptr;
  guessed_memo_ = &first_memo_;
}

// --- what users do, and the life of a run ---

// Requires: room in called_ for every slot.
void SessionState::submit_form(const StateRead& button) noexcept {
  for (auto& [identity, slot] : slots_) {
    if (!slot->in_form || slot->read->form() != button.form()) continue;
    Slot& widget = *slot;
    touch(widget);
    const bool is_news = !(widget.kept && *widget.kept == *widget.in_form);
    if (is_news && widget.read->definition().on_change) called_.push_back(&widget);
    widget.incoming = std::exchange(widget.in_form, std::nullopt);
    widget.incoming_fits = false;
  }
}

// Throws before anything has changed.
void SessionState::apply(Operation& operation) {
  const auto has_callback = [](const Slot& slot) {
    return static_cast<bool>(slot.read->definition().on_change);
  };
  switch (operation.what) {
    case Operation::What::set: {
      Slot* slot = slot_of(operation.slot.slot);
      if (slot == nullptr || slot->read == nullptr) return;  // gone from the page since
      if (has_callback(*slot)) reserve_more(called_);
      if (!slot->read->definition().key.empty()) ++state_version_;  // session state, too
      if (!slot->read->form().empty()) {
        slot->in_form = std::move(operation.value);
        return;
      }
      // The same message again is another one.
      if (slot->read->is_trigger()) slot->fired = true;
      const bool is_news = slot->fired || !(slot->kept && *slot->kept == operation.value);
      if (is_news && has_callback(*slot)) called_.push_back(slot);
      slot->incoming = std::move(operation.value);
      slot->incoming_fits = slot->definition == operation.slot.definition;
      touch(*slot);
      return;
    }
    case Operation::What::fire: {
      Slot* slot = slot_of(operation.slot.slot);
      if (slot == nullptr || slot->read == nullptr) return;
      const bool submits = !slot->read->form().empty();
      reserve_more(called_, submits ? slots_.size() + 1 : 1);
      ++state_version_;
      if (submits) submit_form(*slot->read);
      slot->fired = true;
      touch(*slot);
      if (has_callback(*slot)) called_.push_back(slot);
      return;
    }
    case Operation::What::preset:
      pending_[operation.name] = {.value = std::move(operation.value)};
      ++state_version_;
      ++presets_version_;
      return;
    case Operation::What::state: {
      // The newest word counts: what a callback writes overrides what the user set.
      const auto keyed = slots_.find("key:" + operation.name);
      {
        const PointedLock lock(mutex_);
        state_.insert_or_assign(std::move(operation.name), std::move(operation.value));
      }
      ++state_version_;
      if (keyed == slots_.end()) return;
      keyed.value()->incoming.reset();
      touch(*keyed.value());
      return;
    }
    case Operation::What::query:
      ++state_version_;
      query_.insert_or_assign(std::move(operation.name), *operation.value.get_if<std::string>());
      return;
  }
}

std::vector<StateReadPtr> SessionState::apply(std::vector<Operation>& operations,
                                              std::size_t& applied) {
  const auto first = operations.begin() + static_cast<std::ptrdiff_t>(applied);
  for (auto one = first; one != operations.end(); ++one, ++applied) apply(*one);
  std::sort(called_.begin(), called_.end(),
            [](const Slot* a, const Slot* b) { return a->order < b->order; });
  called_.erase(std::unique(called_.begin(), called_.end()), called_.end());
  std::vector<StateReadPtr> reads;
  reads.reserve(called_.size());
  for (const Slot* slot : called_) reads.push_back(slot->read);
  called_.clear();
  return reads;
}

// Whether it keeps another value than before the run, or spends what was sent.
bool SessionState::has_moved(const Slot& shown) noexcept {
  return shown.fired || shown.incoming || !shown.kept ||
         !(*shown.kept == shown.current->state.value);
}

// Without memory, that is.
bool SessionState::can_assign(const Published& place, const Slot& slot,
                              const Value& value) noexcept {
  return place.read == slot.read && place.value.is_plain() && value.is_plain();
}

void SessionState::prepare_changes(bool completed, const std::vector<Published>& published) {
  const bool all_shown = !page_changed_ && shown_count_ == slots_.size();
  drops_ = completed && !all_shown &&
           std::any_of(slots_.begin(), slots_.end(),
                       [&](const auto& item) { return !shown_now(*item.second); });
  takes_presets_ = std::any_of(pending_.begin(), pending_.end(),
                               [](const auto& item) { return item.second.taken; });
  waiting_.clear();
  for (const auto& [name, preset] : pending_) {
    if (!preset.taken) waiting_.emplace_back(name, preset.value);
  }
  kept_next_.clear();
  fresh_.clear();
  const bool in_places = !page_changed_ && !drops_;
  if (!in_places || !all_plain_) prepare_values(in_places ? published.data() : nullptr);
  if (!in_places) prepare_order();
}

// `places`: null when they will be other ones.
void SessionState::prepare_values(const Published* places) {
  for (const Slot* slot : shown_) {
    const Value& value = slot->current->state.value;
    const bool has_place = places != nullptr && slot->place != kNowhere;
    const Published* place = has_place ? places + slot->place : nullptr;
    const bool assigns = place == nullptr ? value.is_plain() : can_assign(*place, *slot, value);
    if (assigns || !has_moved(*slot)) continue;
    if (!value.is_plain()) kept_next_.push_back(value);
    if (place != nullptr) fresh_.push_back({slot->read, value, {slot->name, slot->definition}});
  }
}

void SessionState::prepare_order() {
  in_order_.clear();
  for (const auto& [identity, slot] : slots_) {
    if (slot->read == nullptr || (drops_ && !shown_now(*slot))) continue;
    if (std::string_view(slot->read->definition().kind->name) == "form") continue;
    in_order_.push_back(slot.get());
  }
  std::sort(in_order_.begin(), in_order_.end(),
            [](const Slot* a, const Slot* b) { return a->order < b->order; });
  fresh_.reserve(in_order_.size());
  for (const Slot* slot : in_order_) {
    const Value& value = slot->current != nullptr ? slot->current->state.value
                         : slot->kept             ? *slot->kept
                                                  : slot->read->definition().initial;
    fresh_.push_back({slot->read, value, {slot->name, slot->definition}});
  }
}

void SessionState::abandon_run() noexcept {
  for (Slot* slot : shown_) slot->current = nullptr;
  for (auto& [name, preset] : pending_) preset.taken = false;
  unpublished_ = true;
}

// What a widget that was shown by itself resolves to next time is what it did now, unless it is a
// trigger.
void SessionState::settle_shown(Slot& slot, std::vector<Value>::iterator& next) noexcept {
  const Value& value = slot.current->state.value;
  bool moved = has_moved(slot);
  if (moved) {
    changed_.push_back(&slot);
    if (value.is_plain())
      slot.kept = value;
    else
      slot.kept = std::move(*next++);
    slot.fired = false;
    slot.incoming.reset();
  }
  slot.kept_fits = true;
  if (!state_.empty()) {
    // The widget's own value counts from here on.
    const PointedLock lock(mutex_);
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

void SessionState::settle_changes() noexcept {
  auto next = kept_next_.begin();
  for (Slot* slot : shown_) settle_shown(*slot, next);
  if (takes_presets_) {
    ++presets_version_;
    std::erase_if(pending_, [](const auto& item) { return item.second.taken; });
  }
  page_changed_ = page_changed_ || drops_;
  if (page_changed_ || !changed_.empty()) ++state_version_;
  if (drops_) drop_unshown();
  forget_stale();
}

void SessionState::drop_unshown() noexcept {
  forget([&](const Memo& memo) { return memo.slot != nullptr && !shown_now(*memo.slot); });
  first_slot_ = nullptr;
  guessed_slot_ = &first_slot_;
  for (auto place = slots_.begin(); place != slots_.end();) {
    Slot& slot = *place->second;
    slot.next = nullptr;
    if (shown_now(slot)) {
      ++place;
      continue;
    }
    if (!state_.empty() && slot.read != nullptr) {
      const PointedLock lock(mutex_);
      state_.erase(slot.read->definition().key);  // no value counts from here on
    }
    drop_slot(slot);
    place = slots_.erase(place);
  }
}

// Widgets that are not in a cached function have a new definition in each run: what was not asked
// for goes, once it is the larger part.
void SessionState::forget_stale() noexcept {
  if (!has_stale_memos()) return;
  forget([&](const Memo& memo) {
    const bool in_group = memo.slot != nullptr && memo.slot->group != nullptr &&
                          shown_now(*memo.slot) && memo.slot->read == memo.read;
    return memo.used != serial_ && !in_group;
  });
}

bool SessionState::publish(std::vector<Published>& published) noexcept {
  published_presets_ = presets_version_;
  unpublished_ = false;
  if (page_changed_) {
    for (const auto& [identity, slot] : slots_) slot->place = kNowhere;
    for (std::size_t i = 0; i < in_order_.size(); ++i) in_order_[i]->place = i;
    published.swap(fresh_);
    all_plain_ = std::all_of(published.begin(), published.end(),
                             [](const Published& one) { return one.value.is_plain(); });
    return true;
  }
  auto fresh = fresh_.begin();
  for (const Slot* slot : changed_) {
    if (slot->place == kNowhere) continue;
    Published& place = published[slot->place];
    if (all_plain_ || can_assign(place, *slot, *slot->kept))
      place.value = *slot->kept;
    else
      std::swap(place, *fresh++);
  }
  return false;
}

std::uint64_t SessionState::bytes() const {
  std::uint64_t bytes = memos_.size() * allocated(sizeof(Memo)) +
                        allocated(numbers_.capacity() * sizeof(Numbered)) +
                        allocated(free_numbers_.capacity() * sizeof(std::uint32_t));
  for (const auto& [identity, slot] : slots_) {
    bytes += allocated(sizeof(Slot)) + heap_bytes(identity) + allocated(sizeof(StateRead)) +
             (slot->read == nullptr ? 0 : slot->read->heap_bytes());
  }
  return bytes;
}

std::optional<Value> SessionState::entry(std::string_view name) const {
  const PointedLock lock(mutex_);
  const auto found = state_.find(name);
  return found == state_.end() ? std::nullopt : std::optional<Value>(found->second);
}

}  // namespace memoscape::inline v0::detail

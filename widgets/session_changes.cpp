// What users do to a session's state, and what a run leaves of it: operations are applied before a
// run (rule E6); after it, what was shown is settled (rule W5) and published.
#include <algorithm>
#include <utility>

#include "memoscape/detail/reserve.hpp"
#include "memoscape/detail/schedule.hpp"
#include "widgets/session_state.hpp"

namespace memoscape::inline v0::detail {

template <class F>
void SessionState::forget(const F& chosen) noexcept {
  for (auto memo = memos_.begin(); memo != memos_.end();) {
    Memo& one = *memo->second;
    one.next = nullptr;
    if (!chosen(one)) {
      ++memo;
      continue;
    }
    if (one.slot != nullptr && one.slot->memo == &one) one.slot->memo = nullptr;
    memo = memos_.erase(memo);
  }
  first_memo_ = nullptr;
  guessed_memo_ = &first_memo_;
}

// Requires: room in called_ for every slot.
void SessionState::submit_form(const StateRead& button) noexcept {
  for (auto& [identity, slot] : slots_) {
    if (!slot->in_form || slot->read->form() != button.form()) continue;
    Slot& widget = *slot;
    touch(widget);
    const bool is_news = !(widget.is_kept && widget.kept == *widget.in_form);
    if (is_news && widget.read->definition().on_change) called_.push_back(&widget);
    widget.take(std::move(*widget.in_form), false);
    widget.in_form = nullptr;
  }
}

// The common case of `apply`: a value that concerns nothing but its widget. False: it is not.
inline bool SessionState::take_simple(Operation& operation) noexcept {
  if (operation.what != Operation::What::set) return false;
  Slot* const slot = slot_of(operation.slot.slot);
  if (slot == nullptr || !slot->is_simple) return false;
  slot->take(std::move(operation.value), slot->definition == operation.slot.definition);
  touch(*slot);
  return true;
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
        slot->in_form = std::make_unique<Value>(std::move(operation.value));
        return;
      }
      // The same message again is another one.
      if (slot->read->is_trigger()) slot->fired = true;
      const bool is_news = slot->fired || !(slot->is_kept && slot->kept == operation.value);
      if (is_news && has_callback(*slot)) called_.push_back(slot);
      slot->take(std::move(operation.value), slot->definition == operation.slot.definition);
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
      move_presets();
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
      keyed.value()->spend();
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
  for (auto one = first; one != operations.end(); ++one, ++applied) {
    if (!take_simple(*one)) apply(*one);
  }
  if (called_.empty()) return {};
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
  return shown.comes_in || shown.fired || !shown.is_kept ||
         !(shown.kept == shown.current->state.value);
}

// Without memory, that is.
bool SessionState::can_assign(const PageWidget& place, const Slot& slot,
                              const Value& value) noexcept {
  return place.read == slot.read && place.value.is_plain() && value.is_plain();
}

void SessionState::prepare_changes(bool completed, const std::vector<PageWidget>& published) {
  const bool all_shown = !page_changed_ && shown_count_ == slots_.size();
  if (!all_shown) {
    std::erase_if(shown_, [&](Slot* slot) { return !shown_now(*slot) && give_back(*slot); });
  }
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
void SessionState::prepare_values(const PageWidget* places) {
  for (const Slot* slot : shown_) {
    const Value& value = slot->current->state.value;
    const bool has_place = places != nullptr && slot->place != kNowhere;
    const PageWidget* place = has_place ? places + slot->place : nullptr;
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
                         : slot->is_kept          ? slot->kept
                                                  : slot->read->definition().initial;
    fresh_.push_back({slot->read, value, {slot->name, slot->definition}});
  }
}

// What was resolved for its group is not settled, so the group must not stand. Always true.
bool SessionState::give_back(Slot& slot) noexcept {
  slot.current = nullptr;
  slot.is_shown = false;
  if (slot.group != nullptr) slot.group->break_up();
  return true;
}

void SessionState::abandon_run() noexcept {
  for (Slot* slot : shown_) give_back(*slot);
  for (auto& [name, preset] : pending_) preset.taken = false;
  unpublished_ = true;
}

// The common case of `settle_shown`: a value that was set and fits is what it resolves to, and
// is kept from here on. Nobody who resolved it needs to know: it resolves to the same.
inline bool SessionState::settle_simple(Slot& slot) noexcept {
  const bool is_simple = slot.is_simple && slot.comes_in && slot.incoming_fits && slot.is_kept &&
                         slot.incoming.is_plain() && state_.empty() && !slot.fired;
  if (!is_simple) return false;
  changed_.push_back(&slot);
  slot.kept = slot.incoming;
  slot.kept_fits = true;
  slot.comes_in = slot.is_shown = false;
  slot.current = nullptr;
  return true;
}

// What a widget that was shown by itself resolves to next time is what it did now, unless it is a
// trigger.
void SessionState::settle_shown(Slot& slot, std::vector<Value>::iterator& next) noexcept {
  const Value& value = slot.current->state.value;
  bool moved = has_moved(slot);
  if (moved) {
    changed_.push_back(&slot);
    if (value.is_plain())
      slot.keep(Value(value));
    else
      slot.keep(std::move(*next++));
    slot.fired = false;
    slot.spend();
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
  slot.is_shown = false;
}

void SessionState::settle_changes() noexcept {
  auto next = kept_next_.begin();
  for (Slot* slot : shown_) {
    if (!settle_simple(*slot)) settle_shown(*slot, next);
  }
  if (takes_presets_) {
    move_presets();
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

bool SessionState::publish(std::vector<PageWidget>& published) noexcept {
  published_presets_ = presets_version_;
  unpublished_ = false;
  if (page_changed_) {
    for (const auto& [identity, slot] : slots_) slot->place = kNowhere;
    for (std::size_t i = 0; i < in_order_.size(); ++i)
      in_order_[i]->place = static_cast<std::uint32_t>(i);
    published.swap(fresh_);
    all_plain_ = std::all_of(published.begin(), published.end(),
                             [](const PageWidget& one) { return one.value.is_plain(); });
    return true;
  }
  auto fresh = fresh_.begin();
  for (const Slot* slot : changed_) {
    if (slot->place == kNowhere) continue;
    PageWidget& place = published[slot->place];
    if (all_plain_ || can_assign(place, *slot, slot->kept))
      place.value = slot->kept;
    else
      std::swap(place, *fresh++);
  }
  return false;
}

}  // namespace memoscape::inline v0::detail

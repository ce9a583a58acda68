// SessionState: the values of one user, and rule P4, the one pure function by which lookup and
// execution obtain a read's value.
//
// A slot per widget on the page, by identity; session state and query parameters by name. What
// users do comes as operations, applied in order when a run begins (rule E6): so a run works on a
// snapshot.
//
// A group of reads is bound to the slots it was made of: a slot knows its group, and whatever
// changes the slot, or shows its widget by itself, breaks the group. So a group that stands needs
// no look at its slots, neither to be shown again nor when the run is settled; but once when it was
// resolved anew, for the slots that were set.
//
// Locking. Everything belongs to the thread of the run. Session-state entries are also read by
// other threads, so the thread of the run writes them under `mutex_`, and others read them under
// it.
//
// Invariants. A memo of a resolved read is right for as long as the versions it was made at stand:
// of its slot, for a widget; of all session state, for an entry or parameter; of the presets, for
// all. Whatever could change what a read resolves to moves a version on. A memo's slot exists.
#pragma once

#include <tsl/robin_map.h>

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memoscape/state.hpp"
#include "widgets/pool.hpp"

namespace memoscape::inline v0::detail {

// Names a slot of one session, also after the slot is gone.
struct SlotName {
  std::uint32_t number = 0;
  std::uint32_t generation = 0;  // of the slots that had this number
  bool operator==(const SlotName&) const = default;
};

// A slot, and which of the definitions that it had one after the other.
struct SlotVersion {
  SlotName slot;
  std::uint32_t definition = 0;
};

// A widget of the last page, with its value.
struct PageWidget {
  StateReadPtr read;
  Value value;
  SlotVersion slot;
};

// Something that a user, a test or a callback did.
struct Operation {
  enum class What : std::uint8_t { set, preset, fire, state, query } what;
  std::string name;  // preset: label or key; state, query: name of the entry
  Value value;
  SlotVersion slot = {};  // set, fire: of the widget; the value fits that definition
};

class SessionState final : public StateSource {
 public:
  SessionState(Session& session, std::uint64_t scope) : session_(session), scope_(scope) {
    slots_.max_load_factor(0.8F);  // it is asked where no guess is right
  }

  const Resolved& resolve(const StateReadPtr& read) override;
  const Resolved* resolved(const StateRead* read) override;
  StateReadPtr known(std::string_view bytes, std::string_view key,
                     const Callback& on_change) const override;
  const StateReadPtr* expected() const noexcept override {
    const Slot* slot = *guessed_slot_;
    return slot == nullptr || slot->read == nullptr ? nullptr : &slot->read;
  }
  bool shown(std::span<const Resolved* const> reads) const noexcept override;
  void reserve(std::size_t widgets) override {
    if (shown_.capacity() - shown_.size() < widgets) make_room(widgets);
  }
  void show(std::span<const Resolved* const> reads) noexcept override;
  bool resolve(Group& base, const Resolved** reads) override;
  void reserve_all() override { reserve(slots_.size() - std::min(slots_.size(), shown_.size())); }
  std::unique_ptr<Group> group(std::span<const Resolved* const> reads) override;
  bool show_all_again(std::uint64_t widgets) noexcept override {
    shown_count_ = widgets;
    if (has_same_page()) return true;
    shown_count_ = 0;
    return false;
  }
  std::uint64_t scope_id() const noexcept override { return scope_; }
  void write_state(std::string_view name, Value value) override;
  void write_query(std::string_view name, std::string_view value) override;
  Session& session() noexcept override { return session_; }

  // Applies them from the first that is not, and counts. Gives those of the widgets that changed or
  // were clicked that have a callback, in page order. Throws: std::bad_alloc; the rest can be
  // applied later.
  std::vector<StateReadPtr> apply(std::vector<Operation>& operations, std::size_t& applied);
  void begin_run() noexcept override {
    ++serial_;
    shown_count_ = 0;
    shown_.clear();
    page_changed_ = unpublished_;
    changed_.clear();
    guessed_memo_ = &first_memo_;
    guessed_slot_ = &first_slot_;
  }

  // What a run came to, in two steps, so that it cannot fail halfway. `prepare` allocates all that
  // `settle` and `publish` need; it throws: std::bad_alloc. A run that is abandoned instead has not
  // happened: what was set and clicked for it waits for the next one.
  void prepare(bool completed, const std::vector<PageWidget>& published) {
    if (completed) broken_ = 0;
    as_before_ = is_as_before();
    if (!as_before_) prepare_changes(completed, published);
  }
  void abandon_run() noexcept override;
  // Rule W5: what was shown is kept; what a completed run did not show is dropped; a run that did
  // not complete drops nothing, and leaves the triggers that it had not read.
  void settle() noexcept {
    if (!as_before_) settle_changes();
  }

  // Whether there is anything for `publish` to do.
  bool has_changed() const noexcept {
    return page_changed_ || !changed_.empty() || presets_version_ != published_presets_;
  }
  // Brings what is published up to date with the last run: the widgets in page order, or, when
  // those are the same, just the values that changed. Gives whether the widgets changed.
  bool publish(std::vector<PageWidget>& published) noexcept;
  // What it replaced, to be destroyed outside the lock that guards what is published.
  std::vector<PageWidget> take_replaced() noexcept { return std::exchange(fresh_, {}); }
  // Presets that wait for their widget, by label or key. Requires: prepared.
  std::vector<std::pair<std::string, Value>> take_waiting() noexcept {
    return std::exchange(waiting_, {});
  }
  std::uint64_t bytes() const;
  // Presets that did not fit, since the last time.
  std::uint64_t take_rejected() noexcept { return std::exchange(rejected_, 0); }
  // From any thread: a session-state entry, if there is one.
  std::optional<Value> entry(std::string_view name) const;

 private:
  static constexpr std::uint32_t kNowhere = ~std::uint32_t{0};
  static constexpr std::uint64_t kAllBroken = std::uint64_t{1} << 63;
  static constexpr std::size_t kFewMemos = 64;

  struct SlotGroup;
  struct Memo;

  // Aligned: what a run looks at of a widget that was set is in its first two lines of memory.
  struct alignas(64) Slot {
    // What setting it looks at.
    std::uint64_t version = 0;     // of all that its value can come from
    SlotGroup* group = nullptr;    // that it belongs to; null: none
    Value incoming;                // set for the next run, if `comes_in`
    std::uint32_t definition = 0;  // counts those that `read` has been
    bool comes_in : 1 = false;
    bool incoming_fits : 1 = false;  // known to fit `read`
    bool is_kept : 1 = false;
    bool kept_fits : 1 = false;
    bool is_simple : 1 = false;  // an input whose value concerns nothing but its own read
    bool is_input : 1 = false;
    bool fired : 1 = false;     // a trigger
    bool is_shown : 1 = false;  // by itself, in the run under way; then it has a `current`
    // What resolving, settling and publishing that look at, too.
    Value kept;                      // of the last run that showed it, if `is_kept`
    const Memo* current = nullptr;   // its value in the run that shows it; then it is in `shown_`
    Memo* memo = nullptr;            // the one of `read`; null: there may be none
    std::uint32_t place = kNowhere;  // in what is published
    std::uint32_t order = 0;         // of its showing, in the run that showed it last
    // What showing it by itself looks at.
    StateReadPtr read;           // null: it was asked for, but never shown
    std::uint64_t shown = 0;     // serial of the run that showed it last
    const Slot* next = nullptr;  // the one that was shown after it last, a guess
    SlotName name;
    std::unique_ptr<Value> in_form;  // waits for the form's submit button

    void take(Value&& value, bool fits) noexcept {
      incoming = std::move(value);
      incoming_fits = fits;
      comes_in = true;
    }
    void spend() noexcept {
      incoming = Value();
      comes_in = false;
    }
    void keep(Value&& value) noexcept {
      kept = std::move(value);
      is_kept = true;
    }
  };
  struct SlotGroup final : Group {
    ~SlotGroup() override { disband(); }
    std::uint64_t bytes() const noexcept override;
    // Gives whether it was broken before.
    bool break_up() noexcept {
      if (watch_ != nullptr) *watch_ = 0;
      return std::exchange(presets_, 0) == 0;
    }
    void disband() noexcept;  // it loses its slots

    static constexpr std::size_t kFewSlots = 4;
    boost::container::small_vector<Slot*, kFewSlots> slots;  // in the order of the page

   private:
    friend class SessionState;
  };
  // Its first two lines are what resolving it for its group looks at.
  struct alignas(64) Memo final : Resolved {
    mutable std::uint64_t version = 0;  // of the slot, or of the session state
    std::uint64_t presets = 0;
    bool rejects = false;    // a preset, which does not fit
    Slot* slot = nullptr;    // of a widget
    std::uint64_t used = 0;  // serial of the last run that asked for it; others are dropped
    Memo* next = nullptr;    // the one that was asked for after it last, a guess
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };

  void compute(Memo& memo) const;
  // The value is in `storage`, or lives as long as the slot and the read.
  const Value& widget_value(const StateRead& read, const Slot* slot, Value& storage) const;
  bool is_current(const Memo& memo) const noexcept {
    return memo.version == (memo.slot != nullptr ? memo.slot->version : state_version_) &&
           memo.presets == presets_version_;
  }
  StateValue session_value(const StateRead& read) const;
  Memo* find_memo(const StateRead* read) noexcept;
  Memo* find_unguessed(const StateRead* read) noexcept;
  const Resolved* resolved_anew(Memo& memo);
  const Value* checked_value(const Memo& memo) const noexcept;
  static bool take_plain(Memo& memo, const Value& checked);
  bool take_whole(Memo& memo) const noexcept;
  bool take_whole_of(const Slot& slot, Memo& memo) const noexcept;
  void bring_up_to_date(Memo& memo, const Value* checked) const;
  Slot& make_slot(const std::string& identity);
  void drop_slot(const Slot& slot) noexcept;
  Slot* slot_of(SlotName name) const noexcept {
    if (name.number >= numbers_.size()) return nullptr;
    const Numbered& numbered = numbers_[name.number];
    return numbered.generation == name.generation ? numbered.slot : nullptr;
  }
  struct Preset {
    Value value;
    bool taken = false;  // by a widget of the run under way: it goes when the run is settled
  };
  using Presets = std::map<std::string, Preset, std::less<>>;
  const Preset* pending_for(const StateRead& read) const {
    return pending_.empty() ? nullptr : find_pending(read);
  }
  const Preset* find_pending(const StateRead& read) const;
  Slot* slot_by_key(std::string_view key) const;
  bool shown_now(const Slot& slot) const noexcept {
    return slot.shown == serial_ || (slot.group != nullptr && slot.group->shown_ == serial_);
  }
  // Whatever its value can come from has changed.
  void touch(Slot& slot) noexcept {
    ++slot.version;
    if (slot.group != nullptr && !slot.group->break_up()) ++broken_;
  }
  // Values wait for their widget that did not before, or the other way round.
  void move_presets() noexcept {
    ++presets_version_;
    broken_ = kAllBroken;
  }
  void note_shown(const Memo& widget) noexcept;
  void move(Group& base) noexcept override;
  // Whether the run has changed nothing that must be settled.
  bool is_as_before() const noexcept { return shown_.empty() && has_same_page(); }
  bool has_same_page() const noexcept {
    return !page_changed_ && shown_count_ == slots_.size() && !has_stale_memos() &&
           presets_version_ == published_presets_;
  }
  bool has_stale_memos() const noexcept { return memos_.size() > 2 * slots_.size() + kFewMemos; }
  static bool has_moved(const Slot& shown) noexcept;
  void prepare_changes(bool completed, const std::vector<PageWidget>& published);
  static bool give_back(Slot& slot) noexcept;
  void settle_changes() noexcept;
  bool take_simple(Operation& operation) noexcept;
  bool settle_simple(Slot& slot) noexcept;
  void settle_shown(Slot& slot, std::vector<Value>::iterator& next) noexcept;
  void drop_unshown() noexcept;
  void prepare_values(const PageWidget* places);
  void prepare_order();
  static bool can_assign(const PageWidget& place, const Slot& slot, const Value& value) noexcept;
  void make_room(std::size_t widgets);
  void apply(Operation& operation);
  void submit_form(const StateRead& button) noexcept;
  template <class F>
  void forget(const F& chosen) noexcept;  // drops memos
  void forget_stale() noexcept;

  Session& session_;
  const std::uint64_t scope_;
  Pool<Slot> slot_pool_;
  Pool<Memo> memo_pool_;
  tsl::robin_map<std::string, Pool<Slot>::Ptr, TextHash, std::equal_to<>> slots_;
  struct Numbered {
    Slot* slot = nullptr;  // null: the number is free
    std::uint32_t generation = 0;
  };
  std::vector<Numbered> numbers_;
  std::vector<std::uint32_t> free_numbers_;
  Presets pending_;            // by label or key
  std::vector<Slot*> called_;  // by what was applied: those with a callback that was not called yet
  tsl::robin_map<const StateRead*, Pool<Memo>::Ptr> memos_;
  Memo* first_memo_ = nullptr;  // where the guesses of a run begin
  Memo** guessed_memo_ = &first_memo_;
  const Slot* first_slot_ = nullptr;
  const Slot** guessed_slot_ = &first_slot_;
  // In this run by themselves, or resolved for a group that was perhaps shown.
  std::vector<Slot*> shown_;
  std::uint64_t published_presets_ = 1;  // as of the last `publish`
  std::uint64_t rejected_ = 0;
  bool page_changed_ = false;   // the widgets on it, or their order
  std::vector<Slot*> changed_;  // those whose value the last run changed
  bool unpublished_ = false;    // a run was abandoned: the widgets may have changed
  // What is published, and what was shown since, are plain values of the same reads: to assign
  // them takes no memory.
  bool all_plain_ = false;
  // Prepared for what follows a run.
  bool as_before_ = false;  // there is nothing to settle
  bool drops_ = false;      // what was not shown
  bool takes_presets_ = false;
  std::vector<Value> kept_next_;   // of the changed ones that cannot just be assigned
  std::vector<Slot*> in_order_;    // if the widgets have changed: in the order of the page
  std::vector<PageWidget> fresh_;  // these; else the changed ones whose place cannot be assigned
  std::vector<std::pair<std::string, Value>> waiting_;
  std::map<std::string, std::string, std::less<>> query_;

  mutable std::mutex mutex_;
  std::map<std::string, Value, std::less<>> state_;  // written under mutex_
};

// A trigger that is set, like chat_input, and not clicked. Requires: a trigger.
bool carries_value(const StateRead& trigger) noexcept;

// Turns a value from outside into the one that is meant, before it is checked.
Value normalized(const Definition& definition, Value value);

}  // namespace memoscape::inline v0::detail

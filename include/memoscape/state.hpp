// State reads: the inputs of a cached function beside its arguments.
//
// A state variable is a widget, a session-state entry or a query parameter. A state read is the
// variable and its full definition (kind, default, options, bounds, enclosing form); its value is
// obtained by one pure function, StateSource::resolve, in a lookup as in an execution.
//
// Authors of own widgets need WidgetKind and Definition; see Place::widget in run.hpp.
//
// Thread-safety: definitions and reads are immutable once made; a StateSource belongs to the run.
//
//   const ms::WidgetKind kStars = {.name = "stars", .misfit = at_most_five};
//   ms::Value stars = place.widget({.kind = &kStars, .label = "Rating", .initial = 3});
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "memoscape/callback.hpp"
#include "memoscape/value.hpp"

namespace memoscape::inline v0 {

struct Definition;

namespace detail {
struct EngineCore;
struct Interned;
}  // namespace detail

// How a widget's value lives.
enum class Nature : std::uint8_t {
  input,    // kept from run to run
  trigger,  // true for one run (button, form submit)
  upload,   // content from the user's machine; refused inside cached functions (rule W2)
};

// One kind of widget; a constant with static lifetime.
struct WidgetKind {
  const char* name;  // "slider"
  Nature nature = Nature::input;
  // Turns a value from outside into the one that is meant, like an integer into a double, before it
  // is checked. It must be pure and thread-safe, and may give any value back. Null: as it is.
  Value (*normalize)(const Definition& definition, Value value) = nullptr;
  // Says why `value` does not fit `definition`, in words for a person; empty: it fits. It must be
  // pure and thread-safe. Null: the value must be of the same kind as the default.
  std::string (*misfit)(const Definition& definition, const Value& value) = nullptr;
  // One line or more of text for a terminal, each ended by '\n'. Null: "label: value".
  void (*to_text)(const Definition& definition, const Value& value, std::string& out) = nullptr;
};

// All there is to know about a widget but its value.
struct Definition {
  const WidgetKind* kind = nullptr;
  std::string label = {};
  std::string key = {};        // names the widget; empty: kind, label and definition do
  Value initial = {};          // the default
  Attributes attributes = {};  // bounds, options, help ...
  Callback on_change = {};
};

// Why `value` does not fit; empty: it fits.
MEMOSCAPE_API std::string misfit(const Definition& definition, const Value& value);

class MEMOSCAPE_API StateRead : public std::enable_shared_from_this<StateRead> {
 public:
  enum class Variable : std::uint8_t { widget, session_state, query };

  static std::shared_ptr<const StateRead> of_widget(Definition definition, std::string form);
  // The same, when its bytes are known.
  static std::shared_ptr<const StateRead> of_widget(Definition definition, std::string form,
                                                    std::string_view bytes);
  // Writes the bytes of such a read.
  static void encode_widget(Encoder& encoder, const Definition& definition, std::string_view form);
  static std::shared_ptr<const StateRead> of_session_state(std::string_view name, Value fallback);
  static std::shared_ptr<const StateRead> of_query(std::string_view name);

  Variable variable() const noexcept { return variable_; }
  const Definition& definition() const noexcept { return definition_; }
  // A widget's label; the name of a session-state entry or query parameter.
  const std::string& name() const noexcept { return definition_.label; }
  const std::string& form() const noexcept { return form_; }  // key of the enclosing form, or empty
  // Names the variable: equal for two definitions of one keyed widget.
  const std::string& identity() const noexcept { return identity_; }
  // Canonical bytes of the variable and its full definition; stable across processes.
  const std::string& bytes() const noexcept { return bytes_; }
  // Whether the bytes are the same.
  bool is_alike(const StateRead& other) const noexcept {
    return this == &other || (hash_ == other.hash_ && bytes_ == other.bytes_);
  }
  std::size_t hash() const noexcept { return hash_; }

  bool is_widget() const noexcept { return variable_ == Variable::widget; }
  bool is_trigger() const noexcept {
    return is_widget() && definition_.kind->nature == Nature::trigger;
  }
  bool is_upload() const noexcept {
    return is_widget() && definition_.kind->nature == Nature::upload;
  }

  // The same variable with the same full definition, callback included.
  bool same(const StateRead& other) const noexcept;
  std::size_t heap_bytes() const;
  // Whether entries have this very object, and are charged for it.
  bool is_charged() const noexcept {
    return interning_.engine.load(std::memory_order_relaxed) != nullptr;
  }

 private:
  friend struct detail::EngineCore;

  // The engine whose entries hold this very object, if any, and where it counts them; that is
  // guarded by the engine's mutex. A copy is held by none.
  struct Interning {
    Interning() = default;
    Interning(const Interning&) noexcept {}
    Interning& operator=(const Interning&) = delete;
    std::atomic<const detail::EngineCore*> engine{nullptr};
    detail::Interned* counted = nullptr;
  };

  void set_bytes(std::string_view bytes);

  Variable variable_ = Variable::widget;
  Definition definition_;
  std::string form_;
  std::string identity_;
  std::string bytes_;
  std::size_t hash_ = 0;  // of the bytes
  mutable Interning interning_;
};
using StateReadPtr = std::shared_ptr<const StateRead>;

// What a read obtained.
struct StateValue {
  Value value;
  std::string bytes;    // canonical encoding of `value`
  bool fired = false;   // a trigger that is true in this run
  bool upload = false;  // the content of an upload widget, read through session state
};

// Where a run gets its state from: a session. One thread at a time.
class MEMOSCAPE_API StateSource {
 public:
  struct Resolved {
    StateReadPtr read;
    StateValue state;
    mutable std::uint64_t hash = 0;  // the engine's, of the value's bytes; 0: not computed yet
  };

  // Some reads that one call made, by which it may be answered again.
  class Group {
   public:
    Group() = default;
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    virtual ~Group() = default;
    virtual std::uint64_t bytes() const noexcept = 0;
    bool reads_entries() const noexcept { return reads_entries_; }
    std::uint64_t widgets() const noexcept { return count_; }
    // What is set to 0 when one of its widgets changes or is shown by itself; null: nothing.
    void watch(std::uintptr_t* word) const noexcept { watch_ = word; }

   protected:
    friend class StateSource;
    mutable std::uintptr_t* watch_ = nullptr;
    // What a repeated call looks at. The versions of the source that it stands for; 0: broken.
    std::uint64_t presets_ = 0;
    std::uint64_t entries_ = 0;
    bool reads_entries_ = false;  // session state, or query parameters
    std::uint64_t count_ = 0;     // widgets
    std::uint64_t shown_ = 0;     // serial of the run that showed it last, as a group
    std::uint64_t order_ = 0;     // of its first widget on the page
  };

  virtual ~StateSource();

  // A run begins. What was told before applies to it.
  virtual void begin_run() noexcept = 0;
  // It has not happened: what was told for it applies to the next one.
  virtual void abandon_run() noexcept = 0;

  // The value of a read in the current run: the value set for this run, else the session state's,
  // else the kept one, each if it fits the definition, else the default (rule P4). Changes nothing
  // that can be observed. The result lives until the run's state is next written, or its end.
  // May call user code (WidgetKind::misfit): never call it under a lock.
  virtual const Resolved& resolve(const StateReadPtr& read) = 0;
  // The same for a read object that was resolved before, if that calls no user code; else null.
  virtual const Resolved* resolved(const StateRead* read) = 0;

  // The read of the widget that the session knows by this definition, given as the bytes, key and
  // callback of the read; null: it knows none. A widget that is created again needs no new one.
  virtual StateReadPtr known(std::string_view bytes, std::string_view key,
                             const Callback& on_change) const = 0;

  // The read of the widget that was shown after the last one the time before: a guess at the next.
  // Null: there is none. It is there until that widget is shown with another definition.
  virtual const StateReadPtr* expected() const noexcept = 0;

  // Whether a widget of one of these identities is on the page of the current run already. Here and
  // below, reads of others than widgets are passed over.
  virtual bool shown(std::span<const Resolved* const> reads) const noexcept = 0;
  // Reserves the memory for showing so many widgets. Throws: std::bad_alloc.
  virtual void reserve(std::size_t widgets) = 0;
  // Registers the widgets on the page of the current run. Requires: not shown, and places reserved.
  virtual void show(std::span<const Resolved* const> reads) noexcept = 0;
  bool shown(const Resolved& widget) const noexcept {
    const Resolved* one = &widget;
    return shown({&one, 1});
  }
  void show(const Resolved& widget) noexcept {
    const Resolved* one = &widget;
    show({&one, 1});
  }

  // The reads as a group. Requires: they were resolved, and the widgets shown one after the other,
  // in this run. A widget is in one group at most: the latest. Null: they cannot be one.
  virtual std::unique_ptr<Group> group(std::span<const Resolved* const> reads) = 0;
  // Whether all of a group would obtain what they obtained when it was made.
  bool stands(const Group& group) const noexcept {
    return group.presets_ == presets_version_ &&
           (!group.reads_entries_ || group.entries_ == state_version_);
  }
  // What the reads of a group that does not stand obtain now, as many as it has widgets; `stand`
  // says that it is what the group is for. False: that cannot be told without user code, or may
  // change within the run, or they have other places on the page. Throws: std::bad_alloc. Requires:
  // `reserve_all`.
  virtual bool resolve(Group& group, const Resolved** reads) = 0;
  void stand(Group& group) noexcept { group.presets_ = presets_version_; }
  // How many groups have been broken since a run was completed, if it is known: a renewal that has
  // found so many need not look for more.
  std::uint64_t broken() const noexcept { return broken_; }
  // Reserves the memory for showing every widget that there is. Throws: std::bad_alloc.
  virtual void reserve_all() = 0;
  // Whether all of a group would obtain what they obtained when it was made, and none of its
  // widgets is on the page; if so, registers these. Calls no user code. Complexity: constant, but
  // when its widgets follow other ones than before.
  bool show_again(Group& group) noexcept {
    if (!stands(group)) return false;
    if (group.count_ == 0) return true;
    if (group.shown_ == serial_) return false;
    if (group.order_ != shown_count_ + 1) move(group);
    show_in_place(group);
    return true;
  }
  // The same in two steps, if its widgets follow those that they followed before.
  bool can_show_in_place(const Group& group) const noexcept {
    return stands(group) &&
           (group.count_ == 0 || (group.shown_ != serial_ && group.order_ == shown_count_ + 1));
  }
  // Whether this run has shown it, behind so many widgets.
  bool is_shown_after(const Group& group, std::uint64_t widgets) const noexcept {
    return stands(group) &&
           (group.count_ == 0 || (group.shown_ == serial_ && group.order_ == widgets + 1));
  }
  // Instead of showing all groups of the page before one by one, in their places, if nothing but
  // their values has changed and they are so many widgets: whether that suffices.
  virtual bool show_all_again(std::uint64_t widgets) noexcept = 0;
  // Moves on with what groups have in common: values that wait for their widget, and the entries
  // of session state and query parameters.
  std::uint64_t version(bool with_entries) const noexcept {
    return presets_version_ + (with_entries ? state_version_ : 0);
  }
  void show_in_place(Group& group) noexcept {
    group.shown_ = serial_;
    shown_count_ += group.count_;
  }

  // Distinguishes the entries of session-scoped functions. Never 0.
  virtual std::uint64_t scope_id() const noexcept = 0;

  virtual void write_state(std::string_view name, Value value) = 0;
  virtual void write_query(std::string_view name, std::string_view value) = 0;
  virtual Session& session() noexcept = 0;

 protected:
  // To the place where the page is now.
  virtual void move(Group& group) noexcept = 0;

  std::uint64_t serial_ = 0;           // of the run
  std::uint64_t shown_count_ = 0;      // widgets that are on its page
  std::uint64_t state_version_ = 1;    // of session state and query parameters
  std::uint64_t presets_version_ = 1;  // of values that wait for their widget
  std::uint64_t broken_ = 0;           // see `broken`
};

}  // namespace memoscape::inline v0

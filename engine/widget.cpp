// The one primitive under every widget: rules W1, W2, W3, and the form around widgets.
#include <utility>

#include "engine/run_core.hpp"
#include "memoscape/detail/draft.hpp"
#include "memoscape/detail/reserve.hpp"
#include "memoscape/detail/schedule.hpp"
#include "memoscape/detail/terminal.hpp"

namespace memoscape::inline v0 {

using detail::DebugUse;
using detail::Draft;
using detail::Frame;
using detail::Part;
using detail::quoted;
using detail::RunCore;

namespace {

// A form is registered like a widget, so that its key is taken once per page, on a hit too.
constexpr WidgetKind kFormKind{.name = "form"};

std::string named(const StateRead& read) {
  const Definition& definition = read.definition();
  std::string text = std::string(definition.kind->name) + " " + quoted(definition.label);
  if (!definition.key.empty()) text += " (key " + quoted(definition.key) + ")";
  return text;
}

// Checks and records it. What is left is `show`, which cannot fail: so a widget is registered when
// it has its place on the page, and only then.
const StateSource::Resolved& prepare(RunCore& core, const StateReadPtr& read) {
  if (read->is_upload() && core.inside_function()) {
    core.fail<UnsupportedWidgetError>(
        core.where() + " created " + named(*read) +
        ". Uploads cannot be part of a key: create it outside and pass its bytes, or a digest of "
        "them, as an argument");
  }
  if (const detail::Function* forbids = core.top().forbids_widgets) {
    const bool direct = forbids == core.top().function.get();
    core.fail<CachedWidgetError>(
        "cached function " + quoted(forbids->spec.name) + " " +
        (direct ? "created " : "called a function that created ") + named(*read) +
        " but was registered without permission. Register it with .allow_widgets = true, or "
        "create the widget outside and pass its value as an argument");
  }
  detail::Schedule::point();
  const StateSource::Resolved& resolved = core.source.resolve(read);
  if (core.source.shown(resolved)) {
    core.fail<DuplicateWidgetError>(
        core.where() + " created " + named(*read) +
        " a second time on one page. Pass a key of its own to each: .key = \"...\"");
  }
  core.source.reserve(1);
  core.record(resolved);
  return resolved;
}

// The read that the session or the store has already, or a new one.
StateReadPtr read_of(RunCore& core, Definition definition, const std::string& form) {
  Encoder bytes;
  StateRead::encode_widget(bytes, definition, form);
  StateReadPtr read = core.source.known(bytes.view(), definition.key, definition.on_change);
  if (read != nullptr) return read;
  const std::string problem = misfit(definition, definition.initial);
  if (!problem.empty()) {
    core.fail<UsageError>(std::string(definition.kind->name) + ' ' + quoted(definition.label) +
                          ": the default does not fit: " + problem);
  }
  read = StateRead::of_widget(std::move(definition), form, bytes.view());
  // What an entry will keep is one definition with the other entries from the start.
  return core.inside_function() ? core.engine->interned_or(std::move(read)) : read;
}

std::span<const Attribute> attributes_of(const Definition& definition) {
  return {definition.attributes.begin(), definition.attributes.end()};
}
std::span<const Attribute> attributes_of(const Draft& draft) { return draft.attributes(); }

// Whether it is the very definition of a read, in this form.
template <class Made>
bool is_of(const Made& made, const StateRead& read, const std::string& form) {
  const Definition& known = read.definition();
  return made.kind == known.kind && made.label == known.label && made.key == known.key &&
         made.initial == known.initial && known.attributes.are(attributes_of(made)) &&
         form == read.form() && made.on_change == known.on_change;
}

Definition take(Definition& definition) { return std::move(definition); }
Definition take(Draft& draft) { return draft.take(); }

}  // namespace

// Mostly it is the widget that a run before created after the same one, with the same definition:
// then nothing is made but its place on the page.
template <class Made>
const StateValue& Place::make(Made& made) const {
  Frame& frame = core_->require_writable(frame_, block_ == nullptr);
  try {
    const StateReadPtr* expected = core_->source.expected();
    if (expected != nullptr && is_of(made, **expected, form())) return show(frame, *expected);
    if (made.label.empty() && made.key.empty()) {
      core_->fail<UsageError>(std::string("a ") + made.kind->name +
                              " needs a label or a key, by which it can be told from others");
    }
    return show(frame, read_of(*core_, take(made), form()));
  } catch (...) {
    core_->refuse();  // as RunCore::Refusal does
    throw;
  }
}

const StateValue& Place::widget(Definition definition) const { return make(definition); }

const Value& detail::make_widget(const Place& place, Draft&& draft) {
  return place.make(draft).value;
}

const StateValue& Place::show(Frame& frame, const StateReadPtr& read) const {
  auto& items = block_ == nullptr ? frame.recording->root.items : block_->items;
  if (items.size() == items.capacity()) detail::reserve_more(items);
  const StateSource::Resolved& resolved = prepare(*core_, read);
  const DebugUse guard(*core_);
  items.emplace_back(block_ == nullptr ? Part::sidebar : Part::main, read, resolved.state.value);
  core_->source.show(resolved);
  return resolved.state;
}

Place Place::open_form(Element heading, std::string key) const {
  core_->require_writable(frame_, block_ == nullptr);
  const RunCore::Refusal refusal(*core_);
  if (key.empty()) core_->fail<UsageError>("a form needs a key: form(place, \"order\")");
  if (!form().empty()) {
    core_->fail<UsageError>("form " + quoted(key) + " is inside form " + quoted(form()) +
                            ". Forms cannot be nested: close the first one, or use a container");
  }
  const StateSource::Resolved& resolved =
      prepare(*core_, StateRead::of_widget({.kind = &kFormKind, .label = key, .key = key}, {}));
  Place place = open(std::move(heading));
  place.block_->form = std::move(key);
  core_->source.show(resolved);
  return place;
}

}  // namespace memoscape::inline v0

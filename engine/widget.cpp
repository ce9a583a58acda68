// The one primitive under every widget: rules W1, W2, W3, and the form around widgets.
#include <utility>

#include "engine/run_core.hpp"
#include "memoscape/detail/reserve.hpp"
#include "memoscape/detail/schedule.hpp"
#include "memoscape/detail/terminal.hpp"

namespace memoscape::inline v0 {

using detail::DebugUse;
using detail::Frame;
using detail::Part;
using detail::quoted;
using detail::RunCore;
using detail::ShownWidget;

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

}  // namespace

const StateValue& Place::widget(Definition definition) const {
  Frame& frame = core_->require_writable(frame_, block_ == nullptr);
  const RunCore::Refusal refusal(*core_);
  if (definition.label.empty() && definition.key.empty()) {
    core_->fail<UsageError>(std::string("a ") + definition.kind->name +
                            " needs a label or a key, by which it can be told from others");
  }
  const StateReadPtr read = read_of(*core_, std::move(definition), form());
  auto& items = block_ == nullptr ? frame.recording->root.items : block_->items;
  detail::reserve_more(items);
  const StateSource::Resolved& resolved = prepare(*core_, read);
  const DebugUse guard(*core_);
  items.emplace_back(block_ == nullptr ? Part::sidebar : Part::main,
                     ShownWidget{read, resolved.state.value});
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

// Run, Place and Slot: what a script or function can do, and the rules of where (E2, E6, E7).
#include "memoscape/run.hpp"

#include <cassert>
#include <utility>

#include "engine/run_core.hpp"
#include "memoscape/detail/schedule.hpp"
#include "memoscape/detail/terminal.hpp"
#include "memoscape/detail/utf8.hpp"

namespace memoscape::inline v0 {

using detail::Block;
using detail::DebugUse;
using detail::Frame;
using detail::Item;
using detail::Part;
using detail::quoted;
using detail::RunCore;

namespace {

// A reader or writer of state is refused what would differ between runs without being recorded.
void refuse_effect(RunCore& core, std::string_view what, std::string_view cure) {
  if (!core.inside_function()) return;
  core.fail<CachedEffectError>(core.where() + " " + std::string(what) +
                               ", which a replay could not repeat. " + std::string(cure));
}

void require_name(RunCore& core, std::string_view name, bool is_query) {
  if (!name.empty()) return;
  core.fail<UsageError>(is_query ? "a query parameter needs a name"
                                 : "a session-state entry needs a name");
}

// A range-for over a place's `items` must not run while one is appended: indices stay, pointers
// to items do not.
std::size_t append(Frame& frame, Block* block, Item item) {
  std::vector<Item>& items = block == nullptr ? frame.recording->root.items : block->items;
  items.push_back(std::move(item));
  return items.size() - 1;
}

}  // namespace

const StateValue& Run::read(const StateReadPtr& read) {
  core_->require_current(*this);
  core_->require_not_stopped();
  require_name(*core_, read->name(), read->variable() == StateRead::Variable::query);
  const DebugUse guard(*core_);
  const RunCore::Refusal refusal(*core_);
  detail::Schedule::point();
  core_->disturb();
  const StateSource::Resolved& resolved = core_->source.resolve(read);
  if (resolved.state.upload && core_->inside_function()) {
    core_->fail<UnsupportedWidgetError>(
        core_->where() + " read the upload " + quoted(read->name()) +
        " through session state. Uploads cannot be part of a key: read it outside and pass its "
        "bytes, or a digest of them, as an argument");
  }
  core_->record(resolved);
  return resolved.state;
}

const Value& Run::read_state(std::string_view name, Value fallback) {
  return read(StateRead::of_session_state(name, std::move(fallback))).value;
}

std::optional<std::string> Run::query(std::string_view name) {
  const Value& value = read(StateRead::of_query(name)).value;
  const std::string* text = value.get_if<std::string>();
  return text == nullptr ? std::nullopt : std::optional<std::string>(*text);
}

void Run::write_state(std::string_view name, Value value) {
  core_->require_current(*this);
  core_->require_not_stopped();
  refuse_effect(*core_, "wrote session state " + quoted(name),
                "Return the value, and write it after the call");
  require_name(*core_, name, false);
  core_->leave_track();
  core_->source.write_state(name, std::move(value));
}

void Run::set_query(std::string_view name, std::string_view value) {
  core_->require_current(*this);
  core_->require_not_stopped();
  refuse_effect(*core_, "wrote query parameter " + quoted(name),
                "Return the value, and write it after the call");
  require_name(*core_, name, true);
  if (!detail::is_valid_utf8(name) || !detail::is_valid_utf8(value)) {
    core_->fail<InvalidValueError>("a query parameter must be valid UTF-8");
  }
  core_->leave_track();
  core_->source.write_query(name, value);
}

void Run::stop() {
  core_->require_current(*this);
  core_->refuse();
  throw RunStopped{};
}

void Run::rerun() {
  core_->require_current(*this);
  core_->refuse();
  throw RunRestarted{};
}

bool Run::stop_requested() const noexcept { return core_->stopping(); }

std::pmr::memory_resource& Run::arena() {
  core_->require_current(*this);
  Frame& frame = core_->top();
  if (frame.function == nullptr) return *std::pmr::get_default_resource();
  if (!frame.arena) {
    const RunCore::Refusal refusal(*core_);
    frame.arena = ArenaPtr::make();
    if (frame.flight != nullptr) {
      const detail::FlightLock lock(*frame.flight);
      frame.flight->arena = frame.arena;
    }
  }
  return *frame.arena.get();
}

void Run::show() {
  core_->require_current(*this);
  core_->show_progress();
}

Session& Run::session() {
  core_->require_current(*this);
  refuse_effect(*core_, "asked for its session",
                "Read what it needs through Run::state, so that it becomes part of the key");
  return core_->source.session();
}

void Run::within(const Place& place, detail::FunctionRef<void()> body) {
  core_->require_current(*this);
  if (place.core_.get() != core_) {  // frames are numbered by each run for itself
    core_->fail<UsageError>(core_->where() +
                            " wrote within a container of another run. Make it with the run that "
                            "writes to it");
  }
  Frame& frame = core_->require_writable(place.frame_, place.block_ == nullptr);
  struct Restore {
    Frame& frame;
    Block* block;
    ~Restore() { frame.block = block; }
  };
  const Restore restore{frame, std::exchange(frame.block, place.block_)};
  body();
}

void Slot::replace(Element element) const {
  core_->require_writable(frame_, false);
  const DebugUse guard(*core_);
  const RunCore::Refusal refusal(*core_);
  std::vector<Item>& items = block_ == nullptr ? core_->top().recording->root.items : block_->items;
  items[index_].what = std::make_shared<const Element>(std::move(element));
}

void Slot::clear() const {
  core_->require_writable(frame_, false);
  std::vector<Item>& items = block_ == nullptr ? core_->top().recording->root.items : block_->items;
  items[index_].what = std::monostate{};
}

Place::Place(Run& run) : frame_(run.frame_) {
  assert(run.core_ != nullptr);
  run.core_->open_page();
  core_ = run.core_->shared_from_this();
  if (const Frame& top = core_->top(); top.id == frame_) {
    block_ = top.block;
    return;
  }
  for (const Frame& frame : core_->frames) {
    if (frame.id == frame_) block_ = frame.block;
  }
}

Run& Place::run() const { return *core_->require_writable(frame_, block_ == nullptr).run; }

Slot Place::emit(Element element) const {
  Frame& frame = core_->require_writable(frame_, block_ == nullptr);
  const DebugUse guard(*core_);
  const RunCore::Refusal refusal(*core_);
  Slot slot;
  slot.core_ = core_;
  slot.frame_ = frame.id;
  slot.block_ = block_;
  slot.index_ = append(frame, block_,
                       {block_ == nullptr ? Part::sidebar : Part::main,
                        std::make_shared<const Element>(std::move(element))});
  return slot;
}

Place Place::open(Element heading) const {
  Frame& frame = core_->require_writable(frame_, block_ == nullptr);
  const DebugUse guard(*core_);
  const RunCore::Refusal refusal(*core_);
  auto block = std::make_unique<Block>();
  block->heading = std::make_shared<const Element>(std::move(heading));
  block->form = form();
  Place place(*this);
  place.frame_ = frame.id;
  place.block_ = block.get();
  append(frame, block_, {block_ == nullptr ? Part::sidebar : Part::main, std::move(block)});
  return place;
}

Place Place::sidebar() const {
  Place place(*this);
  place.block_ = nullptr;
  return place;
}

const std::string& Place::form() const noexcept {
  static const std::string kNone;
  return block_ == nullptr ? kNone : block_->form;
}

}  // namespace memoscape::inline v0

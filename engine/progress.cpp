// The page while the run is under way: a copy of what has been written so far, with a spinner in
// the place of each function that executes. Nothing of it ends in a recording.
#include <utility>

#include "engine/run_core.hpp"

namespace memoscape::inline v0::detail {

namespace {

class Snapshot {
 public:
  explicit Snapshot(const Frames& frames) : frames_(frames) {}

  RecordingPtr take() {
    auto page = std::make_shared<Recording>();
    page->has_replays = true;  // perhaps
    copy(0, frames_.front().recording->root, page->root);
    for (std::size_t depth = 1; depth < frames_.size(); ++depth) copy_sidebar(depth, page->root);
    return page;
  }

 private:
  // Copies what the frame at `depth` wrote to `from`; where it called, what the called one wrote.
  void copy(std::size_t depth, const Block& from, Block& to) {
    const Block& root = frames_[depth].recording->root;
    for (const Item& item : from.items) {
      // The sidebar of an inner frame is copied apart, as it goes to the sidebar of the page.
      if (depth > 0 && &from == &root && item.part == Part::sidebar) continue;
      copy_item(depth, item, to);
    }
    const bool called_here = depth + 1 < frames_.size() && frames_[depth].block == &from;
    if (called_here) add_call(depth + 1, to);
  }

  void copy_item(std::size_t depth, const Item& item, Block& to) {
    if (const auto* element = std::get_if<ElementPtr>(&item.what)) {
      to.items.emplace_back(item.part, *element);
    } else if (const auto* widget = std::get_if<ShownWidget>(&item.what)) {
      to.items.emplace_back(item.part, *widget);
    } else if (const auto* replay = std::get_if<Replay>(&item.what)) {
      to.items.emplace_back(item.part, *replay);
    } else if (const auto* block = std::get_if<std::unique_ptr<Block>>(&item.what)) {
      auto inner = std::make_unique<Block>();
      inner->heading = (*block)->heading;
      inner->form = (*block)->form;
      copy(depth, **block, *inner);
      to.items.emplace_back(item.part, std::move(inner));
    }
  }

  void add_call(std::size_t depth, Block& to) {
    copy(depth, frames_[depth].recording->root, to);
    const FunctionSpec& spec = frames_[depth].function->spec;
    if (!spec.show_spinner || depth + 1 < frames_.size()) return;  // the innermost one spins
    auto spinner = std::make_shared<Element>();
    spinner->kind = &kSpinnerKind;
    spinner->text = spec.spinner;
    to.items.emplace_back(Part::main, ElementPtr(std::move(spinner)));
  }

  void copy_sidebar(std::size_t depth, Block& to) {
    for (const Item& item : frames_[depth].recording->root.items) {
      if (item.part == Part::sidebar) copy_item(depth, item, to);
    }
    const bool called_there = frames_[depth - 1].block == nullptr;
    if (called_there) {
      Block inner;
      add_call(depth, inner);
      for (Item& item : inner.items) to.items.emplace_back(Part::sidebar, std::move(item.what));
    }
  }

  const Frames& frames_;
};

}  // namespace

void RunCore::show_progress() {
  if (watcher == nullptr || !running()) return;
  open_page();
  watcher(Snapshot(frames).take());
}

}  // namespace memoscape::inline v0::detail

#include "engine/freed.hpp"

#include <utility>

#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

// Happens once to each: what no entry has any more does not come back. While others have it, the
// reference is not the last.
void FreedValues::add(BoxPtr box) noexcept {
  if (box->keeper().count > 0) return;
  Box* const freed = box.release();
  freed->keeper().next_freed = std::exchange(boxes_, freed);
}

// Happens once to each, too: a recording is stored once.
void FreedValues::add(const Recording& recording) noexcept {
  recording.next_freed = std::exchange(recordings_, &recording);
}

void Freed::add(Node& node) noexcept {
  if (Permutation* leaf = node.leaf())
    permutations.push_back(*leaf);
  else
    nodes.push_back(node);
}

void Freed::add(std::unique_ptr<Interned> read) noexcept {
  read->next = std::exchange(reads_, nullptr);
  reads_ = std::move(read);
}

void Freed::add(FunctionPtr function) noexcept {
  Function& freed = *function;
  freed.next = std::exchange(functions_, std::move(function));
}

void FreedValues::add(FreedValues& more) noexcept {
  while (Box* box = more.boxes_) {
    more.boxes_ = std::exchange(box->keeper().next_freed, nullptr);
    add(BoxPtr(box));
  }
  while (const Recording* recording = more.recordings_) {
    more.recordings_ = std::exchange(recording->next_freed, nullptr);
    add(*recording);
  }
}

void Freed::add(Freed& more) noexcept {
  const auto move_all = [](auto& from, auto& to) {
    while (auto* one = from.pop_front()) to.push_back(*one);
  };
  move_all(more.permutations, permutations);
  move_all(more.nodes, nodes);
  values.add(more.values);
  while (more.reads_ != nullptr) {
    std::unique_ptr<Interned> rest = std::move(more.reads_->next);
    add(std::exchange(more.reads_, std::move(rest)));
  }
  while (more.functions_ != nullptr) {
    FunctionPtr rest = std::move(more.functions_->next);
    add(std::exchange(more.functions_, std::move(rest)));
  }
  tables_.add(std::move(more.tables_));
}

void EndedLeases::give_up(StoreLease& lease) noexcept {
  lease.next_given_up = std::exchange(given_up_, &lease);
}

namespace {

template <class Pointer, class Next>
void free_list(Pointer& list, const Next& next) noexcept {
  while (list != nullptr) {
    Pointer rest = std::move(next(*list));
    list = std::move(rest);
  }
}

}  // namespace

void Freed::spare_some(const EngineCore& core) noexcept {
  while (!nodes.empty() && core.spare_nodes.has_room()) {
    core.spare_nodes.add(static_cast<Inner*>(nodes.pop_front()));
  }
  while (!permutations.empty() && core.spare_permutations.has_room()) {
    core.spare_permutations.add(permutations.pop_front());
  }
}

void EndedLeases::end() noexcept {
  if (!called_in.empty()) Lease::fence();
  while (StoreLease* lease = called_in.pop_front()) {
    if (Lease* page = lease->page_called_in) {
      page->collect();
      page->drop_owner();
    }
    lease->collect();
    lease->drop_owner();
  }
  while (StoreLease* lease = given_up_) {
    given_up_ = lease->next_given_up;
    lease->abandon();
  }
}

void FreedValues::destroy() noexcept {
  while (Box* box = boxes_) {
    boxes_ = std::exchange(box->keeper().next_freed, nullptr);
    box->drop_reference();
  }
  while (const Recording* recording = recordings_) {
    recordings_ = std::exchange(recording->next_freed, nullptr);
    const RecordingPtr its_own = std::move(recording->self);
  }
}

void Freed::destroy() noexcept {
  free_list(reads_, [](Interned& one) -> std::unique_ptr<Interned>& { return one.next; });
  while (const Permutation* permutation = permutations.pop_front()) delete permutation;
  while (const Node* node = nodes.pop_front()) delete static_cast<const Inner*>(node);
  free_list(functions_, [](Function& one) -> FunctionPtr& { return one.next; });
}

}  // namespace memoscape::inline v0::detail

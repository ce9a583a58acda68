#include "memoscape/detail/run_host.hpp"

#include <algorithm>
#include <utility>

#include "engine/run_core.hpp"

namespace memoscape::inline v0::detail {

namespace {

std::string message_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

void show_error(Recording& recording, const std::exception_ptr& error) {
  auto element = std::make_shared<Element>();
  element->kind = &kExceptionKind;
  element->text = message_of(error);
  recording.root.items.emplace_back(Part::main, ElementPtr(std::move(element)));
}

}  // namespace

RunHost::RunHost(std::shared_ptr<EngineCore> engine, StateSource& source)
    : core_(std::make_shared<RunCore>(std::move(engine), source)), phase_(core_->phase) {}

RunHost::~RunHost() { core_->shortcuts.clear(); }

std::uint64_t RunHost::new_scope(EngineCore& engine) {
  return engine.next_session.fetch_add(1, std::memory_order_relaxed);
}

void RunHost::end_scope(std::uint64_t scope) { core_->engine->end_session(scope); }

RunHost::Outcome RunHost::run(FunctionRef<void(Run&)> script) {
  return core_->begin_quiet() ? execute(script) : run_anew(script);
}

// Apart: with a call between, the run above would save registers for it.
RunHost::Outcome RunHost::run_anew(FunctionRef<void(Run&)> script) {
  core_->begin_anew();
  return execute(script);
}

inline RunHost::Outcome RunHost::execute(FunctionRef<void(Run&)> script) {
  RunCore& core = *core_;
  try {
    script(*core.frames.front().run);
    if (core.is_quiet_repeat()) [[likely]] {
      return {.recording = core.end_quiet(), .error = {}, .ending = Ending::repeated};
    }
  } catch (const RunStopped&) {
    return end(Ending::stopped, {});
  } catch (const RunRestarted&) {
    return end(Ending::restarted, {});
  } catch (...) {
    return end(Ending::failed, std::current_exception());
  }
  return end(Ending::completed, {});
}

RunHost::Outcome RunHost::end(Ending ending, std::exception_ptr error) {
  RunCore& core = *core_;
  Outcome outcome{.recording = {}, .error = std::move(error), .ending = ending};
  try {
    if (outcome.error != nullptr) {
      core.open_page();
      show_error(*core.frames.front().recording, outcome.error);
    }
    outcome.recording = core.take_page();
  } catch (...) {
    core.abandon();
    throw;
  }
  core.end(ending == Ending::completed);
  return outcome;
}

std::size_t RunHost::sidebar_items() const noexcept {
  const Recording* page = core_->frames.front().recording.get();
  if (page == nullptr) return 0;
  return static_cast<std::size_t>(
      std::count_if(page->root.items.begin(), page->root.items.end(),
                    [](const Item& item) { return item.part == Part::sidebar; }));
}

std::shared_ptr<const Recording> RunHost::page_of(const std::exception_ptr& error) {
  auto recording = std::make_shared<Recording>();
  if (error != nullptr) show_error(*recording, error);
  return recording;
}

void RunHost::watch(std::function<void(const std::shared_ptr<const Recording>&)> watcher) {
  core_->watcher = std::move(watcher);
}

void RunHost::wake() noexcept { core_->engine->flights.wake(*core_); }

void RunHost::count_rejected_values(std::uint64_t count) noexcept {
  core_->engine->ledger->rejected_values.fetch_add(count, std::memory_order_relaxed);
}

std::uint64_t RunHost::bytes() const noexcept { return core_->bytes(); }

void RunHost::count_session_bytes(std::uint64_t before, std::uint64_t after) noexcept {
  core_->engine->ledger->session_bytes.fetch_add(after - before, std::memory_order_relaxed);
}

}  // namespace memoscape::inline v0::detail

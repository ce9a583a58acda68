#include "memoscape/engine.hpp"

#include <utility>

#include "engine/report_rows.hpp"
#include "engine/store.hpp"
#include "memoscape/detail/terminal.hpp"
#include "memoscape/detail/utf8.hpp"
#include "memoscape/error.hpp"

namespace memoscape::inline v0 {

using detail::Cause;
using detail::EngineCore;
using detail::Function;
using detail::FunctionPtr;
using detail::Locked;
using detail::Permutation;
using detail::quoted;

namespace {

void check_limits(const Limits& limits, const std::string& whose) {
  if (limits.ttl.count() < 0) {
    throw UsageError("the ttl of " + whose + " is negative. Use 0 for no limit");
  }
}

// The engine of a handle. Throws: StaleFunctionError after the engine's end.
std::shared_ptr<EngineCore> engine_of(const FunctionPtr& function) {
  std::shared_ptr<EngineCore> engine = function->engine.lock();
  if (engine == nullptr) {
    throw StaleFunctionError("the engine of cached function " + quoted(function->spec.name) +
                             " has ended. Keep the engine for as long as its handles are used");
  }
  return engine;
}

}  // namespace

Engine::Engine(EngineOptions options) {
  check_limits(options.limits, "the engine");
  core_ = std::make_shared<EngineCore>(options);
}

Engine::~Engine() {
  stop_recording();
  core_->close();
}

void Engine::remove(std::string_view name) {
  if (const detail::FunctionPtr known = core_->named(name)) core_->clear_most(*known);
  FunctionPtr removed;  // freed after the mutex is released
  Locked locked(*core_);
  const auto found = core_->functions.find(name);
  if (found == core_->functions.end()) {
    throw UsageError("there is no cached function " + quoted(name) + " to remove");
  }
  core_->retire(locked, *found->second);
  removed = std::move(found->second);
  core_->functions.erase(found);
}

void Engine::set_limits(const Limits& limits) {
  check_limits(limits, "the engine");
  const std::uint64_t max_bytes =
      limits.max_bytes == kDefaultMaxBytes ? detail::default_max_bytes() : limits.max_bytes;
  bool has_new_ttl = false;
  {
    const Locked locked(*core_);
    has_new_ttl = std::exchange(core_->limits.ttl, limits.ttl) != limits.ttl;
  }
  if (has_new_ttl) {
    core_->renew_expiries(nullptr);
    core_->sweep_all();
  }
  core_->come_down(nullptr, {.max_bytes = max_bytes, .max_entries = limits.max_entries});
  Locked locked(*core_);
  core_->limits.max_bytes = max_bytes;
  core_->limits.max_entries = limits.max_entries;
  core_->enforce_limits(locked);
}

void Engine::set_limits(std::string_view function, const Limits& limits) {
  const detail::FunctionPtr named = core_->named(function);
  if (named == nullptr) {
    throw UsageError("there is no cached function " + quoted(function) + " to set limits of");
  }
  detail::set_function_limits(named, limits);
}

Limits Engine::limits() const {
  const Locked locked(*core_);
  return core_->limits;
}

void Engine::set_caching(Caching caching) {
  detail::Locked locked(*core_);
  core_->caching.store(caching);
  if (caching == Caching::off) core_->call_in_all_leases(locked);
}
Caching Engine::caching() const noexcept { return core_->caching.load(); }

void Engine::clear() {
  core_->clear_most_if([](const detail::Function&) { return true; });
  Locked locked(*core_);
  for (const auto& [name, function] : core_->functions) core_->clear_function(locked, *function);
}

void Engine::clear(Kind kind) {
  core_->clear_most_if(
      [&](const detail::Function& function) { return function.spec.kind == kind; });
  Locked locked(*core_);
  for (const auto& [name, function] : core_->functions) {
    if (function->spec.kind == kind) core_->clear_function(locked, *function);
  }
}

bool Engine::clear_permutation(std::string_view id) {
  return clear_if([&](const PermutationRow& row) { return row.id == id; }) > 0;
}

std::uint64_t Engine::clear_if(PermutationPredicate predicate) {
  // The predicate is user code: it is asked about a snapshot, and no lock is held meanwhile. The
  // pins keep the permutations' identities comparable. What is being computed could be one that it
  // would choose, so it is not kept.
  core_->take_in_hits();
  detail::PinnedRows rows(core_);
  std::vector<Permutation*> chosen;
  for (std::size_t i = 0; i < rows.rows().size(); ++i) {
    if (predicate(rows.rows()[i])) chosen.push_back(rows.permutations()[i]);
  }
  std::uint64_t cleared = 0;
  auto next = chosen.begin();
  core_->in_steps([&](Locked& locked, std::size_t most) {
    for (; most > 0 && next != chosen.end(); --most, ++next) {
      Permutation& permutation = **next;
      if (permutation.ended || !permutation.in_tree) continue;
      core_->end(locked, permutation, Cause::cleared);
      ++cleared;
    }
    return next != chosen.end();
  });
  return cleared;
}

std::uint64_t Engine::sweep() { return core_->sweep_all(); }

Report Engine::report(const ReportOptions& options) const {
  core_->take_in_hits();
  return detail::make_report(*core_, options);
}

Totals Engine::totals() const {
  core_->take_in_hits();
  const Locked locked(*core_);
  return detail::copy_totals(*core_, locked);
}

void Engine::record(const std::string& path, const TraceOptions& options) {
  stop_recording();  // the files may be the same
  auto tracer = std::make_unique<detail::Tracer>(path, options, *core_->clock);
  core_->take_in_hits();  // these were calls before it
  Locked locked(*core_);
  std::swap(core_->tracer, tracer);
}

TraceStatus Engine::stop_recording() {
  core_->take_in_hits();
  std::unique_ptr<detail::Tracer> tracer;
  {
    Locked locked(*core_);
    if (core_->tracer == nullptr) return {};
    tracer = std::move(core_->tracer);
  }
  tracer->finish();
  return tracer->status();
}

TraceStatus Engine::trace_status() const {
  const Locked locked(*core_);
  return core_->tracer == nullptr ? TraceStatus() : core_->tracer->status();
}

std::string Engine::check() const { return detail::check_store(*core_); }

namespace detail {

FunctionPtr register_function(EngineCore& engine, FunctionSpec spec) {
  const std::string named = "cached function " + quoted(spec.name);
  if (spec.name.empty()) {
    throw UsageError("a cached function needs a name: engine.cache_data(\"name\", function)");
  }
  if (!is_valid_utf8(spec.name) || !is_valid_utf8(spec.version)) {
    throw UsageError("the name and version of a cached function must be valid UTF-8");
  }
  check_limits(spec.limits, named);
  auto function = std::make_shared<Function>();
  function->engine = engine.weak_from_this();
  function->home = &engine;
  function->limits = spec.limits;
  if (needs_policy(function->limits)) function->policy = make_policy(engine.eviction);
  function->aftercare = std::make_shared<const Aftercare>(
      Aftercare{.ledger = engine.ledger, .on_release = std::move(spec.on_release)});
  function->spec = std::move(spec);
  if (function->spec.spinner.empty()) {
    function->spec.spinner = "Running " + function->spec.name + " ...";
  }

  const FunctionPtr known = engine.named(function->spec.name);
  if (known != nullptr && known->spec.version != function->spec.version) engine.clear_most(*known);
  FunctionPtr before;  // freed after the mutex is released
  Locked locked(engine);
  FunctionPtr& place = engine.functions[function->spec.name];
  if (place != nullptr) {
    if (place->spec.version == function->spec.version) {
      throw UsageError(named +
                       " is registered already. Give each function a name of its own, "
                       "remove the old one first, or give the new one another .version");
    }
    engine.retire(locked, *place);
    before = std::move(place);
  }
  function->uid = engine.next_id++;
  place = function;
  return function;
}

FunctionPtr register_data(EngineCore& engine, std::string_view name, DataOptions options) {
  return register_function(engine, {.name = std::string(name),
                                    .version = std::move(options.version),
                                    .kind = Kind::data,
                                    .scope = options.scope,
                                    .allow_widgets = options.allow_widgets,
                                    .limits = options.limits,
                                    .spinner = std::move(options.spinner),
                                    .show_spinner = options.show_spinner,
                                    .validate = {},
                                    .on_release = {}});
}

void clear_function(const FunctionPtr& function) {
  const std::shared_ptr<EngineCore> engine = engine_of(function);
  engine->clear_most(*function);
  Locked locked(*engine);
  engine->clear_function(locked, *function);
}

void clear_arguments(const FunctionPtr& function, std::string_view key) {
  const std::shared_ptr<EngineCore> engine = engine_of(function);
  const std::uint64_t hash = engine->hash.of_call(function->uid, 0, key);
  engine->clear_most(*function, key, hash);
  Locked locked(*engine);
  engine->clear_arguments(locked, *function, key, hash);
}

void set_function_limits(const FunctionPtr& function, const Limits& limits) {
  check_limits(limits, "cached function " + quoted(function->spec.name));
  const std::shared_ptr<EngineCore> engine = engine_of(function);
  FunctionOrder order(*engine, *function, limits);
  bool has_new_ttl = false;
  {
    Locked locked(*engine);
    if (needs_policy(limits)) order.apply(locked, *engine, *function);
    has_new_ttl = std::exchange(function->limits.ttl, limits.ttl) != limits.ttl;
  }
  if (has_new_ttl) {
    engine->renew_expiries(function.get());
    engine->sweep_all();
  }
  engine->come_down(function.get(), limits);
  Locked locked(*engine);
  order.apply(locked, *engine, *function);
  function->limits.max_bytes = limits.max_bytes;
  function->limits.max_entries = limits.max_entries;
  engine->enforce_limits(locked);
}

Limits function_limits(const FunctionPtr& function) {
  const std::shared_ptr<EngineCore> engine = engine_of(function);
  const Locked locked(*engine);
  return function->limits;
}

const std::string& function_name(const FunctionPtr& function) noexcept {
  return function->spec.name;
}

}  // namespace detail
}  // namespace memoscape::inline v0

#include "prove/world.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>

#include "prove/interleaving.hpp"
#include "prove/interpreter.hpp"
#include "prove/kinds.hpp"

namespace prove {

namespace {

using std::chrono::seconds;

ms::Digest always_equal(std::string_view) { return {}; }

// FNV, of which only 4 bits are left.
ms::Digest low_bits_equal(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  ms::Digest digest{};
  digest[0] = static_cast<unsigned char>(hash >> 60);
  return digest;
}

ms::EngineOptions options_of(const Case& one, ms::Caching caching, const ms::Clock& clock) {
  constexpr ms::Eviction kPolicies[] = {ms::Eviction::gdsf, ms::Eviction::lru,
                                        ms::Eviction::s3fifo};
  ms::EngineOptions options;
  options.caching = caching;
  options.eviction = kPolicies[static_cast<std::size_t>(one.policy)];
  options.clock = &clock;
  if (one.hash != 0) options.hash = one.hash == 1 ? &always_equal : &low_bits_equal;
  return options;
}

std::string message_of(const auto& action) {
  try {
    action();
  } catch (const ms::Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

bool is_chosen(const ms::PermutationRow& row, int modulus, int rest) {
  int sum = 0;
  for (const char c : row.id) sum += static_cast<unsigned char>(c);
  return sum % (modulus + 1) == rest % (modulus + 1);
}

void add_read(std::vector<Read>& path, const Read& read) {
  const bool known = std::any_of(path.begin(), path.end(), [&](const Read& before) {
    // The value of a widget that this execution created is no new information.
    const bool is_its_value =
        read.is_state && !before.key.empty() && "state " + before.key == read.variable;
    return is_its_value || before.variable == read.variable;
  });
  if (!known) path.push_back(read);
}

World::World(const Case& one, ms::Caching caching)
    : case_(one),
      caching_(caching),
      engine_(std::make_unique<ms::Engine>(options_of(one, caching, clock_))),
      handles_(one.functions.size()),
      versions_(one.functions.size()),
      refused_(one.functions.size()) {
  for (int i = 0; i < functions(); ++i) register_function(i);
}

World::~World() = default;

thread_local World::Running World::running;

int World::flags_of(int function) const {
  return case_.functions.at(static_cast<std::size_t>(function)).n[0];
}
bool World::is_resource(int function) const {
  return case_.functions.at(static_cast<std::size_t>(function)).op == Op::resource;
}
bool World::is_live(int function) const {
  return versions_.at(static_cast<std::size_t>(function)) >= 0;
}

void World::register_function(int function) {
  const auto index = static_cast<std::size_t>(function);
  const int flags = flags_of(function);
  const std::string version = "v" + std::to_string(versions_[index]);
  const ms::Scope scope = (flags & kSession) != 0 ? ms::Scope::session : ms::Scope::engine;
  const bool widgets = (flags & kWidgets) != 0;
  const auto body = [this, function](ms::Run& run, int argument) {
    return execute(run, function, argument);
  };
  if (!is_resource(function)) {
    handles_[index].data.emplace(engine_->cache_data(
        name_of(function), body, {.allow_widgets = widgets, .version = version, .scope = scope}));
    return;
  }
  ms::ResourceOptions<Datum> options;
  options.allow_widgets = widgets;
  options.version = version;
  options.scope = scope;
  options.on_release = [count = resources_released_](Datum&) { ++*count; };
  if ((flags & kValidate) != 0) {
    options.validate = [this, index](const Datum&) {
      if (refused_[index]) running.called->invalidated = true;
      return !refused_[index];
    };
  }
  handles_[index].resource.emplace(
      engine_->cache_resource(name_of(function), body, std::move(options)));
}

Datum World::execute(ms::Run& run, int function, int argument) {
  Call& call = *std::exchange(running.called, nullptr);
  call.executed = true;
  running.stack.push_back(&call);
  struct Leave {
    ~Leave() { running.stack.pop_back(); }
  };
  const Leave leave;
  Interpreter interpreter(*this, run);
  interpreter.mix(std::to_string(function) + "/" + std::to_string(argument));
  try {
    interpreter.execute(case_.functions[static_cast<std::size_t>(function)].blocks[0]);
  } catch (const ms::Error&) {
    interpreter.refuse();
    throw;
  } catch (const std::exception&) {
    call.threw = true;
    throw;
  } catch (...) {  // the run ended
    interpreter.refuse();
    throw;
  }
  call.finished = clock_.now();
  if (is_resource(function)) ++resources_made_;
  // A version shows in the value alone, so that what an execution throws does not depend on it.
  const std::int64_t number =
      interpreter.value() * 10 + versions_[static_cast<std::size_t>(function)];
  return {number, std::string(static_cast<std::size_t>(number % 4) * 40, 'x')};
}

ms::Session& World::session(int user) {
  const std::scoped_lock lock(mutex_);
  std::unique_ptr<ms::Session>& place = sessions_[user];
  if (place == nullptr) {
    place = std::make_unique<ms::Session>(*engine_);
    session_ids_[user] = ++sessions_made_;
  }
  return *place;
}

std::vector<ms::StateReadPtr> World::widgets(int user) {
  std::vector<ms::StateReadPtr> all = session(user).widgets();
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a->bytes() < b->bytes(); });
  return all;
}

void World::end_session(int user) {
  std::unique_ptr<ms::Session> ended;
  const std::scoped_lock lock(mutex_);
  ended.swap(sessions_[user]);
}

void World::keep(std::shared_ptr<const void> value) {
  const std::scoped_lock lock(mutex_);
  if (kept_.size() < 8) kept_.push_back(std::move(value));
}

std::string World::saved_of(int user) {
  const std::scoped_lock lock(mutex_);
  return saved_[user];
}

std::string World::state_of(int user) {
  ms::Session& one = session(user);
  std::string all = one.save();
  for (const auto& widget : widgets(user)) all += "\n" + widget->bytes();
  for (const char* name : {"s0", "s1", "s2", "again", "called", "k0", "k1"}) {
    all += "\n" + std::string(name) + " " + ms::to_text(one.state<ms::Value>(name));
  }
  return all + "\nrejected " + std::to_string(one.rejected_values());
}

std::string World::close() {
  sessions_.clear();
  engine_.reset();
  kept_.clear();
  handles_.clear();
  if (*resources_released_ == resources_made_) return {};
  return std::to_string(resources_made_) + " resources were made, and " +
         std::to_string(*resources_released_) + " released";
}

// --- steps ---

ms::Limits World::engine_limits(const Statement& step) const {
  return {.max_bytes = static_cast<std::uint64_t>(step.n[2]) * 100,
          .max_entries = static_cast<std::uint64_t>(step.n[1]),
          .ttl = seconds(step.n[3])};
}

ms::Limits World::function_limits(const Statement& step) const {
  return {.max_bytes = static_cast<std::uint64_t>(step.n[3]) * 100,
          .max_entries = static_cast<std::uint64_t>(step.n[2] % 8),
          .ttl = seconds(step.n[2] / 8)};
}

std::string World::apply(const Statement& step) {
  return message_of([&] {
    do_step(step);
    if (caches() && functions() > 0) administer(step);
  });
}

void World::set_widget(const Statement& step) {
  const auto all = widgets(step.n[0]);
  if (all.empty()) return;
  const ms::StateRead& read = *all[static_cast<std::size_t>(step.n[1]) % all.size()];
  const ms::Definition& definition = read.definition();
  const std::string& name = definition.key.empty() ? definition.label : definition.key;
  if (step.op == Op::click) return session(step.n[0]).click(name);
  const std::vector<ms::Value>& values = kinds()[kind_of_label(definition.label)].values;
  const ms::Value& value = values[static_cast<std::size_t>(step.n[2]) % values.size()];
  if (const ms::MediaPtr* file = value.get_if<ms::MediaPtr>())
    session(step.n[0]).upload(name, **file);
  else
    session(step.n[0]).set(name, value);
}

void World::do_step(const Statement& step) {
  const int user = step.n[0];
  const auto function = static_cast<std::size_t>(functions() == 0 ? 0 : index_of(step.n[1]));
  switch (step.op) {
    case Op::set:
    case Op::click:
      return set_widget(step);
    case Op::preset: {
      const auto kind = static_cast<std::size_t>(step.n[1]) % kinds().size();
      const std::vector<ms::Value>& values = kinds()[kind].values;
      return session(user).preset(label_of(kind, step.n[2], "", 0),
                                  values[static_cast<std::size_t>(step.n[3]) % values.size()]);
    }
    case Op::set_state:
      return session(user).set_state(step.n[1] > 2 ? "again" : "s" + std::to_string(step.n[1]),
                                     step.n[2]);
    case Op::set_query:
      return session(user).set_query("q" + std::to_string(step.n[1] % 2),
                                     std::to_string(step.n[2]));
    case Op::save: {
      std::string saved = session(user).save();
      const std::scoped_lock lock(mutex_);
      saved_[user] = std::move(saved);
      return;
    }
    case Op::restore: {
      const std::string saved = saved_of(user);
      if (!saved.empty()) session(user).restore(saved);
      return;
    }
    case Op::end:
    case Op::stop_from:  // what a stopped run left is another state than that of one that was not
      return end_session(user);
    case Op::advance:
      return clock_.advance(seconds(step.n[1]));
    case Op::hide:
      hidden_ = !hidden_;
      return;
    case Op::drop_kept: {
      std::vector<std::shared_ptr<const void>> dropped;
      const std::scoped_lock lock(mutex_);
      dropped.swap(kept_);
      return;
    }
    case Op::watch:
      if (step.n[1] % 2 == 0) return session(user).watch(nullptr);
      return session(user).watch([](const ms::Page& page) { (void)ms::to_text(page); });
    case Op::version:
    case Op::remove:
      if (functions() == 0) return;
      if (step.op == Op::version) {
        versions_[function] =
            is_live(static_cast<int>(function)) ? (versions_[function] + 1) % 3 : 0;
        return register_function(static_cast<int>(function));
      }
      if (is_live(static_cast<int>(function))) {
        engine_->remove(name_of(static_cast<int>(function)));
        versions_[function] = -1;
      } else {
        versions_[function] = 0;
        register_function(static_cast<int>(function));
      }
      return;
    default:
      return;
  }
}

void World::administer(const Statement& step) {
  const int function = index_of(step.n[1]);
  Handle& handle = handles_[static_cast<std::size_t>(function)];
  const auto on_handle = [&](const auto& action) {
    if (handle.data)
      action(*handle.data);
    else
      action(*handle.resource);
  };
  switch (step.op) {
    case Op::clear:
      return engine_->clear();
    case Op::clear_kind:
      return engine_->clear(step.n[1] % 2 == 0 ? ms::Kind::data : ms::Kind::resource);
    case Op::clear_function:
      return on_handle([](const auto& one) { one.clear(); });
    case Op::clear_arguments:
      return on_handle([&](const auto& one) { one.clear(argument_of(step.n[2])); });
    case Op::clear_one: {
      const ms::Report report = engine_->report();
      if (report.permutations.empty()) return;
      const auto index = static_cast<std::size_t>(step.n[1]) % report.permutations.size();
      engine_->clear_permutation(report.permutations[index].id);
      return;
    }
    case Op::clear_some:
      engine_->clear_if(
          [&](const ms::PermutationRow& row) { return is_chosen(row, step.n[1], step.n[2]); });
      return;
    case Op::sweep:
      engine_->sweep();
      return;
    case Op::limits:
      return engine_->set_limits(engine_limits(step));
    case Op::function_limits:
      return on_handle([&](const auto& one) { one.set_limits(function_limits(step)); });
    case Op::caching:
      return engine_->set_caching(step.n[1] % 2 == 0 ? ms::Caching::off : ms::Caching::on);
    case Op::refuse:
      refused_[static_cast<std::size_t>(function)] = !refused_[static_cast<std::size_t>(function)];
      return;
    default:
      return;
  }
}

// --- runs ---

Outcome World::run_for(int user, const auto& run) {
  Outcome outcome;
  outcome.began = clock_.now();
  running.user = user;
  running.stack = {&outcome.calls};
  outcome.page = run([&](ms::Run& script) {
    running.stack = {&outcome.calls};
    Interpreter interpreter(*this, script);
    interpreter.execute(case_.script);
  });
  running.stack.clear();
  return outcome;
}

Outcome World::run_script(int user) {
  ms::Session& one = session(user);
  return run_for(user, [&](const auto& script) { return one.run(script); });
}

Outcome World::run_anonymous() {
  {
    const std::scoped_lock lock(mutex_);
    session_ids_[-1] = ++sessions_made_;
  }
  return run_for(-1, [&](const auto& script) { return engine_->run(script); });
}

void World::run_stopped(int user) {
  ms::Session& one = session(user);
  const std::uint64_t pause = running.dice % 16;
  Interleaving* const turns = Interleaving::of_thread();
  const std::size_t other = kMostUsers + static_cast<std::size_t>(user);
  if (turns != nullptr) turns->expect(other);
  const std::jthread thread([&] {
    std::optional<Interleaving::Part> part;
    if (turns != nullptr) part.emplace(*turns, other);
    for (std::uint64_t i = 0; i < pause; ++i) let_others_go_now();
    one.stop();
  });
  run_script(user);
  if (turns != nullptr) turns->wait_for(other);
}

void World::perturb(std::uint64_t seed) { running.dice = seed * 0x9e3779b97f4a7c15u | 1; }

void World::let_others_go_now() {
  if (Interleaving* turns = Interleaving::of_thread())
    turns->reached();
  else
    std::this_thread::yield();
}

void World::let_others_go() {
  std::uint64_t& dice = running.dice;
  if (dice == 0) return;
  dice ^= dice << 13;
  dice ^= dice >> 7;
  dice ^= dice << 17;
  if (dice % 4 == 0) let_others_go_now();
}

}  // namespace prove

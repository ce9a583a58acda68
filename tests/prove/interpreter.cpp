#include "prove/interpreter.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <stdexcept>
#include <vector>

#include "prove/kinds.hpp"

namespace prove {

namespace {

constexpr std::int64_t kModulus = 9973;
constexpr int kShared = 3;  // labels that several places may use

// What users do when they change a widget that has a callback.
void count_call(ms::Session& session, int step) {
  session.set_state("called", session.state<int>("called") + step);
}

std::string text_of(const ms::Value& value) { return ms::describe(ms::encoded(value)); }

}  // namespace

std::string label_of(std::size_t kind, int label, const std::string& form, int argument) {
  std::string text = "w" + std::to_string(label) + "." + std::to_string(kind);
  if (!form.empty()) text += " in " + form;
  if (label >= kShared && argument != 0) text += " of " + std::to_string(argument);
  return text;
}

std::size_t kind_of_label(std::string_view label) {
  std::size_t kind = 0;
  const std::size_t dot = label.find('.');
  std::from_chars(label.data() + dot + 1, label.data() + label.size(), kind);
  return kind;
}

void Interpreter::mix(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  value_ =
      static_cast<std::int64_t>((static_cast<std::uint64_t>(value_) * 31 + hash % 1009) % kModulus);
}

bool Interpreter::in_function() const { return World::running.stack.size() > 1; }

int Interpreter::argument() const { return World::running.stack.back()->argument; }

void Interpreter::refuse() {
  for (Call* call : World::running.stack) call->refused = true;
}

void Interpreter::taint() {
  for (Call* call : World::running.stack) call->tainted = true;
}

void Interpreter::record(const Read& read) {
  for (Call* call : World::running.stack) add_read(call->path, read);
  if (world_.caches()) World::running.stack.back()->events.push_back({.read = read});
}

bool Interpreter::execute(const Block& block) {
  return std::all_of(block.begin(), block.end(),
                     [&](const Statement& one) { return execute(one); });
}

std::int64_t Interpreter::read_state(const std::string& name) {
  const int number = run_.state<int>(name);
  record({.variable = "state " + name,
          .value = text_of(number),
          .key = {},
          .is_form = false,
          .is_state = true});
  return number;
}

bool Interpreter::execute(const Statement& one) {
  World::let_others_go();
  switch (one.op) {
    case Op::widget:
      widget(one, false);
      break;
    case Op::keyed:
      widget(one, true);
      break;
    case Op::element:
      element(one.n[0]);
      break;
    case Op::box:
      return box(one);
    case Op::state:
      mix(std::to_string(read_state("s" + std::to_string(one.n[0] % 3))));
      break;
    case Op::state_of_key: {
      const std::string name = "k" + std::to_string(one.n[0] % 2);
      const ms::StateReadPtr read = ms::StateRead::of_session_state(name, {});
      const ms::StateValue& state = run_.read(read);
      record({.variable = "state " + name,
              .value = state.upload ? "upload" : text_of(state.value),
              .key = {},
              .is_form = false,
              .is_state = true});
      if (state.fired) taint();
      mix(ms::to_text(state.value));
      break;
    }
    case Op::query: {
      const std::string name = "q" + std::to_string(one.n[0] % 2);
      const std::optional<std::string> text = run_.query(name);
      record({.variable = "query " + name,
              .value = text_of(text ? ms::Value(*text) : ms::Value()),
              .key = {},
              .is_form = false,
              .is_state = false});
      mix(text.value_or("none"));
      break;
    }
    case Op::write:
      run_.set_state(one.n[0] % 4 == 3 ? "k0" : "s" + std::to_string(one.n[0] % 4),
                     static_cast<int>(value_ % 3));
      break;
    case Op::write_query:
      run_.set_query("q" + std::to_string(one.n[0] % 2), std::to_string(value_ % 2));
      break;
    case Op::call:
      call(one, false);
      break;
    case Op::keep:
      call(one, true);
      break;
    case Op::show:
      ms::write(run_, value_);
      break;
    case Op::branch: {
      const int modulus = one.n[0] + 1;
      return execute(one.blocks[value_ % modulus == one.n[1] % modulus ? 0 : 1]);
    }
    case Op::mod:
      value_ %= one.n[0] + 1;
      break;
    case Op::fail:
      throw std::runtime_error("failed with " + std::to_string(one.n[0]));
    case Op::attempt:
      return attempt(one);
    case Op::leave:
      return false;
    case Op::stop:
      refuse();
      run_.stop();
    case Op::rerun:
      if (read_state("again") == 0) break;
      if (!in_function()) run_.set_state("again", 0);
      if (one.n[0] % 2 == 0 && in_function()) break;  // it would never end
      if (in_function()) break;
      refuse();
      run_.rerun();
    case Op::cancel:
      if (!in_function() && World::running.user >= 0) run_.session().stop();
      break;
    case Op::clear_within:
      clear_within(one.n[0]);
      break;
    case Op::hidden: {
      const std::string a = "s" + std::to_string(one.n[0] % 3);
      const std::string b = "s" + std::to_string(one.n[1] % 3);
      std::int64_t first = 0;
      std::int64_t second = 0;
      if (!world_.hidden_) first = read_state(a);
      second = read_state(b);
      if (world_.hidden_) first = read_state(a);
      mix(std::to_string(first) + " " + std::to_string(second));
      break;
    }
    case Op::tick:
      world_.clock_.advance(std::chrono::milliseconds(100 * (one.n[0] + 1)));
      break;
    default:
      throw std::logic_error("a step in a program");
  }
  return true;
}

void Interpreter::widget(const Statement& one, bool keyed) {
  const std::size_t index = static_cast<std::size_t>(one.n[0]) % kinds().size();
  const Kind& kind = kinds()[index];
  const std::string key = keyed ? "k" + std::to_string(one.n[1] % 2) : "";
  const std::string label =
      (keyed ? "k" : "") + label_of(index, one.n[1], form_, keyed ? 0 : argument());
  const ms::Callback callback = one.n[1] % 2 == 1 ? ms::callback(&count_call, 1) : ms::Callback();
  const ms::Value value = kind.make(run_, label, key, callback);
  record({.variable = std::string(kind.name) + " " + label,
          .value = text_of(value),
          .key = key,
          .is_form = false,
          .is_state = false});
  if (kind.is_trigger && !(value == kind.initial)) taint();
  mix(ms::to_text(value));
}

bool Interpreter::box(const Statement& one) {
  const int key = one.n[1] % 2;
  const ms::Place place = [&]() -> ms::Place {
    switch (one.n[0] % 6) {
      case 0:
        return ms::container(run_);
      case 1:
        return ms::columns(run_, 2)[static_cast<std::size_t>(key)];
      case 2:
        return ms::tabs(run_, {"a", "b"})[static_cast<std::size_t>(key)];
      case 3:
        return ms::expander(run_, "more");
      case 4:
        return ms::sidebar(run_);
      default: {
        const std::string name = "form" + std::to_string(key);
        ms::Place form = ms::form(run_, name);
        record({.variable = "form " + name,
                .value = {},
                .key = name,
                .is_form = true,
                .is_state = false});
        form_ = name;
        return form;
      }
    }
  }();
  struct Restore {
    std::string& form;
    std::string before;
    ~Restore() { form = before; }
  };
  const Restore restore{form_, one.n[0] % 6 == 5 ? std::string() : form_};
  if (one.n[0] % 6 == 4) form_.clear();  // the sidebar is in no form
  bool goes_on = true;
  ms::within(place, [&] { goes_on = execute(one.blocks[0]); });
  return goes_on;
}

bool Interpreter::attempt(const Statement& one) {
  const std::string form = form_;
  std::exception_ptr caught;  // lets go of it last, by a name that ThreadSanitizer can be told of
  try {
    return execute(one.blocks[0]);
  } catch (const ms::Error& error) {
    caught = std::current_exception();
    refuse();
    mix(error.what());
  } catch (const std::exception& error) {
    caught = std::current_exception();
    mix(error.what());
  }
  form_ = form;
  ms::caption(run_, "caught");
  return true;
}

void Interpreter::element(int kind) {
  const std::string text = "v " + std::to_string(value_);
  switch (kind % 12) {
    case 0:
      return ms::text(run_, text);
    case 1:
      return ms::metric(run_, "m", value_);
    case 2:
      return ms::success(run_, text);
    case 3: {
      const ms::Progress progress = ms::progress(run_, 0.5, "begun");
      return progress.update(1, text);
    }
    case 4: {
      const ms::Placeholder place = ms::empty(run_);
      place.text("first");
      return value_ % 2 == 0 ? place.clear() : place.text(text);
    }
    case 5:
      return ms::dataframe(run_, ms::DataFrame{{{"x", std::vector<std::int64_t>{value_, 2}}}});
    case 6:
      return ms::image(run_, ms::Media{.name = "a.png", .type = "image/png", .bytes = text});
    case 7:
      return ms::markdown(run_, text);
    case 8:
      return ms::toast(run_, text);
    case 9:
      return ms::line_chart(run_, ms::DataFrame{{{"y", std::vector<double>{1, 2}}}});
    case 10:
      return ms::spinner(run_, "wait", [&] { ms::text(run_, text); });
    default:
      return ms::divider(run_);
  }
}

void Interpreter::clear_within(int what) {
  if (!world_.caches()) return;
  const int function = world_.functions() == 0 ? 0 : what % (world_.functions() + 1);
  World::running.stack.back()->events.push_back({.clear = function});
  if (function == 0) return world_.engine_->clear();
  // By the name, as a handle could be of a function that was removed.
  if (!world_.is_live(function - 1)) return;
  const auto& handle = world_.handles_[static_cast<std::size_t>(function) - 1];
  if (handle.data)
    handle.data->clear();
  else
    handle.resource->clear();
}

void Interpreter::call(const Statement& one, bool keep) {
  if (world_.functions() == 0) return;
  const int function = world_.index_of(one.n[0]);
  const int argument =
      World::argument_of(one.n[1] % 3 == 2 ? static_cast<int>(value_ % 2) : one.n[1] % 3);
  const auto& handle = world_.handles_[static_cast<std::size_t>(function)];
  Event& event = World::running.stack.back()->events.emplace_back();
  event.call = std::make_unique<Call>();
  Call& call = *event.call;
  call.function = function;
  call.argument = argument;
  if ((world_.flags_of(function) & kSession) != 0) {
    call.session = world_.session_id(World::running.user);
  }
  World::running.called = &call;
  const auto take = [&](const auto& ref) {
    mix(std::to_string(ref->number));
    mix(ref->text);
    if (keep) world_.keep(ref.share());
  };
  try {
    if (handle.data)
      take((*handle.data)(run_, argument));
    else
      take((*handle.resource)(run_, argument));
  } catch (const ms::Error&) {
    call.refused = true;
    refuse();
    throw;
  } catch (const std::exception&) {
    throw;
  } catch (...) {
    call.refused = true;
    refuse();
    throw;
  }
}

}  // namespace prove

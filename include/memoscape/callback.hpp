// Callback: what a widget calls when a user changed it, before the next run of the script begins.
//
// A callback is recorded with its widget and replayed for any user, so it must carry nothing of the
// user it was made for: it is a captureless function of the session, and its arguments are
// encodable and taken by value.
//
// Thread-safety: an immutable value.
//
//   ms::slider(run, "Minutes", 0, 180, 15, {.on_change = ms::callback([](ms::Session& session) {
//     session.set_state("touched", true);
//   })});
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "memoscape/encode.hpp"

namespace memoscape::inline v0 {

class Session;

class MEMOSCAPE_API Callback {
 public:
  Callback() = default;
  explicit operator bool() const noexcept { return action_ != nullptr; }
  // Requires: not empty.
  void operator()(Session& session) const { action_->invoke(*action_, session); }

  // The same function with equal arguments.
  friend MEMOSCAPE_API bool operator==(const Callback& a, const Callback& b) noexcept;

 private:
  struct Action {
    void (*invoke)(const Action&, Session&) = nullptr;
    void (*function)() = nullptr;  // for comparison only
    std::string arguments;         // encoded
  };
  template <class Function, class... Args>
  struct Bound : Action {
    Function typed;
    std::tuple<Args...> values;
  };

  template <class F, class... Args>
  friend Callback callback(F function, Args... args);

  std::shared_ptr<const Action> action_;
};

namespace detail {

// Text that somebody else owns is kept as text of its own.
template <class T>
using callback_argument_t =
    std::conditional_t<std::is_convertible_v<T, const char*> || std::is_same_v<T, std::string_view>,
                       std::string, std::decay_t<T>>;

template <class F, class... Args>
inline constexpr bool is_callback_v = std::is_convertible_v<F, void (*)(Session&, Args...)>;

}  // namespace detail

// Makes a callback of a captureless `void(Session&, Args...)` and the arguments to call it with.
template <class F, class... Args>
Callback callback(F function, Args... args) {
  constexpr bool captureless = detail::is_callback_v<F, detail::callback_argument_t<Args>...>;
  static_assert(captureless,
                "memoscape: a callback must be a captureless void(Session&, Args...), because it "
                "is replayed for other users. Cure: capture nothing and pass what it needs as "
                "arguments by value: callback([](Session& s, int n) {...}, n)");
  constexpr bool encodable = (Encodable<detail::callback_argument_t<Args>> && ...);
  static_assert(encodable,
                "memoscape: an argument of a callback has no encoding. Cure: pass an "
                "encodable value, like a name or a number, and look the rest up by it");
  Callback result;
  if constexpr (captureless && encodable) {
    using Function = void (*)(Session&, detail::callback_argument_t<Args>...);
    using Bound = Callback::Bound<Function, detail::callback_argument_t<Args>...>;
    auto bound = std::make_shared<Bound>();
    bound->typed = function;
    bound->values = {detail::callback_argument_t<Args>(std::move(args))...};
    bound->function = reinterpret_cast<void (*)()>(bound->typed);
    bound->arguments = encoded(bound->values);
    bound->invoke = [](const Callback::Action& action, Session& session) {
      const auto& self = static_cast<const Bound&>(action);
      std::apply([&](const auto&... values) { self.typed(session, values...); }, self.values);
    };
    result.action_ = std::move(bound);
  }
  return result;
}

}  // namespace memoscape::inline v0

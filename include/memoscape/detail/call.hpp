// The seam between the typed shell and the engine: the shell encodes the key and casts, everything
// else happens once, behind type erasure.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "memoscape/detail/box.hpp"
#include "memoscape/detail/function_ref.hpp"
#include "memoscape/detail/pin.hpp"
#include "memoscape/detail/short_key.hpp"
#include "memoscape/limits.hpp"
#include "memoscape/report.hpp"

namespace memoscape::inline v0 {

class Run;

namespace detail {

struct EngineCore;
struct Function;
using FunctionPtr = std::shared_ptr<Function>;

// What the engine must know of a cached function; the shell fills it in.
struct FunctionSpec {
  std::string name;
  std::string version;
  Kind kind = Kind::data;
  Scope scope = Scope::engine;
  bool allow_widgets = false;
  Limits limits;
  std::string spinner;
  bool show_spinner = true;
  std::function<bool(const void*)> validate;
  std::function<void(void*)> on_release;
};

// Executes the function with the arguments of this call and boxes the result.
using Body = FunctionRef<BoxPtr(Run&)>;

MEMOSCAPE_API FunctionPtr register_function(EngineCore& engine, FunctionSpec spec);
// Answers a call that the script made at this point of the run before, too, if nothing has changed
// for it: the lease of the value, pinned. Null: nothing was done, `call` tells.
MEMOSCAPE_API Lease* repeat(const Function* function, Run& run, std::string_view key) noexcept;
MEMOSCAPE_API Lease* repeat(const Function* function, Run& run, ShortKey key) noexcept;
// The algorithm. Throws what the function throws, and the errors of the rules.
MEMOSCAPE_API Pin call(const FunctionPtr& function, Run& run, std::string_view key, Body body);
MEMOSCAPE_API Pin call(const FunctionPtr& function, Run& run, ShortKey key, Body body);
MEMOSCAPE_API void clear_function(const FunctionPtr& function);
MEMOSCAPE_API void clear_arguments(const FunctionPtr& function, std::string_view key);
MEMOSCAPE_API void set_function_limits(const FunctionPtr& function, const Limits& limits);
MEMOSCAPE_API Limits function_limits(const FunctionPtr& function);
MEMOSCAPE_API const std::string& function_name(const FunctionPtr& function) noexcept;

// Owns a callable of any type. A std::shared_ptr would be instantiated anew for each function that
// is registered, which costs 30 ms of compile time each.
class Callable {
 public:
  Callable() = default;
  template <class F>
  explicit Callable(F function)
      : object_(new F(std::move(function))),
        destroy_([](void* object) { delete static_cast<F*>(object); }) {}
  Callable(Callable&& other) noexcept
      : object_(std::exchange(other.object_, nullptr)), destroy_(other.destroy_) {}
  Callable& operator=(Callable&&) = delete;
  ~Callable() {
    if (object_ != nullptr) destroy_(object_);
  }

  const void* get() const noexcept { return object_; }

 private:
  void* object_ = nullptr;
  void (*destroy_)(void*) = nullptr;
};

// The parts of a callable's signature.
template <class R, bool TakesRun, class... Args>
struct Signature {
  using Result = R;
  static constexpr bool kTakesRun = TakesRun;
};

template <class R, class... Args>
struct SplitRun {
  using type = Signature<R, false, Args...>;
};
template <class R, class... Args>
struct SplitRun<R, Run&, Args...> {
  using type = Signature<R, true, Args...>;
};

template <class M>
struct OfMember;  // of operator()
template <class C, class R, class... Args>
struct OfMember<R (C::*)(Args...) const> : SplitRun<R, Args...> {};
template <class C, class R, class... Args>
struct OfMember<R (C::*)(Args...) const noexcept> : SplitRun<R, Args...> {};

template <class F>
concept HasCallOperator = requires {
  &F::operator();
};

// Primary: anything without exactly one operator() - a generic lambda, an overloaded object.
template <class F>
struct SignatureOf {
  static constexpr bool kKnown = false;
};
template <HasCallOperator F>
struct SignatureOf<F> {
  static constexpr bool kKnown = requires { typename OfMember<decltype(&F::operator())>::type; };
  static constexpr bool kMutable = !kKnown;
};
template <class F>
requires HasCallOperator<F> && requires { typename OfMember<decltype(&F::operator())>::type; }
struct SignatureOf<F> : OfMember<decltype(&F::operator())> {
  static constexpr bool kKnown = true;
};
template <class R, class... Args>
struct SignatureOf<R (*)(Args...)> : SplitRun<R, Args...> {
  static constexpr bool kKnown = true;
};
// A member function is called with the object as the argument after the run.
template <class C, class R, class... Args>
struct SignatureOf<R (C::*)(Args...) const> {
  using type = Signature<R, false, const C&, Args...>;
  static constexpr bool kKnown = true;
};
template <class C, class R, class... Args>
struct SignatureOf<R (C::*)(Run&, Args...) const> {
  using type = Signature<R, true, const C&, Args...>;
  static constexpr bool kKnown = true;
};

template <class F>
struct ResultOf {
  using type = void;
};
template <class F>
requires(SignatureOf<F>::kKnown) struct ResultOf<F> {
  using type = typename SignatureOf<F>::type::Result;
};

template <class R>
struct CachedTypeOf {
  using type = cached_type_t<std::remove_cv_t<R>>;
};
template <>
struct CachedTypeOf<void> {
  using type = std::nullptr_t;  // a stand-in: the shell's static_assert speaks
};
template <class R>
struct CachedTypeOf<R&> {
  using type = std::nullptr_t;
};

// The type that a cached function keeps.
template <class F>
using result_of_t = typename CachedTypeOf<typename ResultOf<F>::type>::type;

}  // namespace detail
}  // namespace memoscape::inline v0

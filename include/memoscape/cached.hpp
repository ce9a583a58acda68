// Cached: a handle to a cached function. A thin typed shell: it encodes the key and casts.
//
// Cheap to copy; all copies are the same function. `R` is const for data.
//
// Thread-safety: all members may be called from any thread; each call with a run of its own thread.
//
//   auto load = engine.cache_resource("weather", [](ms::Run&, std::string file) {
//     return Table(file);
//   });
//   ms::Ref<Table> table = load(run, "seattle.csv");
//   load.clear("seattle.csv");
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "memoscape/detail/call.hpp"
#include "memoscape/detail/short_key.hpp"
#include "memoscape/engine.hpp"
#include "memoscape/ref.hpp"
#include "memoscape/run.hpp"

namespace memoscape::inline v0 {

// A parameter with an encoding of its own for this function: `Encoding::to(Encoder&, const T&)`.
template <class T, class Encoding>
struct EncodedBy {
  T value;
  EncodedBy(T v) : value(std::move(v)) {}
  const T& operator*() const noexcept { return value; }
  const T* operator->() const noexcept { return &value; }
};
template <class T, class Encoding>
struct Encode<EncodedBy<T, Encoding>> {
  static void to(Encoder& encoder, const EncodedBy<T, Encoding>& argument) {
    Encoding::to(encoder, argument.value);
  }
};

namespace detail {

template <class P>
inline constexpr bool is_page_handle_v = std::is_base_of_v<Run, P> || std::is_same_v<P, Place> ||
                                         std::is_same_v<P, Slot> || std::is_same_v<P, Page>;
template <class P>
inline constexpr bool is_ref_v = false;
template <class T>
inline constexpr bool is_ref_v<Ref<T>> = true;

// A parameter type, checked.
template <class P>
struct Parameter {
  using Plain = std::remove_cvref_t<P>;
  static_assert(!std::is_same_v<Plain, Run>,
                "memoscape: the Run& of a cached function must be its first parameter. Cure: move "
                "it to the front");
  static_assert(is_ignored_v<Plain> || !std::is_lvalue_reference_v<P> ||
                    std::is_const_v<std::remove_reference_t<P>>,
                "memoscape: a non-const reference cannot be part of a key. Cure: take it by const "
                "reference, by value, or as memoscape::Ignored<T&>");
  static_assert(!std::is_rvalue_reference_v<P>,
                "memoscape: an rvalue reference parameter cannot be part of a key. Cure: take it "
                "by value or by const reference");
  static_assert(!is_page_handle_v<Plain> && !is_ref_v<Plain>,
                "memoscape: Run, Ref and page handles belong to one run and cannot be arguments. "
                "Cure: pass the value itself, and the run as the first parameter");
  using type = Plain;
};

template <class P>
void encode_argument(Encoder& encoder, const P& argument) {
  if constexpr (!is_ignored_v<P>) encode_value(encoder, argument);
}

}  // namespace detail

template <class R, class... Args>
class Cached {
 public:
  using Value = std::remove_const_t<R>;

  // The value for these arguments and the state that the function reads: from the cache when it is
  // there, else by executing. What the function puts on the page appears at this place of the page.
  // Throws: what the function throws; StaleFunctionError, UsageError and the errors of the rules.
  // Complexity: a hit is linear in the state reads on its path.
  [[gnu::always_inline]] Ref<R> operator()(Run& run, const Args&... args) const {
    if constexpr (detail::ShortKey::kMayBeOf<Args...>) {
      detail::ShortKey key;
      if ((key.add(args) && ...)) {
        if (detail::Lease* pinned = detail::repeat(function_, run, key)) {
          return Ref<R>(detail::Pin(*pinned));
        }
        return Ref<R>(detail::Pin(look_up(run, key, args...)));
      }
    }
    return Ref<R>(detail::Pin(call_apart(run, args...)));
  }

  // Frees the entries of the function; those of one argument tuple, in every session if they belong
  // to sessions. Complexity: linear in what is freed; of a tuple in sessions, in all arguments.
  void clear() const { detail::clear_function(shell_->function); }
  void clear(const Args&... args) const requires(sizeof...(Args) > 0) {
    Encoder key;
    (detail::encode_argument(key, args), ...);
    detail::clear_arguments(shell_->function, key.view());
  }

  // Limits of this function; they are in force when this returns. Throws: UsageError for a negative
  // ttl; std::bad_alloc. Complexity: of a new ttl: n log n in the nodes of the engine.
  void set_limits(const Limits& limits) const {
    detail::set_function_limits(shell_->function, limits);
  }
  Limits limits() const { return detail::function_limits(shell_->function); }
  const std::string& name() const noexcept { return detail::function_name(shell_->function); }

 private:
  friend class Engine;
  using Held = detail::Pin::Held;

  // What is not inlined: all but a call with a short key that repeats one of the run before.
  [[gnu::noinline]] Held call_apart(Run& run, const Args&... args) const {
    Encoder key;
    (detail::encode_argument(key, args), ...);
    if (detail::Lease* pinned = detail::repeat(function_, run, key.view())) {
      return detail::Pin(*pinned).release();
    }
    return look_up(run, key.view(), args...);
  }
  template <class Key>
  [[gnu::noinline]] Held look_up(Run& run, Key key, const Args&... args) const {
    auto body = [&](Run& inner) { return shell_->invoke(shell_->callable.get(), inner, args...); };
    return detail::call(shell_->function, run, key, body).release();
  }
  using Invoke = detail::BoxPtr (*)(const void* callable, Run& run, const Args&... args);
  struct Shell {
    detail::FunctionPtr function;
    detail::Callable callable;
    Invoke invoke;
  };
  Cached(detail::Callable callable, Invoke invoker)
      : shell_(std::make_shared<Shell>(Shell{nullptr, std::move(callable), invoker})) {}

  // All that is made anew for each callable: keep it small. The function is registered last, so
  // that no name is taken by one that has no handle.
  template <class F, bool TakesRun>
  static Cached make(F function) {
    return Cached(detail::Callable(std::move(function)), [](const void* callable, Run& run,
                                                            const Args&... args) {
      const F& f = *static_cast<const F*>(callable);
      using Result = std::remove_cv_t<decltype(invoke<F, TakesRun>(f, run, args...))>;
      // The box has its memory before the function runs: what a function has made is
      // never lost for want of a box.
      if constexpr (detail::check_measurable<Result>())
        return detail::BoxPtr(new detail::BoxOf<Result>(invoke<F, TakesRun>(f, run, args...)));
      else
        return detail::BoxPtr();
    });
  }

  template <class F, bool TakesRun>
  static decltype(auto) invoke(const F& f, [[maybe_unused]] Run& run, const Args&... args) {
    if constexpr (std::is_member_function_pointer_v<F>) {
      return invoke_member<TakesRun>(f, run, args...);
    } else if constexpr (TakesRun) {
      return f(run, args...);
    } else {
      return f(args...);
    }
  }
  template <bool TakesRun, class F, class Object, class... Rest>
  static decltype(auto) invoke_member(F f, [[maybe_unused]] Run& run, const Object& object,
                                      const Rest&... rest) {
    if constexpr (TakesRun)
      return (object.*f)(run, rest...);
    else
      return (object.*f)(rest...);
  }

  // Requires: it has none.
  void set_function(const detail::FunctionPtr& function) noexcept {
    function_ = function.get();
    shell_->function = function;
  }

  std::shared_ptr<Shell> shell_;                // const once it is registered
  const detail::Function* function_ = nullptr;  // the shell's, which may be in no cache
};

namespace detail {

template <bool Const, class S>
struct HandleOf;
template <bool Const, class R, bool TakesRun, class... Args>
struct HandleOf<Const, Signature<R, TakesRun, Args...>> {
  using T = cached_type_t<R>;
  using type = Cached<std::conditional_t<Const, const T, T>, typename Parameter<Args>::type...>;
};

template <class F>
constexpr bool check_callable() {
  static_assert(SignatureOf<F>::kKnown,
                "memoscape: this callable has no single const signature. Cures: give a generic "
                "lambda concrete parameter types, drop `mutable`, pick one overload");
  if constexpr (SignatureOf<F>::kKnown) {
    using R = typename SignatureOf<F>::type::Result;
    static_assert(!std::is_void_v<R>,
                  "memoscape: a cached function must return a value. Cure: return what it "
                  "computes, or call it uncached");
    static_assert(!std::is_reference_v<R> && !std::is_pointer_v<R>,
                  "memoscape: a cached function must return a value, not a reference or a pointer "
                  "to one that somebody else owns. Cure: return the object, or a smart pointer");
    static_assert(!is_ref_v<std::remove_cv_t<R>> && !is_page_handle_v<std::remove_cv_t<R>>,
                  "memoscape: Ref and page handles belong to one run and cannot be cached. Cure: "
                  "return the value itself, or ref.share()");
    return !std::is_void_v<R> && !std::is_reference_v<R> && !std::is_pointer_v<R>;
  } else {
    return false;
  }
}

}  // namespace detail

template <class F>
auto Engine::cache_data(std::string_view name, F function, DataOptions options) {
  if constexpr (detail::check_callable<F>()) {
    using S = typename detail::SignatureOf<F>::type;
    using Handle = typename detail::HandleOf<true, S>::type;
    Handle handle = Handle::template make<F, S::kTakesRun>(std::move(function));
    handle.set_function(detail::register_data(*core_, name, std::move(options)));
    return handle;
  }
}

template <class F>
auto Engine::cache_resource(std::string_view name, F function,
                            ResourceOptions<detail::result_of_t<F>> options) {
  if constexpr (detail::check_callable<F>()) {
    using S = typename detail::SignatureOf<F>::type;
    using Handle = typename detail::HandleOf<false, S>::type;
    using T = detail::result_of_t<F>;
    detail::FunctionSpec spec{.name = std::string(name),
                              .version = std::move(options.version),
                              .kind = Kind::resource,
                              .scope = options.scope,
                              .allow_widgets = options.allow_widgets,
                              .limits = options.limits,
                              .spinner = std::move(options.spinner),
                              .show_spinner = options.show_spinner,
                              .validate = {},
                              .on_release = {}};
    if (options.validate) {
      spec.validate = [validate = std::move(options.validate)](const void* object) {
        return validate(*static_cast<const T*>(object));
      };
    }
    if (options.on_release) {
      spec.on_release = [release = std::move(options.on_release)](void* object) {
        release(*static_cast<T*>(object));
      };
    }
    Handle handle = Handle::template make<F, S::kTakesRun>(std::move(function));
    handle.set_function(detail::register_function(*core_, std::move(spec)));
    return handle;
  }
}

}  // namespace memoscape::inline v0

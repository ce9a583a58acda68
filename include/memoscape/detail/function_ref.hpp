// A reference to a callable, for parameters: no allocation, no <functional>.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace memoscape::inline v0::detail {

template <class Signature>
class FunctionRef;

template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> &&
           std::is_invocable_r_v<R, F&, Args...>) FunctionRef(F&& function)
  noexcept {
    if constexpr (std::is_function_v<std::remove_reference_t<F>>) {
      target_.function = reinterpret_cast<void (*)()>(&function);
      invoke_ = [](Target target, Args... args) -> R {
        return reinterpret_cast<std::remove_reference_t<F>*>(target.function)(
            std::forward<Args>(args)...);
      };
    } else {
      target_.object = const_cast<void*>(static_cast<const void*>(std::addressof(function)));
      invoke_ = [](Target target, Args... args) -> R {
        return (*static_cast<std::remove_reference_t<F>*>(target.object))(
            std::forward<Args>(args)...);
      };
    }
  }

  R operator()(Args... args) const { return invoke_(target_, std::forward<Args>(args)...); }

 private:
  union Target {
    void* object;
    void (*function)();
  };
  Target target_;
  R (*invoke_)(Target, Args...);
};

}  // namespace memoscape::inline v0::detail

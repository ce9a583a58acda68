// Draft: what a widget is about to be, as the functions of the library describe it. It refers to
// the label and options of its caller, and owns no more than it must: a widget that is created
// again, as it was, needs no Definition.
//
// Thread-safety: none.
#pragma once

#include <cassert>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "memoscape/state.hpp"
#include "memoscape/widget_options.hpp"

namespace memoscape::inline v0::detail {

class Draft {
 public:
  // With what all options have in common. Label and options must live as long as the draft.
  template <class Options>
  Draft(const WidgetKind& widget_kind, std::string_view text, Value value, const Options& options)
      : kind(&widget_kind),
        label(text),
        key(options.key),
        on_change(options.on_change),
        initial(std::move(value)) {
    if constexpr (requires { options.help; }) {
      if (!options.help.empty()) add("help", options.help);
    }
    if (options.disabled) add("disabled", true);
    if constexpr (requires { options.label_visibility; }) {
      if (options.label_visibility != LabelVisibility::visible) {
        add("label_visibility",
            options.label_visibility == LabelVisibility::hidden ? "hidden" : "collapsed");
      }
    }
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() { std::destroy_n(items_, count_); }

  const WidgetKind* const kind;
  const std::string_view label;
  const std::string& key;
  const Callback& on_change;
  Value initial;

  // Requires: there is none of this name, and fewer than `kMost`. Names are string literals.
  void add(std::string_view name, Value value) {
    assert(count_ < kMost);
    ::new (&items_[count_]) Attribute{name, std::move(value)};
    ++count_;
  }

  std::span<const Attribute> attributes() const noexcept { return {items_, count_}; }

  // The definition, once.
  Definition take() {
    Definition definition{.kind = kind,
                          .label = std::string(label),
                          .key = key,
                          .initial = std::move(initial),
                          .on_change = on_change};
    for (std::size_t i = 0; i < count_; ++i) {
      definition.attributes.set(items_[i].name, std::move(items_[i].value));
    }
    return definition;
  }

 private:
  static constexpr std::size_t kMost = 8;

  std::size_t count_ = 0;
  union {
    Attribute items_[kMost];  // the first `count_` of them
  };
};

}  // namespace memoscape::inline v0::detail

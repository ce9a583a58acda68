#include "widgets/fragments.hpp"

#include <utility>

#include "memoscape/detail/terminal.hpp"
#include "memoscape/error.hpp"
#include "memoscape/fragment.hpp"
#include "memoscape/session.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace detail {

constinit const ElementKind kFragmentKind = {.name = "fragment", .to_text = no_heading};

void Fragments::keep(const Page& page) {
  last_ = std::exchange(made_, {});
  page_ = last_.empty() ? Page() : page;
}

void Fragments::fill(const Place& inside, const std::string& name, const Body& body) {
  const std::size_t before = host_.sidebar_items();
  within(inside, [&] { body(inside.run()); });
  if (host_.sidebar_items() == before) return;
  throw UsageError("fragment " + quoted(name) +
                   " wrote to the sidebar, which is no part of it. Cure: call within(sidebar(run), "
                   "...) around the fragment");
}

void Fragments::make(const Place& place, std::string_view name, const Body& body) {
  if (name.empty()) throw UsageError("fragment: the name is empty. Cure: pass a name for it");
  if (body == nullptr) throw UsageError("fragment " + quoted(name) + " has no function");
  if (!made_.emplace(name, body).second) {
    throw UsageError("fragment " + quoted(name) +
                     " is on the page already. Cure: give each a name of its own");
  }
  const Place inside = place.open({.kind = &kFragmentKind, .text = std::string(name)});
  fill(inside, std::string(name), body);
}

void Fragments::require(std::string_view name) const {
  if (last_.contains(name)) return;
  std::string known;
  for (const auto& [other, body] : last_) known += (known.empty() ? "" : ", ") + quoted(other);
  throw InvalidValueError("there is no fragment " + quoted(name) + " on the last page. " +
                          (known.empty() ? std::string("It had none") : "It had: " + known));
}

void Fragments::show(const PageNode& node, const Place& place, std::string_view chosen) {
  for (const PageNode& child : node.children()) {
    // What ended the last run early is the last thing on its page.
    if (page_.error() != nullptr && &child == &page_.main().children().back()) continue;
    if (const StateRead* widget = child.widget()) {
      if (!place.widget(widget->definition()).fired) continue;
      throw UsageError(std::string(widget->definition().kind->name) + " " + quoted(widget->name()) +
                       " was clicked, which is no part of fragment " + quoted(chosen) +
                       ". Cure: run the script");
    }
    const Element& element = *child.element();
    if (!child.is_container()) {
      place.emit(element);
    } else if (element.kind == &kFormKind) {
      show(child, place.open_form(element, std::string(child.key())), chosen);
    } else if (element.kind != &kFragmentKind) {
      show(child, place.open(element), chosen);
    } else {
      const Place inside = place.open(element);
      const auto& fragment = *made_.insert(*last_.find(element.text)).first;
      if (element.text != chosen) {
        show(child, inside, chosen);
        continue;
      }
      try {
        fill(inside, fragment.first, fragment.second);
      } catch (const RunRestarted&) {
        throw;
      } catch (...) {
        ended_ = std::current_exception();  // the rest of the page stays, all the same
      }
    }
  }
}

void Fragments::run_again(Run& run, std::string_view name) {
  ended_ = nullptr;
  show(page_.main(), run, name);
  show(page_.sidebar(), Place(run).sidebar(), name);
  if (ended_ != nullptr) std::rethrow_exception(std::exchange(ended_, nullptr));
}

}  // namespace detail

void fragment(const Place& place, std::string_view name, const std::function<void(Run&)>& body) {
  Session* session = nullptr;
  try {
    session = &place.run().session();
  } catch (const CachedEffectError&) {
    throw CachedEffectError("fragment " + detail::quoted(name) +
                            " was made inside a cached function, which would not run when the "
                            "fragment does. Cure: call the cached function in the fragment");
  }
  session->make_fragment(place, name, body);
}

}  // namespace memoscape::inline v0

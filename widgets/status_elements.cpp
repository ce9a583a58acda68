#include "memoscape/status_elements.hpp"

#include "memoscape/detail/terminal.hpp"
#include "widgets/common.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

constexpr double kProgressWidth = 20;

void status_text(const Element& element, std::string& out) {
  detail::append_wrapped('[' + std::string(element.kind->name) + "] " + element.text,
                         detail::kTextWidth, out);
}

void progress_text(const Element& element, std::string& out) {
  const double fraction = *element.attributes["fraction"].get_if<double>();
  const auto done = static_cast<std::size_t>(fraction * kProgressWidth);
  if (!element.text.empty()) out += detail::escaped(element.text) + ' ';
  out += '[';
  detail::append_repeated("#", done, out);
  detail::append_repeated("-", static_cast<std::size_t>(kProgressWidth) - done, out);
  out += "] " + std::to_string(static_cast<int>(fraction * 100)) + " %\n";
}

void empty_text(const Element&, std::string&) {}

void toast_text(const Element& element, std::string& out) {
  const std::string icon = detail::readable(element.attributes["icon"]);
  const bool has_icon = !element.attributes["icon"].is_null();
  detail::append_wrapped("(i) " + (has_icon ? icon + ' ' : "") + element.text, detail::kTextWidth,
                         out);
}

void emit_status(const Place& place, const ElementKind& kind, std::string_view text) {
  place.emit({.kind = &kind, .text = std::string(text)});
}

Element progress_element(double fraction, std::string_view text) {
  if (!(fraction >= 0 && fraction <= 1)) {  // NaN, too
    detail::throw_misuse(
        "progress", text,
        "the fraction " + detail::readable(fraction) + " is outside 0 to 1. Cure: pass done / all");
  }
  return {.kind = &detail::kProgressKind,
          .text = std::string(text),
          .attributes = {{"fraction", fraction}}};
}

}  // namespace

namespace detail {

constinit const ElementKind kSuccessKind = {.name = "success", .to_text = status_text};
constinit const ElementKind kErrorKind = {.name = "error", .to_text = status_text};
constinit const ElementKind kWarningKind = {.name = "warning", .to_text = status_text};
constinit const ElementKind kInfoKind = {.name = "info", .to_text = status_text};
constinit const ElementKind kToastKind = {.name = "toast", .to_text = toast_text};
constinit const ElementKind kProgressKind = {.name = "progress", .to_text = progress_text};
constinit const ElementKind kEmptyKind = {.name = "empty", .to_text = empty_text};

}  // namespace detail

void success(const Place& place, std::string_view text) {
  emit_status(place, detail::kSuccessKind, text);
}

void error(const Place& place, std::string_view text) {
  emit_status(place, detail::kErrorKind, text);
}

void warning(const Place& place, std::string_view text) {
  emit_status(place, detail::kWarningKind, text);
}

void info(const Place& place, std::string_view text) {
  emit_status(place, detail::kInfoKind, text);
}

void toast(const Place& place, std::string_view text, const ToastOptions& options) {
  Element element = {.kind = &detail::kToastKind, .text = std::string(text)};
  if (!options.icon.empty()) element.attributes.set("icon", options.icon);
  place.emit(std::move(element));
}

void exception(const Place& place, const std::exception& error) {
  emit_status(place, kExceptionKind, error.what());
}

void exception(const Place& place, const std::exception_ptr& error) {
  if (error == nullptr) return emit_status(place, kExceptionKind, "no exception");
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    emit_status(place, kExceptionKind, known.what());
  } catch (...) {
    emit_status(place, kExceptionKind, "an exception that is not a std::exception");
  }
}

namespace detail {

void spin(const Place& place, std::string_view text, FunctionRef<void()> body) {
  const Slot slot = place.emit({.kind = &kSpinnerKind, .text = std::string(text)});
  place.run().show();
  try {
    body();
  } catch (...) {
    try {
      slot.clear();
    } catch (...) {  // the run was stopped: what was thrown first counts
    }
    throw;
  }
  slot.clear();
}

}  // namespace detail

void Progress::update(double fraction, std::string_view text) const {
  slot_.replace(progress_element(fraction, text));
}

Progress progress(const Place& place, double fraction, std::string_view text) {
  return Progress(place.emit(progress_element(fraction, text)));
}

void Placeholder::text(std::string_view text) const {
  slot_.replace({.kind = &detail::kTextKind, .text = std::string(text)});
}

Placeholder empty(const Place& place) {
  return Placeholder(place.emit({.kind = &detail::kEmptyKind}));
}

}  // namespace memoscape::inline v0

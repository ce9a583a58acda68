#include "memoscape/data_elements.hpp"

#include <cstdint>

#include "widgets/common.hpp"
#include "widgets/frame_text.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

constexpr std::size_t kTableRowsShown = 100;

// --- metric

void metric_text(const Element& element, std::string& out) {
  out += detail::escaped(element.text) + ": " + detail::readable(element.attributes["value"]);
  const Value& delta = element.attributes["delta"];
  if (!delta.is_null()) {
    const std::int64_t* whole = delta.get_if<std::int64_t>();
    const double* real = delta.get_if<double>();
    const bool is_gain = (whole != nullptr && *whole > 0) || (real != nullptr && *real > 0);
    out += std::string(" (") + (is_gain ? "+" : "") + detail::readable(delta) + ')';
  }
  out += '\n';
}

void dataframe_text(const Element& element, std::string& out) {
  detail::append_frame(*element.data, detail::kRowsShown, out);
}

void table_text(const Element& element, std::string& out) {
  detail::append_frame(*element.data, kTableRowsShown, out);
}

}  // namespace

namespace detail {

constinit const ElementKind kMetricKind = {.name = "metric", .to_text = metric_text};
constinit const ElementKind kDataframeKind = {.name = "dataframe", .to_text = dataframe_text};
constinit const ElementKind kTableKind = {.name = "table", .to_text = table_text};

}  // namespace detail

void metric(const Place& place, std::string_view label, const Value& value,
            const MetricOptions& options) {
  Element element = {
      .kind = &detail::kMetricKind, .text = std::string(label), .attributes = {{"value", value}}};
  if (!options.delta.is_null()) element.attributes.set("delta", options.delta);
  if (!options.help.empty()) element.attributes.set("help", options.help);
  place.emit(std::move(element));
}

void dataframe(const Place& place, DataFramePtr frame) {
  if (frame == nullptr) {
    detail::throw_misuse("dataframe", "", "the table is null. Cure: test for it first");
  }
  place.emit({.kind = &detail::kDataframeKind, .data = std::move(frame)});
}

void table(const Place& place, DataFramePtr frame) {
  if (frame == nullptr) {
    detail::throw_misuse("table", "", "the table is null. Cure: test for it first");
  }
  place.emit({.kind = &detail::kTableKind, .data = std::move(frame)});
}

void table(const Place& place, DataFrame frame) {
  table(place, std::make_shared<const DataFrame>(std::move(frame)));
}

void dataframe(const Place& place, DataFrame frame) {
  dataframe(place, std::make_shared<const DataFrame>(std::move(frame)));
}

}  // namespace memoscape::inline v0

#include "memoscape/media_elements.hpp"

#include <memory>
#include <utility>

#include "widgets/common.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

void image_text(const Element& element, std::string& out) {
  std::string line = "[image";
  const char* separator = ": ";
  const auto add = [&](std::string_view part) {
    if (part.empty()) return;
    line += separator;
    line += part;
    separator = ", ";
  };
  add(element.text);
  add(element.media->name);
  add(element.media->type);
  add(std::to_string(element.media->bytes.size()) + " bytes");
  detail::append_wrapped(line + ']', detail::kTextWidth, out);
}

}  // namespace

namespace detail {

constinit const ElementKind kImageKind = {.name = "image", .to_text = image_text};

}  // namespace detail

void image(const Place& place, MediaPtr picture, const ImageOptions& options) {
  if (picture == nullptr) {
    detail::throw_misuse("image", options.caption, "the picture is null. Cure: test for it first");
  }
  Element element = {
      .kind = &detail::kImageKind, .text = options.caption, .media = std::move(picture)};
  if (options.width != 0) element.attributes.set("width", options.width);
  place.emit(std::move(element));
}

void image(const Place& place, Media picture, const ImageOptions& options) {
  image(place, std::make_shared<const Media>(std::move(picture)), options);
}

}  // namespace memoscape::inline v0

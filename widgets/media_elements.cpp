#include "memoscape/media_elements.hpp"

#include <memory>
#include <utility>

#include "widgets/common.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

// "[image: Seattle, map.png, image/png, 5 bytes]"
void media_text(const Element& element, std::string& out) {
  std::string line = '[' + std::string(element.kind->name);
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

void play(const Place& place, const ElementKind& kind, MediaPtr media, std::string_view family,
          const PlayOptions& options) {
  if (media == nullptr) {
    detail::throw_misuse(kind.name, {}, "the content is null. Cure: test for it first");
  }
  if (!media->type.empty() && !media->type.starts_with(family)) {
    detail::throw_misuse(
        kind.name, media->name,
        "its type " + detail::quoted(media->type) + " does not begin with " + std::string(family));
  }
  Element element = {.kind = &kind, .media = std::move(media)};
  if (options.start.count() != 0) element.attributes.set("start", options.start.count());
  if (options.loop) element.attributes.set("loop", true);
  if (options.autoplay) element.attributes.set("autoplay", true);
  place.emit(std::move(element));
}

}  // namespace

namespace detail {

constinit const ElementKind kImageKind = {.name = "image", .to_text = media_text};
constinit const ElementKind kAudioKind = {.name = "audio", .to_text = media_text};
constinit const ElementKind kVideoKind = {.name = "video", .to_text = media_text};

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

void audio(const Place& place, MediaPtr sound, const PlayOptions& options) {
  play(place, detail::kAudioKind, std::move(sound), "audio/", options);
}

void audio(const Place& place, Media sound, const PlayOptions& options) {
  audio(place, std::make_shared<const Media>(std::move(sound)), options);
}

void video(const Place& place, MediaPtr film, const PlayOptions& options) {
  play(place, detail::kVideoKind, std::move(film), "video/", options);
}

void video(const Place& place, Media film, const PlayOptions& options) {
  video(place, std::make_shared<const Media>(std::move(film)), options);
}

}  // namespace memoscape::inline v0

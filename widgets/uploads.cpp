#include "memoscape/uploads.hpp"

#include <algorithm>
#include <utility>

#include "memoscape/detail/utf8.hpp"
#include "widgets/common.hpp"
#include "widgets/kinds.hpp"

namespace memoscape::inline v0 {

namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return lower(c); });
  return text;
}

bool has_extension(std::string_view name, const std::string& extension) {
  return lower(std::string(name)).ends_with('.' + extension);
}

std::string content_misfit(const Definition& definition, const Media& file) {
  if (!detail::is_valid_utf8(file.name)) return "the name of the file is not valid UTF-8";
  const Value& max = definition.attributes["max_bytes"];
  if (const std::int64_t* bytes = max.get_if<std::int64_t>();
      bytes != nullptr && file.bytes.size() > static_cast<std::uint64_t>(*bytes)) {
    return "it has " + std::to_string(file.bytes.size()) + " bytes, and at most " +
           std::to_string(*bytes) + " are allowed";
  }
  const Value::List* types = definition.attributes["types"].get_if<Value::List>();
  if (types == nullptr) return {};
  const bool fits = std::any_of(types->begin(), types->end(), [&](const Value& type) {
    return has_extension(file.name, *type.get_if<std::string>());
  });
  if (fits) return {};
  return detail::quoted(file.name) +
         " is of none of its types: " + detail::readable(definition.attributes["types"]);
}

std::string upload_misfit(const Definition& definition, const Value& value) {
  if (value.is_null()) return {};
  const MediaPtr* file = value.get_if<MediaPtr>();
  if (file == nullptr) return detail::wrong_kind("a file", value);
  return *file == nullptr ? "" : content_misfit(definition, **file);
}

// For what a device records: when a MIME type is given, it must be of that family.
std::string device_misfit(const Definition& definition, const Value& value,
                          std::string_view family) {
  const MediaPtr* file = value.get_if<MediaPtr>();
  if (file != nullptr && *file != nullptr && !(*file)->type.empty() &&
      !(*file)->type.starts_with(family)) {
    return "its type " + detail::quoted((*file)->type) + " does not begin with " +
           std::string(family);
  }
  return upload_misfit(definition, value);
}
std::string camera_misfit(const Definition& definition, const Value& value) {
  return device_misfit(definition, value, "image/");
}
std::string audio_misfit(const Definition& definition, const Value& value) {
  return device_misfit(definition, value, "audio/");
}

void upload_text(const Definition& definition, const Value& value, std::string& out) {
  const MediaPtr* file = value.get_if<MediaPtr>();
  std::string shown = "(nothing yet)";
  if (file != nullptr && *file != nullptr) {
    const std::string name = detail::escaped((*file)->name);
    shown = (name.empty() ? "(unnamed)" : name) + ", " + std::to_string((*file)->bytes.size()) +
            " bytes";
  }
  detail::append_widget_line(definition, shown, out);
}

MediaPtr make_upload(const Place& place, const WidgetKind& kind, std::string_view label,
                     const UploadOptions& options) {
  detail::Draft draft(kind, label, {}, options);
  if (!options.types.empty()) {
    Value::List types;
    for (std::string_view type : options.types) {
      if (type.starts_with('.')) type.remove_prefix(1);
      if (type.empty()) {
        detail::throw_misuse(kind.name, label, "one of its types is empty. Cure: {\"csv\"}");
      }
      types.emplace_back(lower(std::string(type)));
    }
    draft.add("types", std::move(types));
  }
  if (options.max_bytes != 0 && std::in_range<std::int64_t>(options.max_bytes)) {
    draft.add("max_bytes", options.max_bytes);
  }
  const MediaPtr* file = detail::make_widget(place, std::move(draft)).get_if<MediaPtr>();
  return file == nullptr ? nullptr : *file;
}

}  // namespace

namespace detail {

constinit const WidgetKind kFileUploaderKind = {.name = "file_uploader",
                                                .nature = Nature::upload,
                                                .misfit = upload_misfit,
                                                .to_text = upload_text};
constinit const WidgetKind kCameraInputKind = {.name = "camera_input",
                                               .nature = Nature::upload,
                                               .misfit = camera_misfit,
                                               .to_text = upload_text};
constinit const WidgetKind kAudioInputKind = {.name = "audio_input",
                                              .nature = Nature::upload,
                                              .misfit = audio_misfit,
                                              .to_text = upload_text};

}  // namespace detail

MediaPtr file_uploader(const Place& place, std::string_view label, const UploadOptions& options) {
  return make_upload(place, detail::kFileUploaderKind, label, options);
}

MediaPtr camera_input(const Place& place, std::string_view label, const UploadOptions& options) {
  return make_upload(place, detail::kCameraInputKind, label, options);
}

MediaPtr audio_input(const Place& place, std::string_view label, const UploadOptions& options) {
  return make_upload(place, detail::kAudioInputKind, label, options);
}

}  // namespace memoscape::inline v0

// Contents of recordings: finding equal ones, and charging each once. See contents.hpp.
#include "engine/contents.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/places.hpp"
#include "engine/store.hpp"
#include "memoscape/detail/allocated.hpp"
#include "memoscape/encode.hpp"
#include "memoscape/heap_bytes.hpp"

namespace memoscape::inline v0::detail {

namespace {

template <class T>
std::string_view bytes_of(const std::vector<T>& numbers) noexcept {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

void add(Encoder& encoder, const Digest& digest) {
  encode_value(encoder,
               std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

Digest digest_of(const Media& media) {
  Encoder encoder;
  encode_value(encoder, media.name);
  encode_value(encoder, media.type);
  add(encoder, digest128(media.bytes));
  return digest128(encoder.view());
}

Digest digest_of(const DataFrame& frame) {
  Encoder encoder;
  for (const DataFrame::Column& column : frame.columns) {
    encode_value(encoder, column.name);
    encode_value(encoder, column.values.index());
    if (const auto* texts = std::get_if<std::vector<std::string>>(&column.values)) {
      for (const std::string& text : *texts) encode_value(encoder, text);
    } else if (const auto* reals = std::get_if<std::vector<double>>(&column.values)) {
      add(encoder, digest128(bytes_of(*reals)));
    } else {
      add(encoder, digest128(bytes_of(std::get<std::vector<std::int64_t>>(column.values))));
    }
  }
  return digest128(encoder.view());
}

Digest digest_of(const Element& element) {
  Encoder encoder;
  encode_value(encoder, std::string_view(element.kind->name));
  encode_value(encoder, element.text);
  encode(encoder, element.attributes);
  return digest128(encoder.view());
}

bool same(const Media& a, const Media& b) noexcept { return a == b; }

// By bits: a table with NaNs equals its copy.
bool same(const DataFrame& a, const DataFrame& b) noexcept {
  return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                    [](const DataFrame::Column& one, const DataFrame::Column& other) {
                      const auto* reals = std::get_if<std::vector<double>>(&one.values);
                      const auto* others = std::get_if<std::vector<double>>(&other.values);
                      if (reals == nullptr || others == nullptr) return one == other;
                      return one.name == other.name && bytes_of(*reals) == bytes_of(*others);
                    });
}

bool same(const Element& a, const Element& b) {
  return a.kind == b.kind && a.text == b.text && a.attributes == b.attributes &&
         a.media == b.media && a.data == b.data;
}

bool same(const Content& a, const Content& b) {
  if (a.digest != b.digest || a.what.index() != b.what.index()) return false;
  return std::visit(
      [&](const auto& one) {
        const auto& other = std::get<std::decay_t<decltype(one)>>(b.what);
        return one == other || same(*one, *other);
      },
      a.what);
}

std::uint64_t owned_bytes(const Media& media) {
  return heap_bytes(media.name) + heap_bytes(media.type) + heap_bytes(media.bytes);
}
std::uint64_t owned_bytes(const DataFrame& frame) { return frame.heap_bytes(); }
std::uint64_t owned_bytes(const Element& element) { return element_heap_bytes(element); }

template <class T>
ContentPtr content_of(std::shared_ptr<const T> object) {
  auto content = std::make_shared<Content>();
  content->digest = digest_of(*object);
  content->bytes = shared_object_bytes<T>() + owned_bytes(*object) +
                   shared_object_bytes<Content>() + kIndexShare;
  content->what = std::move(object);
  return content;
}

// Replaces what a recording shows by what is stored already, and lists it.
class Sharer {
 public:
  Sharer(const EngineCore& core, Recording& recording) : core_(core), recording_(recording) {}

  void share() { share(recording_.root); }

 private:
  void share(Block& block) {
    if (block.heading != nullptr) share(block.heading);
    for (Item& item : block.items) {
      if (auto* element = std::get_if<ElementPtr>(&item.what)) {
        share(*element);
      } else if (auto* inner = std::get_if<std::unique_ptr<Block>>(&item.what)) {
        share(**inner);
      }
    }
  }

  void share(ElementPtr& element) {
    const MediaPtr media = element->media == nullptr ? nullptr : known(element->media);
    const DataFramePtr data = element->data == nullptr ? nullptr : known(element->data);
    if (media != element->media || data != element->data) {
      auto changed = std::make_shared<Element>(*element);  // others may show the old one
      changed->media = media;
      changed->data = data;
      element = std::move(changed);
    }
    if (is_worth_sharing(*element)) element = known(element);
  }

  template <class T>
  std::shared_ptr<const T> known(const std::shared_ptr<const T>& object) {
    ContentPtr content = content_of(object);
    const auto here = std::find_if(recording_.contents.begin(), recording_.contents.end(),
                                   [&](const ContentPtr& one) { return same(*one, *content); });
    if (here != recording_.contents.end()) return std::get<std::shared_ptr<const T>>((*here)->what);
    content = core_.equal_content(content);
    recording_.contents.push_back(content);
    return std::get<std::shared_ptr<const T>>(content->what);
  }

  const EngineCore& core_;
  Recording& recording_;
};

}  // namespace

void EngineCore::share_contents(Recording& recording) const { Sharer(*this, recording).share(); }

ContentPtr EngineCore::equal_content(const ContentPtr& fresh) const {
  boost::container::small_vector<ContentPtr, 2> candidates;
  {
    const Locked locked(*this);
    const auto found = contents.find(fresh->digest);
    if (found == contents.end()) return fresh;
    for (ContentPtr one = found->second; one != nullptr; one = one->next_equal) {
      candidates.push_back(one);
    }
  }
  for (const ContentPtr& candidate : candidates) {
    if (same(*candidate, *fresh)) return candidate;
  }
  return fresh;
}

void EngineCore::charge_contents(const Recording& recording) noexcept {
  for (const ContentPtr& content : recording.contents) {
    if (content->uses++ > 0) {
      unshared_bytes += content->bytes;
      continue;
    }
    ContentPtr& first = contents.find(content->digest).value();
    content->next_equal = std::exchange(first, content);
    shared_bytes += content->bytes;
    media_bytes += content->bytes;
  }
}

void EngineCore::uncharge_contents(const Recording& recording) noexcept {
  for (const ContentPtr& content : recording.contents) {
    if (--content->uses > 0) {
      unshared_bytes -= content->bytes;
      continue;
    }
    shared_bytes -= content->bytes;
    media_bytes -= content->bytes;
    const auto found = contents.find(content->digest);
    ContentPtr* link = &found.value();
    while (*link != content) link = &(*link)->next_equal;
    *link = std::exchange(content->next_equal, nullptr);  // the recording has it still
    const bool is_kept = places != nullptr && places->keeps_content(content->digest);
    if (found->second == nullptr && !is_kept) contents.erase(found);
    give_back(contents);
  }
}

void EngineCore::use_contents(const Recording& recording, Function& function) noexcept {
  for (const ContentPtr& content : recording.contents) {
    const auto place = std::find_if(content->users.begin(), content->users.end(),
                                    [&](const auto& user) { return user.function == &function; });
    if (place != content->users.end()) {
      ++place->recordings;
      continue;
    }
    content->users.push_back({&function, 1});
    function.shared_bytes += content->bytes;
  }
}

void EngineCore::leave_contents(const Recording& recording, Function& function) noexcept {
  for (const ContentPtr& content : recording.contents) {
    const auto place = std::find_if(content->users.begin(), content->users.end(),
                                    [&](const auto& user) { return user.function == &function; });
    if (--place->recordings > 0) continue;
    std::swap(*place, content->users.back());
    content->users.pop_back();
    function.shared_bytes -= content->bytes;
  }
}

std::uint64_t content_bytes(const Recording& recording) noexcept {
  std::uint64_t bytes = 0;
  for (const ContentPtr& content : recording.contents) bytes += content->bytes;
  return bytes;
}

std::uint64_t content_part(const Recording& recording) noexcept {
  std::uint64_t bytes = 0;
  for (const ContentPtr& content : recording.contents) {
    bytes += content->bytes / std::max<std::uint64_t>(content->uses, 1);
  }
  return bytes;
}

}  // namespace memoscape::inline v0::detail

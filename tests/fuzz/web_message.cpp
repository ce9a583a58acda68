// What a browser says: it is refused with words, or stands within the limits.
#include <cstdlib>

#include "tests/fuzz/fuzz.hpp"
#include "widgets/web/message.hpp"

namespace web = memoscape::web;

void fuzz(std::string_view text) {
  constexpr std::size_t kMost = 2048;
  web::Message message;
  const std::string wrong = web::parse_message(text, kMost, message);
  if (!wrong.empty()) return;
  if (text.size() > kMost) std::abort();
  if (const auto* hello = std::get_if<web::Hello>(&message)) {
    if (hello->query.size() > web::kMostQuery) std::abort();
  } else if (const auto* event = std::get_if<web::Event>(&message)) {
    if (event->set.size() > web::kMostSet) std::abort();
  }
}

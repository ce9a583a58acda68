// What a browser says, read strictly: whoever sends anything else is no browser of ours.
//
//   {"hello": {"session": "...", "rev": 7, "query": [["city", "Seattle"]]}}
//   {"event": {"seq": 5, "set": [[12, 60]], "click": 14}}
//   {"stop": true}
//
// Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "memoscape/value.hpp"

namespace memoscape::inline v0::web {

using NodeId = std::uint32_t;  // of a node of a page, within its session; never 0

// The first message of a connection. `session` is empty for a new one.
struct Hello {
  std::string session;
  std::uint64_t rev = 0;  // of the last update the browser has applied
  std::vector<std::pair<std::string, std::string>> query;
};

// What a person did at once: widgets set, then at most one button clicked.
struct Event {
  std::uint64_t seq = 0;  // counts events, so that none is applied twice
  std::vector<std::pair<NodeId, Value>> set;
  std::optional<NodeId> click;
};

struct Stop {};

// No more than this in one message.
inline constexpr std::size_t kMostSet = 1000;
inline constexpr std::size_t kMostQuery = 64;

using Message = std::variant<Hello, Event, Stop>;

// Gives what is wrong with it; empty: `out` is what it says.
std::string parse_message(std::string_view text, std::size_t max_bytes, Message& out);

}  // namespace memoscape::inline v0::web

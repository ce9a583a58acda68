#include "widgets/web/message.hpp"

#include <limits>

#include "memoscape/detail/terminal.hpp"
#include "widgets/json.hpp"

namespace memoscape::inline v0::web {

namespace {

using detail::Json;

constexpr std::size_t kMaxMessageDepth = 8;
constexpr std::size_t kMaxToken = 64;

const Json* member(const Json& object, std::string_view name) {
  for (std::size_t i = 0; i < object.names.size(); ++i) {
    if (object.names[i] == name) return &object.items[i];
  }
  return nullptr;
}

// Whether it has none but these members.
template <class... Names>
bool has_only(const Json& object, Names... names) {
  for (const std::string& name : object.names) {
    if (((name != names) && ...)) return false;
  }
  return object.kind == Json::Kind::object;
}

const std::string* text_of(const Json* json) {
  return json == nullptr || json->kind != Json::Kind::scalar ? nullptr
                                                             : json->scalar.get_if<std::string>();
}

std::optional<std::uint64_t> count_of(const Json* json) {
  if (json == nullptr || json->kind != Json::Kind::scalar) return std::nullopt;
  const std::int64_t* number = json->scalar.get_if<std::int64_t>();
  if (number == nullptr || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

std::optional<NodeId> node_of(const Json* json) {
  const std::optional<std::uint64_t> number = count_of(json);
  if (!number || *number == 0 || *number > std::numeric_limits<NodeId>::max()) return std::nullopt;
  return static_cast<NodeId>(*number);
}

bool is_pair(const Json& json) { return json.kind == Json::Kind::list && json.items.size() == 2; }

std::string read_hello(const Json& json, Hello& hello) {
  if (!has_only(json, "session", "rev", "query")) return "a hello has other members";
  const std::string* session = text_of(member(json, "session"));
  const std::optional<std::uint64_t> rev = count_of(member(json, "rev"));
  const Json* query = member(json, "query");
  if (session == nullptr || session->size() > kMaxToken) return "the session is no short text";
  if (!rev) return "the rev is no count";
  if (query == nullptr || query->kind != Json::Kind::list || query->items.size() > kMostQuery) {
    return "the query is no short list";
  }
  hello.session = *session;
  hello.rev = *rev;
  for (const Json& item : query->items) {
    const std::string* name = is_pair(item) ? text_of(item.items.data()) : nullptr;
    const std::string* value = is_pair(item) ? text_of(&item.items[1]) : nullptr;
    if (name == nullptr || value == nullptr) return "a query parameter is no pair of texts";
    hello.query.emplace_back(*name, *value);
  }
  return {};
}

std::string read_event(const Json& json, Event& event) {
  if (!has_only(json, "seq", "set", "click")) return "an event has other members";
  const std::optional<std::uint64_t> seq = count_of(member(json, "seq"));
  if (!seq) return "the seq is no count";
  event.seq = *seq;
  if (const Json* set = member(json, "set")) {
    if (set->kind != Json::Kind::list || set->items.size() > kMostSet) {
      return "what is set is no list of at most " + std::to_string(kMostSet);
    }
    for (const Json& item : set->items) {
      const std::optional<NodeId> node = is_pair(item) ? node_of(item.items.data()) : std::nullopt;
      if (!node) return "what is set is no pair of widget and value";
      auto& [id, value] = event.set.emplace_back(*node, Value());
      if (!detail::to_value(item.items[1], value)) return "a value has an object in it";
    }
  }
  if (const Json* click = member(json, "click")) {
    event.click = node_of(click);
    if (!event.click) return "what is clicked is no widget";
  }
  return {};
}

}  // namespace

std::string parse_message(std::string_view text, std::size_t max_bytes, Message& out) {
  Json json;
  const detail::JsonError error =
      detail::parse_json(text, {.max_bytes = max_bytes, .max_depth = kMaxMessageDepth}, json);
  if (!error.problem.empty()) return error.problem;
  if (json.kind != Json::Kind::object || json.names.size() != 1) {
    return "a message is an object with one member";
  }
  const std::string& what = json.names.front();
  const Json& body = json.items.front();
  if (what == "hello") return read_hello(body, out.emplace<Hello>());
  if (what == "event") return read_event(body, out.emplace<Event>());
  if (what == "stop") {
    out = Stop{};
    return body.kind == Json::Kind::scalar && body.scalar == Value(true) ? "" : "a stop is true";
  }
  return detail::quoted(what) + " is no message";
}

}  // namespace memoscape::inline v0::web

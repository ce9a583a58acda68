#include "memoscape/state.hpp"

#include "memoscape/detail/allocated.hpp"
#include "memoscape/heap_bytes.hpp"

namespace memoscape::inline v0 {

StateSource::~StateSource() = default;

std::string misfit(const Definition& definition, const Value& value) {
  if (definition.kind->misfit != nullptr) return definition.kind->misfit(definition, value);
  if (std::string_view(value.kind()) == definition.initial.kind()) return {};
  return std::string("it is ") + value.kind() + ", not " + definition.initial.kind();
}

void StateRead::encode_widget(Encoder& encoder, const Definition& definition,
                              std::string_view form) {
  encoder.text("widget");
  encoder.text(definition.kind->name);
  encoder.text(definition.label);
  encoder.text(definition.key);
  encode(encoder, definition.initial);
  encode(encoder, definition.attributes);
  encoder.text(form);
}

std::shared_ptr<const StateRead> StateRead::of_widget(Definition definition, std::string form) {
  Encoder encoder;
  encode_widget(encoder, definition, form);
  return of_widget(std::move(definition), std::move(form), encoder.view());
}

std::shared_ptr<const StateRead> StateRead::of_widget(Definition definition, std::string form,
                                                      std::string_view bytes) {
  auto read = std::make_shared<StateRead>();
  read->variable_ = Variable::widget;
  read->definition_ = std::move(definition);
  read->form_ = std::move(form);
  read->set_bytes(bytes);
  // Keys are unique across kinds; without a key, kind, label and definition are the identity.
  const std::string& key = read->definition_.key;
  read->identity_ = key.empty() ? read->bytes_ : "key:" + key;
  return read;
}

std::shared_ptr<const StateRead> StateRead::of_session_state(std::string_view name,
                                                             Value fallback) {
  auto read = std::make_shared<StateRead>();
  read->variable_ = Variable::session_state;
  read->definition_.label = name;
  read->definition_.initial = std::move(fallback);
  Encoder encoder;
  detail::encode_value(encoder, std::string_view("state"));
  detail::encode_value(encoder, name);
  detail::encode_value(encoder, std::string_view(read->definition_.initial.kind()));
  encode(encoder, read->definition_.initial);
  read->set_bytes(encoder.view());
  read->identity_ = "state:" + std::string(name);
  return read;
}

std::shared_ptr<const StateRead> StateRead::of_query(std::string_view name) {
  auto read = std::make_shared<StateRead>();
  read->variable_ = Variable::query;
  read->definition_.label = name;
  Encoder encoder;
  detail::encode_value(encoder, std::string_view("query"));
  detail::encode_value(encoder, name);
  read->set_bytes(encoder.view());
  read->identity_ = "query:" + std::string(name);
  return read;
}

void StateRead::set_bytes(std::string_view bytes) {
  bytes_ = bytes;
  hash_ = std::hash<std::string_view>()(bytes);
}

bool StateRead::same(const StateRead& other) const noexcept {
  return this == &other ||
         (is_alike(other) && definition_.on_change == other.definition_.on_change);
}

std::size_t StateRead::heap_bytes() const {
  std::size_t bytes = definition_.initial.heap_bytes() + definition_.attributes.heap_bytes();
  for (const std::string* text :
       {&definition_.label, &definition_.key, &form_, &identity_, &bytes_}) {
    bytes += memoscape::heap_bytes(*text);
  }
  return bytes;
}

bool operator==(const Callback& a, const Callback& b) noexcept {
  if (a.action_ == b.action_) return true;
  return a.action_ != nullptr && b.action_ != nullptr &&
         a.action_->function == b.action_->function && a.action_->invoke == b.action_->invoke &&
         a.action_->arguments == b.action_->arguments;
}

}  // namespace memoscape::inline v0

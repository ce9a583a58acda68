// A widget and an element of one's own, outside the library: a rating in stars, and a banner.
//
// What a kind says is all there is to it: identity, state, replay from a cache and refusal of bad
// values work as for the library's own. Fails if they do not.
#include <cstdio>
#include <memoscape/memoscape.hpp>
#include <string>

namespace ms = memoscape;

// --- the widget: 1 to 5 stars

std::string no_rating(const ms::Definition&, const ms::Value& value) {
  const auto* stars = value.get_if<std::int64_t>();
  return stars != nullptr && *stars >= 1 && *stars <= 5 ? "" : "a rating is 1 to 5 stars";
}
void show_rating(const ms::Definition& definition, const ms::Value& value, std::string& out) {
  const auto stars = static_cast<std::size_t>(*value.get_if<std::int64_t>());
  out += definition.label + ": " + std::string(stars, '*') + std::string(5 - stars, '.') + '\n';
}
const ms::WidgetKind kRating = {.name = "rating", .misfit = no_rating, .to_text = show_rating};

int rating(const ms::Place& place, std::string_view label, int initial = 3) {
  const ms::StateValue& state =
      place.widget({.kind = &kRating, .label = std::string(label), .initial = initial});
  return static_cast<int>(*state.value.get_if<std::int64_t>());
}

// --- the element: a line of text in a frame

void show_banner(const ms::Element& element, std::string& out) {
  const std::string line(element.text.size() + 2, '=');
  out += '+' + line + "+\n| " + element.text + " |\n+" + line + "+\n";
}
const ms::ElementKind kBanner = {.name = "banner", .to_text = show_banner};

void banner(const ms::Place& place, std::string_view text) {
  place.emit({.kind = &kBanner, .text = std::string(text)});
}

// --- used in a cached function

int main() {
  ms::Engine engine;
  int executed = 0;
  auto review = engine.cache_data("review",
                                  [count = &executed](ms::Run& run) {
                                    ++*count;
                                    const int stars = rating(run, "Rating");
                                    banner(run, stars > 3 ? "Good!" : "Could be better");
                                    return stars;
                                  },
                                  {.allow_widgets = true});
  const auto script = [&](ms::Run& run) { review(run); };

  ms::AppTest ann(engine, script);
  ms::AppTest bob(engine, script);
  ann.run();
  bob.run();  // replayed
  bool refused = false;
  try {
    ann.set("Rating", 6);
  } catch (const ms::InvalidValueError&) {
    refused = true;
  }
  ann.set("Rating", 5).run();
  std::fputs(ann.text().c_str(), stdout);
  const bool is_right = refused && executed == 2 && ann.has("banner", "Good!") &&
                        bob.text() ==
                            "Rating: ***..\n"
                            "+=================+\n"
                            "| Could be better |\n"
                            "+=================+\n";
  return is_right ? 0 : 1;
}

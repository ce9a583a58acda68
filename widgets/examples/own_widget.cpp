// An own widget and element, outside the library: a rating in stars, and a banner. What their kinds
// say is all there is to it: identity, state, replay and refusal of bad values work as for others.
//
// prints:
//   executed 1: Rating: ***.. == Could be better ==
//   executed 1: Rating: ***.. == Could be better ==
//   refused: rating "Rating" was not set: a rating is 1 to 5 stars
//   executed 2: Rating: ***** == Good! ==
#include <cstdio>
#include <memoscape/memoscape.hpp>
#include <string>

namespace ms = memoscape;

std::string no_rating(const ms::Definition&, const ms::Value& value) {
  const auto* stars = value.get_if<std::int64_t>();
  return stars != nullptr && *stars >= 1 && *stars <= 5 ? "" : "a rating is 1 to 5 stars";
}
void show_rating(const ms::Definition& definition, const ms::Value& value, std::string& out) {
  const auto stars = static_cast<std::size_t>(*value.get_if<std::int64_t>());
  out += definition.label + ": " + std::string(stars, '*') + std::string(5 - stars, '.') + ' ';
}
const ms::WidgetKind kRating = {.name = "rating", .misfit = no_rating, .to_text = show_rating};

int rating(const ms::Place& place, std::string_view label, int initial = 3) {
  const ms::StateValue& state =
      place.widget({.kind = &kRating, .label = std::string(label), .initial = initial});
  return static_cast<int>(*state.value.get_if<std::int64_t>());
}

void show_banner(const ms::Element& element, std::string& out) {
  out += "== " + element.text + " ==\n";
}
const ms::ElementKind kBanner = {.name = "banner", .to_text = show_banner};

int main() {
  ms::Engine engine;
  const auto score = [](ms::Run& run) {
    const int stars = rating(run, "Rating");
    ms::Place(run).emit({.kind = &kBanner, .text = stars > 3 ? "Good!" : "Could be better"});
    return stars;
  };
  auto review = engine.cache_data("review", score, {.allow_widgets = true});
  ms::AppTest ann(engine, [&](ms::Run& run) { review(run); });
  ms::AppTest bob(engine, [&](ms::Run& run) { review(run); });
  const auto show = [&](ms::AppTest& app) {
    const std::string text = app.run().text();
    std::printf("executed %d: %s", int(engine.totals().counters.misses), text.c_str());
  };
  show(ann);
  show(bob);  // replayed
  try {
    ann.set("Rating", 6);
  } catch (const ms::InvalidValueError& error) {
    std::printf("refused: %s\n", error.what());
  }
  ann.set("Rating", 5);
  show(ann);
}

#include "crowd.hpp"

#include <algorithm>
#include <array>
#include <memoscape/engine.hpp>
#include <string_view>

namespace hello {

namespace ms = memoscape;

namespace {

constexpr std::uint32_t kMinInteractions = 10;
constexpr std::uint32_t kMaxInteractions = 20;

// A place on a scale one step up or down, inside its ends.
template <class T>
T neighbour(Random& random, T value, T low, T high, T step) {
  return std::clamp(random.below(2) == 0 ? value - step : value + step, low, high);
}

// One of several actions, each with a weight; a weight of 0 is never chosen.
template <std::size_t N>
std::size_t weighted(Random& random, const std::array<std::uint32_t, N>& weights) {
  std::uint32_t sum = 0;
  for (const std::uint32_t weight : weights) sum += weight;
  std::uint32_t draw = random.below(sum);
  std::size_t chosen = 0;
  while (draw >= weights[chosen]) draw -= weights[chosen++];
  return chosen;
}

}  // namespace

Visitor::Visitor(ms::Engine& engine, const Explorer& explorer, Random random)
    : session_(std::make_unique<ms::Session>(engine)),
      explorer_(&explorer),
      random_(random),
      interactions_left_(kMinInteractions +
                         random_.below(kMaxInteractions - kMinInteractions + 1)) {}

const ms::Page& Visitor::interact() {
  if (page_.find("title") != nullptr) change_something();
  page_ = session_->run(*explorer_);
  --interactions_left_;
  return page_;
}

// People look at the days most, drag what they see, and now and then go back to what they had.
void Visitor::change_something() {
  const auto if_seen = [&](std::string_view kind, const char* label, std::uint32_t weight) {
    return sees(kind, label) ? weight : 0u;
  };
  switch (weighted<7>(random_, {if_seen("selectbox", kDays, 6), if_seen("slider", kYears, 4),
                                if_seen("radio", kCount, 3), if_seen("multiselect", kWeather, 5),
                                if_seen("slider", kWetFrom, 4), past_.empty() ? 0u : 4u, 1u})) {
    case 0:
      return choose_days();
    case 1:
      return drag_years();
    case 2:
      return switch_count();
    case 3:
      return toggle_weather();
    case 4:
      return drag_wet_from();
    case 5:
      return go_back();
    default:
      return type_name();
  }
}

void Visitor::choose_days() {
  const std::vector<std::string> choices = day_choices();
  const std::size_t chosen = weighted<6>(random_, {4, 1, 1, 1, 2, 4});
  set(kDays, choices.at(chosen));
}

void Visitor::drag_years() {
  const std::int64_t now = *page_.find("slider", kYears)->value().get_if<std::int64_t>();
  set(kYears, neighbour<std::int64_t>(random_, now, kMinYears, kMaxYears, kYearsStep));
}

void Visitor::switch_count() {
  const bool counts_days = page_.find("radio", kCount)->value() == ms::Value(kWetDays);
  set(kCount, counts_days ? kTotalRain : kWetDays);
}

void Visitor::toggle_weather() {
  const ms::PageNode& widget = *page_.find("multiselect", kWeather);
  ms::Value::List selected = *widget.value().get_if<ms::Value::List>();
  const ms::Value::List& kinds =
      *widget.widget()->definition().attributes["options"].get_if<ms::Value::List>();
  const ms::Value& kind = kinds[random_.below(static_cast<std::uint32_t>(kinds.size()))];
  const auto found = std::find(selected.begin(), selected.end(), kind);
  if (found == selected.end()) {
    selected.push_back(kind);
  } else {
    selected.erase(found);
  }
  set(kWeather, std::move(selected));
}

void Visitor::drag_wet_from() {
  const double now = *page_.find("slider", kWetFrom)->value().get_if<double>();
  set(kWetFrom, neighbour(random_, now, kMinWetMm, kMaxWetMm, kWetStepMm));
}

void Visitor::type_name() {
  constexpr std::array<const char*, 5> kNames = {"Ada", "Grace", "Linus", "Margaret", "Ken"};
  set(kName, kNames[random_.below(kNames.size())]);
}

void Visitor::go_back() {
  const auto [label, value] = std::move(past_.back());
  past_.pop_back();
  if (page_.find({}, label) != nullptr) session_->set(label, value);
}

bool Visitor::sees(std::string_view kind, const char* label) const {
  return page_.find(kind, label) != nullptr;
}

void Visitor::set(const char* label, ms::Value value) {
  past_.emplace_back(label, session_->value(label));
  session_->set(label, std::move(value));
}

Crowd::Crowd(ms::Engine& engine, const Explorer& explorer, CrowdOptions options)
    : random_(options.seed) {
  visitors_.reserve(options.visitors);
  for (std::uint32_t i = 0; i < options.visitors; ++i) {
    visitors_.emplace_back(engine, explorer, Random(options.seed, i + 1));
    interactions_ += visitors_.back().interactions_left();
    present_.push_back(i);
  }
}

const ms::Page& Crowd::interact() {
  const std::size_t turn = random_.below(static_cast<std::uint32_t>(present_.size()));
  const std::size_t who = present_[turn];
  const ms::Page& page = visitors_[who].interact();
  ++interactions_done_;
  if (visitors_[who].interactions_left() == 0) {
    present_.erase(present_.begin() + static_cast<std::ptrdiff_t>(turn));
  }
  return page;
}

}  // namespace hello

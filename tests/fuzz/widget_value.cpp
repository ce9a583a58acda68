// Values that a user's machine sends for a widget: the first byte chooses the widget, the rest is
// the value as JSON. It is refused and changes nothing, or it stands, and then the cached function
// gives and shows what the uncached one does, and so does a session that is restored.
#include <cstdlib>
#include <string>

#include "memoscape/memoscape.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/prove/kinds.hpp"
#include "widgets/json.hpp"

namespace {

namespace ms = memoscape;

constexpr std::string_view kLabel = "widget";
constexpr std::string_view kInForms = "form_submit_button";

// A user of one widget, made in a function that is cached or not.
class User {
 public:
  User(std::size_t kind, ms::Caching caching)
      : engine_({.caching = caching}),
        show_(engine_.cache_data("show",
                                 [](ms::Run& run, std::size_t which) {
                                   const prove::Kind& chosen = prove::kinds()[which];
                                   return ms::to_text(
                                       chosen.make(run, std::string(kLabel), "", {}));
                                 },
                                 {.allow_widgets = true})),
        kind_(kind),
        session_(engine_) {
    run();
  }

  std::string run() {
    std::string seen;
    const ms::Page page = session_.run([&](ms::Run& run) { seen = *show_(run, kind_); });
    if (page.error() != nullptr || !engine_.check().empty()) std::abort();
    return seen + "\n" + ms::to_text(page);
  }
  bool set(const ms::Value& value) {
    const ms::Value before = session_.value(kLabel);
    try {
      session_.set(kLabel, value);
      return true;
    } catch (const ms::InvalidValueError&) {
      if (!(session_.value(kLabel) == before)) std::abort();
      return false;
    }
  }
  ms::Session& session() { return session_; }

 private:
  ms::Engine engine_;
  ms::Cached<const std::string, std::size_t> show_;
  const std::size_t kind_;
  ms::Session session_;
};

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

void fuzz(std::string_view text) {
  if (text.empty()) return;
  const std::size_t kind = static_cast<unsigned char>(text[0]) % prove::kinds().size();
  const prove::Kind& chosen = prove::kinds()[kind];
  if (chosen.is_upload || chosen.name == kInForms) return;  // refused here
  ms::detail::Json json;
  ms::Value value;
  if (!ms::detail::parse_json(text.substr(1), {}, json).problem.empty()) return;
  if (!ms::detail::to_value(json, value)) return;

  User cached(kind, ms::Caching::on);
  User plain(kind, ms::Caching::off);
  const bool stands = cached.set(value);
  require(plain.set(value) == stands);
  const std::string seen = cached.run();
  require(plain.run() == seen);
  if (!stands) return;
  // What it stands for is a value that fits: setting that again changes nothing.
  const ms::Value normal = cached.session().value(kLabel);
  if (chosen.is_trigger) return;
  require(cached.set(normal));
  require(cached.run() == seen);
  const std::string saved = cached.session().save();
  User restored(kind, ms::Caching::on);
  restored.session().restore(saved);
  require(restored.run() == seen);
}

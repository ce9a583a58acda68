#include "widgets/web/inspector.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "memoscape/detail/terminal.hpp"
#include "memoscape/error.hpp"
#include "widgets/json.hpp"
#include "widgets/web/guard.hpp"
#include "widgets/web/hub.hpp"
#ifdef MEMOSCAPE_WEB_INSPECTOR
#include "memoscape/report_formats.hpp"
#endif

namespace memoscape::inline v0::web {

namespace {

using detail::Json;

constexpr detail::JsonLimits kLimits = {.max_bytes = 4096, .max_depth = 2};

Inspector::Answer refused(std::string why) {
  return {.status = 400, .body = std::move(why) + "\n"};
}

// The members of a command as values, or what is wrong with it.
std::string read_command(std::string_view text, Json& command) {
  const detail::JsonError error = detail::parse_json(text, kLimits, command);
  if (!error.problem.empty()) return error.problem;
  return command.kind == Json::Kind::object ? "" : "a command is an object";
}

Value scalar(const Json& object, std::string_view name) {
  for (std::size_t i = 0; i < object.names.size(); ++i) {
    if (object.names[i] == name) return object.items[i].scalar;
  }
  return {};
}

// Null and nothing mean 0: no limit.
std::optional<std::int64_t> count_of(const Value& value) {
  if (value.is_null()) return 0;
  if (const std::int64_t* number = value.get_if<std::int64_t>()) {
    return *number < 0 ? std::nullopt : std::optional(*number);
  }
  return std::nullopt;
}

}  // namespace

Inspector::Inspector(Engine& engine, const ServeOptions& options)
    : engine_(engine), title_(options.title), token_(options.inspector_token) {
  if (!is_available()) {
    throw UsageError(
        "serve: the inspector needs memoscape-report, without which memoscape-web was built. Cure: "
        "build with -Dreport=enabled, or leave ServeOptions::inspector off");
  }
  const bool is_here = is_loopback(options.address) && options.hosts.empty();
  if (token_.empty() && !is_here) token_ = random_token();
}

bool Inspector::admits(std::string_view token) const noexcept {
  if (token_.empty()) return true;
  // Takes as long for a token that is nearly right.
  unsigned differs = token.size() == token_.size() ? 0 : 1;
  for (std::size_t i = 0; i < token_.size(); ++i) {
    const char c = i < token.size() ? token[i] : '\0';
    differs |= static_cast<unsigned>(static_cast<unsigned char>(c) ^
                                     static_cast<unsigned char>(token_[i]));
  }
  return differs == 0;
}

Inspector::Answer Inspector::clear(std::string_view command) const {
  Json json;
  if (std::string problem = read_command(command, json); !problem.empty()) return refused(problem);
  const Value id = scalar(json, "id");
  const std::string* text = id.get_if<std::string>();
  if (text == nullptr) return refused("the id of an entry is missing");
  if (!engine_.clear_permutation(*text)) {
    return {.status = 404, .body = "There is no entry " + detail::escaped(*text) + " any more\n"};
  }
  return report();
}

Inspector::Answer Inspector::set_limits(std::string_view command) const {
  Json json;
  if (std::string problem = read_command(command, json); !problem.empty()) return refused(problem);
  const auto bytes = count_of(scalar(json, "max_bytes"));
  const auto entries = count_of(scalar(json, "max_entries"));
  const auto ttl = count_of(scalar(json, "ttl_ns"));
  if (!bytes || !entries || !ttl) return refused("a limit is no number from 0");
  const Limits limits = {.max_bytes = static_cast<std::uint64_t>(*bytes),
                         .max_entries = static_cast<std::uint64_t>(*entries),
                         .ttl = std::chrono::nanoseconds(*ttl)};
  const Value function = scalar(json, "function");
  try {
    if (const std::string* name = function.get_if<std::string>()) {
      engine_.set_limits(*name, limits);
    } else if (function.is_null()) {
      engine_.set_limits(limits);
    } else {
      return refused("the function is no text");
    }
  } catch (const UsageError& error) {
    return refused(error.what());
  }
  return report();
}

#ifdef MEMOSCAPE_WEB_INSPECTOR

namespace {

// What the page tells, and no more.
ReportDocument document_of(const Engine& engine, const std::string& title) {
  constexpr std::size_t kMost = HtmlOptions::kMaxPermutations;
  ReportDocument document{.report = engine.report({.max_permutations = kMost}), .title = title};
  std::vector<ArgumentsRow>& rows = document.report.arguments;
  rows.resize(std::min(rows.size(), kMost));
  return document;
}

}  // namespace

bool Inspector::is_available() noexcept { return true; }

Inspector::Answer Inspector::page() const {
  const std::string query = token_.empty() ? "" : "?token=" + token_;
  std::string scripts;
  std::string styles;
  for (const ReportAsset& asset : report_assets()) {
    (asset.type == "text/css" ? styles : scripts).append(" ").append(asset.hash);
  }
  return {
      .type = "text/html; charset=utf-8",
      .body = to_html(document_of(engine_, title_), {.live_url = "/memoscape/report.json" + query,
                                                     .refresh_seconds = 5,
                                                     .clear_url = "/memoscape/clear" + query,
                                                     .limits_url = "/memoscape/limits" + query}),
      .policy = "default-src 'none'; script-src" + scripts + "; style-src" + styles +
                "; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
                "frame-ancestors 'none'"};
}

Inspector::Answer Inspector::report() const {
  return {.type = "application/json", .body = to_json(document_of(engine_, title_))};
}

#else

bool Inspector::is_available() noexcept { return false; }
Inspector::Answer Inspector::page() const { return {.status = 404}; }
Inspector::Answer Inspector::report() const { return {.status = 404}; }

#endif

}  // namespace memoscape::inline v0::web

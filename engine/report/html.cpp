// A report as one page of HTML: a skeleton, the data as JSON, and scripts that its policy names by
// their hashes. All text that comes from users is in the JSON, and is shown as text by the script.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/report/page_assets.hpp"
#include "memoscape/report_formats.hpp"

namespace memoscape::inline v0 {

namespace {

// JSON within a script element: nothing in it can end the element or begin a comment.
std::string inside_script(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 64);
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

std::string inside_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string policy(const HtmlOptions& options) {
  std::string scripts;
  std::string styles;
  for (const ReportAsset& asset : report_assets()) {
    (asset.type == "text/css" ? styles : scripts).append(" ").append(asset.hash);
  }
  const bool live =
      !options.live_url.empty() || !options.clear_url.empty() || !options.limits_url.empty();
  return "default-src 'none'; script-src" + scripts + "; style-src" + styles +
         "; img-src data:; base-uri 'none'; form-action 'none'" +
         (live ? "; connect-src 'self'" : "");
}

std::string scripts() {
  std::string out;
  for (const ReportAsset& asset : report_assets()) {
    if (asset.type != "text/javascript") continue;
    out.append("<script>").append(asset.content).append("</script>\n");
  }
  return out;
}

std::string styles() {
  std::string out;
  for (const ReportAsset& asset : report_assets()) {
    if (asset.type != "text/css") continue;
    out.append("<style>").append(asset.content).append("</style>\n");
  }
  return out;
}

// What fills the place @name@ of the skeleton.
std::string filling(std::string_view name, const ReportDocument& document,
                    const HtmlOptions& options) {
  if (name == "POLICY") return policy(options);
  if (name == "TITLE") return inside_html(document.title);
  if (name == "STYLES") return styles();
  if (name == "SCRIPTS") return scripts();
  if (name == "DATA") return inside_script(to_json(document));
  const nlohmann::ordered_json json = {{"live_url", options.live_url},
                                       {"refresh_seconds", options.refresh_seconds},
                                       {"clear_url", options.clear_url},
                                       {"limits_url", options.limits_url},
                                       {"max_permutations", options.max_permutations}};
  return inside_script(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

std::span<const ReportAsset> report_assets() { return detail::page_assets(); }

std::string to_html(const ReportDocument& document, const HtmlOptions& options) {
  ReportDocument shown = document;
  if (options.max_permutations != 0) {
    shown.report = select(std::move(shown.report), {.max_permutations = options.max_permutations});
    // Argument tuples are told for what is shown of them.
    std::vector<ArgumentsRow>& rows = shown.report.arguments;
    rows.resize(std::min(rows.size(), options.max_permutations));
  }
  // The skeleton is text with a place between every two @: an odd piece is the name of one.
  std::string out;
  std::string_view rest = detail::page_skeleton();
  for (bool is_place = false; !rest.empty(); is_place = !is_place) {
    const std::size_t end = rest.find('@');
    const std::string_view piece = rest.substr(0, end);
    out += is_place ? filling(piece, shown, options) : std::string(piece);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return out;
}

}  // namespace memoscape::inline v0

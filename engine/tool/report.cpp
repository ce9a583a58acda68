// memoscape report: a report of an application, in another format or another order.
#include <ctime>

#include "engine/tool/commands.hpp"
#include "engine/tool/console.hpp"
#include "engine/tool/documents.hpp"
#include "memoscape/detail/terminal.hpp"

namespace tool {

namespace ms = memoscape;

ms::ReportDocument read_document(const std::string& file) {
  const std::string json = read_input(file);
  try {
    return ms::read_report(json);
  } catch (const ms::FormatError& error) {
    throw InputError(file + ": " + error.what());
  }
}

std::string time_text(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  char text[64];
  if (gmtime_r(&time, &parts) == nullptr ||
      std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0) {
    return "an unknown time";
  }
  return text;
}

namespace {

std::string as_text(const ms::ReportDocument& document, const ReportCommand& command) {
  constexpr std::size_t kRows = 20;
  const std::string title = ms::detail::cut(ms::detail::escaped(document.title), 50);
  return title + ", " + time_text(document.made_at) + "\n\n" +
         to_text(document.report, {.max_rows = command.top == 0 ? kRows : command.top,
                                   .order = command.select.order});
}

}  // namespace

void run(const ReportCommand& command) {
  ms::ReportDocument document = read_document(command.file);
  check_interrupt();
  const bool text = command.html.empty() && command.format == "text";
  ms::ReportOptions options = command.select;
  options.max_permutations = text ? 0 : command.top;
  document.report = select(std::move(document.report), options);
  if (!command.html.empty()) {
    ms::write_report(command.html, document);
    return;
  }
  if (text) return print(as_text(document, command));
  for (const ms::ReportFormat& format : ms::report_formats()) {
    if (format.name == command.format) return print(format.write(document));
  }
}

}  // namespace tool

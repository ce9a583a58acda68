// The table of formats, and files.
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "memoscape/detail/terminal.hpp"
#include "memoscape/report_formats.hpp"

namespace memoscape::inline v0 {

namespace {

constexpr std::array<ReportFormat, 5> kFormats{{
    {"JSON", ".json", "application/json", to_json},
    {"CSV", ".csv", "text/csv; charset=utf-8", to_csv},
    {"OpenMetrics", ".prom", "application/openmetrics-text; version=1.0.0; charset=utf-8",
     to_openmetrics, 1},
    {"HTML", ".html", "text/html; charset=utf-8",
     [](const ReportDocument& document) { return to_html(document); },
     HtmlOptions::kMaxPermutations},
    {"text", ".txt", "text/plain; charset=utf-8",
     [](const ReportDocument& document) { return to_text(document.report); }},
}};

[[noreturn]] void fail(const std::string& path) {
  throw std::system_error(errno, std::generic_category(), path);
}

// A file that takes the place of `path` when it is complete.
class NewFile {
 public:
  explicit NewFile(const std::string& path) : path_(path), name_(beside(path)) {
    file_ = std::fopen(name_.c_str(), "wb");
    if (file_ == nullptr) fail(path_);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (file_ != nullptr) std::fclose(file_);
    if (!done_) std::remove(name_.c_str());
  }
  void write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail(path_);
  }
  void finish() {
    if (std::fclose(std::exchange(file_, nullptr)) != 0) fail(path_);
    if (std::rename(name_.c_str(), path_.c_str()) != 0) fail(path_);
    done_ = true;
  }

 private:
  // In the same folder, so that it can be renamed; no other writer has the name.
  static std::string beside(const std::string& path) {
    static std::atomic<unsigned> count{0};
    return path + '.' + std::to_string(getpid()) + '.' + std::to_string(++count) + ".tmp";
  }

  const std::string& path_;
  std::string name_;
  std::FILE* file_ = nullptr;
  bool done_ = false;
};

}  // namespace

std::span<const ReportFormat> report_formats() { return kFormats; }

const ReportFormat* report_format_of(std::string_view path) {
  for (const ReportFormat& format : kFormats) {
    if (path.ends_with(format.extension)) return &format;
  }
  return nullptr;
}

void write_report(const std::string& path, const ReportDocument& document) {
  const ReportFormat* format = report_format_of(path);
  if (format == nullptr) {
    std::string known;
    for (const ReportFormat& one : kFormats) {
      known.append(known.empty() ? "" : ", ").append(one.extension);
    }
    throw UsageError("the name of a report tells its format: " + detail::quoted(path) +
                     " ends with none of " + known);
  }
  const std::string text = format->write(document);
  NewFile file(path);
  file.write(text);
  file.finish();
}

}  // namespace memoscape::inline v0

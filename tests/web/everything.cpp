// An app with every widget and every element, for the browser tests and for the eye.
//
// Each widget is followed by what the script got from it. On standard output stands what executes.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <future>
#include <memoscape/memoscape.hpp>
#include <memoscape/web.hpp>
#include <mutex>
#include <stdexcept>
#include <string>

namespace {

namespace ms = memoscape;
using namespace ms::literals;
using namespace std::chrono_literals;

void log_execution(const std::string& line) {
  static std::mutex mutex;
  const std::scoped_lock lock(mutex);
  std::printf("executed: %s\n", line.c_str());
  std::fflush(stdout);
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : "+") + item;
  return text.empty() ? "nothing" : text;
}

std::string described(const ms::MediaPtr& file) {
  return file == nullptr ? "nothing" : ms::format("{} ({} bytes)", file->name, file->bytes.size());
}

ms::DataFrame numbers() {
  return {{{"x", std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}},
           {"up", std::vector<double>{1, 2.5, 3, 4.5, 6, 7}},
           {"down", std::vector<double>{8, 6.5, 6, 4, 3.5, 1}}}};
}

ms::DataFrame people() {
  return {{{"name", std::vector<std::string>{"Ann", "Bob", "Cleo"}},
           {"age", std::vector<std::int64_t>{31, 45, 27}},
           {"height", std::vector<double>{1.71, 1.83, 1.65}}}};
}

// A picture of one colour, as a bitmap.
ms::Media picture() {
  constexpr int kSide = 64;
  std::string bytes = "BM";
  const auto number = [&](std::uint32_t n, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(n >> (8 * i) & 255);
  };
  number(54 + kSide * kSide * 3, 4), number(0, 4), number(54, 4), number(40, 4);
  number(kSide, 4), number(kSide, 4), number(1, 2), number(24, 2);
  for (int i = 0; i < 6; ++i) number(0, 4);
  for (int i = 0; i < kSide * kSide; ++i)
    number(0xc55724 + static_cast<std::uint32_t>(i / kSide), 3);
  return {"square.bmp", "image/bmp", bytes};
}

// Half a second of silence.
ms::Media silence() {
  constexpr std::uint32_t kBytes = 4000;
  std::string bytes = "RIFF";
  const auto number = [&](std::uint32_t n, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(n >> (8 * i) & 255);
  };
  number(36 + kBytes, 4);
  bytes += "WAVEfmt ";
  number(16, 4), number(1, 2), number(1, 2), number(8000, 4), number(8000, 4), number(1, 2);
  number(8, 2);
  bytes += "data";
  number(kBytes, 4);
  bytes.append(kBytes, '\x80');
  return {"silence.wav", "audio/wav", bytes};
}

class Everything {
 public:
  explicit Everything(ms::Engine& engine)
      : cached_(engine.cache_data("cached",
                                  [](ms::Run& run) {
                                    const int n = ms::slider(run, "Cached slider", 0, 10, 5);
                                    std::string extra;
                                    if (ms::checkbox(run, "Cached box")) {
                                      extra = ms::text_input(run, "Cached text", {.value = "abc"});
                                    }
                                    log_execution(ms::format("cached {} {}", n, extra));
                                    ms::success(run, ms::format("cached gives {}{}", n, extra));
                                    return n;
                                  },
                                  {.allow_widgets = true, .limits = {.max_entries = 500}})),
        uploading_(engine.cache_data("uploading",
                                     [](ms::Run& run) {
                                       ms::file_uploader(run, "Never");
                                       return 0;
                                     },
                                     {.allow_widgets = true})),
        slow_(engine.cache_data("slow",
                                [this](ms::Run& run) {
                                  const int n = ms::slider(run, "Slow slider", 0, 100, 0);
                                  if (n != 0) await(run);
                                  log_execution(ms::format("slow {}", n));
                                  ms::text(run, ms::format("slow gives {}", n));
                                  return n;
                                },
                                {.allow_widgets = true, .spinner = "Thinking slowly ..."})) {}

  void operator()(ms::Run& run) const {
    side(ms::sidebar(run));
    ms::title(run, "Everything");
    cached_(run);
    slow_(run);
    const std::vector<ms::Place> tabs = ms::tabs(run, {"Widgets", "Elements", "Charts", "Trouble"});
    widgets(tabs[0]);
    more_widgets(tabs[0]);
    elements(tabs[1]);
    charts(tabs[2]);
    trouble(run, tabs[3]);
  }

  // What the slow function waits for: somebody who wants it to go on.
  void let_go() {
    const std::scoped_lock lock(mutex_);
    ++released_;
    changed_.notify_all();
  }

 private:
  // Until the run is asked to stop, or a line comes on standard input.
  void await(ms::Run& run) const {
    std::unique_lock lock(mutex_);
    const std::uint64_t before = released_;
    while (released_ == before) {
      changed_.wait_for(lock, 5ms);
      if (run.stop_requested()) {
        log_execution("slow was stopped");
        return;
      }
    }
  }

  static void say(const ms::Place& place, std::string_view what, const std::string& value) {
    ms::text(place, std::string(what) + " is " + value);
  }

  static void side(const ms::Place& place) {
    ms::header(place, "Sidebar");
    say(place, "name", ms::text_input(place, "Name", {.max_chars = 20, .placeholder = "Who?"}));
    say(place, "theme", ms::selectbox(place, "Theme", {"sun", "rain", "snow"}));
  }

  static void widgets(const ms::Place& place) {
    say(place, "button",
        ms::button(place, "Press", {.help = "Counts for one run"}) ? "pressed" : "not pressed");
    ms::download_button(place, "Download", ms::Media{"hello.txt", "text/plain", "hello"});
    say(place, "toggle", ms::toggle(place, "Toggle") ? "on" : "off");
    if (ms::checkbox(place, "Show more")) {
      say(place, "hidden", ms::text_input(place, "Hidden until now"));
    }
    say(place, "radio", ms::radio(place, "Radio", {"one", "two", "three"}));
    say(place, "multiselect",
        joined(ms::multiselect(place, "Multiselect", {"red", "green", "blue", "white"},
                               {.selected = {"red"}, .max_selections = 3})));
    say(place, "size", ms::select_slider(place, "Size", {"S", "M", "L", "XL"}));
    say(place, "pills", ms::pills(place, "Pills", {"dry", "wet"}).value_or("nothing"));
    say(place, "several pills", joined(ms::pills_multi(place, "Several pills", {"a", "b", "c"})));
    say(place, "segment",
        ms::segmented_control(place, "Segments", {"day", "week", "year"}, {.selected = "week"})
            .value_or("nothing"));
    const std::optional<int> stars = ms::feedback(place, "Stars", ms::FeedbackType::stars);
    say(place, "feedback", stars ? std::to_string(*stars) : "nothing");
    say(place, "share",
        ms::format("{}", ms::slider(place, "Share", 0.0, 1.0, 0.5, {.step = 0.25})));
    const ms::Range<int> range = ms::slider(place, "Range", 0, 100, {20, 60});
    say(place, "range", ms::format("{} to {}", range.lo, range.hi));
    say(place, "end", ms::format("{}", ms::slider(place, "End", 8h, 18h, 17h).count()));
    ms::slider(place, "Disabled", 0, 10, 3, {.disabled = true});
  }

  static void more_widgets(const ms::Place& place) {
    using namespace std::chrono;
    say(place, "rows",
        std::to_string(ms::number_input(place, "Rows", 10, {.min = 1, .max = 1000})));
    const auto day = ms::date_input(place, "Day", 2026y / 1 / 2);
    say(place, "day", std::to_string(static_cast<unsigned>(day.day())));
    say(place, "start", std::to_string(ms::time_input(place, "Start", 8h + 30min).count()));
    say(place, "colour", ms::color_picker(place, "Colour", {.value = "#2457c5"}));
    say(place, "notes", ms::text_area(place, "Notes", {.placeholder = "What happened?"}));
    ms::text_input(place, "Password", {.type = ms::TextType::password});
    const ms::Place form = ms::form(place, "order");
    const int count = ms::number_input(form, "Count", 1, {.min = 1, .max = 9});
    const std::string what = ms::text_input(form, "What");
    const bool sent = ms::form_submit_button(form, "Order");
    say(place, "order", ms::format("{} {}{}", count, what, sent ? ", sent now" : ""));
    const ms::DataFrame edited = ms::data_editor(
        place, "Editor", people(),
        {.columns = {{.name = "age", .min = 0, .max = 150}}, .rows = ms::EditorRows::dynamic});
    say(place, "editor",
        ms::format("{} rows, first age {}", edited.rows(), edited.columns[1].cell(0)));
    say(place, "file",
        described(ms::file_uploader(place, "File", {.types = {"txt", "csv"}, .max_bytes = 1000})));
    say(place, "camera", described(ms::camera_input(place, "Camera")));
    say(place, "sound", described(ms::audio_input(place, "Sound")));
    say(place, "chat", ms::chat_input(place, "Say something").value_or("nothing"));
  }

  static void elements(const ms::Place& place) {
    ms::subheader(place, "Words");
    ms::text(place, "Plain text: <b>not bold</b>");
    ms::markdown(place,
                 "**Bold**, *italic*, `code`, [a link](https://example.org), "
                 "[no link](javascript:alert(1))\n\n- one\n- two\n\n> quoted\n\n"
                 "| a | b |\n|---|---|\n| 1 | 2 |");
    ms::caption(place, "A caption");
    ms::code(place, "int main() {\n  return 0;\n}", {.line_numbers = true});
    ms::json(place, R"({"name": "Ann", "tags": ["a", "b"], "n": 1.5, "ok": true, "none": null})");
    ms::divider(place);
    const std::vector<ms::Place> columns = ms::columns(place, 3);
    ms::metric(columns[0], "Rain", "42.5 mm", {.delta = 3.1});
    ms::metric(columns[1], "Sun", 120, {.delta = -8});
    ms::metric(columns[2], "Wind", "calm", {.help = "Beaufort"});
    ms::dataframe(place, people());
    ms::table(place, people());
    ms::success(place, "A success");
    ms::info(place, "An info");
    ms::warning(place, "A warning");
    ms::error(place, "An error");
    ms::progress(place, 0.6, "Six tenths");
    ms::empty(place).text("Filled in later");
    ms::image(place, picture(), {.caption = "A square"});
    ms::audio(place, silence());
    ms::text(ms::expander(place, "Expander"), "Inside the expander");
    ms::text(ms::container(place), "Inside the container");
  }

  static void charts(const ms::Place& place) {
    ms::line_chart(place, numbers(), {.x = "x", .title = "Lines", .y_label = "mm"});
    ms::area_chart(place, numbers(), {.x = "x", .title = "Areas"});
    ms::bar_chart(place, people(), {.x = "name", .y = {"age"}, .title = "Bars"});
    ms::scatter_chart(place, numbers(), {.x = "x", .title = "Points"});
  }

  void trouble(ms::Run& run, const ms::Place& place) const {
    if (ms::button(place, "Toast")) ms::toast(place, "Here is a toast", {.icon = "🍞"});
    if (ms::checkbox(place, "Upload inside a cached function")) {
      ms::within(place, [&] { uploading_(run); });
    }
    if (ms::checkbox(place, "Throw")) throw std::runtime_error("it was thrown <b>on purpose</b>");
  }

  ms::Cached<const int> cached_;
  ms::Cached<const int> uploading_;
  ms::Cached<const int> slow_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::uint64_t released_ = 0;  // guarded by mutex_
};

int serve(std::uint16_t port, bool inspector) {
  ms::Engine engine;
  Everything everything(engine);
  ms::ServeOptions options = {.port = port, .title = "Everything"};
  options.limits.disconnected = 20s;
  options.inspector = inspector;
  ms::Server server(engine, std::ref(everything), options);
  std::printf("listening at %s\n", server.url().c_str());
  std::fflush(stdout);
  char line[100];
  while (std::fgets(line, sizeof line, stdin) != nullptr) everything.let_go();
  server.stop();
  const std::string broken = engine.check();
  if (!broken.empty()) std::printf("broken: %s\n", broken.c_str());
  return broken.empty() ? 0 : 1;
}

}  // namespace

// Usage: everything_app PORT [--inspector]. A line on standard input lets what is slow go on; its
// end ends the app.
int main(int argc, char** argv) {
  if (argc < 2 || argc > 3 || (argc == 3 && std::string_view(argv[2]) != "--inspector")) {
    std::fputs("usage: everything_app PORT [--inspector]\n", stderr);
    return 2;
  }
  try {
    return serve(static_cast<std::uint16_t>(std::atoi(argv[1])), argc == 3);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "everything_app: %s\n", error.what());
    return 1;
  }
}

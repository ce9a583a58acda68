// Compiling: a file that includes all of memoscape and registers 1 or 50 functions, each with one
// argument and one slider; types of arguments and results take turns (12 signatures). Timed is the
// compiler that built this, with -O2: its processor time, which is what it takes when nothing else
// runs.
#ifdef __unix__

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/measure.hpp"

namespace bench {
namespace {

namespace fs = std::filesystem;

std::string source(std::size_t functions) {
  static const char* const kArguments[] = {"std::int64_t", "const std::string&", "double",
                                           "const std::vector<int>&"};
  static const char* const kResults[] = {"std::int64_t", "std::string", "std::vector<double>"};
  std::string text =
      "#include <memoscape/memoscape.hpp>\n"
      "namespace ms = memoscape;\n"
      "void register_all(ms::Engine& engine) {\n";
  for (std::size_t i = 0; i < functions; ++i) {
    const std::string number = std::to_string(i);
    const std::string result = kResults[i % std::size(kResults)];
    text += "  engine.cache_data(\"function " + number + "\", [](ms::Run& run, " +
            kArguments[i % std::size(kArguments)] + ") {\n" +
            "    const std::int64_t chosen = ms::slider(run, \"slider " + number + "\", 0, 9);\n" +
            (result == "std::int64_t" ? "    return chosen;\n"
             : result == "std::string"
                 ? "    return std::string(static_cast<std::size_t>(chosen), 'x');\n"
                 : "    return std::vector<double>(static_cast<std::size_t>(chosen));\n") +
            "  }, {.allow_widgets = true});\n";
  }
  return text + "}\n";
}

// A folder for as long as this lives.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "memoscape-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

// Seconds of processor time that `command` takes. Throws std::runtime_error if it fails.
double processor_time(const std::vector<std::string>& command) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execvp(words[0], words.data());
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
    throw std::runtime_error("cannot run " + command[0]);
  }
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void compile(benchmark::State& state) {
  const auto functions = static_cast<std::size_t>(state.range(0));
  const Folder folder;
  const std::string file = (folder.path() / "functions.cpp").string();
  std::ofstream(file) << source(functions);
  setenv("CCACHE_DISABLE", "1", 1);
  const std::vector<std::string> command = {
      BENCH_COMPILER, "-std=c++20", "-O2", "-I" BENCH_INCLUDE, "-c", "-o", file + ".o", file};
  Series series{{"compile, functions: " + std::to_string(functions)}, std::string(kOurs), {}, "s"};
  for (auto _ : state) {
    try {
      series.samples.push_back(processor_time(command));
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
      return;
    }
    state.SetIterationTime(series.samples.back());
  }
  record(std::move(series));
}
BENCHMARK(compile)->ArgName("functions")->Arg(1)->Arg(50)->UseManualTime()->Iterations(3);

}  // namespace
}  // namespace bench

#endif

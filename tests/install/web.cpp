// A consumer of the optional library memoscape-web: an app that is served, and stopped.
#include <cstdio>
#include <memoscape/memoscape.hpp>
#include <memoscape/web.hpp>
#include <string>
#include <string_view>

namespace ms = memoscape;

int main() {
  ms::Engine engine;
  auto square =
      engine.cache_data("square", [](ms::Run& run) { return ms::slider(run, "x", 0, 9, 7); },
                        {.allow_widgets = true});
  ms::Server server(engine, [&](ms::Run& run) { ms::write(run, *square(run)); },
                    {.port = 0, .log = [](std::string_view) {}});
  bool is_refused = false;
  try {
    const ms::Server second(engine, [](ms::Run&) {}, {.port = server.port()});
  } catch (const ms::UsageError&) {
    is_refused = true;
  }
  const bool is_right = is_refused && server.sessions() == 0 &&
                        server.url() == "http://localhost:" + std::to_string(server.port());
  server.stop();
  std::puts(is_right ? "memoscape: linked, and right" : "not so: an app that is served");
  return is_right ? 0 : 1;
}

// serve: a script as an app in the browser. Part of the optional library memoscape-web.
//
// Every browser tab is a session of its own. Its page is sent as it changes; what a person does is
// checked by the rules of Session::set, and runs the script again. A newer interaction stops the
// run in progress, which starts again with the latest values. Sessions without a tab end after a
// while.
//
// Ownership: engine and script must outlive the server.
// Thread-safety: all members may be called from any thread. The script runs on several threads at
// once, for different sessions.
//
//   ms::Engine engine;
//   ms::serve(engine, [](ms::Run& run) {
//     ms::text(run, ms::format("Hello, {}!", ms::text_input(run, "Your name")));
//   }, {.port = 8501});
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "memoscape/engine.hpp"

namespace memoscape::inline v0 {

// What clients may take. Who wants more is refused, and that is logged once.
struct ServeLimits {
  std::size_t sessions = 2000;
  std::size_t connections = 4000;                         // of all kinds
  std::size_t message_bytes = std::size_t{1} << 20;       // of one message from a browser
  std::size_t upload_bytes = std::size_t{64} << 20;       // of one file
  std::size_t uploads = 4;                                // at a time
  double messages_per_second = 50;                        // of one browser tab
  std::chrono::milliseconds request{10'000};              // to say what it wants
  std::chrono::milliseconds silence{60'000};              // of a connection that does not answer
  std::chrono::milliseconds disconnected{120'000};        // a session waits so long for its tab
  std::chrono::milliseconds idle{std::chrono::hours(2)};  // a session in which nobody does anything
};

struct ServeOptions {
  std::string address = "127.0.0.1";  // an address of this machine; 0.0.0.0: all of them
  std::uint16_t port = 8501;          // 0: any that is free
  std::string title = "memoscape";    // of the browser's tab, until the page has a title
  // The names by which browsers reach it beside localhost and addresses: "rain.example.org".
  // Requests under another name are refused.
  std::vector<std::string> hosts = {};
  // The live report at /memoscape: what the cache holds, entries cleared, limits set. Whoever can
  // open it can do so: on loopback anybody on this machine; where others may reach it, who has the
  // token, which is drawn, and told with the address, if it is empty.
  bool inspector = false;
  std::string inspector_token = {};
  unsigned workers = 0;  // threads that run scripts; 0: two for each processor
  ServeLimits limits = {};
  // Gets one line for each thing worth telling. Called from any thread. Null: standard error.
  std::function<void(std::string_view line)> log = {};
};

class MEMOSCAPE_API Server {
 public:
  using AppScript = std::function<void(Run&)>;

  // Listens, and serves on threads of its own.
  // Throws: UsageError for an address that cannot be listened at, and for an inspector where the
  // library was built without memoscape-report.
  Server(Engine& engine, AppScript script, ServeOptions options = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // As `stop`.
  ~Server();

  // Closes all connections, stops the runs in progress and waits for their end.
  void stop();

  std::uint16_t port() const noexcept;
  std::string url() const;            // "http://localhost:8501"
  std::string inspector_url() const;  // with its token; empty: it is off
  std::size_t sessions() const;       // those that have not ended

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Serves until the process gets SIGINT or SIGTERM; says on standard output where. A second signal
// ends the process at once. Throws: as Server.
MEMOSCAPE_API void serve(Engine& engine, Server::AppScript script, ServeOptions options = {});

}  // namespace memoscape::inline v0

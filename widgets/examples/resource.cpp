// A resource: one shared object, checked before each use, and released when nothing holds it.
//
// prints:
//   connect to db.example
//   answer 42
//   answer 42
//   close db.example
//   connect to db.example
//   answer 42
//   close db.example
#include <cstdio>
#include <memoscape/memoscape.hpp>
#include <string>

namespace ms = memoscape;

// A connection, which may drop. Nobody can see from outside what it holds: it says so itself.
struct Connection {
  std::string host;
  bool is_open = true;

  int ask() const { return 42; }
  std::size_t heap_bytes() const { return host.capacity(); }
};

int main() {
  ms::Engine engine;
  auto connect = engine.cache_resource(
      "connect",
      [](const std::string& host) {
        std::printf("connect to %s\n", host.c_str());
        return Connection{host};
      },
      {.validate = [](const Connection& connection) { return connection.is_open; },
       .on_release =
           [](Connection& connection) { std::printf("close %s\n", connection.host.c_str()); }});

  const auto script = [&](ms::Run& run) {
    std::printf("answer %d\n", connect(run, "db.example")->ask());
  };
  engine.run(script);
  engine.run(script);  // the same connection

  engine.run([&](ms::Run& run) { connect(run, "db.example")->is_open = false; });  // it drops
  engine.run(script);  // validate refuses it: it is released, and another one is made
}  // the engine ends: what it holds is released

// Server: listens, and owns the thread on which all connections are served.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <optional>
#include <thread>
#include <utility>

#include "memoscape/detail/terminal.hpp"
#include "memoscape/error.hpp"
#include "memoscape/web.hpp"
#include "widgets/web/connection.hpp"
#include "widgets/web/hub.hpp"

namespace memoscape::inline v0 {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kTick{100};

}  // namespace

class Server::Impl {
 public:
  Impl(Engine& engine, AppScript script, ServeOptions options)
      : hub_(engine, std::move(script), std::move(options)),
        io_(1),
        acceptor_(io_),
        ticker_(io_),
        accept_again_(io_) {
    listen();
    accept();
    tick();
    thread_ = std::thread([this] { io_.run(); });
  }

  ~Impl() { stop(); }

  void stop() {
    const std::scoped_lock lock(stopping_);
    if (!thread_.joinable()) return;
    asio::post(io_, [this] {
      error_code ignored;
      acceptor_.close(ignored);
      ticker_.cancel();
      accept_again_.cancel();
    });
    hub_.stop();  // says farewell to the browsers
    // They have a moment to hear it.
    asio::post(io_, [this] {
      ticker_.expires_after(kTick);
      ticker_.async_wait([this](error_code) { io_.stop(); });
    });
    thread_.join();
  }

  std::uint16_t port() const noexcept { return port_; }
  std::size_t sessions() const { return hub_.sessions(); }

  std::string url() const {
    const std::string& address = hub_.options().address;
    const bool is_here = address == "127.0.0.1" || address == "::1" || address == "0.0.0.0" ||
                         address == "::" || address == "localhost";
    const std::string host = is_here                                  ? "localhost"
                             : address.find(':') == std::string::npos ? address
                                                                      : '[' + address + ']';
    return "http://" + host + ':' + std::to_string(port_);
  }

  std::string inspector_url() const {
    const web::Inspector* inspector = hub_.inspector();
    if (inspector == nullptr) return {};
    return url() + "/memoscape" +
           (inspector->token().empty() ? "" : "?token=" + inspector->token());
  }

 private:
  void listen() {
    const ServeOptions& options = hub_.options();
    const auto refuse = [&](const error_code& error) {
      throw UsageError("serve cannot listen at " + detail::quoted(options.address) + " port " +
                       std::to_string(options.port) + ": " + error.message() +
                       ". Cure: another port, or 0 for any that is free");
    };
    error_code error;
    const std::string name = options.address == "localhost" ? "127.0.0.1" : options.address;
    const asio::ip::address address = asio::ip::make_address(name, error);
    if (error) refuse(error);
    const asio::ip::tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) refuse(error);
    port_ = acceptor_.local_endpoint().port();
  }

  void accept() {
    acceptor_.async_accept([this](error_code error, asio::ip::tcp::socket socket) {
      if (!acceptor_.is_open()) return;
      if (error) {
        // No descriptor is left, or the like: not at once again.
        hub_.warn("a connection was not accepted", error.message());
        accept_again_.expires_after(kTick);
        accept_again_.async_wait([this](error_code stopped) {
          if (!stopped) accept();
        });
        return;
      }
      if (connections_ >= hub_.options().limits.connections) {
        hub_.warn("a connection was refused", "there are as many as there may be");
        socket.close(error);
      } else {
        socket.set_option(asio::ip::tcp::no_delay(true), error);
        web::serve_http(std::move(socket), hub_, web::Counted(connections_));
      }
      accept();
    });
  }

  void tick() {
    ticker_.expires_after(kTick);
    ticker_.async_wait([this](error_code stopped) {
      if (stopped || !acceptor_.is_open()) return;
      hub_.tick();
      tick();
    });
  }

  std::atomic<std::size_t> connections_{0};
  web::Hub hub_;
  asio::io_context io_;  // after the hub: connections end before it
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer ticker_;
  asio::steady_timer accept_again_;
  std::uint16_t port_ = 0;
  std::mutex stopping_;
  std::thread thread_;
};

Server::Server(Engine& engine, AppScript script, ServeOptions options)
    : impl_(std::make_unique<Impl>(engine, std::move(script), std::move(options))) {}
Server::~Server() = default;

void Server::stop() { impl_->stop(); }
std::uint16_t Server::port() const noexcept { return impl_->port(); }
std::string Server::url() const { return impl_->url(); }
std::string Server::inspector_url() const { return impl_->inspector_url(); }
std::size_t Server::sessions() const { return impl_->sessions(); }

void serve(Engine& engine, Server::AppScript script, ServeOptions options) {
  asio::io_context signals;
  asio::signal_set wanted(signals, SIGINT, SIGTERM);
  wanted.async_wait([](error_code, int) {});
  Server server(engine, std::move(script), std::move(options));
  std::printf("The app is at %s  (Ctrl-C ends it)\n", server.url().c_str());
  if (const std::string url = server.inspector_url(); !url.empty()) {
    std::printf("The inspector is at %s\n", url.c_str());
  }
  std::fflush(stdout);
  signals.run();
  wanted.clear();  // a second signal ends the process
  server.stop();
}

}  // namespace memoscape::inline v0

// Load on an app in the browser: many sessions, as many browser tabs, each of which moves a slider
// at a human pace. Timed: from the message of an event to the update that has seen it, whole.
//
// All positions were visited before, so every run is a hit. The clients share the machine with the
// server. Serve what is measured first: ./dev app --port 8501
#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

struct Options {
  unsigned short port = 8501;
  std::size_t sessions = 500;
  double seconds = 20;
  double every = 1;  // seconds between two events of a session
};

struct Figures {
  std::vector<double> milliseconds;
  std::size_t errors = 0;
  std::size_t ready = 0;
  std::size_t bytes = 0;
};

// The number behind `name` in an update, or 0.
unsigned long number_after(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  return at == std::string_view::npos ? 0
                                      : std::strtoul(text.data() + at + name.size(), nullptr, 10);
}

class Visitor : public std::enable_shared_from_this<Visitor> {
 public:
  Visitor(asio::io_context& io, const Options& options, Figures& figures, unsigned seed)
      : options_(options), figures_(figures), socket_(io), timer_(io), random_(seed) {}

  void start(const asio::ip::tcp::endpoint& server) {
    socket_.next_layer().async_connect(server, [self = shared_from_this()](error_code error) {
      if (error) return self->failed(error);
      error = {};
      self->socket_.next_layer().set_option(asio::ip::tcp::no_delay(true), error);
      const std::string host = "localhost:" + std::to_string(self->options_.port);
      self->socket_.set_option(websocket::stream_base::decorator(
          [host](websocket::request_type& request) { request.set("Origin", "http://" + host); }));
      self->socket_.read_message_max(64u << 20);
      self->socket_.async_handshake(host, "/session", [self](error_code shaken) {
        if (shaken) return self->failed(shaken);
        self->send(R"({"hello": {"session": "", "rev": 0, "query": []}})");
        self->read();
      });
    });
  }

  void stop() {
    is_over_ = true;
    timer_.cancel();
    error_code ignored;
    socket_.next_layer().close(ignored);
  }
  static inline bool is_measuring = false;

 private:
  void failed(error_code error) {
    if (is_over_) return;
    if (++figures_.errors == 1) std::fprintf(stderr, "%s\n", error.message().c_str());
  }

  void send(std::string text) {
    outgoing_ = std::move(text);
    socket_.async_write(asio::buffer(outgoing_),
                        [self = shared_from_this()](error_code error, std::size_t) {
                          if (error) self->failed(error);
                        });
  }

  void read() {
    socket_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t size) {
      if (error) return self->failed(error);
      self->figures_.bytes += size;
      self->heard(beast::buffers_to_string(self->buffer_.data()));
      self->buffer_.consume(self->buffer_.size());
      self->read();
    });
  }

  void heard(const std::string& update) {
    if (slider_ == 0) {
      const std::size_t at = update.find("\"kind\":\"slider\",\"props\":{\"label\":\"Years\"");
      if (at == std::string::npos) return;
      const std::size_t id = update.rfind("\"id\":", at);
      slider_ = number_after(std::string_view(update).substr(id), "\"id\":");
    }
    if (update.find("\"busy\":true") != std::string::npos) return;
    if (number_after(update, "\"ack\":") < seq_) return;
    if (seq_ == 0) {
      ++figures_.ready;
    } else if (is_measuring) {
      figures_.milliseconds.push_back(
          std::chrono::duration<double, std::milli>(Clock::now() - sent_).count());
    }
    std::uniform_real_distribution<double> pause(0.5 * options_.every, 1.5 * options_.every);
    timer_.expires_after(std::chrono::microseconds(static_cast<long>(pause(random_) * 1e6)));
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->act();
    });
  }

  void act() {
    const unsigned years = 1000 * (1 + static_cast<unsigned>(random_() % 8));
    sent_ = Clock::now();
    send("{\"event\": {\"seq\": " + std::to_string(++seq_) + ", \"set\": [[" +
         std::to_string(slider_) + ", " + std::to_string(years) + "]]}}");
  }

  const Options& options_;
  Figures& figures_;
  websocket::stream<asio::ip::tcp::socket> socket_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_;
  std::mt19937 random_;
  std::string outgoing_;
  unsigned long slider_ = 0;
  unsigned long seq_ = 0;
  Clock::time_point sent_;
  bool is_over_ = false;
};

int usage(int status) {
  std::fputs(
      "usage: memoscape-web-load [--port N] [--sessions N] [--seconds S] [--every S]\n"
      "\n"
      "Sessions of the rain explorer that is served at localhost (8501), each of which\n"
      "moves the slider every S seconds (1), for S seconds (20).\n",
      status == 0 ? stdout : stderr);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--help") return usage(0);
    if (i + 1 == argc) return usage(2);
    const double value = std::atof(argv[++i]);
    if (name == "--port")
      options.port = static_cast<unsigned short>(value);
    else if (name == "--sessions")
      options.sessions = static_cast<std::size_t>(value);
    else if (name == "--seconds")
      options.seconds = value;
    else if (name == "--every")
      options.every = value;
    else
      return usage(2);
  }
  asio::io_context io(1);
  Figures figures;
  std::vector<std::shared_ptr<Visitor>> visitors;
  const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), options.port);
  asio::steady_timer timer(io);
  // All positions are visited before anything is timed.
  const auto warm_up = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(5 + 2 * options.every));
  for (unsigned i = 0; i < options.sessions; ++i) {
    visitors.push_back(std::make_shared<Visitor>(io, options, figures, i));
    visitors.back()->start(server);
  }
  timer.expires_after(warm_up);
  timer.async_wait([&](error_code) {
    Visitor::is_measuring = true;
    figures.bytes = 0;
    timer.expires_after(std::chrono::microseconds(static_cast<long>(options.seconds * 1e6)));
    timer.async_wait([&](error_code) {
      for (const auto& visitor : visitors) visitor->stop();
    });
  });
  io.run();
  std::vector<double>& times = figures.milliseconds;
  std::sort(times.begin(), times.end());
  const auto quantile = [&](double q) {
    return times.empty()
               ? 0
               : times[static_cast<std::size_t>(q * static_cast<double>(times.size() - 1))];
  };
  std::printf("%zu of %zu sessions, %zu events in %.0f s, %zu errors\n", figures.ready,
              options.sessions, times.size(), options.seconds, figures.errors);
  std::printf("latency: median %.2f ms, p90 %.2f ms, p99 %.2f ms, worst %.2f ms\n", quantile(0.5),
              quantile(0.9), quantile(0.99), quantile(1));
  std::printf(
      "%.0f bytes per event\n",
      times.empty() ? 0 : static_cast<double>(figures.bytes) / static_cast<double>(times.size()));
  return figures.errors == 0 && figures.ready == options.sessions ? 0 : 1;
}

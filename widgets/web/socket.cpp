// The WebSocket of a browser tab.
//
// The first message is a hello; until then there is no session. A message that no browser of ours
// sends closes the connection. Sizes are checked by the library before memory is taken.
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <utility>

#include "widgets/web/connection.hpp"
#include "widgets/web/guard.hpp"
#include "widgets/web/message.hpp"

namespace memoscape::inline v0::web {

namespace websocket = beast::websocket;

namespace {

constexpr std::size_t kLongestReason = 120;  // what a close frame can hold

class SocketConnection final : public Peer, public std::enable_shared_from_this<SocketConnection> {
 public:
  SocketConnection(beast::tcp_stream stream, Hub& hub, Counted counted)
      : hub_(hub),
        counted_(std::move(counted)),
        stream_(std::move(stream)),
        greeting_(stream_.get_executor()),
        pace_(hub.options().limits.messages_per_second, Pace::Clock::now()) {}

  ~SocketConnection() override {
    if (session_ != nullptr) session_->detach(*this);
  }

  void start(const http::request<http::empty_body>& request) {
    const ServeLimits& limits = hub_.options().limits;
    beast::get_lowest_layer(stream_).expires_never();  // the stream has timeouts of its own
    stream_.set_option(websocket::stream_base::timeout{limits.request, limits.silence, true});
    stream_.read_message_max(limits.message_bytes);
    stream_.text(true);
    stream_.auto_fragment(false);
    greeting_.expires_after(limits.request);
    greeting_.async_wait([self = shared_from_this()](error_code error) {
      if (!error && self->session_ == nullptr) self->refuse("no hello came");
    });
    stream_.async_accept(request, [self = shared_from_this()](error_code error) {
      if (!error) self->read();
    });
  }

  // From any thread.
  void send(std::string message) override {
    asio::post(stream_.get_executor(),
               [self = shared_from_this(), message = std::move(message)]() mutable {
                 self->write(std::move(message));
               });
  }

  // From any thread.
  void close(CloseCode code, std::string_view reason) override {
    asio::post(stream_.get_executor(), [self = shared_from_this(), code,
                                        reason = std::string(reason.substr(0, kLongestReason))] {
      self->do_close(code, reason);
    });
  }

 private:
  void read() {
    stream_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error == websocket::error::message_too_big ||
          error == websocket::error::buffer_overflow) {
        self->hub_.warn("a message was refused: it is too large", {});
      }
      if (error) return self->lost();
      self->got();
    });
  }

  void lost() {
    is_closed_ = true;
    greeting_.cancel();
    if (session_ != nullptr) session_->detach(*this);
  }

  // `detail`: of what is never twice the same.
  void refuse(std::string_view problem, std::string_view detail = {}) {
    hub_.warn("a message was refused: " + std::string(problem), detail);
    do_close(CloseCode::not_allowed, problem.substr(0, kLongestReason));
  }

  void got() {
    if (is_closed_) return;
    if (!stream_.got_text()) return refuse("it is not text");
    if (!pace_.allows(Pace::Clock::now())) return refuse("too many in a short time");
    const std::string text = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    Message message;
    if (std::string problem = parse_message(text, hub_.options().limits.message_bytes, message);
        !problem.empty()) {
      return refuse("it is none of ours", problem);
    }
    if (const Hello* hello = std::get_if<Hello>(&message)) {
      if (session_ != nullptr) return refuse("a second hello");
      if (!greet(*hello)) return;
    } else if (session_ == nullptr) {
      return refuse("the first one is no hello");
    } else if (Event* event = std::get_if<Event>(&message)) {
      session_->take(std::move(*event));
    } else {
      session_->stop_run();
    }
    read();
  }

  bool greet(const Hello& hello) {
    if (!hello.session.empty()) {
      session_ = hub_.find(hello.session);
      if (session_ == nullptr) {
        do_close(CloseCode::ended, "This session has ended.");
        return false;
      }
    } else {
      session_ = hub_.create();
      if (session_ == nullptr) {
        hub_.warn("a session was refused", "there are as many as there may be");
        do_close(CloseCode::try_again_later, "Too many people are here. Try again later.");
        return false;
      }
    }
    greeting_.cancel();
    session_->attach(shared_from_this(), hello);
    return true;
  }

  void write(std::string message) {
    if (is_closed_) return;
    outgoing_ = std::move(message);
    stream_.async_write(asio::buffer(outgoing_),
                        [self = shared_from_this()](error_code error, std::size_t) {
                          if (error) return self->lost();
                          self->outgoing_.clear();
                          if (self->session_ != nullptr) self->session_->sent(*self);
                        });
  }

  void do_close(CloseCode code, std::string_view reason) {
    if (std::exchange(is_closed_, true)) return;
    greeting_.cancel();
    if (!stream_.is_open()) return lost();
    websocket::close_reason why;
    why.code = static_cast<std::uint16_t>(code);
    why.reason = beast::string_view(reason.data(), reason.size());
    stream_.async_close(why, [self = shared_from_this()](error_code) { self->lost(); });
  }

  Hub& hub_;
  Counted counted_;
  websocket::stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
  std::string outgoing_;
  asio::steady_timer greeting_;
  Pace pace_;
  std::shared_ptr<AppSession> session_;
  bool is_closed_ = false;
};

}  // namespace

void serve_socket(beast::tcp_stream stream, const http::request<http::empty_body>& request,
                  Hub& hub, Counted counted) {
  std::make_shared<SocketConnection>(std::move(stream), hub, std::move(counted))->start(request);
}

}  // namespace memoscape::inline v0::web

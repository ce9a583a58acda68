// The connections of a server: HTTP for files, media and uploads, WebSocket for pages.
//
// Thread-safety: everything of a connection happens on the one thread of the io_context.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <cstddef>
#include <memory>

#include "widgets/web/hub.hpp"

namespace memoscape::inline v0::web {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

// Counts connections while it lives.
class Counted {
 public:
  explicit Counted(std::atomic<std::size_t>& count) : count_(&count) { ++*count_; }
  Counted(Counted&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  Counted& operator=(Counted&&) = delete;
  ~Counted() {
    if (count_ != nullptr) --*count_;
  }

 private:
  std::atomic<std::size_t>* count_;
};

// Reads requests and answers them, until the client has enough.
void serve_http(asio::ip::tcp::socket socket, Hub& hub, Counted counted);

// Goes on as a WebSocket. The request is one that was let in.
void serve_socket(beast::tcp_stream stream, const http::request<http::empty_body>& request,
                  Hub& hub, Counted counted);

}  // namespace memoscape::inline v0::web

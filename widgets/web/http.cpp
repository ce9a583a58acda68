// HTTP: the page and its files, media, uploads, the inspector; and the door to WebSockets.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "widgets/web/assets.hpp"
#include "widgets/web/connection.hpp"
#include "widgets/web/guard.hpp"

namespace memoscape::inline v0::web {

namespace {

constexpr std::size_t kMostHeader = std::size_t{16} << 10;
constexpr std::size_t kMostCommand = 4096;
constexpr std::chrono::minutes kUploadTime{2};
constexpr std::string_view kInspector = "/memoscape";

// Scripts, styles and connections are ours alone; nothing is inline; nobody frames us.
constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'";
// What an application shows as a picture must not act as a page.
constexpr std::string_view kMediaPolicy = "default-src 'none'; sandbox";

std::string_view view_of(beast::string_view text) { return {text.data(), text.size()}; }

// What is answered. `owner` keeps the body alive.
struct Reply {
  http::status status = http::status::ok;
  std::string_view type = "text/plain; charset=utf-8";
  std::string_view body = {};
  std::shared_ptr<const void> owner = {};
  std::string_view policy = kPagePolicy;
  std::string_view cache = "no-store";
  std::vector<std::pair<http::field, std::string>> fields = {};
};

Reply plain(http::status status, std::string_view text) { return {.status = status, .body = text}; }

// "bytes=5-9" of so many: the first and the one behind the last; nothing for another form.
std::optional<std::pair<std::size_t, std::size_t>> range_of(std::string_view text,
                                                            std::size_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!text.starts_with(kUnit)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  std::size_t first = 0;
  const char* const end = text.data() + text.size();
  const auto begin = std::from_chars(text.data(), end, first);
  if (begin.ec != std::errc() || begin.ptr == end || *begin.ptr != '-') return std::nullopt;
  std::size_t last = size - 1;
  if (begin.ptr + 1 != end) {
    const auto rest = std::from_chars(begin.ptr + 1, end, last);
    if (rest.ec != std::errc() || rest.ptr != end) return std::nullopt;
  }
  if (first >= size || last < first) return std::nullopt;
  return std::pair(first, std::min(last, size - 1) + 1);
}

// Whether it can stand in a header: the application may have it from anywhere.
bool is_media_type(std::string_view type) {
  return !type.empty() &&
         std::all_of(type.begin(), type.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// "%41b" as "Ab"; nothing for what is not written that way.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '%') {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    unsigned byte = 0;
    if (text.size() < 3 ||
        std::from_chars(text.data() + 1, text.data() + 3, byte, 16).ptr != text.data() + 3) {
      return std::nullopt;
    }
    out += static_cast<char>(byte);
    text.remove_prefix(3);
  }
  return out;
}

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(asio::ip::tcp::socket socket, Hub& hub, Counted counted)
      : hub_(hub), counted_(std::move(counted)), stream_(std::move(socket)) {}

  void read() {
    parser_.emplace();
    parser_->header_limit(kMostHeader);
    // Content is not read, but by an upload, which has a limit of its own. (None would be the
    // least.)
    parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
    stream_.expires_after(hub_.options().limits.request);
    http::async_read_header(
        stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
          if (!error) return self->route();
          if (error == http::error::header_limit || error == http::error::bad_target) {
            self->hub_.warn("a request was refused", error.message());
          }
        });
  }

 private:
  using Request = http::request<http::empty_body>;

  void route() {
    const Request& request = parser_->get();
    const std::string_view target = view_of(request.target());
    const std::string_view path = target.substr(0, target.find('?'));
    const std::string_view host = view_of(request[http::field::host]);
    if (!is_our_host(host, hub_.options().hosts)) {
      hub_.warn("a request was refused", "it is for another host");
      return answer(plain(http::status::misdirected_request, "This is another host.\n"));
    }
    if (path == "/session") return open_socket();
    if (path == "/upload") return begin_upload(target);
    if (path == kInspector || path.starts_with(std::string(kInspector) + '/'))
      return inspect(target);
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
      return answer(plain(http::status::method_not_allowed, "Only GET is possible here.\n"));
    }
    constexpr std::string_view kMedia = "/media/";
    if (path.starts_with(kMedia)) return send_medium(std::string(path.substr(kMedia.size())));
    send_asset(path == "/" ? "/index.html" : path);
  }

  bool is_from_our_page() const {
    const Request& request = parser_->get();
    return is_our_origin(view_of(request[http::field::origin]), view_of(request[http::field::host]),
                         hub_.options().hosts);
  }

  void open_socket() {
    if (!beast::websocket::is_upgrade(parser_->get())) {
      return answer(plain(http::status::upgrade_required, "This is for WebSockets.\n"));
    }
    if (!is_from_our_page()) {
      hub_.warn("a connection was refused", "it is from a page of another origin");
      return answer(plain(http::status::forbidden, "Another origin.\n"));
    }
    serve_socket(std::move(stream_), parser_->release(), hub_, std::move(counted_));
  }

  void send_asset(std::string_view path) {
    for (const Asset& asset : assets()) {
      if (asset.path != path) continue;
      Reply reply = {.type = asset.type, .body = asset.body, .cache = "no-cache"};
      reply.fields.emplace_back(http::field::etag, asset.etag);
      const Request& request = parser_->get();
      if (view_of(request[http::field::if_none_match]) == asset.etag) {
        reply.status = http::status::not_modified;
        reply.body = {};
      } else if (view_of(request[http::field::accept_encoding]).find("gzip") !=
                 std::string_view::npos) {
        reply.fields.emplace_back(http::field::content_encoding, "gzip");
        reply.fields.emplace_back(http::field::vary, "Accept-Encoding");
        reply.body = asset.gzip;
      }
      return answer(std::move(reply));
    }
    answer(plain(http::status::not_found, "There is nothing here.\n"));
  }

  void send_medium(const std::string& link) {
    const MediaPtr medium = hub_.medium(link);
    if (medium == nullptr) {
      return answer(plain(http::status::not_found, "It is not on a page any more.\n"));
    }
    std::string_view type = medium->type;
    if (!is_media_type(type)) type = "application/octet-stream";
    Reply reply = {.type = type,
                   .body = medium->bytes,
                   .owner = medium,
                   .policy = kMediaPolicy,
                   .cache = "private, max-age=3600"};
    reply.fields.emplace_back(http::field::accept_ranges, "bytes");
    const std::string_view wanted = view_of(parser_->get()[http::field::range]);
    if (const auto range = range_of(wanted, medium->bytes.size())) {
      reply.status = http::status::partial_content;
      reply.body = reply.body.substr(range->first, range->second - range->first);
      reply.fields.emplace_back(http::field::content_range,
                                "bytes " + std::to_string(range->first) + "-" +
                                    std::to_string(range->second - 1) + "/" +
                                    std::to_string(medium->bytes.size()));
    }
    answer(std::move(reply));
  }

  // POST /upload?NODE with the session's id in X-Session and the file's name in X-Name. The limits
  // are known before the content is read.
  void begin_upload(std::string_view target) {
    const Request& request = parser_->get();
    if (request.method() != http::verb::post || !is_from_our_page()) {
      hub_.warn("an upload was refused", "it is from a page of another origin");
      return answer(plain(http::status::forbidden, "Another origin.\n"));
    }
    const std::string_view node = target.substr(std::min(target.find('?') + 1, target.size()));
    std::from_chars(node.data(), node.data() + node.size(), upload_node_);
    session_ = hub_.find(std::string(view_of(request["X-Session"])));
    const StateReadPtr widget = session_ ? session_->upload_widget(upload_node_) : nullptr;
    if (widget == nullptr) {
      return answer(plain(http::status::not_found, "There is no such widget on the page.\n"));
    }
    std::uint64_t most = hub_.options().limits.upload_bytes;
    if (const auto* bytes = widget->definition().attributes["max_bytes"].get_if<std::int64_t>()) {
      most = std::min(most, static_cast<std::uint64_t>(*bytes));
    }
    if (parser_->content_length() && *parser_->content_length() > most) {
      upload_text_ = "The file is too large: at most " + std::to_string(most) + " bytes.\n";
      return answer(plain(http::status::payload_too_large, upload_text_));
    }
    static std::atomic<std::size_t> uploads{0};
    if (uploads >= hub_.options().limits.uploads) {
      return answer(plain(http::status::service_unavailable,
                          "Others are uploading. Try again in a moment.\n"));
    }
    uploading_.emplace(uploads);
    read_content(most, &HttpConnection::end_upload);
  }

  // Reads the content of the request, if it is not too large, and goes on.
  void read_content(std::uint64_t most, void (HttpConnection::*then)()) {
    content_.emplace(std::move(*parser_));
    content_->body_limit(most);
    stream_.expires_after(kUploadTime);
    http::async_read(
        stream_, buffer_, *content_,
        [self = shared_from_this(), then](error_code error, std::size_t) {
          if (error == http::error::body_limit) {
            self->hub_.warn("a request was refused", "its content is too large");
            return self->answer(plain(http::status::payload_too_large, "It is too large.\n"));
          }
          if (!error) (self.get()->*then)();
        });
  }

  void end_upload() {
    uploading_.reset();
    auto& request = content_->get();
    std::optional<std::string> name = percent_decoded(view_of(request["X-Name"]));
    if (!name) return answer(plain(http::status::bad_request, "The name is not readable.\n"));
    auto file = std::make_shared<Media>();
    file->name = *std::move(name);
    file->type = std::string(view_of(request[http::field::content_type]));
    file->bytes = std::move(request.body());
    session_->take_upload(upload_node_, std::move(file));
    answer(plain(http::status::no_content, {}));
  }

  // --- the inspector: /memoscape, and what its page asks for

  void inspect(std::string_view target) {
    const Inspector* inspector = hub_.inspector();
    if (inspector == nullptr) {
      return answer(plain(http::status::not_found, "The inspector is off.\n"));
    }
    constexpr std::string_view kToken = "?token=";
    const std::size_t query = std::min(target.find(kToken), target.size());
    if (!inspector->admits(target.substr(std::min(query + kToken.size(), target.size())))) {
      hub_.warn("an inspector was refused", "its token is not right");
      return answer(plain(http::status::forbidden, "The token is missing, or not right.\n"));
    }
    const std::string_view what = target.substr(kInspector.size(), query - kInspector.size());
    const http::verb method = parser_->get().method();
    if (method == http::verb::get && what.empty()) {
      return inspect_with([inspector] { return inspector->page(); });
    }
    if (method == http::verb::get && what == "/report.json") {
      return inspect_with([inspector] { return inspector->report(); });
    }
    const bool is_command = what == "/clear" || what == "/limits";
    if (method != http::verb::post || !is_command) {
      return answer(plain(http::status::not_found, "There is nothing here.\n"));
    }
    if (!is_from_our_page()) {
      hub_.warn("an inspector was refused", "it is from a page of another origin");
      return answer(plain(http::status::forbidden, "Another origin.\n"));
    }
    read_content(kMostCommand,
                 what == "/clear" ? &HttpConnection::end_clear : &HttpConnection::end_limits);
  }

  void end_clear() {
    inspect_with([this] { return hub_.inspector()->clear(content_->get().body()); });
  }
  void end_limits() {
    inspect_with([this] { return hub_.inspector()->set_limits(content_->get().body()); });
  }

  // A report takes time: a worker makes it. Nothing else is done on this connection meanwhile.
  template <class F>
  void inspect_with(F act) {
    hub_.workers().post([self = shared_from_this(), act] {
      auto made = std::make_shared<Inspector::Answer>(act());
      asio::post(self->stream_.get_executor(), [self, made] {
        Reply reply = {.status = static_cast<http::status>(made->status),
                       .type = made->type,
                       .body = made->body,
                       .owner = made};
        if (!made->policy.empty()) reply.policy = made->policy;
        self->answer(std::move(reply));
      });
    });
  }

  void answer(Reply reply) {
    owner_ = std::move(reply.owner);
    const bool has_content_read = content_.has_value();
    const auto& fields =
        has_content_read ? static_cast<const http::fields&>(content_->get()) : parser_->get();
    const bool is_head = !has_content_read && parser_->get().method() == http::verb::head;
    // Content that was not asked for is not read.
    const bool is_read =
        has_content_read ? content_->is_done() : parser_->is_done() || !has_content(fields);
    const bool stays =
        is_read && (has_content_read ? content_->keep_alive() : parser_->keep_alive());

    response_.emplace();
    auto& response = *response_;
    response.result(reply.status);
    response.keep_alive(stays);
    response.set(http::field::content_type,
                 beast::string_view(reply.type.data(), reply.type.size()));
    response.set(http::field::cache_control, std::string(reply.cache));
    response.set("Content-Security-Policy", std::string(reply.policy));
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Referrer-Policy", "no-referrer");
    response.set("Cross-Origin-Resource-Policy", "same-origin");
    response.set("Permissions-Policy", "camera=(self), microphone=(self)");
    for (const auto& [field, value] : reply.fields) response.set(field, value);
    response.content_length(reply.body.size());
    if (!is_head && reply.status != http::status::no_content &&
        reply.status != http::status::not_modified) {
      response.body() = {reply.body.data(), reply.body.size()};
    }
    stream_.expires_after(reply.body.size() > kMostHeader ? kUploadTime
                                                          : hub_.options().limits.request);
    serializer_.emplace(response);
    serializer_->split(is_head);
    const auto done = [self = shared_from_this(), stays](error_code error, std::size_t) {
      self->answered(error, stays);
    };
    if (is_head) {
      http::async_write_header(stream_, *serializer_, done);
    } else {
      http::async_write(stream_, *serializer_, done);
    }
  }

  static bool has_content(const http::fields& fields) {
    return fields.count(http::field::transfer_encoding) > 0 ||
           (fields.count(http::field::content_length) > 0 &&
            fields[http::field::content_length] != "0");
  }

  void answered(error_code error, bool stays) {
    serializer_.reset();
    response_.reset();
    owner_ = nullptr;
    content_.reset();
    uploading_.reset();
    session_ = nullptr;
    if (error) return;
    if (stays) return read();
    error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }

  Hub& hub_;
  Counted counted_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  std::optional<http::request_parser<http::string_body>> content_;  // of an upload or command
  std::optional<Counted> uploading_;
  std::shared_ptr<AppSession> session_;
  NodeId upload_node_ = 0;
  std::string upload_text_;
  // Of the answer.
  using Response = http::response<http::span_body<const char>>;
  std::optional<Response> response_;
  std::optional<http::response_serializer<http::span_body<const char>>> serializer_;
  std::shared_ptr<const void> owner_;
};

}  // namespace

void serve_http(asio::ip::tcp::socket socket, Hub& hub, Counted counted) {
  std::make_shared<HttpConnection>(std::move(socket), hub, std::move(counted))->read();
}

}  // namespace memoscape::inline v0::web

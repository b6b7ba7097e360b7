#include "libs/http/http_session.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <random>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "libs/http/stream_link.hpp"
#include "libs/http/url.hpp"
#include "libs/http/web_socket_link.hpp"

namespace sauda::http {
namespace {

constexpr std::size_t kReadStep = 8'192;
constexpr std::size_t kBufferBeyondHeader = 65'536;  // also what a chunk's head may take
constexpr std::size_t kWriteStep = 262'144;          // progress of a write is judged by this much

constexpr std::chrono::milliseconds kLinger{1'000};  // for the peer's end of the connection
constexpr std::size_t kLingerBytes = 4'194'304;

/// The one answer of a request. Dropped without one, it answers 500.
class Reply {
 public:
  Reply(std::shared_ptr<HttpSession> session, std::shared_ptr<ServerCore> core)
      : session_{std::move(session)}, core_{std::move(core)} {}
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply() {
    if (Take()) {
      session_->Answer(core_->ErrorAnswer(500, "HANDLER_FAILED", "the request got no answer",
                                          /*request=*/nullptr));
    }
  }

  /// True for the first caller only.
  bool Take() { return !taken_.exchange(true) && !core_->stopped; }
  HttpSession& session() { return *session_; }

 private:
  const std::shared_ptr<HttpSession> session_;
  const std::shared_ptr<ServerCore> core_;
  std::atomic<bool> taken_{false};
};

/// A stream that ended before it began.
class NoStream final : public StreamWriter {
 public:
  using StreamWriter::Write;
  Offer Write(std::shared_ptr<const std::string>) override { return Offer::kGone; }
  bool CanWrite() const override { return false; }
  std::size_t buffered_bytes() const override { return 0; }
  void Close() override {}
  void Abort() override {}
};

class StreamStartReply final : public StreamStart {
 public:
  explicit StreamStartReply(std::shared_ptr<Reply> reply) : reply_{std::move(reply)} {}
  void Refuse(Response response) override {
    if (reply_->Take()) reply_->session().Answer(std::move(response));
  }
  std::shared_ptr<StreamWriter> Accept(Response head, StreamOptions options) override {
    if (!reply_->Take()) return std::make_shared<NoStream>();
    return reply_->session().AcceptStream(std::move(head), std::move(options));
  }

 private:
  const std::shared_ptr<Reply> reply_;
};

class UpgradeReply final : public Upgrade {
 public:
  explicit UpgradeReply(std::shared_ptr<Reply> reply) : reply_{std::move(reply)} {}
  void Refuse(Response response) override {
    if (reply_->Take()) reply_->session().Answer(std::move(response));
  }
  std::shared_ptr<WebSocket> Accept(Headers headers, WebSocketOptions options,
                                    WebSocketEvents events) override {
    if (!reply_->Take()) return NoWebSocket();
    return reply_->session().AcceptWebSocket(std::move(headers), options, std::move(events));
  }

 private:
  const std::shared_ptr<Reply> reply_;
};

bool IsSaneId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
  });
}

std::string MakeRequestId() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint64_t bits = random();
  std::string id(16, '0');
  for (char& digit : id) {
    digit = kDigits[bits & 0xfU];
    bits >>= 4U;
  }
  return id;
}

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

HttpSession::HttpSession(std::shared_ptr<ServerCore> core, AnyStream stream, std::string peer)
    : core_{std::move(core)},
      strand_{stream.get_executor()},
      stream_{std::move(stream)},
      peer_{std::move(peer)},
      buffer_{core_->options.max_header_bytes + kBufferBeyondHeader} {}

HttpSession::~HttpSession() { core_->Leave(this); }

void HttpSession::Start() {
  core_->Join(shared_from_this());
  net::dispatch(strand_, [self = shared_from_this()] {
    if (self->stream_.tls() == nullptr) return self->AwaitRequest();
    self->stream_.next_layer().expires_after(self->core_->options.handshake_deadline);
    self->stream_.tls()->async_handshake(net::ssl::stream_base::server,
                                         [self](beast::error_code error) {
                                           if (error) return self->Close();
                                           self->AwaitRequest();
                                         });
  });
}

void HttpSession::Finish() {
  net::post(strand_, [self = shared_from_this()] {
    self->keep_alive_ = false;
    if (self->idle_) self->Close();
  });
}

void HttpSession::Cut() {
  net::post(strand_, [self = shared_from_this()] { self->Close(); });
}

void HttpSession::AwaitRequest() {
  if (closed_) return;
  if (core_->stopping) return Close();
  if (buffer_.size() > 0) return ReadHead();  // pipelined
  idle_ = true;
  stream_.next_layer().expires_after(core_->options.idle_deadline);
  stream_.async_read_some(buffer_.prepare(kReadStep),
                          [self = shared_from_this()](beast::error_code error, std::size_t size) {
                            self->idle_ = false;
                            if (error || self->closed_) return self->Close();
                            self->buffer_.commit(size);
                            self->ReadHead();
                          });
}

void HttpSession::ReadHead() {
  began_ = std::chrono::steady_clock::now();
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(core_->options.max_header_bytes));
  parser_->body_limit(core_->options.max_body_bytes);
  request_ = Request{.request_id = MakeRequestId()};
  stream_.next_layer().expires_after(core_->options.read_deadline);
  beast::http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](beast::error_code error, std::size_t) { self->OnHead(error); });
}

void HttpSession::OnHead(beast::error_code error) {
  namespace http = beast::http;
  if (closed_) return;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return Refuse(431, "HEADER_TOO_LARGE", "the request's header is too large");
  }
  if (error == http::error::body_limit) {
    return Refuse(413, "BODY_TOO_LARGE", "the request's body is too large");
  }
  if (error && error.category() == http::make_error_code(http::error::bad_method).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message) {
    return Refuse(400, "REQUEST_MALFORMED", "not an HTTP request: " + error.message());
  }
  if (error) return Close();  // the client went away, or was too slow
  keep_alive_ = parser_->get().keep_alive();
  if (!beast::iequals(parser_->get()[http::field::expect], "100-continue")) return ReadBody();
  static constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
  net::async_write(stream_, net::buffer(kGoOn),
                   [self = shared_from_this()](beast::error_code written, std::size_t) {
                     if (written || self->closed_) return self->Close();
                     self->ReadBody();
                   });
}

void HttpSession::ReadBody() {
  if (parser_->is_done()) return OnRequest();
  beast::http::async_read(stream_, buffer_, *parser_,
                          [self = shared_from_this()](beast::error_code error, std::size_t) {
                            if (self->closed_) return;
                            if (error == beast::http::error::body_limit) {
                              return self->Refuse(413, "BODY_TOO_LARGE",
                                                  "the request's body is too large");
                            }
                            // A chunk's head and the trailer count for neither limit.
                            if (error == beast::http::error::buffer_overflow) {
                              return self->Refuse(400, "REQUEST_MALFORMED",
                                                  "a chunk's head or the trailer is too long");
                            }
                            if (error == beast::http::error::bad_chunk ||
                                error == beast::http::error::bad_chunk_extension) {
                              return self->Refuse(400, "REQUEST_MALFORMED", "broken chunked body");
                            }
                            if (error) return self->Close();
                            self->OnRequest();
                          });
}

std::optional<Response> HttpSession::BuildRequest() {
  namespace http = beast::http;
  auto& message = parser_->get();
  const auto refuse = [this](const std::string& why) {
    return core_->ErrorAnswer(400, "REQUEST_MALFORMED", why, &request_);
  };
  request_.method = View(message.method_string());
  request_.target = View(message.target());
  request_.peer = peer_;
  for (const auto& field : message) {
    request_.headers.Add(std::string{View(field.name_string())}, std::string{View(field.value())});
  }
  if (const auto id = request_.headers.Get("X-Request-Id"); IsSaneId(id)) request_.request_id = id;
  if (message.version() >= 11 && message.count(http::field::host) != 1) {
    return refuse("exactly one Host header is needed");
  }
  if (message.version() != 11 && message.version() != 10) {
    return core_->ErrorAnswer(400, "REQUEST_MALFORMED", "only HTTP/1.1 and HTTP/1.0", &request_);
  }
  if (!request_.target.starts_with('/')) return refuse("the target is not a path");
  const std::size_t question = request_.target.find('?');
  auto path = PercentDecode(std::string_view{request_.target}.substr(0, question));
  auto query = question == std::string::npos
                   ? Fields{}
                   : ParseFields(std::string_view{request_.target}.substr(question + 1));
  if (!path || !query) return refuse("a percent escape in the target is broken");
  request_.path = std::move(*path);
  request_.query = std::move(*query);
  return std::nullopt;
}

void HttpSession::OnRequest() {
  stream_.next_layer().expires_never();
  if (auto refused = BuildRequest()) {
    keep_alive_ = false;
    return Write(std::move(*refused));
  }
  if (core_->options.filter) {
    // The filter sees the body too; it is moved on to the handler afterwards.
    request_.body = std::move(parser_->get().body());
    if (auto ended = core_->options.filter(request_)) return Write(std::move(*ended));
    parser_->get().body() = std::move(request_.body);
    request_.body.clear();
  }
  Request request = request_;
  request.body = std::move(parser_->get().body());
  Dispatch(std::move(request));
}

void HttpSession::Dispatch(Request request) {
  using Kind = Router::Match::Kind;
  const std::string_view path = std::string_view{request.target}.substr(
      0, std::min(request.target.find('?'), request.target.size()));
  const bool upgrade = beast::websocket::is_upgrade(parser_->get());
  Router::Match match;
  if (upgrade) match = core_->router.Find(kUpgradeMethod, path);
  if (match.kind != Kind::kFound) {
    match = core_->router.Find(request.method == "HEAD" ? "GET" : request.method, path);
  }
  switch (match.kind) {
    case Kind::kMalformed:
      return Write(core_->ErrorAnswer(400, "REQUEST_MALFORMED", "broken path", &request_));
    case Kind::kUnknownPath:
      return Write(core_->ErrorAnswer(404, "PATH_UNKNOWN", "no such path", &request_));
    case Kind::kOtherMethod: {
      if (match.allowed == kUpgradeMethod) {
        Response answer = core_->ErrorAnswer(426, "UPGRADE_REQUIRED",
                                             "this path answers a WebSocket only", &request_);
        answer.headers.Set("Upgrade", "websocket");
        return Write(std::move(answer));
      }
      Response answer = core_->ErrorAnswer(405, "METHOD_NOT_ALLOWED",
                                           "this path allows " + match.allowed, &request_);
      answer.headers.Set("Allow", match.allowed);
      return Write(std::move(answer));
    }
    case Kind::kFound:
      break;
  }
  const ServerCore::RouteEntry& route = core_->routes[match.route];
  request.path_params = std::move(match.params);
  request.route = route.pattern;
  request_.route = route.pattern;
  Hand(std::move(request), route);
}

void HttpSession::Hand(Request request, const ServerCore::RouteEntry& route) {
  auto reply = std::make_shared<Reply>(shared_from_this(), core_);
  if (const auto* plain = std::get_if<Handler>(&route.handler)) {
    (*plain)(std::move(request), [reply](Response response) {
      if (reply->Take()) reply->session().Answer(std::move(response));
    });
  } else if (const auto* stream = std::get_if<StreamHandler>(&route.handler)) {
    (*stream)(std::move(request), std::make_shared<StreamStartReply>(std::move(reply)));
  } else {
    std::get<UpgradeHandler>(route.handler)(std::move(request),
                                            std::make_shared<UpgradeReply>(std::move(reply)));
  }
}

void HttpSession::Answer(Response response) {
  net::dispatch(strand_, [self = shared_from_this(), response = std::move(response)]() mutable {
    self->Write(std::move(response));
  });
}

std::shared_ptr<StreamWriter> HttpSession::AcceptStream(Response head, StreamOptions options) {
  const bool chunked = parser_->get().version() >= 11;
  head.headers.Set("X-Request-Id", request_.request_id);
  if (core_->options.decorate) core_->options.decorate(request_, head);
  auto link = std::make_shared<StreamLink>(core_, strand_, std::move(options), chunked,
                                           FormatHead(head, std::nullopt, chunked, false));
  net::dispatch(strand_, [self = shared_from_this(), link, status = head.status] {
    self->response_.status = status;
    self->OnAnswered();
    if (self->closed_) return link->Abort();
    self->given_away_ = true;
    link->Start(std::move(self->stream_));
  });
  return link;
}

std::shared_ptr<WebSocket> HttpSession::AcceptWebSocket(Headers headers, WebSocketOptions options,
                                                        WebSocketEvents events) {
  Response head;
  head.status = 101;
  head.headers = std::move(headers);
  head.headers.Set("X-Request-Id", request_.request_id);
  if (core_->options.decorate) core_->options.decorate(request_, head);
  auto link = std::make_shared<WebSocketLink>(core_, strand_, options, std::move(events));
  link->OnEnd([core = core_, peer = static_cast<const Peer*>(link.get())] { core->Leave(peer); });
  core_->Join(link);
  net::dispatch(strand_, [self = shared_from_this(), link, headers = head.headers]() mutable {
    self->response_.status = 101;
    self->OnAnswered();
    self->given_away_ = !self->closed_;
    if (self->closed_) return link->Abandon();
    link->StartServer(std::move(self->stream_), self->parser_->release(), std::move(headers));
  });
  return link;
}

void HttpSession::Refuse(int status, std::string_view reason, const std::string& message) {
  keep_alive_ = false;
  Write(core_->ErrorAnswer(status, reason, message, &request_));
}

void HttpSession::Write(Response response) {
  if (closed_ || given_away_) return;
  response_ = std::move(response);
  if (response_.drop) {
    beast::error_code ignored;  // zero linger: the peer sees a reset
    stream_.next_layer().socket().set_option(net::socket_base::linger{true, 0}, ignored);
    return Close();
  }
  response_.headers.Set("X-Request-Id", request_.request_id);
  if (core_->options.decorate) core_->options.decorate(request_, response_);
  keep_alive_ = keep_alive_ && !response_.close && !core_->stopping;
  head_ = FormatHead(response_, response_.content().size(), false, keep_alive_);
  if (request_.method == "HEAD") {
    response_.body.clear();
    response_.shared_body.reset();
  }
  written_ = 0;
  WriteMore();
}

void HttpSession::WriteMore() {
  const std::string& content = response_.content();
  std::array<net::const_buffer, 2> parts;
  if (written_ < head_.size()) {
    parts[0] = net::buffer(head_) + written_;
    parts[1] = net::buffer(content, std::min(content.size(), kWriteStep));
  } else {
    parts[0] = net::buffer(net::buffer(content) + (written_ - head_.size()), kWriteStep);
  }
  stream_.next_layer().expires_after(core_->options.write_deadline);
  net::async_write(stream_, parts,
                   [self = shared_from_this()](beast::error_code error, std::size_t size) {
                     if (error || self->closed_) return self->Close();
                     self->written_ += size;
                     if (self->written_ < self->head_.size() + self->response_.content().size()) {
                       return self->WriteMore();
                     }
                     self->OnAnswered();
                     if (!self->keep_alive_) return self->Linger();
                     self->response_ = Response{};
                     self->AwaitRequest();
                   });
}

void HttpSession::Linger() {
  // Closing with unread bytes would reset the connection and may lose the answer on its way.
  beast::error_code ignored;
  stream_.next_layer().socket().shutdown(net::ip::tcp::socket::shutdown_send, ignored);
  stream_.next_layer().expires_after(kLinger);
  Drain(kLingerBytes);
}

void HttpSession::Drain(std::size_t left) {
  buffer_.clear();
  stream_.next_layer().async_read_some(
      buffer_.prepare(kReadStep),
      [self = shared_from_this(), left](beast::error_code error, std::size_t size) {
        if (error || self->closed_ || size >= left) return self->Close();
        self->Drain(left - size);
      });
}

void HttpSession::OnAnswered() {
  if (!core_->options.on_answered) return;
  core_->options.on_answered({.method = request_.method,
                              .route = request_.route,
                              .request_id = request_.request_id,
                              .status = response_.status,
                              .took = std::chrono::steady_clock::now() - began_});
}

void HttpSession::Close() {
  if (closed_ || given_away_) return;
  closed_ = true;
  beast::error_code ignored;
  // A plain shutdown first, so that the answer just written is not lost to a reset.
  if (!response_.drop) {
    stream_.next_layer().socket().shutdown(net::ip::tcp::socket::shutdown_both, ignored);
  }
  stream_.Close();
}

}  // namespace sauda::http

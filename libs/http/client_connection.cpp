#include "libs/http/client_connection.hpp"

#include <array>
#include <limits>

#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <sys/socket.h>

#include "libs/http/client_tls.hpp"

namespace sauda::http {
namespace {

namespace http = beast::http;

constexpr std::size_t kPiece = 65'536;
constexpr std::uint32_t kMaxHeaderBytes = 65'536;

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

AnyStream MakeStream(const Url& url, net::io_context& io, net::ssl::context& tls) {
  AnyStream::Tcp tcp{io};
  return url.tls() ? AnyStream{std::move(tcp), tls} : AnyStream{std::move(tcp)};
}

Error Timeout(const std::string& host, const char* doing) {
  return {Code::kDeadlineExceeded, "TIMEOUT", host + ": " + doing + " took too long"};
}

Error ProtocolError(const std::string& host, const std::string& what) {
  return {Code::kUnavailable, "PROTOCOL_ERROR", host + ": " + what};
}

}  // namespace

ClientConnection::ClientConnection(const Url& url, net::ssl::context& tls)
    : host_{url.HostPort()}, io_{1}, stream_{MakeStream(url, io_, tls)} {
  name_expected_ = !url.tls() || ExpectHost(*stream_.tls(), url.host);
}

template <typename Start>
beast::error_code ClientConnection::Await(Deadline deadline, const Start& start) {
  bool done = false;
  beast::error_code result;
  start([&done, &result](beast::error_code error, auto&&...) {
    done = true;
    result = error;
  });
  io_.restart();
  io_.run_until(deadline);
  if (done) return result;
  stream_.Close();
  io_.restart();
  io_.run();  // ends at once: the operation is aborted
  return beast::error::timeout;
}

Result<void> ClientConnection::Open(const Endpoints& endpoints, Deadline deadline) {
  if (!name_expected_) {  // a handshake now would prove nothing
    return Error{Code::kUnavailable, "TLS_FAILED", host_ + ": the host's name is not usable"};
  }
  const auto connected = Await(deadline, [&](auto handler) {
    stream_.next_layer().async_connect(endpoints, std::move(handler));
  });
  if (connected == beast::error::timeout) return Timeout(host_, "connecting");
  if (connected) {
    return Error{Code::kUnavailable, "CONNECT_FAILED", host_ + ": " + connected.message()};
  }
  beast::error_code ignored;
  stream_.next_layer().socket().set_option(net::ip::tcp::no_delay{true}, ignored);
  if (stream_.tls() == nullptr) return {};
  const auto shaken = Await(deadline, [&](auto handler) {
    stream_.tls()->async_handshake(net::ssl::stream_base::client, std::move(handler));
  });
  if (shaken == beast::error::timeout) return Timeout(host_, "the TLS handshake");
  if (shaken) {
    return Error{Code::kUnavailable, "TLS_FAILED",
                 host_ + ": " + DescribeTlsFailure(*stream_.tls(), shaken)};
  }
  return {};
}

bool ClientConnection::IsQuiet() {
  char byte = 0;
  const ssize_t got =
      ::recv(stream_.next_layer().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::string ClientConnection::Format(const Exchange& exchange) const {
  const ClientRequest& request = exchange.request;
  std::string text = request.method + " " + exchange.url.target + " HTTP/1.1\r\n";
  text += "Host: " + exchange.url.HostHeader() + "\r\n";
  if (!request.headers.Has("User-Agent")) text += "User-Agent: " + exchange.user_agent + "\r\n";
  if (!request.headers.Has("Accept")) text += "Accept: */*\r\n";
  for (const auto& [name, value] : request.headers)
    text.append(name).append(": ").append(value).append("\r\n");
  const bool carries = !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (carries) text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return text + "\r\n";
}

SendResult ClientConnection::Run(const Exchange& exchange, bool& unanswered) {
  reusable_ = false;
  unanswered = true;
  for (const auto& [name, value] : exchange.request.headers) {
    if ((name + value).find_first_of("\r\n") != std::string::npos) {
      return tl::unexpected{SendFailure{
          {Code::kInvalidArgument, "HEADER_MALFORMED", "a header holds a line break"}, false}};
    }
  }
  const std::string head = Format(exchange);
  const std::array<net::const_buffer, 2> parts{net::buffer(head),
                                               net::buffer(exchange.request.body)};
  const auto written = Await(exchange.deadline, [&](auto handler) {
    net::async_write(stream_, parts, std::move(handler));
  });
  if (written == beast::error::timeout) {
    return tl::unexpected{SendFailure{Timeout(host_, "sending"), true}};
  }
  if (written) {
    return tl::unexpected{SendFailure{ProtocolError(host_, written.message()), true}};
  }
  return ReadAnswer(exchange, unanswered);
}

SendResult ClientConnection::ReadAnswer(const Exchange& exchange, bool& unanswered) {
  const auto fail = [this](const beast::error_code& error) {
    const bool late = error == beast::error::timeout;
    return tl::unexpected{SendFailure{
        late ? Timeout(host_, "the answer") : ProtocolError(host_, error.message()), true}};
  };
  std::optional<http::response_parser<http::buffer_body>> parser;
  do {  // past interim answers
    parser.emplace();
    parser->header_limit(kMaxHeaderBytes);
    parser->body_limit(std::numeric_limits<std::uint64_t>::max());  // counted below
    if (exchange.request.method == "HEAD") parser->skip(true);
    const auto read = Await(exchange.deadline, [&](auto handler) {
      http::async_read_header(stream_, buffer_, *parser, std::move(handler));
    });
    if (read && (buffer_.size() > 0 || parser->got_some())) unanswered = false;
    if (read) return fail(read);
    unanswered = false;
  } while (parser->get().result_int() < 200);

  ClientResponse response;
  response.status = static_cast<int>(parser->get().result_int());
  for (const auto& field : parser->get()) {
    response.headers.Add(std::string{View(field.name_string())}, std::string{View(field.value())});
  }
  const bool streamed = exchange.on_chunk != nullptr && response.ok();
  std::string piece(kPiece, '\0');
  std::size_t total = 0;
  while (!parser->is_done()) {
    auto& body = parser->get().body();
    body.data = piece.data();
    body.size = piece.size();
    const auto read = Await(exchange.deadline, [&](auto handler) {
      http::async_read_some(stream_, buffer_, *parser, std::move(handler));
    });
    if (read && read != http::error::need_buffer) return fail(read);
    const std::string_view bytes{piece.data(), piece.size() - body.size};
    total += bytes.size();
    if (total > exchange.max_bytes) {
      return tl::unexpected{SendFailure{
          {Code::kResourceExhausted, "BODY_TOO_LARGE",
           host_ + ": the answer is over " + std::to_string(exchange.max_bytes) + " bytes"},
          true}};
    }
    if (!streamed) {
      response.body.append(bytes);
    } else if (!bytes.empty()) {
      if (auto taken = (*exchange.on_chunk)(bytes); !taken) {
        return tl::unexpected{SendFailure{taken.error(), true}};
      }
    }
  }
  reusable_ = parser->keep_alive() && buffer_.size() == 0;
  idle_since_ = std::chrono::steady_clock::now();
  return response;
}

}  // namespace sauda::http

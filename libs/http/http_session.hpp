#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "libs/http/any_stream.hpp"
#include "libs/http/server_core.hpp"

namespace sauda::http {

/// One accepted connection while it speaks HTTP: reads a request, hands it to its route, writes the
/// answer, and so on. A stream or a WebSocket takes the connection away from it. All work is done
/// on the connection's strand. Internal to libs/http.
class HttpSession final : public Peer, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(std::shared_ptr<ServerCore> core, AnyStream stream, std::string peer);
  ~HttpSession() override;

  void Start();
  void Finish() override;
  void Cut() override;

  /// Answers the request under way. From any thread.
  void Answer(Response response);
  std::shared_ptr<StreamWriter> AcceptStream(Response head, StreamOptions options);
  std::shared_ptr<WebSocket> AcceptWebSocket(Headers headers, WebSocketOptions options,
                                             WebSocketEvents events);

 private:
  using Parser = beast::http::request_parser<beast::http::string_body>;

  void AwaitRequest();
  void ReadHead();
  void OnHead(beast::error_code error);
  void ReadBody();
  void OnRequest();
  std::optional<Response> BuildRequest();
  void Dispatch(Request request);
  void Hand(Request request, const ServerCore::RouteEntry& route);
  void Write(Response response);
  void WriteMore();
  void Linger();
  void Drain(std::size_t left);
  void OnAnswered();
  void Refuse(int status, std::string_view reason, const std::string& message);
  void Close();

  const std::shared_ptr<ServerCore> core_;
  const AnyStream::executor_type strand_;  // stays when the stream is given away
  AnyStream stream_;
  const std::string peer_;
  beast::flat_buffer buffer_;  // bounded, whatever a request says of itself
  std::optional<Parser> parser_;
  Request request_;  // without its body: what the answer, its headers and the log need
  std::chrono::steady_clock::time_point began_;
  bool keep_alive_ = true;
  bool idle_ = false;  // nothing of a request has come yet
  bool closed_ = false;
  bool given_away_ = false;  // the connection is a stream's or a WebSocket's now
  // The answer under way.
  Response response_;
  std::string head_;
  std::size_t written_ = 0;  // bytes of head and content
};

}  // namespace sauda::http

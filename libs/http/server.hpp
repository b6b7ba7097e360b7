#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"
#include "libs/http/message.hpp"
#include "libs/http/stream_writer.hpp"
#include "libs/http/web_socket.hpp"
#include "libs/http/worker_pool.hpp"

namespace sauda::http {

/// A certificate chain and its key, PEM. Give each as text or as a file; text wins.
struct ServerTls {
  std::string certificate_pem;
  std::string key_pem;
  std::string certificate_file;
  std::string key_file;
};

/// What one answered request cost, for metrics and access logs.
struct AccessRecord {
  std::string_view method;
  std::string_view route;  // the pattern, "" when nothing matched
  std::string_view request_id;
  int status = 0;
  std::chrono::nanoseconds took{0};
};

/// Gives the answer to a request. May be called once, later, and from any thread. A handler that
/// drops it without calling answers 500.
using Respond = std::function<void(Response)>;

/// Runs on an I/O thread and must not block; wrap blocking work with `Blocking`.
using Handler = std::function<void(Request, Respond)>;

/// Answers a request with a stream or with an ordinary response. Use once.
class StreamStart {
 public:
  virtual ~StreamStart() = default;
  /// Answers with a whole response instead.
  virtual void Refuse(Response response) = 0;
  /// Sends status and headers (the body is ignored) and returns the way to write more.
  virtual std::shared_ptr<StreamWriter> Accept(Response head, StreamOptions options) = 0;
};
using StreamHandler = std::function<void(Request, std::shared_ptr<StreamStart>)>;

/// Answers a WebSocket upgrade. Use once, at any time, from any thread.
class Upgrade {
 public:
  virtual ~Upgrade() = default;
  /// Answers with an HTTP response instead: 401, 403, a 302 to another host.
  virtual void Refuse(Response response) = 0;
  /// Accepts; `headers` are added to the 101 answer. OnOpen follows once it is written.
  virtual std::shared_ptr<WebSocket> Accept(Headers headers, WebSocketOptions options,
                                            WebSocketEvents events) = 0;
};
using UpgradeHandler = std::function<void(Request, std::shared_ptr<Upgrade>)>;

struct ServerOptions {
  std::string address = "127.0.0.1";  // an IP address, not a name
  std::uint16_t port = 0;             // 0: any free one, see Server::port
  std::optional<ServerTls> tls;       // absent: plain
  std::size_t threads = 2;
  std::size_t max_connections = 4'096;               // more are closed as they come
  std::size_t max_header_bytes = 16'384;             // over it: 431
  std::size_t max_body_bytes = 1'048'576;            // over it: 413
  std::chrono::milliseconds read_deadline{10'000};   // first byte of a request to its last
  std::chrono::milliseconds write_deadline{30'000};  // without progress of a write
  std::chrono::milliseconds idle_deadline{60'000};   // between requests
  std::chrono::milliseconds handshake_deadline{10'000};
  /// Runs before routing, on an I/O thread: a response here ends the request. Host checks, faults.
  std::function<std::optional<Response>(const Request&)> filter;
  /// Sees every answer, upgrades and streams too, before it is written: headers common to all.
  std::function<void(const Request&, Response&)> decorate;
  /// Makes the body of errors that the server itself finds (400, 404, 405, 413, 431, 500, 503).
  /// `reason` is one of REQUEST_MALFORMED, PATH_UNKNOWN, METHOD_NOT_ALLOWED, BODY_TOO_LARGE,
  /// HEADER_TOO_LARGE, UPGRADE_REQUIRED, HANDLER_FAILED, BUSY. Default: text/plain.
  std::function<Response(int status, std::string_view reason, const std::string& message,
                         const Request* request)>
      error_answer;
  /// Called after each answer, on an I/O thread.
  std::function<void(const AccessRecord&)> on_answered;
};

/// An HTTP/1.1 and WebSocket server on Boost.Beast with threads of its own. Routes are added before
/// Start. A pattern is literal segments and `{name}` segments: "/v2/order/{id}"; a literal wins
/// over a name. HEAD is answered by the GET route. Thread-safe after Start.
class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();  // stops at once
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void Route(std::string method, std::string pattern, Handler handler);
  void RouteStream(std::string method, std::string pattern, StreamHandler handler);
  /// A request to it that is no upgrade goes to a GET route of the same pattern, else gets 426.
  void RouteWebSocket(std::string pattern, UpgradeHandler handler);

  /// Binds and starts to accept. Fails with kInvalidArgument / ADDRESS_INVALID, TLS_INVALID, or
  /// kUnavailable / BIND_FAILED.
  Result<void> Start();

  /// The port bound, valid after Start.
  std::uint16_t port() const;
  /// "http://127.0.0.1:8080" or https, valid after Start.
  std::string url() const;

  std::size_t connections() const;

  /// Stops accepting, lets answers under way finish, ends streams and WebSockets (1001), and after
  /// `grace` cuts what is left. Joins the threads. May be called twice; not from a handler.
  void Stop(std::chrono::milliseconds grace = std::chrono::seconds{5});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Runs a handler that may block on the pool; a full pool answers 503 BUSY by `busy`. The pool must
/// outlive the server.
Handler Blocking(WorkerPool& pool, std::function<Response(const Request&)> handle,
                 std::function<Response(const Request&)> busy = nullptr);

}  // namespace sauda::http

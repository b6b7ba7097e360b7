#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "libs/http/client.hpp"
#include "libs/http/web_socket.hpp"

namespace sauda::http {

/// Why a WebSocket did not open. Reasons as in SendFailure, and UPGRADE_REFUSED (kUnavailable) when
/// the peer answered something else than 101; `answer` then says what.
struct OpenFailure {
  Error error;
  ClientResponse answer;  // status 0 when there was none
};

struct WebSocketClientOptions {
  TrustedCa ca;
  EgressList allowed;
  std::chrono::milliseconds connect_deadline{10'000};  // name, TCP, TLS and upgrade together
  bool follow_redirect = false;                        // one 302 to another allowed address
  std::string user_agent = "Mozilla/5.0 (compatible; sauda/0.1)";
};

/// Opens WebSockets and runs them on one thread of its own, which calls their events. TLS is
/// verified as by Client. Thread-safe; Open must not be called from an event.
class WebSocketClient {
 public:
  /// Fails with kInvalidArgument / TLS_INVALID.
  static Result<std::unique_ptr<WebSocketClient>> Make(WebSocketClientOptions options);
  ~WebSocketClient();  // drops what is open; on_closed is called before it returns
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  /// Called with the headers of the 101 and the socket, just before on_open.
  using OnAnswer = std::function<void(const Headers&, const std::shared_ptr<WebSocket>&)>;

  /// Opens one, waiting until it is open or has failed. After a failure no event is called. Headers
  /// are not sent to another host that a redirect names, as they may hold a token.
  tl::expected<std::shared_ptr<WebSocket>, OpenFailure> Open(const std::string& url,
                                                             const Headers& headers,
                                                             const WebSocketOptions& options,
                                                             const WebSocketEvents& events,
                                                             const OnAnswer& on_answer = nullptr);

 private:
  class Impl;
  explicit WebSocketClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sauda::http

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"
#include "libs/http/breaker.hpp"
#include "libs/http/egress.hpp"
#include "libs/http/message.hpp"

namespace sauda::http {

/// Whom a TLS client trusts. Both empty: the system's store. Else these certificates and no others.
struct TrustedCa {
  std::string pem;   // text wins
  std::string file;  // PEM
};

/// Whether these certificates can be read. Fails with kInvalidArgument / TLS_INVALID.
Result<void> CheckTrustedCa(const TrustedCa& ca);

struct ClientRequest {
  std::string method = "GET";
  std::string url;  // absolute
  Headers headers;  // Host, Content-Length and Connection are the client's
  std::string body;
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;  // empty when it was streamed
  /// From Retry-After on a 429 or 503; the host is not asked again before that.
  std::optional<std::chrono::seconds> retry_after;

  bool ok() const { return status >= 200 && status < 300; }
};

/// Why there is no response. Reasons:
///   URL_MALFORMED   kInvalidArgument
///   EGRESS_REFUSED  kPermissionDenied    not on the allow-list, or plain HTTP beyond loopback
///   RATE_LIMITED    kResourceExhausted   the host asked for a pause that is not over
///   BREAKER_OPEN    kUnavailable         too many failures in a row
///   CONNECT_FAILED  kUnavailable         name, network or port
///   TLS_FAILED      kUnavailable         not trusted, another name, no common version
///   TIMEOUT         kDeadlineExceeded
///   BODY_TOO_LARGE  kResourceExhausted   over max_response_bytes
///   PROTOCOL_ERROR  kUnavailable         the connection ended, or its bytes were no HTTP
/// or what a chunk callback said.
struct SendFailure {
  Error error;
  /// False: not one byte of the request left, so it had no effect. True: nobody knows.
  bool maybe_sent = false;
  /// Of RATE_LIMITED and BREAKER_OPEN, which are this side's alone: the host is not asked before
  /// that. May have passed, when another call is trying whether the host is well again.
  std::optional<Monotonic> not_before = std::nullopt;
};

using SendResult = tl::expected<ClientResponse, SendFailure>;

struct ClientOptions {
  TrustedCa ca;
  EgressList allowed;  // empty: nothing may be reached
  std::chrono::milliseconds connect_deadline{5'000};
  std::chrono::milliseconds keep_idle{30'000};  // an unused connection is kept this long
  std::size_t max_idle_per_host = 8;
  std::size_t max_response_bytes = 16'777'216;
  Breaker::Limits breaker;
  std::chrono::seconds max_retry_after{300};  // a longer Retry-After counts as this
  std::string user_agent = "Mozilla/5.0 (compatible; sauda/0.1)";  // the broker's CDN wants one
};

/// What the client knows of one host, for metrics and status pages.
struct HostStats {
  std::string host;  // "host:port"
  Breaker::State breaker = Breaker::State::kClosed;
  std::uint64_t breaker_opened = 0;
  std::uint64_t sent = 0;      // answered, whatever the status
  std::uint64_t failed = 0;    // not answered
  std::uint64_t limited = 0;   // 429 answers
  std::uint64_t refused = 0;   // not tried: breaker, pause
  std::uint64_t connects = 0;  // new connections
};

/// An HTTPS client with kept connections. TLS is always verified: chain, name, TLS 1.2 or newer.
/// Calls block their thread until the deadline at most. A GET or HEAD is tried once more when its
/// kept connection turns out to be closed; nothing else is ever sent twice. Thread-safe.
class Client {
 public:
  /// Receives a body in pieces, in order. A failure ends the transfer and is the call's result.
  using OnChunk = std::function<Result<void>(std::string_view bytes)>;

  /// Fails with kInvalidArgument / TLS_INVALID when the CA cannot be read. `clock` outlives it.
  static Result<std::unique_ptr<Client>> Make(ClientOptions options, const Clock& clock);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  SendResult Send(const ClientRequest& request, std::chrono::milliseconds deadline);

  /// As Send, but a 2xx body goes to `on_chunk` (no piece over 64 KiB), and the bytes are read as
  /// fast as it returns. `max_bytes` bounds the body. Other statuses arrive as with Send.
  SendResult Stream(const ClientRequest& request, std::chrono::milliseconds deadline,
                    std::size_t max_bytes, const OnChunk& on_chunk);

  std::vector<HostStats> Stats() const;

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Reads Retry-After: seconds, or a date measured from the answer's own Date. Absent when neither.
std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view value, std::string_view date);

/// Milliseconds since the epoch of an HTTP date ("Mon, 15 Dec 2025 04:00:00 GMT").
std::optional<std::int64_t> ParseHttpDateMs(std::string_view text);

}  // namespace sauda::http

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"
#include "libs/http/client.hpp"
#include "libs/upstox/broker_observer.hpp"
#include "libs/upstox/endpoints.hpp"

namespace sauda::upstox {

struct FeedSocketOptions {
  http::TrustedCa ca;
  std::chrono::milliseconds connect_deadline{10'000};
  std::chrono::milliseconds ping_every{30'000};  // 0 switches the watch off
  std::chrono::milliseconds pong_limit{10'000};
  std::size_t max_message_bytes = 16'777'216;
  std::size_t max_buffered_bytes = 1'048'576;  // of requests that wait to be written
  bool deflate = true;                         // accept permessage-deflate
};

/// One WebSocket to the broker: the market feed (binary frames) or the portfolio stream (text). It
/// has a thread of its own, which reads and calls the events. After on_closed it may be opened
/// again, but not from an event: hand that to another thread. Thread-safe.
class FeedSocket {
 public:
  /// Called on the socket's thread, one at a time; none may block, all are optional.
  struct Events {
    std::function<void()> on_open;
    /// One message, stamped right after the read. `bytes` live until it returns.
    std::function<void(std::string_view bytes, std::int64_t received_ns, Monotonic received)>
        on_frame;
    /// A pong, or a ping of the peer: the connection lives though no data comes.
    std::function<void(Monotonic at)> on_alive;
    /// Once, after on_open: kUnavailable / FEED_CLOSED, with the close code in the message. Also
    /// after a Close of one's own.
    std::function<void(const Error& why)> on_closed;
  };

  /// `observer` and `clock` outlive it. Fails with kInvalidArgument / TLS_INVALID.
  static Result<std::unique_ptr<FeedSocket>> Make(FeedSocketOptions options, Endpoints endpoints,
                                                  BrokerObserver& observer, const Clock& clock);
  ~FeedSocket();  // drops the connection; no event follows
  FeedSocket(const FeedSocket&) = delete;
  FeedSocket& operator=(const FeedSocket&) = delete;

  /// Opens an address that RestClient::Authorize… gave, and waits until it is open. One that was
  /// open before is dropped. After a failure no event is called. Fails as http::Client, and with
  ///   TOKEN_REJECTED  kUnauthenticated    refused with 401
  ///   FEED_REFUSED    kPermissionDenied   refused with 403: the code is used, old, or one too many
  ///   RATE_LIMITED    kResourceExhausted  refused with 429
  ///   UPGRADE_REFUSED kUnavailable        any other answer
  Result<void> Open(const Secret& address, Events events);

  /// The other way in: the API host itself, with the token, following its redirect. `path` as
  /// "/v3/feed/market-data-feed".
  Result<void> OpenDirect(std::string_view path, const Secret& token, Events events);

  /// Asks for instruments, or no longer, or in another mode. `method` is sub, unsub or change_mode;
  /// `mode` is ltpc, option_greeks, full or full_d30, empty for unsub. The broker confirms nothing.
  /// Fails with kFailedPrecondition / FEED_NOT_OPEN, or kResourceExhausted / FEED_BUSY when
  /// requests wait to be written.
  Result<void> Request(std::string_view method, std::string_view mode,
                       const std::vector<std::string>& instrument_keys);

  bool is_open() const;

  /// Ends politely (1000); on_closed follows. Nothing happens when it is not open.
  void Close();

 private:
  class Impl;
  explicit FeedSocket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sauda::upstox

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// The right to open a connection.
struct BrokerToken {
  Secret text;
  std::uint64_t version = 0;  ///< rises with every new token
};

/// One frame as read from the socket.
struct BrokerFrame {
  std::string_view bytes;  ///< lives until the call returns
  std::int64_t received_ns = 0;
  Monotonic received_at;
  std::uint32_t connection = 0;  ///< which of the owner's connections read it
};

/// What a connection tells. Called on its I/O thread, one at a time.
class BrokerFeedEvents {
 public:
  virtual ~BrokerFeedEvents() = default;
  /// May wait: while it does the socket is not read, which is how the broker learns to slow down.
  virtual void OnFrame(const BrokerFrame& frame) = 0;
  /// The connection is over, for people why. Nothing follows.
  virtual void OnClosed(std::string why) = 0;
};

/// Asks for keys, or ends that.
struct SubscriptionRequest {
  bool subscribe = true;
  Mode mode = Mode::kFull;  ///< of no meaning when ending
  std::vector<std::string> keys;
};

/// How an attempt to connect went.
struct OpenOutcome {
  std::optional<Error> failure;              ///< kUnauthenticated: the token was refused
  std::chrono::milliseconds retry_after{0};  ///< the broker asks for so much patience
  bool simulated = false;                    ///< the broker says that it is a simulator
};

/// One market-data connection to the broker. One thread calls Open, Send and Close.
class BrokerFeed {
 public:
  virtual ~BrokerFeed() = default;

  /// Authorises anew and connects; waits for the handshake, with a deadline. Fails with
  /// kUnauthenticated / TOKEN_REJECTED, kPermissionDenied / FEED_REFUSED (one connection too many,
  /// or a code that is used or old), kResourceExhausted / RATE_LIMITED, kDeadlineExceeded /
  /// TIMEOUT, or with what else upstox::RestClient and upstox::FeedSocket tell.
  virtual OpenOutcome Open(const BrokerToken& token, BrokerFeedEvents& events) = 0;

  /// Queues one request. Fails with kUnavailable / NOT_CONNECTED before an Open, with
  /// kFailedPrecondition / FEED_NOT_OPEN when the connection is over, or with kResourceExhausted /
  /// FEED_BUSY when too much waits already.
  virtual Result<void> Send(const SubscriptionRequest& request) = 0;

  /// Ends the connection, if there is one. No event is under way or follows when it returns.
  virtual void Close() = 0;
};

}  // namespace sauda::feed

#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "services/feed/src/core/broker_feed.hpp"

namespace sauda {
class MarketClock;
}  // namespace sauda

namespace sauda::feed {

/// The market-data feed V3 of Upstox, or of the simulator: authorised over REST anew for every
/// connection, read by a thread of the socket's own. Teaches the market clock what time it is
/// there.
class UpstoxFeed final : public BrokerFeed {
 public:
  struct Options {
    std::string url;      ///< everything at this address; empty: the real broker
    std::string ca_file;  ///< empty: the system's authorities
    std::chrono::milliseconds deadline{10'000};  ///< of the authorisation and of the handshake each
    std::chrono::milliseconds ping_every{30'000};
    std::chrono::milliseconds pong_limit{10'000};  ///< of silence after a ping; then it is over
  };

  /// `market` and `clock` outlive it.
  UpstoxFeed(Options options, MarketClock& market, const Clock& clock);
  ~UpstoxFeed() override;

  OpenOutcome Open(const BrokerToken& token, BrokerFeedEvents& events) override;
  Result<void> Send(const SubscriptionRequest& request) override;
  void Close() override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sauda::feed

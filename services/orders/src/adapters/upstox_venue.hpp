#pragma once

#include <functional>
#include <string>
#include <vector>

#include "libs/base/market_clock.hpp"
#include "libs/base/secret.hpp"
#include "services/orders/src/core/accept_gate.hpp"
#include "services/orders/src/core/ports.hpp"

namespace sauda::upstox {
class BrokerObserver;
class OrderWriter;
class RestClient;
}  // namespace sauda::upstox

namespace sauda::orders {

class TokenWatch;

/// Sends orders to the broker, or to the simulator in its place; each call once. Thread-safe.
class UpstoxVenue final : public Venue {
 public:
  struct Parts {
    upstox::OrderWriter& writer;
    const TokenWatch& tokens;
    const AcceptGate& gate;
    const MarketClock& market_clock;
    const upstox::BrokerObserver& observer;
    bool real_broker = false;  ///< then orders are refused when its clock and ours are far apart
    /// Called when an answer was lost: reconciliation should not wait.
    std::function<void()> on_lost;
  };

  explicit UpstoxVenue(Parts parts) : parts_{std::move(parts)} {}

  Route route() const override { return Route::kLive; }
  /// Either the settings or an answer said so; the mark is never dropped.
  bool simulated() const override;

  /// Whether what answers is the broker that is configured. Fails with kUnavailable /
  /// NOT_SIMULATED: the simulator was asked for, and no answer has carried its mark yet.
  Result<void> CheckBroker() const;

  /// Fails with kUnavailable / TOKEN_MISSING, NOT_SIMULATED, NOT_RECONCILED, CLOCK_OFF.
  Result<void> CheckReady() override;
  Result<void> CheckOrder(const NewOrder& order, const Instrument& instrument) override;
  Report Place(const Order& order, const Instrument& instrument) override;
  Result<void> Modify(const Order& order, const Terms& terms) override;
  Result<void> Cancel(const Order& order) override;

 private:
  /// What a call that writes needs. Fails as CheckReady, for reasons that hold for cancels too.
  Result<Secret> Permit() const;
  Result<void> Answered(const Error& error, bool maybe_done);

  const Parts parts_;
};

/// The broker's order book and history. Thread-safe.
class UpstoxBook final : public BrokerBook {
 public:
  UpstoxBook(upstox::RestClient& rest, const TokenWatch& tokens) : rest_{rest}, tokens_{tokens} {}

  Result<std::vector<BrokerRow>> Book() override;
  Result<std::vector<BrokerRow>> HistoryOfTag(const std::string& tag) override;
  Result<std::vector<BrokerTrade>> TradesOfDay() override;
  Result<std::vector<BrokerHolding>> Holdings() override;

 private:
  upstox::RestClient& rest_;
  const TokenWatch& tokens_;
};

}  // namespace sauda::orders

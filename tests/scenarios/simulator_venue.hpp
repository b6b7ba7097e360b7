#pragma once

#include <string>
#include <vector>

#include "libs/base/market_clock.hpp"
#include "services/orders/src/core/ports.hpp"
#include "simulator/src/core/brokerage.hpp"

namespace sauda::scenarios {

/// The simulator's order updates, as the live link reads them from the portfolio stream.
class OrderStream final : public sim::BrokerageListener {
 public:
  void OnOrder(const sim::OrderRow& row) override;
  void OnTrade(const sim::TradeRow&) override {}
  void OnPosition(const sim::Position&) override {}
  void OnHolding(const sim::Holding&) override {}
  std::vector<orders::BrokerRow> rows;
};

/// An order as the place call's body has it.
sim::PlaceRequest ToPlaceRequest(const orders::Order& order);

/// What UpstoxVenue does over HTTP, by calls: the same words, the same answers.
class SimulatorVenue final : public orders::Venue {
 public:
  SimulatorVenue(sim::Brokerage& brokerage, const MarketClock& clock)
      : brokerage_{brokerage}, clock_{clock} {}

  orders::Route route() const override { return orders::Route::kLive; }
  bool simulated() const override { return true; }
  Result<void> CheckReady() override { return {}; }
  Result<void> CheckOrder(const orders::NewOrder&, const orders::Instrument&) override {
    return {};
  }
  orders::Report Place(const orders::Order& order, const orders::Instrument&) override;
  Result<void> Modify(const orders::Order& order, const orders::Terms& terms) override;
  Result<void> Cancel(const orders::Order& order) override;

  /// Code and message of a refusal, be it an answer or a state; empty when it was taken.
  std::string RefusalOf(const sim::Answer<std::vector<exchange::OrderId>>& placed) const;
  std::string RefusalOfModify(const orders::Order& order, const orders::Terms& terms);

 private:
  sim::Brokerage& brokerage_;
  const MarketClock& clock_;
};

}  // namespace sauda::scenarios
